"""A second look at every form: what it counts, names and refuses beside the reader."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reconciliation import odsscan, workbook, xlsbscan, xlsscan, zipscan
from reconciliation.cells import FORMULA, Fault
from reconciliation.scan import FREE_AREA, SheetScan, check_area
from reconciliation.sheets import UnreadableFile
from tests.workbooks import plain
from tests.workbooks.binary_excel import write_xlsb
from tests.workbooks.old_excel import Error, Formula, write_xls

WRITERS: dict[str, Callable[..., Path]] = {"xls": write_xls, "xlsb": write_xlsb}
ROWS: list[list[Any]] = [["Reference", "Amount"], ["TR-1", 50], ["", None], ["TR-2", Error("#N/A")], ["TR-3", Formula(Error("#REF!"))]]


def _ods(path: Path) -> Path:
    rows = "".join(
        f"<table:table-row {hidden}>{plain.ods_cell(name)}{plain.ods_cell(amount)}</table:table-row>"
        for hidden, name, amount in (
            ("", "TR-1", 50),
            ('table:visibility="collapse"', "TR-2", 60),
            ('table:visibility="filter"', "TR-3", 70),
        )
    )
    return plain.write_ods(path, f'<table:table table:name="P">{rows}</table:table>')


def _page(path: Path) -> Path:
    path.write_text(
        '<table><tr><td>TR-1<td>50<tr style="display: none"><td>TR-2<td>60<tr style="display:none;color:red"><td>TR-3<td>70</table>'
    )
    return path


@pytest.mark.parametrize(
    "make",
    [
        lambda path: write_xls(path, {"P": [["TR-1", 50], ["TR-2", 60], ["TR-3", 70]]}, hidden_rows=[1, 2]),
        lambda path: write_xlsb(path, {"P": [["TR-1", 50], ["TR-2", 60], ["TR-3", 70]]}, hidden_rows=[1, 2]),
        _ods,
        _page,
    ],
    ids=["xls", "xlsb", "ods", "page"],
)
def test_rows_that_are_not_shown_are_named_and_read(make, tmp_path):
    [sheet] = workbook.open_rows(make(tmp_path / "a")).sheets

    assert sheet.hidden_rows == (2, 3)
    assert [row[0] for row in sheet.rows] == ["TR-1", "TR-2", "TR-3"]


@pytest.mark.parametrize("form", WRITERS)
def test_errors_keep_their_cells_and_empty_texts_are_blank(form, tmp_path):
    path = WRITERS[form](tmp_path / "a", {"P": ROWS})

    [sheet] = workbook.open_rows(path).sheets

    assert [list(row) for row in sheet.rows][1:] == [["TR-1", 50], [], ["TR-2", Fault("#N/A")], ["TR-3", Fault("#REF!")]]


def test_a_formula_of_an_opendocument_without_a_value_is_a_fault(tmp_path):
    cells = plain.ods_cell("TR-1") + '<table:table-cell table:formula="of:=1+1"/>'
    path = plain.write_ods(tmp_path / "a", f'<table:table table:name="P"><table:table-row>{cells}</table:table-row></table:table>')

    assert [list(row) for row in workbook.open_rows(path).sheets[0].rows] == [["TR-1", Fault(FORMULA)]]


@pytest.mark.parametrize(
    ("scanner", "make"), [(xlsscan, plain.xls), (xlsbscan, plain.xlsb), (odsscan, plain.ods)], ids=["xls", "xlsb", "ods"]
)
@pytest.mark.parametrize("lost", ["filled", "values"])
def test_a_row_or_cell_that_one_of_the_counts_does_not_see_refuses_the_file(scanner, make, lost, tmp_path, monkeypatch):
    path = make(tmp_path / "a")
    true_scan = scanner.scan_sheets

    def blind(*given: Any) -> Any:
        scans = true_scan(*given)
        for scan in scans.values() if isinstance(scans, dict) else scans:
            setattr(scan, lost, getattr(scan, lost) + 1)
        return scans

    monkeypatch.setattr(scanner, "scan_sheets", blind)

    with pytest.raises(UnreadableFile, match="counting its rows disagree"):
        list(workbook.read_here(path, None))


def test_both_looks_count_the_same_in_every_form(tmp_path):
    filled, values = len(plain.TABLE), sum(map(len, plain.TABLE))

    with plain.xls(tmp_path / "a.xls").open("rb") as source:
        [old] = xlsscan.scan_sheets(source)
    with plain.xlsb(tmp_path / "a.xlsb").open("rb") as source:
        binary = xlsbscan.scan_sheets(source)["Payouts"]
    with plain.ods(tmp_path / "a.ods").open("rb") as source:
        document = odsscan.scan_sheets(source, 10_000)["Payouts"]

    for scan in (old, binary, document):
        assert (scan.filled, scan.values, scan.top, scan.left, scan.bottom, scan.right) == (filled, values, 1, 0, filled, 3)


def test_a_table_may_be_as_large_as_its_file_and_three_million_cells():
    scan = SheetScan()
    scan.see(1, 0)
    scan.see(FREE_AREA // 3, 2)

    check_area(scan, 0)
    scan.see(FREE_AREA // 3 + 1, 2)
    check_area(scan, 3)
    with pytest.raises(UnreadableFile, match=f"C{FREE_AREA // 3 + 1}"):
        check_area(scan, 2)


def _scan(odd: str) -> SheetScan:
    rows = [
        f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>TR-{row}</t></is></c><c r="B{row}"><v>50</v></c></row>' for row in range(1, 9)
    ]
    source = io.BytesIO()
    with zipfile.ZipFile(source, "w") as made:
        made.writestr("sheet.xml", f"<worksheet><cols/><sheetData>{''.join(rows)}{odd}</sheetData></worksheet>")
    with zipfile.ZipFile(source) as archive:
        return zipscan.scan_sheet(archive, "sheet.xml")


ODD_ROWS = {
    "plain": '<row r="9"><c r="A9"><v>1</v></c><c r="B9" s="3"/></row>',
    "shared text": '<row r="9"><c r="A9" t="s"><v>1</v></c></row>',
    "blank": '<row r="9"><c r="A9" s="1"/></row><row r="10"/>',
    "error": '<row r="9"><c r="A9" t="e"><v>#N/A</v></c></row>',
    "formula": '<row r="9"><c r="A9"><f>B9</f></c></row>',
    "formula made up for by a text without text": '<row r="9"><c r="A9"><f>B9</f></c><c r="B9"><is></is></c></row>',
    "empty value": '<row r="9"><c r="A9"><v></v></c><c r="B9"><v/></c></row>',
    "comment": '<row r="9"><c r="A9"><v>1<!--</v></c>--></v></c></row>',
    "hidden": '<row r="9" hidden="1"><c r="A9"><v>1</v></c></row>',
    "far": '<row r="9"><c r="AB9"><v>1</v></c></row>',
    "unnamed places": "<row><c><v>1</v></c></row>",
    "rich text": '<row r="9"><c r="A9" t="inlineStr"><is><r><t>TR</t></r><r><t>-9</t></r></is></c></row>',
    "quotes": "<row r='9'><c r='A9' t='e'><v>#N/A</v></c></row>",
}


@pytest.mark.parametrize("odd", ODD_ROWS.values(), ids=ODD_ROWS)
def test_one_odd_row_among_plain_ones_is_seen_as_if_each_were_looked_at_closely(odd, monkeypatch):
    quick = _scan(odd)
    monkeypatch.setattr(zipscan, "_count_plain", lambda *_: False)
    closely = _scan(odd)

    said = [(scan.filled, scan.values, scan.faults, scan.hidden_rows) for scan in (quick, closely)]
    assert said[0] == said[1]
    assert quick.bottom >= closely.bottom  # a plain block is taken to reach to its last row and to column Z
    assert quick.right in {closely.right, 25}
