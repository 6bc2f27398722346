"""The sessions of one look and of one change: listeners are put up once for all of them, and the connection in hand is looked up once."""

from __future__ import annotations

from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import ORMExecuteState, SessionTransaction, UOWTransaction
from sqlmodel import Session


class Watcher(Protocol):
    """Whoever is told what a session does."""

    def before_flush(self, session: Session) -> None:
        """Before changed rows are written."""

    def before_execute(self, state: ORMExecuteState) -> None:
        """Before a statement is carried out."""


class OneConnection(Session):
    """A session that remembers its connection for as long as the same transaction or savepoint is open: it is asked for at every statement."""

    _found: tuple[SessionTransaction | None, SessionTransaction | None, sa.Connection] | None = None

    def connection(self, *args: Any, **kwargs: Any) -> sa.Connection:  # Any: as the library's own
        """The connection in hand."""
        whole, inner = self.get_transaction(), self.get_nested_transaction()
        found = self._found
        if found is not None and whole is not None and found[0] is whole and found[1] is inner and not (args or kwargs):
            return found[2]
        connection = super().connection(*args, **kwargs)
        self._found = self.get_transaction(), self.get_nested_transaction(), connection
        return connection


class WatchedSession(OneConnection):
    """A session that tells its watcher before it writes."""

    watcher: Watcher | None = None


@sa.event.listens_for(WatchedSession, "before_flush")
def _before_flush(session: WatchedSession, _context: UOWTransaction, _instances: object) -> None:
    if session.watcher is not None:
        session.watcher.before_flush(session)


@sa.event.listens_for(WatchedSession, "do_orm_execute")
def _before_execute(state: ORMExecuteState) -> None:
    watcher = getattr(state.session, "watcher", None)
    if watcher is not None:
        watcher.before_execute(state)
