"""Looks through the records of an .xlsb by itself: which rows hold a value, what could not be calculated, what is hidden."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from reconciliation.cells import FORMULA, Fault
from reconciliation.formats import DAMAGED
from reconciliation.scan import SheetScan
from reconciliation.sheets import UnreadableFile
from reconciliation.xlsscan import ERRORS
from reconciliation.zipscan import joined, relations

# Record types of [MS-XLSB] 2.3.
_ROW, _ERROR, _BOOL, _NUMBER, _TEXT, _SHARED = 0, 3, 4, 5, 6, 7
_SHORT = 2
_FORMULA_TEXT, _FORMULA_NUMBER, _FORMULA_BOOL, _FORMULA_ERROR = 8, 9, 10, 11
_RICH_TEXT, _SHARED_ITEM, _SHEET, _BEGIN_CELLS, _END_CELLS = 62, 19, 156, 145, 146
_VALUES = frozenset({_SHORT, _BOOL, _NUMBER, _FORMULA_NUMBER, _FORMULA_BOOL})
_TEXTS = frozenset({_TEXT, _FORMULA_TEXT})
_CELLS = _VALUES | _TEXTS | {_ERROR, _SHARED, _FORMULA_ERROR, _RICH_TEXT}
_HIDDEN_ROW, _ALWAYS_CALCULATE = 0x10, 0x02
_BLOCK = 1 << 20
_LARGEST_RECORD = 64 * 1024**2
_SHEET_PARTS = 64 * 1024**2
_UNCALCULATED = struct.pack("<d", 0.0)


def scan_sheets(source: IO[bytes]) -> dict[str, SheetScan]:
    """What each worksheet holds, by its name. Call check_archive first; raises UnreadableFile for records that do not fit each other."""
    source.seek(0)
    try:
        with zipfile.ZipFile(source) as archive:
            names = set(archive.namelist())
            blank = _blank_texts(archive, names)
            parts = {name: part for name, part in _sheet_parts(archive) if part in names}
            return {name: _scan_sheet(archive, part, blank) for name, part in parts.items()}
    except (KeyError, ValueError, IndexError, struct.error, UnicodeDecodeError, zipfile.BadZipFile, zlib.error, EOFError):
        raise UnreadableFile(DAMAGED) from None


def _records(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    data, place = stream.read(_BLOCK), 0
    while data:
        if len(data) - place < 8:  # noqa: PLR2004 - the longest head of a record has six bytes
            data, place = data[place:] + stream.read(_BLOCK), 0
            if not data:
                return
        kind = data[place]
        place += 1
        if kind & 0x80:
            kind, place = kind & 0x7F | data[place] << 7, place + 1
        length = shift = 0
        while True:
            byte = data[place]
            place, length, shift = place + 1, length | (byte & 0x7F) << shift, shift + 7
            if byte < 0x80 or shift > 21:  # noqa: PLR2004 - seven bits a byte, four bytes at most
                break
        if length > _LARGEST_RECORD:
            raise ValueError("a record of impossible length")
        while len(data) - place < length:
            more = stream.read(max(_BLOCK, length))
            if not more:
                raise ValueError("a record ends before its length")
            data, place = data[place:] + more, 0
        yield kind, data[place : place + length]
        place += length


def _sheet_parts(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    targets = relations(archive, "xl/_rels/workbook.bin.rels")
    parts = []
    with archive.open("xl/workbook.bin") as stream:
        for kind, body in _records(stream):
            if kind == _SHEET:
                key, rest = _wide(body, 8)
                name, _ = _wide(body, rest)
                parts.append((name, joined("xl", targets.get(key, ""))))
    return parts


def _wide(body: bytes, place: int) -> tuple[str, int]:
    length = int.from_bytes(body[place : place + 4], "little") * 2
    return body[place + 4 : place + 4 + length].decode("utf-16-le"), place + 4 + length


def _blank_texts(archive: zipfile.ZipFile, names: set[str]) -> frozenset[int]:
    if "xl/sharedStrings.bin" not in names:
        return frozenset()
    with archive.open("xl/sharedStrings.bin") as stream:
        items = (body for kind, body in _records(stream) if kind == _SHARED_ITEM)
        return frozenset(place for place, body in enumerate(items) if body[1:5] == b"\0\0\0\0")


def _scan_sheet(archive: zipfile.ZipFile, part: str, blank: frozenset[int]) -> SheetScan:
    scan, filled, row, inside = SheetScan(), set[int](), 0, False
    with archive.open(part) as stream:
        for kind, body in _records(stream):
            if kind in {_BEGIN_CELLS, _END_CELLS}:
                inside = kind == _BEGIN_CELLS
            elif kind == _ROW and inside:
                row = int.from_bytes(body[:4], "little") + 1
                if body[11] & _HIDDEN_ROW:
                    scan.hidden_rows.append(row)
            elif inside and kind in _CELLS:
                column = int.from_bytes(body[:4], "little")
                fault = _fault(kind, body)
                if fault:
                    scan.faults.setdefault(row, {})[column] = fault
                if fault or _shows(kind, body, blank):
                    scan.see(row, column)
                    scan.values += 1
                    filled.add(row)
    scan.filled = len(filled)
    return scan


def _fault(kind: int, body: bytes) -> Fault | None:
    if kind in {_ERROR, _FORMULA_ERROR}:
        return Fault(ERRORS.get(body[8], "#ERROR"))
    if kind == _FORMULA_NUMBER and body[8:16] == _UNCALCULATED and body[16] & _ALWAYS_CALCULATE:
        return Fault(FORMULA)
    return None


def _shows(kind: int, body: bytes, blank: frozenset[int]) -> bool:
    if kind == _SHARED:
        return int.from_bytes(body[8:12], "little") not in blank
    if kind == _RICH_TEXT:
        return body[9:13] != b"\0\0\0\0"
    return kind in _VALUES or body[8:12] != b"\0\0\0\0"
