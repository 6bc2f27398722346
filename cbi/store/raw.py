"""Ids as the driver itself gives them: making an id of each would be a good part of the work on a hundred thousand rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa


def raw(column: sa.ColumnElement[Any] | sa.SQLColumnExpression[Any]) -> sa.ColumnElement[Any]:  # Any: whatever the driver gives
    """A column as the driver gives it, converted by nobody."""
    return sa.type_coerce(column, sa.types.NullType())


def digits(given: str | UUID) -> str:
    """An id as the driver gives it, in hexadecimal digits: SQLite keeps them, PostgreSQL hands out ids."""
    return given if isinstance(given, str) else given.hex
