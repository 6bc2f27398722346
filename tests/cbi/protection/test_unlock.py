"""Who gets in, and when the room stays closed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from cbi.access import Role
from cbi.errors import NotThere, Refused
from cbi.protection import keys, office, setup, unlock
from cbi.protection.facts import PublishedKeyDiffers
from cbi.protection.keys import Published, RoomKeys
from cbi.protection.room import Room
from cbi.protection.tables import Officer
from cbi.protection.wiring import find_person
from cbi.staff.tables import Staff
from cbi.store.records import Records
from tests import make, make_room

REFUSAL = "check the name, the passphrase and the code"


def _kinds(room: Room) -> list[str]:
    with room.locked.read() as reading:
        return list(reading.session.exec(select(reading.system.audit_entry.kind)))


def test_passphrase_and_code_open_the_room(room: Room, made: make_room.Founded):
    answer = make_room.inside(room, made.lead)

    assert room.is_open
    assert answer.fingerprint == keys.fingerprint(office.published(made.settings).intake)
    assert "protection.RoomOpened" in _kinds(room)


@pytest.mark.parametrize(
    ("name", "passphrase"),
    [("t.halfmoon", "some other passphrase"), ("nobody.here", make_room.PASSPHRASE), ("", ""), ("T.HALFMOON' --", make_room.PASSPHRASE)],
)
def test_a_wrong_name_or_passphrase_is_refused_in_the_same_words(room: Room, made: make_room.Founded, name: str, passphrase: str):
    with pytest.raises(Refused) as refusal:
        unlock.sign_in(room, name, passphrase, made.lead.code())

    assert refusal.value.fix.startswith(REFUSAL)
    assert not room.is_open


def test_a_code_works_once(room: Room, made: make_room.Founded):
    code = made.lead.code()
    unlock.sign_in(room, made.lead.name, made.lead.passphrase, code)

    with pytest.raises(Refused):
        unlock.sign_in(room, made.lead.name, made.lead.passphrase, code)


def test_a_wrong_code_is_refused_and_noted(room: Room, made: make_room.Founded):
    with pytest.raises(Refused):
        unlock.sign_in(room, made.lead.name, made.lead.passphrase, "000000")

    assert _kinds(room)[-1] == "protection.SignInRefused"


def test_after_four_failures_even_the_right_words_have_to_wait_and_a_recovery_code_does_not(room: Room, made: make_room.Founded):
    for _ in range(4):
        with pytest.raises(Refused):
            unlock.sign_in(room, made.lead.name, "wrong", "000000")
    with pytest.raises(Refused):
        unlock.sign_in(room, made.lead.name, made.lead.passphrase, made.lead.code())

    unlock.sign_in(room, made.lead.name, made.lead.passphrase, made.lead.handed.recovery_codes[3])

    assert room.is_open


def test_a_recovery_code_works_once(room: Room, made: make_room.Founded):
    code = made.lead.handed.recovery_codes[0]
    unlock.sign_in(room, made.lead.name, made.lead.passphrase, code)

    with pytest.raises(Refused):
        unlock.sign_in(room, made.lead.name, made.lead.passphrase, code)


def test_another_published_key_stops_everything(room: Room, made: make_room.Founded):
    office.publish(made.settings, RoomKeys.new().published)

    with pytest.raises(unlock.RedStop):
        make_room.inside(room, made.lead)

    assert not room.is_open
    assert _kinds(room)[-1] == PublishedKeyDiffers.kind()


def test_a_published_key_that_was_taken_away_stops_everything(room: Room, made: make_room.Founded):
    office.publish(made.settings, Published(b""))

    with pytest.raises(unlock.RedStop):
        make_room.inside(room, made.lead)


def test_keys_planted_in_the_rooms_database_stop_everything(room: Room, made: make_room.Founded):
    """Whoever can write to both databases seals keys of their own to the officer, and publishes their own letter box."""
    planted = RoomKeys.new()
    office.publish(made.settings, planted.published)
    with room.locked.read() as reading:
        public = reading.session.get(Officer, made.lead.id).public_key
    with room.engine.execution_options(writing=True).begin() as connection:
        connection.exec_driver_sql("UPDATE masterkey SET body = ?", (keys.hand_over(planted, public),))

    with pytest.raises(unlock.RedStop):
        make_room.inside(room, made.lead)

    assert not room.is_open


def test_the_room_locks_after_fifteen_idle_minutes(room: Room, made: make_room.Founded):
    make_room.inside(room, made.lead)
    room.touch(made.lead.id)
    room._opened.seen[made.lead.id] -= timedelta(minutes=15, seconds=1)

    assert not room.is_inside(made.lead.id)
    assert not room.is_open
    with pytest.raises(NotThere):
        _ = room.keys


def test_lock_now_takes_the_keys_out_of_memory(room: Room, made: make_room.Founded):
    make_room.inside(room, made.lead)

    room.leave(made.lead.id)

    assert not room.is_open
    assert _kinds(room)[-1] == "protection.RoomLocked"


def test_an_officer_who_did_not_open_the_room_herself_is_not_inside(room: Room, made: make_room.Founded):
    make_room.inside(room, made.lead)
    other = make_room.officer(room, made.lead, made.sheet)

    assert find_person(room, made.lead.id) is not None
    assert find_person(room, other.id) is None


def test_the_auditor_signs_in_and_opens_nothing(room: Room, made: make_room.Founded):
    make_room.inside(room, made.lead)
    auditor = make_room.officer(room, made.lead, made.sheet, "a.ledger", Role.ROOM_AUDITOR)
    room.lock_all()

    make_room.inside(room, auditor)

    assert not room.is_open
    assert find_person(room, auditor.id).roles == {Role.ROOM_AUDITOR}


def test_a_seat_that_moves_money_given_in_the_office_later_closes_the_room_for_that_person(
    room: Room, made: make_room.Founded, records: Records
):
    person_id = make.staff(records, Role.FINANCE)
    with records.engine.execution_options(writing=True).begin() as connection:
        connection.exec_driver_sql("UPDATE staff SET sign_in_name = 'T.Halfmoon' WHERE id = ?", (person_id.hex,))

    with pytest.raises(Refused) as refusal:
        make_room.inside(room, made.lead)

    assert "who works in the room never prepares" in refusal.value.fix
    assert not room.is_open
    with records.read() as reading:
        assert reading.session.get(Staff, person_id) is not None


def test_the_rooms_chain_is_unbroken_and_its_signatures_fit_while_it_is_open(room: Room, made: make_room.Founded):
    make_room.inside(room, made.lead)
    room.records.sign_checkpoint()

    verdict = room.locked_verdict()

    assert verdict.verified
    assert verdict.checkpoint == verdict.entries


def test_status_says_how_the_room_stands_without_any_count(made: make_room.Founded):
    said = setup.status(made.settings)

    assert said == {
        "ready": True,
        "lead": True,
        "second_officer": False,
        "recovery_sheet": True,
        "key_published": True,
        "chain_verified": True,
    }
    assert not any(isinstance(value, int) and not isinstance(value, bool) for value in json.loads(json.dumps(said)).values())


def test_status_of_a_missing_room_says_what_to_do(records: Records):
    said = setup.status(make_room.Settings(data=records.folder.parent))

    assert said["ready"] is False
    assert "cbi room init" in str(said["needs"])
