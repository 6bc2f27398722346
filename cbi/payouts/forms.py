"""Forms of payout pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import uuid4

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from cbi.payouts.choices import Choice
from cbi.payouts.posting import UndoReason
from cbi.payouts.tables import Answer
from cbi.staff.forms import StepUpForm
from cbi.web.forms import PlainForm
from cbi.web.words import _l
from reconciliation.vocabulary import Field

UNDO_WORDS = {
    UndoReason.WRONG_FILE: _l("It was the wrong file"),
    UndoReason.WRONG_LIST: _l("It belongs to another list"),
    UndoReason.WRONG_LAYOUT: _l("Its columns were read wrongly"),
    UndoReason.PROVIDER_CORRECTED: _l("The provider sent a corrected file"),
}
ANSWER_WORDS = {
    Answer.NOTED: _l("Seen: the provider is asked"),
    Answer.MATCH: _l("This row is this transfer"),
    Answer.NO_MATCH: _l("None of these rows is this transfer"),
    Answer.EARLIER: _l("The earlier result is right"),
    Answer.NEWER: _l("The result in this file is right"),
    Answer.SAME_PERSON: _l("It is the same person"),
    Answer.OTHER_PERSON: _l("It is somebody else: ask the money back"),
    Answer.TO_RECOVER: _l("It was paid wrongly: ask the money back"),
    Answer.RECOVERED: _l("Money came back"),
    Answer.CHARGED: _l("The provider bears it"),
    Answer.EXTRA: _l("Accept it: the money is not asked back"),
}
FIELD_WORDS = {
    Field.REFERENCE: _l("Our transfer reference"),
    Field.AMOUNT: _l("Amount paid"),
    Field.CURRENCY: _l("Currency"),
    Field.STATUS: _l("What happened"),
    Field.REASON: _l("Reason"),
    Field.PROVIDER_ID: _l("Provider’s own id"),
    Field.NAME: _l("Name"),
    Field.PHONE: _l("Phone"),
    Field.ACCOUNT: _l("Account or card"),
    Field.TOKEN: _l("Token"),
    Field.NARRATIVE: _l("Text with our reference in it"),
    Field.DATE: _l("Date"),
}


class UploadForm(PlainForm):
    """A payout file for one released list."""

    list = SelectField(_l("Payment list"), validators=[InputRequired(_l("choose the list this file is about"))])
    file = FileField(
        _l("Payout file"), validators=[FileRequired(_l("choose the file the provider sent, for example report_november.xlsx"))]
    )

    def offer(self, lists: Sequence[tuple[str, str]]) -> None:
        """The lists that can be chosen: (id, words)."""
        self.list.choices = [SelectChoice(value, label) for value, label in lists]


class CorrectedForm(PlainForm):
    """Corrected rows of a posted file."""

    file = FileField(
        _l("Corrected rows"), validators=[FileRequired(_l("choose the file with the corrected rows, for example corrections.xlsx"))]
    )


class FilePasswordForm(PlainForm):
    """The password of a protected workbook; used once and kept nowhere."""

    password = PasswordField(_l("Password of the file"), validators=[InputRequired(_l("type the password the provider gave you"))])


class LayoutForm(PlainForm):
    """How the columns of a file are read. One select a column is added by `with_columns`."""

    header_row = SelectField(_l("Heading row"), validators=[InputRequired()])
    decimal = SelectField(_l("Decimal mark"))
    date_order = SelectField(_l("Order of dates"))
    paid_words = StringField(_l("Words that mean paid"), validators=[Length(max=200)])
    failed_words = StringField(_l("Words that mean failed"), validators=[Length(max=200)])
    returned_words = StringField(_l("Words that mean returned"), validators=[Length(max=200)])


def layout_form(columns: int, header_rows: Sequence[int]) -> type[LayoutForm]:
    """A layout form with a select for each of so many columns."""
    offered = [SelectChoice("", _l("Not used")), *(SelectChoice(field.value, words) for field, words in FIELD_WORDS.items())]
    selects = {f"column_{place}": SelectField(choices=offered) for place in range(columns)}
    form: Any = type("ColumnsForm", (LayoutForm,), selects)
    form.header_row = SelectField(_l("Heading row"), choices=[SelectChoice(str(row), str(row)) for row in header_rows])
    form.decimal = SelectField(
        _l("Decimal mark"),
        choices=[SelectChoice("", _l("As found")), SelectChoice(".", _l("Point: 1,250.00")), SelectChoice(",", _l("Comma: 1.250,00"))],
    )
    form.date_order = SelectField(
        _l("Order of dates"),
        choices=[
            SelectChoice("", _l("As found")),
            SelectChoice("dmy", _l("Day, month, year")),
            SelectChoice("mdy", _l("Month, day, year")),
            SelectChoice("ymd", _l("Year, month, day")),
        ],
    )
    return cast("type[LayoutForm]", form)


class PostForm(PlainForm):
    """Post a previewed file, once however often the button is pressed."""

    client_key = HiddenField(default=lambda: str(uuid4()))


class UndoForm(StepUpForm):
    """Take a posted file back."""

    client_key = HiddenField(default=lambda: str(uuid4()))
    reason = RadioField(
        _l("Why is it undone?"),
        choices=[SelectChoice(reason.value, words) for reason, words in UNDO_WORDS.items()],
        validators=[InputRequired(_l("choose why this file is undone"))],
    )


class AnswerForm(PlainForm):
    """What a person says about one exception. `offer` says which answers there are."""

    client_key = HiddenField(default=lambda: str(uuid4()))
    answer = RadioField(_l("What do you say?"), validators=[InputRequired(_l("choose one of the answers"))])
    note = StringField(_l("Note"), validators=[Length(max=140)])

    def offer(self, choices: Sequence[Choice]) -> None:
        """The answers that may be given."""
        self.answer.choices = [SelectChoice(one.answer.value, ANSWER_WORDS[one.answer]) for one in choices]
