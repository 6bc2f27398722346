"""Reads csv and tsv as text and nothing else: finds the encoding and the delimiter, counts rows twice."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from itertools import islice
from pathlib import Path

from reconciliation import wire
from reconciliation.encodings import page_of
from reconciliation.formats import AS_XLSX, LOST_ROWS, utf16_without_mark
from reconciliation.rows import BETWEEN
from reconciliation.scan import WIDEST
from reconciliation.sheets import UnreadableFile

_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 200
_MAX_BYTES = 1024**3
_LONG_LINE = 1 << 14
_QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*"')
_STRAY_QUOTE = 'save it as .xlsx, or check the double quotes (") in it: one of them is never closed, so rows could be lost'
_TOO_WIDE = f"{AS_XLSX}: one of its rows has more cells than a spreadsheet can hold"


def as_messages(path: Path) -> Iterator[dict[str, object] | bytes]:
    """The file as a reader sends it on: what it is, then its one sheet in batches of rows. Raises UnreadableFile."""
    text, encoding = read_text(path)
    delimiter = delimiter_of(text)
    yield {"form": "tsv" if delimiter == "\t" else "csv", "encoding": encoding, "delimiter": delimiter}
    yield {"sheet": "Sheet1", "hidden": False, "merges": [], "hidden_rows": []}
    expected, plain = count_filled(text, delimiter), plain_lines(text, delimiter)
    filled = yield from _by_column(plain, delimiter) if plain else _by_row(text, delimiter)
    if filled != expected:
        raise UnreadableFile(LOST_ROWS)


def _by_column(lines: Sequence[str], delimiter: str) -> Generator[bytes, None, int]:
    """Batches of plain lines, and how many of them hold anything."""
    filled, most = 0, wire.rows_at_once(lines[0].count(delimiter) + 1)
    for start in range(0, len(lines), most):
        columns = columns_of(batch := lines[start : start + most], delimiter)
        filled += len(batch) if columns and all(columns[0]) else sum(map(any, zip(*columns, strict=True)))
        yield wire.columns(len(batch), columns)
    return filled


def _by_row(text: str, delimiter: str) -> Generator[bytes, None, int]:
    """Batches of what the csv reader makes of any text, and how many rows hold anything."""
    rows, filled, most = read_rows(text, delimiter), 0, 1
    while batch := list(islice(rows, most)):
        filled += sum(map(bool, batch))
        most = wire.rows_at_once(max(map(len, batch)))
        yield from wire.packs(batch)
    return filled


def read_text(path: Path) -> tuple[str, str]:
    """The whole text of a file and the encoding it was in. Raises UnreadableFile."""
    if path.stat().st_size > _MAX_BYTES:
        raise UnreadableFile("split the file into smaller ones: it is larger than 1 GB")
    raw = path.read_bytes()
    encoding = encoding_of(raw)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableFile("save it as .xlsx, or as csv in UTF-8: some of its letters cannot be read") from None
    if "\0" in text:
        raise UnreadableFile("ask for the file again: this one holds bytes that are no text")
    return text, encoding


def encoding_of(raw: bytes) -> str:
    """The encoding of a text: its byte-order mark, else UTF-8 when it is that, else the page its words point to. Raises UnreadableFile."""
    if raw.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if guess := utf16_without_mark(raw[:8192]):
        return guess
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return page_of(raw)
    return "utf-8"


def delimiter_of(text: str) -> str:
    """The mark that splits the most lines into the same number of cells; "," for a text of one column."""
    named = re.match(r"sep=(.)\r?\n", text)
    if named:
        return named.group(1)
    lines = [_QUOTED.sub("", line) for line in text[: 1 << 18].splitlines()[:_SAMPLE_LINES]]
    best, score = ",", (0, 0)
    for mark in _DELIMITERS:
        counts = Counter(line.count(mark) for line in lines if mark in line)
        if counts:
            columns, hits = max(counts.items(), key=lambda item: (item[1], item[0]))
            score, best = max((score, best), ((hits, columns), mark), key=lambda item: item[0])
    return best


def plain_lines(text: str, delimiter: str) -> list[str]:
    """The lines of a text in which each is a row of as many cells, without a quote; none of any other text, which the csv reader has to take apart."""
    if '"' in text or BETWEEN in text or text.startswith("sep="):
        return []
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    lines = text.removesuffix("\n").split("\n")
    marks = {line.count(delimiter) for line in lines}
    return lines if "\r" not in text and len(marks) == 1 and max(marks) < WIDEST and max(map(len, lines)) < _LONG_LINE else []


def columns_of(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """Some plain lines by column, without blank columns at their right: what `read_rows` says of them, all at once."""
    cells, width = delimiter.join(lines).split(delimiter), lines[0].count(delimiter) + 1
    columns = [cells[place::width] for place in range(width)]
    while columns and not any(columns[-1]):
        columns.pop()
    return columns


def read_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """Rows as the csv reader sees them, `rows[0]` first, blank ones included as empty lists. Raises UnreadableFile when a quote is left open.

    A line break inside a quoted cell makes one row of several lines, as a spreadsheet program shows it.
    """
    csv.field_size_limit(1 << 20)
    body = text.split("\n", 1)[1] if re.match(r"sep=.\r?\n", text) else text
    if body is not text:
        yield []
    width, several_lines = 2, '"' in body
    try:
        for row in csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=False):
            width = max(width, len(row))
            if len(row) > WIDEST:
                raise UnreadableFile(_TOO_WIDE)
            if several_lines and any("\n" in cell and _swallows_rows(cell, delimiter, width) for cell in row):
                raise UnreadableFile(_STRAY_QUOTE)
            while row and not row[-1]:
                row.pop()
            yield row
    except csv.Error:
        raise UnreadableFile(_STRAY_QUOTE) from None


def _swallows_rows(cell: str, delimiter: str, width: int) -> bool:
    """Whether a cell of several lines holds one that is as long as a row: then two stray quotes have rows between them."""
    return any(line.count(delimiter) >= width - 1 for line in cell.split("\n")[1:])


def count_filled(text: str, delimiter: str) -> int:
    """How many rows hold anything, counted without the csv reader: quoted parts are blanked, then lines are counted."""
    if text.count('"') % 2:
        raise UnreadableFile(_STRAY_QUOTE)
    if '"' in text:
        text = _QUOTED.sub(lambda part: "x" if part.group() != '""' else "", text)
    blank = f"{delimiter}\ufeff"
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    return sum(1 for line in lines if line.strip(blank)) - (1 if text.startswith("sep=") else 0)
