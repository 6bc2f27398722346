"""Money month by month: what was open, what was promised, what arrived, and what is open at the end; each month begins where the last one ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts import replaced
from cbi.payouts.scope import Scope, sums_of
from cbi.payouts.tables import LedgerPosting, LedgerSum
from cbi.store.work import Reading
from reconciliation.ledger import HELD, Account

MOVING = (Account.INSTRUCTED, Account.DELIVERED, Account.CANCELLED, Account.SUSPENSE, Account.FEES)


@dataclass(frozen=True, slots=True)
class Month:
    """One month in one currency, in minor units. first: its first day, or the first day asked for. opening, closing: promises still open."""

    first: date
    currency: str
    opening_minor: int
    instructed_minor: int
    delivered_minor: int
    cancelled_minor: int
    suspense_minor: int
    fees_minor: int
    held_minor: int

    @property
    def closing_minor(self) -> int:
        """What was still open at the end: opening + instructed − delivered − given up."""
        return self.opening_minor + self.instructed_minor - self.delivered_minor - self.cancelled_minor


@dataclass(slots=True)
class _Sums:
    moved: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*MOVING, *HELD), 0))


def months(reading: Reading, scope: Scope) -> list[Month]:
    """Every month in which something moved, oldest first, by currency; from the scope's first day on when it has one."""
    by_month = _by_month(reading, scope)
    found: list[Month] = []
    opening: dict[str, int] = {}
    held: dict[str, int] = {}
    for (currency, first), sums in sorted(by_month.items()):
        moved = sums.moved
        held[currency] = held.get(currency, 0) + sum(moved[account] for account in HELD)
        month = Month(
            first,
            currency,
            opening.get(currency, 0),
            instructed_minor=-moved[Account.INSTRUCTED],
            delivered_minor=moved[Account.DELIVERED],
            cancelled_minor=moved[Account.CANCELLED],
            suspense_minor=moved[Account.SUSPENSE],
            fees_minor=moved[Account.FEES],
            held_minor=held[currency],
        )
        opening[currency] = month.closing_minor
        if scope.since is None or first >= scope.since:
            found.append(month)
    return found


def _by_month(reading: Reading, scope: Scope) -> dict[tuple[str, date], _Sums]:
    zone = ZoneInfo(scope.zone)
    names = tuple(dict.fromkeys((*MOVING, *HELD)))
    rows: Any = reading.session.connection().execute(
        sa.select(col(LedgerPosting.made_at), col(LedgerSum.currency), *sums_of(names, of=LedgerSum))
        .join(LedgerPosting, col(LedgerPosting.id) == col(LedgerSum.posting_id))
        .where(*scope.entries(LedgerSum))
        .group_by(col(LedgerPosting.id), col(LedgerPosting.made_at), col(LedgerSum.currency))
    )
    found: dict[tuple[str, date], _Sums] = {}
    for row in rows:
        day = row.made_at.astimezone(zone).date()
        sums = found.setdefault((row.currency, _first(day, scope.since)), _Sums())
        for name in names:
            sums.moved[name] += int(getattr(row, name.value))
    for row in replaced.moved(reading, scope):  # from when a newer line took a promise over, it counts there
        day = max(row.made_at, row.since).astimezone(zone).date()
        sums = found.setdefault((row.currency, _first(day, scope.since)), _Sums())
        sums.moved[Account.INSTRUCTED] += int(row.minor)
        sums.moved[Account(row.account)] -= int(row.minor)
    return found


def _first(day: date, since: date | None) -> date:
    """The day a row begins with: the first of the month, or in the month that `since` cuts, that day for what came from then on."""
    first = day.replace(day=1)
    return since if since is not None and first < since <= day else first
