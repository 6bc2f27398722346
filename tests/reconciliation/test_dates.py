"""A date that reads two ways is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation.cells import Fault, Moment
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
        ("17 de noviembre de 2026", "", "2026-11-17"),
        ("17 de novembro de 2026", "", "2026-11-17"),
        ("1er août 2026", "", "2026-08-01"),
        ("17th November, 2026 10:02 PM", "", "2026-11-17T22:02:00"),
        ("17 Novemba 2026", "", "2026-11-17"),
        ("17 نوفمبر 2026", "", "2026-11-17"),
        ("17 تشرين الثاني 2026", "", "2026-11-17"),
        ("17 أوت 2026", "", "2026-08-17"),
        ("১৭ জানুয়ারি ২০২৬", "", "2026-01-17"),
        ("17 ဇန်နဝါရီ 2026", "", "2026-01-17"),
        ("17/11/2026 15:03 PM", "", "2026-11-17T15:03:00"),
        ("17/11/2026 12:03 AM", "", "2026-11-17T00:03:00"),
        ("2026-11-17T23:30:00+03:00", "", "2026-11-17T23:30:00"),
        ("29/02/2028", "dmy", "2028-02-29"),
        (20261117.0, "", "2026-11-17"),
        (20261117100233, "", "2026-11-17T10:02:33"),
        ("", "dmy", ""),
        (None, "dmy", ""),
    ],
)
def test_a_date_is_read_by_the_declared_order(value, order, iso):
    assert read_date(value, order) == iso


@pytest.mark.parametrize(
    ("value", "order"),
    [
        *[("04/11/2026", ""), ("17/11/2026", "mdy"), ("31/02/2026", "dmy"), ("soon", "dmy"), (45977.0, "dmy"), ("04/11/2026 late", "dmy")],
        *[
            (45977.5, "dmy"),
            (True, "dmy"),
            ("45977", "dmy"),
            ("1763373600", "dmy"),
            ("17 Nov", "dmy"),
            ("Nov-26", "dmy"),
            ("17 mayonnaise 2026", "dmy"),
        ],
        *[
            ("17/11/2026 25:01", "dmy"),
            ("17/11/2026 10:61", "dmy"),
            ("17/11/2026 13:05 AM", "dmy"),
            ("00/00/0000", "dmy"),
            ("17/11/226", "dmy"),
        ],
        *[(Moment("10:02:00"), ""), (Moment("1 day, 2:00:00"), ""), (Moment("1899-12-31"), ""), (Fault("#N/A"), "")],
    ],
)
def test_a_date_that_reads_two_ways_or_none_is_a_problem(value, order):
    with pytest.raises(DateProblem):
        read_date(value, order)


@pytest.mark.parametrize("order", ["", "dmy", "mdy", "ymd"])
@pytest.mark.parametrize(
    "text",
    [
        "17/11/1448",
        "1448-05-26",
        "26/05/48",
        "17 محرم 1448",
        "17/11/2569",
        "2569-11-17",
        "17/11/69",
        "17 Meskerem 2019",
        "8 Hidar 2019",
        "31/12/1999",
    ],
)
def test_years_and_months_of_another_calendar_are_a_problem(text, order):
    with pytest.raises(DateProblem):
        read_date(text, order)


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
