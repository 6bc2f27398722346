"""Makes what the private page waits for: a published letter-box key, a notice, a site check, a signed programme; and answers to send."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlmodel import select

import screening
from cbi.access import Role
from cbi.checks.box import INTAKE_KEY
from cbi.checks.limits import set_reporting_text
from cbi.checks.service import publish_week
from cbi.checks.tables import Letter
from cbi.protection.keys import open_letter
from cbi.store.records import Records
from cbi.store.work import Actor, write_setting
from cbi.transfers.tables import Mechanism
from tests import make, make_sites, make_transfers

WEEK = date(2026, 11, 23)
PRIVATE = bytes(range(32))
KEY = X25519PrivateKey.from_private_bytes(PRIVATE)


@dataclass(frozen=True)
class Open:
    """A place where the private page may be opened, with an interviewer and the programme's households."""

    site_id: UUID
    interviewer: UUID
    households: tuple[UUID, ...]
    made: make_transfers.Setting


def key(records: Records) -> None:
    """Publish a letter-box key whose other half is KEY."""
    with records.work(Actor()) as work:
        write_setting(work.session, work.system, INTAKE_KEY, KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex())


def limits(records: Records, text: str = "If a child is in danger I must tell the officer on call.") -> None:
    """Write the limits of confidentiality down."""
    with records.work(Actor()) as work:
        set_reporting_text(work, text)


def notice(records: Records, sites: dict[UUID, list[date]], *, interviews: int = 40, week: date = WEEK) -> None:
    """A weekly notice, written in the week before."""
    with records.work(Actor()) as work:
        work.now -= timedelta(days=7)
        publish_week(work, week, sites, interviews, "Wren Hollowtree", "+254700000001")


def opened(records: Records, *, interviews: int = 40, signed: bool = True, mechanism: Mechanism = Mechanism.MOBILE_MONEY) -> Open:
    """Every precondition met on Monday, 23 November 2026."""
    made = make_transfers.setting(records, (2, 1, 3), signed=signed, mechanism=mechanism)
    make_sites.check(records, made.site_id)
    key(records)
    notice(records, {made.site_id: [WEEK]}, interviews=interviews)
    return Open(made.site_id, make.staff(records, Role.INTERVIEWER, site_id=made.site_id), made.households, made)


def private_answers(seed: int, *, mechanism: str = "mobile_money", reporting: bool = True) -> screening.Answers:
    """Random answers to the private page."""
    chance = random.Random(seed)
    items = screening.items_for_page(screening.load(), "private", screening.PageFacts(mechanism, reporting))
    chosen = {}
    for item in items:
        options = [option.id for option in item.options]
        picked = chance.sample(options, chance.randint(0, len(options) if item.type.value == "select_multiple" else 1))
        chosen[item.id] = frozenset(picked or chance.choice([(), ("pnta",), ("dk",)]))
    return screening.Answers(chosen)


def private_fields(answers: screening.Answers, *, mechanism: str = "mobile_money", reporting: bool = True) -> dict[str, str]:
    """What the page posts for these answers."""
    items = screening.items_for_page(screening.load(), "private", screening.PageFacts(mechanism, reporting))
    return screening.encode_page(items, answers)


def letters(records: Records) -> list[bytes]:
    """The letters in the box, as they lie there."""
    with records.read() as reading:
        return list(reading.session.exec(select(Letter.body).order_by(Letter.id)))


def read_letters(records: Records) -> list[dict[str, object]]:
    """The same, opened with the other half of the key, as the room would."""
    return [open_letter(body, PRIVATE) for body in letters(records)]
