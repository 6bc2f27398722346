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
    fits = _fits(reading, args, consent_version)
    counted = (
        reading.session.connection()
        .execute(sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(col(Household.size)), 0)).where(*fits))
        .one()
    )
    paged = args.within(int(counted[0]))
    column = {"number": col(Household.number), "people": col(Household.size), "registered": col(Household.registered_at)}[paged.sort]
    ordered = sa.select(col(Household.id)).where(*fits).order_by(column.desc() if paged.descending else column.asc(), col(Household.id))
    ids = reading.session.connection().execute(ordered.limit(paged.size).offset(paged.offset)).scalars()
    return Listing(open_cards(reading, ids), int(counted[0]), paged), Together(int(counted[0]), int(counted[1]))


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
    fits = [col(Household.operation_id) == reading.operation_id, *_older(consent_version)]
    if site_id:
        fits.append(col(Household.site_id) == site_id)
    return int(reading.session.connection().execute(sa.select(sa.func.count()).where(*fits)).scalar_one())


def _fits(reading: Reading, args: ListingArgs, consent_version: int) -> list[sa.ColumnElement[bool]]:
    fits: list[sa.ColumnElement[bool]] = [col(Household.operation_id) == reading.operation_id, col(Household.restricted_on).is_(None)]
    if site := id_of(args.filter("site")):
        fits.append(col(Household.site_id) == site)
    if args.filter("status") in set(HouseholdStatus):
        fits.append(col(Household.status) == HouseholdStatus(args.filter("status")))
    if args.filter("review") in set(ReviewReason):
        fits += [col(Household.review) == ReviewReason(args.filter("review")), _open()]
    if args.filter("consent") == OLDER:
        fits += _older(consent_version)
    return fits


def _open() -> sa.ColumnElement[bool]:
    return col(Household.status).not_in([HouseholdStatus.MERGED, HouseholdStatus.WITHDRAWN])


def _older(consent_version: int) -> Sequence[sa.ColumnElement[bool]]:
    return [col(Household.consent) == Consent.AGREES, col(Household.consent_version) < consent_version, _open()]


def _midnight(reading: Reading) -> datetime:
    return reading.now.astimezone(ZoneInfo(reading.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
