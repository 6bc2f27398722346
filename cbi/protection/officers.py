"""Who may enter the room: made here and nowhere else, always with a second person, and never somebody who moves money."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.access import ROOM_ROLES, Role, conflicts
from cbi.errors import Refused
from cbi.protection import keys as room_keys
from cbi.protection.facts import LeadRecovered, OfficerAdded, OfficerRemoved, OfficerReset, RoomFounded
from cbi.protection.keys import Cost, Locked, RoomKeys
from cbi.protection.readers import note_reader
from cbi.protection.tables import MasterKey, Officer, RecoverySheet
from cbi.staff.credentials import WeakPassword, digits_of, new_recovery_codes, new_totp_secret, weakness
from cbi.store.work import Actor, Reading, Work, write_setting
from cbi.web.words import _

# Seats whose people open letters; the others sign in, but no keys of the room are sealed to them.
WITH_KEYS = frozenset({Role.OFFICER, Role.PROTECTION_LEAD})
OFFERED = (Role.OFFICER, Role.PROTECTION_LEAD, Role.PSEA, Role.CHILD, Role.ROOM_AUDITOR)


@dataclass(frozen=True)
class NewOfficer:
    """Somebody who is to join. sites: where she works, () for everywhere."""

    sign_in_name: str
    name: str
    role: Role
    passphrase: str = field(repr=False)
    sites: tuple[UUID, ...] = ()
    language: str = "en"


@dataclass(frozen=True)
class Handed:
    """What a new officer gets once and nobody sees again: the authenticator's secret and the recovery codes."""

    officer_id: UUID
    totp_secret: str = field(repr=False)
    recovery_codes: tuple[str, ...] = field(repr=False)


def first(work: Work, keys: RoomKeys, lead: NewOfficer, *, cost: Cost) -> tuple[Handed, str]:
    """The room's first lead, and the recovery sheet's text: the second person of a room that has only one."""
    row, handed = _make(work, keys, lead, cost)
    write_setting(work.session, work.system, "generation", 1)
    sheet_id, text = _new_sheet(work, keys)
    work.remember(RoomFounded(officer_id=row.id, sheet_id=sheet_id), actor=Actor(row.id))
    return handed, text


def add(work: Work, keys: RoomKeys, new: NewOfficer, *, office_roles: Iterable[Role], second_id: UUID | None, cost: Cost) -> Handed:
    """Let somebody in. second_id: the officer who stands by, None when it is the holder of the recovery sheet.

    Raises Refused when the name is taken or the person holds a seat in the office that never meets one in the room.
    """
    refuse_conflicts(office_roles, new.role)
    if second_id is not None and second_id == work.actor.id:
        raise Refused(_("ask another officer to stand by: two people let somebody in"))
    row, handed = _make(work, keys, new, cost)
    note_reader(work, row)
    work.remember(OfficerAdded(officer_id=row.id, role=new.role.value, second_id=second_id))
    return handed


def reset(work: Work, keys: RoomKeys, officer: Officer, passphrase: str, *, second_id: UUID | None, cost: Cost) -> Handed:
    """Give an officer a new passphrase, second factor and keys; the old ones open nothing any more."""
    if second_id is not None and second_id == officer.id:
        raise Refused(_("ask another officer to stand by: nobody resets themselves"))
    refuse_weak(passphrase, officer.name)
    handed = _lock(officer, passphrase, keys, cost)
    note_reader(work, officer)
    officer.failures, officer.wait_until = 0, None
    work.add(officer)
    generation = _generation(work)
    work.bulk(MasterKey, sa.delete(MasterKey).where(col(MasterKey.officer_id) == officer.id))
    _seal_keys(work, keys, officer, generation)
    work.remember(OfficerReset(officer_id=officer.id, second_id=second_id))
    return handed


def recover(work: Work, keys: RoomKeys, lead: Officer, passphrase: str, *, cost: Cost) -> tuple[Handed, str]:
    """Bring a lead back who lost passphrase or telephone, with the room's keys from the recovery sheet; returns the sheet that takes its place.

    Raises Refused for anybody else: a lead lets the others in again.
    """
    if lead.role is not Role.PROTECTION_LEAD:
        raise Refused(_("name the lead: the recovery sheet brings a lead back, and a lead the others"))
    handed = reset(work, keys, lead, passphrase, second_id=None, cost=cost)
    # The old sheet was taken out of its envelope and typed: what it can open ends here.
    work.bulk(RecoverySheet, sa.delete(RecoverySheet))
    sheet_id, text = _new_sheet(work, keys)
    work.remember(LeadRecovered(officer_id=lead.id, sheet_id=sheet_id))
    return handed, text


def remove(work: Work, officer: Officer) -> None:
    """Take somebody's place away. The caller rotates the keys in the same work: see `rotation.rotate`.

    Raises Refused for the last lead: nobody could publish the notice or let anybody in.
    """
    if officer.left_on is not None:
        raise Refused(_("choose somebody who is still here: this person has left"))
    leads = [one for one in present(work) if one.role is Role.PROTECTION_LEAD and one.id != officer.id]
    if officer.role is Role.PROTECTION_LEAD and not leads:
        raise Refused(_("let another lead in first: the room needs one"))
    officer.left_on = work.today
    work.add(officer)
    work.bulk(MasterKey, sa.delete(MasterKey).where(col(MasterKey.officer_id) == officer.id))
    work.remember(OfficerRemoved(officer_id=officer.id))


def present(reading: Reading) -> Sequence[Officer]:
    """Everybody who may enter, by name."""
    return reading.session.exec(select(Officer).where(col(Officer.left_on).is_(None)).order_by(col(Officer.name), col(Officer.id))).all()


def named(reading: Reading, sign_in_name: str) -> Officer | None:
    """The present officer who signs in by this name."""
    wanted = sign_in_name.strip().casefold()
    return reading.session.exec(select(Officer).where(col(Officer.sign_in_name) == wanted, col(Officer.left_on).is_(None))).first()


def sites_of(officer: Officer) -> frozenset[UUID]:
    """Where an officer works; empty for everywhere. A lead works everywhere."""
    if officer.role is Role.PROTECTION_LEAD:
        return frozenset()
    return frozenset(UUID(site) for site in json.loads(officer.sites))


def locked_of(officer: Officer) -> Locked:
    """An officer's own keys at rest."""
    return Locked(officer.password_hash, officer.cost, officer.salt, officer.wrapped, officer.public_key)


def refuse_conflicts(office_roles: Iterable[Role], role: Role) -> None:
    """Raise Refused when these seats in the office and a seat in the room never meet in one person. At joining and at every unlock."""
    broken = conflicts({*office_roles, role})
    if broken:
        raise Refused(_("choose another person: %(rule)s", rule=broken[0]))


def refuse_weak(passphrase: str, name: str) -> None:
    """Raise Refused for a passphrase that is guessed soon."""
    match weakness(passphrase, name=name):
        case None:
            return
        case WeakPassword.SHORT:
            raise Refused(_("choose a longer passphrase, for example five words that do not belong together"))
        case WeakPassword.LONG:
            raise Refused(_("choose a passphrase of at most 128 letters"))
        case WeakPassword.COMMON:
            raise Refused(_("choose a passphrase that nobody guesses, for example five words that do not belong together"))
        case WeakPassword.NAME:
            raise Refused(_("choose a passphrase without the person's name in it"))


def recovery_digest(officer_id: UUID, typed: str) -> str:
    """What is kept of a recovery code. The codes are random and long, so a plain hash is enough."""
    return sha256(officer_id.bytes + digits_of(typed).encode()).hexdigest()


def _make(work: Work, keys: RoomKeys, new: NewOfficer, cost: Cost) -> tuple[Officer, Handed]:
    name = new.sign_in_name.strip().casefold()
    if not name or not new.name.strip():
        raise Refused(_("enter a name and a sign-in name, for example t.halfmoon"))
    if new.role not in ROOM_ROLES or new.role not in OFFERED:
        raise Refused(_("choose one of the seats of the room"))
    if named(work, name):
        raise Refused(_("choose another sign-in name: this one is taken"))
    refuse_weak(new.passphrase, new.name)
    row = Officer(
        id=work.new_id("officer"),
        sign_in_name=name,
        name=" ".join(new.name.split()),
        role=new.role,
        sites=json.dumps([str(site) for site in new.sites]),
        language=new.language,
        password_hash="",
        cost="",
        salt=b"",
        wrapped=b"",
        public_key=b"",
        made_at=work.now,
    )
    handed = _lock(row, new.passphrase, keys, cost)
    work.add(row)
    work.session.flush()
    _seal_keys(work, keys, row, _generation(work))
    return row, handed


def _new_sheet(work: Work, keys: RoomKeys) -> tuple[UUID, str]:
    made = room_keys.Sheet.new(keys.identity)
    public = room_keys.public_of(made.private)
    body = room_keys.hand_over(keys, public)
    row = RecoverySheet(id=work.new_id("sheet"), public_key=public, generation=_generation(work), body=body, made_at=work.now)
    work.add(row)
    return row.id, made.text


def _lock(row: Officer, passphrase: str, keys: RoomKeys, cost: Cost) -> Handed:
    secret, codes = new_totp_secret(), new_recovery_codes()
    own = room_keys.lock(passphrase, secret, cost, room=keys.identity)
    row.password_hash, row.cost, row.salt, row.wrapped, row.public_key = own.password_hash, own.cost, own.salt, own.wrapped, own.public_key
    row.totp_step = 0
    row.recovery = json.dumps([recovery_digest(row.id, code) for code in codes])
    return Handed(row.id, secret, codes)


def _seal_keys(work: Work, keys: RoomKeys, officer: Officer, generation: int) -> None:
    if officer.role in WITH_KEYS:
        body = room_keys.hand_over(keys, officer.public_key)
        work.add(MasterKey(id=work.new_id("master"), officer_id=officer.id, generation=generation, body=body))


def _generation(reading: Reading) -> int:
    from cbi.store.work import read_setting

    return int(read_setting(reading.session, reading.system, "generation") or 1)
