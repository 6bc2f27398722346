"""Letters taken out of the box: once, sealed again, assessed, filed or put before an officer."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import select

from cbi.checks.letter import seal_letter
from cbi.checks.tables import Letter
from cbi.people import lives_homes
from cbi.people.lives_homes import Split
from cbi.people.registered import open_household
from cbi.people.tables import Consent, Relation
from cbi.protection import history, outbox, practice
from cbi.protection.cases import Dossier, filed, open_case, waiting
from cbi.protection.dossier import Stage, about_of, state_of
from cbi.protection.keys import RoomKeys
from cbi.protection.room import Room
from cbi.protection.tables import Case, LetterCopy, SeenLetter
from cbi.store.engines import checkpoint_wal
from cbi.store.records import Records
from cbi.store.work import Actor
from screening import Band
from tests import make_people, make_room

EVERYWHERE: frozenset = frozenset()


def _lines(room: Room):
    with room.read() as reading:
        return waiting(reading, room.office, EVERYWHERE)


def _count(room: Room, table) -> int:
    with room.read() as reading:
        return reading.session.exec(select(sa.func.count()).select_from(table)).one()


def test_a_letter_that_asks_for_a_talk_is_put_before_an_officer_with_its_household(room: Room, made: make_room.Founded, records: Records):
    site = make_people.site(records)
    household = make_people.household(records, site)
    make_room.letter(records, household, make_room.TALK_TODAY, site_id=site)

    answer = make_room.inside(room, made.lead)

    [line] = _lines(room)
    assert answer.letters == 1
    assert line.band is Band.CRITICAL
    assert line.site == "Bahari Field"
    assert line.number == room.office.households[household].number


def test_a_letter_that_needs_nobody_is_filed(room: Room, made: make_room.Founded, records: Records):
    make_room.letter(records, make_people.household(records), make_room.NOTHING)

    make_room.inside(room, made.lead)

    assert _lines(room) == []
    with room.read() as reading:
        assert filed(reading, EVERYWHERE) == 1


def test_a_second_unlock_takes_nothing_twice(room: Room, made: make_room.Founded, records: Records):
    make_room.letter(records, make_people.household(records), make_room.TALK_TODAY)
    make_room.inside(room, made.lead)

    again = make_room.inside(room, made.lead)

    assert again.letters == 0
    assert (_count(room, Case), _count(room, LetterCopy), _count(room, SeenLetter)) == (1, 1, 1)


def test_the_box_in_the_office_is_only_read(room: Room, made: make_room.Founded, records: Records):
    letter_id = make_room.letter(records, make_people.household(records), make_room.TALK_TODAY)
    with records.read() as reading:
        before = reading.session.get(Letter, letter_id).body
        entries = reading.session.exec(select(sa.func.count()).select_from(reading.system.audit_entry)).one()

    make_room.inside(room, made.lead)

    with records.read() as reading:
        assert reading.session.get(Letter, letter_id).body == before
        assert reading.session.exec(select(sa.func.count()).select_from(reading.system.audit_entry)).one() == entries


def test_a_letter_sealed_to_another_key_is_counted_and_holds_nobody_up(room: Room, made: make_room.Founded, records: Records):
    make_room.letter(records, make_people.household(records), make_room.TALK_TODAY)
    with records.engine.execution_options(writing=True).begin() as connection:
        body = seal_letter({"household": "x"}, RoomKeys.new().intake_public)
        connection.execute(sa.insert(Letter).values(id=make_room.uuid4(), day=date(2026, 11, 23), body=body))

    answer = make_room.inside(room, made.lead)

    assert (answer.letters, answer.strange) == (1, 1)


def test_a_letter_that_opens_to_nonsense_is_counted_and_holds_nobody_up(room: Room, made: make_room.Founded, records: Records):
    make_room.letter(records, "not a household", make_room.TALK_TODAY)  # type: ignore[arg-type]
    make_room.letter(records, make_people.household(records), {"H16": "harder", "H99": "what", "H05": ["no", 7]})

    answer = make_room.inside(room, made.lead)

    assert (answer.letters, answer.strange) == (1, 1)
    assert _lines(room)[0].band is Band.HIGH


def test_delivery_choices_that_came_later_are_read_beside_their_letter(room: Room, made: make_room.Founded, records: Records):
    household = make_people.household(records)
    make_room.letter(records, household, make_room.HARDER)
    make_room.inside(room, made.lead)
    choices = make_room.letter(records, household, {"H01": ["closer"]}, kind="choices", hours=["mon-morning"])

    make_room.inside(room, made.lead)

    with room.read() as reading:
        [row] = reading.session.exec(select(Case)).all()
        assert about_of(reading, row).choices_id == choices
        assert state_of(reading, row).stage is Stage.QUEUED
    assert _lines(room)[0].reach.until is not None


def test_choices_alone_make_no_case(room: Room, made: make_room.Founded, records: Records):
    make_room.letter(records, make_people.household(records), {"H11": "cannot", "H12": ["home"]}, kind="choices")

    make_room.inside(room, made.lead)

    assert _count(room, Case) == 0
    assert _count(room, LetterCopy) == 1


def test_a_household_the_office_erased_is_let_go_at_the_next_unlock(room: Room, made: make_room.Founded, records: Records):
    household = make_people.household(records)
    make_room.letter(records, household, make_room.TALK_TODAY)
    make_room.inside(room, made.lead)
    with records.work(Actor()) as work:
        work.vault.destroy(work.session, household, at=work.now)

    make_room.inside(room, made.lead)

    assert (_count(room, Case), _count(room, LetterCopy)) == (0, 0)


def test_filed_and_waiting_look_the_same_on_the_disk(room: Room, made: make_room.Founded, records: Records):
    make_room.letter(records, make_people.household(records), make_room.TALK_TODAY)
    make_room.letter(records, make_people.household(records, given="Pepper"), make_room.NOTHING)

    make_room.inside(room, made.lead)

    with room.read() as reading:
        rows = reading.session.exec(select(Case)).all()
    assert len({(len(row.about), len(row.state), row.closed_at) for row in rows}) == 1


def test_whoever_holds_both_databases_and_the_offices_key_finds_no_answer(room: Room, made: make_room.Founded, records: Records):
    household = make_people.household(records)
    make_room.letter(records, household, {**make_room.HARDER, **make_room.TALK_TODAY, "H05": "cannot_refuse_marker"})
    make_room.inside(room, made.lead)
    checkpoint_wal(records.engine)
    checkpoint_wal(room.engine)

    disk = b"".join(path.read_bytes() for path in Path(records.folder.parent).rglob("*") if path.is_file())

    # The house in which it was lived is in the office; what was said, and whose letter it was, is nowhere.
    for plain in (b"harder", b"cannot_refuse_marker", b'"H16"', b"H22", b"critical", b"queued"):
        assert plain not in disk, plain
    room_disk = b"".join(path.read_bytes() for path in (Path(records.folder.parent) / "room").rglob("*") if path.is_file())
    assert household.bytes not in room_disk
    assert str(household).encode() not in room_disk
    assert household.hex.encode() not in room_disk


def test_a_letter_that_names_another_instrument_is_no_path_to_a_file(room: Room, made: make_room.Founded, records: Records):
    make_room.letter(records, make_people.household(records), make_room.TALK_TODAY, instrument="../../etc")

    assert make_room.inside(room, made.lead).strange == 1


def _said_by(records: Records) -> list[str]:
    with sqlite3.connect(records.folder / "office.db") as connection:
        return list(connection.iterdump())


def test_the_office_holds_the_same_whatever_happens_in_the_room(room: Room, made: make_room.Founded, records: Records):
    make_room.letter(records, make_people.household(records), make_room.TALK_TODAY)
    make_room.letter(records, make_people.household(records, given="Pepper"), make_room.HARDER)
    before = _said_by(records)

    make_room.inside(room, made.lead)
    for line in _lines(room):
        with room.work(made.lead.id) as work:
            practice.note_contact(work, room.office, EVERYWHERE, line.id, history.Outcome.REACHED)
        with room.work(made.lead.id) as work:
            practice.decide(work, room.office, EVERYWHERE, line.id, practice.Ruling(history.Choice.CONTINUE, agreed=True))
        with room.work(made.lead.id) as work:
            practice.withdraw(work, EVERYWHERE, line.id, room.keys, plan_kept=True)
    outbox.send(room, made.lead.id)
    room.leave(made.lead.id)

    assert _said_by(records) == before


AGREES = {"consent": Consent.AGREES, "consent_version": 1, "consent_language": "en"}


@pytest.mark.parametrize(("writer", "phone"), [(0, "+9995550142"), (1, "+9995550199")])
def test_after_a_split_a_letter_shows_how_its_own_person_is_reached_and_nobody_else(
    room: Room, made: make_room.Founded, records: Records, writer: int, phone: str
):
    household = make_people.household(records, people=2, phones=("+9995550142",))
    with records.read() as reading:
        people = open_household(reading, household).member_ids
    make_room.letter(records, household, make_room.TALK_TODAY, member=str(people[writer]))
    goes = people[1]
    with records.work(Actor(UUID(int=71))) as work:
        new = Split(leaving=[goes], head_id=goes, recipient_id=goes, phone="+9995550199", **AGREES)
        lives_homes.split(work, household, new, seen_version=1)

    make_room.inside(room, made.lead)

    known = _opened(room, made)
    assert [member.given for member in known.card.members] == ["Juniper", "Tumble 1"]
    assert known.member == known.card.members[writer]
    assert known.card.phones == (phone,)


def test_a_letter_of_nobody_by_name_shows_its_own_households_phone_only(room: Room, made: make_room.Founded, records: Records):
    household = make_people.household(records, people=2, phones=("+9995550142",))
    make_room.letter(records, household, make_room.TALK_TODAY)
    with records.work(Actor(UUID(int=71))) as work:
        goes = open_household(work, household).member_ids[1]
        new = Split(leaving=[goes], head_id=goes, recipient_id=goes, phone="+9995550199", **AGREES)
        lives_homes.split(work, household, new, seen_version=1)

    make_room.inside(room, made.lead)

    assert _opened(room, made).card.phones == ("+9995550142",)


def test_after_a_joining_a_letter_shows_place_language_and_phone_of_the_household_its_person_joined(
    room: Room, made: make_room.Founded, records: Records
):
    there = make_people.household(records, given="Pepper", phones=("+9995550177",), language="fr")
    comes = make_people.household(records, phones=("+9995550142",))
    with records.read() as reading:
        [she] = open_household(reading, comes).member_ids
    make_room.letter(records, comes, make_room.TALK_TODAY, member=str(she))
    with records.work(Actor(UUID(int=71))) as work:
        lives_homes.join(work, there, comes, {she: Relation.OTHER_FAMILY}, seen_version=1)
    quill = make_people.site(records, "QN", "Quill Norte")
    with records.work(Actor(UUID(int=71))) as work:
        lives_homes.move(work, there, quill, "", seen_version=2)

    make_room.inside(room, made.lead)

    known = _opened(room, made)
    assert (known.site, known.card.language, set(known.card.phones)) == ("Quill Norte", "fr", {"+9995550142", "+9995550177"})


def _opened(room: Room, made: make_room.Founded) -> Dossier:
    [line] = _lines(room)
    with room.work(made.lead.id) as work:
        return open_case(work, room.office, EVERYWHERE, line.id)
