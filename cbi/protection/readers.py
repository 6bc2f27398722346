"""The focal points as the desk needs them: whose public keys feedback is sealed to when it goes past everybody else."""

from __future__ import annotations

import json
from collections.abc import Iterable
from uuid import UUID

from sqlmodel import col, select

from cbi.access import Role
from cbi.checks.apart import Reader, Track
from cbi.checks.letter import MOST_READERS
from cbi.errors import Refused
from cbi.protection.tables import Officer
from cbi.store.work import Reading, Work, read_setting, write_setting
from cbi.web.words import _

READERS = {Role.PSEA: Track.CONDUCT, Role.CHILD: Track.CHILDREN}
_GIVEN_OUT = "reader_keys"


def own_readers(reading: Reading) -> tuple[Reader, ...]:
    """The present focal points, in the order in which they are published."""
    rows = reading.session.exec(select(Officer).where(col(Officer.left_on).is_(None), col(Officer.role).in_(READERS))).all()
    found = (
        Reader(row.sign_in_name, row.public_key, READERS[row.role], frozenset(UUID(site) for site in json.loads(row.sites))) for row in rows
    )
    return tuple(sorted(found, key=lambda one: (one.name, one.key)))


def note_reader(work: Work, officer: Officer) -> None:
    """Remember a key the room gave out to a focal point, so that it is known again after another took its place."""
    if officer.role in READERS:
        given = read_setting(work.session, work.system, _GIVEN_OUT) or []
        write_setting(work.session, work.system, _GIVEN_OUT, [*given, officer.public_key.hex()])


def published_are_ours(reading: Reading, published: Iterable[Reader]) -> bool:
    """Whether every published key is, or was, one that the room gave out."""
    given = {*(read_setting(reading.session, reading.system, _GIVEN_OUT) or ()), *(one.key.hex() for one in own_readers(reading))}
    return all(one.key.hex() in given for one in published)


def refuse_too_many(reading: Reading, role: Role) -> None:
    """Raise Refused where one more focal point would have no room in a letter."""
    if role in READERS and len(own_readers(reading)) >= MOST_READERS:
        raise Refused(_("let somebody leave first: at most %(most)d people can be focal points at once", most=MOST_READERS))
