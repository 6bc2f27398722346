"""A room beside the office of every test here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cbi.protection.room import Room
from cbi.store.records import Records
from tests import make_room


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
