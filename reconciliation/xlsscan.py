"""Looks through the records of an .xls by itself: which rows hold a value, what could not be calculated, what is hidden."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO

from reconciliation.cells import FORMULA, Fault
from reconciliation.formats import DAMAGED
from reconciliation.scan import SheetScan
from reconciliation.sheets import UnreadableFile

# Record types of [MS-XLS] 2.3.
_BOF, _EOF, _BOUNDSHEET, _SST, _CONTINUE = 0x809, 0x0A, 0x85, 0xFC, 0x3C
_ROW, _NUMBER, _RK, _MULRK, _BOOLERR, _LABEL, _RSTRING, _LABELSST, _FORMULA, _STRING = (
    0x208,
    0x203,
    0x27E,
    0xBD,
    0x205,
    0x204,
    0xD6,
    0xFD,
    0x06,
    0x207,
)
_WORKSHEET = 0
_HIDDEN_ROW, _ALWAYS_CALCULATE = 0x20, 0x01
_CELLS = frozenset({_NUMBER, _RK, _MULRK, _BOOLERR, _LABEL, _RSTRING, _LABELSST, _FORMULA})
_ROW_FLAGS = 12
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_WIDE, _RICH, _PHONETIC = 1, 8, 4
_UNCALCULATED = struct.pack("<d", 0.0)


def scan_sheets(source: IO[bytes]) -> list[SheetScan]:
    """What each worksheet holds, in the order of the workbook. Raises UnreadableFile for records that do not fit each other."""
    import olefile  # type: ignore[import-untyped]  # comes with msoffcrypto-tool, has no types

    source.seek(0)
    try:
        with olefile.OleFileIO(source) as container:
            book = container.openstream("Workbook" if container.exists("Workbook") else "Book").read()
        return [_scan_sheet(book, place, _blank_texts(book)) for place, kind in _bounds(book) if kind == _WORKSHEET]
    except (OSError, ValueError, IndexError, TypeError, AttributeError, OverflowError, struct.error):
        raise UnreadableFile(DAMAGED) from None


def _records(book: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    end = len(book) - 3
    while place < end:
        kind, length = struct.unpack_from("<HH", book, place)
        yield kind, book[place + 4 : place + 4 + length]
        place += 4 + length


def _bounds(book: bytes) -> list[tuple[int, int]]:
    found = []
    for kind, body in _records(book, 0):
        if kind == _BOUNDSHEET:
            found.append((int.from_bytes(body[:4], "little"), body[5]))
        elif kind == _EOF:
            break
    return found


def _blank_texts(book: bytes) -> frozenset[int]:
    """Places in the table of shared texts that hold an empty one: cells that show nothing."""
    pieces: list[bytes] = []
    for kind, body in _records(book, 0):
        if kind == _SST:
            pieces = [body]
        elif kind == _CONTINUE and pieces:
            pieces.append(body)
        elif pieces or kind == _EOF:
            break
    if not pieces:
        return frozenset()
    count = int.from_bytes(pieces[0][4:8], "little")
    texts = _Texts(pieces)
    blank = set()
    for place in range(count):
        if texts.at_end():
            break
        if not texts.skip_text():
            blank.add(place)
    return frozenset(blank)


class _Texts:
    """Walks shared texts over record boundaries: letters that go on in the next record begin there with a new width."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces, self._piece, self._place = pieces, 0, 8

    def at_end(self) -> bool:
        """Whether no record is left."""
        return self._piece >= len(self._pieces) or (self._piece == len(self._pieces) - 1 and self._place >= len(self._pieces[-1]))

    def skip_text(self) -> int:
        """Pass over one text and answer how many letters it has."""
        letters = int.from_bytes(self._take(2), "little")
        flags = self._take(1)[0]
        runs = int.from_bytes(self._take(2), "little") if flags & _RICH else 0
        more = int.from_bytes(self._take(4), "little") if flags & _PHONETIC else 0
        self._skip_letters(letters, 2 if flags & _WIDE else 1)
        self._take(4 * runs + more)
        return letters

    def _skip_letters(self, letters: int, width: int) -> None:
        while letters:
            if self._place >= len(self._pieces[self._piece]):
                self._piece, self._place = self._piece + 1, 0
                width = 2 if self._take(1)[0] & _WIDE else 1
            here = min(letters, (len(self._pieces[self._piece]) - self._place) // width)
            if not here:
                raise ValueError("a letter is cut in two")
            self._place += here * width
            letters -= here

    def _take(self, count: int) -> bytes:
        taken = b""
        while len(taken) < count:
            piece = self._pieces[self._piece]
            part = piece[self._place : self._place + count - len(taken)]
            taken, self._place = taken + part, self._place + len(part)
            if len(taken) < count:
                self._piece, self._place = self._piece + 1, 0
        return taken


def _scan_sheet(book: bytes, place: int, blank: frozenset[int]) -> SheetScan:
    scan, rows, depth, waiting = SheetScan(), set[int](), 0, (0, 0)
    for kind, body in _records(book, place):
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            scan.filled = len(rows)
            return scan
        if depth > 1:  # a chart inside the sheet has records of its own
            continue
        if kind == _ROW and len(body) > _ROW_FLAGS and body[_ROW_FLAGS] & _HIDDEN_ROW:
            scan.hidden_rows.append(int.from_bytes(body[:2], "little") + 1)
        elif kind == _STRING:
            _see(scan, rows, waiting, int(body[:2] != b"\0\0"))
        elif kind in _CELLS:
            row, column = struct.unpack_from("<HH", body)
            waiting = (row + 1, column)
            fault = _fault(kind, body)
            if fault:
                scan.faults.setdefault(row + 1, {})[column] = fault
            _see(scan, rows, waiting, 1 if fault else _shown(kind, body, blank))
    raise ValueError("the sheet has no end")


def _see(scan: SheetScan, rows: set[int], at: tuple[int, int], cells: int) -> None:
    if cells:
        row, column = at
        scan.see(row, column)
        scan.see(row, column + cells - 1)
        scan.values += cells
        rows.add(row)


def _fault(kind: int, body: bytes) -> Fault | None:
    if kind == _BOOLERR and body[7]:
        return Fault(ERRORS.get(body[6], "#ERROR"))
    if kind != _FORMULA:
        return None
    result = body[6:14]
    if result[6:] == b"\xff\xff":
        return Fault(ERRORS.get(result[2], "#ERROR")) if result[0] == 2 else None  # noqa: PLR2004 - 2 says that an error follows
    return Fault(FORMULA) if result == _UNCALCULATED and body[14] & _ALWAYS_CALCULATE else None


def _shown(kind: int, body: bytes, blank: frozenset[int]) -> int:
    """How many cells of a record show something: one or none, or several numbers side by side."""
    if kind == _LABELSST:
        return int(int.from_bytes(body[6:10], "little") not in blank)
    if kind in {_LABEL, _RSTRING}:
        return int(body[6:8] != b"\0\0")
    if kind == _FORMULA and body[12:14] == b"\xff\xff":
        return int(body[6] == 1)  # a truth value; a text stands in the next record
    return (len(body) - 6) // 6 if kind == _MULRK else 1
