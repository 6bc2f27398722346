"""Lists of verification visits: the work list, one draw with all it drew, and the draws before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere
from cbi.people.tables import Household, HouseholdStatus
from cbi.people.tables_verification import Found, VerificationDraw, VerificationVisit
from cbi.sites.tables import Site
from cbi.store.ids import id_of
from cbi.store.work import Reading
from cbi.web.listing import Listing, ListingArgs


@dataclass(frozen=True, slots=True)
class ToVisit:
    """A household to visit, as the work list shows it: where it lives, never who, never why. again: seen, and corrected since."""

    visit_id: UUID
    number: str
    site_name: str
    shelter: str
    language: str
    again: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A household of a draw, for whoever drew: no place, no name. reasons: codes.  again: seen, and corrected since."""

    number: str
    site_name: str
    reasons: tuple[str, ...]
    found: Found | None
    visited_at: datetime | None
    again: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """A draw with what its visits found so far. open: how many of them are on the work list, with those to make again after a correction."""

    draw: VerificationDraw
    found: dict[Found, int]
    open: int


def to_visit(reading: Reading, args: ListingArgs) -> Listing[ToVisit]:
    """One page of open visits by registration number, narrowed by site."""
    fits = [*_on_list(), col(Household.operation_id) == reading.operation_id]
    if site_id := id_of(args.filter("site")):
        fits.append(col(Household.site_id) == site_id)
    total = _count(
        reading, sa.select(col(VerificationVisit.id)).join(Household, col(Household.id) == col(VerificationVisit.household_id)).where(*fits)
    )
    args = args.within(total)
    query = (
        select(VerificationVisit, Household, Site.name)
        .join(Household, col(Household.id) == col(VerificationVisit.household_id))
        .join(Site, col(Site.id) == col(Household.site_id))
        .where(*fits)
        .order_by(_direction(args, col(Household.number)), col(VerificationVisit.id))
    )
    rows = reading.session.exec(query.limit(args.size).offset(args.offset)).all()
    reading.vault.prefetch(reading.session, [household for _visit, household, _name in rows])
    found = [
        ToVisit(visit.id, one.number, name, reading.open(one, "shelter"), one.language, again=visit.found is not None)
        for visit, one, name in rows
    ]
    return Listing(found, total, args)


def drawn(reading: Reading, draw_id: UUID, args: ListingArgs) -> Listing[Drawn]:
    """One page of what a draw drew, by registration number."""
    fits = [col(VerificationVisit.draw_id) == draw_id, col(Household.restricted_on).is_(None)]
    if args.filter("found") in set(Found):
        fits.append(col(VerificationVisit.found) == Found(args.filter("found")))
    here = sa.select(col(VerificationVisit.id)).join(Household, col(Household.id) == col(VerificationVisit.household_id))
    total = _count(reading, here.where(*fits))
    args = args.within(total)
    query = (
        select(Household.number, Site.name, VerificationVisit, _again())
        .join(VerificationVisit, col(VerificationVisit.household_id) == col(Household.id))
        .join(Site, col(Site.id) == col(Household.site_id))
        .where(*fits)
        .order_by(_direction(args, col(Household.number)), col(VerificationVisit.id))
    )
    rows = reading.session.exec(query.limit(args.size).offset(args.offset))
    found = [
        Drawn(number, name, tuple(visit.reasons.split(",")), visit.found, visit.visited_at, bool(again))
        for number, name, visit, again in rows
    ]
    return Listing(found, total, args)


def draws(reading: Reading, args: ListingArgs) -> Listing[Progress]:
    """One page of draws with what they found, the newest first."""
    total = _count(reading, sa.select(col(VerificationDraw.id)))
    args = args.within(total)
    key = _direction(args, col(VerificationDraw.number))
    rows = reading.session.exec(select(VerificationDraw).order_by(key, col(VerificationDraw.id)).limit(args.size).offset(args.offset)).all()
    return Listing(_progress(reading, rows), total, args)


def progress(reading: Reading, draw_id: UUID) -> Progress:
    """One draw with what it found. Raises NotThere."""
    row = reading.session.get(VerificationDraw, draw_id)
    if row is None:
        raise NotThere
    return _progress(reading, [row])[0]


def open_visits(reading: Reading, site_id: UUID | None) -> int:
    """How many visits are on the work list, at one site or everywhere."""
    query = sa.select(col(VerificationVisit.id)).join(Household, col(Household.id) == col(VerificationVisit.household_id))
    query = query.where(*_on_list())
    return _count(reading, query if site_id is None else query.where(col(Household.site_id) == site_id))


def _on_list() -> list[sa.ColumnElement[bool]]:
    """What is asked of a visit on the work list: not made, or to make again; and nobody left or is hidden."""
    return [sa.or_(col(VerificationVisit.found).is_(None), _again()), *_there()]


def _again() -> sa.ColumnElement[bool]:
    """Whether a visit found something else that was corrected since."""
    return sa.and_(col(VerificationVisit.found) == Found.DIFFERS, col(Household.version) > col(VerificationVisit.household_version))


def _there() -> list[sa.ColumnElement[bool]]:
    left = (HouseholdStatus.WITHDRAWN, HouseholdStatus.MERGED)
    return [col(Household.restricted_on).is_(None), col(Household.status).not_in(left)]


def _progress(reading: Reading, rows: Sequence[VerificationDraw]) -> list[Progress]:
    ids = [row.id for row in rows]
    found, waiting = _found(reading, ids), _waiting(reading, ids)
    return [Progress(row, found.get(row.id, {}), waiting.get(row.id, 0)) for row in rows]


def _waiting(reading: Reading, draw_ids: list[UUID]) -> dict[UUID, int]:
    draw = col(VerificationVisit.draw_id)
    query = sa.select(draw, sa.func.count()).join(Household, col(Household.id) == col(VerificationVisit.household_id))
    rows = reading.session.connection().execute(query.where(draw.in_(draw_ids), *_on_list()).group_by(draw))
    return {draw_id: int(count) for draw_id, count in rows}


def _found(reading: Reading, draw_ids: list[UUID]) -> dict[UUID, dict[Found, int]]:
    query = sa.select(col(VerificationVisit.draw_id), col(VerificationVisit.found), sa.func.count())
    query = query.where(col(VerificationVisit.draw_id).in_(draw_ids), col(VerificationVisit.found).is_not(None))
    counted: dict[UUID, dict[Found, int]] = {}
    for draw_id, found, count in reading.session.connection().execute(
        query.group_by(col(VerificationVisit.draw_id), col(VerificationVisit.found))
    ):
        counted.setdefault(draw_id, {})[Found(found)] = int(count)  # type: ignore[arg-type]  # the query asks for those that were found
    return counted


def _count(reading: Reading, query: sa.Select[Any]) -> int:  # Any: as SQLAlchemy types a selection
    return int(reading.session.connection().execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one())


def _direction(args: ListingArgs, column: Any) -> Any:  # Any: as SQLAlchemy types a column to sort by
    return column.desc() if args.descending else column
