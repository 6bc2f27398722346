"""What the ledger comes to: per list, provider, cycle, grant and currency, in count and in amount, and whether it foots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts.tables import FileStatus, LedgerEntry, LedgerPosting, PayoutFile, PayoutFinding, PayoutRow
from cbi.store.work import Reading
from cbi.transfers.service import list_by_id
from cbi.transfers.tables import BudgetLine, Grant, Instruction, ListStatus, PaymentList
from reconciliation.findings import FindingKind
from reconciliation.ledger import Account

_FINAL = (ListStatus.RELEASED, ListStatus.CLOSED)


class LineKind(StrEnum):
    """Where the transfers of a list stand; every transfer is in exactly one line."""

    PAID = "paid"
    PAID_IN_PART = "paid_in_part"
    FAILED = "failed"
    RETURNED = "returned"
    WITH_THE_WRONG_HAND = "wrong_hand"
    WAITING_FOR_AN_ANSWER = "waiting"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement. instructed = delivered + open, in minor units."""

    kind: LineKind
    count: int
    instructed_minor: int
    delivered_minor: int

    @property
    def open_minor(self) -> int:
        """What is still owed."""
        return self.instructed_minor - self.delivered_minor


@dataclass(frozen=True, slots=True)
class ListStatement:
    """The statement of one list. balances: of the ledger, by account and currency.  gaps: what keeps it from footing, each finishing "You need to …"."""

    list_id: UUID
    reference: str
    currency: str
    count: int
    total_minor: int
    lines: tuple[Line, ...]
    balances: dict[str, dict[Account, int]]
    suspense: dict[str, int]
    gaps: tuple[str, ...]

    @property
    def delivered_minor(self) -> int:
        """What arrived, in the list's currency."""
        return self._of(Account.DELIVERED)

    @property
    def open_minor(self) -> int:
        """What is still promised, in the list's currency."""
        return self._of(Account.OPEN)

    @property
    def suspense_minor(self) -> int:
        """Money in suspense in the list's currency."""
        return self.suspense.get(self.currency, 0)

    @property
    def foots(self) -> bool:
        """Whether instructed = delivered + open in the ledger and line by line, and every row of every posted file was read."""
        return not self.gaps

    def _of(self, account: Account) -> int:
        return self.balances.get(self.currency, {}).get(account, 0)


def of_list(reading: Reading, list_id: UUID) -> ListStatement:
    """The statement of a released list. Raises NotThere for an unknown one."""
    payment_list = list_by_id(reading, list_id)
    balances = _balances(reading, col(LedgerEntry.list_id) == list_id)
    lines = _lines(reading, payment_list)
    suspense = {currency: accounts[Account.SUSPENSE] for currency, accounts in balances.items() if accounts.get(Account.SUSPENSE)}
    gaps = (*_ledger_gaps(payment_list, balances, lines), *_file_gaps(reading, list_id))
    return ListStatement(
        list_id,
        payment_list.reference,
        payment_list.currency,
        payment_list.count,
        payment_list.total_minor,
        lines,
        balances,
        suspense,
        gaps,
    )


@dataclass(frozen=True, slots=True)
class Summary:
    """The same sums for anything that lists can be summed by. Amounts in minor units of `currency`."""

    key: UUID
    currency: str
    instructed_minor: int
    delivered_minor: int
    open_minor: int
    suspense_minor: int
    fees_minor: int

    @property
    def foots(self) -> bool:
        """Whether instructed = delivered + open."""
        return self.instructed_minor == self.delivered_minor + self.open_minor


def summed_by(reading: Reading, column: str) -> list[Summary]:
    """Sums per "list_id", "provider_id", "cycle_id", "grant_id" or "budget_line_id" and currency, in order of the ids."""
    key: Any = col(getattr(LedgerEntry, column))
    rows = reading.session.connection().execute(
        sa.select(key.label("key"), col(LedgerEntry.currency), col(LedgerEntry.account), sa.func.sum(col(LedgerEntry.minor)).label("minor"))
        .where(key.is_not(None))
        .group_by(key, col(LedgerEntry.currency), col(LedgerEntry.account))
        .order_by(key, col(LedgerEntry.currency))
    )
    found: dict[tuple[UUID, str], dict[Account, int]] = {}
    for row in rows:
        found.setdefault((row.key, row.currency), {})[Account(row.account)] = int(row.minor)
    return [
        Summary(
            place,
            currency,
            -sums.get(Account.INSTRUCTED, 0),
            sums.get(Account.DELIVERED, 0),
            sums.get(Account.OPEN, 0),
            sums.get(Account.SUSPENSE, 0),
            sums.get(Account.FEES, 0),
        )
        for (place, currency), sums in found.items()
    ]


def whole_ledger_foots(reading: Reading) -> bool:
    """Whether everything ever entered sums to zero in each currency."""
    sums = sa.select(sa.func.sum(col(LedgerEntry.minor))).group_by(col(LedgerEntry.currency))
    return all(row[0] == 0 for row in reading.session.connection().execute(sums))


def to_json(statement: ListStatement) -> dict[str, object]:
    """The statement for programs: amounts in minor units."""
    return {
        "list": statement.reference,
        "currency": statement.currency,
        "instructed": {"count": statement.count, "minor": statement.total_minor},
        "lines": {
            line.kind.value: {
                "count": line.count,
                "instructed_minor": line.instructed_minor,
                "delivered_minor": line.delivered_minor,
                "open_minor": line.open_minor,
            }
            for line in statement.lines
        },
        "delivered_minor": statement.delivered_minor,
        "open_minor": statement.open_minor,
        "suspense_minor": statement.suspense,
        "foots": statement.foots,
        "gaps": list(statement.gaps),
    }


def _balances(reading: Reading, condition: Any) -> dict[str, dict[Account, int]]:  # Any: a column expression
    rows = reading.session.connection().execute(
        sa.select(col(LedgerEntry.currency), col(LedgerEntry.account), sa.func.sum(col(LedgerEntry.minor)).label("minor"))
        .where(condition)
        .group_by(col(LedgerEntry.currency), col(LedgerEntry.account))
        .order_by(col(LedgerEntry.currency), col(LedgerEntry.account))
    )
    found: dict[str, dict[Account, int]] = {}
    for row in rows:
        found.setdefault(row.currency, {})[Account(row.account)] = int(row.minor)
    return found


def _lines(reading: Reading, payment_list: PaymentList) -> tuple[Line, ...]:
    """Every line of the list once: how much of it arrived, and what the newest posted file says of the rest."""
    arrived = (
        sa.select(col(LedgerEntry.instruction_id), sa.func.sum(col(LedgerEntry.minor)).label("minor"))
        .where(col(LedgerEntry.list_id) == payment_list.id, col(LedgerEntry.account) == Account.DELIVERED)
        .group_by(col(LedgerEntry.instruction_id))
    )
    delivered = {row.instruction_id: int(row.minor) for row in reading.session.connection().execute(arrived)}
    newest = _newest_kinds(reading, payment_list.id)
    sums: dict[LineKind, list[int]] = {kind: [0, 0, 0] for kind in LineKind}
    asked = sa.select(col(Instruction.id), col(Instruction.amount_minor)).where(col(Instruction.list_id) == payment_list.id)
    for row in reading.session.connection().execute(asked):
        paid = delivered.get(row.id, 0)
        line = sums[_line_of(row.amount_minor, paid, newest.get(row.id))]
        line[0], line[1], line[2] = line[0] + 1, line[1] + row.amount_minor, line[2] + paid
    return tuple(Line(kind, *of_kind) for kind, of_kind in sums.items())


def _line_of(asked: int, paid: int, newest: FindingKind | None) -> LineKind:
    if paid >= asked:
        return LineKind.PAID
    if paid > 0:
        return LineKind.PAID_IN_PART
    if newest is None:
        return LineKind.MISSING
    return {
        FindingKind.FAILED: LineKind.FAILED,
        FindingKind.RETURNED: LineKind.RETURNED,
        FindingKind.WRONG_PAYEE: LineKind.WITH_THE_WRONG_HAND,
        FindingKind.WRONG_CURRENCY: LineKind.WITH_THE_WRONG_HAND,
        FindingKind.CONTRADICTS: LineKind.WAITING_FOR_AN_ANSWER,
        FindingKind.SUGGESTED: LineKind.WAITING_FOR_AN_ANSWER,
    }.get(newest, LineKind.MISSING)


def _newest_kinds(reading: Reading, list_id: UUID) -> dict[UUID, FindingKind]:
    """What the newest posted file that speaks of a transfer says of it; files that merely lack it say nothing."""
    rows = reading.session.connection().execute(
        sa.select(col(PayoutFinding.instruction_id), col(PayoutFinding.kind))
        .join(PayoutFile, col(PayoutFile.id) == col(PayoutFinding.file_id))
        .where(
            col(PayoutFile.list_id) == list_id,
            col(PayoutFile.status) == FileStatus.POSTED,
            col(PayoutFinding.instruction_id).is_not(None),
            col(PayoutFinding.kind).not_in([FindingKind.MISSING, FindingKind.PAID_BEFORE]),
        )
        .order_by(col(PayoutFile.posted_at), col(PayoutFile.id))
    )
    return {row.instruction_id: FindingKind(row.kind) for row in rows}


def _ledger_gaps(payment_list: PaymentList, balances: dict[str, dict[Account, int]], lines: Sequence[Line]) -> list[str]:
    own = balances.get(payment_list.currency, {})
    instructed, delivered, still_open = -own.get(Account.INSTRUCTED, 0), own.get(Account.DELIVERED, 0), own.get(Account.OPEN, 0)
    gaps = [
        f"call the administrator: the ledger of {currency} does not sum to zero"
        for currency, sums in balances.items()
        if sum(sums.values())
    ]
    if payment_list.status in _FINAL and instructed != payment_list.total_minor:
        gaps.append("call the administrator: the ledger does not hold what was released")
    if instructed != delivered + still_open:
        gaps.append("call the administrator: delivered and open do not make up what was instructed")
    if sum(line.delivered_minor for line in lines) != delivered or sum(line.instructed_minor for line in lines) != payment_list.total_minor:
        gaps.append("call the administrator: the lines of the list do not make up its ledger")
    return gaps


def _file_gaps(reading: Reading, list_id: UUID) -> list[str]:
    unread = reading.session.connection().execute(
        sa.select(col(PayoutRow.sheet), col(PayoutRow.row))
        .join(PayoutFinding, col(PayoutFinding.id) == col(PayoutRow.finding_id))
        .join(PayoutFile, col(PayoutFile.id) == col(PayoutRow.file_id))
        .where(
            col(PayoutFile.list_id) == list_id,
            col(PayoutFile.status) == FileStatus.POSTED,
            col(PayoutFinding.kind) == FindingKind.UNREADABLE,
        )
        .order_by(col(PayoutFile.posted_at), col(PayoutRow.sheet), col(PayoutRow.row))
        .limit(50)
    )
    return [f"correct row {row.row} of sheet {row.sheet} and upload the corrected rows: it could not be read" for row in unread]


def postings(reading: Reading, list_id: UUID) -> list[LedgerPosting]:
    """Everything that was entered for a list, in order."""
    query = (
        sa.select(LedgerPosting).where(col(LedgerPosting.list_id) == list_id).order_by(col(LedgerPosting.made_at), col(LedgerPosting.id))
    )
    return list(reading.session.scalars(query))


@dataclass(frozen=True, slots=True)
class BudgetSums:
    """Where the money of one budget line stands, in minor units of its currency."""

    grant: str
    donor: str
    line: str
    title: str
    currency: str
    budget_minor: int
    instructed_minor: int
    delivered_minor: int
    open_minor: int


def per_budget_line(reading: Reading) -> list[BudgetSums]:
    """Every budget line with its budget and what was entered on it, by grant and code."""
    entered = {one.key: one for one in summed_by(reading, "budget_line_id")}
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
    none = Summary(UUID(int=0), "", 0, 0, 0, 0, 0)
    found = [(row, entered.get(row.id, none)) for row in rows]
    return [
        BudgetSums(
            row.grant,
            row.donor,
            row.code,
            row.title,
            row.currency,
            row.amount_minor,
            of.instructed_minor,
            of.delivered_minor,
            of.open_minor,
        )
        for row, of in found
    ]
