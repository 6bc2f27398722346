"""Finding a household on PostgreSQL, which hands out ids where SQLite keeps digits."""

from __future__ import annotations

import pytest

from cbi.access import Role
from cbi.people import alike_queue
from cbi.people.service import register
from cbi.people.tables import Relation
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make, make_people
from tests.cbi.people.test_merging import QUEUE, searched
from tests.cbi.people.test_search import found, pages
from tests.make_people import member, new

pytestmark = pytest.mark.postgres


def test_a_name_is_found_page_by_page_with_whoever_it_belongs_to(records: Records):
    site = make_people.site(records)
    for given in ("Oswin", "Pumpkin", "Oswin"):
        with records.work(Actor()) as work:
            register(work, new(site, member(), member(given=given, relation=Relation.CHILD), shelter="B 7-12"))

    shown = pages(records, "Oswin", size=1, near=site)

    assert [[(one.card.who, one.card.head) for one in page.rows] for page in shown] == [[("Oswin Moonbeam", "Juniper Moonbeam")]] * 2
    assert len({one.card.id for page in shown for one in page.rows}) == 2


def test_lists_and_the_number_of_a_household_open_it(records: Records):
    make_people.household(records, people=2)
    registrar = make.Visitor(make.app_of(records), records, make.staff(records, Role.REGISTRAR))

    page = registrar.see("/households")

    number = page.split('<bdi class="ref">')[1].split("<")[0]
    assert [name for name, _by in found(records, number)] == ["Juniper Moonbeam"]
    assert "Juniper Moonbeam" in page


def test_of_a_pair_the_one_registered_first_is_the_earlier(records: Records):
    first, second = (make_people.household(records, account="") for _time in range(2))
    searched(records)

    with records.read() as reading:
        [pair] = alike_queue.queue(reading, QUEUE)[0].rows

    assert {pair.earlier.id, pair.later.id} == {first, second}
    assert pair.earlier.number < pair.later.number
