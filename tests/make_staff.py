"""Makes people who can really sign in: with a password, an authenticator and recovery codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pyotp

from cbi.access import Role
from cbi.clock import Clock
from cbi.staff.joining import begun, choose_password, digest_of, join
from cbi.staff.seats import NewPerson, add_person
from cbi.store.records import Records
from cbi.store.work import Actor

PASSWORD = "lantern orbit maple kettle"


@dataclass(frozen=True)
class Member:
    """Somebody who joined."""

    id: UUID
    sign_in_name: str
    secret: str
    recovery: tuple[str, ...]
    password: str = PASSWORD

    def code(self, records: Records, steps: int = 0) -> str:
        """What their authenticator shows now, or so many steps later."""
        return pyotp.TOTP(self.secret).at(records.clock.now() + timedelta(seconds=30 * steps))


def member(records: Records, *roles: Role, sign_in_name: str = "salma.s", name: str = "Salma Storybook") -> Member:
    """A person with these seats who has set everything up. Their last code was used one step ago, so the present one is fresh."""
    with records.work(Actor()) as work:
        staff_id, token = add_person(work, NewPerson(sign_in_name=sign_in_name, name=name, roles=frozenset(roles)))
    link = digest_of(token)
    choose_password(records, link, PASSWORD)
    with records.read() as reading:
        secret = begun(reading, link).secret
    with records.work(Actor()) as work:
        _, codes = join(work, link, pyotp.TOTP(secret).at(records.clock.now() - timedelta(seconds=30)))
    return Member(staff_id, sign_in_name, secret, codes)


class StillClock(Clock):
    """A clock that stands where it is put: `move` lets time pass."""

    def __init__(self, at: datetime) -> None:
        object.__setattr__(self, "start", at)

    def now(self) -> datetime:
        """Where it stands."""
        assert self.start is not None
        return self.start

    def move(self, **passed: float) -> None:
        """Let so much time pass."""
        assert self.start is not None
        object.__setattr__(self, "start", self.start + timedelta(**passed))


def stop_clock(records: Records) -> StillClock:
    """Stop the office's clock, so that a test decides how time passes. Do this before the application is made."""
    still = StillClock(records.clock.now())
    records.clock = still
    return still
