"""Sheets filled with XML are read by another program as what was written."""

from __future__ import annotations

import openpyxl
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from reconciliation.money import Money
from reconciliation.report_rows import fill

TEXTS = st.one_of(
    st.sampled_from(["=1+1", "<b>&amp;</b>", " two  spaces ", "a\nb\tc", "_x0041_", "\x07bell", "قمر", "\ufffe", "']]>", "x" * 40_000]),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=12),
)


def filled(folder, rows):
    template, out = folder / "template.xlsx", folder / "out.xlsx"
    with xlsxwriter.Workbook(template) as book:
        sheet = book.add_worksheet("Rows")
        sheet.write_row(0, 0, ["Heading", "Amount"])
        sheet.write_string(1, 0, "text", book.add_format({"num_format": "@"}))
        for digits in range(5):
            sheet.write_number(1, digits + 1, 0, book.add_format({"num_format": "0" + ("." + "0" * digits if digits else "")}))
    fill(template, "xl/worksheets/sheet1.xml", rows, out)
    return openpyxl.load_workbook(out)["Rows"]


def as_shown(text):
    """What a reader shows of a text: what XML cannot hold is a mark, and no cell holds more than 32,767 characters."""
    return "".join("\ufffd" if character in "\ufffe\uffff" else character for character in text[:32_767])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TEXTS, st.integers(-(10**9), 10**9)), max_size=5))
def test_texts_and_amounts_are_read_back_as_they_were_written(tmp_path, rows):
    sheet = filled(tmp_path, [(text, Money(minor, "KES")) for text, minor in rows])

    read = [(sheet.cell(number, 1), sheet.cell(number, 2)) for number in range(2, len(rows) + 2)]
    assert [unescape(text.value or "").replace("\r\n", "\n").replace("\r", "\n") for text, _ in read] == [
        as_shown(text).replace("\r\n", "\n").replace("\r", "\n") for text, _ in rows
    ]
    assert [amount.value for _, amount in read] == [minor / 100 for _, minor in rows]


def test_each_amount_has_the_decimals_of_its_currency_and_a_text_stays_a_text(tmp_path):
    sheet = filled(tmp_path, [("=1+1", Money(1250500, "JOD"), Money(5, "UGX"), 7, None)])

    text, dinars, shillings, number, blank = (sheet.cell(2, column) for column in range(1, 6))
    assert (text.value, text.data_type, text.number_format) == ("=1+1", "s", "@")
    assert (dinars.value, dinars.number_format) == (1250.5, "0.000")
    assert (shillings.value, shillings.number_format) == (5, "0")
    assert (number.value, number.number_format) == (7, "General")
    assert blank.value is None


def test_a_sheet_without_rows_keeps_its_heading_alone(tmp_path):
    sheet = filled(tmp_path, [])

    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["Heading", "Amount"]]
