"""Files that go back to people: the exceptions of a preview, the provider's own workbook with its wrong cells marked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from cbi.payouts import fixes
from cbi.payouts.about import about_of
from cbi.payouts.corrections import ROW_MARK
from cbi.payouts.files import opened
from cbi.payouts.queries import STILL_OPEN, WRONG_PLACE, SeenFinding, SeenRow, file_by_id, findings_of, problems_of
from cbi.payouts.sheet_names import Names, named_layout, named_sheets
from cbi.payouts.words import KIND_WORDS, OUTCOME_WORDS, REASONS
from cbi.store.records import Records
from cbi.store.work import Reading
from cbi.web.words import _, listed
from reconciliation import profiles, report, workbook
from reconciliation.findings import FindingKind
from reconciliation.money import Money
from reconciliation.payout import RowProblem
from reconciliation.profile import locate

EXCEPTIONS = (*WRONG_PLACE, *STILL_OPEN)
_PAGE = 500
_PERSONAL = ("name", "phone", "account")
_Cells = list[str | Money | int]


def exceptions(records: Records, file_id: UUID, path: Path) -> None:
    """Every finding that needs somebody, one row of the file a line, the most urgent kind first, as a workbook whose text stays text."""
    with records.read() as reading:
        report.write_table(path, _("Exceptions"), _header(), _exception_lines(reading, file_id))


def errors(records: Records, file_id: UUID, path: Path) -> Path:
    """The provider's own file with its wrong cells marked in the reader's language, beside the given path; returns where. Raises UnreadableFile.

    An .xlsx keeps its formatting and a .csv its form; any other comes back as an .xlsx of the same cells, and its new column says so.
    """
    with records.read() as reading:
        file = file_by_id(reading, file_id)
        named = named_sheets(reading, file)
        problems = [RowProblem(named.told(one["sheet"]), one["cell"], fixes.say(one["fix"])) for one in problems_of(file)]
        kept = profiles.from_mapping(json.loads(file.layout)) if file.layout else None
    with opened(records, file_id) as original:
        sheets = workbook.open_rows(original)
        with records.read() as reading:
            kept = named_layout(reading.vault, kept, sheets) if kept else None
        headings = {place.sheet.name: place.header_row for place in locate(sheets, kept)} if kept else {}
        kept_as_it_was = original.suffix in {".csv", ".xlsx"}
        out = path.with_suffix(original.suffix if kept_as_it_was else ".xlsx")
        told = _("What to correct") if kept_as_it_was else _("What to correct (this is a copy in .xlsx of the same cells)")
        report.write_errors(original, problems, out, header_rows=headings, sheets=sheets, headings=(told, ROW_MARK))
        return out


def _header() -> tuple[str, ...]:
    """The headings: a column of our own words stands beside each of codes, for people and for other programs."""
    return (
        _("Finding"), _("Finding, as a code"), _("Also"), _("Reference"), _("Instructed"), _("Delivered"), _("Suspense"), _("Open"),
        _("Sheet"), _("Row"), _("Provider’s id"), _("Paid"), _("Status"), _("Status, as a code"), _("Reason"), _("Reason, as a code"),
        _("Name"), _("Phone"), _("Account or card"),
    )  # fmt: skip


def _exception_lines(reading: Reading, file_id: UUID) -> Iterator[_Cells]:
    currency, named = about_of(reading, file_id).currency, named_sheets(reading, file_by_id(reading, file_id))
    for kind in EXCEPTIONS:
        page = findings_of(reading, file_id, kind, limit=_PAGE)
        while page:
            for seen in page:
                yield from _lines(seen, currency, named)
            page = findings_of(reading, file_id, kind, limit=_PAGE, after=page[-1].finding.position)


def _lines(seen: SeenFinding, currency: str, named: Names) -> Iterator[_Cells]:
    """A finding's line with its money, then one for each further row."""
    one = seen.finding
    also = listed(str(KIND_WORDS[FindingKind(code)]) for code in one.also.split(",") if code)
    told: _Cells = [str(KIND_WORDS[one.kind]), one.kind.value, also, seen.reference]
    own, foreign = one.currency or currency, one.suspense_currency or currency
    money: _Cells = [
        Money(one.instructed_minor, own),
        Money(one.delivered_minor, own),
        Money(one.suspense_minor, foreign),
        Money(one.open_minor, own),
    ]
    if not seen.rows:
        yield [*told, *money]
    for place, row in enumerate(seen.rows):
        yield [*told, *(["", "", "", ""] if place else money), *_of_row(row, named)]


def _of_row(seen: SeenRow, named: Names) -> _Cells:
    row = seen.row
    paid = Money(row.amount_minor, row.currency) if row.amount_minor is not None else ""
    outcome, reason = str(OUTCOME_WORDS[row.outcome]), str(REASONS[row.reason]) if row.reason in REASONS and row.reason else row.reason
    said: _Cells = [named.told(row.sheet), str(row.row), row.provider_ref, paid, outcome, row.outcome.value, reason, row.reason]
    return [*said, *(seen.detail.get(name, "") for name in _PERSONAL)]
