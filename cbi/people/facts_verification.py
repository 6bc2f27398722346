"""What can happen to verification visits: ids, counts and words of closed lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from cbi.people.tables import Household, HouseholdEvent
from cbi.people.tables_verification import VerificationDraw, VerificationVisit
from cbi.store.facts import Fact


@dataclass(frozen=True, kw_only=True)
class VisitsDrawn(Fact):
    """Households to visit were drawn. seed: with it the same ones are drawn again from the same households.

    population_digest: SHA-256 of their registration numbers in order, one a line, so that whoever repeats it knows to have the same ones.
    """

    explains: ClassVar[tuple[type, ...]] = (VerificationDraw, VerificationVisit)
    draw_id: UUID
    number: int
    seed: str
    wanted: int
    reasons: tuple[str, ...]
    population: int
    population_digest: bytes
    picked: int


@dataclass(frozen=True, kw_only=True)
class VisitEntered(Fact):
    """A visit found the household as registered, not there, or different."""

    explains: ClassVar[tuple[type, ...]] = (VerificationVisit, Household, HouseholdEvent)
    visit_id: UUID
    household_id: UUID
    found: str
