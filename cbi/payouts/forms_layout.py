"""The form on which a person says how a file is read, made for one file: a select for each of its columns and each of its status words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice

from cbi.payouts.tables import PayoutFile
from cbi.payouts.words import OUTCOME_WORDS
from cbi.web.forms import PlainForm
from cbi.web.words import _l
from reconciliation import profiles
from reconciliation.profile import Profile
from reconciliation.vocabulary import Field

FIELD_WORDS = {
    Field.REFERENCE: _l("Our reference"),
    Field.AMOUNT: _l("Amount"),
    Field.CURRENCY: _l("Currency"),
    Field.STATUS: _l("Status"),
    Field.REASON: _l("Reason"),
    Field.PROVIDER_ID: _l("Provider’s id"),
    Field.NAME: _l("Name"),
    Field.PHONE: _l("Phone"),
    Field.ACCOUNT: _l("Account or card"),
    Field.TOKEN: _l("Token"),
    Field.NARRATIVE: _l("Text with our reference"),
    Field.DATE: _l("Date"),
    Field.RETURNED_AMOUNT: _l("Amount taken back"),
}
Choices = Sequence[tuple[str, object]]


class LayoutForm(PlainForm):
    """How a file is read. Its columns and words are added by `layout_form`.

    was: which sheet and heading the selects were drawn for; shown: how many rows; top: whether the letterhead is shown.
    words_of: the column whose words were asked.
    """

    heading = SelectField(_l("The heading is in"), validate_choice=False)
    was = HiddenField()
    shown = HiddenField()
    top = HiddenField()
    words_of = HiddenField()


@dataclass(frozen=True, slots=True)
class Offered:
    """What one file's form offers: (value, words) each. asked: of the three marks, those a person must answer."""

    columns: int
    headings: Choices
    sheets: Choices
    words: int
    decimal: Choices
    date_order: Choices
    negative: Choices
    asked: frozenset[str]


def layout_form(offered: Offered) -> type[LayoutForm]:
    """The form of one file."""
    columns = [SelectChoice("", _l("Not used")), *(SelectChoice(field.value, words) for field, words in FIELD_WORDS.items())]
    outcomes = [SelectChoice("", _l("Please say")), *(SelectChoice(outcome.value, words) for outcome, words in OUTCOME_WORDS.items())]
    fields: dict[str, Any] = {f"column_{place}": SelectField(choices=columns, validate_choice=False) for place in range(offered.columns)}
    fields |= {f"word_{place}": SelectField(choices=outcomes, validate_choice=False) for place in range(offered.words)}
    labels = {"decimal": _l("Decimal mark"), "date_order": _l("Order of dates"), "negative": _l("Amounts with a minus")}
    for name, label in labels.items():
        kind = RadioField if name in offered.asked else SelectField
        fields[name] = kind(label, choices=_choices(getattr(offered, name)), validate_choice=False)
    fields["sheets"] = SelectMultipleField(_l("Sheets that are read"), choices=_choices(offered.sheets), validate_choice=False)
    form: Any = type("FileLayoutForm", (LayoutForm,), fields)
    form.heading = SelectField(_l("The heading is in"), choices=_choices(offered.headings), validate_choice=False)
    return cast("type[LayoutForm]", form)


def _choices(pairs: Choices) -> list[SelectChoice]:
    return [SelectChoice(value, words) for value, words in pairs]


def kept(file: PayoutFile) -> Profile | None:
    """The layout this file was read with, when it was read before."""
    return profiles.from_mapping(json.loads(file.layout)) if file.layout else None


def words_of(file: PayoutFile) -> list[tuple[str, str]]:
    """The layout in words: what, and the heading it was read from."""
    profile = kept(file)
    return [(str(FIELD_WORDS[field]), heading) for field, heading in profile.columns.items()] if profile else []
