"""What can happen to households: ids, codes and counts, never what was said or written of a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from cbi.people.tables import (
    Account,
    Consent,
    Document,
    Household,
    HouseholdEvent,
    Likeness,
    LikenessDecision,
    Member,
    Phone,
    ReviewReason,
    SearchToken,
)
from cbi.people.tables_alike import LikenessPair
from cbi.people.tables_lives import HouseholdChange, RefusedCard
from cbi.store.facts import Fact

_ALL = (Household, HouseholdEvent, HouseholdChange, Member, Document, Phone, Account, SearchToken)


@dataclass(frozen=True, kw_only=True)
class HouseholdRegistered(Fact):
    """A household was registered at a desk. review: why it waits, when it does."""

    explains: ClassVar[tuple[type, ...]] = _ALL
    household_id: UUID
    site_id: UUID
    number: str
    people: int
    consent: Consent
    review: ReviewReason | None = None


@dataclass(frozen=True, kw_only=True)
class HouseholdCorrected(Fact):
    """Something written of a household was put right. fields: which ("phone", "member 2: name"), never from what to what."""

    explains: ClassVar[tuple[type, ...]] = _ALL
    household_id: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AccountChanged(Fact):
    """Where a household is paid was given, changed or taken away. account_kind: of the new account, "" when there is none now."""

    explains: ClassVar[tuple[type, ...]] = (Account, Household, HouseholdEvent, HouseholdChange)
    household_id: UUID
    account_kind: str


@dataclass(frozen=True, kw_only=True)
class ConsentTaken(Fact):
    """A consent text was read to somebody of the household, and this was the answer."""

    explains: ClassVar[tuple[type, ...]] = (Household, HouseholdEvent)
    household_id: UUID
    consent: Consent
    version: int
    language: str


@dataclass(frozen=True, kw_only=True)
class ConsentWithdrawn(Fact):
    """The household took its consent back: it is asked for nothing and paid nothing from now on; what is not needed any more was purged at once."""

    explains: ClassVar[tuple[type, ...]] = _ALL
    household_id: UUID


@dataclass(frozen=True, kw_only=True)
class LikenessDecided(Fact):
    """A person said whether two households that look alike are one. reasons: codes of what looked alike."""

    explains: ClassVar[tuple[type, ...]] = (LikenessDecision,)
    low_id: UUID
    high_id: UUID
    answer: Likeness
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReviewClosed(Fact):
    """A household waits no longer."""

    explains: ClassVar[tuple[type, ...]] = (Household, HouseholdEvent)
    household_id: UUID
    reason: ReviewReason


@dataclass(frozen=True, kw_only=True)
class HouseholdErased(Fact):
    """A household's key was destroyed, with everything it could be found by."""

    explains: ClassVar[tuple[type, ...]] = (
        *(Household, Document, Phone, Account, SearchToken, RefusedCard),
        *(LikenessPair, LikenessDecision),
    )
    household_id: UUID
