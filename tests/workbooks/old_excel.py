"""Workbooks in the form of Excel 97 (.xls), record by record."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.workbooks.compound import compound

_BOF, _EOF, _DATEMODE, _BOUNDSHEET, _SST, _CONTINUE, _XF = 0x809, 0x0A, 0x22, 0x85, 0xFC, 0x3C, 0xE0
_DIMENSIONS, _ROW, _LABELSST, _NUMBER, _RK, _BOOLERR, _FORMULA, _STRING = 0x200, 0x208, 0xFD, 0x203, 0x27E, 0x205, 0x06, 0x207
_GLOBALS, _SHEET = 5, 0x10
_ERRORS = {"#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#NUM!": 36, "#N/A": 42}
_MOST = 8224
_DATED = 16  # the second cell format made below


@dataclass(frozen=True, slots=True)
class Error:
    """An error cell, such as "#N/A"."""

    code: str


@dataclass(frozen=True, slots=True)
class Dated:
    """A number shown as a date."""

    serial: float


@dataclass(frozen=True, slots=True)
class Small:
    """A whole number kept in the short form (RK) that most writers choose."""

    number: int


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula (of one missing argument) and what was last calculated for it."""

    result: float | str | Error


OldCell = str | int | float | bool | Error | Dated | Small | Formula | None
OldRows = Sequence[Sequence[OldCell]] | Mapping[int, Sequence[OldCell]]


def record(kind: int, body: bytes = b"") -> bytes:
    """One record, split into continuations where it is long."""
    parts = [body[start : start + _MOST] for start in range(0, len(body), _MOST)] or [b""]
    return b"".join(struct.pack("<HH", kind if place == 0 else _CONTINUE, len(part)) + part for place, part in enumerate(parts))


def write_xls(
    path: Path, sheets: Mapping[str, OldRows], *, hidden: Sequence[str] = (), hidden_rows: Sequence[int] = (), date_1904: bool = False
) -> Path:
    """A workbook of these sheets; a mapping of rows places them by number from 0. hidden_rows count from 0, on every sheet."""
    path.write_bytes(compound({"Workbook": stream(sheets, hidden=hidden, hidden_rows=hidden_rows, date_1904=date_1904)}))
    return path


def stream(sheets: Mapping[str, OldRows], *, hidden: Sequence[str] = (), hidden_rows: Sequence[int] = (), date_1904: bool = False) -> bytes:
    """The bytes of the Workbook stream."""
    texts: dict[str, int] = {}
    bodies = [_sheet(rows, texts, hidden_rows) for rows in sheets.values()]
    before = record(_BOF, struct.pack("<HHHHII", 0x600, _GLOBALS, 0x2000, 0x7CD, 0xC1, 0x306))
    before += record(_DATEMODE, struct.pack("<H", int(date_1904)))
    before += b"".join(_format(number) for number in (*[0] * 16, 14))
    after = _shared(texts) + record(_EOF)
    names = [_bound(name, 0, name in hidden) for name in sheets]
    place = len(before) + sum(map(len, names)) + len(after)
    bounds = b""
    for name, body in zip(sheets, bodies, strict=True):
        bounds += _bound(name, place, name in hidden)
        place += len(body)
    return before + bounds + after + b"".join(bodies)


def _format(number: int) -> bytes:
    return record(_XF, struct.pack("<HHH", 0, number, 1) + bytes(14))


def _bound(name: str, place: int, hidden: bool) -> bytes:
    wide = name.encode("utf-16-le")
    return record(_BOUNDSHEET, struct.pack("<IBBBB", place, int(hidden), 0, len(wide) // 2, 1) + wide)


def _shared(texts: Mapping[str, int]) -> bytes:
    # Letters that go on in a continuation begin there with their width again.
    records, body, kind = b"", struct.pack("<II", len(texts), len(texts)), _SST
    for text in texts:
        wide = text.encode("utf-16-le")
        if len(body) + 5 > _MOST:
            records, body, kind = records + record(kind, body), b"", _CONTINUE
        body += struct.pack("<HB", len(wide) // 2, 1)
        while len(body) + len(wide) > _MOST:
            here = (_MOST - len(body)) // 2 * 2
            records, wide, kind = records + record(kind, body + wide[:here]), wide[here:], _CONTINUE
            body = b"\1"
        body += wide
    return records + record(kind, body)


def _sheet(rows: OldRows, texts: dict[str, int], hidden_rows: Sequence[int]) -> bytes:
    placed = dict(rows) if isinstance(rows, Mapping) else dict(enumerate(rows))
    made = [record(_BOF, struct.pack("<HHHHII", 0x600, _SHEET, 0x2000, 0x7CD, 0xC1, 0x306))]
    made.append(record(_DIMENSIONS, struct.pack("<IIHHH", 0, 1, 0, 1, 0)))
    for number, cells in placed.items():
        made.append(record(_ROW, struct.pack("<HHHHHHI", number, 0, len(cells), 255, 0, 0, 0x100 | (0x20 if number in hidden_rows else 0))))
        made.extend(part for column, value in enumerate(cells) for part in _cell(number, column, value, texts))
    return b"".join([*made, record(_EOF)])


def _cell(row: int, column: int, value: OldCell, texts: dict[str, int]) -> Iterator[bytes]:
    at = struct.pack("<HHH", row, column, _DATED if isinstance(value, Dated) else 15)
    if isinstance(value, str):
        yield record(_LABELSST, at + struct.pack("<I", texts.setdefault(value, len(texts))))
    elif isinstance(value, bool):
        yield record(_BOOLERR, at + bytes([int(value), 0]))
    elif isinstance(value, Error):
        yield record(_BOOLERR, at + bytes([_ERRORS[value.code], 1]))
    elif isinstance(value, Small):
        yield record(_RK, at + struct.pack("<i", value.number << 2 | 2))
    elif isinstance(value, Formula):
        yield from _formula(at, value.result)
    elif isinstance(value, Dated):
        yield record(_NUMBER, at + struct.pack("<d", value.serial))
    elif value is not None:
        yield record(_NUMBER, at + struct.pack("<d", value))


def _formula(at: bytes, result: float | str | Error) -> Iterator[bytes]:
    tokens = struct.pack("<H", 1) + b"\x16"
    if isinstance(result, str):
        yield record(_FORMULA, at + b"\x00\0\0\0\0\0\xff\xff" + bytes(6) + tokens)
        wide = result.encode("utf-16-le")
        yield record(_STRING, struct.pack("<HB", len(wide) // 2, 1) + wide)
    elif isinstance(result, Error):
        yield record(_FORMULA, at + bytes([2, 0, _ERRORS[result.code], 0, 0, 0, 0xFF, 0xFF]) + bytes(6) + tokens)
    else:
        yield record(_FORMULA, at + struct.pack("<d", result) + bytes(6) + tokens)
