"""Verification visits: drawn by a recorded number that anyone can draw again with, or for reasons of the office; and what was found."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.people import facts_verification as facts
from cbi.people.story import tell
from cbi.people.tables import EventKind, Household, HouseholdStatus, Import, Likeness, LikenessDecision, Phone, ReviewReason
from cbi.people.tables_verification import Found, VerificationDraw, VerificationVisit, VisitReason
from cbi.store.parts import in_parts
from cbi.store.work import Reading, Work
from cbi.web.words import _

OFFICE_REASONS = (VisitReason.DUPLICATE, VisitReason.PHONE, VisitReason.SIZE, VisitReason.IMPORT)
MOST = 100_000
_Query = sa.Select[Any] | sa.CompoundSelect[Any]  # Any: as SQLAlchemy types a selection


@dataclass(frozen=True, slots=True)
class Signs:
    """From where on a household is worth a visit for a reason of the office."""

    phone_at_households: int
    people_at_least: int
    rows_back_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whom to visit: so many at random, and all with one of these reasons of the office. site_id: None for every site."""

    site_id: UUID | None
    at_random: int
    reasons: tuple[VisitReason, ...] = ()


@lru_cache(maxsize=1)
def signs() -> Signs:
    """The figures kept beside this module."""
    return Signs(**tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8")))


def draw(work: Work, wanted: Wanted) -> UUID:
    """Draw households to visit, among those registered and not verified that no open visit waits for. Raises Refused when there are none."""
    number = (work.session.exec(select(sa.func.max(col(VerificationDraw.number)))).one() or 0) + 1
    seed = str(work.ids.chooser("verification").randrange(10**9, 10**10))
    households = population(work, wanted.site_id)
    reasons: dict[UUID, list[VisitReason]] = defaultdict(list)
    for household_number in at_random(seed, households, wanted.at_random):
        reasons[households[household_number]].append(VisitReason.RANDOM)
    for reason in wanted.reasons:
        for household_id in office_reason(work, reason) & set(households.values()):
            reasons[household_id].append(reason)
    if not reasons:
        raise Refused(_("register households first, or choose other reasons: nobody is left to visit"))
    row = VerificationDraw(
        id=work.new_id("verification"),
        operation_id=work.operation_id,
        number=number,
        site_id=wanted.site_id,
        seed=seed,
        wanted=wanted.at_random,
        reasons=",".join(wanted.reasons),
        population=len(households),
        picked=len(reasons),
        drawn_by=work.actor.id or UUID(int=0),
        drawn_at=work.now,
    )
    work.add(row)
    work.session.flush()
    _keep_visits(work, row, reasons)
    work.remember(
        facts.VisitsDrawn(
            draw_id=row.id,
            number=number,
            seed=seed,
            wanted=wanted.at_random,
            reasons=tuple(one.value for one in wanted.reasons),
            population=row.population,
            population_digest=sha256("".join(f"{one}\n" for one in sorted(households)).encode()).digest(),
            picked=row.picked,
        )
    )
    return row.id


def at_random(seed: str, numbers: Iterable[str], wanted: int) -> list[str]:
    """So many registration numbers, drawn by a recorded number: those whose SHA-256 of "seed number" comes first. Anyone can do it again by hand."""
    return sorted(numbers, key=lambda number: sha256(f"{seed} {number}".encode()).hexdigest())[:wanted]


def population(reading: Reading, site_id: UUID | None) -> dict[str, UUID]:
    """Households that can be drawn: registered, not verified, and waited for by no open visit; ids by number."""
    waited = sa.select(col(VerificationVisit.household_id)).where(col(VerificationVisit.found).is_(None))
    open_to = (HouseholdStatus.REGISTERED, HouseholdStatus.ENROLLED)
    fits = [col(Household.operation_id) == reading.operation_id, col(Household.status).in_(open_to), sa.not_(is_verified())]
    if site_id is not None:
        fits.append(col(Household.site_id) == site_id)
    query = (
        sa.select(col(Household.number), col(Household.id)).where(*fits, col(Household.id).not_in(waited)).order_by(col(Household.number))
    )
    return {str(number): household_id for number, household_id in reading.session.connection().execute(query)}


def office_reason(reading: Reading, reason: VisitReason) -> frozenset[UUID]:
    """Households with this reason of the office. It looks at nothing but what the office itself wrote down."""
    query: _Query = {
        VisitReason.DUPLICATE: _undecided,
        VisitReason.PHONE: _shared_phones,
        VisitReason.SIZE: _many_people,
        VisitReason.IMPORT: _doubtful_files,
    }[reason]()
    return frozenset(reading.session.connection().execute(query).scalars())


def enter(work: Work, visit_id: UUID, found: Found) -> UUID:
    """Keep what a visit found; returns the household. What differs is put right by correcting it, then the visit is entered again.

    Raises Refused for whoever registered the household, and for one whose visit settled it already; SomebodyWasFirst when it is verified meanwhile.
    """
    visit = visit_by_id(work, visit_id)
    household = work.session.get_one(Household, visit.household_id, with_for_update=True)
    if why := barred(household.registered_by, work.actor.id):
        raise Refused(why)
    if visit.found is Found.VERIFIED:
        raise SomebodyWasFirst(_("look at the visit again: it is entered already"))
    if household.status in {HouseholdStatus.WITHDRAWN, HouseholdStatus.MERGED}:
        raise Refused(_("leave this visit: the household is not registered any more"))
    visit.found, visit.visited_by, visit.visited_at, visit.household_version = (
        found,
        work.actor.id or UUID(int=0),
        work.now,
        household.version,
    )
    work.add(visit)
    _set_status(work, household, found)
    tell(work, household.id, EventKind.VERIFIED, found.value)
    work.remember(facts.VisitEntered(visit_id=visit.id, household_id=household.id, found=found.value))
    return household.id


def barred(registered_by: UUID | None, person_id: UUID | None) -> str:
    """Why this person may not say what a visit found, as what they need to do; empty when they may."""
    return _("let somebody else visit: you registered this household") if registered_by == person_id else ""


def visit_by_id(reading: Reading, visit_id: UUID) -> VerificationVisit:
    """One visit. Raises NotThere."""
    found = reading.session.get(VerificationVisit, visit_id)
    if found is None:
        raise NotThere
    return found


def visits_of(reading: Reading, household_id: UUID) -> list[VerificationVisit]:
    """A household's visits, the newest first."""
    query = select(VerificationVisit).join(VerificationDraw, col(VerificationDraw.id) == col(VerificationVisit.draw_id))
    return list(
        reading.session.exec(query.where(VerificationVisit.household_id == household_id).order_by(col(VerificationDraw.number).desc()))
    )


def last_found(reading: Reading) -> dict[UUID, Found]:
    """What the last visit to each household found."""
    query = sa.select(col(VerificationVisit.household_id), col(VerificationVisit.found)).where(col(VerificationVisit.found).is_not(None))
    rows = reading.session.connection().execute(query.order_by(col(VerificationVisit.visited_at), col(VerificationVisit.id)))
    return {household_id: Found(found) for household_id, found in rows if found}


def is_verified() -> sa.ColumnElement[bool]:
    """Whether a visit found a household as registered and no later one found otherwise; for a query over households."""
    visit, later = (sa.alias(VerificationVisit.__table__, name) for name in ("seen", "later"))  # type: ignore[attr-defined]
    after = sa.exists().where(
        later.c.household_id == visit.c.household_id, later.c.visited_at > visit.c.visited_at, later.c.found != Found.VERIFIED
    )
    return sa.exists().where(visit.c.household_id == col(Household.id), visit.c.found == Found.VERIFIED, sa.not_(after))


def _set_status(work: Work, household: Household, found: Found) -> None:
    """Registered or verified as the visit found; who is enrolled stays so until a rule is applied again."""
    if household.status is not HouseholdStatus.ENROLLED:
        household.status = HouseholdStatus.VERIFIED if found is Found.VERIFIED else HouseholdStatus.REGISTERED
        work.add(household)


def _keep_visits(work: Work, row: VerificationDraw, reasons: Mapping[UUID, Sequence[VisitReason]]) -> None:
    columns = ("id", "operation_id", "draw_id", "household_id", "reasons")
    for part in in_parts(sorted(reasons)):
        ids = [(work.new_id("verification").hex, work.operation_id.hex, row.id.hex) for _one in part]
        work.bulk_rows(VerificationVisit, columns, [(*head, one.hex, ",".join(reasons[one])) for head, one in zip(ids, part, strict=True)])


def _undecided() -> _Query:
    """Looks like another and nobody decided, or somebody could not tell."""
    unsure = [
        sa.select(side).where(col(LikenessDecision.answer) == Likeness.CANNOT_TELL)
        for side in (col(LikenessDecision.low_id), col(LikenessDecision.high_id))
    ]
    return sa.union(sa.select(col(Household.id)).where(col(Household.review) == ReviewReason.DUPLICATE), *unsure)


def _shared_phones() -> _Query:
    many = sa.func.count(sa.distinct(col(Phone.household_id))) >= signs().phone_at_households
    shared = sa.select(col(Phone.digest)).group_by(col(Phone.digest)).having(many)
    return sa.select(col(Phone.household_id)).where(col(Phone.digest).in_(shared))


def _many_people() -> _Query:
    return sa.select(col(Household.id)).where(col(Household.size) >= signs().people_at_least)


def _doubtful_files() -> _Query:
    doubtful = sa.select(col(Import.id)).where(
        col(Import.taken_back) > 0, col(Import.taken_back) * 100 >= col(Import.rows) * signs().rows_back_percent
    )
    return sa.select(col(Household.id)).where(col(Household.import_id).in_(doubtful))
