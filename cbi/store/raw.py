"""Ids as the driver itself gives them: making an id of each would be a good part of the work on a hundred thousand rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa


def raw(column: sa.ColumnElement[Any] | sa.SQLColumnExpression[Any]) -> sa.ColumnElement[Any]:  # Any: whatever the driver gives
    """A column as the driver gives it, converted by nobody."""
    return sa.type_coerce(column, sa.types.NullType())


RawId = str | UUID  # SQLite keeps hexadecimal digits, PostgreSQL hands out ids


def digits(given: RawId) -> str:
    """An id as the driver gives it, in hexadecimal digits."""
    return given if isinstance(given, str) else given.hex


def dashed(given: RawId) -> str:
    """An id as the driver gives it, in the form that people and seals know it by."""
    if isinstance(given, str):
        return f"{given[:8]}-{given[8:12]}-{given[12:16]}-{given[16:20]}-{given[20:]}"
    return str(given)
