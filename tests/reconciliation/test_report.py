"""What is written can be opened again, text stays text, and the sums are the file's."""

import csv
from datetime import UTC, datetime
from decimal import Decimal

import openpyxl
import pytest
import time_machine

from reconciliation import match, report, statement
from reconciliation.findings import FindingKind
from reconciliation.instruction import Instruction
from reconciliation.money import Money
from reconciliation.payout import Outcome, Payout, RowProblem
from reconciliation.sheets import UnreadableFile
from reconciliation.workbook import open_rows
from tests.workbooks import hostile
from tests.workbooks.shapes import write_xlsx

_FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A1", "{=1}", "http://example.org", "000123", "1e5"]


def _kes(minor: int) -> Money:
    return Money(minor, "KES")


def _compared():
    asked = [Instruction(f"TR-{n}", _kes(5000)) for n in range(4)]
    paid = [
        Payout("TR-0", _kes(5000), Outcome.PAID, "S", 2),
        Payout("TR-1", _kes(3000), Outcome.PAID, "S", 3),
        Payout("=TR-9", _kes(700), Outcome.PAID, "S", 4, provider_id="+1"),
        Payout("TR-2", None, Outcome.PAID, "S", 5, problems=(RowProblem("S", "B5", "enter the amount as a number"),)),
    ]
    findings = match.reconcile(asked, paid)
    return findings, statement.of(findings, paid, asked)


def test_the_exceptions_workbook_holds_every_row_that_is_not_paid_and_sums_that_foot(tmp_path):
    findings, stated = _compared()

    report.write_exceptions(findings, stated, tmp_path / "out.xlsx")

    book = openpyxl.load_workbook(tmp_path / "out.xlsx", data_only=True)
    lines = list(book["Exceptions"].iter_rows(min_row=2, values_only=True))
    assert FindingKind.PAID.value not in {line[0] for line in lines}
    assert sum(line[4] or 0 for line in lines) == 150
    total = next(row for row in book["Summary"].iter_rows(values_only=True) if row[0] == "Total")
    assert total[1:9] == ("KES", len(findings), 4, 200, 80, 120, 7, 0)
    assert total[4] == total[5] + total[6]


def test_the_totals_are_formulas_that_finance_can_check(tmp_path):
    findings, stated = _compared()

    report.write_exceptions(findings, stated, tmp_path / "out.xlsx")

    cells = [cell.value for row in openpyxl.load_workbook(tmp_path / "out.xlsx")["Summary"].iter_rows() for cell in row]
    assert sum(str(value).startswith("=SUMIF(") for value in cells) == 7


def test_no_text_of_a_provider_becomes_a_formula(tmp_path):
    findings, stated = _compared()

    report.write_exceptions(findings, stated, tmp_path / "out.xlsx")

    page = openpyxl.load_workbook(tmp_path / "out.xlsx")["Exceptions"]
    assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    assert "=TR-9" in [cell.value for cell in page["C"]]


def test_a_table_keeps_its_texts_and_its_exact_amounts(tmp_path):
    rows = [[text, _kes(7510), Decimal("0.125"), 3, None, ""] for text in _FORMULAS]

    report.write_table(tmp_path / "t.xlsx", "Payments", ["Ref", "Amount", "Share", "Count", "None", "Blank"], rows)

    page = openpyxl.load_workbook(tmp_path / "t.xlsx")["Payments"]
    assert [cell.value for cell in page["A"][1:]] == _FORMULAS
    assert {cell.data_type for cell in page["A"]} == {"s"}
    assert [cell.value for cell in page[2][1:]] == [75.1, 0.125, 3, None, None]
    assert page["B2"].number_format == "#,##0.00"


@pytest.fixture
def problems():
    return [
        RowProblem("Payouts", "B3", "enter the amount as a number"),
        RowProblem("Payouts", "C3", "name the currency"),
        RowProblem("", "", "look"),
    ]


def test_an_xlsx_comes_back_as_it_was_with_wrong_cells_marked_and_a_reason(tmp_path, problems):
    def formula(_book, page):
        page.write_formula("D4", "=B2*2", None, 100)

    rows = [["Ref", "Amount", "Ccy"], ["=TR-1", 50, "KES"], ["TR-2", "fifty", "?"], ["TR-3", 5, "KES"]]
    original = write_xlsx(tmp_path / "in.xlsx", {"Payouts": rows, "Notes": [["kept"]]}, after=formula)

    report.write_errors(original, problems, tmp_path / "out.xlsx")

    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    page = book["Payouts"]
    assert book.sheetnames == ["Payouts", "Notes"]
    assert [cell.value for cell in page[3]] == ["TR-2", "fifty", "?", None, "B3: enter the amount as a number; C3: name the currency"]
    assert page["E1"].value == "What to correct"
    assert page["B3"].fill.fgColor.rgb == page["C3"].fill.fgColor.rgb == "00FFE699"
    assert page["B2"].fill.fill_type is None
    assert (page["A2"].value, page["A2"].data_type, page["D4"].value) == ("=TR-1", "s", "=B2*2")


def test_the_reason_column_is_named_beside_the_heading(tmp_path, problems):
    original = write_xlsx(tmp_path / "in.xlsx", {"Payouts": [["Sparrow"], ["Ref", "Amount", "Ccy"], ["TR-2", "fifty", "?"]]})

    report.write_errors(original, problems, tmp_path / "out.xlsx", header_rows={"Payouts": 2})

    assert openpyxl.load_workbook(tmp_path / "out.xlsx")["Payouts"]["D2"].value == "What to correct"


def test_a_csv_gets_one_column_more(tmp_path):
    original = tmp_path / "in.csv"
    original.write_text("Ref;Amount\nTR-1;5\nTR-2;fifty\n")

    report.write_errors(original, [RowProblem("Sheet1", "B3", "enter the amount")], tmp_path / "out.csv")

    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert rows == [["Ref", "Amount", "What to correct"], ["TR-1", "5", ""], ["TR-2", "fifty", "B3: enter the amount"]]


def test_a_csv_asked_for_as_a_workbook_is_one(tmp_path):
    original = tmp_path / "in.csv"
    original.write_text("Ref,Amount\n=TR-1,5\n")

    report.write_errors(original, [RowProblem("Sheet1", "B2", "enter the amount")], tmp_path / "out.xlsx")

    assert open_rows(tmp_path / "out.xlsx").sheets[0].rows == [["Ref", "Amount", "What to correct"], ["=TR-1", "5", "B2: enter the amount"]]


def test_a_hostile_original_is_refused_here_too(tmp_path, problems):
    with pytest.raises(UnreadableFile):
        report.write_errors(hostile.entities(tmp_path / "in.xlsx"), problems, tmp_path / "out.xlsx")

    assert not (tmp_path / "out.xlsx").exists()


def test_a_marked_csv_holds_no_cell_that_a_spreadsheet_would_run_and_reads_back_the_same(tmp_path):
    rows = [
        ["Reference", "Amount", "Note"],
        ["TR-1", "about", "=cmd|'/c calc'!A1"],
        ["TR-2", "-50", "@SUM(A1)"],
        ["+254712000001", "60", "-1+1"],
    ]
    with (tmp_path / "in.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)

    report.write_errors(tmp_path / "in.csv", [RowProblem("Sheet1", "B2", "enter the amount as a number")], tmp_path / "out.csv")

    back = open_rows(tmp_path / "out.csv").sheets[0].rows
    assert [row[:3] for row in back[1:]] == [
        ["TR-1", "about", "'=cmd|'/c calc'!A1"],
        ["TR-2", "-50", "'@SUM(A1)"],
        ["+254712000001", "60", "'-1+1"],
    ]


@pytest.mark.parametrize(
    "formula", ["=cmd|'/c calc'!A1", '=HYPERLINK("http://192.0.2.1","x")', '=WEBSERVICE("http://192.0.2.1")', "='[b.xlsx]S'!A1", "=[1]S!A1"]
)
def test_a_formula_of_theirs_that_reaches_out_comes_back_as_text(formula, tmp_path):
    def add(_book, page):
        page.write_formula(1, 2, formula, None, 7)
        page.write_formula(2, 2, '=B3&"|"', None, "60|")
        page.write_string(3, 2, formula)

    write_xlsx(tmp_path / "in.xlsx", {"S": [["Reference", "Amount"], ["TR-1", "about"], ["TR-2", 60], ["TR-3", 70]]}, after=add)

    report.write_errors(tmp_path / "in.xlsx", [RowProblem("S", "B2", "enter the amount as a number")], tmp_path / "out.xlsx")

    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["S"]
    assert [sheet.cell(row, 3).data_type for row in (2, 3, 4)] == ["s", "f", "s"]
    assert sheet.cell(2, 3).value == sheet.cell(4, 3).value == formula


def _written_at(year: int, path) -> tuple[bytes, bytes]:
    table, marked = path / f"table-{year}.xlsx", path / f"marked-{year}.xlsx"
    with time_machine.travel(datetime(year, 3, 4, 5, 6, tzinfo=UTC), tick=False):
        report.write_table(table, "Exceptions", ["Reference"], [["KW-1"]])
        report.mark_here(path / "theirs.xlsx", [("Sheet1", 2, 0, "enter the amount")], {}, marked, ["To correct"])
    return table.read_bytes(), marked.read_bytes()


def test_the_same_workbook_is_the_same_bytes_whenever_it_is_written(tmp_path):
    write_xlsx(tmp_path / "theirs.xlsx", {"Sheet1": [["Amount"], ["x"]]})

    assert _written_at(2026, tmp_path) == _written_at(2031, tmp_path)
    assert openpyxl.load_workbook(tmp_path / "marked-2031.xlsx")["Sheet1"]["B2"].value == "A2: enter the amount"


def test_a_workbook_that_does_not_say_when_it_was_written_comes_back_marked_as_the_same_bytes(tmp_path):
    hostile.write_parts(tmp_path / "theirs.xlsx", hostile.sheet_xml(hostile.ROWS))

    assert _written_at(2026, tmp_path) == _written_at(2031, tmp_path)
