"""How rows travel from the child that reads a file to the process that counts: batches of columns as text, and nothing that could be run."""

from __future__ import annotations

import json
import math
import struct
from array import array
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import zip_longest
from typing import TypeVar

from reconciliation.cells import Fault, Moment
from reconciliation.rows import AT_ONCE, BETWEEN, Batch, Blanks, Column, Floats, Mixed, Texts, Values, made

MOST_BYTES = 256 * 1024**2
_CELLS = 65536
_MOST_COLUMNS = 1 << 14
_HEAD, _COLUMN = struct.Struct("<II"), struct.Struct("<cI")
_Counted = TypeVar("_Counted", bound=Sequence[object])
_BLANK, _TEXT, _FLOATS, _MIXED, _SPELLED = b"-", b"t", b"d", b"m", b"j"
_BETWEEN = BETWEEN.encode()
Packed = tuple[bytes, bytes]  # a column: how it is kept, and its bytes
BLANK: Packed = (_BLANK, b"")


class Garbled(ValueError):
    """Bytes that are no batch of rows."""


def rows_at_once(width: int) -> int:
    """How many rows of a table make one batch: enough to be quick, few enough to stay small."""
    return max(1, min(AT_ONCE, _CELLS // max(width, 1)))


def packs(rows: Sequence[Sequence[object]], left: int = 0) -> Iterator[bytes]:
    """Rows as batches of bytes, shorter ones filled up with blanks; several where one would be long, or mostly blanks. left: blank columns before."""
    packed = b"" if len(rows) > 1 and _is_mostly_blank(rows) else _pack(rows, left)
    if packed and (len(packed) <= MOST_BYTES or len(rows) == 1):
        yield packed
        return
    half = len(rows) // 2
    yield from packs(rows[:half], left)
    yield from packs(rows[half:], left)


def one_sheet(name: str, rows: Sequence[Sequence[object]]) -> Iterator[dict[str, object] | bytes]:
    """A file of one visible sheet as a reader sends it on: the sheet, then its rows in batches."""
    yield {"sheet": name, "hidden": False, "merges": [], "hidden_rows": []}
    for start in range(0, len(rows), AT_ONCE):
        yield from packs(rows[start : start + AT_ONCE])


def _is_mostly_blank(rows: Sequence[Sequence[object]]) -> bool:
    lengths = list(map(len, rows))
    return len(rows) * max(lengths) > 4 * (sum(lengths) + _CELLS)


def _pack(rows: Sequence[Sequence[object]], left: int) -> bytes:
    return framed(len(rows), [BLANK] * left + [_packed(values) for values in zip_longest(*rows, fillvalue="")])


def framed(count: int, columns: Sequence[Packed]) -> bytes:
    """A batch of so many rows, from its columns."""
    parts = [_HEAD.pack(count, len(columns))]
    for style, content in columns:
        parts += (_COLUMN.pack(style, len(content)), content)
    return b"".join(parts)


def columns(count: int, given: Sequence[Sequence[str]]) -> bytes:
    """A batch of so many rows, from columns of text in which BETWEEN does not stand."""
    return framed(count, [joined(_encoded(BETWEEN.join(column)), count) for column in given])


def texts(each: Sequence[bytes]) -> Packed:
    """A column of text alone, given in UTF-8; none holds BETWEEN."""
    return joined(_BETWEEN.join(each), len(each))


def joined(content: bytes, count: int) -> Packed:
    """The same of texts that are joined by BETWEEN already."""
    return (_TEXT, content) if len(content) >= count else BLANK


def floats(numbers: array[float]) -> Packed:
    """A column of finite numbers alone."""
    return _FLOATS, numbers.tobytes()


def mixed(kinds: str, each: Sequence[bytes]) -> Packed:
    """A column of several kinds: "s" for a text, "d" for a number, and what each says in UTF-8."""
    return _MIXED, kinds.encode() + _BETWEEN.join(each)


def _packed(values: tuple[object, ...]) -> Packed:
    kinds = set(map(type, values))
    if kinds == {str}:
        text = BETWEEN.join(values)  # type: ignore[arg-type]  # they are all text
        if text.count(BETWEEN) == len(values) - 1:
            return (_TEXT, _encoded(text)) if len(text) >= len(values) else BLANK
    if kinds == {float}:
        numbers = array("d", values)  # type: ignore[type-var]  # they are all numbers
        if math.isfinite(sum(numbers)):  # type: ignore[arg-type]
            return _FLOATS, numbers.tobytes()
    said = [_said(value) for value in values]
    marks, texts = "".join(mark for mark, _ in said), [text for _, text in said]
    joined = BETWEEN.join(texts)
    if joined.count(BETWEEN) == len(values) - 1:
        return _MIXED, marks.encode() + _encoded(joined)
    return _SPELLED, json.dumps([marks, texts]).encode()


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _said(value: object) -> tuple[str, str]:
    """A cell as one letter for its kind and its exact text."""
    if value is None or isinstance(value, str):
        return "s", value or ""
    if isinstance(value, bool):
        return "b", "1" if value else ""
    if isinstance(value, int):
        return "i", str(value)
    if isinstance(value, float):
        return ("d", repr(value)) if math.isfinite(value) else ("f", str(value))
    if isinstance(value, Fault):
        return "f", value.code
    return "m", _moment(value)


def _moment(value: object) -> str:
    if isinstance(value, Moment):
        return value.iso
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    raise TypeError(type(value).__name__)


def unpack(packed: bytes) -> Batch:
    """The batch of rows that these bytes are. Raises Garbled for any others, as a child that a file broke may send anything."""
    try:
        count, width = _HEAD.unpack_from(packed)
        if not 0 < count <= AT_ONCE or width > _MOST_COLUMNS:
            raise Garbled
        columns, at = [], _HEAD.size
        for _ in range(width):
            style, length = _COLUMN.unpack_from(packed, at)
            at += _COLUMN.size
            columns.append(_column(style, packed[at : at + length], count))
            at += length
    except (struct.error, ValueError, KeyError, TypeError, OverflowError):
        raise Garbled from None
    if at != len(packed):
        raise Garbled
    return Batch(count, columns)


def _column(style: bytes, content: bytes, count: int) -> Column:
    if style == _BLANK and not content:
        return Blanks(count)
    if style == _FLOATS:
        numbers = array("d", content)
        if not math.isfinite(sum(numbers)):
            raise Garbled
        return Floats(_counted(numbers, count))
    if style == _TEXT:
        return Texts(_joined(content, count))
    if style == _MIXED:
        mixed = Mixed(content[:count].decode("ascii"), _joined(content[count:], count))
        _counted(mixed.values(), count)  # what cannot be made into values is refused here and not where it is read
        return mixed
    if style == _SPELLED:
        return Values(_counted(made(*json.loads(content)), count))
    raise Garbled


def _joined(content: bytes, count: int) -> str:
    text = content.decode("utf-8", "surrogatepass")
    if text.count(BETWEEN) != count - 1:
        raise Garbled
    return text


def _counted(values: _Counted, count: int) -> _Counted:
    if len(values) != count:
        raise Garbled
    return values
