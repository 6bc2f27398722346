"""What the room forgets by itself. Ages need no key, so a locked room forgets on time too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.protection.facts import Purged
from cbi.protection.room import Room
from cbi.protection.tables import Case, Contact, Decision, LetterCopy, Outbox, SeenLetter
from cbi.store.work import Actor, Reading, Work

LETTER_DAYS = 90
AFTER_DECISION_DAYS = 30
# "The current cycle and one more": two cycles of at most two months each.
CASE_DAYS = 120
# The office keeps a letter for 30 days; until then its id must be known, or it would be taken again.
SEEN_DAYS = 60
_CHUNK = 400


def purge(room: Room) -> None:
    """Delete what reached its age, with the keys it was sealed under. Safe to run at any moment."""
    with room.locked.work(Actor(name="the clock")) as work:
        letters, cases = _old_letters(work), _old_cases(work)
        work.bulk(SeenLetter, sa.delete(SeenLetter).where(col(SeenLetter.day) < work.today - timedelta(days=SEEN_DAYS)))
        if letters or cases:
            forget(work, cases=cases, letters=letters)
            work.remember(Purged(letters=len(letters), cases=len(cases)))
    if letters or cases:
        room.settle()


def forget(work: Work, *, cases: Sequence[UUID], letters: Sequence[UUID]) -> None:
    """Delete cases with everything that hangs on them, and letters; destroy the keys of both. The caller remembers the fact."""
    for part in _chunks(cases):
        for table in (Outbox, Decision, Contact):
            work.bulk(table, sa.delete(table).where(col(table.case_id).in_(part)))
        work.bulk(Case, sa.delete(Case).where(col(Case.id).in_(part)))
    for part in _chunks(letters):
        work.bulk(LetterCopy, sa.delete(LetterCopy).where(col(LetterCopy.id).in_(part)))
    keys = work.system.subject_key
    for part in _chunks([*cases, *letters]):
        work.bulk(keys, sa.delete(keys).where(col(keys.id).in_(part)))
    work.session.expire_all()
    work.vault.forget()


def _old_letters(reading: Reading) -> list[UUID]:
    by_age = reading.session.exec(select(LetterCopy.id).where(col(LetterCopy.day) < reading.today - timedelta(days=LETTER_DAYS)))
    decided = select(Decision.case_id).where(col(Decision.at) < reading.now - timedelta(days=AFTER_DECISION_DAYS))
    after = reading.session.exec(
        select(LetterCopy.id).join(Case, col(Case.letter_id) == col(LetterCopy.id)).where(col(Case.id).in_(decided))
    )
    return sorted({*by_age, *after})


def _old_cases(reading: Reading) -> list[UUID]:
    return list(reading.session.exec(select(Case.id).where(col(Case.made_at) < reading.now - timedelta(days=CASE_DAYS))))


def _chunks(ids: Sequence[UUID]) -> list[Sequence[UUID]]:
    return [ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK)]
