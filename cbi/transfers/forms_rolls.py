"""How the hours of a distribution day are dealt, and which list of who is expected is printed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import Self
from uuid import UUID

from wtforms import IntegerField, RadioField, SelectField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from cbi.staff.forms import StepUpForm
from cbi.transfers.facts_rolls import RollKind
from cbi.transfers.rolls import Plan
from cbi.web.words import _l

KINDS = {
    RollKind.QUEUE: _l("For the queue: numbers and codes, a box to tick, no names"),
    RollKind.COUNTER: _l("For the counters: who collects, and a box to sign or thumbprint"),
}


def _count(label: object, default: int, most: int) -> IntegerField:
    return IntegerField(label, [InputRequired(_l("enter a whole number")), NumberRange(1, most)], default=default)


class RollForm(StepUpForm):
    """Which roll is printed."""

    list = SelectField(_l("Payment list"))
    roll = RadioField(
        _l("For whom?"),
        [InputRequired(_l("choose for whom the list is"))],
        choices=[SelectChoice(kind.value, words) for kind, words in KINDS.items()],
    )
    opens = TimeField(_l("The first come at"), [InputRequired(_l("enter a time, for example 09:00"))], default=time(9))
    minutes = _count(_l("A new group every … minutes"), 30, 480)
    each = _count(_l("Households of a group at one counter"), 10, 500)
    counters = _count(_l("Counters"), 2, 40)

    def offer(self, lists: Iterable[tuple[UUID, str, str]]) -> Self:
        """The payment lists there are."""
        self.list.choices = [SelectChoice(str(list_id), f"{reference}, {provider}") for list_id, reference, provider in lists]
        return self

    @property
    def kind(self) -> RollKind:
        """For whom."""
        return RollKind(self.roll.data)

    @property
    def plan(self) -> Plan:
        """How the hours are dealt."""
        return Plan(self.opens.data, self.minutes.data, self.each.data, self.counters.data)
