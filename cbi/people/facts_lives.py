"""What can happen to households in the course of life: ids, codes and counts, never who or why in anybody's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from cbi.people.tables import Account, Document, Household, HouseholdEvent, Member, Phone, SearchToken
from cbi.people.tables_alike import LikenessPair
from cbi.people.tables_lives import ErasureRequest, HouseholdChange, RefusedCard
from cbi.store.facts import Fact

_ALL = (Household, HouseholdEvent, HouseholdChange, Member, Document, Phone, Account, SearchToken, RefusedCard)


@dataclass(frozen=True, kw_only=True)
class HouseholdSplit(Fact):
    """Some of a household live on their own now, under a number of their own. people: how many went."""

    explains: ClassVar[tuple[type, ...]] = _ALL
    household_id: UUID
    new_id: UUID
    number: str
    people: int


@dataclass(frozen=True, kw_only=True)
class HouseholdsJoined(Fact):
    """Two households live together now: `joined_id` is closed, its people belong to the other. people: how many came."""

    explains: ClassVar[tuple[type, ...]] = _ALL
    household_id: UUID
    joined_id: UUID
    people: int


@dataclass(frozen=True, kw_only=True)
class HouseholdMoved(Fact):
    """A household lives at another site."""

    explains: ClassVar[tuple[type, ...]] = _ALL
    household_id: UUID
    from_id: UUID
    site_id: UUID


@dataclass(frozen=True, kw_only=True)
class HeadChanged(Fact):
    """Somebody else is head of a household. why: "died", "left" or "stays"; payee: whether who is paid changed too."""

    explains: ClassVar[tuple[type, ...]] = _ALL
    household_id: UUID
    why: str
    payee: bool


@dataclass(frozen=True, kw_only=True)
class MemberCame(Fact):
    """A child was born to a household, or somebody came back. how: "born" or "returned"."""

    explains: ClassVar[tuple[type, ...]] = _ALL
    household_id: UUID
    how: str


@dataclass(frozen=True, kw_only=True)
class MemberWent(Fact):
    """Somebody of a household died or left. how: "died" or "left"; payee: whether who is paid changed by it."""

    explains: ClassVar[tuple[type, ...]] = _ALL
    household_id: UUID
    how: str
    payee: bool


@dataclass(frozen=True, kw_only=True)
class CardReplaced(Fact):
    """A household lost its paper card: it has another, and the old one is refused."""

    explains: ClassVar[tuple[type, ...]] = _ALL
    household_id: UUID


@dataclass(frozen=True, kw_only=True)
class IdentifiedOtherwise(Fact):
    """Somebody came without a document and was known in another way, which counts up to a day."""

    explains: ClassVar[tuple[type, ...]] = _ALL
    household_id: UUID
    means: str
    until: date


@dataclass(frozen=True, kw_only=True)
class ChangeUndone(Fact):
    """A change of a household's life was taken back. what: which kind; other_id: the household a split had made, or that had joined."""

    explains: ClassVar[tuple[type, ...]] = _ALL
    household_id: UUID
    change_id: UUID
    what: str
    other_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class PayeeConfirmed(Fact):
    """A second person confirmed who is paid for a household after its life changed."""

    explains: ClassVar[tuple[type, ...]] = (HouseholdChange,)
    household_id: UUID
    change_id: UUID


@dataclass(frozen=True, kw_only=True)
class HouseholdRestricted(Fact):
    """A household that may not be forgotten yet is shown on no page any more."""

    explains: ClassVar[tuple[type, ...]] = (*_ALL, LikenessPair)
    household_id: UUID


@dataclass(frozen=True, kw_only=True)
class ErasureAsked(Fact):
    """Somebody wrote down that a household asks to be forgotten."""

    explains: ClassVar[tuple[type, ...]] = (ErasureRequest,)
    household_id: UUID


@dataclass(frozen=True, kw_only=True)
class ErasureAgreed(Fact):
    """A second person agreed that a household is forgotten."""

    explains: ClassVar[tuple[type, ...]] = (ErasureRequest,)
    household_id: UUID


@dataclass(frozen=True, kw_only=True)
class ErasureEnded(Fact):
    """A request to be forgotten was taken back, or not agreed to."""

    explains: ClassVar[tuple[type, ...]] = (ErasureRequest,)
    household_id: UUID


@dataclass(frozen=True, kw_only=True)
class ErasureDone(Fact):
    """A request to be forgotten was carried out."""

    explains: ClassVar[tuple[type, ...]] = (ErasureRequest, HouseholdChange, RefusedCard)
    household_id: UUID
