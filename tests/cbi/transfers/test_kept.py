"""Money kept until asked: told before its cycle ends, gone from the page once the household asked, never lapsed in silence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from cbi.access import Role
from cbi.clock import Clock
from cbi.people.tables import Household, HouseholdStatus
from cbi.store.records import Records
from cbi.transfers.kept import ending, kept_now
from cbi.transfers.tables import ArrangementKind
from tests import make, make_transfers
from tests.cbi.transfers.test_arranged_money import arrange, lines_of, settle

K = ArrangementKind
Visitors = Callable[..., make.Visitor]


def on(records: Records, month: int, day: int, year: int = 2026) -> None:
    records.clock = Clock(datetime(year, month, day, 6, tzinfo=UTC))


@pytest.mark.parametrize(
    ("month", "day", "told"), [(12, 16, False), (12, 17, True), (12, 31, True)], ids=["15 days before", "14 days before", "last day"]
)
def test_two_weeks_before_the_cycle_ends_the_desk_and_the_manager_are_told(
    records: Records, visitor: Visitors, month: int, day: int, told: bool
):
    made = make_transfers.setting(records, sizes=(1, 2))
    make_transfers.frozen_cycle(records, made)
    arrange(records, made.households[0], {K.KEEP: True, K.MESSAGES: {"messages": "in_person"}})
    on(records, month, day)

    desk, manager = visitor(Role.HELP_DESK), visitor(person_id=made.manager)

    for page in (desk.see("/"), manager.see("/")):
        assert ("Household whose money is kept until it asks" in page) is told
    page = desk.see("/help-desk/kept")
    assert "December 2026" in page
    assert "No messages: told in person" in page
    assert "KES" not in page


def test_after_the_cycle_ended_it_is_still_there_and_says_so(records: Records, visitor: Visitors):
    made = make_transfers.setting(records, sizes=(1,))
    make_transfers.frozen_cycle(records, made)
    arrange(records, made.households[0], {K.KEEP: True})
    on(records, 1, 9, 2027)

    assert "Over since 31 December 2026" in visitor(Role.HELP_DESK).see("/help-desk/kept")


def test_once_the_household_asks_the_whole_sum_goes_onto_the_next_list(records: Records):
    made = make_transfers.setting(records, sizes=(3, 1))
    cycle_id = make_transfers.frozen_cycle(records, made)
    household = made.households[0]
    arrange(records, household, {K.KEEP: True})
    make_transfers.draft_list(records, made, cycle_id)
    kept = lines_of(records, household, cycle_id)
    arrange(records, household, {K.KEEP: None})
    settle(records)
    make_transfers.draft_list(records, made, cycle_id)

    with records.read() as reading:
        assert not kept_now(reading)
        assert not ending(reading)
    assert kept == []
    assert [minor for *_, minor in lines_of(records, household, cycle_id)] == [450_000 + 3 * 125_000]


@pytest.mark.parametrize("status", [HouseholdStatus.WITHDRAWN, HouseholdStatus.MERGED])
def test_a_household_that_withdrew_or_was_merged_is_neither_rung_nor_counted(records: Records, status: HouseholdStatus):
    made = make_transfers.setting(records, sizes=(3, 1))
    make_transfers.frozen_cycle(records, made)
    for household in made.households:
        arrange(records, household, {K.KEEP: True})
    on(records, 12, 20)
    with records.engine.begin() as connection:
        connection.execute(sa.update(Household).where(Household.__table__.c.id == made.households[0]).values(status=status))

    with records.read() as reading:
        assert [one.household_id for one in kept_now(reading)] == [made.households[1]]
        assert [one.household_id for one in ending(reading)] == [made.households[1]]


def test_without_anything_kept_the_page_says_so_and_only_the_desk_opens_it(records: Records, visitor: Visitors):
    assert "Nothing is kept" in visitor(Role.HELP_DESK).see("/help-desk/kept")
    assert visitor(Role.MANAGER).client.get("/help-desk/kept").status_code == 404
