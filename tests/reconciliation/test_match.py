"""One finding for each transfer and each stranger."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciliation.findings import Evidence, Finding, FindingKind
from reconciliation.ladder import RepeatedReference
from reconciliation.match import reconcile
from reconciliation.money import Money
from reconciliation.payout import RowProblem
from tests.reconciliation.slips import asked, failed, kes, returned, said

K = FindingKind


def columns(finding: Finding) -> tuple[int, int, int, int]:
    """instructed, delivered, suspense, open: as the table of kinds has them."""
    return finding.instructed_minor, finding.delivered_minor, finding.suspense_minor, finding.open_minor


def test_a_reference_paid_twice_is_one_finding_with_both_rows():
    rows = [said(row=2, provider_id="A"), said(row=9, provider_id="B")]

    [finding] = reconcile([asked()], rows)

    assert finding.kind is K.PAID_TWICE
    assert [payout.row for payout in finding.payouts] == [2, 9]


@pytest.mark.parametrize(
    ("rows", "kind", "expected"),
    [
        ([said()], K.PAID, (5000, 5000, 0, 0)),
        ([said(minor=4000)], K.PAID_LESS, (5000, 4000, 0, 1000)),
        ([said(minor=0)], K.PAID_LESS, (5000, 0, 0, 5000)),
        ([said(minor=7000)], K.PAID_MORE, (5000, 5000, 2000, 0)),
        ([failed()], K.FAILED, (5000, 0, 0, 5000)),
        ([failed(minor=None)], K.FAILED, (5000, 0, 0, 5000)),
        ([returned()], K.RETURNED, (5000, 0, 0, 5000)),
        ([], K.MISSING, (5000, 0, 0, 5000)),
        ([said(currency="USD")], K.WRONG_CURRENCY, (5000, 0, 5000, 5000)),
        ([failed(row=2), said(row=3)], K.PAID, (5000, 5000, 0, 0)),
        ([said(row=2), failed(row=3)], K.PAID, (5000, 5000, 0, 0)),
        ([failed(row=2), failed(row=3)], K.FAILED, (5000, 0, 0, 5000)),
        ([said(row=2, provider_id="A"), returned(row=3, provider_id="B")], K.RETURNED, (5000, 0, 0, 5000)),
        ([returned(row=2, provider_id="A"), said(row=3, provider_id="A")], K.RETURNED, (5000, 0, 0, 5000)),
        ([said(row=2), said(row=3, minor=-5000)], K.RETURNED, (5000, 0, 0, 5000)),
        ([said(row=2), returned(row=3, minor=2000)], K.PAID_LESS, (5000, 3000, 0, 2000)),
        ([said(row=2, minor=3000, provider_id="A"), said(row=3, minor=2000, provider_id="B")], K.PAID, (5000, 5000, 0, 0)),
        ([said(row=2, minor=3000, provider_id="A"), said(row=3, minor=1000, provider_id="B")], K.PAID_LESS, (5000, 4000, 0, 1000)),
        ([said(row=2, minor=3000, provider_id="A"), said(row=3, minor=3000, provider_id="B")], K.PAID_MORE, (5000, 5000, 1000, 0)),
        ([said(row=2, provider_id="A"), said(row=3, provider_id="B")], K.PAID_TWICE, (5000, 5000, 5000, 0)),
        ([said(row=2), said(row=3)], K.PAID_TWICE, (5000, 5000, 5000, 0)),
        ([said(row=2, provider_id="A"), said(row=3, provider_id="A")], K.PAID, (5000, 5000, 0, 0)),
        ([said(row=2, provider_id="A"), said(row=3, provider_id="B"), returned(row=4, provider_id="C")], K.PAID, (5000, 5000, 0, 0)),
        ([said(row=n, provider_id=str(n)) for n in (2, 3, 4)], K.PAID_TWICE, (5000, 5000, 10000, 0)),
        (
            [said(row=2, provider_id="A"), said(row=3, provider_id="B"), said(row=4, minor=100, provider_id="C")],
            K.PAID_MORE,
            (5000, 5000, 5100, 0),
        ),
    ],
)
def test_rows_about_one_transfer_fold_into_one_story(rows, kind, expected):
    [finding] = reconcile([asked()], rows)

    assert finding.kind is kind
    assert columns(finding) == expected
    assert list(finding.payouts) == rows


def test_the_order_of_the_rows_of_a_story_does_not_matter():
    rows = [said(row=2, provider_id="A"), returned(row=3, provider_id="B"), failed(row=4)]

    kinds = {reconcile([asked()], order)[0].kind for order in (rows, rows[::-1], [rows[1], rows[2], rows[0]])}

    assert kinds == {K.RETURNED}


def test_the_same_provider_id_twice_is_one_row_and_noted():
    rows = [said(row=2, provider_id="A"), said(row=3, provider_id="A")]

    [finding] = reconcile([asked()], rows)

    assert finding.copies == (rows[1],)
    assert finding.paid_minor == 5000


def test_a_row_without_our_reference_is_the_same_row_when_its_provider_id_is():
    rows = [said(row=2, provider_id="A"), said(reference="", row=3, provider_id="A")]

    [finding] = reconcile([asked()], rows)

    assert finding.kind is K.PAID
    assert finding.copies == (rows[1],)


def test_a_batch_number_on_many_rows_identifies_none_of_them():
    rows = [said("T-1", row=2, provider_id="BATCH"), said("T-2", row=3, provider_id="BATCH"), said("T-2", row=4, provider_id="BATCH")]

    first, second = reconcile([asked("T-1"), asked("T-2")], rows)

    assert first.kind is K.PAID
    assert second.kind is K.PAID_TWICE


@pytest.mark.parametrize(
    ("approved", "row"),
    [
        ({"phone": "+254711000001"}, {"phone": "0711000002"}),
        ({"account": "0012-345"}, {"account": "12345"}),
        ({"token": "4000 1"}, {"token": "4000 2"}),
        ({"name": "Juniper Moonbeam"}, {"name": "Barnaby Thistledown"}),
    ],
)
def test_money_that_reached_another_payee_waits_in_suspense(approved, row):
    [finding] = reconcile([asked(**approved)], [said(**row)])

    assert finding.kind is K.WRONG_PAYEE
    assert columns(finding) == (5000, 0, 5000, 5000)
    [field] = approved
    assert finding.evidence[-1] == Evidence(field, approved[field], row[field])


def test_a_failure_at_another_payee_is_a_failure_as_nobody_holds_the_money():
    [finding] = reconcile([asked(phone="0711000001")], [failed(phone="0711000002")])

    assert finding.kind is K.FAILED
    assert finding.also == (K.WRONG_PAYEE,)


def test_an_attempt_at_another_payee_does_not_spoil_a_good_payment():
    rows = [failed(row=2, phone="0711000002"), said(row=3, phone="0711000001")]

    [finding] = reconcile([asked(phone="0711000001")], rows)

    assert (finding.kind, finding.also) == (K.PAID, ())


def test_what_ranks_lower_is_kept_beside_the_kind():
    rows = [said(row=2, provider_id="A", phone="0711000002"), said(row=3, provider_id="B", phone="0711000002")]

    [finding] = reconcile([asked(phone="0711000001")], rows)

    assert finding.kind is K.PAID_TWICE
    assert finding.also == (K.WRONG_PAYEE,)


def test_less_paid_to_the_wrong_payee_says_both():
    [finding] = reconcile([asked(phone="0711000001")], [said(minor=4000, phone="0711000002")])

    assert (finding.kind, finding.also) == (K.WRONG_PAYEE, (K.PAID_LESS,))
    assert columns(finding) == (5000, 0, 4000, 5000)


def test_money_in_another_currency_waits_in_suspense_in_its_own():
    [finding] = reconcile([asked()], [said(minor=700, currency="USD")])

    assert finding.suspense_currency == "USD"
    assert (finding.currency, finding.suspense_minor) == ("KES", 700)


def test_a_transfer_paid_in_two_currencies_has_a_finding_for_each():
    rows = [said(row=2), said(row=3, minor=700, currency="USD")]

    first, second = reconcile([asked()], rows)

    assert (first.kind, first.instruction, first.suspense_currency, first.payouts) == (K.WRONG_CURRENCY, asked(), "USD", (rows[1],))
    assert (second.kind, second.instruction, second.suspense_minor, second.payouts) == (K.WRONG_CURRENCY, None, 5000, (rows[0],))


def test_money_returned_in_another_currency_leaves_nothing_in_suspense():
    [finding] = reconcile([asked()], [returned(currency="USD")])

    assert (finding.kind, finding.also) == (K.RETURNED, (K.WRONG_CURRENCY,))
    assert columns(finding) == (5000, 0, 0, 5000)


def test_a_reference_of_ours_that_is_on_no_released_list_is_not_instructed():
    [finding] = reconcile([], [said("T-0099")], known=["T-0099"])

    assert finding.kind is K.NOT_INSTRUCTED
    assert columns(finding) == (0, 0, 5000, 0)


def test_rows_of_one_strange_reference_are_one_finding():
    rows = [said("X-1", row=2), said("X-2", row=3), said("X-1", row=4)]

    first, second = reconcile([], rows)

    assert (first.kind, first.suspense_minor, [row.row for row in first.payouts]) == (K.NOT_OURS, 10000, [2, 4])
    assert (second.kind, second.suspense_minor) == (K.NOT_OURS, 5000)


def test_a_failed_stranger_holds_no_money():
    [finding] = reconcile([], [failed("X-1")])

    assert (finding.kind, finding.suspense_minor, finding.also) == (K.NOT_OURS, 0, (K.FAILED,))


def test_a_transfer_whose_only_row_cannot_be_read_is_missing():
    row = replace(said(minor=None), problems=(RowProblem("Payouts", "C2", "enter the amount as a number, for example 75.50"),))

    missing, unreadable = reconcile([asked()], [row])

    assert (missing.kind, missing.payouts) == (K.MISSING, ())
    assert (unreadable.kind, unreadable.payouts, unreadable.instruction) == (K.UNREADABLE, (row,), None)
    assert columns(unreadable) == (0, 0, 0, 0)


def test_findings_stand_in_the_order_of_the_instructions_then_of_the_strange_rows():
    rows = [said("X-9", row=2), said("T-2", row=3), said("T-9", row=4), replace(said("T-1", None, row=5)), said("X-1", row=6)]

    found = reconcile([asked("T-1"), asked("T-2")], rows, known={"T-9"})

    assert [finding.kind for finding in found] == [K.MISSING, K.PAID, K.NOT_OURS, K.NOT_INSTRUCTED, K.UNREADABLE, K.NOT_OURS]


def test_two_instructions_with_one_reference_are_refused():
    with pytest.raises(RepeatedReference):
        reconcile([asked(), asked()], [])


class TestLadder:
    """How a row finds its transfer when it does not carry the reference as we wrote it."""

    def test_case_and_spacing_of_a_reference_do_not_matter(self):
        [finding] = reconcile([asked("T-0007")], [said("t 0007")])

        assert finding.kind is K.PAID
        assert finding.evidence == (Evidence("reference", "T-0007", "t 0007"),)

    def test_zeros_of_a_reference_matter(self):
        suggested, stranger = reconcile([asked("000123")], [said("123")])

        assert (suggested.kind, stranger.kind) == (K.SUGGESTED, K.NOT_OURS)

    def test_a_folded_reference_that_means_two_is_not_applied(self):
        found = reconcile([asked("T-1-23"), asked("T-12-3")], [said("T123")])

        assert [finding.kind for finding in found[:2]] == [K.SUGGESTED, K.SUGGESTED]
        assert found[2].kind is K.NOT_OURS

    @pytest.mark.parametrize("narrative", ["PAY/T-0007/JAN", "ref t-0007", "T-0007"])
    def test_a_reference_is_found_whole_in_the_narrative(self, narrative):
        [finding] = reconcile([asked("T-0007")], [said("", narrative=narrative)])

        assert (finding.kind, finding.evidence) == (K.PAID, (Evidence("narrative", "T-0007"),))

    @pytest.mark.parametrize("narrative", ["XT-00071", "T-0007A", "T0007", "T-0007 and T-0008"])
    def test_a_part_of_a_word_or_one_of_two_references_is_not_taken(self, narrative):
        found = reconcile([asked("T-0007", 100), asked("T-0008", 200)], [said("", narrative=narrative)])

        assert [finding.kind for finding in found] == [K.MISSING, K.MISSING, K.NOT_OURS]

    def test_the_longer_of_two_nested_references_is_meant(self):
        first, second = reconcile([asked("T-1"), asked("T-1-2")], [said("", narrative="pay T-1-2")])

        assert (first.kind, second.kind) == (K.MISSING, K.PAID)

    def test_a_known_reference_in_the_narrative_is_ours(self):
        [finding] = reconcile([], [said("", narrative="for T-0099")], known={"T-0099"})

        assert finding.kind is K.NOT_INSTRUCTED

    def test_a_token_leads_to_its_transfer(self):
        [finding] = reconcile([asked(token="4000-0001")], [said("", token="4000 0001")])

        assert (finding.kind, finding.evidence) == (K.PAID, (Evidence("token"),))

    def test_a_token_of_two_people_is_a_finding_with_all_rows_and_applied_to_neither(self):
        rows = [said("", row=2, token="C1"), said("", row=3, token="C1", provider_id="B")]

        first, second, stranger = reconcile([asked("T-1", token="C1"), asked("T-2", token="C1")], rows)

        assert (first.kind, second.kind) == (K.SUGGESTED, K.SUGGESTED)
        assert first.points_at == second.points_at == tuple(rows)
        assert (stranger.kind, stranger.payouts, stranger.evidence) == (K.NOT_OURS, tuple(rows), (Evidence("ambiguous", "token"),))

    @pytest.mark.parametrize(
        ("approved", "row", "key"),
        [
            ({"phone": "+254 711 000 001"}, {"phone": "0711000001"}, "phone_and_amount"),
            ({"phone": "0711000001"}, {"account": "254711000001"}, "phone_and_amount"),
            ({"account": "GB00-0012"}, {"account": "gb00 0012"}, "account_and_amount"),
        ],
    )
    def test_account_or_phone_with_the_amount_lead_to_one_transfer(self, approved, row, key):
        [finding] = reconcile([asked(**approved)], [said("", **row)])

        assert (finding.kind, finding.evidence) == (K.PAID, (Evidence(key),))

    def test_a_phone_with_another_amount_is_only_suggested(self):
        suggested, stranger = reconcile([asked(phone="0711000001")], [said("", 4000, phone="0711000001")])

        assert (suggested.kind, suggested.points_at, suggested.open_minor) == (K.SUGGESTED, stranger.payouts, 5000)
        assert (stranger.kind, stranger.suspense_minor) == (K.NOT_OURS, 4000)

    def test_a_shared_phone_with_one_amount_is_applied_to_nobody(self):
        first, second, stranger = reconcile(
            [asked("T-1", phone="0711000001"), asked("T-2", phone="0711000001")], [said("", phone="0711000001")]
        )

        assert (first.kind, second.kind, stranger.kind) == (K.SUGGESTED, K.SUGGESTED, K.NOT_OURS)

    def test_two_rows_at_one_phone_and_amount_are_not_applied(self):
        rows = [said("", row=2, phone="0711000001", provider_id="A"), said("", row=3, phone="0711000001", provider_id="B")]

        suggested, stranger = reconcile([asked(phone="0711000001")], rows)

        assert (suggested.kind, stranger.kind, stranger.payouts) == (K.SUGGESTED, K.NOT_OURS, tuple(rows))

    def test_a_transfer_that_its_reference_found_takes_no_row_by_phone(self):
        rows = [said(row=2, phone="0711000001"), said("", row=3, phone="0711000001")]

        paid, stranger = reconcile([asked(phone="0711000001")], rows)

        assert (paid.kind, stranger.kind, stranger.suspense_minor) == (K.PAID, K.NOT_OURS, 5000)

    def test_a_batch_number_leads_nowhere(self):
        rows = [said("T-1", row=2, provider_id="BATCH"), said("X-9", row=3, provider_id="BATCH")]

        first, stranger = reconcile([asked("T-1")], rows)

        assert (first.kind, stranger.kind, stranger.payouts) == (K.PAID, K.NOT_OURS, (rows[1],))


class TestSuggestions:
    """Near matches: shown, never applied."""

    @pytest.mark.parametrize("slip", ["T-OOO7X", "TX0007", "T-007", "T-0070", "T-00007"])
    def test_a_reference_with_one_slip_is_suggested_or_left(self, slip):
        found = reconcile([asked("T-0007")], [said(slip)])

        expected = K.MISSING if slip == "T-OOO7X" else K.SUGGESTED
        assert [finding.kind for finding in found] == [expected, K.NOT_OURS]

    def test_a_like_name_with_the_amount_is_suggested(self):
        suggested, stranger = reconcile([asked(name="Juniper Moonbeam")], [said("", name="MOONBEAM, Junipur")])

        assert (suggested.kind, suggested.points_at) == (K.SUGGESTED, stranger.payouts)
        assert Evidence("name", "Juniper Moonbeam", "MOONBEAM, Junipur") in suggested.evidence

    def test_a_like_name_with_another_amount_is_not(self):
        found = reconcile([asked(name="Juniper Moonbeam")], [said("", 4000, name="Juniper Moonbeam")])

        assert [finding.kind for finding in found] == [K.MISSING, K.NOT_OURS]

    def test_a_near_reference_of_a_clearly_different_person_is_not(self):
        found = reconcile([asked("T-0007", name="Juniper Moonbeam")], [said("T-0008", name="Barnaby Thistledown")])

        assert [finding.kind for finding in found] == [K.MISSING, K.NOT_OURS]

    def test_a_person_may_accept_a_suggestion(self):
        row = said("T-007", row=4)

        [finding] = reconcile([asked("T-0007")], [row], accepted={("Payouts", 4): "T-0007"})

        assert (finding.kind, finding.evidence) == (K.PAID, (Evidence("accepted", "T-0007", "T-007"),))

    def test_the_amount_of_a_suggested_row_is_counted_once(self):
        suggested, stranger = reconcile([asked("T-0007")], [said("T-007")])

        assert columns(suggested) == (5000, 0, 0, 5000)
        assert columns(stranger) == (0, 0, 5000, 0)


def test_amounts_are_compared_in_their_currency():
    [finding] = reconcile([asked()], [said(minor=5000)])

    assert finding.instruction is not None
    assert finding.instruction.amount == kes(5000) == Money.parse("50.00", "KES")
