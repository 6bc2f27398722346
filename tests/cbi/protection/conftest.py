"""A room beside the office of every test here."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from cbi.protection import cases
from cbi.protection.room import Room
from cbi.store.records import Records
from tests import make_people, make_room, make_sites


@pytest.fixture
def made(records: Records) -> make_room.Founded:
    """The room of this office, with its lead."""
    return make_room.founded(records)


@pytest.fixture
def room(made: make_room.Founded) -> Iterator[Room]:
    """The room, locked."""
    opened = made.open()
    yield opened
    opened.close()


@pytest.fixture
def site(records: Records) -> UUID:
    """A site with one service in its directory."""
    site_id = make_people.site(records)
    make_sites.contact(records, site_id)
    return site_id


@pytest.fixture
def household(records: Records, site: UUID) -> UUID:
    """A household of two adults."""
    return make_people.household(records, site, people=2)


@pytest.fixture
def case_id(room: Room, made: make_room.Founded, records: Records, site: UUID, household: UUID) -> UUID:
    """A letter that waits, in a room the lead opened, with safe hours this very morning."""
    make_room.letter(records, household, make_room.HARDER, site_id=site)
    make_room.letter(records, household, {}, site_id=site, kind="choices", hours=["mon-morning"])
    make_room.inside(room, made.lead)
    with room.read() as reading:
        return cases.waiting(reading, room.office, frozenset())[0].id
