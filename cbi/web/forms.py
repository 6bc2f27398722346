"""The form every subject's forms begin with: whatever goes wrong, the words finish "You need to …"."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4

from flask_babel import LazyString
from flask_wtf import FlaskForm
from wtforms.meta import DefaultMeta

from cbi.store.ids import id_of
from cbi.web.house import house
from cbi.web.words import _l

_FIXES: dict[str, LazyString] = {
    "This field is required.": _l("fill this in"),
    "Not a valid choice.": _l("choose one of the answers shown"),
    "Invalid Choice: could not coerce.": _l("choose one of the answers shown"),
    "Invalid choice(s): one or more data inputs could not be coerced.": _l("choose among the answers shown"),
    "'%(value)s' is not a valid choice for this field.": _l("choose among the answers shown"),
    "'%(value)s' are not valid choices for this field.": _l("choose among the answers shown"),
    "Not a valid integer value.": _l("enter a whole number, for example 12"),
    "Not a valid float value.": _l("enter a number, for example 12.5"),
    "Not a valid decimal value.": _l("enter a number, for example 12.50"),
    "Not a valid date value.": _l("enter a date, for example 2026-11-23"),
    "Not a valid datetime value.": _l("enter a date and a time, for example 2026-11-23 14:30"),
    "Not a valid time value.": _l("enter a time, for example 14:30"),
    "Not a valid week value.": _l("enter a week, for example 2026-W48"),
    "Field must be at least %(min)d character long.": _l("write at least %(min)d characters"),
    "Field must be at least %(min)d characters long.": _l("write at least %(min)d characters"),
    "Field cannot be longer than %(max)d character.": _l("make this shorter: at most %(max)d characters"),
    "Field cannot be longer than %(max)d characters.": _l("make this shorter: at most %(max)d characters"),
    "Field must be exactly %(max)d character long.": _l("write exactly %(max)d characters"),
    "Field must be exactly %(max)d characters long.": _l("write exactly %(max)d characters"),
    "Field must be between %(min)d and %(max)d characters long.": _l("write between %(min)d and %(max)d characters"),
    "Number must be at least %(min)s.": _l("enter %(min)s or more"),
    "Number must be at most %(max)s.": _l("enter %(max)s or less"),
    "Number must be between %(min)s and %(max)s.": _l("enter a number from %(min)s to %(max)s"),
    "Date must be at least %(min)s.": _l("enter a date that is not before %(min)s"),
    "Date must be at most %(max)s.": _l("enter a date that is not after %(max)s"),
    "Date must be between %(min)s and %(max)s.": _l("enter a date from %(min)s to %(max)s"),
    "Field must be equal to %(other_name)s.": _l("write the same as in the field before"),
    "Invalid email address.": _l("enter an e-mail address, for example desk@example.org"),
    "Invalid UUID.": _l("go back and choose it again from the list"),
    "Invalid input.": _l("write this differently, as the example shows"),
    "This field cannot be edited.": _l("leave this as it was"),
    "This field is disabled and cannot have a value.": _l("leave this empty"),
    "Invalid value, must be one of: %(values)s.": _l("choose one of the answers shown"),
    "Invalid value, can't be any of: %(values)s.": _l("choose something else"),
    "File does not have an approved extension.": _l("choose a file of the kind named beside the field"),
}


class Fixes:
    """Stands where the form library looks for translations, and answers its own messages with what a person should do."""

    def gettext(self, message: str) -> str:
        """The fix for one of the library's messages; "put this right" for one we have not met, never English that blames."""
        return str(_FIXES.get(message) or _l("put this right"))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """The same for messages with a count."""
        return self.gettext(singular if n == 1 else plural)


class PlainForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A form whose every message, the library's own included, finishes "You need to …" in the reader's language."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # as above
        """Where the library asks for words."""

        def get_translations(self, _form: object) -> Fixes:
            """Our words, not the library's."""
            return Fixes()


class PlainPart:
    """Mix into a `wtforms.Form` that is part of a PlainForm (members, lines), so that its messages are ours too: `class MemberForm(PlainPart, Form)`."""

    class Meta(DefaultMeta):  # type: ignore[misc]  # wtforms has no types
        """Where the library asks for words."""

        csrf: ClassVar[bool] = False

        def get_translations(self, _form: object) -> Fixes:
            """Our words, not the library's."""
            return Fixes()


def new_key() -> str:
    """A key for a form about to be shown, by which it counts once; from the office's own ids, so that an example shows the same again."""
    kept = house().records
    return str(uuid4() if kept is None else kept.ids.new("forms"))


def key_of(text: object) -> UUID | None:
    """The client-made key a form carries, by which it counts once; None for anything that is none."""
    return id_of(text)
