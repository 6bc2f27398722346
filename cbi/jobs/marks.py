"""Whose turn it is to do one step of long work. Work that was overtaken, or whose process was killed, writes nothing more."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col

from cbi.errors import SomebodyWasFirst
from cbi.store.bases import Moment
from cbi.store.work import Reading, Work

_M = TypeVar("_M", bound="Mark")


class Overtaken(SomebodyWasFirst):
    """Somebody began to work on the same anew; this work writes nothing more."""


class Mark(SQLModel):
    """How far one step has come: columns of a table whose id is that of what is worked on. total is 0 until what is to be done is counted.

    turn: raised whenever a step begins; whoever works in an older turn may write nothing more.
    running: False once the step ended, with `fix` saying what to do where it could not be done.
    """

    id: UUID
    turn: int = Field(default=0)
    running: bool = Field(default=True)
    done: int = Field(default=0)
    total: int = Field(default=0)
    fix: str = Field(default="", max_length=400)
    begun_by: UUID
    began_at: datetime = Field(sa_type=Moment)
    beat_at: datetime = Field(sa_type=Moment)


def begin(work: Work, mark: Mark) -> None:
    """Begin a step in a turn of its own, by whoever does this."""
    mark.turn, mark.running, mark.done, mark.total, mark.fix = mark.turn + 1, True, 0, 0, ""
    mark.begun_by, mark.began_at, mark.beat_at = work.actor.id or UUID(int=0), work.now, work.now
    work.add(mark)


def go_on(
    work: Work, table: type[Mark], of: UUID, turn: int, otherwise: str, *only: sa.ColumnElement[bool], **values: bool | int | str | datetime
) -> None:
    """Write how far a step has come, while it is still this turn, and only so. Raises Overtaken with the words for otherwise."""
    mine = sa.and_(col(table.id) == of, col(table.turn) == turn, col(table.running).is_(True), *only)
    if not work.bulk(table, sa.update(table).where(mine).values(beat_at=work.now, **values)).rowcount:
        raise Overtaken(otherwise)


def end(work: Work, table: type[Mark], of: UUID, turn: int, otherwise: str, fix: str, **values: int) -> None:
    """The step is over. fix: what to do where it could not be done. Raises Overtaken as above."""
    go_on(work, table, of, turn, otherwise, running=False, fix=fix[:400], **values)


def key_of(mark: Mark) -> str:
    """The key under which the long work does a step: what it is about, and its turn."""
    return f"{mark.id}:{mark.turn}"


def of_key(reading: Reading, table: type[_M], key: str) -> _M | None:
    """The step that is meant; None when it is over, or another began."""
    of, turn = key.split(":")
    mark = reading.session.get(table, UUID(of))
    return mark if mark is not None and mark.running and mark.turn == int(turn) else None
