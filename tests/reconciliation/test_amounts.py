"""Amounts are exact, and no mark is guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation.amounts import AmountProblem, Marks, find_marks, read_amount
from reconciliation.cells import FORMULA, Fault, Moment
from reconciliation.money import Money

POINT, COMMA = Marks(".", ","), Marks(",", ".")


@pytest.mark.parametrize(
    ("text", "marks", "currency", "minor"),
    [
        ("1,250.50", POINT, "KES", 125050),
        ("1.250,50", COMMA, "EUR", 125050),
        ("1 250,50", Marks(",", " "), "EUR", 125050),
        ("1\u202f250,50", Marks(",", " "), "EUR", 125050),
        ("1'250.50", Marks(".", "'"), "CHF", 125050),
        ("1,25,000", POINT, "BDT", 12500000),
        ("(1,250.00)", POINT, "KES", -125000),
        ("-75.50", POINT, "USD", -7550),
        ("75.50-", POINT, "USD", -7550),
        ("−75.50", POINT, "USD", -7550),
        ("KES 7,000", POINT, "KES", 700000),
        ("7,000 KSh", POINT, "KES", 700000),
        ("Ksh. 7,000/=", POINT, "KES", 700000),
        ("$75.50", POINT, "USD", 7550),
        ("٧٥٫٥٠", POINT, "USD", 7550),
        ("١٬٢٥٠٫٥٠", POINT, "JOD", 1250500),
        ("১২৫০", POINT, "BDT", 125000),
        ("၁၂၅၀", POINT, "MMK", 1250),
        ("１２５０", POINT, "JPY", 1250),
        ("\u200f1250\u200e", POINT, "KES", 125000),
        ("1250", Marks(), "UGX", 1250),
        ("1.250", POINT, "JOD", 1250),
    ],
)
def test_a_written_amount_is_read_exactly(text, marks, currency, minor):
    assert read_amount(text, marks, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("value", "marks", "currency"),
    [
        ("1,250", Marks(), "KES"),
        ("1.250", Marks(), "KES"),
        ("75.505", POINT, "USD"),
        ("12.5", POINT, "UGX"),
        ("1,2500", POINT, "KES"),
        ("12,50.00", POINT, "KES"),
        ("1.250,50", POINT, "KES"),
        ("seventy", POINT, "KES"),
        ("50 60", Marks(".", ","), "KES"),
        ("75.50 apples", POINT, "USD"),
        ("1e5", POINT, "USD"),
        ("Infinity", POINT, "USD"),
        ("-(50)", POINT, "USD"),
        ("", POINT, "USD"),
        (75.505, POINT, "USD"),
        (0.1 + 0.2, POINT, "USD"),
        (12.5, POINT, "UGX"),
        (1e300, POINT, "USD"),
        (True, POINT, "USD"),
        (None, POINT, "USD"),
        (Fault("#N/A"), POINT, "USD"),
        (Fault(FORMULA), POINT, "USD"),
        (Moment("2026-11-17"), POINT, "USD"),
        (50.0, POINT, ""),
    ],
)
def test_what_is_not_one_exact_amount_is_a_problem_with_what_to_do(value, marks, currency):
    with pytest.raises(AmountProblem) as problem:
        read_amount(value, marks, currency)

    assert str(problem.value)[0].islower()


# Ways in which people and programs write 1250 (shillings, of two decimals), with the marks they are written in.
SPACE, APOSTROPHE, BARE = Marks(",", " "), Marks(".", "'"), Marks()
WAYS = [
    ("1250", BARE), ("1250.00", POINT), ("1,250.00", POINT), ("1.250,00", COMMA), ("1 250,00", SPACE), ("1\u00a0250,00", SPACE),
    ("1\u202f250,00", SPACE), ("1'250.00", APOSTROPHE), ("1’250.00", APOSTROPHE), ("KES 1,250.00", POINT), ("1,250.00 KES", POINT),
    ("KSh 1,250/=", POINT), ("Ksh.1,250.00", POINT), ("1,250/-", POINT), ("1.250.-", COMMA), ("+1,250.00", POINT), ("01250", BARE),
    ("١٬٢٥٠٫٠٠", COMMA), ("١٢٥٠", BARE), ("۱٬۲۵۰", COMMA), ("১,২৫০.০০", POINT), ("၁၂၅၀", BARE), ("１,２５０.００", POINT), ("1250.0000", POINT),
    ("'1250", BARE), ("\u200f1,250.00\u200e", POINT), ("1,250.00\r\n", POINT), ("1\u2009250,00", SPACE),
]  # fmt: skip
MINUS = [
    "(1,250.00)",
    "-1,250.00",
    "1,250.00-",
    "−1,250.00",
    "-KES 1,250.00",
    "KES -1,250.00",
    "(KES 1,250.00)",
    "\u200f-1,250.00",
    "- 1,250.00",
]
NO_AMOUNT = [
    "--1,250", "KES - 1,250", "1,250 - KES", "KES-1,250", "1,250 -", "-1,250-", "-(1,250)", "1,250)", "(1,250", "[1,250]", "\u00ad1,250", "1,250.00 CR",
    "1,250.00 DR", "1.25E+03", "1.25E3", "1250½", "1250²", "①②⑤⓪", "1,250.00*", "~1250", "1250?", "12:50", "1_250", "0x4E2", "1,250 / 2", "50%", "1,,250",
    "1..250", "1. 250", "1,2 50", ".50", "NaN", "Infinity", "=1250", "1250 KES 5", "KES 1,250 USD", "1250 1250", "9" * 13, "1250 only",
]  # fmt: skip


@pytest.mark.parametrize(("text", "marks"), WAYS)
def test_every_way_of_writing_is_read_exactly_in_its_own_marks(text, marks):
    assert read_amount(text, marks, "KES") == Money(125000, "KES")


@pytest.mark.parametrize("text", [*(text for text, _ in WAYS), *MINUS, "1,250", "1.250", "1 250", "1'250", "KES 1,250"])
def test_no_way_of_writing_is_a_wrong_figure_in_any_marks(text):
    sign = -1 if text in MINUS else 1

    for marks in (BARE, POINT, COMMA, SPACE, APOSTROPHE, find_marks([text], "KES").marks):
        try:
            read = read_amount(text, marks, "KES")
        except AmountProblem:
            continue
        assert read == Money(sign * 125000, "KES")


@pytest.mark.parametrize("text", NO_AMOUNT)
@pytest.mark.parametrize("marks", [BARE, POINT, COMMA, SPACE, APOSTROPHE])
def test_what_could_be_two_figures_or_none_is_a_problem(text, marks):
    with pytest.raises(AmountProblem):
        read_amount(text, marks, "KES")


def test_three_digits_after_the_decimal_mark_are_asked_where_the_currency_has_two():
    assert find_marks(["75,50", "1,250"], "KES").unclear == (1,)
    assert find_marks(["1250,500", "1,250"], "KES").unclear == ()
    assert find_marks(["75,50", "1,250"], "JOD").unclear == ()
    with pytest.raises(AmountProblem, match="two ways"):
        read_amount("1,250", COMMA, "KES")
    assert read_amount("1,250", COMMA, "JOD") == Money(1250, "JOD")
    assert read_amount("0,250", COMMA, "KES") == Money(25, "KES")


def test_a_number_cell_is_taken_at_its_shortest_text():
    assert read_amount(75.1, Marks(), "USD") == Money(7510, "USD")
    assert read_amount(7000.0, Marks(), "KES") == Money(700000, "KES")
    assert read_amount(1250.125, Marks(), "JOD") == Money(1250125, "JOD")


def test_a_code_beside_the_number_is_the_currency_of_the_amount():
    assert read_amount("USD 50", POINT, "KES") == Money(5000, "USD")


@pytest.mark.parametrize(
    ("texts", "marks"),
    [
        (["7,000", "12,250.50"], POINT),
        (["7.000", "12.250,50"], COMMA),
        (["7,000", "1,250,000"], POINT),
        (["7.000", "75,5"], COMMA),
        (["7,000", "75.5"], POINT),
        (["1 250", "3 000,50"], Marks(",", " ")),
        (["1250.500"], POINT),
        (["0.500"], POINT),
        (["75.50", "80"], POINT),
        (["500", "600"], Marks()),
        (["٧٬٠٠٠", "٩٫٥"], POINT),
    ],
)
def test_one_amount_that_reads_one_way_decides_the_column(texts, marks):
    found = find_marks(texts, "")

    assert found.marks == marks
    assert not found.unclear
    assert not found.clashing


@pytest.mark.parametrize("text", ["1,250", "1.250"])
def test_an_amount_that_reads_two_ways_stays_unclear(text):
    assert find_marks([text, "50"], "JOD").unclear == (0,)
    assert find_marks([text], "KES").unclear == (0,)


@pytest.mark.parametrize("slip", ["12,00O", "1.250,5O", "7,0x0"])
def test_an_amount_with_a_slip_in_it_decides_nothing_for_the_column(slip):
    assert find_marks([slip, "500"], "KES").marks == Marks()
    assert find_marks([slip, "KES 1,250.50", "Ksh 75.5"], "KES").marks == POINT


def test_more_decimals_than_the_currency_has_rule_the_decimal_reading_out():
    assert find_marks(["7,500", "9,255"], "UGX").marks == POINT
    assert find_marks(["1.255"], "EUR").marks == COMMA


def test_two_ways_of_writing_in_one_column_clash():
    assert find_marks(["1,250.50", "1.250,50"], "KES").clashing == (0, 1)


@given(st.lists(st.integers(0, 10**10), min_size=1, max_size=20), st.sampled_from([(".", ","), (",", "."), (",", " "), (".", "'")]))
def test_whatever_a_column_decides_is_what_was_written(minors, style):
    decimal, thousands = style
    texts = [f"{Decimal(minor).scaleb(-2):,.2f}".translate(str.maketrans({".": decimal, ",": thousands})) for minor in minors]

    marks = find_marks(texts, "USD").marks

    assert [read_amount(text, marks, "USD").minor for text in texts] == minors


@given(st.text(max_size=30), st.sampled_from([POINT, COMMA, Marks()]))
def test_any_text_is_an_amount_or_a_problem(text, marks):
    try:
        amount = read_amount(text, marks, "KES")
    except AmountProblem:
        return
    assert abs(amount.minor) < 10**14
