"""Everybody who is registered, opened a few at a time, as the model of duplicates compares them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from cbi.people.match_columns import Told
from cbi.people.tables import Document, DocumentKind, Household, HouseholdStatus, Member, Phone
from cbi.store.bases import OfficeTable
from cbi.store.parts import in_parts
from cbi.store.sealed import SealedRow
from cbi.store.work import Reading


def households_to_compare(reading: Reading) -> list[UUID]:
    """Every household that is still an entry of its own and is not hidden, in a fixed order."""
    asked = sa.select(col(Household.id)).where(
        col(Household.operation_id) == reading.operation_id,
        col(Household.status) != HouseholdStatus.MERGED,
        col(Household.restricted_on).is_(None),
    )
    return list(reading.session.connection().execute(asked.order_by(col(Household.id))).scalars())


def everybody(reading: Reading, households: Sequence[UUID]) -> Iterator[Told]:
    """The people of these households; `household` is the place of theirs among them. Of one that was erased, closed or is hidden, nobody."""
    first = 0
    reading.session.flush()
    for part in in_parts(households):
        yield from _opened(reading, part, first)
        first += len(part)


def _opened(reading: Reading, ids: Sequence[UUID], first: int) -> Iterator[Told]:
    key = reading.system.subject_key
    kept = reading.session.connection().execute(
        sa.select(col(key.id), col(key.wrapped)).where(col(key.id).in_(ids), col(key.wrapped).is_not(None))
    )
    wrapped: dict[UUID, bytes] = {row[0]: row[1] for row in kept if row[1] is not None}
    homes = {home: one[0] for home, one in _rows(reading, Household, wrapped, ("site_id",), ("shelter",)).items()}
    members = _rows(reading, Member, wrapped, ("id", "sex"), ("given", "family", "latin", "born"))
    documents = _rows(reading, Document, wrapped, ("member_id",), ("number",))
    phones = _rows(reading, Phone, wrapped, (), ("number",))
    for place, home in enumerate(ids, start=first):
        if home not in homes:
            continue
        site_id, shelter = homes[home]
        numbers = [number for (number,) in phones[home]]
        held: dict[UUID, list[str]] = defaultdict(list)
        for member_id, number in documents[home]:
            held[member_id].append(number)
        for member_id, sex, given, family, latin, born in members[home]:
            yield Told(place, given, family, latin, born, sex.value, numbers, held[member_id], str(site_id), shelter)


_COMPARED: Mapping[type[OfficeTable], ColumnElement[bool]] = {
    Household: sa.and_(col(Household.restricted_on).is_(None), col(Household.status) != HouseholdStatus.MERGED),
    Document: col(Document.kind) != DocumentKind.TOKEN,
}
"""Of these tables only some rows."""


def _rows(
    reading: Reading, table: type[OfficeTable], wrapped: Mapping[UUID, bytes], plain: tuple[str, ...], sealed: tuple[str, ...]
) -> dict[UUID, list[tuple[Any, ...]]]:  # Any: the columns asked for
    """The rows of one table by household: some columns as they are, then the texts of some sealed ones."""
    rows = reading.session.connection().execute(_asked(table, (*plain, *sealed)), {"homes": list(wrapped)}).all()
    start = 2 + len(plain)
    texts = reading.vault.open_columns(
        table, sealed, (SealedRow(row[0].hex, row[1].hex, True, wrapped[row[1]], row[start:]) for row in rows)
    )
    found: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for row, *opened in zip(rows, *texts, strict=True):
        found[row[1]].append((*row[2:start], *opened))
    return found


@cache  # a statement costs more to put together than its answer does to read
def _asked(table: type[OfficeTable], names: tuple[str, ...]) -> sa.Select[tuple[Any, ...]]:  # Any: the columns asked for
    """Id, household and these columns, household by household."""
    columns = sa.inspect(table).columns
    home = columns["household_id" if "household_id" in columns else "id"]
    asked = sa.select(columns["id"], home, *(columns[name] for name in names)).where(home.in_(sa.bindparam("homes", expanding=True)))
    return asked.where(_COMPARED.get(table, sa.true())).order_by(home, columns["id"])
