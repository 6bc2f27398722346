"""What is read aloud: six things in every language, and the limits the programme wrote down."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from cbi.access import Role
from cbi.checks.consent import ELEMENTS, IncompleteConsent, consent_text, read
from cbi.store.records import Records
from tests import make_checks
from tests.cbi.checks.pages import before_url
from tests.make import Visitor

WHOLE = "".join(f'{name} = "words"\n' for name in ELEMENTS)


def test_e06_the_text_says_six_things_and_has_a_version():
    consent = consent_text("en")

    assert [element for element, _ in consent.told] == list(ELEMENTS)
    assert consent.version >= 1


def test_a_language_without_a_text_is_read_in_english():
    assert consent_text("xx") == consent_text("en")


@pytest.mark.parametrize("text", [WHOLE.replace("limits", "other"), WHOLE.replace('"words"', '" "', 1), ""])
def test_e06_a_text_that_misses_one_of_the_six_is_refused(text: str):
    with pytest.raises(IncompleteConsent):
        read(f'version = 2\n[en]\nown_name = "English"\n[en.text]\n{text}')


def test_the_limits_are_read_with_the_text(records: Records, visitor: Callable[..., Visitor]):
    made = make_checks.opened(records)
    mine = visitor(person_id=made.interviewer)
    before = mine.see(before_url(made.households[0]))

    make_checks.limits(records, "If a child is in danger I must tell the officer on call.")

    page = mine.see(before_url(made.households[0]))
    assert "officer on call" not in before
    assert page.index("There are limits") < page.index("officer on call") < page.index("You may skip any question")


def test_the_manager_writes_the_limits_down_and_today_stops_asking(records: Records, visitor: Callable[..., Visitor]):
    manager = visitor(Role.MANAGER)
    assert "what we cannot keep to ourselves" in manager.see("/")

    page = manager.send("/visits/limits", {"text": "  If a child is in danger\nI must tell. "})

    assert "Saved." in page
    assert re.search(r"<textarea[^>]*>\s*If a child is in danger I must tell\.</textarea>", page)
    assert "what we cannot keep to ourselves" not in manager.see("/")


def test_a_text_too_long_to_read_aloud_is_given_back(records: Records, visitor: Callable[..., Visitor]):
    page = visitor(Role.MANAGER).send("/visits/limits", {"text": "word " * 200}, status=422)

    assert "at most 600" in page
    assert "word word" in page


def test_only_who_plans_a_programme_writes_them(records: Records, visitor: Callable[..., Visitor]):
    assert visitor(Role.INTERVIEWER).client.get("/visits/limits").status_code == 404
