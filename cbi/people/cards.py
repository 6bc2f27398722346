"""Households as a line of a list shows them: only the head, and whoever was looked for, are opened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from cbi.people.tables import Household, HouseholdStatus, Member, ReviewReason
from cbi.sites.tables import Site
from cbi.store.raw import RawId, dashed, digits, raw
from cbi.store.system import SubjectKey
from cbi.store.work import Reading

_SHELTER, _NAMES = ("shelter",), ("given", "family", "latin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One line. people: how many; who: the person looked for, when that is not the head, else ""; latin: their whole name in Latin letters.

    shelter: "" where somebody was looked for: what a search does not show is not opened.
    """

    id: UUID
    number: str
    site_name: str
    shelter: str
    people: int
    status: HouseholdStatus
    review: ReviewReason | None
    registered_on: date
    head: str
    who: str = ""
    latin: str = ""


def open_cards(reading: Reading, ids: Iterable[UUID]) -> list[Card]:
    """These households in the order given, in one query; hidden ones are left out."""
    wanted = list(dict.fromkeys(ids))
    found = _asked(reading, _by_ids(reading.system.subject_key), ids=wanted)
    cards = {line.id: _card(reading, line) for line in found}
    return [cards[one] for one in wanted if one in cards]


def open_found(reading: Reading, members: Sequence[str]) -> dict[str, Card]:
    """The households of people who were looked for, by each of them, in one query; hidden ones are left out. members: ids in hexadecimal digits."""
    found = _asked(reading, _by_members(reading.system.subject_key), members=members)
    return {digits(line.who_id): _card(reading, line) for line in found if line.who_id is not None}


def _asked(reading: Reading, lines: sa.Select[Any], **asked: object) -> list[_Line]:
    """What a statement of `_lines` finds, in no order."""
    rows = reading.session.connection().execute(lines, {**asked, "operation_id": reading.operation_id}).all()
    return [_Line(*row) for row in rows if row[0] is not None]


_Column = sa.SQLColumnExpression[Any]


def _lines(
    chosen: Any, household_id: _Column, keys: type[SubjectKey], shelter: _Column
) -> sa.Select[Any]:  # Any: a subquery, or a table's class
    """A statement for what lines show of the households chosen: one row each, an empty one for a hidden household.

    chosen: what is selected from; household_id: its column that names them.  It is asked with the `operation_id`.
    """
    head = aliased(Member)
    # Not joined: SQLite would go from the sites through all their households.
    named = sa.select(col(Site.name)).where(col(Site.id) == col(Household.site_id)).scalar_subquery()
    ours = col(Household.operation_id) == sa.bindparam("operation_id", type_=sa.Uuid())
    return (
        sa.select(*_HOUSEHOLD, shelter, named, *_person(head), col(keys.id).is_not(None), col(keys.wrapped))
        .select_from(chosen)
        .outerjoin(Household, sa.and_(col(Household.id) == household_id, ours, col(Household.restricted_on).is_(None)))
        .outerjoin(head, sa.and_(col(head.household_id) == col(Household.id), col(head.position) == 1))
        .outerjoin(keys, col(keys.id) == col(Household.id))
    )


class _Line(NamedTuple):
    """A row of such a statement. By a row's own names each value is found anew, which takes longer than opening what is sealed."""

    id: UUID
    number: str
    size: int
    status: HouseholdStatus
    review: ReviewReason | None
    registered_on: date
    shelter: bytes | None
    site_name: str
    head_id: RawId | None
    head_given: bytes | None
    head_family: bytes | None
    head_latin: bytes | None
    has_key: bool
    wrapped: bytes | None
    who_id: RawId | None = None
    who_given: bytes | None = None
    who_family: bytes | None = None
    who_latin: bytes | None = None


_HOUSEHOLD = tuple(col(getattr(Household, name)) for name in _Line._fields[: _Line._fields.index("shelter")])


def _person(member: type[Member]) -> tuple[_Column, ...]:
    return (raw(col(member.id)), *(col(getattr(member, name)) for name in _NAMES))


@cache  # every list asks it: it stands ready
def _by_ids(keys: type[SubjectKey]) -> sa.Select[Any]:
    ids: sa.BindParameter[UUID] = sa.bindparam("ids", expanding=True)
    chosen = sa.select(col(Household.id).label("household_id")).where(col(Household.id).in_(ids)).subquery()
    return _lines(chosen, chosen.c.household_id, keys, col(Household.shelter))


@cache  # as above
def _by_members(keys: type[SubjectKey]) -> sa.Select[Any]:
    who, members = aliased(Member), sa.bindparam("members", expanding=True, type_=sa.types.NullType())
    lines = _lines(who, col(who.household_id), keys, sa.null())
    return lines.add_columns(*_person(who)).where(raw(col(who.id)).in_(members))


def _card(reading: Reading, line: _Line) -> Card:
    """One line. Of a closed household whose people moved there is nobody to name."""
    opener = reading.vault.opener(line.id, known=line.has_key, wrapped=line.wrapped)
    shelter = given = family = latin = who = ""
    if line.shelter is not None:
        (shelter,) = opener.texts(Household, _SHELTER, line.id, (line.shelter,))
    if line.head_id is not None:
        given, family, latin = opener.texts(Member, _NAMES, dashed(line.head_id), (line.head_given, line.head_family, line.head_latin))
    if line.who_id not in {None, line.head_id}:
        first, last, latin = opener.texts(Member, _NAMES, dashed(line.who_id), (line.who_given, line.who_family, line.who_latin))
        who = f"{first} {last}".strip()
    return Card(
        id=line.id,
        number=line.number,
        site_name=line.site_name,
        shelter=shelter,
        people=line.size,
        status=line.status,
        review=line.review,
        registered_on=line.registered_on,
        head=f"{given} {family}".strip(),
        who=who,
        latin=latin,
    )
