"""Lists of households for pages: by site with counts, by who registered them, by what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
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


def households(reading: Reading, args: ListingArgs, *, consent_version: int) -> tuple[Listing[Card], Together]:
    """One page of households and the counts of all that fit. consent_version: the one read today, for finding older ones."""
    together = _together(reading, _fits(reading, HouseholdCount, args, consent_version))
    paged = args.within(together.households)
    column = {"number": col(Household.number), "people": col(Household.size), "registered": col(Household.registered_at)}[paged.sort]
    # A number is one household's alone; with the id behind it SQLite would leave the index of one site's numbers aside.
    last = () if paged.sort == "number" else (col(Household.id),)
    ordered = sa.select(col(Household.id)).where(*_fits(reading, Household, args, consent_version))
    page = ordered.order_by(column.desc() if paged.descending else column.asc(), *last).limit(paged.size).offset(paged.offset)
    ids = reading.session.connection().execute(page).scalars()
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


def registered_by(reading: Reading, person_id: UUID, *, most: int = 20) -> tuple[list[Card], Together]:
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
    ids = reading.session.connection().execute(
        sa.select(col(Household.id)).where(*mine).order_by(col(Household.registered_at).desc(), col(Household.number).desc()).limit(most)
    )
    return open_cards(reading, ids.scalars()), Together(int(counted[0]), int(counted[1]))


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
    fits = [col(HouseholdCount.operation_id) == reading.operation_id, *_older(HouseholdCount, consent_version)]
    if site_id:
        fits.append(col(HouseholdCount.site_id) == site_id)
    return _together(reading, fits).households


_Counted = type[Household | HouseholdCount]  # both have the columns that lists are narrowed by


def _together(reading: Reading, fits: Sequence[sa.ColumnElement[bool]]) -> Together:
    """How many households fit, and people in them, from the counts that the database keeps."""
    asked = sa.select(
        *(sa.func.coalesce(sa.func.sum(column), 0) for column in (col(HouseholdCount.households), col(HouseholdCount.people)))
    )
    row = reading.session.connection().execute(asked.where(*fits)).one()
    return Together(int(row[0]), int(row[1]))


def _fits(reading: Reading, table: _Counted, args: ListingArgs, consent_version: int) -> list[sa.ColumnElement[bool]]:
    shown = col(Household.restricted_on).is_(None) if table is Household else sa.not_(col(HouseholdCount.hidden))
    fits: list[sa.ColumnElement[bool]] = [col(table.operation_id) == reading.operation_id, shown]
    if site := id_of(args.filter("site")):
        fits.append(col(table.site_id) == site)
    if args.filter("status") in set(HouseholdStatus):
        fits.append(col(table.status) == args.filter("status"))
    if args.filter("review") in set(ReviewReason):
        fits += [col(table.review) == args.filter("review"), _open(table)]
    if args.filter("consent") == OLDER:
        fits += _older(table, consent_version)
    return fits


def _open(table: _Counted = Household) -> sa.ColumnElement[bool]:
    return col(table.status).not_in([HouseholdStatus.MERGED.value, HouseholdStatus.WITHDRAWN.value])


def _older(table: _Counted, consent_version: int) -> Sequence[sa.ColumnElement[bool]]:
    return [col(table.consent) == Consent.AGREES.value, col(table.consent_version) < consent_version, _open(table)]


def _midnight(reading: Reading) -> datetime:
    return reading.now.astimezone(ZoneInfo(reading.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
