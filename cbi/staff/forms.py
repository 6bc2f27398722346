"""What people type at the door, about themselves and about staff."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from wtforms import DateField, HiddenField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, Optional, Regexp, ValidationError

from cbi.access import OFFICE_ROLES, Role
from cbi.web.forms import PlainForm
from cbi.web.frame import ROLE_NAMES
from cbi.web.locale import LANGUAGES
from cbi.web.words import _, _l

_MOST = 200


class StepUpForm(PlainForm):
    """Password and code once more, before something that counts. Inherit it, and draw it with `ui.step_up(form)`."""

    password = PasswordField(
        _l("Your password"), [InputRequired(_l("type your password")), Length(max=_MOST, message=_l("type your password"))]
    )
    code = StringField(
        _l("Code from your authenticator"),
        [
            InputRequired(_l("type the six digits of your authenticator")),
            Length(max=40, message=_l("type the six digits of your authenticator")),
        ],
    )


class SignInForm(PlainForm):
    """Who are you? The recovery code is asked for only during a wait."""

    name = StringField(
        _l("Sign-in name"), [DataRequired(_l("type your sign-in name")), Length(max=_MOST, message=_l("type your sign-in name"))]
    )
    password = PasswordField(_l("Password"), [InputRequired(_l("type your password")), Length(max=_MOST, message=_l("type your password"))])
    recovery = StringField(_l("Recovery code"), [Length(max=60, message=_l("type one recovery code of 20 digits"))])


class CodeForm(PlainForm):
    """Six digits, or a recovery code."""

    code = StringField(
        _l("Six digits from your authenticator"),
        [
            DataRequired(_l("type the six digits that your authenticator shows now")),
            Length(max=60, message=_l("type six digits, or one recovery code")),
        ],
    )


class NewPasswordForm(PlainForm):
    """A password, typed twice. Its strength is judged by the service."""

    new = PasswordField(_l("New password"), [InputRequired(_l("choose a password of at least 12 characters"))])
    again = PasswordField(
        _l("The same password again"),
        [InputRequired(_l("type the same password again")), EqualTo("new", _l("type the same password twice: the two differ"))],
    )


class ChangePasswordForm(StepUpForm, NewPasswordForm):
    """A new password, with the proof that it is the person who asks."""


class LanguageForm(PlainForm):
    """The language a person reads."""

    language = SelectField(_l("Language of the pages"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()])


class SeatsForm(PlainForm):
    """Which seats a person holds. seen: as they were when the page was drawn; shown: the choice whose effect was shown."""

    seen = HiddenField()
    shown = HiddenField()
    roles = SelectMultipleField(_l("Seats"))

    def __init__(self, *args: Any, **more: Any) -> None:  # Any: as WTForms takes them
        super().__init__(*args, **more)
        self.roles.choices = [SelectChoice(role.value, str(ROLE_NAMES[role])) for role in Role if role in OFFICE_ROLES]

    def chosen(self) -> frozenset[Role]:
        """The seats that are ticked."""
        return frozenset(Role(code) for code in self.roles.data or ())

    def seen_roles(self) -> frozenset[Role]:
        """The seats as the page showed them."""
        known = {role.value for role in Role}
        return frozenset(Role(code) for code in (self.seen.data or "").split(",") if code in known)

    def effect_was_shown(self) -> bool:
        """Whether what is saved now is what the effect was shown for."""
        return bool(self.shown.data) and self.shown.data == seats_code(self.chosen())


class PersonForm(SeatsForm):
    """Somebody who joins."""

    name = StringField(_l("Name"), [DataRequired(_l("type the person's name")), Length(max=120, message=_l("use at most 120 characters"))])
    sign_in_name = StringField(
        _l("Sign-in name"),
        [
            DataRequired(_l("choose a sign-in name, for example salma.s")),
            Length(min=3, max=60, message=_l("use 3 to 60 characters, for example salma.s")),
            Regexp(r"^\s*[a-zA-Z0-9][a-zA-Z0-9._-]+\s*$", message=_l("use letters, digits, dots and dashes only, for example salma.s")),
        ],
    )
    site = SelectField(_l("Works at"), validators=[Optional()])
    language = SelectField(_l("Language of the pages"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()])
    sex = SelectField(
        _l("Sex"),
        choices=[SelectChoice("", _l("Not noted")), SelectChoice("f", _l("Woman")), SelectChoice("m", _l("Man"))],
        description=_l("For interviewers: people choose who asks them."),
    )
    languages = StringField(_l("Languages spoken"), [Length(max=60, message=_l("use at most 60 characters"))])
    certified_on = DateField(_l("Interviewers' course finished on"), [Optional()])

    def __init__(self, *args: Any, sites: Iterable[tuple[UUID, str]] = (), today: date | None = None, **more: Any) -> None:  # Any: as above
        super().__init__(*args, **more)
        self.site.choices = [SelectChoice("", _("Everywhere")), *(SelectChoice(str(key), name) for key, name in sites)]
        self._today = today

    def validate_certified_on(self, field: DateField) -> None:
        """A course cannot have been finished tomorrow."""
        if field.data and self._today and field.data > self._today:
            raise ValidationError(_("enter the day the course was finished, today or earlier"))

    def site_id(self) -> UUID | None:
        """The site that was chosen; None for everywhere."""
        return UUID(self.site.data) if self.site.data else None


class CertificateForm(PlainForm):
    """The day an interviewer finished the course."""

    certified_on = DateField(
        _l("Interviewers' course finished on"), [DataRequired(_l("enter the day the course was finished, for example 2026-11-02"))]
    )


class ConfirmForm(PlainForm):
    """A button and nothing else."""


def seats_code(roles: Iterable[Role]) -> str:
    """A set of seats as one word, the same for the same set."""
    return ",".join(sorted(role.value for role in roles)) or "-"
