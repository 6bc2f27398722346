"""Lets a migration put a column under seal, and take the seal off again on the way back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from cbi.errors import UnsafeSettings
from cbi.store.bases import Sealed
from cbi.store.keys import Keyring
from cbi.store.sealed import Place, Vault
from cbi.store.system import System

_BESIDE = "changing"  # the new column, until it takes the name of the old one


@dataclass(frozen=True, slots=True)
class Column:
    """A column of text. subject: the column that says whose key seals it.  length: of the text, when it stands in clear."""

    table: str
    name: str
    subject: str
    length: int


def seal(connection: sa.Connection, column: Column, keyring: Keyring | None) -> None:
    """Put every text of the column under seal. Raises UnsafeSettings when there is one and no key to seal it with."""
    binary = "BLOB" if connection.dialect.name == "sqlite" else "BYTEA"
    connection.exec_driver_sql(f"ALTER TABLE {column.table} ADD COLUMN {_BESIDE} {binary}")
    with Session(connection) as session:
        for place, text in list(_places(connection, column, sa.String())):
            if text:
                _put(connection, column, place, _vault(keyring).seal_at(session, place, text.encode()), Sealed())
        session.flush()
        _exchange(connection, column)


def unseal(connection: sa.Connection, column: Column, keyring: Keyring | None) -> None:
    """The way back: the texts stand in clear, as an older program reads them. Raises UnsafeSettings without a key."""
    connection.exec_driver_sql(f"ALTER TABLE {column.table} ADD COLUMN {_BESIDE} VARCHAR({column.length}) DEFAULT '' NOT NULL")
    with Session(connection) as session:
        for place, sealed in list(_places(connection, column, Sealed())):
            if sealed:
                _put(connection, column, place, _vault(keyring).open_at(session, place, bytes(sealed)).decode(), sa.String())
        _exchange(connection, column)


def _vault(keyring: Keyring | None) -> Vault:
    if keyring is None:
        raise UnsafeSettings("give the office's key: what people wrote is put under its seal, or taken from under it")
    return Vault(keyring, System("office").subject_key)


def _places(
    connection: sa.Connection, column: Column, kind: sa.types.TypeEngine[Any]
) -> Iterator[tuple[Place, Any]]:  # Any: text, or what is sealed
    table = sa.table(column.table, sa.column("id", sa.Uuid()), sa.column(column.subject, sa.Uuid()), sa.column(column.name, kind))
    rows = connection.execute(sa.select(table.c.id, table.c[column.subject].label("subject"), table.c[column.name].label("value")))
    return ((Place(column.table, column.name, row.id, row.subject), row.value) for row in rows)


def _put(connection: sa.Connection, column: Column, place: Place, value: object, kind: sa.types.TypeEngine[Any]) -> None:
    table = sa.table(column.table, sa.column("id", sa.Uuid()), sa.column(_BESIDE, kind))
    connection.execute(sa.update(table).where(table.c.id == place.id).values({_BESIDE: value}))


def _exchange(connection: sa.Connection, column: Column) -> None:
    connection.exec_driver_sql(f"ALTER TABLE {column.table} DROP COLUMN {column.name}")
    connection.exec_driver_sql(f"ALTER TABLE {column.table} RENAME COLUMN {_BESIDE} TO {column.name}")
