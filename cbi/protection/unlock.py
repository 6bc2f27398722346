"""Signing in to the room is opening it: passphrase and code, the officer's keys, the published key compared, the office read once."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from threading import BoundedSemaphore
from uuid import UUID

from sqlmodel import col, select

from cbi.access import Role
from cbi.errors import Refused
from cbi.protection import feedback, odd, office, officers
from cbi.protection import keys as room_keys
from cbi.protection.facts import PublishedKeyDiffers, RoomOpened, SignedIn, SignInRefused
from cbi.protection.facts_feedback import PublishedReadersPutRight
from cbi.protection.intake import Taken, households_in, seen_letters, take_in, wanted_households
from cbi.protection.keys import Cost, Locked, Own, RoomKeys, Sheet, WrongPassphrase
from cbi.protection.purge import purge
from cbi.protection.readers import READERS, own_readers, published_are_ours
from cbi.protection.room import Room
from cbi.protection.tables import MasterKey, Officer, RecoverySheet
from cbi.staff.credentials import CodeAnswer, any_fits, check_code, is_recovery_code, wait_after
from cbi.store.keys import WrongKey
from cbi.store.work import Actor
from cbi.web.words import _

# Each run holds 128 MiB: two at once on a small machine, the others wait their turn.
_AT_ONCE = BoundedSemaphore(2)


class RedStop(Refused):
    """The office publishes other keys than the room's own, or other keys lie where the room's should. It stays closed until the lead knows why."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "stop, let nobody ask anything, and ring the lead: the published key or the keys in the room's database are not the room's own"
            )
        )


@dataclass(frozen=True)
class Proved:
    """Somebody who proved who they are. keys: the room's, None for seats that open no letters.  own: what her passphrase opens."""

    officer_id: UUID
    keys: RoomKeys | None = field(repr=False)
    own: Own = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """What happened when somebody signed in. letters: new ones taken from the box; fingerprint: of the published key, b"" for seats that open nothing."""

    officer_id: UUID
    letters: int = 0
    strange: int = 0
    fingerprint: bytes = b""


def sign_in(room: Room, sign_in_name: str, passphrase: str, code: str) -> Answer:
    """Prove who one is, and open the room.

    Raises Refused, always in the same words, when name, passphrase or code do not fit; RedStop when the published key is not the room's.
    """
    proved = prove(room, sign_in_name, passphrase, code)
    _refuse_seats(room, proved.officer_id)
    if proved.keys is None:
        _admit(room, proved)
        return Answer(proved.officer_id)
    compare(room, proved.officer_id, proved.keys)
    taken = open_with(room, proved.officer_id, proved.keys)
    return Answer(proved.officer_id, taken.letters, taken.strange, room_keys.fingerprint(proved.keys.intake_public))


def prove(room: Room, sign_in_name: str, passphrase: str, code: str) -> Proved:
    """Check name, passphrase and code; a failure makes the next try wait longer, and a code counts once."""
    with room.locked.read() as reading:
        officer = officers.named(reading, sign_in_name)
        now = reading.now
    locked = _nobody(room.cost) if officer is None else officers.locked_of(officer)
    with _AT_ONCE:
        own = _own(passphrase, locked)
    if officer is None or _waits(officer, now, code):
        raise _refusal()
    if own is None or not _second_factor(room, officer.id, own, code):
        _note_failure(room, officer.id)
        raise _refusal()
    return Proved(officer.id, _room_keys(room, officer.id, own), own)


def compare(room: Room, officer_id: UUID, keys: RoomKeys) -> None:
    """Hold the published keys against the room's own. Raises RedStop when one differs, and writes it into the chain.

    The room's own earlier keys mean that the last change of keys was interrupted before it was published, or that this office
    is from before the room signed versions of the check: that is made good.
    """
    compare_readers(room, officer_id)
    published = office.published(room.settings)
    if published == keys.published:
        return
    if published in keys.published_before:
        office.publish(room.settings, keys.published)
        return
    with room.locked.work(Actor(officer_id)) as work:
        work.remember(PublishedKeyDiffers(officer_id=officer_id))
    raise RedStop


def compare_readers(room: Room, officer_id: UUID) -> None:
    """Hold the published focal points' keys against those the room itself gave out. Raises RedStop for a key that was never one of them.

    Fewer mean that the last change was interrupted before it was published: that is made good. Earlier keys, other names, tracks or places
    may mean the same, or that somebody put them there: that is made good too, and written into the chain.
    """
    published = office.published_readers(room.settings)
    with room.locked.read() as reading:
        ours, known = own_readers(reading), published_are_ours(reading, published)
    if published == ours:
        return
    if known:
        if not set(published) <= set(ours):
            with room.locked.work(Actor(officer_id)) as work:
                work.remember(PublishedReadersPutRight(officer_id=officer_id))
        office.publish_readers(room.settings, ours)
        return
    with room.locked.work(Actor(officer_id)) as work:
        work.remember(PublishedKeyDiffers(officer_id=officer_id))
    raise RedStop


def open_with(room: Room, officer_id: UUID, keys: RoomKeys) -> Taken:
    """Read the office, take new letters in, purge what is old, and let the officer in."""
    records = room.records_with(keys)
    with room.opening:  # one at a time, or two officers would take the same letters
        with records.read() as reading:
            seen = seen_letters(reading)
            known = wanted_households(reading) | households_in(odd.kept(reading), keys)
        swept = office.sweep(room.settings, seen, lambda letters: known | households_in(letters, keys))
        with records.work(Actor(officer_id)) as work:
            taken = take_in(work, keys, swept)
            work.remember(RoomOpened(officer_id=officer_id, letters=taken.letters, strange=taken.strange))
        room.enter(officer_id, keys, swept.office)
    purge(room)
    return taken


def _admit(room: Room, proved: Proved) -> None:
    """Let somebody in whose seat opens no letters: she gets what her seat may know of the office, and nothing of the room."""
    with room.locked.read() as reading:
        officer = reading.session.get(Officer, proved.officer_id)
        assert officer is not None
    if officer.role in READERS:
        compare_readers(room, proved.officer_id)
        feedback.bring_in(room, proved.officer_id, proved.own.private)
    seen = office.glance(room.settings, officers.sites_of(officer), young=officer.role is Role.CHILD)
    room.admit(proved.officer_id, proved.own.private, seen)


def keys_from_sheet(room: Room, text: str) -> RoomKeys:
    """The room's keys from the recovery sheet. Raises Refused when it is not this room's, RedStop when other keys were sealed to it."""
    typed = Sheet.read(text)
    public = room_keys.public_of(typed.private)
    with room.locked.read() as reading:
        sheet = reading.session.exec(select(RecoverySheet).where(col(RecoverySheet.public_key) == public)).first()
    if sheet is None:
        raise Refused(_("take this room's own recovery sheet: this one opens nothing here"))
    try:
        return typed.open(sheet.body)
    except WrongKey as wrong:
        raise RedStop from wrong


def _refuse_seats(room: Room, officer_id: UUID) -> None:
    # Checked at joining and again at every use: the office may have given this person another seat since.
    with room.locked.read() as reading:
        officer = reading.session.get(Officer, officer_id)
        assert officer is not None
    officers.refuse_conflicts(office.roles_of(room.settings, officer.sign_in_name), officer.role)


def _own(passphrase: str, locked: Locked) -> Own | None:
    if not room_keys.passphrase_fits(passphrase, locked):
        return None
    try:
        return room_keys.unlock(passphrase, locked)
    except WrongPassphrase:
        return None


def _waits(officer: Officer, now: datetime, code: str) -> bool:
    return officer.wait_until is not None and officer.wait_until > now and not _is_recovery(officer, code)


def _is_recovery(officer: Officer, code: str) -> bool:
    return is_recovery_code(code) and any_fits(json.loads(officer.recovery), officers.recovery_digest(officer.id, code))


def _second_factor(room: Room, officer_id: UUID, own: Own, code: str) -> bool:
    with room.locked.work(Actor(officer_id)) as work:
        # The row is held from here to the commit: of two requests with one code, the second finds its step used.
        row = work.session.exec(select(Officer).where(col(Officer.id) == officer_id).with_for_update()).one()
        if _is_recovery(row, code):
            used = officers.recovery_digest(officer_id, code)
            row.recovery = json.dumps([one for one in json.loads(row.recovery) if one != used])
        else:
            check = check_code(own.totp_secret, code, at=work.now, last_step=row.totp_step)
            if check.answer is not CodeAnswer.GOOD:
                return False
            row.totp_step = check.step
        row.failures, row.wait_until = 0, None
        work.add(row)
        work.remember(SignedIn(officer_id=officer_id))
        return True


def _note_failure(room: Room, officer_id: UUID) -> None:
    with room.locked.work(Actor(officer_id)) as work:
        row = work.session.exec(select(Officer).where(col(Officer.id) == officer_id).with_for_update()).one()
        row.failures += 1
        row.wait_until = work.now + wait_after(row.failures)
        work.add(row)
        work.remember(SignInRefused(officer_id=officer_id))


def _refusal() -> Refused:
    # One sentence for an unknown name, a wrong passphrase, a used code and a try that came too soon: it tells nothing apart.
    return Refused(
        _("check the name, the passphrase and the code; after several tries wait 15 minutes, or type a recovery code in place of the code")
    )


def _room_keys(room: Room, officer_id: UUID, own: Own) -> RoomKeys | None:
    with room.locked.read() as reading:
        bodies = reading.session.exec(
            select(MasterKey.body).where(col(MasterKey.officer_id) == officer_id).order_by(col(MasterKey.generation).desc())
        ).all()
    try:
        return room_keys.take_over(bodies[0], own.private, room=own.room) if bodies else None
    except WrongKey as wrong:
        raise RedStop from wrong


@cache
def _nobody(cost: Cost) -> Locked:
    """Keys of nobody, so that an unknown name takes as long as a known one."""
    return room_keys.lock("nobody at all signs in", "A" * 32, cost, room=bytes(32))
