"""What registration is measured beside: the least that the same work takes without the program."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cbi.people.tables import Account, Document, Household, Member, Phone, SearchToken
from cbi.sites.tables import Site
from cbi.store.engines import connect
from cbi.store.records import Records
from cbi.store.system import OfficeSubjectKey

TABLES = (Household, Member, Document, Phone, Account, SearchToken)
_SEALED = {
    Household: ("shelter", "alternate_name"),
    Member: ("given", "family", "latin", "born", "washington"),
    Document: ("number",),
    Phone: ("number",),
    Account: ("number",),
    SearchToken: (),
}
_AT_ONCE = 500  # households, as the import saves them
_AROUND = 2 + 12 + 16  # mark, nonce and tag of a sealed value


def seal_and_insert(records: Records, into: Path) -> float:
    """Processor seconds of sealing and inserting every row of an office again with SQLAlchemy Core, into an empty database of the same tables."""
    target = connect(f"sqlite:///{into}")
    tables = [OfficeSubjectKey.__table__, *(table.__table__ for table in TABLES)]
    sa.MetaData.create_all(Household.metadata, target)
    with records.engine.connect() as connection, target.execution_options(writing=True).begin() as other:
        other.execute(sa.insert(Site.__table__), [dict(row) for row in connection.execute(sa.select(Site.__table__)).mappings()])
    spent = 0.0
    for part in _parts(records):
        begun = time.process_time()
        ciphers = {row["id"]: AESGCM(os.urandom(32)) for row in part[OfficeSubjectKey]}
        with target.execution_options(writing=True).begin() as connection:
            connection.execute(sa.insert(tables[0]), part[OfficeSubjectKey])
            for table in TABLES:
                rows = [_sealed(table, row, ciphers) for row in part[table]]
                if rows:
                    connection.execute(sa.insert(table.__table__), rows)
        spent += time.process_time() - begun
    target.dispose()
    return spent


def _sealed(table: Any, row: dict[str, Any], ciphers: dict[UUID, AESGCM]) -> dict[str, Any]:  # Any: a table class and its values
    subject = row["id"] if table is Household else row["household_id"]
    for column in _SEALED[table]:
        if row[column] is not None:
            nonce = os.urandom(12)
            row[column] = b"\x01s" + nonce + ciphers[subject].encrypt(nonce, row[column], row["id"].bytes)
    return row


def _parts(records: Records) -> Iterator[dict[Any, list[dict[str, Any]]]]:
    """Every row by parts of so many households; where a value is sealed, as many plain bytes as it holds."""
    with records.engine.connect() as connection:
        ids = list(connection.execute(sa.select(Household.__table__.c.id).order_by(sa.text("rowid"))).scalars())
        for start in range(0, len(ids), _AT_ONCE):
            part = ids[start : start + _AT_ONCE]
            found = {table: _rows(connection, table, part) for table in TABLES}
            keys = connection.execute(sa.select(OfficeSubjectKey.__table__).where(OfficeSubjectKey.__table__.c.id.in_(part))).mappings()
            yield {OfficeSubjectKey: [dict(row) for row in keys], **found}


def _rows(connection: sa.Connection, table: Any, ids: list[UUID]) -> list[dict[str, Any]]:
    of = table.__table__.c.id if table is Household else table.__table__.c.household_id
    rows = connection.execute(sa.select(table.__table__).where(of.in_(ids)).order_by(sa.text("rowid"))).mappings()
    return [_plain(table, dict(row)) for row in rows]


def _plain(table: Any, row: dict[str, Any]) -> dict[str, Any]:
    for column in _SEALED[table]:
        if row[column] is not None:
            row[column] = b"x" * (len(row[column]) - _AROUND)
    return row
