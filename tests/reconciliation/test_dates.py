"""A date that reads two ways is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation.cells import Moment
from reconciliation.dates import DateProblem, find_order, read_date


@pytest.mark.parametrize(
    ("value", "order", "iso"),
    [
        ("17/11/2026 10:02", "dmy", "2026-11-17T10:02:00"),
        ("11/17/2026 1:02:03 PM", "mdy", "2026-11-17T13:02:03"),
        ("2026-11-17T10:02:33", "", "2026-11-17T10:02:33"),
        ("2026-11-17 10:02:33.123 EAT", "", "2026-11-17T10:02:33"),
        ("04-11-26", "dmy", "2026-11-04"),
        ("04.11.2026", "mdy", "2026-04-11"),
        ("26/11/04", "ymd", "2026-11-04"),
        ("17 Nov 2026", "", "2026-11-17"),
        ("17-NOV-26 09:15", "", "2026-11-17T09:15:00"),
        ("Nov 17, 2026", "", "2026-11-17"),
        ("17 novembre 2026", "", "2026-11-17"),
        ("١٧/١١/٢٠٢٦", "dmy", "2026-11-17"),
        ("20261117100233", "", "2026-11-17T10:02:33"),
        ("17/11/2026", "", "2026-11-17"),
        (Moment("2026-11-17"), "", "2026-11-17"),
        ("", "dmy", ""),
        (None, "dmy", ""),
    ],
)
def test_a_date_is_read_by_the_declared_order(value, order, iso):
    assert read_date(value, order) == iso


@pytest.mark.parametrize(
    ("value", "order"),
    [("04/11/2026", ""), ("17/11/2026", "mdy"), ("31/02/2026", "dmy"), ("soon", "dmy"), (45977.0, "dmy"), ("04/11/2026 late", "dmy")],
)
def test_a_date_that_reads_two_ways_or_none_is_a_problem(value, order):
    with pytest.raises(DateProblem):
        read_date(value, order)


def test_a_column_decides_its_order_by_one_date_that_reads_one_way():
    assert find_order(["04/11/2026", "17/11/2026"]).order == "dmy"
    assert find_order(["04/11/2026", "11/17/2026"]).order == "mdy"
    assert find_order(["04/11/2026", "05/11/2026"]).unclear == (0, 1)
    assert find_order(["17/11/2026", "11/17/2026"]).clashing == (0, 1)


def test_real_dates_beside_written_ones_are_asked_because_a_spreadsheet_may_have_swapped_them():
    assert find_order([Moment("2026-04-11"), "17/11/2026"]).unclear == (1,)


@given(st.text(max_size=20), st.sampled_from(["", "dmy", "mdy", "ymd"]))
def test_any_text_is_a_date_or_a_problem(text, order):
    try:
        read = read_date(text, order)
    except DateProblem:
        return
    assert read == "" or read[4] == "-"
