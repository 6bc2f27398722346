"""What a rule may know of every household at a programme's sites: counted by the database in one go, the six questions opened only when they are asked for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.people import verification
from cbi.people.tables import Consent, Household, HouseholdStatus, Member, Relation
from cbi.people.tables_verification import Found
from cbi.people.values import Difficulty
from cbi.sites.tables import Site
from cbi.store.sealed import SealedRow
from cbi.store.work import Reading
from cbi.transfers.rules import FROM_60, UNDER_5, UNDER_18, Facts
from cbi.transfers.tables import ProgrammeSite

_CHUNK = 1_000
_NOTHING = "{}"
_CUT_OFF = frozenset({Difficulty.A_LOT.value, Difficulty.CANNOT.value})
_LEFT = frozenset({HouseholdStatus.WITHDRAWN, HouseholdStatus.MERGED})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A household with what the rule and the office know of it. found: what the last visit found; None when there was none."""

    household_id: UUID
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


def candidates(reading: Reading, programme_id: UUID, *, year: int, difficulty: bool) -> Iterator[Candidate]:
    """Every household of the programme's sites that was neither erased nor hidden, unordered. year: in which ages are counted; difficulty: read the six questions."""
    found = verification.last_found(reading)
    difficulties = _difficulties(reading, programme_id) if difficulty else {}
    for household_id, status, consent, review, *facts in reading.session.connection().execute(_query(reading, programme_id, year)):
        group, site, pcode, size, under_5, under_18, from_60, head_year, head_sex = facts
        yield Candidate(
            household_id,
            Facts(group, site, pcode, size, under_5, under_18, from_60, year - head_year, head_sex or "", difficulties.get(household_id)),
            HouseholdStatus(status),
            consent == Consent.AGREES,
            review is not None,
            found.get(household_id),
        )


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
    return (
        sa.select(
            col(Household.id),
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
        .join(counted, counted.c.household_id == col(Household.id))
        .join(key, key.id == col(Household.id))
        .where(key.wrapped.is_not(None), col(Household.restricted_on).is_(None))
        .join(Site, col(Site.id) == col(Household.site_id))
        .join(ProgrammeSite, col(ProgrammeSite.site_id) == col(Household.site_id))
        .where(col(ProgrammeSite.programme_id) == programme_id)
    )


def _how_many(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _difficulties(reading: Reading, programme_id: UUID) -> Mapping[UUID, int]:
    """Of each household that was asked, how many people reach the cut-off of the Washington Group: a lot of difficulty, or cannot, in one of the six."""
    key: Any = reading.system.subject_key
    query = (
        sa.select(col(Member.id), col(Member.household_id), key.wrapped, col(Member.washington))
        .join(Household, col(Household.id) == col(Member.household_id))
        .join(ProgrammeSite, col(ProgrammeSite.site_id) == col(Household.site_id))
        .join(key, key.id == col(Household.id))
        .where(col(ProgrammeSite.programme_id) == programme_id, col(Member.washington).is_not(None), key.wrapped.is_not(None))
        .where(col(Household.restricted_on).is_(None))
    )
    counted: Counter[UUID] = Counter()
    found = reading.session.connection().execute(query, execution_options={"yield_per": _CHUNK})
    for rows in found.partitions():
        sealed = (SealedRow(member_id.hex, of.hex, True, wrapped, [asked]) for member_id, of, wrapped, asked in rows)
        [texts] = reading.vault.open_columns(Member, ("washington",), sealed)
        for row, text in zip(rows, texts, strict=True):
            if text and text != _NOTHING:
                counted[row.household_id] += _reaches_cut_off(text)
    return counted


@lru_cache(maxsize=4096)  # there are few different ways to answer six questions, and half a million people
def _reaches_cut_off(text: str) -> bool:
    return not _CUT_OFF.isdisjoint(json.loads(text).values())
