"""Writes what a comparison found, what must be corrected, and plain tables, as workbooks in which text stays text."""

from __future__ import annotations

import csv
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from reconciliation import sandbox
from reconciliation.bulk import without_collecting
from reconciliation.cells import Value, cell_name, column_index, is_blank, text_of
from reconciliation.findings import Finding, FindingKind, Findings, looked_at
from reconciliation.formats import Form, form_of
from reconciliation.money import Money, minor_digits, summed
from reconciliation.outgoing import harmless
from reconciliation.payout import Payout, RowProblem
from reconciliation.report_rows import Filled, fill
from reconciliation.settled import UNDATED, dated, settle
from reconciliation.sheets import Sheets, UnreadableFile
from reconciliation.statement import Statement
from reconciliation.workbook import open_rows
from reconciliation.zipscan import check_archive

Written = str | int | Decimal | Money | date | None

SEEN: Mapping[FindingKind, str] = {
    FindingKind.PAID: "Paid as instructed.",
    FindingKind.PAID_LESS: "Less was paid than instructed; the rest is open.",
    FindingKind.PAID_MORE: "More was paid than instructed; two people decide what happens with the rest.",
    FindingKind.FAILED: "The provider says it was not paid.",
    FindingKind.RETURNED: "It was paid and came back.",
    FindingKind.PAID_TWICE: "It was paid more than once; two people decide what happens with the rest.",
    FindingKind.PAID_BEFORE: "An earlier file already reported this payment; it is not counted again.",
    FindingKind.CONTRADICTS: "An earlier file said something else; two people choose which is right.",
    FindingKind.WRONG_PAYEE: "It was paid to someone other than the approved payee.",
    FindingKind.WRONG_CURRENCY: "It was paid in another currency than instructed.",
    FindingKind.NOT_INSTRUCTED: "The reference is ours, but it is on no released list.",
    FindingKind.NOT_OURS: "Nothing we instructed fits this row.",
    FindingKind.MISSING: "The file does not mention it yet.",
    FindingKind.SUGGESTED: "A row of the file may be this transfer; a person decides.",
    FindingKind.UNREADABLE: "The row cannot be read; see what to correct.",
}
_COLUMNS = (
    ("Finding", 17), ("Also", 16), ("Reference", 18), ("Currency", 9), ("Instructed", 13), ("Paid", 13), ("Delivered", 13), ("Open", 13),
    ("In suspense", 13), ("Sheet", 14), ("Row", 8), ("Provider's id", 18), ("Provider says", 22), ("What differs", 34), ("What we see", 60),
)  # fmt: skip
_MOST_DECIMALS = 4
# The same rows are the same bytes whenever they are written: a workbook does not tell when somebody took it.
_NO_TIME = datetime(1980, 1, 1)  # noqa: DTZ001 -- the library takes no zone


@without_collecting()
def write_exceptions(findings: Sequence[Finding], statement: Statement, path: Path | str) -> None:
    """A workbook with a summary that foots and one line per row of every finding except PAID.

    An instruction's money stands on the first line of its finding, so that a column's sum is the file's.
    """
    with tempfile.TemporaryDirectory(prefix="write-") as folder:
        template, whole = Path(folder) / "template.xlsx", Path(folder) / "whole.xlsx"
        with new_book(template) as made:
            formats = Formats(made)
            _summary(made, formats, findings, statement)
            _heading(made, formats, sum(len(finding.payouts) or 1 for finding in _exceptions(findings)))
        fill(template, "xl/worksheets/sheet2.xml", (line for finding in _exceptions(findings) for line in _lines(finding)), whole)
        shutil.copyfile(whole, path)


def write_table(path: Path | str, sheet_name: str, header: Sequence[str], rows: Iterable[Sequence[Written]]) -> None:
    """A workbook of one plain table: text cells are text, whatever they start with, and amounts exact numbers.

    An empty text or None leaves the cell blank; Money is written with its currency's decimals.
    """
    with new_book(path) as made:
        formats = Formats(made)
        sheet = made.add_worksheet(sheet_name[:31])
        for column, name in enumerate(header):
            sheet.set_column(column, column, max(12, len(name) + 2))
            sheet.write_string(0, column, name, formats.heading)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _write(sheet, formats, number, column, value)


class Formats:
    """The few looks of a workbook's cells; one number format per count of decimals."""

    def __init__(self, book: Any) -> None:  # Any: XlsxWriter has no types
        self._book = book
        self.heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.strong = book.add_format({"bold": True})
        self.text = book.add_format({"num_format": "@"})
        self.date = book.add_format({"num_format": "yyyy-mm-dd"})
        self._money: dict[int, Any] = {}

    def money(self, currency: str) -> Any:
        """The format of an amount: all the decimals its currency has."""
        return self.decimals(minor_digits(currency))

    def decimals(self, digits: int) -> Any:
        """The format of a number with so many decimals."""
        if digits not in self._money:
            self._money[digits] = self._book.add_format({"num_format": "#,##0" + ("." + "0" * digits if digits else "")})
        return self._money[digits]


@contextmanager
def new_book(path: Path | str) -> Iterator[Any]:  # Any: XlsxWriter has no types
    """A workbook that appears at its path only when it is whole; what it needs meanwhile stands in a private folder that goes with it."""
    import xlsxwriter

    with tempfile.TemporaryDirectory(prefix="write-") as folder:
        made = xlsxwriter.Workbook(str(Path(folder) / "book.xlsx"), {"constant_memory": True, "tmpdir": folder})
        made.set_properties({"created": _NO_TIME})
        yield made
        made.close()
        shutil.copyfile(Path(folder) / "book.xlsx", path)


def _write(sheet: Any, formats: Formats, row: int, column: int, value: Written) -> None:
    if value is None or value == "":
        return
    if isinstance(value, str):
        sheet.write_string(row, column, value, formats.text)
    elif isinstance(value, Money):
        sheet.write_number(row, column, value.decimal(), formats.money(value.currency))
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, formats.date)
    elif isinstance(value, Decimal):
        sheet.write_number(row, column, value, formats.decimals(max(0, -int(value.as_tuple().exponent))))
    else:
        sheet.write_number(row, column, value)


def _summary(book: Any, formats: Formats, findings: Sequence[Finding], statement: Statement) -> None:
    sheet = book.add_worksheet("Summary")
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 8, 15)
    sheet.write_string(0, 0, "The file foots." if statement.foots else "The file does not foot.", formats.strong)
    head = ("Finding", "Currency", "Findings", "Rows", "Instructed", "Delivered", "Open", "In suspense", "Set aside")
    for column, name in enumerate(head):
        sheet.write_string(2, column, name, formats.heading)
    lines = _sums(findings, statement.currency)
    for row, ((kind, currency), sums) in enumerate(lines, start=3):
        sheet.write_string(row, 0, kind.value)
        sheet.write_string(row, 1, currency)
        sheet.write_number(row, 2, sums[0])
        sheet.write_number(row, 3, sums[1])
        for column, minor in enumerate(sums[2:], start=4):
            sheet.write_number(
                row, column, Money(minor, currency).decimal() if currency else minor, formats.money(currency) if currency else None
            )
    _sheet_totals(sheet, formats, lines)


def _sheet_totals(sheet: Any, formats: Formats, lines: Sequence[tuple[tuple[FindingKind, str], list[int]]]) -> None:
    last = len(lines) + 3
    for row, currency in enumerate(sorted({currency for (_, currency), _ in lines if currency}), start=last + 1):
        sheet.write_string(row, 0, "Total", formats.strong)
        sheet.write_string(row, 1, currency, formats.strong)
        for column in range(2, 9):
            letter = chr(65 + column)
            minor = sum(sums[column - 2] for (_, of), sums in lines if of == currency)
            shown = Money(minor, currency).decimal() if column in range(4, 9) else Decimal(minor)
            formula = f'=SUMIF($B$4:$B${last},"{currency}",{letter}$4:{letter}${last})'
            sheet.write_formula(
                row, column, formula, formats.money(currency) if column in range(4, 9) else formats.decimals(0), float(shown)
            )


def _sums(findings: Sequence[Finding], main: str) -> list[tuple[tuple[FindingKind, str], list[int]]]:
    """Findings, rows, instructed, delivered, open, suspense and set aside, by kind and currency, in the order of kinds; main: of rows without any."""
    sums: dict[tuple[FindingKind, str], list[int]] = {}
    for currency, (count, minor) in summed(findings.due()).items() if isinstance(findings, Findings) else ():
        sums[FindingKind.PAID, currency] = [count, count, minor, minor, 0, 0, 0]
    for finding in looked_at(findings):
        own = sums.setdefault((finding.kind, finding.currency or main), [0] * 7)
        for place, value in enumerate((1, len(finding.payouts), finding.instructed_minor, finding.delivered_minor, finding.open_minor)):
            own[place] += value
        if finding.suspense_minor or finding.set_aside_minor:
            theirs = sums.setdefault((finding.kind, finding.paid_currency or main), [0] * 7)
            theirs[5] += finding.suspense_minor
            theirs[6] += finding.set_aside_minor
    order = list(FindingKind)
    return sorted(sums.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))


def _heading(book: Any, formats: Formats, rows: int) -> None:
    """The sheet of exceptions before it is filled, with the styles its rows will have in row 2."""
    sheet = book.add_worksheet("Exceptions")
    for column, (name, width) in enumerate(_COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, formats.heading)
    sheet.write_string(1, 0, "text", formats.text)
    for digits in range(_MOST_DECIMALS + 1):
        sheet.write_number(1, digits + 1, 0, formats.decimals(digits))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(rows, 1), len(_COLUMNS) - 1)


def _exceptions(findings: Sequence[Finding]) -> Iterator[Finding]:
    return (finding for finding in looked_at(findings) if finding.kind is not FindingKind.PAID)


def _lines(finding: Finding) -> Iterator[list[Filled]]:
    also = ", ".join(kind.value for kind in finding.also)
    reference = finding.instruction.reference if finding.instruction else ""
    differs = "; ".join(f"{evidence.key}: {evidence.approved} / {evidence.found}" for evidence in finding.evidence if evidence.found)
    for place, payout in enumerate(finding.payouts or (None,)):
        own = _money(finding) if place == 0 else [None, None, None, None]
        yield [
            finding.kind.value,
            also,
            reference or (payout.reference if payout else ""),
            finding.currency,
            own[0],
            payout.amount if payout else None,
            *own[1:],
            payout.sheet if payout else "",
            payout.row if payout else None,
            payout.provider_id if payout else "",
            payout.raw_reason if payout else "",
            differs,
            _seen(finding, payout),
        ]


def _money(finding: Finding) -> list[Filled]:
    own = finding.currency
    if not own:
        return [None, None, None, None]
    suspense = Money(finding.suspense_minor, finding.paid_currency)
    return [Money(finding.instructed_minor, own), Money(finding.delivered_minor, own), Money(finding.open_minor, own), suspense]


def _seen(finding: Finding, payout: Payout | None) -> str:
    if payout and payout.problems:
        return "You need to " + "; ".join(f"{problem.fix} ({problem.cell})" for problem in payout.problems) + "."
    return SEEN[finding.kind]


def write_errors(
    original: Path | str,
    problems: Iterable[RowProblem],
    out: Path | str,
    *,
    header_rows: Mapping[str, int] | None = None,
    sheets: Sheets | None = None,
    headings: tuple[str, ...] = ("What to correct",),
) -> None:
    """The same file back with its wrong cells marked and a last column that says what to correct.

    An xlsx keeps its sheets, formulas and looks; a csv gets the column; any other form comes back as an xlsx of the same cells.
    header_rows: the heading's row by sheet, where the new column is named; row 1 where none is given.
    headings: of the new column; a second one asks for a further column that says where the row stood ("Paid!12"), so that it is known
    again when only the corrected rows come back.  Raises UnreadableFile.
    """
    original, out = Path(original), Path(out)
    marks = [mark for problem in problems if (mark := _mark(problem))]
    form = form_of(original)
    if form is Form.XLSX:
        sandbox.mark(original, marks, dict(header_rows or {}), out, headings)
        return
    if form is Form.PROTECTED:
        raise UnreadableFile("take the password off the file first: the copy with marks could be read by anyone")
    sheets = sheets or open_rows(original)
    if form is Form.TEXT and out.suffix.casefold() != ".xlsx":
        _mark_text(sheets, marks, header_rows or {}, out, headings)
    else:
        _mark_rows(sheets, marks, header_rows or {}, out, headings)


_Mark = tuple[str, int, int, str]
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_FUNCTIONS_OUT = r"(?:WEBSERVICE|FILTERXML|HYPERLINK|IMAGE|RTD|CALL|REGISTER|EXEC|DDE)\s*\("
# A program and its topic ("cmd|'…'!A1"), another file ("[1]Sheet!A1"), a function that asks outside.
_REACHES_OUT = re.compile(rf"\||\[(?:\d+|[^\[\]]*\.\w+)\]|\b{_FUNCTIONS_OUT}", re.IGNORECASE)
_LITERAL = re.compile(r'"[^"]*"')


def _mark(problem: RowProblem) -> _Mark | None:
    found = _CELL.fullmatch(problem.cell)
    return (problem.sheet, int(found.group(2)), column_index(found.group(1)), problem.fix) if found else None


def _reasons(marks: Iterable[_Mark], sheet: str) -> dict[int, list[tuple[int, str]]]:
    by_row: dict[int, list[tuple[int, str]]] = {}
    for name, row, column, fix in marks:
        if name == sheet:
            by_row.setdefault(row, []).append((column, fix))
    return by_row


def _reason(wrong: Iterable[tuple[int, str]], row: int) -> str:
    return "; ".join(f"{cell_name(row, column)}: {fix}" for column, fix in wrong)


def _told(wrong: Sequence[tuple[int, str]], sheet: str, row: int, headings: Sequence[str]) -> tuple[str, ...]:
    """What the new columns say of one row: nothing unless something is wrong with it."""
    return (_reason(wrong, row), row_mark(sheet, row))[: len(headings)] if wrong else ("",) * len(headings)


def row_mark(sheet: str, row: int) -> str:
    """Where a row stood in the file it comes from."""
    return f"{sheet}!{row}"


def mark_here(original: Path, marks: Iterable[Sequence[Any]], header_rows: Mapping[str, int], out: Path, headings: Sequence[str]) -> None:
    """Mark cells of an xlsx in this process; only the sandbox calls this.  Any: the marks came through JSON."""
    import openpyxl
    from openpyxl.styles import PatternFill

    with original.open("rb") as file:
        check_archive(file)
    try:
        book = openpyxl.load_workbook(original, keep_links=False)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, OSError):
        raise UnreadableFile("open the file in a spreadsheet program, save it as .xlsx and send that") from None
    wrong_cell = PatternFill("solid", fgColor="FFE699")
    all_marks = [(str(name), int(row), int(column), str(fix)) for name, row, column, fix in marks]
    _quiet(book)
    for sheet in book.worksheets:
        by_row = _reasons(all_marks, sheet.title)
        last = sheet.max_column + 1
        for row, wrong in by_row.items():
            for column, _ in wrong:
                sheet.cell(row, column + 1).fill = wrong_cell
            for column, text in enumerate(_told(wrong, sheet.title, row, headings), start=last):
                sheet.cell(row, column).value = text
                sheet.cell(row, column).data_type = "s"
        for column, text in enumerate(headings if by_row else (), start=last):
            sheet.cell(header_rows.get(sheet.title, 1), column).value = text
            sheet.cell(header_rows.get(sheet.title, 1), column).data_type = "s"
    if not dated(original):
        book.properties.created = book.properties.modified = UNDATED
    modified = book.properties.modified
    book.save(out)
    settle(out, modified)


def _quiet(book: Any) -> None:  # Any: as openpyxl has it
    """Leave no formula that starts a program, asks a server or reads another file: it stays to be read, as text."""
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f" and _reaches_out(str(cell.value)):
                    cell.value, cell.data_type = str(cell.value), "s"
    for name in [name for name, defined in book.defined_names.items() if _reaches_out(str(defined.value))]:
        del book.defined_names[name]


def _reaches_out(formula: str) -> bool:
    return _REACHES_OUT.search(_LITERAL.sub('""', formula)) is not None


def _mark_text(sheets: Sheets, marks: list[_Mark], header_rows: Mapping[str, int], out: Path, headings: Sequence[str]) -> None:
    [sheet] = sheets.sheets
    by_row = _reasons(marks, sheet.name)
    width = max((len(row) for row in sheet.rows), default=0)
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=sheets.delimiter or ",")
        for number, row in enumerate(sheet.rows, start=1):
            told = headings if number == header_rows.get(sheet.name, 1) else _told(by_row.get(number, []), sheet.name, number, headings)
            writer.writerow([*(harmless(text_of(value)) for value in row), *[""] * (width - len(row)), *told])


def _mark_rows(sheets: Sheets, marks: list[_Mark], header_rows: Mapping[str, int], out: Path, headings: Sequence[str]) -> None:
    with new_book(out) as made:
        formats = Formats(made)
        wrong_cell = made.add_format({"bg_color": "#FFE699"})
        for sheet in sheets.visible():
            by_row = _reasons(marks, sheet.name)
            width = max((len(row) for row in sheet.rows), default=0)
            page = made.add_worksheet(sheet.name[:31])
            for number, row in enumerate(sheet.rows, start=1):
                wrong = by_row.get(number, [])
                for column, value in enumerate(row):
                    _write_back(page, formats, number - 1, column, value, wrong_cell if column in {place for place, _ in wrong} else None)
                is_heading = by_row and number == header_rows.get(sheet.name, 1)
                for place, text in enumerate(headings if is_heading else _told(wrong, sheet.name, number, headings), start=width):
                    _write(page, formats, number - 1, place, text)


def _write_back(page: Any, formats: Formats, row: int, column: int, value: Value, look: Any) -> None:
    if isinstance(value, bool):
        page.write_boolean(row, column, value, look)
    elif isinstance(value, int | float):
        page.write_number(row, column, value, look)
    elif not is_blank(value):
        page.write_string(row, column, text_of(value), look or formats.text)
    elif look:
        page.write_blank(row, column, None, look)
