"""What can happen when people are found to be registered twice: ids, codes and counts, never a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from cbi.people.tables import Household, HouseholdEvent, LikenessDecision, SearchToken
from cbi.people.tables_alike import HouseholdMerge, LikenessPair, LikenessSearch
from cbi.store.facts import Fact


@dataclass(frozen=True, kw_only=True)
class DuplicatesAsked(Fact):
    """Somebody asked for a search through everybody."""

    explains: ClassVar[tuple[type, ...]] = (LikenessSearch,)
    search_id: UUID


@dataclass(frozen=True, kw_only=True)
class DuplicatesSought(Fact):
    """A search through everybody ended; its pairs take the place of those of the search before. failed: it was given up and changed nothing."""

    explains: ClassVar[tuple[type, ...]] = (LikenessSearch, LikenessPair)
    search_id: UUID
    people: int
    compared: int
    pairs: int
    failed: bool = False


@dataclass(frozen=True, kw_only=True)
class EntryClosed(Fact):
    """Somebody found that a household was registered twice: this entry is closed and found no more by names, `into_id` stays."""

    explains: ClassVar[tuple[type, ...]] = (Household, HouseholdEvent, HouseholdMerge, SearchToken)
    household_id: UUID
    into_id: UUID


@dataclass(frozen=True, kw_only=True)
class EntryOpenedAgain(Fact):
    """An entry that was closed as registered twice is a household of its own again."""

    explains: ClassVar[tuple[type, ...]] = (Household, HouseholdEvent, HouseholdMerge, SearchToken, LikenessDecision)
    household_id: UUID
    into_id: UUID
