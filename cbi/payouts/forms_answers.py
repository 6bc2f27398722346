"""What a person may say about a finding, in words, and the forms they say it on."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from wtforms import DateField, HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from cbi.payouts import fixes
from cbi.payouts.answers import Said
from cbi.payouts.choices import Choice
from cbi.payouts.matches import Alike
from cbi.payouts.sheet_names import Names
from cbi.payouts.tables import Answer
from cbi.staff.forms import StepUpForm
from cbi.web.forms import PlainForm, key_of, new_key
from cbi.web.words import _, _l
from reconciliation.amounts import AmountProblem, Marks, read_amount

ANSWER_WORDS = {
    Answer.NOTED: _l("Ask the provider"),
    Answer.MATCH: _l("It is this transfer: count it as delivered"),
    Answer.NO_MATCH: _l("It is another payment: leave the transfer open"),
    Answer.EARLIER: _l("The earlier result is right"),
    Answer.NEWER: _l("The result in this file is right"),
    Answer.SAME_PERSON: _l("It is the same person: count it as delivered"),
    Answer.OTHER_PERSON: _l("It is someone else: keep it in suspense"),
    Answer.TO_RECOVER: _l("It was paid wrongly: ask the money back"),
    Answer.RECOVERED: _l("Money came back"),
    Answer.CHARGED: _l("The provider bears it"),
    Answer.EXTRA: _l("Accept it: the money is not asked back"),
}
ANSWER_NOTES = {
    Answer.NOTED: _l("It stays as it is, and stands in the workbook of exceptions."),
    Answer.MATCH: _l("The row is tied to this transfer."),
    Answer.NO_MATCH: _l("The row stays in suspense as not ours."),
    Answer.EARLIER: _l("This file changes nothing of it."),
    Answer.NEWER: _l("What was counted before is reversed, and this result is entered."),
    Answer.SAME_PERSON: _l("The money moves out of suspense."),
    Answer.OTHER_PERSON: _l("The transfer stays open for the household and can be instructed again on a new list."),
    Answer.TO_RECOVER: _l("It stays in suspense until it is back."),
    Answer.RECOVERED: _l("Say how much, and on which day."),
    Answer.CHARGED: _l("It leaves suspense; the provider owes it."),
    Answer.EXTRA: _l("This can never be undone: password and code are asked on the next page."),
}
TWO_WORDS = _l("A second person confirms before it counts.")
_COUNT = re.compile(r"[0-9]{1,9}")
_NOTE = Length(max=140, message=_l("make the note shorter: at most 140 characters"))


class AnswerForm(PlainForm):
    """What a person says about one finding. `offer` says which answers there are, and which rows it may be tied to."""

    client_key = HiddenField(default=new_key)
    answer = RadioField(_l("What should happen with this money?"), validators=[InputRequired(_l("choose one of the answers"))])
    place = RadioField(_l("Which row is it?"), validators=[Optional()], choices=[], validate_choice=False)
    amount = StringField(_l("Amount that came back"), validators=[Length(max=30)])
    on = DateField(_l("On which day"), validators=[Optional()])
    note = StringField(_l("Note"), validators=[_NOTE])

    def offer(self, choices: Sequence[Choice], places: Sequence[tuple[str, int]], sheets: Names) -> None:
        """The answers that may be given, and the rows a suggestion points at, their sheets by name."""
        self.answer.choices = [SelectChoice(one.answer.value, ANSWER_WORDS[one.answer]) for one in choices]
        named = [
            SelectChoice(str(index), _("%(sheet)s, row %(row)s", sheet=sheets.told(sheet), row=row))
            for index, (sheet, row) in enumerate(places)
        ]
        self.place.choices = named

    def said(self, choice: Choice, currency: str, places: Sequence[tuple[str, int]]) -> Said | None:
        """What was said; None, with the field's error, when a part of it cannot be read."""
        place = self._place(places) if choice.asks_row else None
        minor = self._minor(currency) if choice.asks_amount else 0
        if minor is None:
            return None
        return Said(choice.answer, self.note.data or "", minor, self.on.data if choice.asks_amount else None, place)

    def _place(self, places: Sequence[tuple[str, int]]) -> tuple[str, int] | None:
        if len(places) == 1:
            return places[0]
        chosen = _count_in(self.place.data)
        return places[chosen] if chosen is not None and chosen < len(places) else None

    def _minor(self, currency: str) -> int | None:
        try:
            return read_amount((self.amount.data or "").strip(), Marks(".", ","), currency).minor
        except AmountProblem as problem:
            self.amount.errors = [fixes.say(str(problem))]
            return None


class FinalForm(StepUpForm):
    """Accept money that can never be asked back: password and code once more."""

    client_key = HiddenField(default=new_key)
    note = StringField(_l("Note"), validators=[_NOTE])


class TakeBackForm(StepUpForm):
    """Take a decision back."""

    client_key = HiddenField(default=new_key)


class BulkForm(PlainForm):
    """Accept every suggestion of one reason, as many as were shown. left_out: those that could not be accepted; drawn: when the page was."""

    client_key = HiddenField(default=new_key)
    reason = HiddenField()
    count = HiddenField()
    left_out = HiddenField()
    drawn = HiddenField()

    def shown(self) -> int | None:
        """How many were shown; None for anything that is no count."""
        return _count_in(self.count.data)

    def without(self) -> frozenset[UUID]:
        """Those left out; what is no id is passed over."""
        return frozenset(one for text in (self.left_out.data or "").split() if (one := key_of(text)))

    def since(self) -> datetime | None:
        """When the page was drawn; None for anything that is no time with its zone."""
        try:
            drawn = datetime.fromisoformat(self.drawn.data or "")
        except ValueError:
            return None
        return drawn if drawn.tzinfo else None

    def show(self, chosen: Alike, without: Collection[UUID], drawn: datetime) -> None:
        """Fill it for what is shown now."""
        self.reason.data, self.count.data, self.drawn.data = chosen.because, str(chosen.count), drawn.isoformat()
        self.left_out.data = " ".join(sorted(str(one) for one in without))


def _count_in(text: str | None) -> int | None:
    return int(text) if text and _COUNT.fullmatch(text) else None
