"""How figures, dates, lists and sums are told to a reader."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from cbi.web import filters
from cbi.web.footing import WIDTH, Footing, Sum, Term
from cbi.web.listing import Listing, ListingArgs, listing_args
from cbi.web.nav import Section, at
from reconciliation.money import Money
from tests.cbi.web.gallery import footing, make_app

MINOR = st.integers(min_value=-(10**15), max_value=10**15)


@pytest.mark.parametrize(
    ("minor", "currency", "words"),
    [
        (825000, "KES", "8,250.00"),
        (5, "KES", "0.05"),
        (0, "KES", "0.00"),
        (-5, "KES", "−0.05"),
        (1250500, "JOD", "1,250.500"),
        (12000, "UGX", "12,000"),
    ],
)
def test_an_amount_has_exactly_the_decimals_of_its_currency(minor: int, currency: str, words: str):
    assert filters.amount(minor, currency) == words
    assert filters.amount(Money(minor, currency)) == words
    assert filters.money(minor, currency) == f"{currency} {words}"


@given(MINOR, st.sampled_from(["KES", "UGX", "JOD"]))
def test_a_drawn_amount_reads_back_as_itself(minor: int, currency: str):
    drawn = filters.amount(minor, currency).replace("−", "-").replace(",", "")

    assert (
        Money.parse(drawn, currency).minor == minor
        if abs(minor) < 10**12
        else drawn.replace(".", "").lstrip("-0") == str(abs(minor)).lstrip("0")
    )


def test_an_amount_without_its_currency_is_a_mistake_of_the_page():
    with pytest.raises(TypeError):
        filters.amount(100)


@pytest.mark.parametrize(
    "one", [filters.amount, filters.money, filters.number, filters.day, filters.moment, filters.reference, filters.plus]
)
def test_where_nothing_can_stand_a_dash_stands(one):
    assert one(None) == "–"


@pytest.mark.parametrize(
    ("value", "currency", "words"),
    [
        (148400000, "KES", "+ 1,484,000.00"),
        (-63000000, "KES", "− 630,000.00"),
        (0, "KES", "0.00"),
        (122, None, "+ 122"),
        (-90, None, "− 90"),
        (0, None, "0"),
    ],
)
def test_a_change_shows_its_sign_and_keeps_it_in_front(value: int, currency: str | None, words: str):
    assert filters.plus(value, currency) == Markup(f'<bdi dir="ltr">{words}</bdi>')


def test_counts_are_grouped():
    assert [filters.number(one) for one in (0, 999, 12602, -7)] == ["0", "999", "12,602", "−7"]


def test_times_are_told_on_the_office_clock_and_dates_as_agreed():
    with make_app().test_request_context():
        late = filters.moment(datetime(2026, 11, 20, 22, 30, tzinfo=UTC))
        agreed = filters.day(date(2026, 11, 23))
        same_night = filters.day(datetime(2026, 11, 20, 22, 30, tzinfo=UTC))

    assert late == "21 Nov, 01:30"
    assert agreed == "23 November 2026"
    assert same_night == "21 November 2026"


def test_a_reference_cannot_become_markup():
    assert filters.reference("<b>") == Markup('<bdi class="ref">&lt;b&gt;</bdi>')


@pytest.mark.parametrize("asked", ["nothing", "-nothing", "", "risk", "-", "--amount", "number;drop"])
def test_an_unknown_order_is_passed_over_in_silence(asked: str):
    assert listing_args({"sort": asked}, sorts=("number", "amount")) == listing_args({}, sorts=("number", "amount"))


@pytest.mark.parametrize("asked", ["0", "-1", "x", "1e9", "²", "٣", "99999999999999999999", ""])
def test_a_page_nobody_can_mean_is_the_first(asked: str):
    assert listing_args({"page": asked}, sorts=("number",)).page == 1


def test_undeclared_and_empty_filters_are_passed_over():
    args = listing_args({"q": " moon ", "site": "", "band": "high"}, sorts=("number",), filters=("q", "site"))

    assert args.filters == (("q", "moon"),)


@given(st.dictionaries(st.sampled_from(["sort", "page", "q", "x"]), st.text(max_size=300)))
def test_any_address_makes_a_list_that_can_be_drawn(asked: dict[str, str]):
    args = listing_args(asked, sorts=("number", "amount"), filters=("q",))

    listing = Listing([], 0, args.within(0))

    assert listing.page == 1
    assert args.sort in ("number", "amount")
    assert listing.page_url(2).startswith("?")


@given(total=st.integers(0, 10_000), page=st.integers(1, 10_000))
def test_pages_cover_every_row_once(total: int, page: int):
    args = ListingArgs(sort="number", page=page).within(total)
    shown = min(args.size, total - args.offset)

    listing = Listing(range(shown), total, args)

    assert listing.last <= total
    assert 1 <= listing.page <= listing.pages
    assert (listing.last == total) == (listing.page == listing.pages)


def test_an_order_turns_round_and_begins_again_at_the_first_page():
    listing = Listing([], 500, listing_args({"sort": "amount", "page": "3", "q": "a b"}, sorts=("number", "amount"), filters=("q",)))

    assert listing.sort_url("amount") == "?q=a+b&sort=-amount"
    assert listing.sort_url("number") == "?q=a+b&sort=number"
    assert listing.page_url(2) == "?q=a+b&sort=amount&page=2"


@given(st.lists(st.integers(min_value=0, max_value=10**14), min_size=1, max_size=4), st.integers(min_value=-5, max_value=5))
def test_a_sum_closes_only_when_its_parts_are_the_whole(parts: list[int], off: int):
    whole = sum(parts) + off

    one = Sum("asked", Term(whole, "whole"), tuple(Term(part, "part", "open") for part in parts))

    assert one.closes == (off == 0)
    assert one.gap_minor == off
    assert Footing("KES", (one,)).foots == (off == 0)


@given(st.lists(st.integers(min_value=-(10**14), max_value=10**14), max_size=6))
def test_bars_never_overlap_nor_leave_out_what_is_not_zero(parts: list[int]):
    bars = Sum("asked", Term(0, "whole"), tuple(Term(part, "part", "held") for part in parts)).bars()

    assert len(bars) == sum(part > 0 for part in parts)
    assert all(before.x + before.width < after.x for before, after in pairwise(bars))
    assert all(bar.width >= 1 and bar.x + bar.width <= WIDTH for bar in bars)


def test_a_strip_that_does_not_foot_says_how_much_has_no_place():
    assert footing(unreadable=0).foots
    assert footing(unreadable=700000).gap_minor == 700000
    assert not footing(unreadable=-1).foots


def test_the_section_a_page_lies_in_is_marked():
    sections = (Section("Today", "/"), Section("Lists", "/lists"), Section("To approve", "/lists/approve"))

    assert [one.label for one in at(sections, "/lists/7") if one.current] == ["Lists"]
    assert [one.label for one in at(sections, "/lists/approve") if one.current] == ["To approve"]
    assert [one.label for one in at(sections, "/") if one.current] == ["Today"]
    assert [one.label for one in at(sections, "/listless") if one.current] == []


def test_time_zones_of_the_office_are_named_not_guessed():
    with make_app().test_request_context():
        noon = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)

        assert filters.moment(noon) == filters.moment(noon.astimezone(UTC) + timedelta(0)) == "1 Jan, 15:00"
