"""Workbooks in Excel's binary form (.xlsb), record by record."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.workbooks.old_excel import Error, Formula, OldCell, OldRows, Small

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ERRORS = {"#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#NUM!": 36, "#N/A": 42}


def part(kind: int, body: bytes = b"") -> bytes:
    """One record: its kind and its length in groups of seven bits, then its body."""
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = b"", len(body)
    while True:
        length, low = length >> 7, length & 0x7F
        size += bytes([low | (0x80 if length else 0)])
        if not length:
            return head + size + body


def _wide(text: str) -> bytes:
    encoded = text.encode("utf-16-le")
    return struct.pack("<I", len(encoded) // 2) + encoded


def write_xlsb(
    path: Path, sheets: Mapping[str, OldRows], *, hidden: Sequence[str] = (), hidden_rows: Sequence[int] = (), date_1904: bool = False
) -> Path:
    """A workbook of these sheets; texts stand in their cells. hidden_rows count from 0, on every sheet."""
    book = part(131) + part(153, struct.pack("<IIB", int(date_1904), 0, 0)) + part(143)
    rels, types = "", ""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, rows) in enumerate(sheets.items(), start=1):
            book += part(156, struct.pack("<II", int(name in hidden), number) + _wide(f"rId{number}") + _wide(name))
            rels += f'<Relationship Id="rId{number}" Type="{_REL}/worksheet" Target="worksheets/sheet{number}.bin"/>'
            types += f'<Override PartName="/xl/worksheets/sheet{number}.bin" ContentType="application/vnd.ms-excel.worksheet"/>'
            archive.writestr(f"xl/worksheets/sheet{number}.bin", sheet_part(rows, hidden_rows))
        archive.writestr("xl/workbook.bin", book + part(144) + part(132))
        archive.writestr("xl/_rels/workbook.bin.rels", f'<Relationships xmlns="{_PACKAGE}/relationships">{rels}</Relationships>')
        root = f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.bin"/>'
        archive.writestr("_rels/.rels", f'<Relationships xmlns="{_PACKAGE}/relationships">{root}</Relationships>')
        main = '<Override PartName="/xl/workbook.bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{_PACKAGE}/content-types">{main}{types}</Types>')
    return path


def sheet_part(rows: OldRows, hidden_rows: Sequence[int] = ()) -> bytes:
    """The bytes of one worksheet."""
    placed = dict(rows) if isinstance(rows, Mapping) else dict(enumerate(rows))
    made = [part(129), part(148, struct.pack("<IIII", 0, 0, 0, 0)), part(145)]
    for number, cells in placed.items():
        flags = bytes([0, 0x10 if number in hidden_rows else 0, 0])
        made.append(part(0, struct.pack("<IIH", number, 0, 300) + flags + struct.pack("<I", 0)))
        made.extend(each for column, value in enumerate(cells) for each in _cell(column, value))
    return b"".join([*made, part(146), part(130)])


def _cell(column: int, value: OldCell) -> Iterator[bytes]:
    at = struct.pack("<II", column, 0)
    if isinstance(value, str):
        yield part(6, at + _wide(value))
    elif isinstance(value, bool):
        yield part(4, at + bytes([value]))
    elif isinstance(value, Error):
        yield part(3, at + bytes([_ERRORS[value.code]]))
    elif isinstance(value, Small):
        yield part(2, at + struct.pack("<i", value.number << 2 | 2))
    elif isinstance(value, Formula):
        yield _formula(at, value.result)
    elif isinstance(value, int | float):
        yield part(5, at + struct.pack("<d", value))


def _formula(at: bytes, result: float | str | Error) -> bytes:
    tokens = struct.pack("<HI", 0, 1) + b"\x16" + struct.pack("<I", 0)
    if isinstance(result, str):
        return part(8, at + _wide(result) + tokens)
    if isinstance(result, Error):
        return part(11, at + bytes([_ERRORS[result.code]]) + tokens)
    return part(9, at + struct.pack("<d", result) + tokens)
