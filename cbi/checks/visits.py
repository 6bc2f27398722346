"""Whom to visit: every household of a place in registration order; and what the office knows before a page is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

import screening
from cbi.checks.limits import reporting_text
from cbi.errors import NotThere
from cbi.people.born import age_on
from cbi.people.tables import Household, HouseholdStatus, Member, Relation, Sex
from cbi.people.values import Born
from cbi.sites.instrument import current
from cbi.sites.service import site_of
from cbi.store.work import Reading
from cbi.transfers.arrangements import current_for
from cbi.transfers.receiving import Reach, Wanted, Way
from cbi.transfers.tables import ArrangementKind, Mechanism, ProgrammeSite, Provider
from cbi.web.listing import Listing, ListingArgs

ADULT = 18
_GONE = (HouseholdStatus.WITHDRAWN, HouseholdStatus.MERGED)


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One row of the visit list: no name, no mark of what was done. hours: those a household arranged, as slots."""

    id: UUID
    number: str
    shelter: str
    language: str
    hours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the household, by place and without a name. age: in years, the older of two possible."""

    id: UUID
    position: int
    relation: Relation
    sex: Sex
    age: int


@dataclass(frozen=True, slots=True)
class Visit:
    """What the office knows of a household before a page is drawn, whatever was answered on another page.

    mechanism: the planned way of paying, as the household arranged it or as planned for its place; None when nobody can tell.
    facts: what decides which items are drawn.  arranged: published arrangements.  offered: the ways to pay there are.
    language: the one it speaks, as registered.
    """

    household_id: UUID
    site_id: UUID
    site_name: str
    number: str
    recipient_id: UUID | None
    adults: tuple[Person, ...]
    mechanism: str | None
    facts: screening.PageFacts
    arranged: Mapping[ArrangementKind, Wanted]
    offered: tuple[Mechanism, ...]
    language: str

    def adult(self, position: int) -> Person | None:
        """The adult at this place of the household; None for a child or nobody."""
        return next((person for person in self.adults if person.position == position), None)


def visit_list(reading: Reading, site_id: UUID, args: ListingArgs) -> Listing[VisitLine]:
    """One page of a place's households, in registration order: all of them, always."""
    args = args.within(total := how_many(reading, site_id))
    rows = reading.session.exec(
        select(Household)
        .where(*_lives_at(reading, site_id))
        .order_by(col(Household.number), col(Household.id))
        .limit(args.size)
        .offset(args.offset)
    ).all()
    reading.vault.prefetch(reading.session, rows)
    arranged = current_for(reading, [row.id for row in rows])
    return Listing([_line(reading, row, arranged.get(row.id, {})) for row in rows], total, args)


def how_many(reading: Reading, site_id: UUID) -> int:
    """All households to visit at a place."""
    return reading.session.exec(select(sa.func.count()).select_from(Household).where(*_lives_at(reading, site_id))).one()


def visit(reading: Reading, household_id: UUID) -> Visit:
    """What the office knows before it draws a page of this household. Raises NotThere."""
    row = reading.session.get(Household, household_id)
    if row is None or row.operation_id != reading.operation_id or row.status in _GONE or reading.was_erased(row.id):
        raise NotThere
    arranged = current_for(reading, [row.id]).get(row.id, {})
    way = arranged.get(ArrangementKind.MECHANISM)
    mechanism = way.mechanism.value if isinstance(way, Way) else _planned(reading, row.site_id)
    return Visit(
        household_id=row.id,
        site_id=row.site_id,
        site_name=site_of(reading, row.site_id).name,
        number=row.number,
        recipient_id=row.recipient_id,
        adults=_adults(reading, row.id),
        mechanism=mechanism,
        facts=screening.PageFacts(_known(reading, mechanism), reporting_text=bool(reporting_text(reading))),
        arranged=arranged,
        offered=_offered(reading),
        language=row.language,
    )


def _offered(reading: Reading) -> tuple[Mechanism, ...]:
    """The ways to pay that some provider of this office offers."""
    found = set(reading.session.exec(select(Provider.mechanism).where(col(Provider.operation_id) == reading.operation_id)))
    return tuple(way for way in Mechanism if way in found)


def _line(reading: Reading, row: Household, arranged: Mapping[ArrangementKind, Wanted]) -> VisitLine:
    reach = arranged.get(ArrangementKind.MESSAGES)
    hours = reach.hours if isinstance(reach, Reach) else ()
    return VisitLine(row.id, row.number, reading.open(row, "shelter"), row.language, hours)


def _lives_at(reading: Reading, site_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
    """Everybody registered here who did not leave the programme and was not erased."""
    keys = reading.system.subject_key
    erased = select(keys.id).where(col(keys.id) == col(Household.id), col(keys.destroyed_at).is_not(None))
    return (
        col(Household.operation_id) == reading.operation_id,
        col(Household.site_id) == site_id,
        col(Household.status).not_in(_GONE),
        ~erased.exists(),
    )


def _planned(reading: Reading, site_id: UUID) -> str | None:
    found = set(
        reading.session.exec(
            select(Provider.mechanism)
            .join(ProgrammeSite, col(ProgrammeSite.provider_id) == col(Provider.id))
            .where(col(ProgrammeSite.site_id) == site_id)
        )
    )
    # Two programmes that pay in different ways: nobody can tell which one is meant, so nothing becomes irrelevant by it.
    return str(next(iter(found))) if len(found) == 1 else None


def _known(reading: Reading, mechanism: str | None) -> str | None:
    return mechanism if mechanism in current(reading).mechanisms else None


def _adults(reading: Reading, household_id: UUID) -> tuple[Person, ...]:
    rows: Sequence[Member] = reading.session.exec(
        select(Member).where(col(Member.household_id) == household_id).order_by(col(Member.position))
    ).all()
    reading.vault.prefetch(reading.session, rows)
    people = (Person(row.id, row.position, row.relation, row.sex, _age(reading, row)) for row in rows)
    return tuple(person for person in people if person.age >= ADULT)


def _age(reading: Reading, row: Member) -> int:
    # Who may be 18 is offered the page; the third line of the first page asks again.
    return age_on(Born(reading.open(row, "born"), row.birth_year), reading.today)[1]
