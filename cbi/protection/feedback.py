"""Feedback that went past the desk, for the focal points whose keys open it and for nobody else in the room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere
from cbi.protection import office as offices
from cbi.protection.facts_feedback import FeedbackBrought, FeedbackLetGo, FeedbackRead, FeedbackTakenUp
from cbi.protection.handovers import KEPT_DAYS, may_have
from cbi.protection.keys import StrangeLetter
from cbi.protection.keys_apart import open_apart
from cbi.protection.room import Room
from cbi.protection.snapshot import LetterIn, Office
from cbi.protection.tables import FeedbackCopy, Officer
from cbi.store.ids import id_of
from cbi.store.work import Actor, Reading, Work

KIND = "feedback"
LOOKED_AT_IN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody said at a desk, as it was sealed there. told_at: when; look_by: until when somebody looks into it."""

    id: UUID
    code: str
    subject: str
    channel: str
    wants: str
    site_id: UUID | None
    urgent: bool
    told_at: datetime
    taken_at: datetime | None
    words: str = field(repr=False)
    contact: str = field(repr=False)

    @property
    def look_by(self) -> datetime:
        """By when a focal point looks into it."""
        return self.told_at + LOOKED_AT_IN

    def is_late(self, now: datetime) -> bool:
        """Whether nobody took it up in time."""
        return self.taken_at is None and self.look_by < now


def bring_in(room: Room, officer_id: UUID, private: bytes) -> int:
    """Look for letters in the box that this key opens, and keep them as they are; returns how many were new. Needs no key of the room."""
    with room.locked.read() as reading:
        seen = frozenset(reading.session.exec(select(FeedbackCopy.id)))
    mine = [letter for letter in offices.letters_in(room.settings, seen) if _opened(letter, private) is not None]
    if mine:
        with room.locked.work(Actor(officer_id)) as work:
            rows = [{"id": one.id, "day": one.day, "body": one.body, "copied_at": work.now} for one in mine]
            work.bulk(FeedbackCopy, sa.insert(FeedbackCopy), rows)
            work.remember(FeedbackBrought(letters=len(mine)))
    return len(mine)


def heard_by(reading: Reading, officer: Officer, private: bytes, office: Office) -> list[Heard]:
    """What this focal point may read, what waits first and the oldest of it. The rows do not say for whom they are: hers are those that open."""
    rows = reading.session.exec(select(FeedbackCopy).where(col(FeedbackCopy.body) != b"").order_by(col(FeedbackCopy.id))).all()
    found = (_heard(row, private) for row in rows)
    mine = [one for one in found if one is not None and may_have(officer, office, one.site_id)]
    return sorted(mine, key=lambda one: (one.taken_at is not None, one.told_at, one.id))


def read_one(work: Work, officer: Officer, private: bytes, office: Office, feedback_id: UUID) -> Heard:
    """Open one; that becomes an entry of the chain. Raises NotThere."""
    found = _the_one(work, officer, private, office, feedback_id)
    work.remember(FeedbackRead(feedback_id=feedback_id))
    return found


def take_up(work: Work, officer: Officer, private: bytes, office: Office, feedback_id: UUID) -> None:
    """Somebody looks into it now; its days begin to count. A second time changes nothing. Raises NotThere."""
    found = _the_one(work, officer, private, office, feedback_id)
    if found.taken_at is None:
        row = work.session.get_one(FeedbackCopy, found.id)
        row.taken_at = work.now
        row.expires_on = work.today + timedelta(days=KEPT_DAYS[officer.role])
        work.add(row)
        work.remember(FeedbackTakenUp(feedback_id=feedback_id))


def let_go(work: Work, officer: Officer, private: bytes, office: Office, feedback_id: UUID) -> None:
    """Empty it before its time: it is in other hands, or the person took it back. Raises NotThere."""
    found = _the_one(work, officer, private, office, feedback_id)
    row = work.session.get_one(FeedbackCopy, found.id)
    row.body = b""
    work.add(row)
    work.remember(FeedbackLetGo(feedback_id=feedback_id))


def _the_one(reading: Reading, officer: Officer, private: bytes, office: Office, feedback_id: UUID) -> Heard:
    found = next((one for one in heard_by(reading, officer, private, office) if one.id == feedback_id), None)
    if found is None:
        raise NotThere
    return found


def _opened(letter: LetterIn | FeedbackCopy, private: bytes) -> Mapping[str, object] | None:
    try:
        content = open_apart(letter.body, private)
    except StrangeLetter:
        return None
    return content if content.get("kind") == KIND else None


def _heard(row: FeedbackCopy, private: bytes) -> Heard | None:
    told = _opened(row, private)
    if told is None:
        return None
    return Heard(
        id=row.id,
        code=str(told["code"]),
        subject=str(told["subject"]),
        channel=str(told["channel"]),
        wants=str(told["wants"]),
        site_id=id_of(told["site"]),
        urgent=bool(told["urgent"]),
        told_at=datetime.fromisoformat(str(told["at"])),
        taken_at=row.taken_at,
        words=str(told["words"]),
        contact=str(told["contact"]),
    )
