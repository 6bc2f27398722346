from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from cbi.people.duplicates import look_alikes
from cbi.people.lists import households
from cbi.people.search import find
from cbi.store.records import Records
from cbi.store.work import Reading
from cbi.web.listing import ListingArgs
from tests import make_people


@contextmanager
def counted(records: Records) -> Iterator[list[str]]:
    said: list[str] = []

    def listen(_connection, _cursor, statement: str, *_rest) -> None:
        said.append(statement)

    sa.event.listen(records.engine, "before_cursor_execute", listen)
    yield said
    sa.event.remove(records.engine, "before_cursor_execute", listen)


def queries(records: Records, ask: Callable[[Reading], object]) -> int:
    with records.read() as reading, counted(records) as said:
        ask(reading)
    return len([statement for statement in said if statement.startswith(("SELECT", "WITH"))])


def test_a_page_asks_as_often_for_ten_households_as_for_two(records: Records):
    site = make_people.site(records)
    asks: tuple[Callable[[Reading], object], ...] = (
        lambda reading: households(reading, ListingArgs(sort="number"), consent_version=1),
        lambda reading: find(reading, "Moonbeam", ListingArgs(sort=""), country="KE"),
        lambda reading: look_alikes(reading, make_people.new(site)),
    )
    few = []
    for total in (2, 10):
        while registered(records) < total:
            make_people.household(records, site, people=3)
        few.append([queries(records, ask) for ask in asks])

    assert few[0] == few[1]
    assert max(few[0]) <= 15


def registered(records: Records) -> int:
    with records.read() as reading:
        return households(reading, ListingArgs(sort="number"), consent_version=1)[1].households
