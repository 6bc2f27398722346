"""Closing one of two entries of a household, with real lists, files and ledger."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlmodel import select

import cbi.payouts.lives  # noqa: F401 -- money has a say in which entry closes
from cbi.errors import Refused
from cbi.people import duplicates
from cbi.people.correction import withdraw_consent
from cbi.people.tables import Household, HouseholdStatus, Likeness
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import cycles
from cbi.transfers.service import instructions_of, list_by_id, retire_instructions
from cbi.transfers.tables import Entitlement, Instruction
from tests import make_payouts, make_transfers
from tests.make_payouts import Released, row
from tests.make_transfers import Setting


def close(records: Records, closing: UUID, staying: UUID) -> HouseholdStatus:
    """Say that the two are the same, and which of them goes."""
    with records.work(Actor()) as work:
        duplicates.decide(work, closing, staying, Likeness.SAME)
    with records.read() as reading:
        return reading.session.get_one(Household, closing).status


def line_ids(records: Records, list_id: UUID, household_id: UUID) -> Sequence[UUID]:
    with records.read() as reading:
        mine = select(Instruction.id).where(Instruction.list_id == list_id, Instruction.household_id == household_id)
        return reading.session.exec(mine).all()


def cycle_of(records: Records, list_id: UUID) -> UUID:
    with records.read() as reading:
        return list_by_id(reading, list_id).cycle_id


def said(records: Records, given: Released, about: dict[int, dict[str, object]]) -> None:
    """The provider's word on some of the households, by their place: what is not named otherwise was paid as asked."""
    with records.read() as reading:
        lines = {one.reference: one for one in instructions_of(reading, given.list_id)}
        of = select(Instruction.household_id, Instruction.reference).where(Instruction.list_id == given.list_id)
        by_household = {household_id: lines[reference] for household_id, reference in reading.session.exec(of)}
    rows = [row(by_household[given.made.households[place]], place + 1, **more) for place, more in about.items()]  # type: ignore[arg-type]
    make_payouts.posted(records, given, rows)


def counted_and_late(records: Records) -> tuple[Setting, UUID, UUID]:
    """A household counted in a frozen cycle, and one registered since that was not."""
    made = make_transfers.setting(records, (2,))
    make_transfers.frozen_cycle(records, made)
    return made, made.households[0], make_transfers.household(records, made.site_id, 2, 9)


def test_two_entries_that_were_both_paid_can_be_closed_and_only_one_is_counted_from_then_on(records: Records):
    given = make_payouts.released(records, (2, 2))
    stays, goes = given.made.households
    said(records, given, {0: {}, 1: {}})

    assert close(records, goes, stays) is HouseholdStatus.MERGED

    cycle_id = make_transfers.frozen_cycle(records, given.made)
    with records.read() as reading:
        assert reading.session.exec(select(Entitlement.household_id).where(Entitlement.cycle_id == cycle_id)).all() == [stays]


def test_while_both_are_on_a_list_one_is_settled_first(records: Records):
    made = make_transfers.setting(records, (2, 2))
    make_transfers.released_list(records, made)

    with pytest.raises(Refused, match="settle the payment of one of the two first"):
        close(records, *made.households)


def test_an_entry_with_a_payment_under_way_stays_and_the_other_closes(records: Records):
    given = make_payouts.released(records, (2, 2))
    under_way, failed = given.made.households
    said(records, given, {1: {"status": "FAILED", "minor": 0}})

    with pytest.raises(Refused, match="a payment to this one is under way"):
        close(records, under_way, failed)

    assert close(records, failed, under_way) is HouseholdStatus.MERGED


def test_what_is_under_way_is_settled_or_stopped_when_the_other_was_paid(records: Records):
    given = make_payouts.released(records, (2, 2))
    paid, other = given.made.households
    said(records, given, {0: {}})

    for closing, staying in ((paid, other), (other, paid)):
        with pytest.raises(Refused, match="paid in the same cycle"):
            close(records, closing, staying)


def test_one_that_was_paid_does_not_close_into_one_that_is_still_due_the_same(records: Records):
    given = make_payouts.released(records, (2, 2))
    paid, due = given.made.households
    said(records, given, {0: {}, 1: {"status": "FAILED", "minor": 0}})

    with pytest.raises(Refused, match="the other would be paid again"):
        close(records, paid, due)

    assert close(records, due, paid) is HouseholdStatus.MERGED


def test_one_that_was_paid_in_part_does_not_close_into_one_that_was_never_counted(records: Records):
    given = make_payouts.released(records, (2,))
    paid, late = given.made.households[0], make_transfers.household(records, given.made.site_id, 2, 9)
    said(records, given, {0: {"minor": 100_000}})
    (line_id,) = line_ids(records, given.list_id, paid)
    with records.work(Actor(given.made.manager)) as work:
        retire_instructions(work, [line_id], {line_id: 100_000})

    with pytest.raises(Refused, match="the other would be paid again"):
        close(records, paid, late)

    assert close(records, late, paid) is HouseholdStatus.MERGED
    with pytest.raises(Refused), records.work(Actor(given.made.manager)) as work:
        cycles.add_late(work, cycle_of(records, given.list_id))


def test_one_that_was_counted_does_not_close_into_one_that_would_be_counted_late(records: Records):
    _made, counted, late = counted_and_late(records)

    with pytest.raises(Refused, match="keep this entry and close the other one"):
        close(records, counted, late)

    assert close(records, late, counted) is HouseholdStatus.MERGED


def test_two_counted_each_in_a_cycle_of_its_own_wait_for_one_of_the_cycles_to_be_closed(records: Records):
    made, first, late = counted_and_late(records)
    with records.work(Actor(made.manager)) as work:
        withdraw_consent(work, first)
    make_transfers.frozen_cycle(records, made)

    for closing, staying in ((first, late), (late, first)):
        with pytest.raises(Refused, match="close the cycles"):
            close(records, closing, staying)
