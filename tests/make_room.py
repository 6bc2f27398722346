"""Makes a room for tests: a lead who can sign in, letters in the box, and a browser inside."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pyotp
import sqlalchemy as sa
from flask import Flask

from cbi.access import Role
from cbi.app import room_app
from cbi.checks.box import intake_key
from cbi.checks.letter import seal_letter
from cbi.checks.tables import Letter
from cbi.protection import setup, unlock
from cbi.protection.keys import Cost, RoomKeys
from cbi.protection.officers import Handed, NewOfficer
from cbi.protection.room import Room, open_room
from cbi.settings import Settings
from cbi.store.records import Records
from tests.cbi.web.page_check import check_page
from tests.make import NOW, hidden_fields

CHEAP = Cost(1, 8, 1)
PASSPHRASE = "kettle orbit lantern marzipan"
TALK_TODAY = {"H22": "now"}
HARDER = {"H16": "harder", "H17": ["parts"]}
NOTHING = {"H22": "no"}


@dataclass
class Insider:
    """Somebody of the room with what they sign in with. Each code works once: `code()` gives the next."""

    name: str
    passphrase: str
    handed: Handed
    clock: datetime = NOW
    _used: int = field(default=-2)

    @property
    def id(self) -> UUID:
        return self.handed.officer_id

    def code(self) -> str:
        """A code that was not used yet; three of them lie around one instant."""
        self._used += 1
        assert self._used <= 1, "use another instant: three codes are valid around one"
        return pyotp.TOTP(self.handed.totp_secret).at(int(self.clock.timestamp()) + 30 * self._used)


@dataclass
class Founded:
    """A room as a test sees it."""

    settings: Settings
    lead: Insider
    sheet: str

    def open(self) -> Room:
        """The room, locked."""
        room = open_room(self.settings)
        room.cost = CHEAP
        return room


def founded(records: Records) -> Founded:
    """The room of this office, with its lead."""
    settings = Settings(data=records.folder.parent, clock=NOW, seed=7)
    made = setup.init_room(settings, NewOfficer("t.halfmoon", "Tamsin Halfmoon", Role.PROTECTION_LEAD, PASSPHRASE), cost=CHEAP)
    return Founded(settings, Insider("t.halfmoon", PASSPHRASE, made.handed), made.sheet)


def inside(room: Room, who: Insider) -> unlock.Answer:
    """Open the room as somebody."""
    return unlock.sign_in(room, who.name, who.passphrase, who.code())


def officer(
    room: Room, lead: Insider, sheet: str, name: str = "b.driftwood", role: Role = Role.OFFICER, sites: tuple[UUID, ...] = ()
) -> Insider:
    """Somebody else in the room; it must be open."""
    new = NewOfficer(name, name.replace(".", " ").title(), role, PASSPHRASE + " two", sites)
    handed = setup.add_officer(room, lead.id, room.keys, new, setup.SecondPerson(sheet=sheet))
    return Insider(name, new.passphrase, handed)


def letter(
    records: Records,
    household_id: UUID,
    answers: dict[str, object],
    *,
    site_id: UUID | None = None,
    day: date = date(2026, 11, 23),
    kind: str = "private",
    **more: object,
) -> UUID:
    """A sealed letter in the office's box; returns its id."""
    with records.read() as reading:
        key = intake_key(reading)
    content = {
        "kind": kind,
        "household": str(household_id),
        "site": str(site_id) if site_id else None,
        "instrument": "delivery-safety-check",
        "answers": answers,
        "at": datetime(day.year, day.month, day.day, 5, 25, tzinfo=UTC).isoformat(),
        **more,
    }
    new_id = uuid4()
    with records.engine.execution_options(writing=True).begin() as connection:
        connection.execute(sa.insert(Letter).values(id=new_id, day=day, body=seal_letter(content, key)))
    return new_id


def spoilt_letter(records: Records, how: str = "changed", *, day: date = date(2026, 11, 23)) -> UUID:
    """A letter in the box that this room cannot open: changed on its way, cut, sealed to another key, or noise; returns its id."""
    with records.read() as reading:
        key = intake_key(reading)
    whole = seal_letter(
        {"kind": "private", "household": str(uuid4()), "answers": {}}, RoomKeys.new().intake_public if how == "foreign" else key
    )
    body = {
        "changed": whole[:-1] + bytes([whole[-1] ^ 1]),
        "cut": whole[:100].ljust(len(whole), b"\0"),
        "foreign": whole,
        "noise": b"n" * len(whole),
    }[how]
    new_id = uuid4()
    with records.engine.execution_options(writing=True).begin() as connection:
        connection.execute(sa.insert(Letter).values(id=new_id, day=day, body=body))
    return new_id


def later(made: Founded, **ahead: float) -> Founded:
    """The same room some time later."""
    clock = NOW + timedelta(**ahead)
    lead = Insider(made.lead.name, made.lead.passphrase, made.lead.handed, clock)
    return Founded(made.settings.model_copy(update={"clock": clock}), lead, made.sheet)


def app_of(made: Founded) -> Flask:
    """The room's application, locked."""
    app = room_app(made.settings)
    app.extensions["cbi.room"].cost = CHEAP
    return app


class RoomVisitor:
    """A browser in the room: every page it opens is checked."""

    def __init__(self, app: Flask, who: Insider | None = None) -> None:
        self.client = app.test_client()
        if who is not None:
            page = self.send("/support/sign-in", {"name": who.name, "passphrase": who.passphrase, "code": who.code()})
            assert "Sign in to support" not in page, page

    def see(self, url: str, status: int = 200) -> str:
        answer = self.client.get(url, follow_redirects=True)
        assert answer.status_code == status, (url, answer.status_code, answer.text[:3000])
        check_page(answer.text)
        return answer.text

    def send(self, url: str, fields: dict[str, object], *, page: str | None = None, status: int = 200) -> str:
        shown = self.client.get(page or url, follow_redirects=True).text
        answer = self.client.post(
            url, data={**hidden_fields(shown, url), **fields}, follow_redirects=True, headers={"Origin": "http://localhost"}
        )
        assert answer.status_code == status, (url, answer.status_code, answer.text[:3000])
        check_page(answer.text)
        return answer.text
