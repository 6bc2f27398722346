"""What the start page tells besides the letters: promises to people, and what the lead has to know."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from cbi.access import Role
from cbi.protection import handovers, holding, promises
from cbi.protection.cases import every_line
from cbi.protection.history import Choice, Outcome
from cbi.protection.outgoing import SafeContact, Scope
from cbi.protection.room import Room
from tests import make_room
from tests.cbi.protection.acts import EVERYWHERE, contact, decide

TODAY = date(2026, 11, 23)


def due(room: Room, who: make_room.Insider) -> promises.Promises:
    with room.read() as reading:
        return promises.due(reading, EVERYWHERE, every_line(reading, room.office, EVERYWHERE), who.id)


def for_lead(room: Room) -> promises.ForLead:
    with room.read() as reading:
        return promises.for_lead(reading, every_line(reading, room.office, EVERYWHERE))


def after(made: make_room.Founded, **ahead: float) -> Room:
    later = make_room.later(made, **ahead)
    room = later.open()
    make_room.inside(room, later.lead)
    return room


def test_a_letter_past_its_first_clock_is_the_leads_too(room: Room, made: make_room.Founded, case_id: UUID):
    assert for_lead(room).late == ()

    later = after(made, days=4)

    assert [line.id for line in for_lead(later).late] == [case_id]
    later.close()


def test_a_person_who_was_tried_in_time_is_late_only_when_nothing_is_decided(room: Room, made: make_room.Founded, case_id: UUID):
    contact(room, made.lead, case_id)

    four, eight = after(made, days=4), after(made, days=8)

    assert for_lead(four).late == ()
    assert [line.id for line in for_lead(eight).late] == [case_id]
    four.close()
    eight.close()


def test_the_lead_is_told_whom_nobody_reached_in_three_attempts(room: Room, made: make_room.Founded, case_id: UUID):
    for _ in range(3):
        contact(room, made.lead, case_id, Outcome.NOT_REACHED)

    told = for_lead(room)

    assert ([line.id for line in told.not_reached], told.late) == ([case_id], ())


def test_the_lead_is_told_of_a_hand_over_that_nobody_took_within_a_day(room: Room, made: make_room.Founded, case_id: UUID):
    point = make_room.officer(room, made.lead, made.sheet, "p.quill", Role.PSEA)
    contact(room, made.lead, case_id)
    with room.work(made.lead.id) as work:
        handed = handovers.hand_over(
            work, room.office, EVERYWHERE, case_id, point.id, scope=(Scope.FIRST_NAME,), contact=SafeContact(), agreed=True
        )
    assert for_lead(room).not_taken == ()

    later = after(made, hours=25)

    assert [one.id for one in for_lead(later).not_taken] == [handed]
    later.close()


def test_a_date_that_was_agreed_comes_back_to_the_officer_of_the_case_only(room: Room, made: make_room.Founded, case_id: UUID):
    other = make_room.officer(room, made.lead, made.sheet)
    contact(room, made.lead, case_id)
    decide(room, made.lead, case_id, Choice.CONTINUE, next_check=TODAY + timedelta(days=2))
    assert due(room, made.lead).next_dates == ()

    later = after(made, days=2)

    assert [line.id for line in due(later, made.lead).next_dates] == [case_id]
    assert due(later, other).next_dates == ()
    later.close()


def test_a_case_that_is_offered_stands_on_the_start_page_of_the_one_who_is_asked(room: Room, made: make_room.Founded, case_id: UUID):
    other = make_room.officer(room, made.lead, made.sheet)
    with room.work(made.lead.id) as work:
        holding.offer(work, EVERYWHERE, case_id, other.id)

    assert [(line.id, line.offered_by) for line in due(room, other).offered] == [(case_id, "Tamsin Halfmoon")]
    assert due(room, made.lead).offered == ()
