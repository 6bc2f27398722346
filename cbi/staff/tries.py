"""How often a name was tried at the door. Kept by typed name, known or not, so that the answer never tells which names exist."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from cbi.errors import Refused
from cbi.staff.credentials import LONGEST_WAIT, wait_after
from cbi.staff.tables import SignInTry
from cbi.store.ids import Ids
from cbi.web.words import _n

_FORGET_AFTER = LONGEST_WAIT * 4


class MustWait(Refused):
    """Too many failures in a row: only a recovery code goes on now."""

    def __init__(self, left: timedelta) -> None:
        super().__init__(waiting_words(left))
        self.left = left


def waiting_words(left: timedelta) -> str:
    """The rest of a wait in words, rounded up so that nobody is sent back too early: "wait 2 minutes, or use a recovery code"."""
    seconds = max(1, -(-left // timedelta(seconds=1)))
    if seconds < 60:  # noqa: PLR2004 -- a minute
        return _n("wait %(num)s second, or use a recovery code", "wait %(num)s seconds, or use a recovery code", seconds)
    return _n("wait %(num)s minute, or use a recovery code", "wait %(num)s minutes, or use a recovery code", -(-seconds // 60))


def failures_of(session: Session, digest: bytes) -> tuple[int, datetime | None]:
    """Failures in a row, and until when to wait."""
    found = session.connection().execute(sa.select(*_KEPT).where(_is(digest))).first()
    return (found[0], found[1]) if found else (0, None)


def refuse_waiting(session: Session, digest: bytes, now: datetime) -> None:
    """Raises MustWait while the wait lasts."""
    _, until = failures_of(session, digest)
    if until is not None and until > now:
        raise MustWait(until - now)


def charge(session: Session, ids: Ids, operation_id: UUID, *, digest: bytes, now: datetime) -> int:
    """Count one try as failed before it is looked at, so that many at once cannot slip through; returns the failures in a row.

    Raises MustWait, uncounted, while a wait lasts.
    """
    refuse_waiting(session, digest, now)
    connection = session.connection()
    raised = connection.execute(_raise(digest, now))
    if not raised.rowcount:
        try:
            with connection.begin_nested():
                first = {"id": ids.new("tries"), "operation_id": operation_id, "digest": digest, "failures": 1, "at": now}
                connection.execute(sa.insert(SignInTry).values(**first))
        except IntegrityError:
            connection.execute(_raise(digest, now))
    failures, _ = failures_of(session, digest)
    _set_wait(session, digest, now + wait_after(failures) if wait_after(failures) else None)
    return failures


def refund(session: Session, digest: bytes) -> None:
    """The try was right so far: as if it had not been counted."""
    session.connection().execute(sa.update(SignInTry).where(_is(digest)).values(failures=col(SignInTry.failures) - 1, wait_until=None))


def forget(session: Session, digest: bytes, now: datetime) -> None:
    """Somebody came in: this name starts again at nothing, and names nobody tried for an hour are forgotten."""
    old = col(SignInTry.at) < now - _FORGET_AFTER
    session.connection().execute(sa.delete(SignInTry).where(sa.or_(_is(digest), old)))


_KEPT = (col(SignInTry.failures), col(SignInTry.wait_until))


def _is(digest: bytes) -> sa.ColumnElement[bool]:
    return col(SignInTry.digest) == digest


def _raise(digest: bytes, now: datetime) -> sa.Update:
    return sa.update(SignInTry).where(_is(digest)).values(failures=col(SignInTry.failures) + 1, at=now)


def _set_wait(session: Session, digest: bytes, until: Any) -> None:  # Any: an instant or nothing, as the column takes it
    session.connection().execute(sa.update(SignInTry).where(_is(digest)).values(wait_until=until))
