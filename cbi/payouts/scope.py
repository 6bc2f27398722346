"""What a statement is about: a list, a provider, a cycle, a grant, a budget line, or several of these at once, up to a day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts.tables import LedgerEntry, LedgerPosting, LedgerSum
from cbi.store.ids import id_of
from cbi.transfers.release import FINAL
from cbi.transfers.tables import BudgetLine, Instruction, PaymentList

Where = list[sa.ColumnElement[bool]]
_CURRENCY = re.compile("[A-Z]{3}")
KEYS = ("list", "provider", "cycle", "grant", "line")


@dataclass(frozen=True, slots=True)
class Scope:
    """What is summed: entries that carry all of these. until: the last day counted, on the office's own calendar.

    since: where a table over time begins; balances always count from the beginning, so that they are what stands, not what moved.
    """

    zone: str
    list_id: UUID | None = None
    provider_id: UUID | None = None
    cycle_id: UUID | None = None
    grant_id: UUID | None = None
    budget_line_id: UUID | None = None
    currency: str = ""
    since: date | None = None
    until: date | None = None

    def entries(self, of: Any = LedgerEntry) -> Where:  # Any: a table of entries, or of their sums
        """The conditions on ledger entries, or on the sums that stand beside them."""
        named = {
            "list_id": self.list_id,
            "provider_id": self.provider_id,
            "cycle_id": self.cycle_id,
            "grant_id": self.grant_id,
            "budget_line_id": self.budget_line_id,
        }
        where: Where = [col(getattr(of, name)) == value for name, value in named.items() if value is not None]
        if self.list_id is not None and of is LedgerEntry:
            where += entries_of_lists([self.list_id])
        if self.currency:
            where.append(col(of.currency) == self.currency)
        if self.until is not None:
            early = sa.select(col(LedgerPosting.id)).where(col(LedgerPosting.made_at) < self.end())
            where.append(col(of.posting_id).in_(early))
        return where

    def lists(self) -> Where:
        """The conditions on payment lists: released, and of this list, provider, cycle and currency."""
        where: Where = [col(PaymentList.status).in_(FINAL)]
        for column, value in (
            (PaymentList.id, self.list_id),
            (PaymentList.provider_id, self.provider_id),
            (PaymentList.cycle_id, self.cycle_id),
            (PaymentList.currency, self.currency or None),
        ):
            if value is not None:
                where.append(col(column) == value)
        if self.until is not None:
            where.append(col(PaymentList.released_at) < self.end())
        if self.grant_id is not None or self.budget_line_id is not None:
            where.append(col(PaymentList.id).in_(sa.select(col(Instruction.list_id)).where(*self.lines())))
        return where

    def lines(self) -> Where:
        """The conditions on a list's lines: those of this grant and budget line."""
        where: Where = []
        if self.budget_line_id is not None:
            where.append(col(Instruction.budget_line_id) == self.budget_line_id)
        if self.grant_id is not None:
            of_grant = sa.select(col(BudgetLine.id)).where(col(BudgetLine.grant_id) == self.grant_id)
            where.append(col(Instruction.budget_line_id).in_(of_grant))
        return where

    def end(self) -> datetime:
        """The instant at which the last day counted is over, in the office's zone."""
        assert self.until is not None
        return after(self.until, self.zone)

    def of_currency(self, currency: str) -> Scope:
        """The same in one currency."""
        return replace(self, currency=currency)

    def query(self) -> dict[str, str]:
        """The same as the parameters of an address."""
        ids = zip(KEYS, (self.list_id, self.provider_id, self.cycle_id, self.grant_id, self.budget_line_id), strict=True)
        days = (("from", self.since), ("to", self.until))
        return {
            **{name: str(value) for name, value in ids if value},
            **({"currency": self.currency} if self.currency else {}),
            **{name: day.isoformat() for name, day in days if day},
        }


def from_query(asked: Mapping[str, str], zone: str) -> Scope:
    """Read an address's parameters; what cannot be read is passed over."""
    ids = {name: id_of(asked.get(name, "")) for name in KEYS}
    currency = asked.get("currency", "").upper()
    return Scope(
        zone,
        list_id=ids["list"],
        provider_id=ids["provider"],
        cycle_id=ids["cycle"],
        grant_id=ids["grant"],
        budget_line_id=ids["line"],
        currency=currency if _CURRENCY.fullmatch(currency) else "",
        since=day_of(asked.get("from", "")),
        until=day_of(asked.get("to", "")),
    )


def entries_of_lists(ids: Sequence[UUID]) -> Where:
    """The conditions on ledger entries that they are about one of these lists.

    The sums, which are few, lead to the postings whose entries are looked through: an index of every entry by its list costs more than it saves.
    """
    made = sa.select(col(LedgerSum.posting_id)).where(col(LedgerSum.list_id).in_(ids))
    return [col(LedgerEntry.list_id).in_(ids), col(LedgerEntry.posting_id).in_(made)]


def begin(day: date, zone: str) -> datetime:
    """The instant at which a day of the office begins."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def after(day: date, zone: str) -> datetime:
    """The instant at which a day of the office is over."""
    return begin(day + timedelta(days=1), zone)


def day_of(text: str) -> date | None:
    """A day as an address names it, or None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def sums_of(names: Iterable[str], *, of: Any = LedgerEntry) -> list[Any]:  # Any: columns of a select
    """For each account by name, the sum of its entries: columns of a grouped select."""
    return [sa.func.sum(sa.case((col(of.account) == name, col(of.minor)), else_=0)).label(name) for name in names]
