"""What a manager chooses to ask for again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from wtforms import BooleanField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from cbi.payouts.reissue import GROUNDS, OpenSum
from cbi.payouts.standing import LineKind
from cbi.transfers.forms import KeyedForm
from cbi.web.filters import money, number
from cbi.web.words import _, _l

GROUND_WORDS = {
    LineKind.FAILED: _l("Failed"),
    LineKind.RETURNED: _l("Returned"),
    LineKind.PAID_IN_PART: _l("The rest of what was paid in part"),
    LineKind.MISSING: _l("Not reported by the provider"),
}


class ReissueForm(KeyedForm):
    """Which open transfers of a list go on a new one, and through whom."""

    grounds = SelectMultipleField(_l("What to ask for again"), [InputRequired(_l("choose what to ask for again"))], validate_choice=False)
    provider = SelectField(_l("Through whom"))
    dead = BooleanField(_l("The provider confirmed that it will not pay what it has not reported."))

    def __init__(self, *, open_sums: Sequence[OpenSum], currency: str, providers: Sequence[tuple[UUID, str]], **more: Any) -> None:
        # Any: as FlaskForm takes it
        super().__init__(**more)
        self.grounds.choices = [
            SelectChoice(one.ground.value, f"{GROUND_WORDS[one.ground]} · {number(one.count)} · {money(one.open_minor, currency)}")
            for one in open_sums
        ]
        self.provider.choices = [SelectChoice(str(one), name) for one, name in providers]

    def chosen(self) -> tuple[LineKind, ...]:
        """The grounds that were ticked, also those in which nothing is open by now: a form sent twice answers the same."""
        return tuple(one for one in GROUNDS if one.value in (self.grounds.data or ()))


def said(count: int, waiting: int) -> str:
    """What the person reads afterwards."""
    if waiting:
        return _(
            "%(count)s are on this new draft. %(waiting)s stay as they are: they cannot be paid through this provider now.",
            count=number(count),
            waiting=number(waiting),
        )
    return _("%(count)s are on this new draft. Look at it and submit it.", count=number(count))


def undecided(count: int) -> str:
    """What is left to do about transfers of which nobody can say whose they are."""
    return _(
        "%(count)s are left off: separate transfers of their households changed meanwhile. You need to arrange who is paid, the same adults as"
        " before or one recipient by name; or make a new list, where nothing of the transfer was paid.",
        count=number(count),
    )
