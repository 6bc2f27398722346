"""What an interviewer carries: on the page and on paper, with the letter box's key in words."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from cbi.access import Role
from cbi.checks.card import card_of, paper_of
from cbi.checks.words import told_steps
from cbi.protection.keys import fingerprint
from cbi.store.records import Records
from cbi.web.marks import mark_words
from cbi.web.paper import Paper, draw
from tests import make_checks, make_sites
from tests.make import Visitor

KEY = make_checks.KEY.public_key().public_bytes_raw()


@pytest.fixture
def place(records: Records, visitor: Callable[..., Visitor]) -> tuple[str, Visitor]:
    made = make_checks.opened(records)
    make_sites.contact(records, made.site_id)
    return f"/visits/at/{made.site_id}/own-card", visitor(person_id=made.interviewer)


def test_the_words_on_the_card_are_those_that_every_unlock_shows(place: tuple[str, Visitor]):
    url, interviewer = place

    page = interviewer.see(url)

    for word in mark_words(fingerprint(KEY)):
        assert word in page


def test_the_card_says_who_is_on_call_what_to_do_and_which_services_there_are(place: tuple[str, Visitor]):
    url, interviewer = place

    page = interviewer.see(url)

    for words in ("Wren Hollowtree", "Lantern Clinic", "Ring only in the hours", "18 or older", "Ask no questions about what happened"):
        assert words in page


def words_on(paper: Paper) -> str:
    """All that stands on a paper."""
    cells = [cell for part in paper.parts for row in getattr(part, "rows", (part,)) for cell in getattr(row, "sentences", row)]
    return " ".join([paper.title, *(word for fact in paper.facts for word in fact), *cells, *(paper.mark.words if paper.mark else ())])


def test_the_paper_holds_the_key_the_lines_the_person_on_call_and_the_services(place: tuple[str, Visitor], records: Records, app):
    site_id = UUID(place[0].split("/")[3])
    with app.test_request_context(), records.read() as reading:
        text = words_on(paper_of(card_of(reading, site_id, "en"), office="Kharwa", language="en", right_to_left=False))

    for words in (*mark_words(fingerprint(KEY)), "Lantern Clinic", "Wren Hollowtree", "18 or older", "Ring only in the hours"):
        assert words in text


def test_the_paper_is_sent_under_a_neutral_name(place: tuple[str, Visitor]):
    url, interviewer = place

    answer = interviewer.client.get(url + ".pdf")

    assert answer.mimetype == "application/pdf"
    assert 'filename="visit-card.pdf"' in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"%PDF")


def test_the_same_card_on_the_same_day_is_the_same_bytes(place: tuple[str, Visitor]):
    url, interviewer = place

    assert interviewer.client.get(url + ".pdf").data == interviewer.client.get(url + ".pdf").data


def test_without_a_letter_box_the_card_says_so(records: Records, visitor: Callable[..., Visitor]):
    site = make_sites.site(records)

    page = visitor(Role.INTERVIEWER, site_id=site).see(f"/visits/at/{site}/own-card")

    assert "There is no letter box yet" in page
    assert "Nobody is named for this week" in page


def test_the_card_is_drawn_in_arabic_too(records: Records, app):
    site = make_sites.site(records)
    with app.test_request_context(), records.read() as reading:
        arabic = paper_of(card_of(reading, site, "ar"), office="Kharwa", language="ar", right_to_left=True)

    assert "18 سنة" in words_on(arabic)
    assert draw(arabic).startswith(b"%PDF")


def test_only_interviewers_carry_it(records: Records, visitor: Callable[..., Visitor]):
    site = make_sites.site(records)

    for role in (Role.REGISTRAR, Role.LEAD, Role.MANAGER):
        assert visitor(role, site_id=site).client.get(f"/visits/at/{site}/own-card").status_code == 404
        assert visitor(role, site_id=site).client.get(f"/visits/at/{site}/own-card.pdf").status_code == 404


def test_the_seven_steps_are_the_same_on_both_cards(place: tuple[str, Visitor], app):
    url, interviewer = place
    with app.test_request_context():
        steps = told_steps()

    own, everybodys = interviewer.see(url), interviewer.see(url.replace("own-card", "card"))

    assert len(steps) == 7
    for step in steps:
        words = step.replace("'", "&#39;")
        assert words in own
        assert words in everybodys
