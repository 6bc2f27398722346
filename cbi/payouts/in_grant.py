"""The same money in the grant's own currency: exact by the rate of each day, rounded once a line, the rest on a line of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts import replaced
from cbi.payouts.scope import Scope
from cbi.payouts.tables import LedgerPosting, LedgerSum
from cbi.store.work import Reading
from cbi.transfers.rates import Rates, all_rates
from cbi.transfers.tables import Grant
from reconciliation.exchange import Rounded, foot
from reconciliation.ledger import Account

SHOWN = (Account.DELIVERED, Account.OPEN, Account.CANCELLED, Account.SUSPENSE, Account.EXTRA, Account.FEES, Account.DONOR)


@dataclass(frozen=True, slots=True)
class GrantLine:
    """One account of a grant paid in one currency. minor: in the currency paid; rounded: in the grant's; rates: those used, the first day first."""

    account: Account
    currency: str
    minor: int
    rounded: int


@dataclass(frozen=True, slots=True)
class GrantAccount:
    """What a grant comes to in its own currency. difference: what the rounded lines lack of each account's exact sum, kept visible.

    rates: every rate used, as (currency, first day, so much for one).  wanting: (currency, day) without a known rate: then nothing is told.
    """

    grant_id: UUID
    code: str
    currency: str
    lines: tuple[GrantLine, ...]
    totals: dict[Account, int]
    differences: dict[Account, int]
    rates: tuple[tuple[str, date, Fraction], ...]
    wanting: tuple[tuple[str, date], ...]

    @property
    def is_exchanged(self) -> bool:
        """Whether anything was paid in another currency than the grant's."""
        return any(line.currency != self.currency for line in self.lines) or bool(self.wanting)


def accounts(reading: Reading, scope: Scope) -> list[GrantAccount]:
    """The account of each grant in a scope, by code; three queries however many entries there are."""
    moved = _moved(reading, scope)
    found = {row.id: row for row in reading.session.scalars(sa.select(Grant).where(col(Grant.id).in_(moved)).order_by(col(Grant.code)))}
    rates = all_rates(reading, list(found))
    return [_account(grant, moved[grant_id], rates[grant_id]) for grant_id, grant in found.items()]


_Moved = dict[tuple[Account, str], dict[date, int]]


def _account(grant: Grant, moved: _Moved, rates: Rates) -> GrantAccount:
    exact: dict[tuple[Account, str], Fraction] = {}
    used: dict[tuple[str, Fraction], date] = {}
    wanting: set[tuple[str, date]] = set()
    for key, days in moved.items():
        total = Fraction(0)
        for day, minor in sorted(days.items()):
            for_one, amount = rates.on(key[1], day), rates.of_grant(minor, key[1], day)
            if for_one is None or amount is None:
                wanting.add((key[1], day))
                continue
            used.setdefault((key[1], for_one), day)
            total += amount
        exact[key] = total
    footed = {account: _footed(exact, account) for account in SHOWN}
    return GrantAccount(
        grant.id,
        grant.code,
        grant.currency,
        tuple(line for account in SHOWN for line in _lines(account, moved, footed[account])),
        {account: one.total for account, one in footed.items()},
        {account: one.difference for account, one in footed.items() if one.difference},
        tuple((currency, day, for_one) for (currency, for_one), day in used.items() if currency != grant.currency),
        tuple(sorted(wanting)),
    )


def _footed(exact: dict[tuple[Account, str], Fraction], account: Account) -> Rounded:
    return foot([exact[key] for key in sorted(exact) if key[0] is account])


def _lines(account: Account, moved: _Moved, rounded: Rounded) -> list[GrantLine]:
    keys = [key for key in sorted(moved) if key[0] is account]
    return [GrantLine(account, key[1], sum(moved[key].values()), part) for key, part in zip(keys, rounded.parts, strict=True)]


def _moved(reading: Reading, scope: Scope) -> dict[UUID, _Moved]:
    """What moved each day of the office, by grant, account and currency: one row a posting, added up by day here."""
    zone = ZoneInfo(scope.zone)
    rows: Any = reading.session.connection().execute(
        sa.select(
            col(LedgerSum.grant_id),
            col(LedgerSum.account),
            col(LedgerSum.currency),
            col(LedgerPosting.made_at),
            sa.func.sum(col(LedgerSum.minor)).label("minor"),
        )
        .join(LedgerPosting, col(LedgerPosting.id) == col(LedgerSum.posting_id))
        .where(col(LedgerSum.grant_id).is_not(None), col(LedgerSum.account).in_(SHOWN), *scope.entries(LedgerSum))
        .group_by(
            col(LedgerSum.grant_id),
            col(LedgerSum.account),
            col(LedgerSum.currency),
            col(LedgerPosting.id),
            col(LedgerPosting.made_at),
        )
    )
    found: dict[UUID, _Moved] = {}
    for row in rows:
        days = found.setdefault(row.grant_id, {}).setdefault((Account(row.account), row.currency), {})
        day = row.made_at.astimezone(zone).date()
        days[day] = days.get(day, 0) + int(row.minor)
    for row in replaced.moved(reading, scope):  # counted on the newer line
        days = found.get(row.grant_id, {}).get((Account(row.account), row.currency), {})
        day = row.made_at.astimezone(zone).date()
        if day in days:
            days[day] -= int(row.minor)
    return found
