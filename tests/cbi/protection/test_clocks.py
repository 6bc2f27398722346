"""By when to reach somebody, when it is safe, and when the room forgets."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from cbi.protection import cases, practice
from cbi.protection.deadlines import deadlines, sealed_at, working_day_after
from cbi.protection.history import Choice, Outcome
from cbi.protection.hours import DAYS, PARTS, Reach, allows, window
from cbi.protection.practice import Ruling
from cbi.protection.purge import AFTER_DECISION_DAYS, CASE_DAYS, LETTER_DAYS, purge
from cbi.protection.room import Room
from cbi.protection.tables import Case, InstrumentVersion, LetterCopy, SeenLetter
from cbi.store.records import Records
from screening import Band
from tests import make_people, make_room

ZONE = "Africa/Nairobi"
PLACE = ZoneInfo(ZONE)
MONDAY = datetime(2026, 11, 23, 8, 25, tzinfo=PLACE)
SLOTS = [f"{day}-{part}" for day in DAYS for part in PARTS]
EVERYWHERE: frozenset = frozenset()
INSTANTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


def test_talk_today_is_reached_the_same_day_and_decided_within_24_hours():
    due = deadlines(Band.CRITICAL, MONDAY, zone=ZONE, submit_on=None)

    assert due.contact == datetime(2026, 11, 23, 17, tzinfo=PLACE)
    assert due.decide == MONDAY + timedelta(hours=24)


def test_others_are_reached_in_three_working_days_and_decided_in_five():
    friday = datetime(2026, 11, 27, 9, tzinfo=PLACE)

    due = deadlines(Band.HIGH, friday, zone=ZONE, submit_on=None)

    assert due.contact.date() == date(2026, 12, 2)
    assert due.decide.date() == date(2026, 12, 4)


def test_a_list_that_is_submitted_sooner_brings_both_clocks_forward():
    due = deadlines(Band.HIGH, MONDAY, zone=ZONE, submit_on=date(2026, 11, 25))

    assert due.decide == datetime(2026, 11, 25, 8, tzinfo=PLACE)
    assert due.contact <= due.decide


@given(
    band=st.sampled_from([Band.HIGH, Band.CRITICAL]),
    at=INSTANTS,
    submit=st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31)),
)
def test_no_clock_ends_before_the_letter_was_sealed_and_contact_comes_first(band: Band, at: datetime, submit: date | None):
    due = deadlines(band, at, zone=ZONE, submit_on=submit)

    assert at <= due.contact <= due.decide or due.contact <= due.decide == at


@given(start=st.dates(date(2026, 1, 1), date(2027, 12, 31)), days=st.integers(1, 10))
def test_a_deadline_never_falls_on_a_weekend(start: date, days: int):
    assert working_day_after(start, days).weekday() < 5


def test_a_letter_that_does_not_say_when_it_was_sealed_starts_its_clock_in_the_morning():
    assert sealed_at(date(2026, 11, 23), None, zone=ZONE) == datetime(2026, 11, 23, 8, tzinfo=PLACE)
    assert sealed_at(date(2026, 11, 23), "2026-12-23T08:00:00+03:00", zone=ZONE) == datetime(2026, 11, 23, 8, tzinfo=PLACE)
    assert sealed_at(date(2026, 11, 23), "yesterday", zone=ZONE) == datetime(2026, 11, 23, 8, tzinfo=PLACE)


def test_now_lasts_to_the_end_of_the_hours_she_gave():
    found = window(["mon-morning", "mon-midday"], MONDAY, zone=ZONE)

    assert (found.reach, found.until) == (Reach.NOW, datetime(2026, 11, 23, 15, tzinfo=PLACE))


def test_later_names_the_next_beginning_also_next_week():
    assert window(["wed-afternoon"], MONDAY, zone=ZONE).since == datetime(2026, 11, 25, 15, tzinfo=PLACE)
    assert window(["mon-morning"], MONDAY.replace(hour=13), zone=ZONE).since == datetime(2026, 11, 30, 8, tzinfo=PLACE)


def test_hours_nobody_told_are_unknown_and_never_read_as_any_time():
    assert window([], MONDAY, zone=ZONE).reach is Reach.UNKNOWN


@given(slots=st.sets(st.sampled_from(SLOTS), min_size=1), at=INSTANTS)
def test_a_window_is_now_exactly_when_a_told_slot_covers_the_instant(slots: set[str], at: datetime):
    local = at.astimezone(PLACE)
    covered = any(
        slot.split("-")[0] == DAYS[local.weekday()] and PARTS[slot.split("-")[1]][0] <= local.time() < PARTS[slot.split("-")[1]][1]
        for slot in slots
    )

    assert allows(slots, at, zone=ZONE) == covered


def _counts(room: Room) -> tuple[int, int, int]:
    with room.locked.read() as reading:
        found = [reading.session.exec(select(sa.func.count()).select_from(table)).one() for table in (LetterCopy, Case, SeenLetter)]
    return found[0], found[1], found[2]


def _at(made: make_room.Founded, days: int) -> tuple[int, int, int]:
    room = make_room.later(made, days=days).open()
    purge(room)
    found = _counts(room)
    room.close()
    return found


@pytest.mark.parametrize(
    ("days", "left"), [(LETTER_DAYS, (1, 1, 0)), (LETTER_DAYS + 1, (0, 1, 0)), (CASE_DAYS, (0, 1, 0)), (CASE_DAYS + 1, (0, 0, 0))]
)
def test_a_locked_room_forgets_on_time(room: Room, made: make_room.Founded, records: Records, days: int, left: tuple[int, int, int]):
    make_room.letter(records, make_people.household(records), make_room.TALK_TODAY)
    make_room.inside(room, made.lead)

    assert _at(made, days) == left


def test_answers_go_thirty_days_after_the_decision(room: Room, made: make_room.Founded, records: Records):
    make_room.letter(records, make_people.household(records), make_room.TALK_TODAY)
    make_room.inside(room, made.lead)
    with room.read() as reading:
        case_id = cases.waiting(reading, room.office, EVERYWHERE)[0].id
    with room.work(made.lead.id) as work:
        practice.note_contact(work, room.office, EVERYWHERE, case_id, Outcome.REACHED)
    with room.work(made.lead.id) as work:
        practice.decide(work, room.office, EVERYWHERE, case_id, Ruling(Choice.CONTINUE, agreed=True))

    assert _at(made, AFTER_DECISION_DAYS)[0] == 1
    assert _at(made, AFTER_DECISION_DAYS + 1)[0] == 0


def test_a_purge_leaves_no_key_of_what_is_gone(room: Room, made: make_room.Founded, records: Records):
    make_room.letter(records, make_people.household(records), make_room.TALK_TODAY)
    make_room.inside(room, made.lead)
    _at(made, CASE_DAYS + 1)

    with room.locked.read() as reading:
        versions = set(reading.session.exec(select(InstrumentVersion.id)))
        assert {key.id for key in reading.session.exec(select(reading.system.subject_key))} == versions


def test_purging_again_changes_nothing_and_says_nothing(room: Room, made: make_room.Founded, records: Records):
    make_room.letter(records, make_people.household(records), make_room.TALK_TODAY)
    make_room.inside(room, made.lead)
    _at(made, CASE_DAYS + 1)
    before = room.locked_verdict().entries

    _at(made, CASE_DAYS + 1)

    assert room.locked_verdict().entries == before
