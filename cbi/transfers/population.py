"""What a rule may know of every household at a programme's sites: counted by the database in one go, the six questions opened only when they are asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.people import verification
from cbi.people.tables import Consent, Household, HouseholdStatus, Member, Relation
from cbi.people.tables_verification import Found
from cbi.people.values import Difficulty
from cbi.sites.tables import Site
from cbi.store.parts import in_parts
from cbi.store.raw import digits, raw
from cbi.store.sealed import SealedRow
from cbi.store.work import Reading
from cbi.transfers.rules import FROM_60, UNDER_5, UNDER_18, Facts
from cbi.transfers.tables import ProgrammeSite

_CHUNK = 1_000
_NOTHING = "{}"
_CUT_OFF = frozenset({Difficulty.A_LOT.value, Difficulty.CANNOT.value})
_LEFT = frozenset({HouseholdStatus.WITHDRAWN, HouseholdStatus.MERGED})


class Answered(NamedTuple):
    """What the six questions came to in a household as it was in this version of it: people who reach the cut-off; None when nobody was asked."""

    version: int
    people: int | None


Answers = Mapping[str, Answered]  # by household


@dataclass(frozen=True, slots=True)
class Candidate:
    """A household with what the rule and the office know of it.

    household: its id in hexadecimal digits; wrapped: its key as kept; found: what the last visit found; None when there was none.
    """

    household: str
    wrapped: bytes
    facts: Facts
    status: HouseholdStatus
    consents: bool
    waits: bool
    found: Found | None

    @property
    def has_left(self) -> bool:
        """Whether it withdrew or was closed."""
        return self.status in _LEFT

    @property
    def is_verified(self) -> bool:
        """Whether a visit found it as registered."""
        return self.status is HouseholdStatus.VERIFIED or self.found is Found.VERIFIED


def places(reading: Reading, programme_id: UUID) -> dict[str, str]:
    """The programme's sites: P-code by code."""
    query = sa.select(col(Site.code), col(Site.pcode)).join(ProgrammeSite, col(ProgrammeSite.site_id) == col(Site.id))
    rows = reading.session.connection().execute(query.where(col(ProgrammeSite.programme_id) == programme_id).order_by(col(Site.code)))
    return {str(code): str(pcode) for code, pcode in rows}


def candidates(reading: Reading, programme_id: UUID, *, year: int, answers: Answers | None) -> Iterator[Candidate]:
    """Every household of the programme's sites that was neither erased nor hidden, unordered.

    year: in which ages are counted.  answers: of the six questions, None when the rule does not ask; read again of whoever changed since.
    """
    found = {one.hex: what for one, what in verification.last_found(reading).items()}
    rows = reading.session.connection().execute(_query(reading, programme_id, year)).all()
    fresh = {} if answers is None else _again(reading, programme_id, answers, {digits(row[0]): row[1] for row in rows})
    for household_id, _version, wrapped, status, consent, review, *facts in rows:
        household = digits(household_id)
        group, site, pcode, size, under_5, under_18, from_60, head_year, head_sex = facts
        answered = None if answers is None else (fresh.get(household) or answers[household]).people
        yield Candidate(
            household,
            wrapped,
            Facts(group, site, pcode, size, under_5, under_18, from_60, year - head_year, head_sex or "", answered),
            HouseholdStatus(status),
            consent == Consent.AGREES,
            review is not None,
            found.get(household),
        )


def count(reading: Reading, programme_id: UUID) -> int:
    """How many households are looked at."""
    query = _here(sa.select(sa.func.count()).select_from(Household), reading, programme_id)
    return int(reading.session.connection().execute(query).scalar_one())


def answers_of(reading: Reading, programme_id: UUID, tell: Callable[[int], None] = lambda _done: None) -> Answers:
    """What the six questions came to in every household. tell: told how many were read."""
    answered: dict[str, Answered] = {}
    query = _answers(reading, programme_id)
    found = reading.session.connection().execute(query, execution_options={"yield_per": _CHUNK})
    for rows in found.partitions():
        _count(reading, answered, rows)
        tell(len(answered))
    return answered


def _again(reading: Reading, programme_id: UUID, answers: Answers, versions: Mapping[str, int]) -> Answers:
    """What the questions come to in households that changed, or came, since the others were read."""
    changed = [UUID(one) for one, version in versions.items() if one not in answers or answers[one].version != version]
    answered: dict[str, Answered] = {}
    for part in in_parts(changed):
        query = _answers(reading, programme_id).where(col(Member.household_id).in_(part))
        _count(reading, answered, reading.session.connection().execute(query).all())
    return answered


def _query(reading: Reading, programme_id: UUID, year: int) -> sa.Select[Any]:  # Any: ids, words and counts side by side
    """One row per household. Whoever is so old at some day of the year counts: nobody is kept out for a birthday."""
    key: Any = reading.system.subject_key
    born = col(Member.birth_year)
    is_head = col(Member.relation) == Relation.HEAD
    counted = (
        sa.select(
            col(Member.household_id).label("household_id"),
            _how_many(born >= year - UNDER_5).label("under_5"),
            _how_many(born >= year - UNDER_18).label("under_18"),
            _how_many(born <= year - FROM_60).label("from_60"),
            sa.func.max(sa.case((is_head, born), else_=None)).label("head_year"),
            sa.func.max(sa.case((is_head, sa.cast(col(Member.sex), sa.String)), else_=None)).label("head_sex"),
        )
        .group_by(col(Member.household_id))
        .subquery()
    )
    query = (
        sa.select(
            raw(col(Household.id)),
            col(Household.version),
            key.wrapped,
            sa.cast(col(Household.status), sa.String),
            sa.cast(col(Household.consent), sa.String),
            sa.cast(col(Household.review), sa.String),
            sa.cast(col(Household.group), sa.String),
            col(Site.code),
            col(Site.pcode),
            col(Household.size),
            counted.c.under_5,
            counted.c.under_18,
            counted.c.from_60,
            sa.func.coalesce(counted.c.head_year, year),
            counted.c.head_sex,
        )
        .select_from(Household)
        .join(counted, counted.c.household_id == col(Household.id))
        .join(Site, col(Site.id) == col(Household.site_id))
    )
    return _here(query, reading, programme_id)


def _here(query: sa.Select[Any], reading: Reading, programme_id: UUID) -> sa.Select[Any]:  # Any: as SQLAlchemy types a selection
    """Of households at the programme's sites, neither erased nor hidden."""
    key: Any = reading.system.subject_key
    return (
        query.join(key, key.id == col(Household.id))
        .join(ProgrammeSite, col(ProgrammeSite.site_id) == col(Household.site_id))
        .where(col(ProgrammeSite.programme_id) == programme_id, key.wrapped.is_not(None), col(Household.restricted_on).is_(None))
    )


def _how_many(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _answers(reading: Reading, programme_id: UUID) -> sa.Select[Any]:  # Any: ids and sealed bytes side by side
    """Every person with the household's key, and the six answers as sealed."""
    key: Any = reading.system.subject_key
    person = (raw(col(Member.id)), raw(col(Member.household_id)), col(Household.version), key.wrapped, raw(col(Member.washington)))
    return _here(
        sa.select(*person).select_from(Member).join(Household, col(Household.id) == col(Member.household_id)), reading, programme_id
    )


def _count(reading: Reading, answered: dict[str, Answered], rows: Sequence[Any]) -> None:  # Any: as selected above
    """Take people in: those reach the cut-off of the Washington Group who have a lot of difficulty, or cannot, in one of the six."""
    of, versions = [digits(row[1]) for row in rows], [row[2] for row in rows]
    sealed = (SealedRow(digits(row[0]), household, True, row[3], row[4:]) for row, household in zip(rows, of, strict=True))
    [texts] = reading.vault.open_columns(Member, ("washington",), sealed)
    for household, version, text in zip(of, versions, texts, strict=True):
        known = answered.get(household)
        people = known.people if known else None
        if text and text != _NOTHING:
            people = (people or 0) + _reaches_cut_off(text)
        if known is None or known.people != people:
            answered[household] = Answered(version, people)


@lru_cache(maxsize=4096)  # there are few different ways to answer six questions, and half a million people
def _reaches_cut_off(text: str) -> bool:
    return not _CUT_OFF.isdisjoint(json.loads(text).values())
