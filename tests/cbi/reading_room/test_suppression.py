from __future__ import annotations

from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cbi.reading_room.suppression import FEWEST, CountTable, Shown, publish, with_totals

TABLES = st.integers(2, 4).flatmap(
    lambda wide: st.lists(st.lists(st.integers(0, 60), min_size=wide, max_size=wide), min_size=2, max_size=4)
)


def read(table: CountTable | None) -> list[list[str]]:
    assert table is not None
    words = {Shown.FEW: "<10", Shown.KEPT: "kept"}
    return [[words.get(cell.shown, str(cell.count)) for cell in row] for row in table.rows]


def fits(values: list[list[int]], table: CountTable) -> bool:
    """Whether somebody who knows how we hide would believe this table."""
    whole = [[*row[:-1], sum(row[:-1])] for row in values]
    if whole != values or [sum(column) for column in zip(*values[:-1], strict=True)] != values[-1]:
        return False
    may = {
        Shown.EXACT: lambda value, cell: value == cell.count,
        Shown.FEW: lambda value, _cell: 0 < value < FEWEST,
        Shown.KEPT: lambda value, _cell: value == 0 or value >= FEWEST,
    }
    return all(
        may[cell.shown](value, cell) for row, line in zip(values, table.rows, strict=True) for value, cell in zip(row, line, strict=True)
    )


def beliefs(counts: list[list[int]], table: CountTable, place: tuple[int, int]) -> set[int]:
    """The numbers a cell could have for a reader, trying every exchange between two rows and two columns of the inner table."""
    found = set()
    rows, columns = range(len(counts)), range(len(counts[0]))
    moves: list[list[tuple[int, int, int]]] = [[]]
    moves += [
        [(r, c, t), (r, d, -t), (s, d, t), (s, c, -t)]
        for r, s, c, d in product(rows, rows, columns, columns)
        for t in (1, 2, 3)
        if r != s and c != d
    ]
    moves += [[(r, c, t), (s, c, -t)] for r, s, c in product(rows, rows, columns) for t in (1, 2, 3) if r != s]
    moves += [[(r, c, t), (r, d, -t)] for r, c, d in product(rows, columns, columns) for t in (1, 2, 3) if c != d]
    moves += [[(r, c, t)] for r, c in product(rows, columns) for t in (-3, -2, -1, 1, 2, 3)]
    for move in moves:
        other = [list(row) for row in counts]
        for r, c, t in move:
            other[r][c] += t
        if all(value >= 0 for row in other for value in row) and fits(with_totals(other), table):
            found.add(with_totals(other)[place[0]][place[1]])
    return found


def test_a_table_without_small_cells_is_published_whole_with_its_totals():
    assert read(publish([[10, 20], [30, 40]])) == [["10", "20", "30"], ["30", "40", "70"], ["40", "60", "100"]]


def test_a_small_cell_reads_less_than_ten_and_gets_three_partners():
    shown = read(publish([[4, 50, 60], [70, 80, 90], [20, 30, 40]]))

    assert shown[0][0] == "<10"
    assert sum(cell == "kept" for row in shown for cell in row) == 3
    assert shown[3][3] == "444"


def test_nobody_can_subtract_their_way_to_a_small_cell():
    counts = [[4, 50], [70, 80]]
    table = publish(counts)
    assert table is not None

    assert len(beliefs(counts, table, (0, 0))) >= 3


@settings(max_examples=150, deadline=None)
@given(TABLES)
def test_a_hidden_small_number_could_always_be_at_least_two_others(counts: list[list[int]]):
    table = publish(counts)
    assume(table is not None)
    assert table is not None

    assert fits(with_totals(counts), table)
    for r, row in enumerate(table.rows):
        for c, cell in enumerate(row):
            assert cell.shown is not Shown.FEW or len(beliefs(counts, table, (r, c))) >= 3


@given(TABLES)
def test_no_small_number_is_ever_shown_and_every_shown_number_is_true(counts: list[list[int]]):
    table = publish(counts)
    assume(table is not None)
    assert table is not None

    for row, line in zip(with_totals(counts), table.rows, strict=True):
        for value, cell in zip(row, line, strict=True):
            assert cell.shown is not Shown.EXACT or (cell.count == value and not 0 < value < FEWEST)
            assert (cell.shown is Shown.FEW) == (0 < value < FEWEST)


def test_a_table_that_cannot_be_protected_is_not_published_at_all():
    assert publish([[5], [0]], also_small=[[False], [True]]) is None


def test_a_cell_whose_households_are_few_is_kept_back_though_its_members_are_many():
    shown = read(publish([[37, 500], [600, 700]], also_small=[[True, False], [False, False]]))

    assert shown[0][0] == "kept"


def test_no_site_at_all_is_an_empty_table():
    assert read(publish([])) == [["0"]]


def test_a_negative_count_is_a_mistake():
    with pytest.raises(ValueError, match="negative"):
        publish([[-1]])
