"""The room's pages, as an officer uses them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from cbi.protection.cases import waiting
from cbi.store.records import Records
from tests import make_people, make_room, make_sites


@pytest.fixture
def app(made: make_room.Founded) -> Iterator[Flask]:
    built = make_room.app_of(made)
    yield built
    built.extensions["cbi.room"].close()


def _first_case(app: Flask) -> str:
    room = app.extensions["cbi.room"]
    with room.read() as reading:
        return str(waiting(reading, room.office, frozenset())[0].id)


def test_the_start_page_shows_letters_by_decide_by_without_a_name_or_a_reason(app: Flask, made: make_room.Founded, records: Records):
    site = make_people.site(records)
    make_room.letter(records, make_people.household(records, site), make_room.TALK_TODAY, site_id=site)
    make_room.letter(records, make_people.household(records, site, given="Pepper"), make_room.HARDER, site_id=site)
    make_sites.contact(records, site)

    page = make_room.RoomVisitor(app, made.lead).see("/support/")

    assert page.index("Priority") < page.index("Review")
    assert "Bahari Field" in page
    assert "Moonbeam" not in page
    assert "talk" not in page.lower().replace("talked", "")
