"""Who works in the example operation, and how they sign in."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pyotp

from cbi.access import Role
from cbi.staff import joining, seats
from cbi.store.records import Records
from cbi.store.work import Actor

SEATS: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("registrar", "Salma Storybook", frozenset({Role.REGISTRAR})),
    ("interviewer", "Nuru Fictional", frozenset({Role.INTERVIEWER})),
    ("lead", "Otto Lanternfield", frozenset({Role.LEAD})),
    ("help_desk", "Hazel Imaginary", frozenset({Role.HELP_DESK})),
    ("manager", "Idris Marrow", frozenset({Role.MANAGER})),
    ("finance", "Rana Inkwell", frozenset({Role.FINANCE})),
    ("finance_2", "Tariq Abacus", frozenset({Role.FINANCE})),
    ("approver", "Petra Fablewood", frozenset({Role.APPROVER})),
    ("approver_2", "Amal Papercrane", frozenset({Role.APPROVER})),
    ("approver_3", "Faris Milestone", frozenset({Role.APPROVER})),  # the two above approve the list: who closes it had no part in it
    ("releaser", "Solveig Nowhere", frozenset({Role.RELEASER})),
    ("feedback", "Bodil Tallstory", frozenset({Role.FEEDBACK})),
    ("monitoring", "Ines Counterfable", frozenset({Role.MONITORING})),
    ("auditor", "Victor Ledgerman", frozenset({Role.AUDITOR})),
    ("donor", "Dora Moonfund", frozenset({Role.DONOR})),
    ("administrator", "Ada Keyring", frozenset({Role.ADMINISTRATOR})),
    ("administrator_2", "Abel Lockwood", frozenset({Role.ADMINISTRATOR})),
)
ROOM_SEATS: tuple[tuple[str, str, Role], ...] = (
    ("protection_lead", "Lina Harbour", Role.PROTECTION_LEAD),
    ("officer", "Mara Quietwater", Role.OFFICER),
    ("officer_2", "Selma Stillbrook", Role.OFFICER),
    ("psea", "Yara Evenfield", Role.PSEA),
    ("child", "Wim Larkfield", Role.CHILD),
    ("room_auditor", "Roman Verity", Role.ROOM_AUDITOR),
)
_WORDS = (
    "amber",
    "basket",
    "cobalt",
    "dune",
    "ember",
    "fern",
    "granite",
    "harbour",
    "indigo",
    "juniper",
    "kelp",
    "lagoon",
    "maple",
    "nectar",
    "ochre",
    "pebble",
)


@dataclass(frozen=True)
class Login:
    """How one invented person signs in; in the room the password is the passphrase."""

    role: str
    name: str
    password: str = field(repr=False)
    totp_secret: str = field(repr=False)
    id: UUID
    world: str


def invent_password() -> str:
    """Five words, not guessable, easy to type."""
    return "-".join(secrets.choice(_WORDS) for _ in range(5)) + f"-{secrets.randbelow(90) + 10}"


def seat_everybody(records: Records, site_id: UUID) -> dict[str, Login]:
    """Every seat of the office, with password and second factor, as if each had opened their own link."""
    return {role: _seat(records, role, name, roles, site_id) for role, name, roles in SEATS}


def _seat(records: Records, role: str, name: str, roles: frozenset[Role], site_id: UUID) -> Login:
    sign_in_name = name.split(maxsplit=1)[0].lower()
    at_site = site_id if roles & {Role.REGISTRAR, Role.INTERVIEWER} else None
    certified = records.clock.now().date() - timedelta(days=30) if Role.INTERVIEWER in roles else None
    new = seats.NewPerson(
        sign_in_name=sign_in_name, name=name, roles=roles, sex="f", languages="en ar", site_id=at_site, certified_on=certified
    )
    with records.work(Actor(name="example")) as work:
        staff_id, token = seats.add_person(work, new)
    password, link = invent_password(), joining.digest_of(token)
    joining.choose_password(records, link, password)
    with records.read() as reading:
        secret = joining.begun(reading, link).secret
    with records.work(Actor(name="example")) as work:
        joining.join(work, link, pyotp.TOTP(secret).at(records.clock.now()))
    return Login(role, sign_in_name, password, secret, staff_id, "office")


def write_logins(path: Path, logins: list[Login], *, office_port: int) -> None:
    """`demo-logins.json`, readable by its owner only."""
    people = [{"role": one.role, "name": one.name, "password": one.password, "totp_secret": one.totp_secret} for one in logins]
    content = {"ports": {"office": office_port, "protection": office_port + 1}, "people": people}
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
