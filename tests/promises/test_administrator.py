"""Somebody with the disk, both databases and every key of the office reads no letter, opens no case and becomes no officer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, col, select

from cbi.access import Role
from cbi.checks.tables import Letter
from cbi.errors import NotThere, Refused
from cbi.protection import cases, keys, office, officers, unlock
from cbi.protection.keys import Own, RoomKeys
from cbi.protection.tables import MasterKey, Officer
from cbi.protection.unlock import RedStop
from cbi.store.keys import WrongKey
from tests import make_room
from tests.make_room import CHEAP
from tests.promises.conftest import Small
from tests.promises.small_office import Insider
from tests.promises.worlds import World, forked

PASSPHRASE = "granite pillow anchor sundial"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
EVERYWHERE: frozenset[UUID] = frozenset()


@pytest.fixture
def world(small: Small, tmp_path: Path) -> Iterator[World]:
    with forked(small.folder, small.known, tmp_path, count=1) as (one,):
        yield one


def planted(world: World, room_keys: RoomKeys | None, *, body: bytes = b"", name: str = "a.nobody") -> Insider:
    """An officer written into the room's database by hand. room_keys: those the row was made for; body: what lies in its key's place."""
    made = keys.lock(PASSPHRASE, SECRET, CHEAP, room=room_keys.identity if room_keys else bytes(32))
    own = Officer(
        id=uuid4(),
        sign_in_name=name,
        name="Ada Nobody",
        role=Role.PROTECTION_LEAD,
        password_hash=made.password_hash,
        cost=made.cost,
        salt=made.salt,
        wrapped=made.wrapped,
        public_key=made.public_key,
        made_at=world.hands.at,
    )
    kept = body or keys.hand_over(room_keys or RoomKeys.new(), made.public_key)
    with Session(world.room.engine.execution_options(writing=True)) as session:
        officer_id = own.id
        session.add(own)
        session.commit()
        session.add(MasterKey(id=uuid4(), officer_id=officer_id, generation=99, body=kept))
        session.commit()
    return Insider(officer_id, name, PASSPHRASE, SECRET)


def enter(world: World, who: Insider) -> unlock.Answer:
    world.told_the_time()
    return unlock.sign_in(world.room, who.name, who.passphrase, world.code(who))


def body_of(world: World, who: str) -> bytes:
    with world.room.locked.read() as reading:
        mine = select(MasterKey.body).where(col(MasterKey.officer_id) == world.known.insiders[who].id)
        return reading.session.exec(mine).one()


def test_an_officer_written_into_the_rooms_database_with_keys_of_their_own_opens_nothing(world: World):
    stranger = planted(world, RoomKeys.new())

    with pytest.raises(RedStop):
        enter(world, stranger)

    assert not world.room.is_open
    assert not world.room.is_inside(stranger.id)


def test_an_officer_written_in_with_the_leads_own_sealed_key_opens_nothing(world: World):
    stranger = planted(world, None, body=body_of(world, "lead"))

    with pytest.raises(RedStop):
        enter(world, stranger)

    assert not world.room.is_open


def test_a_passphrase_put_in_place_of_the_leads_opens_nothing_and_keeps_the_room_shut(world: World):
    lead = world.known.insiders["lead"]
    made = keys.lock(PASSPHRASE, SECRET, CHEAP, room=bytes(32))
    with Session(world.room.engine.execution_options(writing=True)) as session:
        row = session.get(Officer, lead.id)
        assert row is not None
        row.password_hash, row.cost, row.salt, row.wrapped, row.totp_step = made.password_hash, made.cost, made.salt, made.wrapped, 0
        session.add(row)
        session.commit()

    with pytest.raises(RedStop):
        enter(world, Insider(lead.id, lead.name, PASSPHRASE, SECRET))

    assert not world.room.is_open


def test_a_room_of_ones_own_behind_a_swapped_key_reads_nothing_of_before_and_is_met_by_the_next_officer(world: World):
    world.inside()
    with world.room.read() as reading:
        before = [line.id for line in cases.waiting(reading, world.room.office, EVERYWHERE)]
    world.room.lock_all()
    mine = RoomKeys.new()
    stranger = planted(world, mine)
    office.publish(world.room.settings, mine.published)

    with pytest.raises(WrongKey):
        enter(world, stranger)

    assert not world.room.is_open
    with world.records.read() as look:
        sealed = look.session.exec(select(Letter.body)).all()
    assert len(before) == 2
    assert len(sealed) == 6  # three letters of visits, and what was said at the desk left three apart
    for body in sealed:
        with pytest.raises(keys.StrangeLetter):
            keys.open_any(body, mine)
    with pytest.raises(RedStop):
        world.inside()
    assert not world.room.is_open


def test_an_administrators_seat_in_the_office_is_nobody_in_the_room(world: World):
    world.told_the_time()
    with world.records.read() as reading:
        from cbi.staff.tables import Staff

        name = reading.session.exec(select(Staff.sign_in_name).where(col(Staff.id) == world.known.seats["administrator"])).one()

    with pytest.raises(Refused):
        unlock.sign_in(world.room, name, PASSPHRASE, "000000")
    with pytest.raises(NotThere):
        _ = world.room.keys
    with pytest.raises(Refused):
        officers.refuse_conflicts([Role.ADMINISTRATOR], Role.OFFICER)


def test_what_an_officers_passphrase_opens_is_nowhere_at_rest(world: World):
    lead = world.known.insiders["lead"]
    with world.room.locked.read() as reading:
        row = reading.session.get(Officer, lead.id)
        assert row is not None
        own: Own = keys.unlock(lead.passphrase, officers.locked_of(row))
    world.inside("lead")
    secrets = [own.private, world.room.keys.master, world.room.keys.signing, *world.room.keys.intakes, lead.totp_secret.encode()]

    on_disk = b"".join(path.read_bytes() for path in sorted(world.folder.rglob("*")) if path.is_file())

    assert [one for one in secrets if one in on_disk or one.hex().encode() in on_disk] == []
    assert json.dumps(lead.passphrase)[1:-1].encode() not in on_disk
    assert lead.passphrase == make_room.PASSPHRASE
