"""Server-side sessions: the browser keeps a random id, the database only its digest and what belongs to it."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from cbi.clock import Clock
from cbi.store.system import System

IDLE = timedelta(minutes=15)
_TOUCH = timedelta(seconds=60)


@dataclass
class Held:
    """One session as a request sees it. token: the cookie's value, only known to the browser and this request."""

    token: str
    person_id: UUID | None = None
    content: dict[str, Any] = field(default_factory=dict)
    new: bool = True


class Shelf:
    """Keeps the sessions of one world; each ends after 15 idle minutes."""

    def __init__(self, engine: sa.Engine, system: System, clock: Clock, *, idle: timedelta = IDLE) -> None:
        self._engine = engine
        self._table = system.web_session
        self._clock = clock
        self._idle = idle
        # Asked at every request: it stands ready.
        kept = col(self._table.person_id), col(self._table.seen_at), col(self._table.content)
        self._found = sa.select(*kept).where(col(self._table.digest) == sa.bindparam("digest"))

    def find(self, token: str | None) -> Held:
        """The session behind a cookie, or a new empty one when there is none or it went idle."""
        now = self._clock.now()
        if token:
            digest = _digest(token)
            with self._engine.connect() as connection:
                row = connection.execute(self._found, {"digest": digest}).first()
            if row and now - row.seen_at <= self._idle:
                if now - row.seen_at > _TOUCH:
                    self._touch(digest, now)
                return Held(token, row.person_id, json.loads(row.content), new=False)
        return Held(secrets.token_urlsafe(32))

    def keep(self, held: Held) -> None:
        """Write a session that changed."""
        now = self._clock.now()
        with self._writing() as session:
            row = session.get(self._table, _digest(held.token))
            if row is None:
                row = self._table(digest=_digest(held.token), made_at=now, seen_at=now)
            row.person_id, row.content, row.seen_at = held.person_id, json.dumps(held.content), now
            session.add(row)
            session.commit()

    def drop(self, token: str) -> None:
        """End one session."""
        self._delete(self._table.digest == _digest(token))

    def revoke(self, person_id: UUID, *, but: str | None = None) -> None:
        """End every session of a person, except the one in hand: after a change of password, role or second factor."""
        self._delete(sa.and_(self._table.person_id == person_id, self._table.digest != _digest(but or "")))  # type: ignore[arg-type]

    def sweep(self) -> None:
        """Remove sessions that went idle."""
        self._delete(self._table.seen_at < self._clock.now() - self._idle)

    def _touch(self, digest: bytes, now: datetime) -> None:
        with self._writing() as session:
            session.connection().execute(sa.update(self._table).where(self._table.digest == digest).values(seen_at=now))  # type: ignore[arg-type]
            session.commit()

    def _delete(self, condition: Any) -> None:  # Any: a column expression
        with self._writing() as session:
            session.connection().execute(sa.delete(self._table).where(condition))
            session.commit()

    def _writing(self) -> Session:
        return Session(self._engine.execution_options(writing=True))


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
