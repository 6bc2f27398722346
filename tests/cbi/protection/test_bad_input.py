"""What goes wrong in the room is said plainly, kept where it must be, and breaks nothing."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from cbi.access import Role
from cbi.checks.letter import SIZE
from cbi.errors import Refused
from cbi.protection import odd, promises, setup, unlock
from cbi.protection.cases import every_line, waiting
from cbi.protection.room import Room
from cbi.protection.setup import SecondPerson
from cbi.protection.tables import LetterCopy, OddLetter
from cbi.store.records import Records
from tests import make_room
from tests.cbi.protection.acts import EVERYWHERE, count


@pytest.mark.parametrize("spoilt", ["changed", "cut", "foreign", "noise"])
def test_a_letter_that_does_not_open_is_kept_sealed_and_the_others_are_taken(
    room: Room, made: make_room.Founded, records: Records, household: UUID, spoilt: str
):
    make_room.letter(records, household, make_room.HARDER)
    strange = make_room.spoilt_letter(records, spoilt)

    answer = make_room.inside(room, made.lead)

    assert (answer.letters, answer.strange) == (1, 1)
    assert (count(room, LetterCopy), count(room, OddLetter)) == (1, 1)
    with room.read() as reading:
        assert [one.id for one in odd.kept(reading)] == [strange]
        assert len(waiting(reading, room.office, EVERYWHERE)) == 1


def test_a_letter_that_opens_and_holds_nonsense_is_kept_too(room: Room, made: make_room.Founded, records: Records):
    make_room.letter(records, uuid4(), {}, instrument="/etc/passwd")

    assert make_room.inside(room, made.lead).strange == 1

    assert count(room, OddLetter) == 1


def test_a_letter_that_does_not_open_is_told_once_and_to_the_lead(room: Room, made: make_room.Founded, records: Records):
    make_room.spoilt_letter(records)
    make_room.inside(room, made.lead)
    make_room.inside(room, made.lead)

    with room.read() as reading:
        told = promises.for_lead(reading, every_line(reading, room.office, EVERYWHERE))
    assert told.odd == 1


def test_what_an_unreadable_letter_holds_is_kept_as_it_came_and_in_no_plain_column(room: Room, made: make_room.Founded, records: Records):
    make_room.spoilt_letter(records, "noise")
    make_room.inside(room, made.lead)

    with room.read() as reading:
        [row] = reading.session.exec(select(OddLetter)).all()
        assert bytes.fromhex(reading.open(row, "body")) == b"n" * SIZE
        assert b"nnnn" not in row.body


def test_a_lost_passphrase_opens_nothing_until_two_people_give_a_new_one(room: Room, made: make_room.Founded, case_id: UUID):
    other = make_room.officer(room, made.lead, made.sheet)
    with pytest.raises(Refused) as refusal:
        unlock.sign_in(room, other.name, "something else entirely", other.code())
    assert "passphrase" in refusal.value.fix
    with pytest.raises(Refused):
        setup.reset_officer(room, made.lead.id, room.keys, other.id, "copper walrus tangent eleven", SecondPerson())

    handed = setup.reset_officer(room, made.lead.id, room.keys, other.id, "copper walrus tangent eleven", SecondPerson(sheet=made.sheet))

    new = make_room.Insider(other.name, "copper walrus tangent eleven", handed)
    assert make_room.inside(room, new).fingerprint


def test_a_focal_point_with_a_new_passphrase_gets_what_is_handed_over_from_then_on(room: Room, made: make_room.Founded, case_id: UUID):
    who = make_room.officer(room, made.lead, made.sheet, "p.quill", Role.PSEA)
    handed = setup.reset_officer(room, made.lead.id, room.keys, who.id, "copper walrus tangent eleven", SecondPerson(sheet=made.sheet))

    make_room.inside(room, make_room.Insider(who.name, "copper walrus tangent eleven", handed))

    assert room.guest(who.id).office.households == {}
