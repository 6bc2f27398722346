"""Everybody who is registered, opened a few at a time, as the model of duplicates compares them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.people.match_columns import Told
from cbi.people.tables import Document, DocumentKind, Household, HouseholdStatus, Member, Phone
from cbi.store.bases import OfficeTable
from cbi.store.parts import in_parts
from cbi.store.sealed import SealedRow
from cbi.store.work import Reading

_Rows = dict[UUID, list[tuple[Any, ...]]]  # Any: the columns asked for


def households_to_compare(reading: Reading) -> list[UUID]:
    """Every household that is still an entry of its own and is not hidden, in a fixed order."""
    asked = sa.select(col(Household.id)).where(
        col(Household.operation_id) == reading.operation_id,
        col(Household.status) != HouseholdStatus.MERGED,
        col(Household.restricted_on).is_(None),
    )
    return list(reading.session.connection().execute(asked.order_by(col(Household.id))).scalars())


def everybody(reading: Reading, households: Sequence[UUID]) -> Iterator[Told]:
    """The people of these households; `household` is the place of theirs among them. Of one that was erased or is hidden, nobody."""
    first = 0
    reading.session.flush()
    for part in in_parts(households):
        yield from _opened(reading, part, first)
        first += len(part)


def _opened(reading: Reading, ids: Sequence[UUID], first: int) -> Iterator[Told]:
    connection, key = reading.session.connection(), reading.system.subject_key
    asked = sa.select(col(key.id), col(key.wrapped)).where(col(key.id).in_(ids))
    wrapped: dict[UUID, bytes | None] = {row[0]: row[1] for row in connection.execute(asked)}
    columns = (col(Household.id), col(Household.site_id), col(Household.shelter))
    homes = {row[0]: row for row in connection.execute(sa.select(*columns).where(col(Household.id).in_(ids), col(Household.restricted_on).is_(None)))}
    members = _by_household(reading, Member, ids, ("id", "sex", "given", "family", "latin", "born"))
    documents = _by_household(reading, Document, ids, ("id", "member_id", "kind", "number"))
    phones = _by_household(reading, Phone, ids, ("id", "number"))
    for place, home in enumerate(ids, start=first):
        if home not in homes or wrapped.get(home) is None:
            continue

        def text(
            table: type[OfficeTable], row_id: UUID, names: Sequence[str], values: Sequence[bytes | None], home: UUID = home
        ) -> list[str]:
            return reading.vault.open_row(table, names, SealedRow(row_id.hex, home.hex, True, wrapped[home], values))

        [shelter] = text(Household, home, ("shelter",), (homes[home][2],))
        numbers = tuple(text(Phone, row[0], ("number",), row[1:])[0] for row in phones[home])
        held: dict[UUID, list[str]] = defaultdict(list)
        for document_id, member_id, kind, number in documents[home]:
            if kind != DocumentKind.TOKEN:
                held[member_id] += text(Document, document_id, ("number",), (number,))
        for member_id, sex, *sealed in members[home]:
            given, family, latin, born = text(Member, member_id, ("given", "family", "latin", "born"), sealed)
            yield Told(place, given, family, latin, born, sex.value, numbers, held[member_id], str(homes[home][1]), shelter)


def _by_household(reading: Reading, table: type[OfficeTable], ids: Sequence[UUID], names: Sequence[str]) -> _Rows:
    found: _Rows = defaultdict(list)
    home = table.__table__.c.household_id  # type: ignore[attr-defined]
    columns = [table.__table__.c[name] for name in names]  # type: ignore[attr-defined]
    asked = sa.select(home, *columns).where(home.in_(ids)).order_by(columns[0])
    for home_id, *row in reading.session.connection().execute(asked):
        found[home_id].append(tuple(row))
    return found
