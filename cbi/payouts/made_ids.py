"""Ids that the database makes while it inserts from a select: at random, or running on so that a million of them are appended."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cbi.store.work import Work

_SERIES = 20  # hexadecimal digits that the ids of one set-based insert share


def random_id(work: Work) -> sa.ColumnElement[Any]:  # Any: hexadecimal text in SQLite, a UUID in PostgreSQL
    """A new id for each row of a set-based insert, made by the database."""
    if work.session.get_bind().dialect.name == "sqlite":
        return sa.func.lower(sa.func.hex(sa.func.randomblob(16)))
    return sa.func.gen_random_uuid()


def numbered_id(work: Work, number: Any) -> sa.ColumnElement[Any]:  # Any: a column of whole numbers; ids as random_id has them
    """An id for each row of a set-based insert whose rows are numbered: in their order, so that a million of them are appended."""
    series = work.new_id("ledger").hex[:_SERIES]
    if work.session.get_bind().dialect.name == "sqlite":
        return sa.func.printf(f"{series}%012x", number)
    return sa.cast(sa.literal(series) + sa.func.lpad(sa.func.to_hex(number), 12, "0"), sa.Uuid())


def renumbered_id(work: Work, numbered: Any) -> sa.ColumnElement[Any]:  # Any: as above
    """An id in another series for each row of a set-based insert, with the number that the id of a numbered row carries."""
    series = work.new_id("ledger").hex[:_SERIES]
    if work.session.get_bind().dialect.name == "sqlite":
        return sa.literal(series) + sa.func.substr(sa.type_coerce(numbered, sa.String()), _SERIES + 1)
    return sa.cast(sa.literal(series) + sa.func.right(sa.func.replace(sa.cast(numbered, sa.String()), "-", ""), 12), sa.Uuid())


def leg_id(work: Work, numbered: Any, leg: Any) -> sa.ColumnElement[Any]:  # Any: as above
    """The same where one numbered row makes several. leg: which of them, in one digit; they lie side by side."""
    series = work.new_id("ledger").hex[: _SERIES - 1]
    if work.session.get_bind().dialect.name == "sqlite":
        return (sa.literal(series) + sa.func.substr(sa.type_coerce(numbered, sa.String()), _SERIES + 1)).concat(leg)
    number = sa.func.right(sa.func.replace(sa.cast(numbered, sa.String()), "-", ""), 12)
    return sa.cast(sa.literal(series) + number + sa.cast(leg, sa.String()), sa.Uuid())
