"""Households as a line of a list shows them: only the head, and whoever was looked for, are opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.people.tables import Household, HouseholdStatus, Member, ReviewReason
from cbi.sites.tables import Site
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
    """These households in the order given, in four queries; hidden ones are left out. looked_for: the member to name, by household."""
    wanted = list(dict.fromkeys(ids))
    shown = (col(Household.operation_id) == reading.operation_id, col(Household.restricted_on).is_(None))
    rows = reading.session.exec(select(Household).where(col(Household.id).in_(wanted), *shown)).all()
    reading.vault.prefetch(reading.session, rows)
    sites = {site.id: site.name for site in reading.session.exec(select(Site).where(col(Site.id).in_({row.site_id for row in rows})))}
    named = _named(reading, wanted, looked_for or {})
    cards = {row.id: _card(reading, row, sites[row.site_id], *named.get(row.id, (None, None))) for row in rows}
    return [cards[one] for one in wanted if one in cards]


def _named(reading: Reading, wanted: list[UUID], looked_for: Mapping[UUID, UUID]) -> dict[UUID, tuple[Member, Member | None]]:
    """The head of each household, and the member looked for when it is somebody else. Of a closed one whose people moved there is nobody."""
    shown = sa.or_(col(Member.position) == 1, col(Member.id).in_(list(looked_for.values())))
    members = reading.session.exec(select(Member).where(col(Member.household_id).in_(wanted), shown)).all()
    heads = {member.household_id: member for member in members if member.position == 1}
    others = {member.household_id: member for member in members if member.position != 1}
    return {household_id: (head, others.get(household_id)) for household_id, head in heads.items()}


def _card(reading: Reading, row: Household, site_name: str, head: Member | None, other: Member | None) -> Card:
    named = other or head
    return Card(
        id=row.id,
        number=row.number,
        site_name=site_name,
        shelter=reading.open(row, "shelter"),
        people=row.size,
        status=row.status,
        review=row.review,
        registered_on=row.registered_on,
        registered_at=row.registered_at,
        head=_name(reading, head) if head else "",
        who=_name(reading, other) if other else "",
        latin=reading.open(named, "latin") if named else "",
    )


def _name(reading: Reading, member: Member) -> str:
    return f"{reading.open(member, 'given')} {reading.open(member, 'family')}".strip()
