"""A visit asks with the version in use; a page drawn before another version was put in use is read as it was drawn."""

from __future__ import annotations

from collections.abc import Callable

from cbi.sites import instrument
from cbi.store.records import Records
from cbi.store.work import Actor
from screening import Package, editing
from screening.editing import Kind
from tests import make_checks, make_questions
from tests.cbi.checks.pages import private_url
from tests.make import Visitor, hidden_fields

Visitors = Callable[..., Visitor]
SHIPPED = Package.shipped(instrument.NAME)


def _turned() -> Package:
    """H05 asked in other words, with its first and last option in each other's place."""
    block = editing.block(SHIPPED, Kind.ITEM, "H05")
    yes, no = '  { id = "yes", points = 0 },\n', '  { id = "no", points = 3, measures = ["M_PRIVATE", "M_SPLIT", "M_MECH"] },\n'
    assert yes in block
    assert no in block
    turned = editing.put_block(SHIPPED, Kind.ITEM, block.replace(no, "").replace(yes, no).replace("]\nsources", yes + "]\nsources"))
    return editing.put_version(editing.put_words(turned, "en", {("items", "H05", "wording"): "Will you help to decide?"}), "0.2")


def _install(records: Records) -> None:
    make_questions.trust(records)
    with records.work(Actor()) as work:
        instrument.install(work, make_questions.file_of(_turned()))


def test_the_second_page_asks_in_the_words_in_use_and_the_letter_names_their_version(records: Records, visitor: Visitors):
    made = make_checks.opened(records)
    _install(records)
    mine = visitor(person_id=made.interviewer)
    url = private_url(mine, made.households[0])

    page = mine.see(url)
    mine.post(url, {"H05": "a"}, follow=False)

    assert "Will you help to decide?" in page
    [letter] = make_checks.read_letters(records)
    assert (letter["version"], letter["answers"]["H05"]) == ("0.2", "no")


def test_a_page_drawn_with_an_older_version_is_read_with_it(records: Records, visitor: Visitors):
    made = make_checks.opened(records)
    mine = visitor(person_id=made.interviewer)
    url = private_url(mine, made.households[0])
    drawn = hidden_fields(mine.see(url), url)
    _install(records)

    mine.post(url, {**drawn, "H05": "a", "version": "0.1-draft"}, follow=False)

    [letter] = make_checks.read_letters(records)
    assert (letter["version"], letter["answers"]["H05"]) == ("0.1-draft", "yes")
