"""Writes made reports as the files providers send: xlsx, csv with semicolons, tab-separated text, OpenDocument."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

from reconciliation.cells import Moment, Value, text_of
from tests.reconciliation.layouts.made import Layout
from tests.workbooks import hostile
from tests.workbooks.shapes import write_xlsx


def xlsx(path: Path, made: Layout) -> Path:
    """A workbook with every sheet of a report, its merged cells and real dates."""
    merges = {sheet.name: sheet.merges for sheet in made.sheets.sheets}

    def merge(book: Any, _first: Any) -> None:
        for page in book.worksheets():
            for each in merges[page.get_name()]:
                text = next(sheet for sheet in made.sheets.sheets if sheet.name == page.get_name()).rows[each.top - 1][each.left]
                page.merge_range(each.top - 1, each.left, each.bottom - 1, each.right, text)

    return write_xlsx(
        path, {sheet.name: [[_cell(value) for value in row] for row in sheet.rows] for sheet in made.sheets.sheets}, after=merge
    )


def _cell(value: Value) -> object:
    return datetime.fromisoformat(value.iso) if isinstance(value, Moment) else value


def text(path: Path, made: Layout, delimiter: str) -> Path:
    """The only sheet of a report as text."""
    [sheet] = made.sheets.sheets
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([[text_of(value) for value in row] for row in sheet.rows])
    return path


def ods(path: Path, made: Layout) -> Path:
    """The only sheet of a report as an OpenDocument spreadsheet."""
    [sheet] = made.sheets.sheets
    return hostile.ods(path, [[text_of(value).replace("&", "&amp;") for value in row] for row in sheet.rows])
