"""One page of statements: a row a list, provider, cycle, grant or budget line, narrowed and sorted in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.payouts import statements
from cbi.payouts.scope import Scope
from cbi.payouts.statements import Summary
from cbi.payouts.tables import LedgerSum
from cbi.store.work import Reading
from cbi.transfers.tables import BudgetLine, Cycle, Grant, ListStatus, PaymentList, Programme, Provider
from cbi.web.listing import Listing, ListingArgs

SORTS = ("released", "reference", "sum")
FILTERS = ("provider", "cycle", "grant", "line", "currency", "state", "q", "from", "to")
BY = {"list": "list_id", "provider": "provider_id", "cycle": "cycle_id", "grant": "grant_id", "line": "budget_line_id"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page. key: what its statement is asked by.  foots: None where that is told on its own page only."""

    by: str
    key: UUID
    code: str
    words: str
    count: int | None
    sums: Summary
    foots: bool
    status: ListStatus | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows. by: what they are summed by."""

    by: str
    listing: Listing[Row]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer: (id, words)."""

    providers: Sequence[tuple[str, str]]
    cycles: Sequence[tuple[str, str]]
    grants: Sequence[tuple[str, str]]
    currencies: Sequence[tuple[str, str]]


def page(reading: Reading, by: str, scope: Scope, args: ListingArgs) -> Page:
    """One page; a word nobody declared is taken for lists."""
    by = by if by in BY else "list"
    listing = _lists(reading, scope, args) if by == "list" else _others(reading, by, scope, args)
    return Page(by, listing)


def totals(reading: Reading, scope: Scope) -> list[Summary]:
    """The sums of everything in the scope, by currency."""
    found = statements.summed(reading, scope)
    return [one for one in found if one.instructed_minor or one.suspense_minor or one.fees_minor or one.held_minor]


def choices(reading: Reading) -> Choices:
    """Every provider, cycle, grant and currency, for the filters."""
    cycles = reading.session.exec(
        select(Cycle.id, Programme.code, Cycle.name)
        .join(Programme, col(Programme.id) == col(Cycle.programme_id))
        .order_by(col(Programme.code), col(Cycle.number).desc())
    )
    currencies = reading.session.exec(select(LedgerSum.currency).distinct().order_by(col(LedgerSum.currency)))
    return Choices(
        [(str(key), name) for key, name in reading.session.exec(select(Provider.id, Provider.name).order_by(col(Provider.name)))],
        [(str(key), f"{code} · {name}") for key, code, name in cycles],
        [(str(key), code) for key, code in reading.session.exec(select(Grant.id, Grant.code).order_by(col(Grant.code)))],
        [(code, code) for code in currencies],
    )


def by_code(reading: Reading, by: str, code: str) -> UUID | None:
    """The provider, cycle, grant or line that people call by this code; a cycle by its programme and number: "FSL-1"."""
    queries: dict[str, Any] = {
        "provider": select(Provider.id, Provider.code),
        "cycle": select(Cycle.id, col(Programme.code) + "-" + sa.cast(col(Cycle.number), sa.String())).join(
            Programme, col(Programme.id) == col(Cycle.programme_id)
        ),
        "grant": select(Grant.id, Grant.code),
        "line": select(BudgetLine.id, BudgetLine.code),
    }
    found = [key for key, called in reading.session.exec(queries[by]) if called.casefold() == code.casefold()]
    return found[0] if len(found) == 1 else None


def _lists(reading: Reading, scope: Scope, args: ListingArgs) -> Listing[Row]:
    where = [*scope.lists(), *_narrowed(args)]
    total = reading.session.connection().execute(sa.select(sa.func.count()).select_from(PaymentList).where(*where)).scalar_one()
    args = args.within(total)
    keys: dict[str, Any] = {
        "released": col(PaymentList.released_at),
        "reference": col(PaymentList.reference),
        "sum": col(PaymentList.total_minor),
    }
    key = keys[args.sort]
    rows = reading.session.execute(
        sa.select(PaymentList, col(Provider.name))
        .join(Provider, col(Provider.id) == col(PaymentList.provider_id))
        .where(*where)
        .order_by(key.desc() if args.descending else key, col(PaymentList.reference), col(PaymentList.id))
        .limit(args.size)
        .offset(args.offset)
    ).all()
    found = statements.of_lists(reading, [one for one, _name in rows], scope, with_lines=False)
    return Listing([_list_row(one, name, of) for (one, name), of in zip(rows, found, strict=True)], total, args)


def _list_row(one: PaymentList, provider: str, found: statements.ListStatement) -> Row:
    sums = Summary(
        one.id, one.currency, found.total_minor, found.delivered_minor, found.open_minor, found.cancelled_minor, found.suspense_minor
    )
    return Row("list", one.id, one.reference, provider, one.count, sums, found.foots, one.status)


def _narrowed(args: ListingArgs) -> list[sa.ColumnElement[bool]]:
    where: list[sa.ColumnElement[bool]] = []
    if args.filter("state") in {ListStatus.RELEASED, ListStatus.CLOSED}:
        where.append(col(PaymentList.status) == ListStatus(args.filter("state")))
    if asked := args.filter("q").upper():
        where.append(col(PaymentList.reference).contains(asked, autoescape=True))
    return where


def _others(reading: Reading, by: str, scope: Scope, args: ListingArgs) -> Listing[Row]:
    """Providers, cycles, grants or lines: few enough to be sorted here, each with one row a currency."""
    names = _names(reading, by)
    found = [Row(by, one.key, *names[one.key], None, one, one.foots) for one in statements.summed_by(reading, BY[by], scope)]
    asked = args.filter("q").casefold()
    found = [row for row in found if asked in f"{row.code} {row.words}".casefold()]
    orders = {"released": lambda row: row.code, "reference": lambda row: row.code, "sum": lambda row: row.sums.instructed_minor}
    found.sort(key=lambda row: (row.code, row.sums.currency))
    found.sort(key=orders[args.sort], reverse=args.descending and args.sort == "sum")
    args = args.within(len(found))
    return Listing(found[args.offset : args.offset + args.size], len(found), args)


def _names(reading: Reading, by: str) -> dict[UUID, tuple[str, str]]:
    queries: dict[str, Any] = {
        "provider": select(Provider.id, Provider.code, Provider.name),
        "cycle": select(Cycle.id, Programme.code, Cycle.name).join(Programme, col(Programme.id) == col(Cycle.programme_id)),
        "grant": select(Grant.id, Grant.code, Grant.title),
        "line": select(BudgetLine.id, BudgetLine.code, BudgetLine.title),
    }
    return {key: (code, words) for key, code, words in reading.session.exec(queries[by])}


@dataclass(frozen=True, slots=True)
class BudgetSums:
    """Where the money of one budget line stands in one currency, in minor units of it; the budget is in the grant's own."""

    line_id: UUID
    grant: str
    donor: str
    line: str
    title: str
    budget_currency: str
    budget_minor: int
    sums: Summary


def per_budget_line(reading: Reading) -> list[BudgetSums]:
    """Every budget line with its budget and what was entered on it, one row a currency, by grant and code."""
    entered: dict[UUID, list[Summary]] = {}
    for one in statements.summed_by(reading, "budget_line_id"):
        entered.setdefault(one.key, []).append(one)
    rows: Any = reading.session.connection().execute(
        sa.select(
            col(BudgetLine.id),
            col(Grant.code).label("grant"),
            col(Grant.donor),
            col(BudgetLine.code),
            col(BudgetLine.title),
            col(BudgetLine.currency),
            col(BudgetLine.amount_minor),
        )
        .join(Grant, col(Grant.id) == col(BudgetLine.grant_id))
        .order_by(col(Grant.code), col(BudgetLine.code), col(BudgetLine.id))
    )
    return [
        BudgetSums(row.id, row.grant, row.donor, row.code, row.title, row.currency, row.amount_minor, sums)
        for row in rows
        for sums in entered.get(row.id, [Summary(row.id, row.currency)])
    ]
