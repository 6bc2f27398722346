"""Who is let in by appeal is shown as such wherever a result is shown, for as long as the run it is about was in force."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from cbi.access import Role
from cbi.people.registered import open_household
from cbi.store.records import Records
from cbi.transfers import enrolment, enrolment_changes
from cbi.transfers.enrolment_changes import Change
from cbi.transfers.tables_enrolment import EnrolmentState
from cbi.web.listing import listing_args
from tests import make_enrolment
from tests.cbi.transfers.test_enrolment import allowed_appeal
from tests.make import Visitor
from tests.make_enrolment import MANY, Enrolled, rule

S = EnrolmentState


@pytest.fixture
def let_in(records: Records) -> tuple[Enrolled, UUID, UUID]:
    """A rule that leaves a household of three out, which an appeal let in: who, by which run, and the household."""
    here = make_enrolment.setting(records)
    run_id = make_enrolment.applied(records, here, rule(MANY))
    allowed_appeal(records, here, here.made.households[1])
    return here, run_id, here.made.households[1]


def listed(records: Records, run_id: UUID, state: str = "") -> dict[UUID, tuple[EnrolmentState, int]]:
    with records.read() as reading:
        args = listing_args({"state": state}, sorts=("number",), filters=("state",))
        listing = enrolment_changes.households(reading, enrolment.run_by_id(reading, run_id), args)
    assert listing.total == len(listing.rows)
    return {row.household_id: (row.state, row.amount_minor) for row in listing.rows}


def number_of(records: Records, household_id: UUID) -> str:
    with records.read() as reading:
        return open_household(reading, household_id).number


def test_the_list_of_results_shows_who_an_appeal_let_in_with_what_is_due(records: Records, let_in: tuple[Enrolled, UUID, UUID]):
    here, run_id, household = let_in

    assert listed(records, run_id)[household] == (S.EXCEPTION, 825_000)
    assert listed(records, run_id, "exception") == {household: (S.EXCEPTION, 825_000)}
    assert listed(records, run_id, "not_eligible") == {here.made.households[2]: (S.NOT_ELIGIBLE, 0)}


def test_each_state_of_the_list_has_as_many_households_as_the_counts_say(records: Records, let_in: tuple[Enrolled, UUID, UUID]):
    _here, run_id, _household = let_in

    with records.read() as reading:
        side = enrolment_changes.side(reading, enrolment.run_by_id(reading, run_id))

    found = {state: len(listed(records, run_id, state)) for state in ("enrolled", "exception", "not_eligible")}
    assert found == {"enrolled": side.enrolled, "exception": side.exceptions, "not_eligible": side.not_eligible}
    assert side.total_minor == sum(minor for _state, minor in listed(records, run_id).values())


def test_list_result_and_household_page_say_the_same(
    records: Records, visitor: Callable[..., Visitor], let_in: tuple[Enrolled, UUID, UUID]
):
    here, run_id, household = let_in
    one, desk = visitor(person_id=here.made.manager), visitor(Role.HELP_DESK)

    filtered = one.see(f"/programmes/enrolment/{run_id}/households?state=exception")
    result, page = desk.see(f"/households/{household}/enrolment/{run_id}"), desk.see(f"/households/{household}")

    assert number_of(records, household) in filtered
    assert "Rows 1 to 1 of 1" in filtered
    for shown in (filtered.split("<tbody")[1], result, page):
        assert "Enrolled by appeal" in shown
        assert ">Not eligible<" not in shown
    assert "KES 8,250.00 a cycle, for 3 people" in result
    assert "Not eligible by the rule because" in result


def test_who_an_appeal_let_in_does_not_leave_when_the_rule_is_applied_again(records: Records):
    here = make_enrolment.setting(records)
    make_enrolment.applied(records, here, rule(MANY))
    second = make_enrolment.applied(records, here, rule(MANY))
    allowed_appeal(records, here, here.made.households[1])

    with records.read() as reading:
        shown = enrolment_changes.beside(reading, enrolment.run_by_id(reading, second))

    assert shown.before is not None
    assert (shown.before.exceptions, shown.now.exceptions) == (0, 1)
    assert dict(shown.changes) == {Change.ENTERED: 1, Change.LEFT: 0, Change.AMOUNT: 0}


def test_an_appeal_changes_nothing_of_a_run_that_was_replaced_before_it(records: Records):
    here = make_enrolment.setting(records)
    first = make_enrolment.applied(records, here, rule(MANY))
    second = make_enrolment.applied(records, here, rule(MANY))
    allowed_appeal(records, here, here.made.households[1])
    third = make_enrolment.applied(records, here, rule(MANY))

    household = here.made.households[1]
    assert [listed(records, one)[household][0] for one in (first, second, third)] == [S.NOT_ELIGIBLE, S.EXCEPTION, S.EXCEPTION]


def test_a_simulation_stays_as_it_was_made_until_it_is_made_again(records: Records):
    here = make_enrolment.setting(records)
    make_enrolment.applied(records, here, rule(MANY))
    simulation = make_enrolment.tried(records, here, rule(MANY))
    allowed_appeal(records, here, here.made.households[1])

    still = listed(records, simulation)
    again = listed(records, make_enrolment.tried(records, here, rule(MANY)))

    household = here.made.households[1]
    assert (still[household], again[household]) == ((S.NOT_ELIGIBLE, 0), (S.EXCEPTION, 825_000))
