from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from cbi.errors import Refused, SomebodyWasFirst
from cbi.people.facts import HouseholdRegistered
from cbi.people.tables import Account, Household, ReviewReason
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import arrangements, drawing, inbox, lists, programmes, service
from cbi.transfers.payees import Wait
from cbi.transfers.references import is_reference
from cbi.transfers.tables import ArrangementKind, Instruction, ListStatus, Mechanism, PaymentList
from reconciliation.money import Money
from tests import make_people, make_transfers
from tests.cbi.transfers.test_cycles import amend


def lines(records: Records, list_id: UUID) -> list[Instruction]:
    with records.read() as reading:
        query = sa.select(Instruction).where(Instruction.list_id == list_id).order_by(Instruction.position)
        return list(reading.session.scalars(query))


def payment_list(records: Records, list_id: UUID) -> PaymentList:
    with records.read() as reading:
        return lists.list_by_id(reading, list_id)


def arrange(records: Records, household_id: UUID, kind: ArrangementKind, value: object) -> None:
    with records.work(Actor(name="help desk")) as work:
        arrangements.propose_arrangement(work, household_id=household_id, changes={kind: value}, agreed=True, client_key=uuid4())
    with records.work(Actor(name="system")) as work:
        inbox.publish_now(work)


def change_account(records: Records, household_id: UUID, number: str, *, hours_ago: int = 0) -> None:
    with records.work(Actor()) as work:
        row = work.session.execute(sa.select(Account).where(Account.household_id == household_id)).scalar_one()
        household = work.session.get_one(Household, household_id)
        household.registered_at = work.now - timedelta(days=90)
        work.seal(row, "number", number)
        row.changed_at = work.now - timedelta(hours=hours_ago)
        work.remember(
            HouseholdRegistered(
                household_id=household_id,
                site_id=household.site_id,
                number=household.number,
                people=household.size,
                consent=household.consent,
                review=None,
            )
        )


def test_a_draft_holds_everyone_due_something_once_and_sums_to_what_they_are_due(records: Records):
    made = make_transfers.setting(records)

    drafted = make_transfers.draft_list(records, made)

    rows = lines(records, drafted)
    assert [row.household_id for row in rows] == list(made.households)
    assert [row.position for row in rows] == [1, 2, 3, 4]
    assert len({row.reference for row in rows}) == 4
    assert all(is_reference(row.reference) for row in rows)
    kept = payment_list(records, drafted)
    assert (kept.reference, kept.status, kept.count, kept.total_minor) == ("L-2026-001", ListStatus.DRAFT, 4, 3_800_000)


def test_the_payee_is_sealed_and_opens_as_registered(records: Records):
    made = make_transfers.setting(records, sizes=(1,))

    drafted = make_transfers.draft_list(records, made)

    with records.read() as reading:
        [asked] = service.instructions_of(reading, drafted)
    assert (asked.name, asked.phone, asked.account) == ("Juniper 1 Moonbeam", "+254712000001", "+254712000001")
    assert asked.amount == Money(575_000, "KES")
    written = b"".join(path.read_bytes() for path in records.folder.glob("office.db*"))
    assert b"+254712000001" not in written


def test_nobody_is_on_two_live_lists(records: Records):
    made = make_transfers.setting(records)
    cycle_id = make_transfers.frozen_cycle(records, made)
    make_transfers.draft_list(records, made, cycle_id)

    with pytest.raises(Refused, match="on a list already"):
        make_transfers.draft_list(records, made, cycle_id)


def test_two_people_drafting_at_the_same_instant_make_one_list(records: Records):
    made = make_transfers.setting(records)
    cycle_id = make_transfers.frozen_cycle(records, made)

    def draft(_: int) -> object:
        try:
            return make_transfers.draft_list(records, made, cycle_id)
        except Refused as refused:
            return refused.fix

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(draft, range(2)))

    assert sorted(type(answer).__name__ for answer in answers) == ["UUID", "str"]
    with records.read() as reading:
        promised = reading.session.execute(sa.select(sa.func.count(), sa.func.sum(Instruction.amount_minor)).where(Instruction.live)).one()
    assert tuple(promised) == (4, 3_800_000)


def test_the_database_itself_refuses_a_second_live_line(records: Records):
    made = make_transfers.setting(records, sizes=(1,))
    drafted = make_transfers.draft_list(records, made)
    [row] = lines(records, drafted)
    copy = {column.key: getattr(row, column.key) for column in Instruction.__table__.columns}

    with pytest.raises(sa.exc.IntegrityError, match="UNIQUE"), records.engine.begin() as connection:
        connection.execute(sa.insert(Instruction), [{**copy, "id": uuid4(), "position": 2, "reference": "TX"}])


def test_a_line_that_failed_is_instructed_again_on_a_new_list(records: Records):
    made = make_transfers.setting(records, sizes=(1, 1))
    cycle_id = make_transfers.frozen_cycle(records, made)
    first = make_transfers.released_list(records, made, cycle_id)
    failed = lines(records, first)[0]

    with records.work(Actor(made.manager)) as work:
        assert service.retire_instructions(work, [failed.id]) == 1
    again = make_transfers.draft_list(records, made, cycle_id)

    [row] = lines(records, again)
    assert (row.entitlement_id, row.amount_minor) == (failed.entitlement_id, failed.amount_minor)
    assert row.reference != failed.reference


def test_a_line_instructed_again_cannot_come_back_to_life(records: Records):
    made = make_transfers.setting(records, sizes=(1,))
    cycle_id = make_transfers.frozen_cycle(records, made)
    first = make_transfers.released_list(records, made, cycle_id)
    [failed] = lines(records, first)
    with records.work(Actor(made.manager)) as work:
        service.retire_instructions(work, [failed.id])
    make_transfers.draft_list(records, made, cycle_id)

    with pytest.raises(Refused, match="instructed again"), records.work(Actor(made.manager)) as work:
        service.revive_instructions(work, [failed.id])


def test_an_undone_failure_brings_the_line_back(records: Records):
    made = make_transfers.setting(records, sizes=(1,))
    released = make_transfers.released_list(records, made)
    [failed] = lines(records, released)
    with records.work(Actor(made.manager)) as work:
        service.retire_instructions(work, [failed.id])

    with records.work(Actor(made.manager)) as work:
        assert service.revive_instructions(work, [failed.id]) == 1

    assert lines(records, released)[0].live


def test_an_account_changed_in_the_last_72_hours_waits_for_everyone(records: Records):
    made = make_transfers.setting(records, sizes=(1, 1, 1))
    change_account(records, made.households[0], "+254712555001", hours_ago=71)
    change_account(records, made.households[1], "+254712555002", hours_ago=73)
    cycle_id = make_transfers.frozen_cycle(records, made)

    drafted = make_transfers.draft_list(records, made, cycle_id)

    assert [row.household_id for row in lines(records, drafted)] == list(made.households[1:])
    with records.read() as reading:
        cycle = reading.session.get_one(lists.Cycle, cycle_id)
        assert drawing.waiting(reading, cycle, made.provider_id) == {Wait.PAYEE_CHANGED: 1}


def test_a_household_put_on_review_after_freezing_waits(records: Records):
    made = make_transfers.setting(records, sizes=(1, 1))
    cycle_id = make_transfers.frozen_cycle(records, made)
    amend(records, made.households[0], lambda row: setattr(row, "review", ReviewReason.PHONE))

    drafted = make_transfers.draft_list(records, made, cycle_id)

    assert [row.household_id for row in lines(records, drafted)] == [made.households[1]]


@pytest.mark.parametrize("parts", [2, 3, 4])
def test_a_transfer_in_parts_keeps_its_sum_to_the_minor_unit(records: Records, parts: int):
    made = make_transfers.setting(records, sizes=(1,), mechanism=Mechanism.CASH_AGENT)
    arrange(records, made.households[0], ArrangementKind.PARTS, parts)
    cycle_id = make_transfers.frozen_cycle(records, made, base_minor=100_001, per_member_minor=0, ceiling_minor=100_001)

    drafted = make_transfers.draft_list(records, made, cycle_id)

    rows = lines(records, drafted)
    assert [row.part for row in rows] == list(range(1, parts + 1))
    assert sum(row.amount_minor for row in rows) == 100_001


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 10**12), st.integers(1, 4))
def test_parts_always_sum_to_the_whole(minor: int, parts: int):
    split = [part.minor for part in Money(minor, "JOD").split(min(parts, minor))]

    assert sum(split) == minor
    assert all(part > 0 for part in split)


def test_a_transfer_kept_until_asked_for_waits_and_its_sum_stays_due(records: Records):
    made = make_transfers.setting(records, sizes=(1, 1), mechanism=Mechanism.CASH_AGENT)
    arrange(records, made.households[0], ArrangementKind.KEEP, value=True)
    cycle_id = make_transfers.frozen_cycle(records, made)

    drafted = make_transfers.draft_list(records, made, cycle_id)

    assert [row.household_id for row in lines(records, drafted)] == [made.households[1]]
    with records.read() as reading:
        assert [due.left_minor for due in drawing.due_in(reading, cycle_id)] == [575_000]


def test_a_collector_who_was_just_named_waits_like_every_changed_payee(records: Records):
    made = make_transfers.setting(records, sizes=(1, 1), mechanism=Mechanism.CASH_AGENT)
    arrange(records, made.households[0], ArrangementKind.COLLECTOR, {"name": "Fern Paperboat"})
    cycle_id = make_transfers.frozen_cycle(records, made)

    drafted = make_transfers.draft_list(records, made, cycle_id)

    assert [row.household_id for row in lines(records, drafted)] == [made.households[1]]


def test_submitting_fixes_a_mark_over_every_line(records: Records):
    made = make_transfers.setting(records)
    drafted = make_transfers.draft_list(records, made)
    assert payment_list(records, drafted).hash is None

    with records.work(Actor(made.manager)) as work:
        lists.submit(work, drafted)

    kept = payment_list(records, drafted)
    assert (kept.status, len(kept.hash or b""), kept.submitted_by) == (ListStatus.SUBMITTED, 32, made.manager)


def test_a_household_that_changed_since_its_line_was_made_keeps_the_list_from_being_handed_in(records: Records):
    made = make_transfers.setting(records, sizes=(1, 1))
    drafted = make_transfers.draft_list(records, made)
    change_account(records, made.households[0], "+254712555001")

    with pytest.raises(Refused, match="1 household on this list changed"), records.work(Actor(made.manager)) as work:
        lists.submit(work, drafted)
    with records.work(Actor(made.manager)) as work:
        lists.redraw(work, drafted)
        lists.submit(work, drafted)

    assert payment_list(records, drafted).count == 1


def test_a_line_taken_off_lowers_the_sum_and_waits_for_the_next_list(records: Records):
    made = make_transfers.setting(records)
    cycle_id = make_transfers.frozen_cycle(records, made)
    drafted = make_transfers.draft_list(records, made, cycle_id)

    with records.work(Actor(made.manager)) as work:
        lists.take_off(work, drafted, lines(records, drafted)[0].id)

    kept = payment_list(records, drafted)
    assert (kept.count, kept.total_minor) == (3, 3_800_000 - 950_000)
    with records.read() as reading:
        assert [due.left_minor for due in drawing.due_in(reading, cycle_id)] == [950_000]


def test_an_empty_draft_is_not_handed_in(records: Records):
    made = make_transfers.setting(records, sizes=(1,))
    drafted = make_transfers.draft_list(records, made)
    with records.work(Actor(made.manager)) as work:
        lists.take_off(work, drafted, lines(records, drafted)[0].id)

    with pytest.raises(Refused, match="this list has none"), records.work(Actor(made.manager)) as work:
        lists.submit(work, drafted)


def test_a_submitted_list_is_not_changed_by_its_maker(records: Records):
    made = make_transfers.setting(records)
    submitted = make_transfers.submitted_list(records, made)

    for change in (lists.redraw, lists.submit, lambda work, list_id: lists.take_off(work, list_id, lines(records, list_id)[0].id)):
        with pytest.raises(SomebodyWasFirst), records.work(Actor(made.manager)) as work:
            change(work, submitted)


def test_lists_are_numbered_through_the_year(records: Records):
    made = make_transfers.setting(records, sizes=(1,))
    first = make_transfers.draft_list(records, made)
    second = make_transfers.draft_list(records, made)

    assert [payment_list(records, one).reference for one in (first, second)] == ["L-2026-001", "L-2026-002"]


def test_references_are_known_for_ever(records: Records):
    made = make_transfers.setting(records, sizes=(1, 1))
    drafted = make_transfers.draft_list(records, made)

    with records.read() as reading:
        assert service.known_references(reading) == {row.reference for row in lines(records, drafted)}
        assert service.known_references(reading, besides=[drafted]) == frozenset()
        assert service.list_by_reference(reading, " l-2026-001 ").id == drafted


def test_a_household_without_anybody_to_receive_waits_and_is_counted(records: Records):
    made = make_transfers.setting(records, sizes=(1, 1))
    cycle_id = make_transfers.frozen_cycle(records, made)
    with records.engine.begin() as connection:
        statement = sa.text("UPDATE member SET position = 7 WHERE household_id = :id")
        connection.execute(statement, {"id": made.households[0].hex})
        connection.execute(sa.text("UPDATE household SET recipient_id = NULL WHERE id = :id"), {"id": made.households[0].hex})

    drafted = make_transfers.draft_list(records, made, cycle_id)

    assert [row.household_id for row in lines(records, drafted)] == [made.households[1]]
    with records.read() as reading:
        assert drawing.waiting(reading, reading.session.get_one(lists.Cycle, cycle_id), made.provider_id) == {Wait.RECIPIENT: 1}


def test_a_rest_of_a_transfer_in_parts_is_one_line_that_completes_the_sum(records: Records):
    made = make_transfers.setting(records, sizes=(1,), mechanism=Mechanism.CASH_AGENT)
    arrange(records, made.households[0], ArrangementKind.PARTS, 3)
    cycle_id = make_transfers.frozen_cycle(records, made, base_minor=100_001, per_member_minor=0, ceiling_minor=100_001)
    first = make_transfers.released_list(records, made, cycle_id)
    failed = lines(records, first)[1]
    with records.work(Actor(made.manager)) as work:
        service.retire_instructions(work, [failed.id])

    again = make_transfers.draft_list(records, made, cycle_id)

    [row] = lines(records, again)
    assert (row.amount_minor, row.part) == (failed.amount_minor, 2)


def test_a_household_arranged_otherwise_is_paid_through_the_provider_of_that_way(records: Records):
    made = make_transfers.setting(records, sizes=(1, 1))
    place = make_people.site(records, "OM", "Old Mill")
    with records.work(Actor(made.manager)) as work:
        agent = programmes.add_provider(work, code="TCA", name="Tortoise Cash", mechanism=Mechanism.CASH_AGENT)
        wanted = make_transfers.programme(made.grant_id, {made.site_id: made.provider_id, place: agent}, code="TWO")
        both = replace(made, programme_id=programmes.add_programme(work, wanted))
    arrange(records, made.households[0], ArrangementKind.MECHANISM, "cash_agent")
    with records.engine.begin() as connection:
        connection.execute(sa.text("UPDATE arrangement SET published_on = '2026-11-01', confirmed_by = :by"), {"by": made.manager.hex})
    cycle_id = make_transfers.frozen_cycle(records, both)

    usual = make_transfers.draft_list(records, both, cycle_id)
    with records.work(Actor(made.manager)) as work:
        other = lists.make_list(work, cycle_id, agent)

    assert [row.household_id for row in lines(records, usual)] == [made.households[1]]
    [row] = lines(records, other)
    assert (row.household_id, row.site_id, row.payee_account) == (made.households[0], made.site_id, None)
