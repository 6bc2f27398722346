"""Looks through an OpenDocument spreadsheet by itself: which rows hold a value, repeated ones too, what is an error, what is hidden."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from reconciliation.cells import FORMULA, Fault
from reconciliation.formats import DAMAGED
from reconciliation.scan import SheetScan, check_area
from reconciliation.sheets import UnreadableFile

_OFFICE, _TABLE, _TEXT = (f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0 " for name in ("office", "table", "text"))
_ERROR_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
_BLOCK = 1 << 20
_MOST_FAULTY_ROWS = 10_000
_NOT_SHOWN = frozenset({"collapse", "filter"})


@dataclass(slots=True)
class _Cell:
    """One cell while it is read: what it states about itself, and what it shows."""

    stated: dict[str, str]
    shown: list[str] = field(default_factory=list)


def scan_sheets(source: IO[bytes], size: int) -> dict[str, SheetScan]:
    """What each sheet holds, by its name. Call check_archive first.

    Raises UnreadableFile for markup that is damaged and, before anything unfolds them, for repeats beyond any table.
    """
    source.seek(0)
    look = _Look(size)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = look.begin, look.end, look.text
    try:
        with zipfile.ZipFile(source) as archive, archive.open("content.xml") as part:
            while block := part.read(_BLOCK):
                parser.Parse(block, False)
            parser.Parse(b"", True)
    except (KeyError, ValueError, expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError):
        raise UnreadableFile(DAMAGED) from None
    return look.sheets


class _Look:
    """Follows tables, rows and cells through the markup; comments, drawings and tables inside cells show nothing in a sheet."""

    def __init__(self, size: int) -> None:
        self.sheets: dict[str, SheetScan] = {}
        self._size = size
        self._scan: SheetScan | None = None
        self._row = self._repeat = self._column = 0
        self._filled: list[tuple[int, int]] = []
        self._faults: dict[int, Fault] = {}
        self._cell: _Cell | None = None
        self._aside = 0
        self._in_body = False

    def begin(self, tag: str, stated: dict[str, str]) -> None:
        """Open a table, a row or a cell."""
        if self._aside or (self._cell is not None and not tag.startswith(_TEXT)):
            self._aside += 1
        elif tag == _OFFICE + "spreadsheet":
            self._in_body = True
        elif self._in_body and tag == _TABLE + "dde-links":
            self._aside = 1
        elif self._in_body and tag == _TABLE + "table":
            self._scan, self._row = SheetScan(), 0
            name = stated.get(_TABLE + "name", "")
            if name in self.sheets:
                raise UnreadableFile(DAMAGED)
            self.sheets[name] = self._scan
        elif self._scan is not None and tag == _TABLE + "table-row":
            self._begin_row(stated)
        elif self._scan is not None and tag in {_TABLE + "table-cell", _TABLE + "covered-table-cell"}:
            self._cell = _Cell(stated)

    def end(self, tag: str) -> None:
        """Close what is open and count it."""
        if self._aside:
            self._aside -= 1
        elif self._cell is not None:
            if tag.startswith(_TABLE):
                self._end_cell(self._cell)
                self._cell = None
        elif self._scan is not None and tag == _TABLE + "table-row":
            self._end_row(self._scan)
        elif tag == _TABLE + "table":
            self._scan = None

    def text(self, text: str) -> None:
        """Keep the text that a cell shows."""
        if self._cell is not None and not self._aside:
            self._cell.shown.append(text)

    def _begin_row(self, stated: dict[str, str]) -> None:
        self._repeat = _count(stated.get(_TABLE + "number-rows-repeated"))
        self._column, self._filled, self._faults = 0, [], {}
        hidden = stated.get(_TABLE + "visibility") in _NOT_SHOWN
        if hidden and self._scan is not None:
            self._scan.hidden_rows.extend(range(self._row + 1, self._row + 1 + min(self._repeat, _MOST_FAULTY_ROWS)))

    def _end_cell(self, cell: _Cell) -> None:
        repeat = _count(cell.stated.get(_TABLE + "number-columns-repeated"))
        shown = "".join(cell.shown)
        fault = _fault(cell.stated, shown)
        if fault:
            self._faults[self._column] = fault
        if fault or _shows(cell.stated, shown):
            self._filled.append((self._column, self._column + repeat - 1))
        self._column += repeat

    def _end_row(self, scan: SheetScan) -> None:
        above, last = self._row + 1, self._row + self._repeat
        if self._filled:
            scan.filled += self._repeat
            scan.values += self._repeat * sum(last - first + 1 for first, last in self._filled)
            for row, column in ((above, self._filled[0][0]), (last, self._filled[-1][1])):
                scan.see(row, column)
            check_area(scan, self._size)
            for row in range(above, last + 1) if self._faults else ():
                scan.faults[row] = dict(self._faults)
        self._row = last


def _count(stated: str | None) -> int:
    return max(1, int(stated)) if stated else 1


def _fault(stated: dict[str, str], shown: str) -> Fault | None:
    if stated.get(_ERROR_TYPE) == "error":
        return Fault(shown.strip() or "#ERROR")
    if _TABLE + "formula" in stated and _OFFICE + "value-type" not in stated and not shown:
        return Fault(FORMULA)
    return None


def _shows(stated: dict[str, str], shown: str) -> bool:
    kind = stated.get(_OFFICE + "value-type", "")
    return bool(shown or stated.get(_OFFICE + "string-value")) if kind in {"", "string"} else True
