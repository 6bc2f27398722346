"""Exchange is exact, and its rounding stands where everybody sees it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation.exchange import UnreadableRate, back, exchanged, foot, rate, rounded, shown

RATES = st.decimals(min_value="0.0001", max_value="100000", places=4).filter(bool).map(Fraction)


def test_an_amount_keeps_the_decimals_of_both_currencies():
    assert exchanged(14_125, "KES", rate("141.25"), "EUR") == 100
    assert exchanged(1_000_000, "UGX", rate("4000"), "EUR") == 25_000
    assert exchanged(1_250_500, "JOD", rate("0.7125"), "EUR") == Fraction(12505, 10) / Fraction("0.7125") * 100


@given(RATES)
def test_a_rate_is_shown_as_it_was_typed(for_one: Fraction):
    assert rate(shown(for_one)) == for_one
    assert shown(rate("0.0500")) == "0.05"
    assert shown(rate("140")) == "140"


@pytest.mark.parametrize("text", ["", "0", "0.00", "-1", "1e3", "1/3", "abc", "Infinity", "1." + "1" * 11])
def test_what_is_not_an_exact_positive_rate_is_refused(text: str):
    with pytest.raises(UnreadableRate):
        rate(text)


def test_halves_go_to_the_even_unit_in_both_directions():
    assert [rounded(Fraction(half, 2)) for half in (-5, -3, -1, 1, 3, 5)] == [-2, -2, 0, 0, 2, 2]


@given(st.lists(st.integers(-(10**12), 10**12), max_size=30), RATES)
def test_parts_and_the_line_of_differences_always_make_the_total(amounts: list[int], for_one: Fraction):
    exact = [exchanged(minor, "KES", for_one, "EUR") for minor in amounts]

    found = foot(exact)

    assert sum(found.parts) + found.difference == found.total
    assert abs(found.difference) <= len(amounts) + 1
    assert all(abs(part - one) <= Fraction(1, 2) for part, one in zip(found.parts, exact, strict=True))


@given(st.integers(-(10**12), 10**12), RATES)
def test_what_comes_and_what_goes_round_to_the_same(minor: int, for_one: Fraction):
    assert rounded(exchanged(-minor, "KES", for_one, "EUR")) == -rounded(exchanged(minor, "KES", for_one, "EUR"))


@given(st.integers(-(10**12), 10**12), RATES)
def test_there_and_back_is_the_same_amount(minor: int, for_one: Fraction):
    assert back(1, "EUR", for_one, "KES") * exchanged(minor, "KES", for_one, "EUR") == minor
