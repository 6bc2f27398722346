"""The journal for the finance system: every entry of the ledger as a line of csv, with its account code, grant, budget line and exchange."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import col

from cbi.errors import Refused
from cbi.payouts import facts_money as facts
from cbi.payouts.scope import Scope, begin
from cbi.payouts.tables import LedgerEntry, LedgerPosting
from cbi.store.work import Reading, Work, read_setting, write_setting
from cbi.transfers.rates import Rates, all_rates
from cbi.transfers.tables import BudgetLine, Grant, Instruction, PaymentList, Provider
from cbi.web.words import _
from reconciliation.exchange import rounded, shown
from reconciliation.ledger import Account
from reconciliation.money import Money

HEADER = (
    "date", "posting", "kind", "account", "code", "debit", "credit", "currency", "grant", "budget_line", "provider", "list", "reference",
    "grant_currency", "rate", "grant_debit", "grant_credit",
)  # fmt: skip
ROUNDING = "rounding"
DEFAULT_CODES: Mapping[str, str] = {
    Account.INSTRUCTED: "1400",
    Account.OPEN: "1400",
    Account.CANCELLED: "1400",
    Account.PROVIDER: "1400",
    Account.FLOAT: "1400",
    Account.SUSPENSE: "1490",
    Account.ADVANCE: "1000",
    Account.DELIVERED: "5100",
    Account.EXTRA: "5110",
    Account.FEES: "5200",
    Account.DONOR: "2100",
    ROUNDING: "5900",
}
"""Usual codes: 1400 is what providers hold of our money, which the five accounts that move it make up together."""
_SETTING = "account_codes"
_LONGEST_CODE = 20


@dataclass(frozen=True, slots=True)
class _Exchange:
    """The rates of every grant, and what they are asked about: codes and the office's zone."""

    rates: Mapping[UUID, Rates]
    codes: Mapping[str, str]
    zone: ZoneInfo


def lines(reading: Reading, since: date | None = None, until: date | None = None, scope: Scope | None = None) -> Iterator[str]:
    """The journal from one day of the office to another, in the order of posting; debit and credit in major units.

    Each posting sums to zero in each currency it was paid in, and in the grant's, where rounding may need a line of its own.
    """
    grants = reading.session.connection().execute(sa.select(col(Grant.id))).scalars().all()
    known = _Exchange(all_rates(reading, list(grants)), codes(reading), ZoneInfo(reading.zone))
    yield _line(HEADER)
    rows = reading.session.connection().execution_options(yield_per=2000).execute(_query(reading, since, until, scope))
    for _posting, entries in groupby(rows, key=lambda row: row.posting_id):
        yield from _posting_lines(entries, known)


def codes(reading: Reading) -> dict[str, str]:
    """The finance system's code of each account, as the office set it."""
    return {**DEFAULT_CODES, **(read_setting(reading.session, reading.system, _SETTING) or {})}


def set_codes(work: Work, given: Mapping[str, str]) -> None:
    """Say which code of the finance system each account has. Raises Refused for one that is empty or too long."""
    kept = {name: " ".join(given.get(name, "").split()) for name in DEFAULT_CODES}
    if not all(0 < len(code) <= _LONGEST_CODE for code in kept.values()):
        raise Refused(_("give every account a code of at most %(most)s characters, for example 5100", most=_LONGEST_CODE))
    write_setting(work.session, work.system, _SETTING, kept)
    work.remember(facts.AccountCodesSet(codes=tuple(f"{name} {code}" for name, code in kept.items())))


def _posting_lines(entries: Iterable[Any], known: _Exchange) -> Iterator[str]:  # Any: rows of the query below
    over: dict[tuple[str, str], int] = {}
    row: Any = None
    for row in entries:
        exchanged = _exchanged(row, known)
        yield _line((*_head(row, row.account.value, known), *_sides(row.minor, row.currency), *_place(row), *_tail(exchanged)))
        if exchanged is not None:
            over[row.grant, exchanged[0]] = over.get((row.grant, exchanged[0]), 0) + exchanged[2]
    for (grant, currency), minor in sorted(over.items()):
        if minor:
            yield _line(
                (
                    *_head(row, ROUNDING, known),
                    "",
                    "",
                    currency,
                    grant,
                    "",
                    "",
                    row.list or "",
                    "",
                    currency,
                    "",
                    *_sides(-minor, currency)[:2],
                )
            )


def _exchanged(row: Any, known: _Exchange) -> tuple[str, Fraction, int] | None:  # Any: a row of the query below
    """The grant's currency, the rate of the day, and the amount rounded in its minor units; None where no rate or no grant is known."""
    rates = known.rates.get(row.grant_id)
    if rates is None:
        return None
    day = row.made_at.astimezone(known.zone).date()
    for_one, amount = rates.on(row.currency, day), rates.of_grant(int(row.minor), row.currency, day)
    return None if for_one is None or amount is None else (rates.currency, for_one, rounded(amount))


def _head(row: Any, account: str, known: _Exchange) -> tuple[str, ...]:
    day = row.made_at.astimezone(known.zone).date()
    return (day.isoformat(), str(row.posting_id), row.kind.value, account, known.codes[account])


def _sides(minor: int, currency: str) -> tuple[str, str, str]:
    """Debit, credit, currency: exactly one side is filled."""
    amount = str(Money(abs(minor), currency).decimal())
    return (amount, "", currency) if minor > 0 else ("", amount, currency)


def _place(row: Any) -> tuple[str, ...]:
    return tuple(text or "" for text in (row.grant, row.line, row.provider, row.list, row.reference))


def _tail(exchanged: tuple[str, Fraction, int] | None) -> tuple[str, ...]:
    if exchanged is None:
        return ("", "", "", "")
    currency, for_one, minor = exchanged
    debit, credit, _currency = _sides(minor, currency)
    return (currency, shown(for_one), debit, credit)


def _query(reading: Reading, since: date | None, until: date | None, scope: Scope | None) -> Any:  # Any: a select of many columns
    query: Any = (
        sa.select(
            col(LedgerPosting.made_at),
            col(LedgerEntry.posting_id),
            col(LedgerPosting.kind),
            col(LedgerEntry.account),
            col(LedgerEntry.minor),
            col(LedgerEntry.currency),
            col(LedgerEntry.grant_id),
            col(Grant.code).label("grant"),
            col(BudgetLine.code).label("line"),
            col(Provider.code).label("provider"),
            col(PaymentList.reference).label("list"),
            col(Instruction.reference).label("reference"),
        )
        .join(LedgerPosting, col(LedgerPosting.id) == col(LedgerEntry.posting_id))
        .outerjoin(Grant, col(Grant.id) == col(LedgerEntry.grant_id))
        .outerjoin(BudgetLine, col(BudgetLine.id) == col(LedgerEntry.budget_line_id))
        .outerjoin(Provider, col(Provider.id) == col(LedgerEntry.provider_id))
        .outerjoin(PaymentList, col(PaymentList.id) == col(LedgerEntry.list_id))
        .outerjoin(Instruction, col(Instruction.id) == col(LedgerEntry.instruction_id))
        .where(col(LedgerEntry.operation_id) == reading.operation_id)
    )
    if since is not None:
        query = query.where(col(LedgerPosting.made_at) >= begin(since, reading.zone))
    if until is not None:
        query = query.where(col(LedgerPosting.made_at) < Scope(reading.zone, until=until).end())
    if scope is not None:
        query = query.where(*scope.entries())
    return query.order_by(
        col(LedgerPosting.made_at),
        col(LedgerPosting.id),
        col(PaymentList.reference),
        col(Instruction.position),
        col(LedgerEntry.account),
        col(LedgerEntry.currency),
        col(LedgerEntry.minor),
        col(LedgerEntry.id),
    )


def _line(cells: tuple[str, ...]) -> str:
    out = io.StringIO()
    # A spreadsheet must never take a cell for a formula.
    csv.writer(out).writerow(["'" + cell if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell for cell in cells])
    return out.getvalue()
