"""The room of the example: its people, the weekly notice, one letter decided with the person, and one brought to a service and closed."""

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
from cbi.protection import cases, closing, outbox, practice, referrals, setup, unlock
from cbi.protection.closing import Ending
from cbi.protection.history import Choice, Outcome
from cbi.protection.officers import Handed, NewOfficer
from cbi.protection.outgoing import Consent, Satisfied, Scope, Status, Way
from cbi.protection.practice import Ruling
from cbi.protection.referrals import Wish
from cbi.protection.room import Room, open_room
from cbi.protection.setup import Notice, SecondPerson
from cbi.settings import Settings
from cbi.sites.tables import ServiceKind
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
    others = _join(settings, now, lead, founded.sheet)
    _publish_notice(settings, records, now, lead, sites)
    return FoundedRoom((lead, *others))


def work_on_letters(settings: Settings, founded: FoundedRoom, now: datetime) -> int:
    """The officer opens the room: one letter is decided with the person, one followed through a service to its end, the others wait.

    Returns how many wait or waited.
    """
    officer = founded.login("officer")
    with _opened(_at(settings, now)) as room:
        unlock.sign_in(room, officer.name, officer.password, _code(officer, now))
        with room.read() as reading:
            waiting = [line.id for line in cases.waiting(reading, room.office, _EVERYWHERE)]
        mornings = tuple(slot for slot in SLOTS if slot.endswith("morning"))
        _talk(room, officer.id, waiting[0], Ruling(Choice.CHANGE, agreed=True, changes={ArrangementKind.DAY: mornings}))
        _refer(room, officer.id, waiting[0])
        _bring_to_a_service(room, officer.id, waiting[1])
        outbox.send(room, officer.id)
        room.leave(officer.id)
        return len(waiting)


def _talk(room: Room, officer_id: UUID, case_id: UUID, ruling: Ruling) -> None:
    with room.work(officer_id) as work:
        cases.open_case(work, room.office, _EVERYWHERE, case_id)
    with room.work(officer_id) as work:
        practice.note_contact(work, room.office, _EVERYWHERE, case_id, Outcome.REACHED)
    with room.work(officer_id) as work:
        practice.decide(work, room.office, _EVERYWHERE, case_id, ruling)


def _refer(room: Room, officer_id: UUID, case_id: UUID) -> UUID:
    with room.read() as reading:
        known = cases.dossier(reading, room.office, cases.the_case(reading, _EVERYWHERE, case_id))
    person = known.about.member_id or (known.card.recipient_id if known.card else None)
    wish = Wish(
        service_id=_service(room, known.about.site_id),
        person_id=person,
        consent=Consent.GIVEN,
        scope=(Scope.FIRST_NAME, Scope.LANGUAGE),
        way=Way.ACCOMPANIED,
    )
    with room.work(officer_id) as work:
        return referrals.write(work, room.office, _EVERYWHERE, case_id, wish)


def _bring_to_a_service(room: Room, officer_id: UUID, case_id: UUID) -> None:
    """From the letter to the end of the case: reached, brought to a service that takes the person, content, closed."""
    with room.read() as reading:
        site_id = cases.dossier(reading, room.office, cases.the_case(reading, _EVERYWHERE, case_id)).about.site_id
    _talk(room, officer_id, case_id, Ruling(Choice.REFER, agreed=True, service_id=_service(room, site_id)))
    referral_id = _refer(room, officer_id, case_id)
    for status in (Status.ACCEPTED, Status.DONE):
        with room.work(officer_id) as work:
            referrals.answered(work, _EVERYWHERE, referral_id, status, satisfied=Satisfied.YES)
    with room.work(officer_id) as work:
        closing.close(work, room.office, _EVERYWHERE, case_id, Ending.REFERRAL_ENDED)


def _service(room: Room, site_id: UUID | None) -> UUID:
    return next(one.id for one in room.office.services if one.site_id == site_id and one.kind == ServiceKind.HEALTH)


def chain_verified(settings: Settings) -> bool:
    """Whether the room's own chain is unbroken."""
    with _opened(settings) as room:
        return room.locked_verdict().verified


def _join(settings: Settings, now: datetime, lead: Login, sheet: str) -> list[Login]:
    """The lead lets the others in, one after another, with the holder of the recovery sheet standing by."""
    when, joined = now - timedelta(days=8), []
    with _opened(_at(settings, when)) as room:
        lead_id, keys = setup.prove_lead(room, lead.name, lead.password, _code(lead, when))
        for role, name, seat in ROOM_SEATS[1:]:
            passphrase = invent_password()
            handed = setup.add_officer(room, lead_id, keys, NewOfficer(_sign_in(name), name, seat, passphrase), SecondPerson(sheet=sheet))
            joined.append(_login(role, name, passphrase, handed))
    return joined


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
