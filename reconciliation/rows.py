"""The rows of a sheet kept by column, a batch at a time: a million rows in little room, each made into values when somebody looks at it."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Generic, Protocol, TypeVar

from reconciliation.cells import Fault, Moment, Row, Value
from reconciliation.listed import Listed

BETWEEN = "\x1f"
AT_ONCE = 2048
_SPACED = (f" {BETWEEN}", f"{BETWEEN} ", "\t", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e")
_MOST_KEPT = 1 << 16
_Key = TypeVar("_Key", bound=Hashable)
_Found = TypeVar("_Found")


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


_MADE: dict[str, Callable[[str], Value]] = {"s": str, "d": _number, "i": int, "b": bool, "m": Moment, "f": Fault}


class Column(Protocol):
    """The values of one column of a batch, in the form they are kept in."""

    @property
    def text(self) -> str | None:
        """All values joined by BETWEEN, where they are all text; else None."""

    def values(self) -> Sequence[Value]:
        """The values themselves, made anew each time."""


@dataclass(frozen=True, slots=True)
class Texts:
    """A column of text alone, joined by BETWEEN, which none of the texts holds."""

    text: str

    def values(self) -> Sequence[Value]:
        """The texts."""
        return self.text.split(BETWEEN)


@dataclass(frozen=True, slots=True)
class Blanks:
    """A column in which nothing stands."""

    count: int

    @property
    def text(self) -> str:
        """Nothing, so many times."""
        return BETWEEN * (self.count - 1)

    def values(self) -> Sequence[Value]:
        """Empty texts."""
        return [""] * self.count


@dataclass(frozen=True, slots=True)
class Floats:
    """A column of numbers alone."""

    numbers: array[float]
    text: None = None

    def values(self) -> Sequence[Value]:
        """The numbers."""
        return self.numbers.tolist()


@dataclass(frozen=True, slots=True)
class Mixed:
    """A column of cells of several kinds: one letter each, and their texts joined by BETWEEN."""

    kinds: str
    joined: str
    text: None = None

    def values(self) -> Sequence[Value]:
        """The values. Raises KeyError and ValueError for letters and texts that stand for none."""
        return made(self.kinds, self.joined.split(BETWEEN))


@dataclass(frozen=True, slots=True)
class Values:
    """A column whose values are at hand as they are."""

    at_hand: Sequence[Value]
    text: None = None

    def values(self) -> Sequence[Value]:
        """The values."""
        return self.at_hand


def made(kinds: Iterable[str], texts: Iterable[str]) -> list[Value]:
    """Values from the letters of their kinds and their texts. Raises KeyError and ValueError for what stands for none."""
    return [_MADE[kind](text) for kind, text in zip(kinds, texts, strict=True)]


class Batch:
    """Some rows one below the other, by column."""

    __slots__ = ("columns", "count")

    def __init__(self, count: int, columns: Sequence[Column]) -> None:
        self.count, self.columns = count, columns

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Batch:
        """The batch of rows that are at hand."""
        return cls(len(rows), [Values(values) for values in zip_longest(*rows, fillvalue="")])

    def column(self, place: int) -> Column:
        """One column, counted from 0; a blank one beyond the last."""
        return self.columns[place] if 0 <= place < len(self.columns) else Blanks(self.count)

    def rows(self) -> list[Row]:
        """The rows, each without the blanks at its end."""
        if not self.columns:
            return [[] for _ in range(self.count)]
        rows = [list(row) for row in zip(*(column.values() for column in self.columns), strict=True)]
        for row in rows:
            while row and row[-1] == "":
                row.pop()
        return list[Row](rows)


class Rows(Listed[Row]):
    """Every row of a sheet, `rows[0]` the first. One row, or a part, is made when it is asked for, and the last batch asked for is kept."""

    __slots__ = ("_batches", "_count", "_last", "_starts")

    def __init__(self, batches: Iterable[Batch] = ()) -> None:
        self._batches: list[Batch] = []
        self._starts: list[int] = []
        self._count = 0
        self._last: tuple[int, list[Row]] = (-1, [])
        for batch in batches:
            self.add(batch)

    def add(self, batch: Batch) -> None:
        """Put a batch of rows below those that are here."""
        if batch.count:
            self._batches.append(batch)
            self._starts.append(self._count)
            self._count += batch.count

    def batches(self) -> Iterator[tuple[int, Batch]]:
        """Every batch with the place of its first row, counted from 0."""
        return zip(self._starts, self._batches, strict=True)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Row]:
        for batch in self._batches:
            yield from batch.rows()

    def _at(self, place: int) -> Row:
        which = bisect_right(self._starts, place) - 1
        if which != self._last[0]:
            self._last = (which, self._batches[which].rows())
        return self._last[1][place - self._starts[which]]


def batches_of(rows: Sequence[Row], first: int = 0) -> Iterator[tuple[int, Batch]]:
    """The batches of any sheet's rows from one place on, with the place of each batch's first row; the first one may begin before it."""
    if isinstance(rows, Rows):
        yield from ((start, batch) for start, batch in rows.batches() if start + batch.count > first)
        return
    for start in range(first, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        yield start, Batch.of(part)


def are_plain(joined: str) -> bool:
    """Whether folding would leave every one of these joined texts as it is."""
    ends = joined[:1], joined[-1:]
    return joined.isascii() and " " not in ends and not any(mark in joined for mark in _SPACED)


class Kept(dict[_Key, _Found], Generic[_Key, _Found]):
    """What was made of each value that stands in a column; it forgets everything when there are too many."""

    def __init__(self, make: Callable[[_Key], _Found]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: _Key) -> _Found:
        if len(self) >= _MOST_KEPT:
            self.clear()
        self[key] = made = self._make(key)
        return made
