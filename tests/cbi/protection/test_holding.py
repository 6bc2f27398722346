"""Whose case it is: one officer at a time, and the others are told plainly."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest

from cbi.errors import Refused, SomebodyWasFirst
from cbi.protection import holding, practice, setup
from cbi.protection.dossier import Stage
from cbi.protection.history import Choice, Outcome
from cbi.protection.practice import Ruling
from cbi.protection.room import Room
from cbi.store.records import Records
from tests import make_people, make_room
from tests.cbi.protection.acts import EVERYWHERE, contact, decide, look, stage


@pytest.fixture
def other(room: Room, made: make_room.Founded, case_id: UUID) -> make_room.Insider:
    return make_room.officer(room, made.lead, made.sheet)


def test_a_case_that_is_taken_is_assigned_to_that_officer(room: Room, other: make_room.Insider, case_id: UUID):
    with room.work(other.id) as work:
        holding.take(work, EVERYWHERE, case_id)

    assert (stage(room, case_id), look(room, case_id).holder) == (Stage.ASSIGNED, "B Driftwood")


def test_the_first_contact_takes_the_case(room: Room, other: make_room.Insider, case_id: UUID):
    contact(room, other, case_id)

    assert look(room, case_id).state.holder == other.id


@pytest.mark.parametrize("act", [contact, decide])
def test_another_officers_case_is_read_and_not_worked_on(room: Room, made: make_room.Founded, other: make_room.Insider, case_id: UUID, act):
    contact(room, made.lead, case_id)

    with pytest.raises(Refused) as refusal:
        act(room, other, case_id)

    assert "hand it over" in refusal.value.fix


def test_an_offered_case_stays_where_it_is_until_the_other_takes_it(
    room: Room, made: make_room.Founded, other: make_room.Insider, case_id: UUID
):
    with room.work(made.lead.id) as work:
        holding.offer(work, EVERYWHERE, case_id, other.id)
    assert (look(room, case_id).state.holder, look(room, case_id).offered_to) == (made.lead.id, "B Driftwood")

    with room.work(other.id) as work:
        holding.answer(work, EVERYWHERE, case_id, accepted=True)

    assert (look(room, case_id).state.holder, look(room, case_id).offered_to) == (other.id, "")


def test_an_offered_case_that_is_handed_back_stays(room: Room, made: make_room.Founded, other: make_room.Insider, case_id: UUID):
    with room.work(made.lead.id) as work:
        holding.offer(work, EVERYWHERE, case_id, other.id)

    with room.work(other.id) as work:
        holding.answer(work, EVERYWHERE, case_id, accepted=False)

    assert (look(room, case_id).state.holder, look(room, case_id).offered_to) == (made.lead.id, "")


def test_only_the_one_who_was_asked_takes_an_offered_case(room: Room, made: make_room.Founded, other: make_room.Insider, case_id: UUID):
    with room.work(made.lead.id) as work:
        holding.offer(work, EVERYWHERE, case_id, other.id)

    with pytest.raises(Refused), room.work(made.lead.id) as work:
        holding.answer(work, EVERYWHERE, case_id, accepted=True)


def test_nobody_is_offered_a_case_of_a_place_where_they_do_not_work(room: Room, made: make_room.Founded, records: Records, case_id: UUID):
    elsewhere = make_room.officer(room, made.lead, made.sheet, "q.quill", sites=(make_people.site(records, "OM", "Old Mill"),))

    with pytest.raises(Refused), room.work(made.lead.id) as work:
        holding.offer(work, EVERYWHERE, case_id, elsewhere.id)


def test_the_lead_gives_a_case_to_somebody_else(room: Room, made: make_room.Founded, other: make_room.Insider, case_id: UUID):
    contact(room, other, case_id)

    with room.work(made.lead.id) as work:
        holding.give(work, case_id, made.lead.id)

    assert look(room, case_id).state.holder == made.lead.id


def test_the_case_of_somebody_who_left_is_free_again(room: Room, made: make_room.Founded, other: make_room.Insider, case_id: UUID):
    contact(room, other, case_id)
    setup.remove_officer(room, made.lead.id, room.keys, other.id)
    make_room.inside(room, made.lead)

    contact(room, made.lead, case_id)

    assert look(room, case_id).state.holder == made.lead.id


def test_of_two_officers_deciding_at_once_one_wins_and_the_other_is_told(
    room: Room, made: make_room.Founded, other: make_room.Insider, case_id: UUID
):
    contact(room, made.lead, case_id)
    seen_by_both = look(room, case_id).state.revision
    with room.work(made.lead.id) as work:
        practice.decide(work, room.office, EVERYWHERE, case_id, Ruling(Choice.CONTINUE, agreed=True), revision=seen_by_both)

    with pytest.raises(SomebodyWasFirst) as refusal, room.work(other.id) as work:
        practice.decide(work, room.office, EVERYWHERE, case_id, Ruling(Choice.NO_ACTION, agreed=True), revision=seen_by_both)

    assert "another officer was first" in refusal.value.fix
    assert [one.choice for one in look(room, case_id).decisions] == [Choice.CONTINUE]


@pytest.mark.parametrize("turn", range(5))
def test_of_two_officers_deciding_at_the_same_instant_exactly_one_wins(
    room: Room, made: make_room.Founded, other: make_room.Insider, case_id: UUID, turn: int
):
    contact(room, made.lead, case_id)
    with room.work(made.lead.id) as work:
        holding.give(work, case_id, (made.lead, other)[turn % 2].id)
    revision, together = look(room, case_id).state.revision, Barrier(2)

    def decide_now(choice: Choice) -> str:
        together.wait()
        try:
            with room.work((made.lead, other)[turn % 2].id) as work:
                practice.decide(work, room.office, EVERYWHERE, case_id, Ruling(choice, agreed=True), revision=revision)
        except SomebodyWasFirst:
            return "told"
        return "won"

    with ThreadPoolExecutor(2) as both:
        ends = sorted(both.map(decide_now, (Choice.CONTINUE, Choice.NO_ACTION)))

    assert ends == ["told", "won"]
    assert len(look(room, case_id).decisions) == 1


def test_a_contact_noted_from_an_old_page_is_not_written_over_the_new_state(room: Room, made: make_room.Founded, case_id: UUID):
    old = look(room, case_id).state.revision
    contact(room, made.lead, case_id)

    with pytest.raises(SomebodyWasFirst):
        contact(room, made.lead, case_id, Outcome.NOT_REACHED, revision=old)

    assert len(look(room, case_id).contacts) == 1
