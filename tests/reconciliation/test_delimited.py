"""A csv whose lines are all of one form is read by column; the csv reader says the same of it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation import delimited, workbook

CELL = st.one_of(st.just(""), st.text(st.characters(codec="utf-8", exclude_characters='\0"\r\n,;\t|\x1f'), max_size=6))
LINES = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=30))


def by_column(text: str, delimiter: str) -> list[list[str]]:
    columns = delimited.columns_of(delimited.plain_lines(text, delimiter), delimiter)
    rows = [list(row) for row in zip(*columns, strict=True)]
    for row in rows:
        while row and not row[-1]:
            row.pop()
    return rows


@given(lines=LINES, ends=st.sampled_from(["\n", "\r\n"]), last=st.booleans())
def test_what_is_read_by_column_is_what_the_csv_reader_reads(lines, ends, last):
    text = ends.join(map(";".join, [["TR-1"] * len(lines[0]), *lines])) + ends * last

    assert by_column(text, ";") == list(delimited.read_rows(text, ";"))


@pytest.mark.parametrize(
    "text",
    [
        'a,b\n"c",d\n',
        "a,b\nc\n",
        "a,b\n\nc,d\n",
        "a,b\rc,d\n",
        "sep=,\na,b\n",
        "a\x1fb,c\n",
        "a," * delimited.WIDEST + "\n",
        "a," + "x" * 70_000 + "\n",
    ],
    ids=["a quote", "a short line", "a blank line", "another end of line", "a named mark", "our own mark", "too wide", "long"],
)
def test_any_other_text_is_left_to_the_csv_reader(text):
    assert delimited.plain_lines(text, ",") == []


def test_lines_of_one_form_keep_their_places_over_many_batches():
    lines = [f"TR-{number},{'' if number % 3 else number}," for number in range(5000)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text("\n".join(lines))
        rows = workbook.gathered(workbook.read_here(path, None)).sheets[0].rows

    assert list(rows) == [[f"TR-{number}"] if number % 3 else [f"TR-{number}", str(number)] for number in range(5000)]


def test_a_line_that_one_of_the_counts_does_not_see_refuses_the_file(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("TR-1,5\nTR-2,6\nTR-3,7\n")
    honest = delimited.plain_lines
    monkeypatch.setattr(delimited, "plain_lines", lambda text, delimiter: honest(text, delimiter)[:-1])

    with pytest.raises(workbook.UnreadableFile, match="two ways of counting"):
        list(workbook.read_here(path, None))
