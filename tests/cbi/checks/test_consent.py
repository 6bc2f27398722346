"""What is read aloud: six things in every language, and the limits the programme wrote down."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from cbi.access import Role
from cbi.checks.consent import ELEMENTS, IncompleteConsent, consent_text, languages, read
from cbi.checks.limits import reporting_text, set_reporting_text
from cbi.store.records import Records
from cbi.store.work import Actor
from screening.lint import unsafe_words
from tests import make_checks
from tests.cbi.checks.pages import PASSED, before_url
from tests.make import Visitor

WHOLE = "".join(f'{name} = "words"\n' for name in ELEMENTS)


@pytest.mark.parametrize("language", ["en", "ar", "fr", "es"])
def test_e06_the_text_says_six_things_and_has_a_version(language: str):
    consent = consent_text(language)

    assert consent.language == language
    assert language in dict(languages())
    assert [element for element, _ in consent.told] == list(ELEMENTS)
    assert consent.version >= 1
    assert all(len(sentence) > 40 for _, sentence in consent.told)
    assert not [sentence for _, sentence in consent.told if unsafe_words(sentence, language)]


def test_e06_the_letter_says_which_text_was_read(records: Records, visitor: Callable[..., Visitor]):
    made = make_checks.opened(records)
    mine = visitor(person_id=made.interviewer)
    household = made.households[0]

    shown = mine.see(before_url(household) + "?read=ar")
    passed = mine.post(before_url(household) + "?read=ar", PASSED, follow=False).location
    mine.post(passed, make_checks.private_fields(make_checks.private_answers(1, reporting=False), reporting=False), follow=False)

    assert 'lang="ar" dir="auto"' in shown
    assert "?read=fr" in shown
    assert make_checks.read_letters(records)[0]["consent"] == {"version": 1, "language": "ar", "agreed": True}


def test_a_household_is_read_to_in_its_own_language_first(records: Records, visitor: Callable[..., Visitor]):
    made = make_checks.opened(records)
    with records.engine.begin() as connection:
        connection.execute(sa.text("UPDATE household SET language = 'fr'"))

    assert 'lang="fr" dir="auto"' in visitor(person_id=made.interviewer).see(before_url(made.households[0]))


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


def test_e22_the_limits_are_read_in_the_language_of_the_consent_text_where_somebody_wrote_them(
    records: Records, visitor: Callable[..., Visitor]
):
    made = make_checks.opened(records)
    mine, manager = visitor(person_id=made.interviewer), visitor(Role.MANAGER)
    manager.send("/visits/limits", {"text": "A child in danger: I must tell.", "text_ar": "إن كان طفل في خطر فعليّ أن أخبر.", "text_fr": ""})

    shown = {language: mine.see(before_url(made.households[0]) + f"?read={language}") for language in ("en", "ar", "fr")}

    assert "A child in danger: I must tell." in shown["en"]
    assert "A child in danger: I must tell." in shown["fr"]
    assert "إن كان طفل في خطر" in shown["ar"]
    assert "A child in danger" not in shown["ar"]
    assert "إن كان طفل في خطر" in manager.see("/visits/limits")


def test_a_text_taken_away_withholds_the_questions_in_every_language(records: Records, visitor: Callable[..., Visitor]):
    make_checks.limits(records)
    with records.work(Actor()) as work:
        set_reporting_text(work, "إن كان طفل في خطر فعليّ أن أخبر.", "ar")
    with records.work(Actor()) as work:
        set_reporting_text(work, "")

    with records.read() as reading:
        assert reporting_text(reading, "ar") == ""


def test_a_text_too_long_to_read_aloud_is_given_back(records: Records, visitor: Callable[..., Visitor]):
    page = visitor(Role.MANAGER).send("/visits/limits", {"text": "word " * 200}, status=422)

    assert "at most 600" in page
    assert "word word" in page


def test_only_who_plans_a_programme_writes_them(records: Records, visitor: Callable[..., Visitor]):
    assert visitor(Role.INTERVIEWER).client.get("/visits/limits").status_code == 404
