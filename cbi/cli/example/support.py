"""The room of the example: its people, the weekly notice, and one letter decided with the person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pyotp

from cbi.access import Role
from cbi.cli.example.people import ROOM_SEATS, Login, invent_password
from cbi.protection import cases, outbox, practice, setup, unlock
from cbi.protection.history import Choice, Outcome
from cbi.protection.officers import Handed, NewOfficer
from cbi.protection.practice import Ruling
from cbi.protection.room import Room, open_room
from cbi.protection.setup import Notice, SecondPerson
from cbi.settings import Settings
from cbi.store.records import Records
from cbi.transfers.receiving import SLOTS
from cbi.transfers.tables import ArrangementKind

_EVERYWHERE: cases.Sites = frozenset()


@dataclass(frozen=True)
class FoundedRoom:
    """The example's room and how its people sign in."""

    logins: tuple[Login, ...] = field(repr=False)

    def login(self, role: str) -> Login:
        """The one with this seat."""
        return next(one for one in self.logins if one.role == role)


def found_room(settings: Settings, records: Records, now: datetime, sites: dict[str, UUID]) -> FoundedRoom:
    """The room eight days ago, its officers the day after, the notice for this week on the Saturday before it."""
    begun = _at(settings, now - timedelta(days=9))
    role, name, _ = ROOM_SEATS[0]
    passphrase = invent_password()
    founded = setup.init_room(begun, NewOfficer(_sign_in(name), name, Role.PROTECTION_LEAD, passphrase))
    lead = _login(role, name, passphrase, founded.handed)
    others = [_join(settings, now, lead, founded.sheet, place, *seat) for place, seat in enumerate(ROOM_SEATS[1:], start=1)]
    _publish_notice(settings, records, now, lead, sites)
    return FoundedRoom((lead, *others))


def decide_one(settings: Settings, founded: FoundedRoom, now: datetime) -> int:
    """The officer opens the room, reads the most urgent letter, reaches the person, and sends what they want. Returns how many wait or waited."""
    officer = founded.login("officer")
    with _opened(_at(settings, now)) as room:
        unlock.sign_in(room, officer.name, officer.password, _code(officer, now))
        with room.read() as reading:
            waiting = cases.waiting(reading, room.office, _EVERYWHERE)
        case_id = waiting[0].id
        with room.work(officer.id) as work:
            cases.open_case(work, room.office, _EVERYWHERE, case_id)
        with room.work(officer.id) as work:
            practice.note_contact(work, room.office, _EVERYWHERE, case_id, Outcome.REACHED)
        mornings = tuple(slot for slot in SLOTS if slot.endswith("morning"))
        with room.work(officer.id) as work:
            ruling = Ruling(Choice.CHANGE, agreed=True, changes={ArrangementKind.DAY: mornings})
            practice.decide(work, room.office, _EVERYWHERE, case_id, ruling)
        outbox.send(room, officer.id)
        room.leave(officer.id)
        return len(waiting)


def chain_verified(settings: Settings) -> bool:
    """Whether the room's own chain is unbroken."""
    with _opened(settings) as room:
        return room.locked_verdict().verified


def _join(settings: Settings, now: datetime, lead: Login, sheet: str, place: int, role: str, name: str, seat: Role) -> Login:
    when = now - timedelta(days=8, minutes=-5 * place)
    with _opened(_at(settings, when)) as room:
        lead_id, keys = setup.prove_lead(room, lead.name, lead.password, _code(lead, when))
        passphrase = invent_password()
        handed = setup.add_officer(room, lead_id, keys, NewOfficer(_sign_in(name), name, seat, passphrase), SecondPerson(sheet=sheet))
    return _login(role, name, passphrase, handed)


def _publish_notice(settings: Settings, records: Records, now: datetime, lead: Login, sites: dict[str, UUID]) -> None:
    zone = ZoneInfo(records.operation.zone)
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    saturday = datetime.combine(monday - timedelta(days=2), time(10), zone)
    with _opened(_at(settings, saturday)) as room:
        lead_id, _ = setup.prove_lead(room, lead.name, lead.password, _code(lead, saturday))
        setup.publish_notice(room, lead_id, Notice(monday, {sites["BH"]: _week(monday)}, 20, "Mara Quietwater", "+999 555 0199"))


def _week(monday: date) -> tuple[date, ...]:
    return tuple(monday + timedelta(days=day) for day in range(7))


@contextmanager
def _opened(settings: Settings) -> Iterator[Room]:
    room = open_room(settings)
    try:
        yield room
    finally:
        room.close()


def _at(settings: Settings, when: datetime) -> Settings:
    return settings.model_copy(update={"clock": when, "world": "protection"})


def _sign_in(name: str) -> str:
    return name.split(maxsplit=1)[0].lower()


def _login(role: str, name: str, passphrase: str, handed: Handed) -> Login:
    return Login(role, _sign_in(name), passphrase, handed.totp_secret, handed.officer_id, "protection")


def _code(login: Login, when: datetime) -> str:
    return pyotp.TOTP(login.totp_secret).at(when)
