"""Making a room, letting people in and out, and the weekly notice: what pages and `cbi room` both do."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, select

from cbi.access import Permission, Role, rights_of
from cbi.checks.service import effective_at
from cbi.errors import NotThere, Refused, UnsafeSettings
from cbi.protection import keys as room_keys
from cbi.protection import office, officers, rotation
from cbi.protection.facts import NoticePublished
from cbi.protection.keys import Cost, RoomKeys
from cbi.protection.officers import WITH_KEYS, Handed, NewOfficer
from cbi.protection.readers import READERS, own_readers, refuse_too_many
from cbi.protection.room import Room, found, open_room
from cbi.protection.snapshot import NoticeCard, Office
from cbi.protection.tables import Officer, RecoverySheet
from cbi.protection.unlock import compare, keys_from_sheet, prove
from cbi.settings import Settings
from cbi.store.work import Actor, Reading
from cbi.web.words import _


@dataclass(frozen=True)
class Founded:
    """A new room, or one whose lead was brought back. sheet: the recovery sheet's text, to be printed once and kept by somebody else than the lead."""

    handed: Handed
    sheet: str = field(repr=False)
    fingerprint: bytes
    at: datetime


@dataclass(frozen=True)
class SecondPerson:
    """Who stands by: another officer with her passphrase and code, or the holder of the recovery sheet."""

    sign_in_name: str = ""
    passphrase: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    sheet: str = field(default="", repr=False)


@dataclass(frozen=True)
class Notice:
    """A week's notice, before it is published."""

    week: date
    days: Mapping[UUID, Sequence[date]]
    interviews: int
    on_call: str
    on_call_phone: str


def init_room(settings: Settings, lead: NewOfficer, *, cost: Cost | None = None) -> Founded:
    """Make the room of this operation: keys, first lead, recovery sheet; publish the letter box's key in the office.

    Raises UnsafeSettings when there is a room with people already, Refused for a weak passphrase or a person with seats that never meet.
    """
    officers.refuse_conflicts(office.roles_of(settings, lead.sign_in_name), lead.role)
    officers.refuse_weak(lead.passphrase, lead.name)
    room = _empty_room(settings)
    try:
        keys = RoomKeys.new()
        # Published first: should this stop half-way, there is a key without a room, and `room init` is simply repeated.
        office.publish(settings, keys.published)
        with room.locked.work(Actor()) as work:
            handed, sheet = officers.first(work, keys, lead, cost=cost or Cost())
        return Founded(handed, sheet, room_keys.fingerprint(keys.intake_public), work.now)
    finally:
        room.close()


def add_officer(room: Room, by_id: UUID, keys: RoomKeys, new: NewOfficer, second: SecondPerson) -> Handed:
    """Let somebody in, with a second person standing by. Raises Refused."""
    roles = office.roles_of(room.settings, new.sign_in_name)
    officers.refuse_conflicts(roles, new.role)
    second_id = stand_by(room, by_id, second)
    with room.records_with(keys).work(Actor(by_id)) as work:
        refuse_too_many(work, new.role)
        handed = officers.add(work, keys, new, office_roles=roles, second_id=second_id, cost=room.cost)
    _publish_readers(room, new.role)
    return handed


def reset_officer(room: Room, by_id: UUID, keys: RoomKeys, officer_id: UUID, passphrase: str, second: SecondPerson) -> Handed:
    """Give somebody who lost passphrase or telephone new ones, with a second person standing by. Raises Refused."""
    second_id = stand_by(room, by_id, second)
    with room.records_with(keys).work(Actor(by_id)) as work:
        officer = _officer(work, officer_id)
        role, handed = officer.role, officers.reset(work, keys, officer, passphrase, second_id=second_id, cost=room.cost)
    _publish_readers(room, role)
    return handed


def recover_lead(room: Room, sheet: str, sign_in_name: str, passphrase: str) -> Founded:
    """Bring back a lead who lost passphrase or telephone: the recovery sheet stands for everybody else. Another sheet takes its place.

    Raises Refused when the sheet is not this room's, or the name no lead's; RedStop when the published key is not the room's.
    """
    keys = keys_from_sheet(room, sheet)
    lead_id = named(room, sign_in_name)
    officers.refuse_conflicts(office.roles_of(room.settings, sign_in_name), Role.PROTECTION_LEAD)
    compare(room, lead_id, keys)
    with room.records_with(keys).work(Actor(name="the recovery sheet")) as work:
        handed, text = officers.recover(work, keys, _officer(work, lead_id), passphrase, cost=room.cost)
    return Founded(handed, text, room_keys.fingerprint(keys.intake_public), work.now)


def named(room: Room, sign_in_name: str) -> UUID:
    """For commands: whoever in the room has this sign-in name. Raises Refused."""
    with room.locked.read() as reading:
        found = officers.named(reading, sign_in_name)
    if found is None:
        raise Refused(_("check the name: nobody in the room has it"))
    return found.id


def remove_officer(room: Room, by_id: UUID, keys: RoomKeys, officer_id: UUID) -> None:
    """Take somebody's place away and give the room new keys. Everybody inside opens it again. Raises Refused."""
    new = None
    with room.records_with(keys).work(Actor(by_id)) as work:
        officer = _officer(work, officer_id)
        officers.remove(work, officer)
        work.session.flush()
        role = officer.role
        if role in WITH_KEYS:
            new = rotation.rotate(work, keys)
    if new is not None:
        office.publish(room.settings, new.published)
        room.lock_all()
    _publish_readers(room, role)


def stand_by(room: Room, by_id: UUID, second: SecondPerson) -> UUID | None:
    """Check the second person; returns the officer's id, None for the recovery sheet. Raises Refused."""
    if second.sheet.strip():
        keys_from_sheet(room, second.sheet)
        return None
    if not second.sign_in_name.strip():
        raise Refused(_("ask a second officer to sign here, or type the recovery sheet"))
    proved = prove(room, second.sign_in_name, second.passphrase, second.code)
    if proved.keys is None:
        raise Refused(_("ask an officer who opens letters to stand by"))
    if proved.officer_id == by_id:
        raise Refused(_("ask another officer to stand by: two people let somebody in"))
    return proved.officer_id


def prove_lead(room: Room, sign_in_name: str, passphrase: str, code: str) -> tuple[UUID, RoomKeys]:
    """For commands: the lead who gives them, and the room's keys. Raises Refused for everybody else, RedStop when the published key is not the room's."""
    proved = prove(room, sign_in_name, passphrase, code)
    with room.locked.read() as reading:
        role = _officer(reading, proved.officer_id).role
    if proved.keys is None or Permission.OFFICERS_KEEP not in rights_of([role]):
        raise Refused(_("sign in as the lead: only the lead keeps officers and the weekly notice"))
    compare(room, proved.officer_id, proved.keys)
    return proved.officer_id, proved.keys


def publish_notice(room: Room, officer_id: UUID, notice: Notice) -> None:
    """Publish a week's notice through the second door. Raises Refused as the office does."""
    office.send_notice(
        room.settings,
        officer_id,
        week=notice.week,
        sites=notice.days,
        interviews=notice.interviews,
        on_call=notice.on_call,
        on_call_phone=notice.on_call_phone,
    )
    with room.locked.work(Actor(officer_id)) as work:
        work.remember(NoticePublished(week=notice.week))
    if room.is_open:
        room.refresh(_with_notice(room, notice))


def read_notice(settings: Settings, text: str) -> Notice:
    """A notice from JSON: {"week": "2026-11-30", "sites": {"BH": ["2026-12-01"]}, "interviews": 30, "on_call": "…", "on_call_phone": "…"}.

    Sites by their codes. Raises Refused with what to put right.
    """
    codes = office.site_codes(settings)
    try:
        given = json.loads(text)
        strange = [code for code in given["sites"] if code not in codes]
        if strange:
            raise Refused(_("use site codes that exist, for example %(code)s", code=min(codes, default="BH")))
        return Notice(
            week=date.fromisoformat(given["week"]),
            days={codes[code]: tuple(date.fromisoformat(day) for day in days) for code, days in given["sites"].items()},
            interviews=int(given["interviews"]),
            on_call=str(given["on_call"]),
            on_call_phone=str(given["on_call_phone"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise Refused(_("write the notice as JSON with week, sites, interviews, on_call and on_call_phone")) from problem


def status(settings: Settings) -> dict[str, object]:
    """How the room stands, without a single count and without a key: what an administrator may know."""
    try:
        room = open_room(settings)
    except UnsafeSettings as problem:
        return {"ready": False, "needs": problem.fix}
    try:
        with room.locked.read() as reading:
            people = officers.present(reading)
            sheet = reading.session.exec(select(RecoverySheet.id)).first() is not None
        return {
            "ready": bool(people),
            "lead": any(one.role is Role.PROTECTION_LEAD for one in people),
            "second_officer": sum(one.role in WITH_KEYS for one in people) > 1,
            "recovery_sheet": sheet,
            "key_published": bool(office.published(settings).intake),
            "chain_verified": room.locked_verdict().verified,
        }
    finally:
        room.close()


def _with_notice(room: Room, notice: Notice) -> Office:
    """The office as it was read, with what was just published: nobody opens it a second time for that."""
    card = NoticeCard(
        week=notice.week,
        days={site_id: tuple(sorted(days)) for site_id, days in notice.days.items() if days},
        interviews=notice.interviews,
        on_call=notice.on_call,
        on_call_phone=notice.on_call_phone,
        effective_at=effective_at(notice.week, room.operation.zone),
    )
    others = [one for one in room.office.notices if one.week != notice.week]
    return replace(room.office, notices=tuple(sorted([card, *others], key=lambda one: one.week, reverse=True)))


def _publish_readers(room: Room, role: Role) -> None:
    """After a focal point came, went, or got another key. Should it stop before, the next sign-in makes it good."""
    if role in READERS:
        with room.locked.read() as reading:
            ours = own_readers(reading)
        office.publish_readers(room.settings, ours)


def _empty_room(settings: Settings) -> Room:
    try:
        room = open_room(settings)
    except UnsafeSettings:
        return found(settings, office.operation_of(settings))
    with room.locked.read() as reading:
        anybody = reading.session.exec(select(Officer.id).order_by(col(Officer.id))).first()
    if anybody is not None:
        room.close()
        raise UnsafeSettings(f"choose another data folder: {settings.folder('protection')} already holds a room with its people")
    return room


def _officer(reading: Reading, officer_id: UUID) -> Officer:
    row = reading.session.get(Officer, officer_id)
    if row is None:
        raise NotThere
    return row
