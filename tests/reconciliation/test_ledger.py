"""Every posting sums to zero."""

from __future__ import annotations

import pytest

from reconciliation.findings import FindingKind
from reconciliation.ledger import (
    FORMULA,
    Account,
    Entry,
    Posting,
    Unbalanced,
    advance,
    balances,
    cancel,
    fee,
    given_back,
    held,
    postings_for,
    release,
    reverse,
    to_donor,
)
from reconciliation.match import reconcile
from tests.reconciliation.slips import asked, failed, kes, posted, returned, said

ASKED = [asked("T-1"), asked("T-2"), asked("T-3")]
ROWS = [said("T-1", 7000, row=2), failed("T-2", row=3), said("T-3", 700, currency="USD", row=4), said("X-1", 900, row=5)]
RELEASED = release((each.reference, each.amount) for each in ASKED)


def test_entries_that_do_not_sum_to_zero_are_refused():
    with pytest.raises(Unbalanced):
        Posting((Entry(Account.OPEN, -100, "KES"), Entry(Account.DELIVERED, 99, "KES")))


def test_currencies_do_not_make_up_for_each_other():
    with pytest.raises(Unbalanced, match="KES, USD"):
        Posting((Entry(Account.OPEN, -100, "KES"), Entry(Account.DELIVERED, 100, "USD")))


def test_releasing_a_list_makes_open_promises():
    assert balances([RELEASED])["KES"][Account.OPEN] == 15000
    assert balances([RELEASED])["KES"][Account.INSTRUCTED] == -15000


def test_posting_a_file_moves_promises_to_delivered_and_the_rest_to_suspense():
    found = balances([RELEASED, *postings_for(reconcile(ASKED, ROWS))])

    assert (found["KES"][Account.DELIVERED], found["KES"][Account.OPEN], found["KES"][Account.SUSPENSE]) == (5000, 10000, 2900)
    assert (found["USD"][Account.SUSPENSE], found["USD"][Account.PROVIDER]) == (700, -700)
    assert {sum(each.values()) for each in found.values()} == {0}


def test_findings_that_move_nothing_make_no_posting():
    assert postings_for(reconcile([asked()], [failed()])) == []


def test_an_entry_names_its_transfer():
    [posting] = postings_for(reconcile([asked("T-1")], [said("T-1")]))

    assert {entry.reference for entry in posting.entries} == {"T-1"}


def test_reversing_leaves_nothing():
    made = postings_for(reconcile(ASKED, ROWS))

    found = balances([*made, *map(reverse, made)])

    assert {minor for each in found.values() for minor in each.values()} == {0}


def test_a_payment_that_comes_back_in_a_later_file_is_owed_again():
    rows = [said("T-1", provider_id="A")]
    first = reconcile([asked("T-1")], rows)
    later = reconcile([asked("T-1")], [returned("T-1", provider_id="B")], earlier=posted(first, rows))

    found = balances([release([("T-1", kes(5000))]), *postings_for(first), *postings_for(later)])["KES"]

    assert (found[Account.DELIVERED], found[Account.OPEN]) == (0, 5000)


def test_fees_and_advances_stand_on_their_own_accounts():
    found = balances([fee(kes(250)), advance(kes(9000))])["KES"]

    assert (found[Account.FEES], found[Account.PROVIDER], found[Account.FLOAT], found[Account.ADVANCE]) == (250, -250, 9000, -9000)


def test_a_provider_holds_what_it_was_given_less_what_it_paid_charged_and_gave_back():
    said_so = postings_for(reconcile(ASKED, [said("T-1", 7000, row=2), said("T-2", row=3)]))

    found = balances([advance(kes(20000)), RELEASED, *said_so, fee(kes(250)), given_back(kes(1000))])["KES"]

    assert held(found) == 20000 - (5000 + 2000) - 5000 - 250 - 1000
    assert -found[Account.ADVANCE] == 19000


def test_a_promise_changes_what_a_provider_holds_only_when_it_is_paid():
    promised = balances([advance(kes(20000)), RELEASED, cancel([("T-3", kes(5000))])])["KES"]

    assert held(promised) == 20000


def test_a_promise_given_up_is_neither_open_nor_delivered():
    found = balances([RELEASED, cancel([("T-3", kes(5000))])])["KES"]

    assert -found[Account.INSTRUCTED] == found[Account.OPEN] + found[Account.CANCELLED]
    assert (found[Account.OPEN], found[Account.CANCELLED]) == (10000, 5000)


def test_money_given_back_to_a_donor_leaves_our_account_and_no_provider():
    found = balances([to_donor(kes(400))])["KES"]

    assert (found[Account.ADVANCE], found[Account.DONOR], held(found)) == (-400, 400, 0)


def test_every_kind_has_its_formula():
    assert set(FORMULA) == set(FindingKind)


def test_kinds_that_wait_for_a_person_or_are_computed_post_nothing():
    quiet = {
        FindingKind.MISSING,
        FindingKind.SUGGESTED,
        FindingKind.CONTRADICTS,
        FindingKind.PAID_BEFORE,
        FindingKind.UNREADABLE,
        FindingKind.FAILED,
    }

    assert {kind for kind, legs in FORMULA.items() if not legs} == quiet
