"""Parts of a form that make their fields late say the same as those that make them at once."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form, FormField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Regexp

from cbi.web.parts import LatePart

_FITTING = {"p-name": "Juniper", "p-kind": "b", "p-way": "any", "p-inner-note": "seen"}
_WRONG = ({"p-name": "Juniper Moonbeam"}, {"p-name": ""}, {"p-kind": "c"}, {"p-inner-note": "seen twice"})


class _Inner(Form):  # type: ignore[misc]  # wtforms has no types
    note = StringField("Note", [Length(max=6, message="shorter")])


class _Part(Form):  # type: ignore[misc]  # as above
    name = StringField("Name", [InputRequired("a name"), Length(max=10, message="shorter")])
    kind = SelectField("Kind", choices=[SelectChoice("", "None"), SelectChoice("b", "B")], default="")
    way = RadioField("Way", choices=[SelectChoice("any", "Any")], validate_choice=False)
    inner = FormField(_Inner, "")


class _Late(Form):  # type: ignore[misc]  # as above
    p = LatePart(_Part, "")


class _AtOnce(Form):  # type: ignore[misc]  # as above
    p = FormField(_Part, "")


@pytest.mark.parametrize("typed", [_FITTING, *({**_FITTING, **wrong} for wrong in _WRONG), {"p-name": "Fern"}, {}])
def test_a_late_part_says_and_draws_what_fields_made_at_once_do(typed: dict[str, str]) -> None:
    late, at_once = _Late(MultiDict(typed)), _AtOnce(MultiDict(typed))

    assert late.validate() == at_once.validate()
    assert late.p.errors == at_once.p.errors
    assert [str(field()) for field in (*late.p.form, *late.p.form.inner.form)] == [str(field()) for field in (*at_once.p, *at_once.p.inner)]


def test_nothing_is_made_while_everything_fits() -> None:
    form = _Late(MultiDict(_FITTING))

    assert form.validate()

    assert form.p._made is None
    assert (form.p["name"].data, form.p["inner-note"].data, form.p.errors) == ("Juniper", "seen", {})


def test_what_is_said_before_a_field_is_made_stands_at_the_field() -> None:
    form = _Late(MultiDict(_FITTING))
    form.p["inner-note"].errors = ["write more"]
    form.p["name"].data = "Fern"

    fields = form.p.form

    assert form.p["inner-note"] is fields.inner.form.note
    assert (fields.inner.form.note.errors, fields.name.data) == (["write more"], "Fern")


def test_a_part_filled_from_what_was_registered_is_drawn_with_it() -> None:
    form = _Late(None)
    form.p["kind"].data = "b"

    assert '<option selected value="b">' in str(form.p.form.kind())


def test_a_check_that_is_not_known_is_refused_instead_of_passed_over() -> None:
    class Strict(Form):  # type: ignore[misc]  # as above
        code = StringField("Code", [Regexp("[a-z]+")])

    class Outer(Form):  # type: ignore[misc]  # as above
        p = LatePart(Strict, "")

    with pytest.raises(TypeError, match="cannot stand in a late part"):
        Outer(MultiDict({"p-code": "7"}))
