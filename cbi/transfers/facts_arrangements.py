"""What can happen to arrangements. No entry tells who asked, or at what hour: only what changed, on which date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from cbi.store.facts import Fact
from cbi.transfers.tables import Arrangement, Publication


@dataclass(frozen=True, kw_only=True)
class ArrangementPublished(Fact):
    """A household's way of receiving changed."""

    explains: ClassVar[tuple[type, ...]] = (Arrangement,)
    arrangement_id: UUID
    household_id: UUID
    what: str
    published_on: date
    why: str = "at the person's request"


@dataclass(frozen=True, kw_only=True)
class ArrangementsPublished(Fact):
    """The inbox was emptied, at its hour or at once; count may be 0."""

    explains: ClassVar[tuple[type, ...]] = (Publication,)
    publication_id: UUID
    day: date
    slot: str
    count: int


@dataclass(frozen=True, kw_only=True)
class ArrangementUndone(Fact):
    """A published change was taken back and what was before holds again."""

    explains: ClassVar[tuple[type, ...]] = (Arrangement,)
    arrangement_id: UUID
    household_id: UUID
    what: str


@dataclass(frozen=True, kw_only=True)
class PayeesConfirmed(Fact):
    """Changes of who is paid, or where, were looked at together and confirmed."""

    explains: ClassVar[tuple[type, ...]] = (Arrangement,)
    arrangement_ids: tuple[UUID, ...]
    count: int
