"""Letters that could not be read when they came: kept as they were, sealed, and tried again whenever the room is opened, until their age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.protection import letters
from cbi.protection.instruments import Library
from cbi.protection.keys import RoomKeys, StrangeLetter, open_any
from cbi.protection.letters import Letter, UnreadableLetter
from cbi.protection.purge import forget
from cbi.protection.snapshot import LetterIn
from cbi.protection.tables import OddLetter
from cbi.store.work import Reading, Work


@dataclass(frozen=True, slots=True)
class Odd:
    """A kept letter as the lead sees it. version: of the questions, where the letter opens but is not read with what is known here; "" where it does not open."""

    id: UUID
    day: date
    found_at: datetime
    version: str


def opened(letter: LetterIn, keys: RoomKeys) -> Letter | None:
    """What a letter says; None when it does not open, or holds none."""
    try:
        return letters.read(letter.id, letter.day, open_any(letter.body, keys))
    except (StrangeLetter, UnreadableLetter):
        return None


def understood(letter: Letter | None, library: Library) -> Letter | None:
    """A letter asked with a version this room does not know is kept as it came: read by another one it would say something else."""
    return letter if letter is not None and library.find(letter.version) is not None else None


def keep(work: Work, strange: Sequence[LetterIn]) -> None:
    """As they came: what does not open may have been changed on its way, so its bytes are as good as evidence and never shown."""
    work.bulk(work.system.subject_key, sa.insert(work.system.subject_key), work.vault.make_keys([letter.id for letter in strange]))
    made = [(OddLetter(id=letter.id, day=letter.day, body=b"", found_at=work.now), letter.body.hex().encode()) for letter in strange]
    rows = [
        {"id": row.id, "day": row.day, "found_at": row.found_at, "body": work.vault.seal_bytes(work.session, row, "body", body)}
        for row, body in made
    ]
    if rows:
        work.bulk(OddLetter, sa.insert(OddLetter), rows)


def try_again(work: Work, keys: RoomKeys, library: Library, erased: frozenset[UUID]) -> list[Letter]:
    """Kept letters that can be read by now: they are returned, and kept here no longer. Those of erased households go unread."""
    found = [letter for letter in (opened(one, keys) for one in kept(work)) if letter is not None]
    gone = [letter.id for letter in found if letter.household_id in erased]
    readable = [letter for letter in found if letter.household_id not in erased and understood(letter, library) is not None]
    forget(work, cases=[], letters=[], others=[(OddLetter, [*gone, *(letter.id for letter in readable)])])
    return readable


def let_go_of(work: Work, keys: RoomKeys, household_id: UUID, member_id: UUID | None) -> None:
    """Somebody takes back what was said: what is kept of that person and could be read one day goes too. The caller remembers the fact."""
    found = [letter for letter in (opened(one, keys) for one in kept(work)) if letter is not None]
    theirs = [letter.id for letter in found if letter.household_id == household_id and letter.member_id in (None, member_id)]
    forget(work, cases=[], letters=[], others=[(OddLetter, theirs)])


def kept(reading: Reading) -> list[LetterIn]:
    """Every kept letter, by day, as it lay in the box."""
    return [LetterIn(row.id, row.day, bytes.fromhex(reading.open(row, "body"))) for row in _rows(reading)]


def listed(reading: Reading, keys: RoomKeys) -> list[Odd]:
    """Every kept letter, by day, and why it is not read."""
    found = []
    for row, letter in zip(_rows(reading), kept(reading), strict=True):
        said = opened(letter, keys)
        found.append(Odd(row.id, row.day, row.found_at, said.version if said is not None else ""))
    return found


def _rows(reading: Reading) -> list[OddLetter]:
    rows = list(reading.session.exec(select(OddLetter).order_by(col(OddLetter.day), col(OddLetter.id))))
    reading.vault.prefetch(reading.session, rows)
    return rows
