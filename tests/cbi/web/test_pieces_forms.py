"""Whatever the form library says, a reader is told what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import wtforms
from werkzeug.datastructures import MultiDict
from wtforms import Form, IntegerField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from cbi.web.forms import _FIXES, Fixes, PlainForm, PlainPart
from tests.cbi.web.gallery import make_app

LIBRARY = Path(wtforms.__file__).parent


class Household(PlainForm):
    people = IntegerField("People", [NumberRange(1, 30)])
    block = StringField("Block", [Length(max=3)])
    answer = RadioField("Answer", choices=[SelectChoice("yes", "Yes")])
    needs = SelectMultipleField("Needs", choices=[SelectChoice("seat", "A seat")])
    name = StringField("Name", [InputRequired()])


class Member(PlainPart, Form):
    born = IntegerField("Born")


@pytest.mark.parametrize(
    ("field", "typed", "fix"),
    [
        ("people", "many", "enter a whole number, for example 12"),
        ("people", "31", "enter a number from 1 to 30"),
        ("block", "tent", "make this shorter: at most 3 characters"),
        ("answer", "no", "choose one of the answers shown"),
        ("needs", "<b>", "choose among the answers shown"),
        ("name", "", "fill this in"),
    ],
)
def test_the_librarys_own_messages_become_what_to_do(field: str, typed: str, fix: str):
    with make_app().test_request_context(method="POST", data={field: typed}):
        form = Household()
        form.validate()

        assert form[field].errors[0] == fix


def test_a_part_of_a_form_speaks_the_same_way():
    with make_app().test_request_context():
        form = Member(MultiDict({"born": "x"}))
        form.validate()

        assert form.born.errors[0] == "enter a whole number, for example 12"


def test_every_message_of_the_library_for_people_has_its_fix():
    text = "\n".join(
        (LIBRARY / name).read_text(encoding="utf-8")
        for name in ("validators.py", "fields/choices.py", "fields/core.py", "fields/numeric.py", "fields/datetime.py")
    )
    said = set(re.findall(r'gettext\(\s*"([^"]+)"', text)) | set(re.findall(r'ngettext\(\s*"[^"]+",\s*"([^"]+)"', text))
    for_builders = {one for one in said if re.search(r"None|field name|IP|Mac|URL|CSRF", one)}

    assert len(said) > 20
    assert said - for_builders - set(_FIXES) == set()


def test_a_message_nobody_foresaw_still_finishes_the_sentence():
    with make_app().test_request_context():
        assert Fixes().gettext("Something new.") == "put this right"


def test_every_fix_finishes_the_sentence():
    with make_app().test_request_context():
        fixes = [str(fix) for fix in _FIXES.values()]

    assert not [fix for fix in fixes if not fix[0].islower() or fix.endswith(".")]
