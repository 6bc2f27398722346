"""The inbox: published on the clock and at a word, the same bytes whoever asked, taken back until the next publishing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import select

from cbi.access import Role
from cbi.clock import Clock
from cbi.errors import Refused, SomebodyWasFirst
from cbi.people.tables import Member
from cbi.store.records import Records
from cbi.store.system import OfficeAuditEntry
from cbi.store.work import Actor
from cbi.transfers import inbox, published, wishes
from cbi.transfers.receiving import Collector
from cbi.transfers.tables import Arrangement, ArrangementKind, ArrangementRequest, Instruction, Publication
from cbi.web.listing import listing_args
from tests import make, make_people, make_transfers
from tests.cbi.transfers.test_arrangements import ask, holds, publish, rows

K = ArrangementKind
TODAY = date(2026, 11, 23)


def set_clock(records: Records, hour: int, minute: int = 0, *, day: int = 23) -> None:
    """What the office's wall shows: Nairobi is three hours before UTC."""
    records.clock = Clock(datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=3))


def newest(records: Records) -> Arrangement:
    return next(row for row in rows(records, Arrangement) if row.current)


def test_wishes_are_published_at_noon_and_not_before(records: Records):
    household = make_people.household(records)
    ask(records, household, parts=3)

    set_clock(records, 11, 59)
    early = inbox.publish_due(records)
    before = holds(records, household)
    set_clock(records, 12, 0)
    made = inbox.publish_due(records)

    assert (early, before) == (None, {})
    assert made is not None
    assert holds(records, household) == {K.PARTS: 3}
    assert [(row.day, row.slot, row.count) for row in rows(records, Publication)] == [(TODAY, "12:00", 1)]


def test_a_wish_too_long_for_an_arrangement_is_refused_at_the_desk_and_stops_nobody_else(records: Records):
    long_named = make_people.household(records, given="မ" * 120, family="မ" * 120)
    other = make_people.household(records, make_people.site(records, code="OM"), given="Tumble")
    with records.read() as reading:
        head = next(row.id for row in reading.session.exec(select(Member).where(Member.household_id == long_named)))

    with pytest.raises(Refused, match="shorter"):
        ask(records, long_named, collector=head)
    ask(records, other, parts=3)
    set_clock(records, 12, 0)
    inbox.publish_due(records)

    assert holds(records, other) == {K.PARTS: 3}


def test_an_hour_is_published_once_however_often_it_is_asked(records: Records):
    make_people.household(records)
    set_clock(records, 12, 1)

    made = [inbox.publish_due(records) for _ in range(3)]

    assert [publication is not None for publication in made] == [True, False, False]


def test_an_empty_publication_is_recorded_too(records: Records):
    make_people.household(records)
    for hour in (12, 18):
        set_clock(records, hour)
        inbox.publish_due(records)

    kinds = [entry.kind for entry in rows(records, OfficeAuditEntry) if entry.kind.startswith("transfers.Arrangement")]

    assert [(row.slot, row.count) for row in rows(records, Publication)] == [("12:00", 0), ("18:00", 0)]
    assert kinds == ["transfers.ArrangementsPublished"] * 2


def test_a_wish_made_after_the_hour_waits_for_the_next_even_when_the_clock_was_late(records: Records):
    household = make_people.household(records)
    set_clock(records, 12, 30)
    ask(records, household, parts=3)

    set_clock(records, 12, 31)
    inbox.publish_due(records)
    after_noon = holds(records, household)
    set_clock(records, 18, 0)
    inbox.publish_due(records)

    assert after_noon == {}
    assert holds(records, household) == {K.PARTS: 3}


def test_an_hour_before_the_office_existed_is_never_published(records: Records):
    make_people.household(records)

    assert inbox.publish_due(records) is None
    assert rows(records, Publication) == []


def test_the_office_that_slept_over_hours_publishes_the_last_one(records: Records):
    household = make_people.household(records)
    ask(records, household, parts=3)

    set_clock(records, 9, 0, day=27)
    inbox.publish_due(records)

    assert [(row.day, row.slot) for row in rows(records, Publication)] == [(date(2026, 11, 26), "18:00")]
    assert holds(records, household) == {K.PARTS: 3}


def test_publications_are_numbered_in_order(records: Records):
    make_people.household(records)

    for _ in range(3):
        publish(records)

    assert [row.number for row in rows(records, Publication)] == [1, 2, 3]


def test_a_request_has_one_length_whoever_asked_and_whatever_for(records: Records):
    long_name = "\u0628" * 80
    household = make_people.household(records)
    for change in ({"parts": 2}, {"keep": True}, {"collector": Collector(long_name, contact="0" * 40)}, {"help": ("first", "device")}):
        ask(records, household, by=uuid4(), **change)

    assert len({len(row.body) for row in rows(records, ArrangementRequest)}) == 1


def shape(records: Records) -> list[object]:
    """Everything a publication left that could be compared: rows, lengths, order, audit entries. Random ids by their length only."""
    arrangements = [
        (row.kind, len(row.value), len(row.staff), row.published_on, row.current, row.replaces_id, row.confirmed_by, row.digest)
        for row in rows(records, Arrangement)
    ]
    entries = [(one.kind, one.actor, len(one.body)) for one in rows(records, OfficeAuditEntry) if "Arrangement" in one.kind]
    return [arrangements, [(row.number, row.day, row.slot, row.count) for row in rows(records, Publication)], entries]


def test_an_officers_wish_and_the_help_desks_leave_the_same_bytes(tmp_path: Path, office_template: Path):
    left = []
    for who in ("desk", "officer"):
        opened = make.office(tmp_path / who, office_template)
        staff = {"desk": make.staff(opened, Role.HELP_DESK), "officer": uuid4()}
        households = [make_people.household(opened, given=name) for name in ("Ash", "Birch")]
        ask(opened, households[0], by=staff["desk"], keep=True)
        ask(opened, households[1], by=staff[who], parts=3, collector=Collector("Bramble Teapot"))
        set_clock(opened, 12)
        inbox.publish_due(opened)
        left.append(shape(opened))
        opened.close()

    assert left[0] == left[1]


def test_the_order_of_a_publication_is_by_registration_number_and_not_by_who_came_first(records: Records):
    households = [make_people.household(records, given=name) for name in ("Ash", "Birch", "Cedar")]
    for household in reversed(households):
        ask(records, household, keep=True)
        ask(records, household, parts=2)

    publish(records)

    told = [entry.body for entry in rows(records, OfficeAuditEntry) if entry.kind == "transfers.ArrangementPublished"]
    assert [next(place for place, one in enumerate(households) if str(one) in body) for body in told] == [0, 0, 1, 1, 2, 2]
    assert ['"what":"parts"' in body for body in told] == [True, False] * 3


def test_the_staff_id_is_sealed_and_can_be_opened_in_an_inquiry(records: Records):
    household, desk = make_people.household(records), uuid4()
    ask(records, household, by=desk, parts=3)
    publish(records)

    with records.read() as reading:
        row = reading.session.exec(sa.select(Arrangement)).scalars().one()
        opened = reading.open(row, "staff")

    assert opened.strip() == str(desk)
    assert str(desk).encode() not in row.staff


def test_one_household_has_one_holding_arrangement_of_a_kind_and_the_database_keeps_it_so(records: Records):
    household = make_people.household(records)
    for parts in (2, 3, 4):
        ask(records, household, parts=parts)
        publish(records)

    found = sorted(rows(records, Arrangement), key=lambda row: row.current)

    assert [row.current for row in found] == [False, False, True]
    with pytest.raises(sa.exc.IntegrityError), records.engine.begin() as connection:
        connection.execute(sa.text("UPDATE arrangement SET current = 1"))


def test_undo_restores_what_held_before(records: Records):
    household = make_people.household(records)
    ask(records, household, parts=2)
    publish(records)
    ask(records, household, parts=4)
    publish(records)

    with records.work(Actor(uuid4())) as work:
        published.undo(work, newest(records).id)

    assert holds(records, household) == {K.PARTS: 2}


def test_undo_of_a_first_arrangement_leaves_what_is_planned_for_everybody(records: Records):
    household = make_people.household(records)
    ask(records, household, parts=2)
    publish(records)

    with records.work(Actor(uuid4())) as work:
        published.undo(work, newest(records).id)

    assert holds(records, household) == {}


def test_undo_ends_with_the_next_publishing(records: Records):
    household = make_people.household(records)
    ask(records, household, parts=2)
    publish(records)
    publish(records)

    with pytest.raises(Refused, match="no longer be taken back"), records.work(Actor(uuid4())) as work:
        published.undo(work, newest(records).id)


def test_a_payee_change_waits_until_the_manager_confirmed_it(records: Records):
    household = make_people.household(records)
    ask(records, household, mechanism="voucher", parts=2)
    publish(records)

    with records.read() as reading:
        waiting = published.unconfirmed(reading, [household])
    with records.work(Actor(uuid4())) as work:
        [change] = published.payees_to_confirm(work, listing_args({}, sorts=("number",))).rows
        published.confirm_payees(work, [change.id])
    with records.read() as reading:
        left = published.unconfirmed(reading, [household])

    assert change.kind is K.MECHANISM
    assert (waiting, left) == (frozenset({household}), frozenset())


def test_a_payee_that_changed_meanwhile_is_not_confirmed(records: Records):
    household = make_people.household(records)
    ask(records, household, collector=Collector("Bramble Teapot"))
    publish(records)
    seen = newest(records).id
    ask(records, household, collector=Collector("Thistle Umbrella"))
    publish(records)

    with pytest.raises(SomebodyWasFirst), records.work(Actor(uuid4())) as work:
        published.confirm_payees(work, [seen])


def test_four_households_that_asked_in_one_hour_for_one_collector_are_not_all_confirmed(records: Records):
    for name in ("Ash", "Birch", "Cedar", "Dogwood"):
        ask(records, make_people.household(records, given=name), collector=Collector("Bramble Teapot", contact="0799 000 222"))
    publish(records)

    with pytest.raises(Refused, match="more than 3"), records.work(Actor(uuid4())) as work:
        changes = published.payees_to_confirm(work, listing_args({}, sorts=("number",))).rows
        published.confirm_payees(work, [change.id for change in changes])

    assert [change.others for change in changes] == [3, 3, 3, 3]


def test_an_erased_household_leaves_the_inbox_in_silence(records: Records):
    household = make_people.household(records)
    ask(records, household, parts=2)
    with records.work(Actor()) as work:
        work.vault.destroy(work.session, household, at=work.now)

    publish(records)

    assert rows(records, ArrangementRequest) == []
    assert rows(records, Arrangement) == []


def test_the_chain_verifies_after_publications(records: Records):
    household = make_people.household(records)
    ask(records, household, parts=2, keep=True)
    publish(records)

    assert records.verify_chain().verified


def test_a_list_waits_for_the_managers_look_and_for_three_days(records: Records):
    household = make_people.household(records)
    ask(records, household, collector=Collector("Bramble Teapot"))
    publish(records)

    def waits() -> bool:
        with records.read() as reading:
            return wishes.of(reading, [household])[household].fresh

    set_clock(records, 9, day=27)
    unconfirmed = waits()
    with records.work(Actor(uuid4())) as work:
        published.confirm_payees(work, [newest(records).id])
    confirmed = waits()
    set_clock(records, 9, day=25)
    too_soon = waits()

    assert (unconfirmed, confirmed, too_soon) == (True, False, True)


def test_the_way_to_pay_changes_at_most_once_in_a_cycle(records: Records):
    made = make_transfers.setting(records, sizes=(1,))
    make_transfers.frozen_cycle(records, made)
    records.clock = Clock(datetime(2026, 12, 2, 6, tzinfo=UTC))
    household = made.households[0]
    ask(records, household, mechanism="voucher")
    publish(records)

    with pytest.raises(Refused, match="wait for the next cycle"):
        ask(records, household, mechanism="card")
    ask(records, household, mechanism="voucher", parts=2)


def test_a_way_to_pay_that_was_taken_back_may_be_chosen_again_in_the_cycle(records: Records):
    made = make_transfers.setting(records, sizes=(1,))
    make_transfers.frozen_cycle(records, made)
    records.clock = Clock(datetime(2026, 12, 2, 6, tzinfo=UTC))
    household = made.households[0]
    ask(records, household, mechanism="voucher")
    publish(records)
    with records.work(Actor(uuid4())) as work:
        published.undo(work, newest(records).id)

    ask(records, household, mechanism="card")
    publish(records)

    assert str(holds(records, household)[K.MECHANISM]) == "card"


def test_a_change_published_after_a_list_was_handed_in_is_said_to_apply_to_the_next(records: Records):
    made = make_transfers.setting(records, sizes=(1, 1))
    make_transfers.released_list(records, made)
    other = make_people.household(records, given="Pickle")
    for household in (made.households[0], other):
        ask(records, household, keep=True)
    publication = publish(records)

    with records.read() as reading:
        changes = published.changes_of(reading, publication, listing_args({}, sorts=("kind",))).rows

    assert {change.household_id: change.next_list for change in changes} == {made.households[0]: True, other: False}


def test_a_released_list_never_changes_by_a_later_arrangement(records: Records):
    made = make_transfers.setting(records, sizes=(1,))
    released = make_transfers.released_list(records, made)
    before = lines_of(records, released)

    ask(records, made.households[0], parts=3, keep=True)
    publish(records)

    assert lines_of(records, released) == before


def lines_of(records: Records, list_id: object) -> list[tuple[object, ...]]:
    return [(row.reference, row.amount_minor, row.part, row.payee_digest) for row in rows(records, Instruction) if row.list_id == list_id]
