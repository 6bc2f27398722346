"""Files that go back to people: the exceptions of a preview, the provider's own workbook with its wrong cells marked, the journal."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts.about import about_of
from cbi.payouts.files import opened, scratch
from cbi.payouts.queries import NOTHING_TO_DO, file_by_id, findings_of, problems_of
from cbi.payouts.tables import LedgerEntry, LedgerPosting
from cbi.store.records import Records
from cbi.store.work import Reading
from cbi.transfers.tables import BudgetLine, Grant, Instruction, PaymentList, Provider
from reconciliation import profiles, report, workbook
from reconciliation.findings import FindingKind
from reconciliation.money import Money
from reconciliation.payout import RowProblem
from reconciliation.profile import locate

EXCEPTIONS = tuple(kind for kind in FindingKind if kind not in NOTHING_TO_DO)
_PAGE = 500
_HEADER = (
    "Finding",
    "Also",
    "Reference",
    "Instructed",
    "Delivered",
    "Suspense",
    "Open",
    "Sheet",
    "Row",
    "Provider id",
    "Paid",
    "Status",
    "Reason",
    "Name",
    "Phone",
    "Account",
)
_JOURNAL = ("date", "posting", "kind", "account", "debit", "credit", "currency", "grant", "budget_line", "provider", "list", "reference")


def exceptions(records: Records, file_id: UUID) -> bytes:
    """Every finding that needs somebody, one row of the file a line, as a workbook whose text stays text."""
    with records.read() as reading, scratch(records, "exceptions.xlsx") as path:
        currency = about_of(reading, file_id).currency
        report.write_table(path, "Exceptions", _HEADER, _exception_lines(reading, file_id, currency))
        return path.read_bytes()


def errors(records: Records, file_id: UUID) -> tuple[bytes, str]:
    """The provider's own file with its wrong cells marked, and the ending its name needs. Raises UnreadableFile."""
    with records.read() as reading:
        file = file_by_id(reading, file_id)
        problems = [RowProblem(one["sheet"], one["cell"], one["fix"]) for one in problems_of(file)]
        kept = json.loads(file.layout) if file.layout else None
    with opened(records, file_id) as original:
        sheets = workbook.open_rows(original)
        headings = {place.sheet.name: place.header_row for place in locate(sheets, profiles.from_mapping(kept))} if kept else {}
        ending = original.suffix if original.suffix in {".csv", ".xlsx"} else ".xlsx"
        with scratch(records, "corrections" + ending) as out:
            report.write_errors(original, problems, out, header_rows=headings, sheets=sheets)
            return out.read_bytes(), ending


def journal(reading: Reading, since: date | None = None, until: date | None = None) -> Iterator[str]:
    """The journal as lines of csv for the finance system, in the order of posting; debit and credit in major units."""
    yield _line(_JOURNAL)
    rows = reading.session.connection().execution_options(yield_per=2000).execute(_journal_query(reading, since, until))
    for row in rows:
        amount = str(Money(abs(row.minor), row.currency).decimal())
        side = (amount, "") if row.minor > 0 else ("", amount)
        cells = (row.made_at.date().isoformat(), str(row.posting_id), row.kind.value, row.account.value, *side, row.currency)
        yield _line((*cells, row.grant or "", row.line or "", row.provider or "", row.list or "", row.reference or ""))


def _journal_query(reading: Reading, since: date | None, until: date | None) -> Any:  # Any: a select of many columns
    local = sa.func.date(col(LedgerPosting.made_at))
    query: Any = (
        sa.select(
            col(LedgerPosting.made_at),
            col(LedgerEntry.posting_id),
            col(LedgerPosting.kind),
            col(LedgerEntry.account),
            col(LedgerEntry.minor),
            col(LedgerEntry.currency),
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
    if since:
        query = query.where(local >= since.isoformat())
    if until:
        query = query.where(local <= until.isoformat())
    return query.order_by(
        col(LedgerPosting.made_at), col(LedgerPosting.id), col(Instruction.position), col(LedgerEntry.account), col(LedgerEntry.id)
    )


def _exception_lines(reading: Reading, file_id: UUID, currency: str) -> Iterator[list[str | Money | int]]:
    offset = 0
    while True:
        page, total = findings_of(reading, file_id, EXCEPTIONS, limit=_PAGE, offset=offset)
        for seen in page:
            one = seen.finding
            money: list[str | Money | int] = [
                Money(minor, money_currency)
                for minor, money_currency in (
                    (one.instructed_minor, one.currency or currency),
                    (one.delivered_minor, one.currency or currency),
                    (one.suspense_minor, one.suspense_currency or currency),
                    (one.open_minor, one.currency or currency),
                )
            ]
            head: list[str | Money | int] = [one.kind.value, one.also, one.reference, *money]
            if not seen.rows:
                yield head
            for row in seen.rows:
                paid = Money(row.row.amount_minor, row.row.currency) if row.row.amount_minor is not None else ""
                personal = [row.detail.get(name, "") for name in ("name", "phone", "account")]
                yield [*head, row.row.sheet, str(row.row.row), row.row.provider_ref, paid, row.row.outcome.value, row.row.reason, *personal]
                head = [one.kind.value, one.also, one.reference, "", "", "", ""]
        offset += _PAGE
        if offset >= total:
            return


def _line(cells: tuple[str, ...]) -> str:
    out = io.StringIO()
    # A spreadsheet must never take a cell for a formula.
    csv.writer(out).writerow(["'" + cell if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell for cell in cells])
    return out.getvalue()
