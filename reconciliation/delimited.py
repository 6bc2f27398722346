"""Reads csv and tsv as text and nothing else: finds the encoding and the delimiter, counts rows twice."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from reconciliation.encodings import page_of
from reconciliation.formats import AS_XLSX, utf16_without_mark
from reconciliation.scan import WIDEST
from reconciliation.sheets import UnreadableFile

_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 200
_MAX_BYTES = 1024**3
_QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*"')
_STRAY_QUOTE = 'save it as .xlsx, or check the double quotes (") in it: one of them is never closed, so rows could be lost'
_TOO_WIDE = f"{AS_XLSX}: one of its rows has more cells than a spreadsheet can hold"


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
