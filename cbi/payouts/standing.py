"""Where every transfer stands, counted in the database: paid, failed, returned, missing …, each in exactly one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts import replaced, said_after
from cbi.payouts.corrections import is_corrected
from cbi.payouts.kinds import is_one_of
from cbi.payouts.scope import Scope, Where, sums_of
from cbi.payouts.sheet_names import named_sheets
from cbi.payouts.tables import FileStatus, LedgerEntry, LedgerSum, PayoutFile, PayoutFileList, PayoutFinding, PayoutRow
from cbi.store.work import Reading
from cbi.transfers.tables import PaymentList
from reconciliation.findings import FindingKind
from reconciliation.ladder import plain_reference
from reconciliation.ledger import Account

_SHOWN_ROWS = 50


class LineKind(StrEnum):
    """Where the transfers of a statement stand; every transfer is in exactly one line."""

    PAID = "paid"
    PAID_IN_PART = "paid_in_part"
    FAILED = "failed"
    RETURNED = "returned"
    WITH_THE_WRONG_HAND = "wrong_hand"
    WAITING_FOR_AN_ANSWER = "waiting"
    MISSING = "missing"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement. instructed = delivered + given up + open, in minor units."""

    kind: LineKind
    count: int = 0
    instructed_minor: int = 0
    delivered_minor: int = 0
    cancelled_minor: int = 0

    @property
    def open_minor(self) -> int:
        """What is still owed."""
        return self.instructed_minor - self.delivered_minor - self.cancelled_minor


_SAID = {
    FindingKind.FAILED: LineKind.FAILED,
    FindingKind.RETURNED: LineKind.RETURNED,
    FindingKind.WRONG_PAYEE: LineKind.WITH_THE_WRONG_HAND,
    FindingKind.WRONG_CURRENCY: LineKind.WITH_THE_WRONG_HAND,
    FindingKind.CONTRADICTS: LineKind.WAITING_FOR_AN_ANSWER,
    FindingKind.SUGGESTED: LineKind.WAITING_FOR_AN_ANSWER,
}


def all_lines(found: Iterable[Line]) -> tuple[Line, ...]:
    """Every line, also those with nothing in them: a closed list is shown closed."""
    kept = {line.kind: line for line in found}
    return tuple(kept.get(kind, Line(kind)) for kind in LineKind)


def by_list(reading: Reading, where: Where, *, until: Scope | None = None) -> dict[tuple[UUID, str], list[Line]]:
    """The lines of each list and currency that these entries belong to, by what was known at the end of the scope's last day."""
    each = transfers(where, until=until)
    rows = _grouped(reading, each, each.c.list_id, each.c.currency)
    found: dict[tuple[UUID, str], list[Line]] = {}
    for row in rows:
        found.setdefault((row.list_id, row.currency), []).append(_line(row))
    return found


def by_currency(reading: Reading, where: Where, *, until: Scope) -> dict[str, list[Line]]:
    """The lines of each currency, by what was known at the end of the scope's last day; a promise that a newer line took over counts there."""
    each = transfers(where, until=until, without=replaced.lines(until))
    found: dict[str, list[Line]] = {}
    for row in _grouped(reading, each, each.c.currency):
        found.setdefault(row.currency, []).append(_line(row))
    return found


def transfers(where: Where, *, until: Scope | None = None, without: sa.Select[*tuple[Any, ...]] | None = None) -> sa.Subquery:
    """One row for each transfer: instruction_id, list_id, currency, asked, delivered and cancelled in minor units, and its line.

    without: lines of which only what arrived counts (`replaced.lines`).
    """
    sums = sums_of((Account.INSTRUCTED, Account.DELIVERED, Account.CANCELLED))
    per = (
        sa.select(col(LedgerEntry.instruction_id), col(LedgerEntry.list_id), col(LedgerEntry.currency), *sums)
        .where(col(LedgerEntry.instruction_id).is_not(None), *where)
        .group_by(col(LedgerEntry.instruction_id), col(LedgerEntry.list_id), col(LedgerEntry.currency))
        .having(sums[0].element < 0)
        .subquery()
    )
    asked: sa.ColumnElement[Any] = -per.c.instructed
    given_up: sa.ColumnElement[Any] = per.c.cancelled
    paid = per.c.delivered
    if without is not None:
        over = per.c.instruction_id.in_(sa.select(without.subquery().c.instruction_id))
        asked, given_up = sa.case((over, paid), else_=asked), sa.case((over, 0), else_=given_up)
    told = sa.case(
        {kind.value: line.value for kind, line in _SAID.items()}, value=_newest(per.c.instruction_id, until), else_=LineKind.MISSING.value
    )
    line = sa.case(
        (paid >= asked, LineKind.PAID.value),
        (paid > 0, LineKind.PAID_IN_PART.value),
        (given_up >= asked, LineKind.GIVEN_UP.value),
        else_=told,
    )
    rows = sa.select(
        per.c.instruction_id,
        per.c.list_id,
        per.c.currency,
        asked.label("asked"),
        paid.label("delivered"),
        given_up.label("cancelled"),
        line.label("line"),
    )
    return (rows if without is None else rows.where(asked > 0)).subquery()


def unread_by_list(reading: Reading, ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """For each list, what must be corrected before it foots: the rows of its posted files that could not be read."""
    found: dict[UUID, list[str]] = {}
    for row in _unread(reading, col(PayoutFileList.list_id).in_(ids), col(PayoutFileList.list_id)):
        found.setdefault(row.key, []).append(_fix(reading, row))
    return {key: tuple(fixes) for key, fixes in found.items()}


def unread_by(reading: Reading, column: str, until: Scope | None = None) -> set[tuple[UUID, str]]:
    """The lists, providers, cycles, grants or budget lines, by the column of the ledger's sums that names them, with a currency, that a posted
    file with a row that could not be read is about.
    """
    lists = (
        sa.select(col(PayoutFileList.list_id))
        .join(PayoutFile, col(PayoutFile.id) == col(PayoutFileList.file_id))
        .join(PayoutFinding, col(PayoutFinding.file_id) == col(PayoutFile.id))
        .join(PayoutRow, col(PayoutRow.finding_id) == col(PayoutFinding.id))
        .where(*_posted(until), is_one_of(FindingKind.UNREADABLE), ~is_corrected())
    )
    key: Any = col(getattr(LedgerSum, column))  # Any: ids of several tables
    named = sa.select(key.label("key"), col(LedgerSum.currency)).where(col(LedgerSum.list_id).in_(lists), key.is_not(None)).distinct()
    return {(row.key, row.currency) for row in reading.session.connection().execute(named)}


def unread(reading: Reading, scope: Scope) -> dict[str, tuple[str, ...]]:
    """The same for everything in a scope, by currency of the list the file was about."""
    lists = sa.select(col(PaymentList.id)).where(*scope.lists())
    found: dict[str, list[str]] = {}
    for row in _unread(reading, col(PayoutFileList.list_id).in_(lists), col(PaymentList.currency), scope):
        found.setdefault(row.key, []).append(_fix(reading, row))
    return {key: tuple(fixes) for key, fixes in found.items()}


def named_by_unread(reading: Reading, list_id: UUID) -> set[str]:
    """The references, as letters and digits, in rows of a list's posted files that could not be read: such a transfer may have been paid."""
    rows = reading.session.connection().execute(
        sa.select(col(PayoutRow.reference))
        .join(PayoutFinding, col(PayoutFinding.id) == col(PayoutRow.finding_id))
        .join(PayoutFile, col(PayoutFile.id) == col(PayoutRow.file_id))
        .join(PayoutFileList, col(PayoutFileList.file_id) == col(PayoutFile.id))
        .where(
            col(PayoutFileList.list_id) == list_id,
            col(PayoutFile.status) == FileStatus.POSTED,
            is_one_of(FindingKind.UNREADABLE),
            ~is_corrected(),
        )
    )
    return {plain_reference(row.reference) for row in rows if row.reference}


def _grouped(reading: Reading, each: sa.Subquery, *keys: Any) -> sa.CursorResult[Any]:  # Any: columns of ids and words
    amounts = (sa.func.sum(each.c[name]).label(name) for name in ("asked", "delivered", "cancelled"))
    return reading.session.connection().execute(
        sa.select(*keys, each.c.line, sa.func.count().label("transfers"), *amounts)
        .group_by(*keys, each.c.line)
        .order_by(*keys, each.c.line)
    )


def _line(row: Any) -> Line:  # Any: a row of the query above; PostgreSQL sums whole numbers into decimals
    return Line(LineKind(row.line), row.transfers, int(row.asked), int(row.delivered), int(row.cancelled))


def _newest(instruction_id: sa.ColumnElement[UUID], until: Scope | None) -> sa.ScalarSelect[str]:
    """What the newest posted file that speaks of a transfer says of it; files that merely lack it say nothing.

    Asked for each transfer by its index: SQLite joins two grouped tables by reading the second once for every row of the first.
    """
    known = col(PayoutFile.status) == FileStatus.POSTED
    if until is not None and until.until is not None:
        undone_later = sa.and_(col(PayoutFile.status) == FileStatus.UNDONE, col(PayoutFile.undone_at) >= until.end())
        known = sa.and_(sa.or_(known, undone_later), col(PayoutFile.posted_at) < until.end())
    settled = said_after.By(until.end() if until is not None and until.until is not None else None)
    return (
        sa.select(sa.cast(settled.kind(), sa.String()))
        .join(PayoutFile, col(PayoutFile.id) == col(PayoutFinding.file_id))
        .where(col(PayoutFinding.instruction_id) == instruction_id, known, settled.speaks())
        .where(col(PayoutFinding.kind).not_in([FindingKind.MISSING, FindingKind.PAID_BEFORE]))
        .order_by(col(PayoutFile.posted_at).desc(), col(PayoutFile.id).desc(), col(PayoutFinding.position).desc())
        .limit(1)
        .scalar_subquery()
    )


def _unread(reading: Reading, where: sa.ColumnElement[bool], key: Any, scope: Scope | None = None) -> sa.CursorResult[Any]:
    """Unreadable rows of posted files, the first of each file. Any: the column they are told apart by."""
    place = sa.func.row_number().over(partition_by=col(PayoutFileList.list_id), order_by=(col(PayoutFile.posted_at), col(PayoutRow.row)))
    rows = (
        sa.select(key.label("key"), col(PayoutRow.file_id), col(PayoutRow.sheet), col(PayoutRow.row), place.label("place"))
        .join(PayoutFinding, col(PayoutFinding.id) == col(PayoutRow.finding_id))
        .join(PayoutFile, col(PayoutFile.id) == col(PayoutRow.file_id))
        .join(PayoutFileList, col(PayoutFileList.file_id) == col(PayoutFile.id))
        .join(PaymentList, col(PaymentList.id) == col(PayoutFileList.list_id))
        .where(where, *_posted(scope), is_one_of(FindingKind.UNREADABLE), ~is_corrected())
        .subquery()
    )
    return reading.session.connection().execute(
        sa.select(rows).where(rows.c.place <= _SHOWN_ROWS).order_by(rows.c.key, rows.c.place, rows.c.sheet)
    )


def _posted(until: Scope | None) -> list[sa.ColumnElement[bool]]:
    """Files that count, by the end of a scope's last day where it has one."""
    early = [col(PayoutFile.posted_at) < until.end()] if until is not None and until.until is not None else []
    return [col(PayoutFile.status) == FileStatus.POSTED, *early]


def _fix(reading: Reading, row: Any) -> str:  # Any: a row of the query above
    sheet = named_sheets(reading, reading.session.get_one(PayoutFile, row.file_id)).told(row.sheet)
    return f"correct row {row.row} of sheet {sheet} and upload the corrected rows: it could not be read"
