"""Two people at one instant on PostgreSQL: the second waits for the first, and then sees what the first left."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from uuid import UUID

import pytest

from cbi.errors import SomebodyWasFirst
from cbi.people import lives_homes, undoing
from cbi.people.tables import HouseholdStatus
from cbi.store.records import Records
from cbi.store.work import Actor, Work
from cbi.transfers import appeals, lists
from cbi.transfers.tables import ListStatus
from cbi.transfers.tables_enrolment import AppealStatus
from tests import make_enrolment, make_people, make_transfers
from tests.cbi.transfers.test_enrolment import status
from tests.cbi.transfers.test_lives import SECOND, other_head, state
from tests.make_enrolment import MANY, rule

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


def test_of_two_answers_to_an_appeal_the_first_one_stands(records: Records, open_again: Callable[[], Records]):
    here = make_enrolment.setting(records)
    make_enrolment.applied(records, here, rule(MANY))
    with records.work(Actor(here.made.registrar)) as work:
        appeal_id = appeals.ask(work, here.programme_id, here.made.households[1], "We are five")

    with pytest.raises(SomebodyWasFirst, match="answered already"):
        one_within_the_other(
            records,
            open_again(),
            (here.second_manager, lambda work: appeals.decide(work, appeal_id, allowed=False, answer="The visit counted three")),
            (here.made.approver, lambda work: appeals.decide(work, appeal_id, allowed=True, answer="The card was seen")),
        )

    with records.read() as reading:
        assert appeals.appeal_by_id(reading, appeal_id).status is AppealStatus.REFUSED
    assert status(records, here.made.households[1]) is HouseholdStatus.REGISTERED


def test_of_two_who_confirm_who_is_paid_one_does(records: Records, open_again: Callable[[], Records]):
    made = make_transfers.setting(records, (3, 2))
    change_id = other_head(records, made.households[0])

    with pytest.raises(SomebodyWasFirst, match="nothing waits to be confirmed"):
        one_within_the_other(
            records,
            open_again(),
            (SECOND, lambda work: undoing.confirm_payee(work, change_id)),
            (made.manager, lambda work: undoing.confirm_payee(work, change_id)),
        )
