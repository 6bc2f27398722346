"""What can happen to the money around the payments, and at the end of a list or cycle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from cbi.payouts.tables import LedgerPosting
from cbi.payouts.tables_money import Closing, CycleClosing, EndingDecision, MoneyEntry
from cbi.store.facts import Fact
from cbi.transfers.tables import Cycle, PaymentList


@dataclass(frozen=True, kw_only=True)
class _AboutMoney(Fact):
    explains: ClassVar[tuple[type, ...]] = (MoneyEntry,)
    entry_id: UUID


@dataclass(frozen=True, kw_only=True)
class MoneyEntered(_AboutMoney):
    """A fee, an advance or a refund was entered; it counts once somebody else confirms it."""

    money: str
    provider_id: UUID | None
    list_id: UUID | None
    budget_line_id: UUID
    amount_minor: int
    currency: str
    day: date
    document: str
    reverses_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class MoneyConfirmed(_AboutMoney):
    """A second person confirmed it: it is in the ledger."""

    explains: ClassVar[tuple[type, ...]] = (MoneyEntry, LedgerPosting)
    posting_id: UUID
    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class MoneyDropped(_AboutMoney):
    """It was taken away before anybody confirmed it."""


@dataclass(frozen=True, kw_only=True)
class EndingDecided(Fact):
    """Somebody decided what becomes of one open line of a list."""

    explains: ClassVar[tuple[type, ...]] = (EndingDecision,)
    decision_id: UUID
    list_id: UUID
    line: str
    ending: str
    count: int
    minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class ListClosed(Fact):
    """A list was closed for good. given_up_minor: promised and never to be paid by this list; left_minor: carried over, still awaited."""

    explains: ClassVar[tuple[type, ...]] = (PaymentList, Closing, EndingDecision, LedgerPosting)
    list_id: UUID
    closing_id: UUID
    posting_id: UUID | None
    number: int
    given_up: int
    given_up_minor: int
    left_minor: int
    suspense_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class CycleClosed(Fact):
    """A cycle was closed for good; what everyone was due is accounted for."""

    explains: ClassVar[tuple[type, ...]] = (Cycle, CycleClosing)
    cycle_id: UUID
    entitled_minor: int
    paid_minor: int
    cancelled_minor: int
    left_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class LateResults(Fact):
    """A file paid promises that were given up at closing. again: how many of them stand on a newer live line as well."""

    explains: ClassVar[tuple[type, ...]] = (LedgerPosting,)
    posting_id: UUID
    list_id: UUID | None
    file_id: UUID
    count: int
    minor: int
    again: int


@dataclass(frozen=True, kw_only=True)
class LateResultsUndone(Fact):
    """The same file was undone: the promises are given up as before."""

    explains: ClassVar[tuple[type, ...]] = (LedgerPosting,)
    posting_id: UUID
    reverses_id: UUID
    file_id: UUID


@dataclass(frozen=True, kw_only=True)
class AccountCodesSet(Fact):
    """Which code of the finance system each account has in the journal: "delivered 5100"."""

    codes: tuple[str, ...]
