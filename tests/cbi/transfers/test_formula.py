from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cbi.transfers.formula import Formula

MINOR = st.integers(0, 10**9)


@given(MINOR, MINOR, st.integers(0, 20), MINOR, st.integers(1, 40))
def test_an_amount_is_base_and_counted_members_cut_at_the_ceiling(base: int, each: int, limit: int, above: int, members: int):
    shown = Formula(base, each, limit, base + above, "KES").for_members(members)

    assert shown.counted == min(members, limit)
    assert shown.amount_minor == min(base + each * shown.counted, base + above)
    assert shown.capped == (base + each * shown.counted > base + above)


@given(MINOR, MINOR, st.integers(0, 20), MINOR, st.integers(1, 40))
def test_one_more_member_never_means_less(base: int, each: int, limit: int, above: int, members: int):
    formula = Formula(base, each, limit, base + above, "KES")

    assert formula.amount(members + 1) >= formula.amount(members)


def test_three_members_are_due_what_the_page_says():
    formula = Formula(450_000, 125_000, 8, 1_450_000, "KES", basket_minor=2_000_000)

    assert formula.amount(3) == 825_000
    assert formula.amount(9) == formula.amount(8) == 1_450_000
