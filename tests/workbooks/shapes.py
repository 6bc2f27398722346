"""Payout files of the kinds providers send, about invented people only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from reconciliation.cells import Value
from reconciliation.sheets import Merge, Sheet, Sheets

Rows = Sequence[Sequence[Any]]


def write_xlsx(
    path: Path, sheets: Mapping[str, Rows], *, hidden: Sequence[str] = (), after: Callable[[Any, Any], None] | None = None
) -> Path:
    """An xlsx of plain cells; text is never made a number or a formula. `after` is given the book and its first sheet."""
    book = xlsxwriter.Workbook(str(path))
    dated = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    pages = []
    for name, rows in sheets.items():
        page = book.add_worksheet(name)
        pages.append(page)
        if name in hidden:
            page.hide()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    page.write_string(number, column, value)
                elif isinstance(value, datetime):
                    page.write_datetime(number, column, value, dated)
                elif value is not None:
                    page.write(number, column, value)
    if after:
        after(book, pages[0])
    book.close()
    return path


def sheets_of(*tables: Rows, names: Sequence[str] = (), merges: Sequence[Merge] = ()) -> Sheets:
    """Sheets as if they had been read, without a file."""
    made = []
    for place, rows in enumerate(tables):
        name = names[place] if names else f"Sheet{place + 1}"
        cells: list[Sequence[Value]] = [list(row) for row in rows]
        made.append(Sheet(name, cells, merges=tuple(merges)))
    return Sheets("xlsx", tuple(made))


NAMES = ("Juniper Moonbeam", "Oswin Paperkite", "Tum Fablewood", "قمر البستان", "Marlow Inkwell", "Fern Lanternhill")


def lines(count: int = 6) -> list[dict[str, Any]]:
    """Lines of an invented payment file, all of them different."""
    return [
        {
            "reference": f"TR{'BCDFGH'[n % 6]}{n:04}",
            "provider_id": f"SPW8811{n:04}",
            "name": NAMES[n % len(NAMES)],
            "phone": f"99955501{n:02}",
            "amount": 7000 + 250 * n,
            "status": ("SUCCESS", "SUCCESS", "FAILED")[n % 3],
            "reason": ("", "", "Wallet closed")[n % 3],
            "date": f"{17 + n % 10}/11/2026 10:0{n % 10}",
        }
        for n in range(count)
    ]


def table(headings: Mapping[str, str], count: int = 6, **change: Callable[[dict[str, Any]], Any]) -> list[list[Any]]:
    """A heading row and its lines; keys are fields of `lines` or names given a function in `change`."""
    rows: list[list[Any]] = [list(headings.values())]
    rows += [[change[key](line) if key in change else line.get(key) for key in headings] for line in lines(count)]
    return rows
