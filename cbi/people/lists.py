"""Lists of households for pages: by site with counts, by who registered them, by what waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.people.cards import Card, open_cards
from cbi.people.registered import open_household
from cbi.people.tables import Consent, Household, HouseholdStatus, ReviewReason
from cbi.people.tables_counts import HouseholdCount
from cbi.people.values import NewHousehold
from cbi.sites.tables import Site
from cbi.store.ids import id_of
from cbi.store.work import Reading
from cbi.web.listing import Listing, ListingArgs

SORTS = ("number", "people", "registered")
FILTERS = ("site", "status", "review", "consent")
OLDER = "older"


@dataclass(frozen=True, slots=True)
class Together:
    """How many households and people a narrowed list holds."""

    households: int
    people: int


@dataclass(frozen=True, slots=True)
class Saved:
    """A household that somebody registered, and when."""

    card: Card
    at: datetime


def households(reading: Reading, args: ListingArgs, *, consent_version: int) -> tuple[Listing[Card], Together]:
    """One page of households and the counts of all that fit. consent_version: the one read today, for finding older ones."""
    asked = _asked(reading, args, consent_version)
    together = _together(reading, asked)
    paged = args.within(together.households)
    page = _page(paged.sort, frozenset(asked), descending=paged.descending)
    ids = reading.session.connection().execute(page, {**asked, "size": paged.size, "before": paged.offset}).scalars()
    return Listing(open_cards(reading, ids), together.households, paged), together


def site_choices(reading: Reading) -> list[tuple[UUID, str]]:
    """The operation's sites by name, as forms and filters offer them."""
    found = reading.session.connection().execute(_CHOICES, {"operation_id": reading.operation_id})
    return [(row.id, row.name) for row in found]


# Nearly every page asks it: it stands ready.
_CHOICES = (
    sa.select(col(Site.id), col(Site.name))
    .where(col(Site.operation_id) == sa.bindparam("operation_id"))
    .order_by(col(Site.name), col(Site.id))
)


def sites(reading: Reading) -> list[Site]:
    """The operation's sites by name."""
    return list(
        reading.session.exec(select(Site).where(col(Site.operation_id) == reading.operation_id).order_by(col(Site.name), col(Site.id)))
    )


def registered_by(reading: Reading, person_id: UUID, *, most: int = 20) -> tuple[list[Saved], Together]:
    """What a person registered today, newest first, and the counts of all of it."""
    mine = (
        col(Household.operation_id) == reading.operation_id,
        col(Household.restricted_on).is_(None),
        col(Household.registered_by) == person_id,
        col(Household.registered_at) >= _midnight(reading),
    )
    counted = (
        reading.session.connection()
        .execute(sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(col(Household.size)), 0)).where(*mine))
        .one()
    )
    newest = col(Household.registered_at).desc(), col(Household.number).desc()
    found = reading.session.connection().execute(
        sa.select(col(Household.id), col(Household.registered_at)).where(*mine).order_by(*newest).limit(most)
    )
    saved_at = {row.id: row.registered_at for row in found}
    saved = [Saved(card, saved_at[card.id]) for card in open_cards(reading, saved_at)]
    return saved, Together(int(counted[0]), int(counted[1]))


def last_of(reading: Reading, person_id: UUID) -> NewHousehold | None:
    """The household a person registered last, for keeping its place in the next form."""
    last = sa.select(col(Household.id)).where(
        col(Household.operation_id) == reading.operation_id,
        col(Household.registered_by) == person_id,
        col(Household.restricted_on).is_(None),
    )
    newest = last.order_by(col(Household.registered_at).desc(), col(Household.id)).limit(1)
    found = reading.session.connection().execute(newest).scalar()
    return None if found is None else open_household(reading, found).told


def waiting(reading: Reading, site_id: UUID | None) -> tuple[int, datetime | None]:
    """How many households look like another and wait for an answer, and since when the oldest does."""
    fits = [col(Household.operation_id) == reading.operation_id, col(Household.review) == ReviewReason.DUPLICATE, _open()]
    if site_id:
        fits.append(col(Household.site_id) == site_id)
    row = reading.session.execute(sa.select(sa.func.count(), sa.func.min(col(Household.registered_at))).where(*fits)).one()
    return int(row[0]), row[1]


def consents_to_read(reading: Reading, site_id: UUID | None, *, consent_version: int) -> int:
    """How many households agreed to an older consent text."""
    asked = {"operation_id": reading.operation_id, "older_than": consent_version} | ({"site": site_id} if site_id else {})
    return _together(reading, asked).households


_Counted = type[Household | HouseholdCount]  # both have the columns that lists are narrowed by


def _asked(reading: Reading, args: ListingArgs, consent_version: int) -> dict[str, object]:
    """What a list is narrowed by, under the names that the statements know it by."""
    asked: dict[str, object] = {"operation_id": reading.operation_id}
    if site := id_of(args.filter("site")):
        asked["site"] = site
    if args.filter("status") in set(HouseholdStatus):
        asked["status"] = args.filter("status")
    if args.filter("review") in set(ReviewReason):
        asked["review"] = args.filter("review")
    if args.filter("consent") == OLDER:
        asked["older_than"] = consent_version
    return asked


def _together(reading: Reading, asked: Mapping[str, object]) -> Together:
    """How many households fit, and people in them, from the counts that the database keeps."""
    row = reading.session.connection().execute(_counted(frozenset(asked)), asked).one()
    return Together(int(row[0]), int(row[1]))


@cache  # there are few ways to narrow a list, and making a statement takes longer than asking it
def _counted(narrowed: frozenset[str]) -> sa.Select[int, int]:
    households, people = (sa.func.coalesce(sa.func.sum(col(column)), 0) for column in (HouseholdCount.households, HouseholdCount.people))
    return sa.select(households, people).where(sa.not_(col(HouseholdCount.hidden)), *_fits(HouseholdCount, narrowed))


@cache  # as above
def _page(sort: str, narrowed: frozenset[str], *, descending: bool) -> sa.Select[Any]:
    column = {"number": col(Household.number), "people": col(Household.size), "registered": col(Household.registered_at)}[sort]
    # A number is one household's alone; with the id behind it SQLite would leave the index of one site's numbers aside.
    last = () if sort == "number" else (col(Household.id),)
    return (
        sa.select(col(Household.id))
        .where(col(Household.restricted_on).is_(None), *_fits(Household, narrowed))
        .order_by(column.desc() if descending else column.asc(), *last)
        .limit(sa.bindparam("size"))
        .offset(sa.bindparam("before"))
    )


def _fits(table: _Counted, narrowed: frozenset[str]) -> list[sa.ColumnElement[bool]]:
    fits = [col(table.operation_id) == sa.bindparam("operation_id")]
    if "site" in narrowed:
        fits.append(col(table.site_id) == sa.bindparam("site"))
    if "status" in narrowed:
        fits.append(col(table.status) == sa.bindparam("status"))
    if "review" in narrowed:
        fits += [col(table.review) == sa.bindparam("review"), _open(table)]
    if "older_than" in narrowed:
        consent, version = col(table.consent), col(table.consent_version)
        fits += [consent == Consent.AGREES.value, version < sa.bindparam("older_than"), _open(table)]
    return fits


def _open(table: _Counted = Household) -> sa.ColumnElement[bool]:
    return col(table.status).not_in([HouseholdStatus.MERGED.value, HouseholdStatus.WITHDRAWN.value])


def _midnight(reading: Reading) -> datetime:
    return reading.now.astimezone(ZoneInfo(reading.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
