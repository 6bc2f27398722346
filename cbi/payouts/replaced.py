"""Promises that newer lines took over: where both lists are summed together, what is asked for again is counted once, on the newer line.

A list's own statement keeps every line as it was released.  Of a replaced line what arrived on it stays counted; what is open or given up is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from cbi.payouts.scope import Scope
from cbi.payouts.tables import LedgerEntry, LedgerPosting
from cbi.store.work import Reading
from cbi.transfers.release import FINAL
from cbi.transfers.tables import BudgetLine, Instruction, PaymentList
from reconciliation.ledger import Account

_ELSEWHERE = (Account.OPEN, Account.CANCELLED)


@dataclass(slots=True)
class Taken:
    """What of one key and currency is counted on newer lines. count: replaced lines on which nothing arrived."""

    count: int = 0
    minor: dict[Account, int] = field(default_factory=lambda: dict.fromkeys(_ELSEWHERE, 0))

    @property
    def total_minor(self) -> int:
        """The part of the promises that is asked for again."""
        return sum(self.minor.values())


def lines(scope: Scope, *, same: str = "") -> sa.Select[*tuple[Any, ...]]:  # Any: an id and an instant
    """The lines whose promise a newer released line of the scope took over, with the instant it did.

    same: what the two must share to be summed together ("provider_id", "grant_id" …), beside what the scope says.
    """
    newer, list_of_newer = aliased(Instruction), aliased(PaymentList)
    where = [
        col(Instruction.live).is_(False),
        col(newer.id) != col(Instruction.id),
        sa.or_(col(newer.replaces_id) == col(Instruction.id), col(newer.part) == col(Instruction.part)),
        col(PaymentList.status).in_(FINAL),
        col(list_of_newer.status).in_(FINAL),
        col(list_of_newer.released_at) > col(PaymentList.released_at),
        *_within(scope, newer, list_of_newer),
    ]
    if same == "provider_id":
        where.append(col(list_of_newer.provider_id) == col(PaymentList.provider_id))
    elif same == "budget_line_id":
        where.append(col(newer.budget_line_id) == col(Instruction.budget_line_id))
    elif same == "grant_id":
        where.append(_grant_of(newer) == _grant_of(Instruction))
    elif same == "list_id":
        where.append(sa.false())
    return (
        sa.select(col(Instruction.id).label("instruction_id"), sa.func.min(col(list_of_newer.released_at)).label("since"))
        .join(PaymentList, col(PaymentList.id) == col(Instruction.list_id))
        .join(newer, col(newer.entitlement_id) == col(Instruction.entitlement_id))
        .join(list_of_newer, col(list_of_newer.id) == col(newer.list_id))
        .where(*where)
        .group_by(col(Instruction.id))
    )


def taken(reading: Reading, scope: Scope, *, by: str = "") -> dict[tuple[Any, str], Taken]:  # Any: ids of several tables, None for all
    """What is counted on newer lines, by key ("provider_id" …; all together when none is given) and currency."""
    chosen = lines(scope, same=by).subquery()
    key: Any = col(getattr(LedgerEntry, by)) if by else sa.null()
    sums = [
        sa.func.sum(sa.case((col(LedgerEntry.account) == one, col(LedgerEntry.minor)), else_=0)) for one in (*_ELSEWHERE, Account.DELIVERED)
    ]
    rows = reading.session.connection().execute(
        sa.select(key, col(LedgerEntry.currency), *sums)
        .join(chosen, chosen.c.instruction_id == col(LedgerEntry.instruction_id))
        .where(*scope.entries())
        .group_by(col(LedgerEntry.instruction_id), *([key] if by else []), col(LedgerEntry.currency))
    )
    found: dict[tuple[Any, str], Taken] = {}
    for whose, currency, left, given_up, delivered in rows:
        one = found.setdefault((whose, currency), Taken())
        one.count += int(delivered) <= 0
        one.minor[Account.OPEN] += int(left)
        one.minor[Account.CANCELLED] += int(given_up)
    return found


def moved(reading: Reading, scope: Scope) -> list[Any]:  # Any: rows of the query
    """Every such sum of a posting: since, made_at, grant_id, currency, account, minor."""
    chosen = lines(scope).subquery()
    return list(
        reading.session.connection().execute(
            sa.select(
                chosen.c.since,
                col(LedgerPosting.made_at),
                col(LedgerEntry.grant_id),
                col(LedgerEntry.currency),
                col(LedgerEntry.account),
                sa.func.sum(col(LedgerEntry.minor)).label("minor"),
            )
            .join(chosen, chosen.c.instruction_id == col(LedgerEntry.instruction_id))
            .join(LedgerPosting, col(LedgerPosting.id) == col(LedgerEntry.posting_id))
            .where(col(LedgerEntry.account).in_(_ELSEWHERE), *scope.entries())
            .group_by(
                chosen.c.since,
                col(LedgerPosting.id),
                col(LedgerPosting.made_at),
                col(LedgerEntry.grant_id),
                col(LedgerEntry.currency),
                col(LedgerEntry.account),
            )
        )
    )


def _within(scope: Scope, line: Any, payment_list: Any) -> list[sa.ColumnElement[bool]]:  # Any: the tables under other names
    where: list[sa.ColumnElement[bool]] = []
    if scope.list_id is not None:
        where.append(sa.false())
    if scope.provider_id is not None:
        where.append(col(payment_list.provider_id) == scope.provider_id)
    if scope.budget_line_id is not None:
        where.append(col(line.budget_line_id) == scope.budget_line_id)
    if scope.grant_id is not None:
        where.append(_grant_of(line) == scope.grant_id)
    if scope.until is not None:
        where.append(col(payment_list.released_at) < scope.end())
    return where


def _grant_of(line: Any) -> sa.ScalarSelect[Any]:  # Any: the table, or it under another name
    budget = aliased(BudgetLine)
    return sa.select(col(budget.grant_id)).where(col(budget.id) == col(line.budget_line_id)).correlate(line).scalar_subquery()
