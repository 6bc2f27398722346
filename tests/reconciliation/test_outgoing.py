from __future__ import annotations

import csv
import io

import msoffcrypto
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msoffcrypto.exceptions import InvalidKeyError

from reconciliation import outgoing, workbook
from reconciliation.sheets import PasswordNeeded
from tests.make import NOW

REFERENCE = "T7K4-2MQX"


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def plain_workbook() -> bytes:
    from reconciliation.report_bytes import table_bytes

    return table_bytes("L-2026-031", ["Reference", "Phone"], [[REFERENCE, "0712000001"]], made_at=NOW)


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", " =A1", "\t=A1", "\uff1dA1", "+1-1"])
def test_a_cell_that_a_spreadsheet_would_run_is_text_in_the_csv(cell: str):
    [[kept]] = rows_of(outgoing.csv_bytes([cell], []))

    assert kept.startswith("'")


@pytest.mark.parametrize(
    "cell", [REFERENCE, "+254712000001", "-1250.50", "1250,50", "Juniper Moonbeam", "O'Lantern", "KW81CBKU00", "5-3", ""]
)
def test_references_phones_amounts_and_names_stay_to_the_letter(cell: str):
    [_, [kept, _]] = rows_of(outgoing.csv_bytes(["a", "b"], [[cell, "x"]]))

    assert kept == cell


@given(st.lists(st.lists(st.text(max_size=30), min_size=2, max_size=4), min_size=1, max_size=5))
def test_no_cell_of_any_csv_begins_a_formula_and_none_spreads_over_two_lines(rows: list[list[str]]):
    content = outgoing.csv_bytes(["a", "b"], rows)

    assert len(rows_of(content)) == len(rows) + 1
    for cell in (cell for row in rows_of(content) for cell in row):
        assert not cell.lstrip().startswith(("=", "@")), cell
        assert not cell.startswith(("+", "-")) or cell[1:2].isdigit(), cell


def test_a_csv_is_the_same_to_the_byte_and_opens_in_any_script():
    rows = [[REFERENCE, "سلمى حكاية"]]

    first, again = outgoing.csv_bytes(["Reference", "Name"], rows), outgoing.csv_bytes(["Reference", "Name"], rows)

    assert first == again
    assert first.startswith(b"\xef\xbb\xbf")
    assert rows_of(first)[1] == rows[0]


def test_a_locked_workbook_opens_with_its_password_and_holds_the_same_file():
    plain = plain_workbook()

    shut = outgoing.locked(plain, "seven paper cranes")

    office = msoffcrypto.OfficeFile(io.BytesIO(shut))
    office.load_key(password="seven paper cranes", verify_password=True)
    opened = io.BytesIO()
    office.decrypt(opened)
    assert opened.getvalue() == plain
    assert openpyxl.load_workbook(opened)["L-2026-031"]["A2"].value == REFERENCE


def test_a_locked_workbook_stays_shut_without_it_and_shows_nothing(tmp_path):
    shut = outgoing.locked(plain_workbook(), "seven paper cranes")
    path = tmp_path / "list.xlsx"
    path.write_bytes(shut)

    office = msoffcrypto.OfficeFile(io.BytesIO(shut))
    with pytest.raises(InvalidKeyError):
        office.load_key(password="six paper cranes", verify_password=True)
    with pytest.raises(PasswordNeeded):
        workbook.open_rows(path)

    assert REFERENCE.encode() not in shut
    assert workbook.read_table(path, "seven paper cranes")[1][0].texts == (REFERENCE, "0712000001")


def test_the_same_workbook_is_locked_with_another_key_each_time():
    plain = plain_workbook()

    assert outgoing.locked(plain, "seven paper cranes") != outgoing.locked(plain, "seven paper cranes")
