"""Whatever stands in a cell comes out of every form as it went in: its kind, its place and its exact text."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciliation import workbook
from reconciliation.cells import Cell, CellKind
from tests.workbooks import plain

FEW = settings(max_examples=int(os.environ.get("CBI_EXAMPLES", "40")), deadline=None)
WORDS = st.text(st.characters(categories=("L", "N", "P", "S"), exclude_characters="_"), min_size=1, max_size=12)
TEXTS = st.one_of(
    WORDS,
    st.sampled_from(
        ["000123", "=1+1", "1e5", "TRUE", "2.54708E+11", "#N/A", "12/11/2026", "قمر البستان", "a b", "-5", "NaN", '"', "'", "<b>&"]
    ),
)
NUMBERS = st.one_of(
    st.integers(-(2**29), 2**29 - 1),
    st.floats(-1e15, 1e15, allow_nan=False).map(lambda value: float(f"{value:.15g}")),
    st.sampled_from([0.1, -0.0, 75.505, 1e-9, 254708123456]),
)
CELLS = st.one_of(st.none(), TEXTS, NUMBERS)
TABLES = st.lists(st.lists(CELLS, max_size=6), min_size=1, max_size=8).filter(
    lambda rows: any(cell is not None for row in rows for cell in row)
)


def _rows(path: Path) -> list[Any]:
    """The rows of the first sheet, read in this process: a child for each example would take minutes."""
    with patch.object(workbook.sandbox, "messages", workbook.read_here):
        return [list(row) for row in workbook.open_rows(path).sheets[0].rows]


def _cells(rows: list[list[Any]]) -> list[list[Cell]]:
    made = [[Cell.of(float(value) if isinstance(value, int) else value) for value in row] for row in rows]
    for row in made:
        while row and row[-1].kind is CellKind.EMPTY:
            row.pop()
    while made and not made[-1]:
        made.pop()
    return made


@pytest.mark.parametrize(
    "write", [plain.xlsx, plain.xls, plain.xlsb, plain.ods, plain.xml_2003], ids=["xlsx", "xls", "xlsb", "ods", "xml 2003"]
)
@FEW
@given(rows=TABLES)
def test_every_cell_of_a_workbook_comes_back_as_it_was(write: Callable[..., Path], rows: list[list[Any]]):
    with tempfile.TemporaryDirectory() as folder:
        read = _rows(write(Path(folder) / "a.bin", rows))

    assert _cells(read) == _cells(rows)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@FEW
@given(rows=st.lists(st.lists(st.one_of(WORDS, TEXTS), min_size=3, max_size=3), min_size=2, max_size=8))
def test_every_cell_of_a_text_comes_back_as_it_was(delimiter: str, rows: list[list[str]]):
    with tempfile.TemporaryDirectory() as folder:
        read = _rows(plain.text(Path(folder) / "a.csv", rows, delimiter=delimiter, before=f"sep={delimiter}\r\n"))

    assert read == [[], *rows]
