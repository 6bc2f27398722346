"""Keys lost, keys changed, keys exchanged: what brings a lead back, what a kill leaves, and what a cold server opens."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cbi.access import Role
from cbi.checks.tables import Letter
from cbi.errors import Refused
from cbi.protection import cases, keys, office, setup, unlock
from cbi.protection.keys import RoomKeys, StrangeLetter
from cbi.protection.room import Room
from cbi.protection.tables import RecoverySheet
from cbi.store.keys import Keyring, WrongKey, office_key
from cbi.store.records import Records
from tests import make, make_people, make_room
from tests.cbi.payouts import faults
from tests.cbi.protection.acts import EVERYWHERE, kinds, look

NEW = "velvet antenna parsnip ocean"


def _letters_seen(room: Room) -> int:
    with room.read() as reading:
        return len(cases.waiting(reading, room.office, EVERYWHERE))


def test_a_lead_who_lost_the_passphrase_comes_back_with_the_sheet_and_reads_everything(room: Room, made: make_room.Founded, case_id: UUID):
    room.lock_all()

    brought = setup.recover_lead(room, made.sheet, made.lead.name, NEW)

    with pytest.raises(Refused):
        make_room.inside(room, made.lead)
    make_room.inside(room, make_room.Insider(made.lead.name, NEW, brought.handed))
    assert look(room, case_id).private.answers == make_room.HARDER
    assert "protection.LeadRecovered" in kinds(room)
    assert room.locked_verdict().verified


def test_a_sheet_that_was_used_opens_nothing_and_the_one_in_its_place_does(room: Room, made: make_room.Founded):
    brought = setup.recover_lead(room, made.sheet, made.lead.name, NEW)

    with pytest.raises(Refused, match="own recovery sheet"):
        unlock.keys_from_sheet(room, made.sheet)
    assert keys.fingerprint(unlock.keys_from_sheet(room, brought.sheet).intake_public) == brought.fingerprint


def test_the_sheet_brings_back_nobody_but_a_lead(room: Room, made: make_room.Founded):
    make_room.inside(room, made.lead)
    other = make_room.officer(room, made.lead, made.sheet)

    with pytest.raises(Refused, match="name the lead"):
        setup.recover_lead(room, made.sheet, other.name, NEW)
    with pytest.raises(Refused, match="nobody in the room has it"):
        setup.recover_lead(room, made.sheet, "n.obody", NEW)
    make_room.inside(room, other)


def test_a_lead_who_moves_money_by_now_is_not_brought_back(room: Room, made: make_room.Founded, records: Records):
    person = make.staff(records, Role.RELEASER)
    with records.engine.execution_options(writing=True).begin() as connection:
        connection.exec_driver_sql("UPDATE staff SET sign_in_name = ? WHERE id = ?", (made.lead.name, person.hex))

    with pytest.raises(Refused, match="choose another person"):
        setup.recover_lead(room, made.sheet, made.lead.name, NEW)


def test_other_keys_sealed_to_the_sheet_stop_everything(room: Room, made: make_room.Founded):
    public = keys.public_of(keys.Sheet.read(made.sheet).private)
    with room.engine.execution_options(writing=True).begin() as connection:
        connection.execute(sa.update(RecoverySheet).values(body=keys.hand_over(RoomKeys.new(), public)))

    with pytest.raises(unlock.RedStop):
        setup.recover_lead(room, made.sheet, made.lead.name, NEW)
    make_room.inside(room, made.lead)


def test_with_an_exchanged_published_key_neither_sheet_nor_commands_do_anything(room: Room, made: make_room.Founded):
    office.publish(made.settings, RoomKeys.new().published)

    with pytest.raises(unlock.RedStop):
        setup.recover_lead(room, made.sheet, made.lead.name, NEW)
    with pytest.raises(unlock.RedStop):
        setup.prove_lead(room, made.lead.name, made.lead.passphrase, made.lead.code())
    assert kinds(room).count("protection.PublishedKeyDiffers") == 2


def test_a_change_of_keys_killed_at_any_write_leaves_the_old_ones_whole_and_the_next_try_completes(
    room: Room, made: make_room.Founded, records: Records, case_id: UUID
):
    other = make_room.officer(room, made.lead, made.sheet)
    before = room.keys
    with faults.failing(room.locked, 10_000, "the process dies") as all_writes:
        left = faults.content(room.locked)
    at, killed = 0, 0
    while True:
        at += 1
        try:
            with faults.failing(room.locked, at, "the process dies") as all_writes:
                setup.remove_officer(room, made.lead.id, before, other.id)
        except faults.Killed:
            killed += 1
            assert faults.content(room.locked) == left
            assert office.published(made.settings).intake == before.intake_public
            assert _letters_seen(room) == 1
        else:
            break

    assert killed == len(all_writes) >= 15
    make_room.inside(room, made.lead)
    assert room.keys.master != before.master
    assert look(room, case_id).private.answers == make_room.HARDER
    with pytest.raises(Refused):
        make_room.inside(room, other)


def test_the_keys_somebody_left_with_open_nothing_that_was_sealed_again_and_no_letter_sealed_since(
    room: Room, made: make_room.Founded, records: Records, case_id: UUID
):
    known = room.keys
    other = make_room.officer(room, made.lead, made.sheet)
    setup.remove_officer(room, made.lead.id, known, other.id)
    make_room.letter(records, make_people.household(records, given="Pepper"), make_room.TALK_TODAY)

    [*earlier, newest] = _bodies(records)
    with pytest.raises(StrangeLetter):
        keys.open_any(newest, known)
    assert all(keys.open_any(body, known) for body in earlier)  # she could have read those; the room's copies are another matter
    for subject, wrapped in _wrapped(room.engine.url.database):
        with pytest.raises(WrongKey):
            keys.keyring_of(known).unwrap(subject, wrapped)


def test_a_process_that_still_holds_old_keys_locks_itself_at_the_next_page(made: make_room.Founded, case_id: UUID, room: Room):
    later = make_room.later(made, minutes=2)
    app = make_room.app_of(later)
    served: Room = app.extensions["cbi.room"]
    other = make_room.officer(room, made.lead, made.sheet)
    visitor = make_room.RoomVisitor(app, later.lead)
    assert served.is_open

    setup.remove_officer(room, made.lead.id, room.keys, other.id)

    assert "Sign in to support" in visitor.see("/support")
    assert not served.is_open
    served.close()


def _bodies(records: Records) -> list[bytes]:
    with records.engine.connect() as connection:
        return list(connection.execute(sa.select(Letter.body).order_by(sa.text("rowid"))).scalars())


def _wrapped(database: str | None) -> list[tuple[UUID, bytes]]:
    assert database
    with sqlite3.connect(database) as connection:
        return [
            (UUID(subject), wrapped)
            for subject, wrapped in connection.execute("SELECT id, wrapped FROM subject_key WHERE wrapped NOT NULL")
        ]


def _everything_at_rest(folder: Path) -> Iterator[bytes]:
    """Every value of 32 bytes in every row of both databases, plain or in hexadecimal, at every place of it, and what lies in small files."""
    for database in folder.glob("*/*.db"):
        with sqlite3.connect(database) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                for row in connection.execute(f'SELECT * FROM "{table}"'):
                    yield from (value if isinstance(value, bytes) else str(value).encode() for value in row)
        connection.close()
    yield from (path.read_bytes() for path in folder.glob("*/**/*") if path.is_file() and path.suffix in {".key", ".sealed"})


def _keys_in(values: Iterator[bytes]) -> set[bytes]:
    found: set[bytes] = set()
    for value in values:
        if len(value) <= 1024:
            found |= {value[place : place + 32] for place in range(len(value) - 31)}
            text = value.decode("ascii", "ignore").strip('"')
            if len(text) >= 64 and all(sign in "0123456789abcdef" for sign in text[:64]):
                found.add(bytes.fromhex(text[:64]))
    return found


def _opens_something(key: bytes, body: bytes, bodies: list[bytes], wrapped: list[tuple[UUID, bytes]]) -> bool:
    attempts = (
        lambda: keys.open_letter(body, key),
        *(lambda one=one: keys.take_over(one, key) for one in bodies),
        *(lambda one=one: keys.keyring_of(RoomKeys(key, key, (key,))).unwrap(*one) for one in wrapped[:1]),
        *(lambda one=one: Keyring(key).unwrap(*one) for one in wrapped[:1]),
        *(lambda one=one: AESGCM(key).decrypt(one[1][:12], one[1][12:], one[0].bytes) for one in wrapped[:1]),
    )
    for attempt in attempts:
        try:
            attempt()
        except (StrangeLetter, WrongKey, InvalidTag, ValueError):
            continue
        return True
    return False


def test_nothing_on_a_cold_server_opens_a_letter_or_a_case(room: Room, made: make_room.Founded, records: Records, case_id: UUID):
    held = room.keys
    room.close()
    folder = records.folder.parent
    with sqlite3.connect(folder / "room" / "protection.db") as connection:
        bodies = [body for table in ("masterkey", "recoverysheet") for (body,) in connection.execute(f"SELECT body FROM {table}")]
    wrapped, letter = _wrapped(str(folder / "room" / "protection.db")), _bodies(records)[0]
    office_keys = {office_key(made.settings), records.keyring._kek, records.keyring.search, records.keyring.signing_seed}

    tried = _keys_in(_everything_at_rest(folder)) | office_keys
    opened = [key for key in tried if _opens_something(key, letter, bodies, wrapped)]

    assert opened == []
    assert len(tried) > 1000
    assert held.intake_public in tried
    assert _opens_something(held.intakes[0], letter, [], [])
    assert _opens_something(held.master, letter, [], wrapped)
    assert _opens_something(keys.Sheet.read(made.sheet).private, letter, bodies, [])
