"""Households as a line of a list shows them: only the head, and whoever was looked for, are opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.people.tables import Household, HouseholdStatus, Member, ReviewReason
from cbi.sites.tables import Site
from cbi.store.sealed import SealedRow
from cbi.store.work import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One line. people: how many; who: the person looked for, when that is not the head, else ""; latin: their whole name in Latin letters."""

    id: UUID
    number: str
    site_name: str
    shelter: str
    people: int
    status: HouseholdStatus
    review: ReviewReason | None
    registered_on: date
    registered_at: datetime
    head: str
    who: str = ""
    latin: str = ""


def open_cards(reading: Reading, ids: Iterable[UUID], *, looked_for: Mapping[UUID, UUID] | None = None) -> list[Card]:
    """These households in the order given, in three queries; hidden ones are left out. looked_for: the member to name, by household."""
    wanted = list(dict.fromkeys(ids))
    keys = reading.system.subject_key
    asked = (
        sa.select(*_HOUSEHOLD, *_PERSON, col(keys.id).label("key_id"), col(keys.wrapped))
        .outerjoin(Member, sa.and_(col(Member.household_id) == col(Household.id), col(Member.position) == 1))
        .outerjoin(keys, col(keys.id) == col(Household.id))
        .where(col(Household.id).in_(wanted), col(Household.restricted_on).is_(None))
    )
    # The operation is asked of the rows: named in the statement, SQLite takes it for the better index and goes through all its households.
    rows = {row.id: row for row in reading.session.connection().execute(asked) if row.operation_id == reading.operation_id}
    # Not joined: SQLite would go from the sites through all their households.
    named = sa.select(col(Site.id), col(Site.name)).where(col(Site.id).in_({row.site_id for row in rows.values()}))
    sites = {row.id: row.name for row in reading.session.connection().execute(named)}
    others = _others(reading, list((looked_for or {}).values()))
    return [_card(reading, rows[one], sites, others.get(one)) for one in wanted if one in rows]


_Row = Any  # a row of the columns asked for below, by their names
_NAMES = ("given", "family", "latin")
_HOUSEHOLD = tuple(
    col(getattr(Household, name))
    for name in ("id", "operation_id", "number", "site_id", "size", "status", "review", "registered_on", "registered_at", "shelter")
)
_PERSON = (col(Member.id).label("member_id"), *(col(getattr(Member, name)) for name in _NAMES))


def _others(reading: Reading, ids: list[UUID]) -> dict[UUID, _Row]:
    """The members looked for that are no heads, by household."""
    if not ids:
        return {}
    asked = sa.select(col(Member.household_id), *_PERSON).where(col(Member.id).in_(ids), col(Member.position) != 1)
    return {row.household_id: row for row in reading.session.connection().execute(asked)}


def _card(reading: Reading, row: _Row, sites: Mapping[UUID, str], other: _Row | None) -> Card:
    """One line. Of a closed household whose people moved there is nobody to name."""

    def opened(table: type[Household | Member], columns: tuple[str, ...], found: _Row, row_id: UUID | None) -> list[str]:
        if row_id is None:
            return [""] * len(columns)
        values = [getattr(found, column) for column in columns]
        sealed = SealedRow(row_id.hex, row.id.hex, row.key_id is not None, row.wrapped, values)
        return reading.vault.open_row(table, columns, sealed)

    (shelter,) = opened(Household, ("shelter",), row, row.id)
    given, family, latin = opened(Member, _NAMES, row, row.member_id)
    who = ""
    if other is not None:
        first, last, latin = opened(Member, _NAMES, other, other.member_id)
        who = f"{first} {last}".strip()
    return Card(
        id=row.id,
        number=row.number,
        site_name=sites[row.site_id],
        shelter=shelter,
        people=row.size,
        status=row.status,
        review=row.review,
        registered_on=row.registered_on,
        registered_at=row.registered_at,
        head=f"{given} {family}".strip(),
        who=who,
        latin=latin,
    )
