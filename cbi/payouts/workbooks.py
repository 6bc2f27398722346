"""Files that go back to people: the exceptions of a preview, the provider's own workbook with its wrong cells marked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import UUID

from cbi.payouts import fixes
from cbi.payouts.about import about_of
from cbi.payouts.corrections import ROW_MARK
from cbi.payouts.files import opened
from cbi.payouts.queries import NOTHING_TO_DO, file_by_id, findings_of, problems_of
from cbi.store.records import Records
from cbi.store.scratch import scratch
from cbi.store.work import Reading
from cbi.web.words import _
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


def exceptions(records: Records, file_id: UUID) -> bytes:
    """Every finding that needs somebody, one row of the file a line, as a workbook whose text stays text."""
    with records.read() as reading, scratch(records, "exceptions.xlsx") as path:
        currency = about_of(reading, file_id).currency
        report.write_table(path, "Exceptions", _HEADER, _exception_lines(reading, file_id, currency))
        return path.read_bytes()


def errors(records: Records, file_id: UUID) -> tuple[bytes, str]:
    """The provider's own file with its wrong cells marked in the reader's language, and the ending its name needs. Raises UnreadableFile.

    An .xlsx keeps its formatting and a .csv its form; any other comes back as an .xlsx of the same cells, and its new column says so.
    """
    with records.read() as reading:
        file = file_by_id(reading, file_id)
        problems = [RowProblem(one["sheet"], one["cell"], fixes.say(one["fix"])) for one in problems_of(file)]
        kept = json.loads(file.layout) if file.layout else None
    with opened(records, file_id) as original:
        sheets = workbook.open_rows(original)
        headings = {place.sheet.name: place.header_row for place in locate(sheets, profiles.from_mapping(kept))} if kept else {}
        kept_as_it_was = original.suffix in {".csv", ".xlsx"}
        ending = original.suffix if kept_as_it_was else ".xlsx"
        told = _("What to correct") if kept_as_it_was else _("What to correct (this is a copy in .xlsx of the same cells)")
        with scratch(records, "corrections" + ending) as out:
            report.write_errors(original, problems, out, header_rows=headings, sheets=sheets, headings=(told, ROW_MARK))
            return out.read_bytes(), ending


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
