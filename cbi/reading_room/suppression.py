"""Tables of counts that can be published: small cells are hidden, and enough others that nobody can work them out.

A cell below ten reads "<10". If only that were hidden, its row's or column's total would give it away. So each hidden small cell gets partners:
three more cells that make a rectangle with it. Then at least two other tables fit all that is published, and the small number stays a secret.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

FEWEST = 10
_OTHER_TABLES = 2

Place = tuple[int, int]


class Shown(StrEnum):
    """How a cell reads: its number, "<10", or kept back to protect another."""

    EXACT = "exact"
    FEW = "few"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Cell:
    """A published cell. count: None unless it is shown exactly."""

    shown: Shown
    count: int | None = None


@dataclass(frozen=True, slots=True)
class CountTable:
    """A published table, totals last in both directions; None when so few people are in it that nothing can be told."""

    rows: tuple[tuple[Cell, ...], ...]


def publish(counts: Sequence[Sequence[int]], *, also_small: Sequence[Sequence[bool]] | None = None) -> CountTable | None:
    """The table with totals, made safe. counts: rows of equal length.

    also_small: cells, totals included, to protect although their own number is not small (the members of fewer than ten households).
    Raises ValueError for negative counts.
    """
    if any(count < 0 for row in counts for count in row):
        raise ValueError("a count cannot be negative")
    values = with_totals(counts)
    wide, high = len(values[0]), len(values)
    small = {(r, c) for r, c in product(range(high), range(wide)) if 0 < values[r][c] < FEWEST}
    marked = {(r, c) for r, row in enumerate(also_small or ()) for c, small_there in enumerate(row) if small_there}
    hidden = small | marked
    for place in sorted(hidden):
        rectangle = _cheapest(values, place, hidden, small)
        if rectangle is None:
            return None
        hidden |= rectangle
    return CountTable(tuple(tuple(_cell(values[r][c], (r, c), hidden, small) for c in range(wide)) for r in range(high)))


def with_totals(counts: Sequence[Sequence[int]]) -> list[list[int]]:
    """The counts with a total at the end of every row, and a row of totals at the end."""
    rows = [[*row, sum(row)] for row in counts]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]] if rows else [[0]]


def _cell(value: int, place: Place, hidden: set[Place], small: set[Place]) -> Cell:
    if place in small:
        return Cell(Shown.FEW)
    return Cell(Shown.KEPT) if place in hidden else Cell(Shown.EXACT, value)


def _cheapest(values: list[list[int]], place: Place, hidden: set[Place], small: set[Place]) -> set[Place] | None:
    """The rectangle that protects a cell and hides the fewest people more; None when there is none."""
    good = (corners for corners in _rectangles(values, place) if _room_to_move(values, corners, small) >= _OTHER_TABLES)
    found = min(good, key=lambda corners: (sum(values[r][c] for r, c in corners if (r, c) not in hidden), corners), default=None)
    return None if found is None else set(found)


def _rectangles(values: list[list[int]], place: Place) -> Iterator[tuple[Place, Place, Place, Place]]:
    """Every rectangle with a corner here: this cell, its row neighbour, the opposite corner, its column neighbour."""
    row, column = place
    for other_row, other_column in product(range(len(values)), range(len(values[0]))):
        if other_row != row and other_column != column:
            yield (place, (row, other_column), (other_row, other_column), (other_row, column))


def _room_to_move(values: list[list[int]], corners: tuple[Place, Place, Place, Place], small: set[Place]) -> int:
    """How many other tables fit: one more here is one less at the neighbours and one more opposite, so that all sums stay.

    It holds for corners among the totals too, with their signs turned, since a total and one of its parts move together.
    """
    last_row, last_column = len(values) - 1, len(values[0]) - 1
    up = down = FEWEST
    for turn, (r, c) in zip((1, -1, 1, -1), corners, strict=True):
        low, high = _could_be(values[r][c], few=(r, c) in small)
        sign = turn * (-1 if r == last_row else 1) * (-1 if c == last_column else 1)
        above, below = high - values[r][c], values[r][c] - low
        up, down = min(up, above if sign > 0 else below), min(down, below if sign > 0 else above)
    return max(0, up) + max(0, down)


def _could_be(value: int, *, few: bool) -> tuple[int, int]:
    """Between which numbers a hidden cell lies for somebody who knows how we hide: a cell kept back is not one to nine, or it would say so."""
    if few:
        return 1, FEWEST - 1
    return (FEWEST, 10**9) if value else (0, 0)
