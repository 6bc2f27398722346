"""A part of a long form whose fields are made only when they are drawn, or when something is wrong in them.

A household of five has a hundred fields, and making and checking each takes the form library longer than everything that is done with what was
typed. Nearly always all of it fits, and none of these fields is looked at again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Form, FormField, SelectField
from wtforms.fields.core import UnboundField
from wtforms.utils import unset_value
from wtforms.validators import InputRequired, Length

_BETWEEN = "-"
_KNOWN = frozenset({"choices", "default", "validate_choice"})


@dataclass(slots=True)
class Typed:
    """What was typed into one field, as the field itself would say it. errors: what to put right in it."""

    data: str | None
    errors: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Kind:
    """What the checks of one field let pass. longest: letters, None where nothing limits them; answers: None where anything may be sent."""

    default: str | None
    needed: bool
    longest: int | None
    answers: frozenset[str] | None

    def fits(self, text: str | None) -> bool:
        """Whether the field would have nothing to say of this."""
        if self.needed and not text:
            return False
        if self.longest is not None and text and len(text) > self.longest:
            return False
        return self.answers is None or text in self.answers


class LatePart(FormField):  # type: ignore[misc]  # wtforms has no types
    """A part of a form, by what was typed into it: `part["six-typed"]` has the `data` and `errors` of that field.

    Whoever asks for its `form`, as a template does, gets the fields themselves, and from then on `part["six-typed"]` is one of them.
    """

    _made: Form | None = None

    def __init__(self, form_class: type[Form], label: str | None = None, **kwargs: Any) -> None:  # Any: as the library binds fields
        super().__init__(form_class, label, **kwargs)
        self.type = FormField.__name__  # by which templates know a part

    def process(self, formdata: MultiDict[str, str] | None, data: object = unset_value, extra_filters: object = None) -> None:  # noqa: ARG002
        """Take what was sent; nothing else is ever filled in this way."""
        sent: Mapping[str, str] = {} if formdata is None else formdata
        prefix = self.name + _BETWEEN
        self._typed = {name: Typed(sent.get(prefix + name, kind.default)) for name, kind in _kinds(self.form_class).items()}
        self._made = None

    def post_process(self, formdata: object = None) -> None:
        """Nothing is left to do: fields are ready as soon as they are made."""

    def validate(self, form: object, extra_validators: object = ()) -> bool:  # noqa: ARG002
        """Whether everything fits; only where it does not the fields are made, to say so."""
        kinds = _kinds(self.form_class)
        if self._made is None and all(kinds[name].fits(typed.data) for name, typed in self._typed.items()):
            return True
        return bool(self.form.validate())

    @property
    def form(self) -> Form:
        """The fields, with what was typed and what there is to put right."""
        if self._made is None:
            prefix = self.name + _BETWEEN
            sent = MultiDict((prefix + name, typed.data) for name, typed in self._typed.items() if typed.data is not None)
            self._made = self.form_class(formdata=sent, prefix=prefix)
            for name, typed in self._typed.items():
                if typed.errors:
                    self[name].errors = typed.errors
        return self._made

    @property
    def errors(self) -> Mapping[str, object]:
        """What there is to put right, by field."""
        if self._made is not None:
            return dict(self._made.errors)
        return {name: typed.errors for name, typed in self._typed.items() if typed.errors}

    def __getitem__(self, name: str) -> Any:  # Any: what was typed, or its field
        """One field of the part, or of a part in it."""
        if self._made is None:
            return self._typed[name]
        own, _between, inner = name.partition(_BETWEEN)
        return self._made[own][inner] if inner else self._made[own]


@cache
def _kinds(form_class: type[Form]) -> Mapping[str, _Kind]:
    return dict(_kinds_of(form_class))


def _kinds_of(form_class: type[Form]) -> Iterator[tuple[str, _Kind]]:
    """The fields of a part and of the parts in it, as their form declares them."""
    for name in dir(form_class):
        field = getattr(form_class, name)
        if not isinstance(field, UnboundField):
            continue
        if issubclass(field.field_class, FormField):
            yield from ((f"{name}{_BETWEEN}{inner}", kind) for inner, kind in _kinds_of(field.args[0]))
        else:
            yield name, _kind(field)


def _kind(field: UnboundField) -> _Kind:
    """Raises TypeError for a field with a check that is not known here: it would be passed over."""
    checks = field.args[1] if len(field.args) > 1 else ()
    if {type(check) for check in checks} - {InputRequired, Length} or set(field.kwargs) - _KNOWN:
        raise TypeError(f"{field} cannot stand in a late part: teach `_Kind` what it lets pass")
    chooses = issubclass(field.field_class, SelectField) and field.kwargs.get("validate_choice", True)
    return _Kind(
        default=field.kwargs.get("default"),
        needed=any(isinstance(check, InputRequired) for check in checks),
        longest=min((check.max for check in checks if isinstance(check, Length)), default=None),
        answers=frozenset(choice.value for choice in field.kwargs["choices"]) if chooses else None,
    )
