"""Any file ends in its rows or in one sentence."""

import os
import shutil
import subprocess
import sys
import time
import zipfile
from datetime import datetime as _datetime
from pathlib import Path

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from reconciliation import sandbox, workbook
from reconciliation.cells import (
    FORMULA,
    Cell,
    CellKind,
    Fault,
    Moment,
    cell_name,
    column_index,
    column_letter,
    lost_digits,
    plain,
    text_of,
    words,
)
from reconciliation.scan import SheetScan
from reconciliation.sheets import PasswordNeeded, UnreadableFile
from tests.workbooks import hostile
from tests.workbooks.shapes import write_xlsx


def datetime(*parts: int) -> _datetime:
    return _datetime(*parts)  # noqa: DTZ001 - a spreadsheet's dates have no zone


def _one_sentence(path: Path, password: str | None = None) -> str:
    started = time.monotonic()
    with pytest.raises(UnreadableFile) as refusal:
        workbook.open_rows(path, password)
    assert time.monotonic() - started < 10
    sentence = str(refusal.value)
    assert sentence.startswith("You need to ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert path.stem not in sentence
    return sentence


@pytest.mark.parametrize(
    "made",
    [
        hostile.bomb,
        hostile.far_apart,
        hostile.duplicate_members,
        hostile.entities,
        hostile.truncated,
        hostile.damaged_inside,
        hostile.lying_size,
        hostile.never_ending_nest,
        hostile.too_many_members,
    ],
)
def test_a_hostile_or_damaged_file_ends_in_one_sentence(made, tmp_path):
    _one_sentence(made(tmp_path / "secret-name.xlsx"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   \r\n\r\n",
        b"\x00" * 5000,
        b"%PDF-1.7 something",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        b"\x1f\x8b\x08\x00abc",
        b"<html><p>Please sign in again.</p></html>",
        b"<?xml version='1.0'?><Workbook/>",
        b"PK\x03\x04broken",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x01" * 600,
        b"\x09\x08\x10\x00\x00\x06\x05\x00" + b"\xff" * 300,
        bytes(range(256)) * 20,
        b'Reference,Amount\nTR-1,"50\nTR-2,60\n',
        b"a\0b,c\n" * 10,
    ],
    ids=["empty", "blank", "zeros", "pdf", "png", "gzip", "html", "xml", "zip", "ole", "biff", "noise", "open-quote", "nul"],
)
def test_what_is_no_spreadsheet_ends_in_one_sentence(content, tmp_path):
    path = tmp_path / "secret-name.xlsx"
    path.write_bytes(content)

    _one_sentence(path)


def test_a_missing_file_and_a_folder_end_in_one_sentence(tmp_path):
    _one_sentence(tmp_path / "secret-name.xlsx")
    (tmp_path / "secret-folder").mkdir()
    _one_sentence(tmp_path / "secret-folder")


def test_a_plain_archive_with_a_spreadsheet_inside_asks_to_unpack_it(tmp_path):
    path = tmp_path / "secret-name.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("payouts.csv", "a,b\n1,2\n")

    assert "unpack" in _one_sentence(path)


def test_a_false_dimension_loses_no_row(tmp_path):
    sheets = workbook.open_rows(hostile.lying_dimension(tmp_path / "a.xlsx"))

    assert [row[0] for row in sheets.sheets[0].rows] == ["Reference", "TR-0001", "TR-0002"]


def test_form_is_told_by_content_not_by_name(tmp_path):
    real = write_xlsx(tmp_path / "real.xlsx", {"A": [["Reference", "Amount"], ["TR-1", 5]]})
    wrong = tmp_path / "wrong.csv"
    shutil.copy(real, wrong)
    text = tmp_path / "text.xlsx"
    text.write_text("Reference,Amount\nTR-1,5\n")

    assert workbook.open_rows(wrong).form == "xlsx"
    assert workbook.open_rows(text).form == "csv"


def test_cells_keep_their_kind_and_place(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", {"A": [[], [None, "000123", 123, 75.1, True, datetime(2026, 11, 17, 10, 2), 254708123456]]})

    row = workbook.open_rows(path).sheets[0].rows[1]

    assert [Cell.of(value) for value in row[1:]] == [
        Cell(CellKind.TEXT, "000123"),
        Cell(CellKind.NUMBER, "123"),
        Cell(CellKind.NUMBER, "75.1"),
        Cell(CellKind.BOOL, "TRUE"),
        Cell(CellKind.DATE, "2026-11-17T10:02:00"),
        Cell(CellKind.NUMBER, "254708123456"),
    ]
    assert Cell.of(row[0]) == Cell(CellKind.EMPTY, "")


def test_errors_and_formulas_never_calculated_are_faults_at_their_cells(tmp_path):
    rows = (
        hostile.ROWS
        + '<row r="4"><c r="A4" t="e"><v>#N/A</v></c><c r="B4"><f>1+1</f></c></row>'
        + '<row r="6"><c r="B6"><f>B2</f><v>50</v></c><c r="C6" t="str"><f>A9</f><v></v></c></row>'
    )

    read = workbook.open_rows(hostile.write_parts(tmp_path / "a.xlsx", hostile.sheet_xml(rows))).sheets[0].rows

    assert read[3] == [Fault("#N/A"), Fault(FORMULA)]
    assert read[5] == ["", 50.0]


def test_a_row_of_errors_after_the_last_value_is_not_lost(tmp_path):
    rows = hostile.ROWS + '<row r="9"><c r="B9" t="e"><v>#REF!</v></c></row>'

    read = workbook.open_rows(hostile.write_parts(tmp_path / "a.xlsx", hostile.sheet_xml(rows))).sheets[0].rows

    assert len(read) == 9
    assert read[8] == ["", Fault("#REF!")]


def test_a_text_cell_that_is_empty_does_not_make_the_counts_disagree(tmp_path):
    rows = hostile.ROWS + '<row r="7"><c r="A7" t="inlineStr"><is><t></t></is></c></row>'
    path = hostile.write_parts(tmp_path / "a.xlsx", hostile.sheet_xml(rows))

    assert workbook.open_rows(path).sheets[0].filled() == 3


def test_rows_hidden_from_one_of_the_counts_refuse_the_file(tmp_path, monkeypatch):
    path = hostile.write_parts(tmp_path / "a.xlsx", hostile.sheet_xml())
    true_scan = workbook.zipscan.scan_sheet

    def blind(archive, part, **options):
        scan = true_scan(archive, part, **options)
        scan.filled += 1
        return scan

    monkeypatch.setattr(workbook.zipscan, "scan_sheet", blind)
    monkeypatch.setattr(workbook, "_third_count", lambda *_: -1)

    with pytest.raises(UnreadableFile, match="counting its rows disagree"):
        list(workbook.read_here(path, None, straight=False))


def test_hidden_sheets_are_listed_and_not_read_and_hidden_rows_are_read(tmp_path):
    def hide(_book, page):
        page.set_row(1, None, None, {"hidden": True})

    rows = [["Reference", "Amount"], ["TR-1", 5], ["TR-2", 6]]
    path = write_xlsx(tmp_path / "a.xlsx", {"A": rows, "Old": rows}, hidden=["Old"], after=hide)

    sheets = workbook.open_rows(path)

    assert [(sheet.name, sheet.hidden, sheet.filled()) for sheet in sheets.sheets] == [("A", False, 3), ("Old", True, 0)]
    assert list(sheets.sheets[0].hidden_rows) == [2]


def test_dates_of_the_1904_calendar_are_the_dates_shown(tmp_path):
    path = tmp_path / "a.xlsx"
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"date_1904": True})
    book.add_worksheet().write_datetime(0, 0, datetime(2026, 11, 17), book.add_format({"num_format": "yyyy-mm-dd"}))
    book.close()

    assert workbook.open_rows(path).sheets[0].rows[0][0] == Moment("2026-11-17")


def test_a_prefixed_worksheet_is_read_and_counted(tmp_path):
    plain_sheet = hostile.sheet_xml()
    prefixed = plain_sheet.replace("<worksheet xmlns=", "<x:worksheet xmlns:x=").replace("</worksheet", "</x:worksheet")
    for tag in ("sheetData", "row", "c ", "v>", "is>", "t>"):
        prefixed = prefixed.replace(f"<{tag}", f"<x:{tag}").replace(f"</{tag.strip()}", f"</x:{tag.strip()}")
    prefixed = prefixed.replace("</c>", "</x:c>")

    assert workbook.open_rows(hostile.write_parts(tmp_path / "a.xlsx", prefixed)).sheets[0].filled() == 3


def test_an_opendocument_spreadsheet_is_read_and_its_entities_refused(tmp_path):
    rows = [["Reference", "Amount"], ["TR-0001", "50"]]

    sheets = workbook.open_rows(hostile.ods(tmp_path / "a.ods", rows))

    assert (sheets.form, sheets.sheets[0].rows) == ("ods", rows)
    _one_sentence(hostile.ods(tmp_path / "secret-name.ods", rows, doctype="<!DOCTYPE x [<!ENTITY e 'x'>]>"))


def test_the_quick_count_of_plain_rows_is_the_count_of_the_close_look(tmp_path):
    rows = [["Reference", "Amount"], *[[f"TR-{n:05}", n, None, "x"] if n % 7 else [] for n in range(3000)]]
    path = write_xlsx(tmp_path / "a.xlsx", {"A": rows})

    with zipfile.ZipFile(path) as archive:
        quick = workbook.zipscan.scan_sheet(archive, "xl/worksheets/sheet1.xml")
        close = SheetScan()
        workbook.zipscan._scan_closely(archive.read("xl/worksheets/sheet1.xml"), close)

    assert (quick.filled, quick.bottom) == (close.filled, close.bottom) == (sum(bool(row) for row in rows), 3001)


@pytest.fixture
def protected(tmp_path):
    clear = write_xlsx(tmp_path / "clear.xlsx", {"A": [["Reference", "Amount"], ["TR-1", 5]]})
    path = tmp_path / "protected.xlsx"
    with clear.open("rb") as source, path.open("wb") as target:
        OOXMLFile(source).encrypt("lantern", target)
    return path


def test_a_protected_file_asks_for_its_password_and_opens_with_it(protected):
    with pytest.raises(PasswordNeeded):
        workbook.open_rows(protected)
    with pytest.raises(PasswordNeeded, match="again"):
        workbook.open_rows(protected, "wrong")

    assert workbook.open_rows(protected, "lantern").sheets[0].rows[1] == ["TR-1", 5.0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1256"])
def test_a_csv_is_read_in_the_encoding_it_is_in(encoding, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("المرجع,المبلغ,الاسم\nTR-1,500,قمر البستان\n".encode(encoding))

    rows = workbook.open_rows(path).sheets[0].rows

    assert rows == [["المرجع", "المبلغ", "الاسم"], ["TR-1", "500", "قمر البستان"]]


def test_a_western_windows_csv_keeps_its_accents(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("Référence;Montant payé\nTR-1;50,00\nTR-2;60,50\n".encode("cp1252"))

    sheets = workbook.open_rows(path)

    assert sheets.delimiter == ";"
    assert sheets.sheets[0].rows[0] == ["Référence", "Montant payé"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_splits_rows_alike(delimiter, tmp_path):
    path = tmp_path / "a.csv"
    lines = [["Sparrow report, all sites"], [], ["Reference", "Name", "Amount"], ["TR-1", f'"Moonbeam{delimiter} Juniper"', "1.5"]] * 3
    path.write_text("\n".join(delimiter.join(line) for line in lines))

    assert workbook.open_rows(path).sheets[0].rows[3] == ["TR-1", f"Moonbeam{delimiter} Juniper", "1.5"]


def test_a_quoted_line_break_is_one_row_and_blank_lines_keep_their_number(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('Reference,Amount,Remarks\n\nTR-1,5,"two\nlines"\nTR-2,6,\n')

    assert workbook.open_rows(path).sheets[0].rows == [["Reference", "Amount", "Remarks"], [], ["TR-1", "5", "two\nlines"], ["TR-2", "6"]]


def test_a_pair_of_stray_quotes_that_would_swallow_rows_refuses_the_file(tmp_path):
    path = tmp_path / "secret-name.csv"
    path.write_text('Reference,Amount,Remarks\nTR-1,5,"open\nTR-2,6,none\nTR-3,7,shut"\nTR-4,8,none\n')

    assert "double quotes" in _one_sentence(path)


def test_a_reader_that_hangs_is_ended_and_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(sandbox.tempfile, "tempdir", str(tmp_path))
    pipe = tmp_path / "endless"
    os.mkfifo(pipe)

    with pytest.raises(UnreadableFile, match="too long"):
        list(sandbox.messages(pipe, None, seconds=0.5))

    assert sorted(each.name for each in tmp_path.iterdir()) == ["endless"]


def test_a_reader_that_dies_is_one_sentence(tmp_path, monkeypatch):
    path = write_xlsx(tmp_path / "a.xlsx", {"A": [["a", "b"], ["c", "d"]]})
    monkeypatch.setattr(sys, "executable", shutil.which("false"))

    with pytest.raises(UnreadableFile, match="could not be read to its end"):
        workbook.open_rows(path)


def test_the_reader_has_no_network_and_can_write_no_file():
    code = (
        "from reconciliation import sandbox; sandbox._limit(5, 0, 1 << 29)\n"
        "import socket, tempfile\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try:\n tempfile.NamedTemporaryFile().write(b'x'*100000); print('wrote')\nexcept OSError: print('refused')\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stdout.strip() == "refused"


def test_read_table_gives_the_first_header_and_exact_texts(tmp_path):
    path = write_xlsx(
        tmp_path / "a.xlsx", {"Form": [["head_name", "members", "phone"], ["Juniper Moonbeam", 5, "0099"], [], ["Tum Fablewood", 2]]}
    )

    header, rows = workbook.read_table(path)

    assert header == ("head_name", "members", "phone")
    assert rows == [(2, ("Juniper Moonbeam", "5", "0099")), (4, ("Tum Fablewood", "2", ""))]


@pytest.mark.parametrize(
    ("value", "lost"),
    [
        ("2.54708E+11", True),
        (254708000000.0, True),
        (254708123456.0, False),
        ("254708123456", False),
        (9.99556e9, True),
        (1e17, True),
        (50.0, False),
    ],
)
def test_a_long_number_cut_short_is_noticed(value, lost):
    assert lost_digits(value) is lost


@pytest.mark.parametrize(
    ("written", "read"),
    [("١٢٣٤", "1234"), ("১২৩", "123"), ("၁၂၃", "123"), ("１２３", "123"), ("1\u00a0250", "1 250"), ("\u200f50\u200e", "50"), ("−5", "-5")],
)
def test_digits_and_marks_of_any_script_are_plain(written, read):
    assert plain(written) == read


def test_headings_fold_to_words():
    assert words("Réf. N°") == "ref n"
    assert words("  TXN_Ref# ") == "txn ref"
    assert words("স্ট্যাটাস") == words("স্ট্যাটাস ")


def test_cell_names_are_those_of_the_spreadsheet():
    assert cell_name(17, 3) == "D17"
    assert all(column_index(column_letter(index)) == index for index in range(2000))
    assert text_of(0.1 + 0.2) == "0.30000000000000004"
