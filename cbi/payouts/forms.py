"""Forms of payout pages."""

from __future__ import annotations

from collections.abc import Sequence

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, PasswordField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from cbi.payouts.files import AwayReason
from cbi.payouts.posting import UndoReason
from cbi.staff.forms import StepUpForm
from cbi.web.forms import PlainForm, new_key
from cbi.web.words import _l

UNDO_WORDS = {
    UndoReason.WRONG_FILE: _l("It was the wrong file"),
    UndoReason.WRONG_LIST: _l("It belongs to another list"),
    UndoReason.WRONG_LAYOUT: _l("Its columns were read wrongly"),
    UndoReason.PROVIDER_CORRECTED: _l("The provider sent a corrected file"),
}


AWAY_WORDS = {
    AwayReason.WRONG_FILE: _l("It is the wrong file"),
    AwayReason.WRONG_LIST: _l("It belongs to another list"),
    AwayReason.SENT_AGAIN: _l("The provider sends another file instead"),
    AwayReason.NO_PAYMENTS: _l("It tells nothing of payments"),
}


class AwayForm(PlainForm):
    """Put a file away that nobody can or wants to read."""

    reason = RadioField(
        _l("Why is it put away?"),
        choices=[SelectChoice(reason.value, words) for reason, words in AWAY_WORDS.items()],
        validators=[InputRequired(_l("choose why this file is put away"))],
    )


class UploadForm(PlainForm):
    """A payout file for one released list, or for all open ones of its provider."""

    list = SelectField(_l("Payment list"), validators=[InputRequired(_l("choose the list this file is about"))])
    file = FileField(
        _l("Payout file"), validators=[FileRequired(_l("choose the file the provider sent, for example report_november.xlsx"))]
    )

    def offer(self, lists: Sequence[tuple[str, str]], together: Sequence[tuple[str, str]] = ()) -> None:
        """The lists that can be chosen: (id, words), and all of a provider together."""
        self.list.choices = [SelectChoice(value, label) for value, label in (*lists, *together)]


class CorrectedForm(PlainForm):
    """Corrected rows of a posted file."""

    file = FileField(
        _l("Corrected rows"), validators=[FileRequired(_l("choose the file with the corrected rows, for example corrections.xlsx"))]
    )


class FilePasswordForm(PlainForm):
    """The password of a protected workbook; used once and kept nowhere."""

    password = PasswordField(_l("Password of the file"), validators=[InputRequired(_l("type the password the provider gave you"))])


class PostForm(PlainForm):
    """Post a previewed file, once however often the button is pressed."""

    client_key = HiddenField(default=new_key)


class ExportForm(StepUpForm):
    """Take a workbook with a file's rows: password and code once more."""


class UndoForm(StepUpForm):
    """Take a posted file back."""

    client_key = HiddenField(default=new_key)
    reason = RadioField(
        _l("Why is it undone?"),
        choices=[SelectChoice(reason.value, words) for reason, words in UNDO_WORDS.items()],
        validators=[InputRequired(_l("choose why this file is undone"))],
    )
