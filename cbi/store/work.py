"""The unit of work: changes and the facts that explain them, in one commit or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from types import MappingProxyType
from typing import Any, Self, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import Session, SQLModel, col

from cbi.clock import Clock
from cbi.errors import Clashed, Unexplained
from cbi.store import chain
from cbi.store.bases import OfficeTable, Row
from cbi.store.engines import is_clash
from cbi.store.facts import Fact
from cbi.store.ids import Ids
from cbi.store.sealed import Erased, Vault
from cbi.store.system import AnsweredForm, System
from cbi.store.watched import WatchedSession

_T = TypeVar("_T", bound=SQLModel)

HELP_DESK = "help desk"
SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Who does this: a person by id, or a standing name such as "system" or "help desk"."""

    id: UUID | None = None
    name: str = SYSTEM

    def __str__(self) -> str:
        return str(self.id) if self.id else self.name


class Reading:
    """A consistent look at one world's records; nothing can be changed through it."""

    def __init__(self, session: Session, vault: Vault, system: System, *, now: datetime, zone: str, operation_id: UUID) -> None:
        self.session = session
        self.vault = vault
        self.system = system
        self.now = now
        self.zone = zone
        self.operation_id = operation_id

    @property
    def today(self) -> date:
        """The office's own date."""
        return self.now.astimezone(ZoneInfo(self.zone)).date()

    def open(self, row: Row, column: str) -> str:
        """The text of a sealed column, "" when empty or when its subject was erased on purpose. Raises Unsealable for anything else."""
        try:
            return self.vault.read(self.session, row, column)
        except Erased:
            return ""

    def was_erased(self, subject: UUID) -> bool:
        """Whether this subject's key was destroyed on purpose."""
        key = self.session.get(self.system.subject_key, subject)
        return key is not None and key.wrapped is None

    def digest(self, kind: str, text: str) -> bytes:
        """The keyed digest by which a value of this kind is found."""
        return self.vault.digest(kind, text)


class Work(Reading):
    """One explained change. Use as `with records.work(actor) as work:`; leaving it commits, an exception undoes it all.

    Raises Clashed when somebody else did the same at the same instant; nothing is saved then.
    Every touched row of an audited table must be explained by a remembered fact, else the commit raises Unexplained.
    """

    def __init__(
        self, session: WatchedSession, vault: Vault, system: System, *, clock: Clock, zone: str, operation_id: UUID, actor: Actor, ids: Ids
    ) -> None:
        super().__init__(session, vault, system, now=clock.now(), zone=zone, operation_id=operation_id)
        self.clock = clock
        self.actor = actor
        self.ids = ids
        self._facts: list[tuple[Fact, Actor]] = []
        self._touched: dict[tuple[type, UUID], tuple[type, frozenset[UUID]]] = {}
        self._bulk: set[type] = set()
        session.watcher = self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: object, trace: object) -> None:
        try:
            if kind is None:
                self._commit()
            else:
                self._undo()
                if isinstance(problem, DBAPIError) and is_clash(problem):
                    raise Clashed from problem
        finally:
            self.session.close()

    def take_turn(self) -> None:
        """Set the instant anew, after a lock was waited for: what is done in turn is also dated in turn."""
        self.now = self.clock.now()

    def new_id(self, subject: str = "") -> UUID:
        """An id for a new row."""
        return self.ids.new(subject)

    def add(self, row: _T) -> _T:
        """Put a new row in; returns it."""
        self.session.add(row)
        return row

    def seal(self, row: Row, column: str, text: str | None) -> None:
        """Put text into a sealed column."""
        self.vault.seal(self.session, row, column, text)

    def remember(self, fact: Fact, *, actor: Actor | None = None) -> None:
        """Say what happened. It enters the chain when the work commits, in the order remembered."""
        self._facts.append((fact, actor or self.actor))

    def bulk(
        self, table: type[SQLModel], statement: sa.Executable, rows: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> sa.CursorResult[Any]:
        """Run a set-based insert, update or delete on one table; a remembered fact must explain that table when any row was touched.

        rows: those to insert, or what the statement leaves open.
        """
        self.session.flush()
        result: sa.CursorResult[Any] = self.session.connection().execute(statement, rows)
        if result.rowcount != 0:
            self._bulk.add(table)
        return result

    def bulk_rows(
        self,
        table: type[SQLModel],
        columns: Sequence[str],
        rows: Sequence[tuple[Any, ...]],
        *,
        same: Mapping[str, str | int | None] = MappingProxyType({}),
    ) -> None:
        """Insert many rows as the driver itself takes them: ids as hexadecimal text, sealed values as their bytes, words as their text.

        Any: one value per column.  same: what every row holds in the columns that are left, said once instead of handed over with each.
        Five times as fast as `bulk` with mappings, for staging a hundred thousand rows.
        """
        if not rows:
            return
        self.session.flush()
        connection = self.session.connection()
        mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
        quoted = ", ".join(f'"{column}"' for column in (*columns, *same))
        values = ", ".join((*(mark for _ in columns), *(_literal(value, mark) for value in same.values())))
        statement = f'INSERT INTO "{table.__tablename__}" ({quoted}) VALUES ({values})'  # noqa: S608 -- names of the program's own tables
        connection.exec_driver_sql(statement, list(rows))
        self._bulk.add(table)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of the work that leaves nothing behind, neither rows nor facts, when an exception ends it; the exception goes on."""
        self.session.flush()
        facts, touched, bulk = list(self._facts), dict(self._touched), set(self._bulk)
        try:
            with self.session.begin_nested():
                yield
        except BaseException:
            self._facts, self._touched, self._bulk = facts, touched, bulk
            raise

    def answered(self, key: UUID | None) -> str | None:
        """What this form was answered with before, when its client key was already used by the same person."""
        if key is None:
            return None
        asked = {"key": key, "person_id": self.actor.id or UUID(int=0)}
        return self.session.connection().execute(_answered(self.system.answered_form), asked).scalar_one_or_none()

    def answer(self, key: UUID | None, answer: str) -> str:
        """Keep the answer to a form under its client key, in this same commit; returns it."""
        if key is not None:
            kept = {"key": key, "person_id": self.actor.id or UUID(int=0), "answer": answer, "at": self.now}
            self.session.connection().execute(inserted(self.system.answered_form), kept)
        return answer

    def before_flush(self, session: Session) -> None:
        """Note which audited rows are touched: a fact must explain each."""
        for row in (*session.new, *session.dirty, *session.deleted):
            if getattr(row, "audited", False) and (row in session.new or row in session.deleted or session.is_modified(row)):
                self._touched[type(row), row.id] = (type(row), _ids_of(row))

    def before_execute(self, state: ORMExecuteState) -> None:
        """Refuse what would change rows without their being noted. Raises Unexplained."""
        if state.is_insert or state.is_update or state.is_delete:
            raise Unexplained("bulk changes go through Work.bulk, so that a fact explains them")

    def _commit(self) -> None:
        try:
            self.session.flush()
            self._check()
            chain.append(self.session, self.system, [(fact, str(actor)) for fact, actor in self._facts], at=self.now)
            self.session.commit()
        except DBAPIError as problem:
            self._undo()
            if is_clash(problem):
                raise Clashed from problem
            raise
        except BaseException:
            self._undo()
            raise

    def _undo(self) -> None:
        self.session.rollback()
        self.vault.forget()

    def _check(self) -> None:
        facts = [(fact.explains, frozenset(fact.ids())) for fact, _ in self._facts]
        for table, ids in self._touched.values():
            if not any(table in explains and ids & named for explains, named in facts):
                raise Unexplained(f"a change to {table.__name__} has no fact that explains it")
        explained = {table for explains, _ in facts for table in explains}
        silent = {table.__name__ for table in self._bulk if getattr(table, "audited", False)} - {table.__name__ for table in explained}
        if silent:
            raise Unexplained(f"a change to {', '.join(sorted(silent))} has no fact that explains it")


@cache  # there are as many as tables, and a statement takes longer to put together than its row to write
def inserted(table: type[SQLModel]) -> sa.Insert:
    """The statement that puts rows into a table, their values left open."""
    return sa.insert(table)


@cache  # every form asks it
def _answered(form: type[AnsweredForm]) -> sa.Select[str]:
    return sa.select(col(form.answer)).where(col(form.key) == sa.bindparam("key"), col(form.person_id) == sa.bindparam("person_id"))


def _literal(value: str | int | None, mark: str) -> str:
    """A value as a statement itself says it, in both databases."""
    if value is None:
        return "NULL"
    if isinstance(value, int):  # True and False are words to both
        return str(value)
    quoted = "'" + value.replace("'", "''") + "'"
    return quoted if mark == "?" else quoted.replace("%", "%%")


def _ids_of(row: OfficeTable) -> frozenset[UUID]:
    values = ((name, getattr(row, name)) for name in type(row).model_fields if name != "operation_id")
    return frozenset(value for _, value in values if isinstance(value, UUID))


def read_setting(session: Session, system: System, name: str) -> Any:  # Any: whatever JSON was kept
    """A named fact about the world, or None."""
    row = session.get(system.setting, name)
    return None if row is None else json.loads(row.value)


def write_setting(session: Session, system: System, name: str, value: object) -> None:
    """Keep a named fact about the world."""
    session.merge(system.setting(name=name, value=json.dumps(value, sort_keys=True)))
