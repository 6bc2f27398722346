"""Two people at one instant on PostgreSQL: the second waits for the first, and then sees what the first left."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from uuid import UUID

import pytest

from cbi.people import lives_homes
from cbi.store.records import Records
from cbi.store.work import Actor, Work
from cbi.transfers import lists
from cbi.transfers.tables import ListStatus
from tests import make_people, make_transfers
from tests.cbi.transfers.test_lives import state

pytestmark = pytest.mark.postgres

Deed = tuple[UUID, Callable[[Work], object]]


def one_within_the_other(records: Records, beside: Records, first: Deed, second: Deed) -> None:
    """The second starts when the first has done everything but end, and ends after it if it waits, else before."""

    def do_second() -> None:
        with beside.work(Actor(second[0])) as work:
            second[1](work)

    with ThreadPoolExecutor(1) as pool:
        with records.work(Actor(first[0])) as work:
            first[1](work)
            work.session.flush()
            meanwhile = pool.submit(do_second)
            wait([meanwhile], timeout=1)
        meanwhile.result(timeout=30)


def test_a_list_handed_in_while_a_household_on_it_moves_goes_back(records: Records, open_again: Callable[[], Records]):
    made = make_transfers.setting(records, (3, 2))
    list_id = make_transfers.draft_list(records, made)
    elsewhere = make_people.site(records, "OM", "Old Mill")

    one_within_the_other(
        records,
        open_again(),
        (made.manager, lambda work: lists.submit(work, list_id)),
        (made.registrar, lambda work: lives_homes.move(work, made.households[0], elsewhere, "", seen_version=1)),
    )

    assert state(records, list_id)[0] is ListStatus.SENT_BACK
