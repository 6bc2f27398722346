"""What an earlier posted file means for this one."""

from __future__ import annotations

import pytest

from reconciliation import statement
from reconciliation.findings import FindingKind
from reconciliation.identity import row_key, row_keys, shared_ids
from reconciliation.ledger import Account, balances, postings_for, release
from reconciliation.match import reconcile
from reconciliation.payout import Outcome, Payout
from tests.reconciliation.slips import asked, failed, posted, returned, said

K = FindingKind
PHONE = {"phone": "0711000001"}
WRONG = {"phone": "0711000002"}


def after(first: list[Payout], now: list[Payout], **approved: str):
    """The finding of this file about T-0007, after an earlier file was posted; both foot."""
    instructed = [asked(**approved)]
    before = reconcile(instructed, first)
    found = reconcile(instructed, now, earlier=posted(before, first))
    assert statement.of(found, now, instructed).foots
    return found[0]


@pytest.mark.parametrize(
    ("first", "now", "kind", "expected"),
    [
        # failed before
        ([failed(provider_id="A")], [said(provider_id="B")], K.PAID, (5000, 5000, 0, 0)),
        ([failed(provider_id="A")], [said(provider_id="A")], K.PAID, (5000, 5000, 0, 0)),
        ([failed()], [said()], K.PAID, (5000, 5000, 0, 0)),
        ([failed(provider_id="A")], [failed(provider_id="A")], K.FAILED, (5000, 0, 0, 5000)),
        ([failed(provider_id="A")], [failed(provider_id="B")], K.FAILED, (5000, 0, 0, 5000)),
        ([failed(provider_id="A")], [], K.FAILED, (5000, 0, 0, 5000)),
        # paid before
        ([said(provider_id="A")], [said(provider_id="A")], K.PAID_BEFORE, (0, 0, 0, 0)),
        ([said()], [said()], K.PAID_BEFORE, (0, 0, 0, 0)),
        ([said()], [said(provider_id="A")], K.PAID_BEFORE, (0, 0, 0, 0)),
        ([said(provider_id="A")], [said()], K.PAID_BEFORE, (0, 0, 0, 0)),
        ([said(provider_id="A")], [], K.PAID_BEFORE, (0, 0, 0, 0)),
        ([said(provider_id="A")], [failed(provider_id="B", row=2), said(provider_id="A", row=3)], K.PAID_BEFORE, (0, 0, 0, 0)),
        ([failed(provider_id="B"), said(provider_id="A", row=3)], [failed(provider_id="B")], K.PAID_BEFORE, (0, 0, 0, 0)),
        ([said(provider_id="A")], [said(provider_id="B")], K.PAID_TWICE, (0, 0, 5000, 0)),
        ([said(date="2026-01-01")], [said(date="2026-01-02")], K.PAID_TWICE, (0, 0, 5000, 0)),
        ([said(provider_id="A")], [said(minor=3000, provider_id="B")], K.PAID_MORE, (0, 0, 3000, 0)),
        ([said(minor=3000, provider_id="A")], [said(minor=2000, provider_id="B")], K.PAID, (2000, 2000, 0, 0)),
        ([said(minor=3000)], [said(minor=2000)], K.PAID, (2000, 2000, 0, 0)),
        ([said(minor=3000, provider_id="A")], [said(minor=1000, provider_id="B")], K.PAID_LESS, (2000, 1000, 0, 1000)),
        ([said(minor=3000, provider_id="A")], [said(minor=3000, provider_id="B")], K.PAID_MORE, (2000, 2000, 1000, 0)),
        # paid before, and now told otherwise
        ([said(provider_id="A")], [failed(provider_id="A")], K.CONTRADICTS, (0, 0, 0, 0)),
        ([said(provider_id="A")], [failed(provider_id="B")], K.CONTRADICTS, (0, 0, 0, 0)),
        ([said()], [failed()], K.CONTRADICTS, (0, 0, 0, 0)),
        ([said(provider_id="A")], [said(minor=4000, provider_id="A")], K.CONTRADICTS, (0, 0, 0, 0)),
        ([said()], [said(minor=4000)], K.CONTRADICTS, (0, 0, 0, 0)),
        ([said(minor=3000)], [said(minor=5000)], K.CONTRADICTS, (0, 0, 0, 0)),
        # paid before, and it came back
        ([said(provider_id="A")], [returned(provider_id="B")], K.RETURNED, (0, -5000, 0, 5000)),
        ([said(provider_id="A")], [returned(provider_id="A")], K.RETURNED, (0, -5000, 0, 5000)),
        ([said()], [returned()], K.RETURNED, (0, -5000, 0, 5000)),
        ([said(provider_id="A")], [said(provider_id="A"), returned(provider_id="B", row=3)], K.RETURNED, (0, -5000, 0, 5000)),
        ([said(provider_id="A")], [returned(minor=2000, provider_id="B")], K.RETURNED, (0, -2000, 0, 2000)),
        ([said(minor=3000, provider_id="A")], [returned(minor=3000, provider_id="B")], K.RETURNED, (2000, -3000, 0, 5000)),
        ([said(minor=7000, provider_id="A")], [returned(minor=2000, provider_id="B")], K.RETURNED, (0, 0, -2000, 0)),
        ([said(provider_id="A"), said(provider_id="B", row=3)], [returned(provider_id="C")], K.RETURNED, (0, 0, -5000, 0)),
        ([said(provider_id="A")], [returned(provider_id="B"), said(provider_id="C", row=3)], K.PAID, (0, 0, 0, 0)),
        # returned before
        ([said(provider_id="A"), returned(provider_id="B", row=3)], [said(provider_id="C")], K.PAID, (5000, 5000, 0, 0)),
        ([said(provider_id="A"), returned(provider_id="B", row=3)], [said(provider_id="A")], K.PAID_BEFORE, (0, 0, 0, 0)),
        ([said(provider_id="A"), returned(provider_id="B", row=3)], [], K.RETURNED, (5000, 0, 0, 5000)),
        ([returned(provider_id="A")], [said(provider_id="B")], K.CONTRADICTS, (0, 0, 0, 0)),
        ([returned(provider_id="A")], [failed(provider_id="B")], K.FAILED, (5000, 0, 0, 5000)),
        ([returned(provider_id="A")], [returned(provider_id="B")], K.RETURNED, (5000, 0, 0, 5000)),
    ],
)
def test_an_earlier_file_weighs_on_this_one(first, now, kind, expected):
    finding = after(first, now)

    assert finding.kind is kind
    assert (finding.instructed_minor, finding.delivered_minor, finding.suspense_minor, finding.open_minor) == expected


@pytest.mark.parametrize(
    ("first", "now", "kind", "expected"),
    [
        ([said(**WRONG, provider_id="A")], [said(**PHONE, provider_id="B")], K.PAID, (5000, 5000, 0, 0)),
        ([said(**WRONG, provider_id="A")], [returned(provider_id="B")], K.RETURNED, (5000, 0, -5000, 5000)),
        ([said(**WRONG, provider_id="A")], [said(**WRONG, provider_id="A")], K.PAID_BEFORE, (0, 0, 0, 0)),
        ([said(**WRONG, provider_id="A")], [failed(provider_id="B")], K.CONTRADICTS, (0, 0, 0, 0)),
        ([said(**PHONE, provider_id="A")], [said(**WRONG, provider_id="B")], K.PAID_TWICE, (0, 0, 5000, 0)),
        ([said(minor=3000, **PHONE, provider_id="A")], [said(minor=2000, **WRONG, provider_id="B")], K.WRONG_PAYEE, (2000, 0, 2000, 2000)),
    ],
)
def test_money_that_lies_in_suspense_is_not_taken_for_delivered(first, now, kind, expected):
    finding = after(first, now, **PHONE)

    assert finding.kind is kind
    assert (finding.instructed_minor, finding.delivered_minor, finding.suspense_minor, finding.open_minor) == expected


def test_money_that_came_back_before_another_went_astray_is_not_taken_for_it():
    instructed = [asked(**PHONE)]
    paid, back = [said(provider_id="A", **PHONE)], [returned(provider_id="B")]
    earlier = posted(reconcile(instructed, paid), paid, 1)
    earlier += posted(reconcile(instructed, back, earlier=earlier), back, 2)

    [finding] = reconcile(instructed, [said(provider_id="C", **WRONG)], earlier=earlier)

    assert finding.kind is K.WRONG_PAYEE
    assert (finding.instructed_minor, finding.delivered_minor, finding.suspense_minor, finding.open_minor) == (5000, 0, 5000, 5000)


def test_rows_that_count_already_are_named_so_that_they_are_not_posted_again():
    first = [said(provider_id="A")]
    now = [said(provider_id="A"), returned(provider_id="B", row=3)]

    finding = after(first, now)

    assert finding.repeated == (now[0],)
    assert finding.also == (K.PAID_BEFORE,)
    assert finding.set_aside_minor == 5000


def test_a_provider_id_that_moves_to_another_transfer_contradicts():
    instructed = [asked("T-1"), asked("T-2")]
    first = [said("T-1", provider_id="A")]

    found = reconcile(instructed, [said("T-2", provider_id="A")], earlier=posted(reconcile(instructed, first), first))

    assert [finding.kind for finding in found] == [K.PAID_BEFORE, K.CONTRADICTS]
    assert found[1].set_aside_minor == 5000


def test_an_id_seen_before_leads_to_its_transfer():
    instructed = [asked("T-1"), asked("T-2")]
    first = [said("T-1", provider_id="A")]

    found = reconcile(instructed, [returned("", provider_id="A")], earlier=posted(reconcile(instructed, first), first))

    assert (found[0].kind, found[0].delivered_minor) == (K.RETURNED, -5000)


@pytest.mark.parametrize(
    "rows", [[said("X-1", provider_id="A")], [said("X-1")], [said("", phone="0711000009")], [said("", provider_id="A")]]
)
def test_a_stranger_that_counts_already_goes_to_suspense_once(rows):
    [finding] = reconcile([], rows, earlier=posted(reconcile([], rows), rows))

    assert (finding.kind, finding.also) == (K.NOT_OURS, (K.PAID_BEFORE,))
    assert (finding.suspense_minor, finding.set_aside_minor) == (0, 5000)


def test_a_stranger_that_comes_back_leaves_suspense():
    first = [said("X-1", provider_id="A")]

    [finding] = reconcile([], [returned("X-1", provider_id="B")], earlier=posted(reconcile([], first), first))

    assert finding.suspense_minor == -5000


def test_the_same_file_again_posts_nothing():
    instructed = [asked(f"T-{n}", **PHONE) for n in range(6)]
    rows = [
        said("T-0", row=2),
        said("T-1", 4000, row=3),
        failed("T-2", row=4),
        said("T-3", row=5, **WRONG),
        said("X", row=6),
        said("T-4", 7000, row=7),
    ]
    first = reconcile(instructed, rows)

    again = reconcile(instructed, rows[::-1], earlier=posted(first, rows))

    assert postings_for(again) == []
    assert statement.of(again, rows, instructed).foots


def test_two_files_that_share_rows_count_each_row_once():
    instructed = [asked("T-1"), asked("T-2")]
    rows = [said("T-1", row=2, provider_id="A"), said("T-2", row=3, provider_id="B")]
    first = reconcile(instructed, rows[:1])

    second = reconcile(instructed, rows, earlier=posted(first, rows[:1]))

    books = balances([release((each.reference, each.amount) for each in instructed), *postings_for(first), *postings_for(second)])["KES"]
    assert (books[Account.DELIVERED], books[Account.OPEN]) == (10000, 0)


class TestRowKey:
    """The identity by which a row counts once."""

    def test_a_payment_and_its_reversal_under_one_id_are_two(self):
        assert row_key(said(provider_id="A")) != row_key(returned(provider_id="A"))

    def test_an_id_stands_for_its_row_wherever_it_is(self):
        assert row_key(said(provider_id="A", row=2)) == row_key(said("", provider_id="A", row=9, name="Juniper Moonbeam"))

    def test_without_ids_equal_rows_are_told_apart_by_number_only(self):
        keys = row_keys([said(row=2), said(row=3)])

        assert keys == [row_key(said(), 1), row_key(said(), 2)]
        assert keys[0] != keys[1]

    @pytest.mark.parametrize(
        "other",
        [said("T-8"), said(minor=1), said(currency="USD"), said(date="2026-01-01"), failed(), said("", phone="1"), said("", token="1")],
    )
    def test_without_ids_reference_amount_date_and_outcome_tell_rows_apart(self, other):
        assert row_key(said()) != row_key(other)

    def test_rows_without_reference_are_told_apart_by_payee(self):
        first, second = row_keys([said("", phone="1", row=2), said("", phone="2", row=3)])

        assert first != second

    def test_a_batch_number_does_not_make_rows_one(self):
        rows = [said("T-1", provider_id="B"), said("T-2", provider_id="B", row=3)]

        assert shared_ids(rows) == {"B"}
        assert len(set(row_keys(rows))) == 2

    def test_the_same_row_twice_under_one_id_is_one_key(self):
        rows = [said(provider_id="A"), said(provider_id="A", row=3), said("", provider_id="A", row=4)]

        assert len(set(row_keys(rows))) == 1

    def test_a_key_holds_no_text_of_the_row(self):
        assert len(row_key(said(outcome=Outcome.PAID, phone="0711000001"))) == 20
