"""What happens to money's records when the life of a household changes, and how long a grant's records are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from cbi.store.facts import Fact
from cbi.transfers.tables import Approval, Arrangement, Grant, Instruction, LeftOut, PaymentList
from cbi.transfers.tables_lives import CountedBefore


@dataclass(frozen=True, kw_only=True)
class ListUnsettled(Fact):
    """Somebody on a list that was handed in would be paid otherwise now: it went back to its maker, and its approvals fell."""

    explains: ClassVar[tuple[type, ...]] = (PaymentList, Approval)
    list_id: UUID
    household_id: UUID
    approvals_fallen: int


@dataclass(frozen=True, kw_only=True)
class CountedOnce(Fact):
    """People who split off were counted already in so many cycles; or that is not so any more, because the split was taken back (cycles: 0)."""

    explains: ClassVar[tuple[type, ...]] = (CountedBefore, LeftOut)
    household_id: UUID
    with_id: UUID
    cycles: int


@dataclass(frozen=True, kw_only=True)
class GrantKept(Fact):
    """Somebody entered how long the records of a grant are kept."""

    explains: ClassVar[tuple[type, ...]] = (Grant,)
    grant_id: UUID
    kept_until: date


@dataclass(frozen=True, kw_only=True)
class DigestsEmptied(Fact):
    """What could still confirm a guess about a household that was erased is gone from its transfers and arrangements."""

    explains: ClassVar[tuple[type, ...]] = (Instruction, Arrangement)
    household_id: UUID
    lines: int
    arrangements: int
