"""A profile says how a file is read; what it does not say becomes a problem at its cell."""

import json

import pytest

from reconciliation import profiles
from reconciliation.cells import FORMULA, Fault, Moment
from reconciliation.money import Money
from reconciliation.payout import Outcome
from reconciliation.profile import Profile, read_payouts
from reconciliation.sheets import UnreadableFile
from reconciliation.vocabulary import Field
from tests.workbooks.shapes import sheets_of

_MAP = {"columns": {"reference": "Ref", "amount": "Amount", "status": "Status"}, "decimal": ".", "thousands": ","}


def _profile(**change: object) -> Profile:
    return profiles.from_mapping({**_MAP, **change})


def _one(row: list, profile: Profile | None = None, headings: tuple[str, ...] = ("Ref", "Amount", "Status")):
    [payout] = read_payouts(sheets_of([list(headings), row]), profile or _profile(), "KES").payouts
    return payout


def test_a_row_becomes_a_payout_with_its_place():
    payout = _one([" TR-0001 ", "1,250.50", "SUCCESS"])

    assert (payout.reference, payout.amount, payout.outcome, payout.sheet, payout.row) == (
        "TR-0001",
        Money(125050, "KES"),
        Outcome.PAID,
        "Sheet1",
        2,
    )


@pytest.mark.parametrize(
    ("status", "outcome", "said"),
    [
        ("Paid", Outcome.PAID, ""),
        ("FAILED", Outcome.FAILED, "FAILED"),
        ("Failed - wallet closed", Outcome.FAILED, "wallet closed"),
        ("Failed: limit reached", Outcome.FAILED, "limit reached"),
        ("Pending", Outcome.FAILED, "Pending"),
        ("Reversed", Outcome.RETURNED, ""),
        ("Completed (10:02)", Outcome.PAID, ""),
    ],
)
def test_a_status_says_what_happened_and_why(status, outcome, said):
    payout = _one(["TR-1", 50.0, status])

    assert (payout.outcome, payout.raw_reason) == (outcome, said)


def test_the_providers_words_become_our_reason_and_are_kept():
    profile = _profile(columns={**_MAP["columns"], "reason": "Why"})
    headings = ("Ref", "Amount", "Status", "Why")

    closed = _one(["TR-1", 50.0, "Failed", "Receiver is barred"], profile, headings)
    pending = _one(["TR-1", 50.0, "Pending", ""], profile, headings)
    paid = _one(["TR-1", 50.0, "Paid", "thank you"], profile, headings)

    assert (closed.reason, closed.raw_reason) == ("wallet_closed", "Receiver is barred")
    assert pending.reason == "pending"
    assert (paid.reason, paid.raw_reason) == ("", "thank you")


@pytest.mark.parametrize(
    ("status", "reason"), [("Failed - wallet closed", "wallet_closed"), ("Pending", "pending"), ("FAILED", "other"), ("Paid", "")]
)
def test_a_payment_that_failed_carries_our_reason(status, reason):
    assert _one(["TR-1", 50.0, status]).reason == reason


def test_the_profiles_own_words_come_before_the_known_ones():
    profile = _profile(paid_words=["00"], failed_words=["Paid"])

    assert _one(["TR-1", 50.0, "00"], profile).outcome is Outcome.PAID
    assert _one(["TR-1", 50.0, "Paid"], profile).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        (["TR-1", "fifty", "Paid"], "B2"),
        (["TR-1", None, "Paid"], "B2"),
        (["TR-1", 50.005, "Paid"], "B2"),
        (["TR-1", Fault("#N/A"), "Paid"], "B2"),
        (["TR-1", Fault(FORMULA), "Paid"], "B2"),
        (["TR-1", 50.0, "Glimmering"], "C2"),
        (["TR-1", 50.0, None], "C2"),
        (["TR-1", 50.0, Fault("#REF!")], "C2"),
    ],
)
def test_what_decides_money_and_cannot_be_read_leaves_no_amount_and_names_the_cell(row, cell):
    payout = _one(row)

    assert payout.amount is None
    assert [problem.cell for problem in payout.problems] == [cell]
    assert "TR-1" not in payout.problems[0].fix


def test_a_phone_that_lost_its_digits_is_left_out_and_its_row_still_read():
    profile = _profile(columns={**_MAP["columns"], "phone": "Phone"})

    payout = _one(["TR-1", 50.0, "Paid", "2.54708E+11"], profile, ("Ref", "Amount", "Status", "Phone"))

    assert (payout.phone, payout.amount) == ("", Money(5000, "KES"))
    assert payout.problems == ()


def test_a_payment_of_which_only_a_phone_cut_short_says_whose_it_is_cannot_be_read():
    profile = profiles.from_mapping({"columns": {"amount": "Amount", "phone": "Phone"}})

    payout = _one([50.0, 254708000000.0], profile, ("Amount", "Phone"))

    assert payout.amount is None
    assert [problem.cell for problem in payout.problems] == ["B2"]


def test_text_and_number_references_stay_different():
    rows = [["Ref", "Amount", "Status"], ["000123", 5.0, "Paid"], [123.0, 5.0, "Paid"]]

    assert [payout.reference for payout in read_payouts(sheets_of(rows), _profile(), "KES").payouts] == ["000123", "123"]


def test_a_failed_row_without_an_amount_is_a_failure_of_nothing_paid():
    assert _one(["TR-1", None, "Failed"]).amount == Money(0, "KES")


@pytest.mark.parametrize("amount", ["-", "N/A", "nil", ""])
def test_a_sign_that_nothing_was_paid_is_no_problem_for_a_failure_and_one_for_a_payment(amount):
    assert _one(["TR-1", amount, "Failed"]).amount == Money(0, "KES")
    assert _one(["TR-1", amount, "Paid"]).amount is None


@pytest.mark.parametrize("amount", [-50.0, "(50.00)", "50.00-"])
def test_an_amount_below_zero_came_back(amount):
    payout = _one(["TR-1", amount, "Paid"])

    assert (payout.outcome, payout.amount) == (Outcome.RETURNED, Money(5000, "KES"))


def test_a_statement_that_writes_payments_with_a_minus_is_read_as_its_profile_says():
    profile = _profile(negative="paid", columns={"reference": "Ref", "amount": "Amount"})

    assert _one(["TR-1", -50.0], profile, ("Ref", "Amount")).outcome is Outcome.PAID
    assert _one(["TR-1", 50.0], profile, ("Ref", "Amount")).outcome is Outcome.RETURNED


def test_debit_was_paid_credit_came_back_and_a_line_without_money_is_no_row():
    profile = profiles.from_mapping({"columns": {"narrative": "Details", "amount": "Debit", "returned_amount": "Credit"}})
    rows = [["Details", "Debit", "Credit"], ["Brought forward", None, None], ["TRF TR-1", 50.0, None], ["REV TR-1", None, 50.0]]

    read = read_payouts(sheets_of(rows), profile, "KES")

    assert [(payout.row, payout.outcome) for payout in read.payouts] == [(3, Outcome.PAID), (4, Outcome.RETURNED)]


def test_the_currency_of_a_row_is_its_own():
    profile = _profile(columns={"reference": "Ref", "amount": "Amount", "currency": "Ccy"})

    assert _one(["TR-1", 50.0, "usd"], profile, ("Ref", "Amount", "Ccy")).amount == Money(5000, "USD")
    assert _one(["TR-1", 50.0, None], profile, ("Ref", "Amount", "Ccy")).amount == Money(5000, "KES")
    unread = _one(["TR-1", 50.0, "moonbeams"], profile, ("Ref", "Amount", "Ccy"))
    assert (unread.amount, unread.problems[0].cell) == (None, "C2")


def test_a_date_is_read_by_the_profile_or_left_with_a_problem():
    columns = {"reference": "Ref", "amount": "Amount", "date": "Date"}
    headings = ("Ref", "Amount", "Date")

    assert _one(["TR-1", 5.0, "04/11/2026"], _profile(columns=columns, date_order="dmy"), headings).date == "2026-11-04"
    assert _one(["TR-1", 5.0, Moment("2026-11-04")], _profile(columns=columns), headings).date == "2026-11-04"
    read = read_payouts(sheets_of([list(headings), ["TR-1", 5.0, "04/11/2026"]]), _profile(columns=columns), "KES")
    assert (read.payouts[0].date, read.payouts[0].amount) == ("", Money(500, "KES"))
    assert [problem.cell for problem in read.problems] == ["C2"]


def test_the_heading_is_found_where_it_stands_when_it_has_moved():
    rows = [["Letterhead"], [], ["Ref", "Amount", "Status"], ["TR-1", 5.0, "Paid"]]

    assert read_payouts(sheets_of(rows), _profile(header_row=1), "KES").payouts[0].row == 4


def test_a_column_missing_everywhere_is_one_sentence():
    with pytest.raises(UnreadableFile, match="column map"):
        read_payouts(sheets_of([["Ref", "Sum"], ["TR-1", 5.0]]), _profile(), "KES")


def test_a_typing_error_in_one_column_of_a_map_is_said_and_not_passed_over():
    profile = _profile(columns={**_MAP["columns"], "phone": "Phnoe"})

    with pytest.raises(UnreadableFile, match='no column is called "Phnoe"'):
        read_payouts(sheets_of([["Ref", "Amount", "Status", "Phone"], ["TR-1", 5.0, "Paid", "9"]]), profile, "KES")


def test_a_heading_that_stands_twice_must_be_told_apart_by_its_letter():
    rows = [["Ref", "Amount", "Amount"], ["TR-1", 5.0, 9.0]]
    columns = {"reference": "Ref", "amount": {"header": "Amount", "column": "C"}}

    assert _one(rows[1], _profile(columns=columns), ("Ref", "Amount", "Amount")).amount == Money(900, "KES")
    with pytest.raises(UnreadableFile, match="more than one"):
        read_payouts(sheets_of(rows), _profile(columns={"reference": "Ref", "amount": "Amount"}), "KES")


@pytest.mark.parametrize("profile", profiles.shipped(), ids=lambda profile: profile.name)
def test_a_profile_survives_its_own_text(profile):
    assert profiles.from_toml(profiles.to_toml(profile)) == profile
    assert profiles.from_mapping(json.loads(json.dumps(profiles.to_map(profile)))) == profile


def test_ten_profiles_are_shipped_each_with_a_fingerprint_of_its_own():
    shipped = profiles.shipped()

    assert len({profile.known_by for profile in shipped}) == len(shipped) == 10
    assert all(profile.columns[Field.AMOUNT] for profile in shipped)


@pytest.mark.parametrize(
    "source",
    [
        [],
        {},
        {"columns": {}},
        {"columns": {"reference": "Ref"}},
        {"columns": {"amount": "Amount", "amuont": "x"}},
        {"columns": {"amount": 5}},
        {"columns": {"amount": "A"}, "headerrow": 1},
        {"columns": {"amount": "A"}, "header_row": "1"},
        {"columns": {"amount": "A"}, "header_rows": 3},
        {"columns": {"amount": "A"}, "date_order": "day first"},
        {"columns": {"amount": "A"}, "decimal": ".", "thousands": "."},
        {"columns": {"amount": "A"}, "paid_words": "PAID"},
        {"columns": {"amount": "A"}, "sheets": "One"},
    ],
)
def test_a_map_with_a_mistake_is_refused_in_one_sentence(source):
    with pytest.raises(profiles.UnreadableProfile) as refusal:
        profiles.from_mapping(source)

    assert str(refusal.value).startswith("You need to ")


def test_an_unknown_profile_names_those_there_are():
    with pytest.raises(profiles.UnreadableProfile, match="bank-statement"):
        profiles.named("moonbeam")
