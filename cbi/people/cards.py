"""Households as a line of a list shows them: only the head, and whoever was looked for, are opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.people.tables import Household, HouseholdStatus, Member, ReviewReason
from cbi.sites.tables import Site
from cbi.store.system import SubjectKey
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
    """These households in the order given, in one query or two; hidden ones are left out. looked_for: the member to name, by household."""
    wanted = list(dict.fromkeys(ids))
    found = reading.session.connection().execute(_cards(reading.system.subject_key), {"ids": wanted, "operation_id": reading.operation_id})
    rows = {row.id: row for row in found.all()}  # fetched at once: one by one takes the library twice as long
    others = _others(reading, list((looked_for or {}).values()))
    return [_card(reading, rows[one], others.get(one)) for one in wanted if one in rows]


_Row = Any  # a row of the columns asked for below, by their names
_SHELTER, _NAMES = ("shelter",), ("given", "family", "latin")
_HOUSEHOLD = tuple(
    col(getattr(Household, name)) for name in ("id", "number", "size", "status", "review", "registered_on", "registered_at", "shelter")
)
_PERSON = (col(Member.id).label("member_id"), *(col(getattr(Member, name)) for name in _NAMES))


@cache  # every list asks it: it stands ready
def _cards(keys: type[SubjectKey]) -> sa.Select[Any]:
    # Not joined: SQLite would go from the sites through all their households.
    named = sa.select(col(Site.name)).where(col(Site.id) == col(Household.site_id)).scalar_subquery()
    # As a condition by itself SQLite takes the operation for the better index, and goes through all its households.
    ours = sa.case((col(Household.operation_id) == sa.bindparam("operation_id", type_=sa.Uuid()), 1), else_=0) == 1
    return (
        sa.select(*_HOUSEHOLD, named.label("site_name"), *_PERSON, col(keys.id).is_not(None).label("has_key"), col(keys.wrapped))
        .outerjoin(Member, sa.and_(col(Member.household_id) == col(Household.id), col(Member.position) == 1))
        .outerjoin(keys, col(keys.id) == col(Household.id))
        .where(col(Household.id).in_(sa.bindparam("ids", expanding=True)), ours, col(Household.restricted_on).is_(None))
    )


_OTHERS = sa.select(col(Member.household_id), *_PERSON).where(
    col(Member.id).in_(sa.bindparam("ids", expanding=True)), col(Member.position) != 1
)


def _others(reading: Reading, ids: list[UUID]) -> dict[UUID, _Row]:
    """The members looked for that are no heads, by household."""
    if not ids:
        return {}
    return {row.household_id: row for row in reading.session.connection().execute(_OTHERS, {"ids": ids}).all()}


def _card(reading: Reading, row: _Row, other: _Row | None) -> Card:
    """One line. Of a closed household whose people moved there is nobody to name."""
    opener = reading.vault.opener(row.id, known=bool(row.has_key), wrapped=row.wrapped)
    (shelter,) = opener.texts(Household, _SHELTER, row.id, (row.shelter,))
    given = family = latin = who = ""
    if row.member_id is not None:
        given, family, latin = opener.texts(Member, _NAMES, row.member_id, (row.given, row.family, row.latin))
    if other is not None:
        first, last, latin = opener.texts(Member, _NAMES, other.member_id, (other.given, other.family, other.latin))
        who = f"{first} {last}".strip()
    return Card(
        id=row.id,
        number=row.number,
        site_name=row.site_name,
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
