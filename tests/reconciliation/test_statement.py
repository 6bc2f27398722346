"""What a file comes to, and whether it foots."""

from __future__ import annotations

from dataclasses import replace

from reconciliation import statement
from reconciliation.findings import FindingKind
from reconciliation.ledger import Account
from reconciliation.match import reconcile
from reconciliation.payout import RowProblem
from reconciliation.statement import Answer, GapKind, Line, balance
from tests.reconciliation.slips import asked, failed, returned, said

K = FindingKind
ASKED = [asked("T-1"), asked("T-2"), asked("T-3"), asked("T-4"), asked("T-5")]
ROWS = [
    said("T-1", row=2),
    said("T-2", 4000, row=3),
    failed("T-3", row=4),
    said("T-4", row=5),
    returned("T-4", row=6),
    said("X-9", 900, row=7),
]


def unread(reference="T-5", row=8):
    return replace(
        said(reference, None, row=row), problems=(RowProblem("Payouts", f"C{row}", "enter the amount as a number, for example 75.50"),)
    )


def test_every_kind_is_counted_even_when_there_is_none():
    made = statement.of(reconcile(ASKED, ROWS), ROWS, ASKED)

    assert set(made.counts) == set(FindingKind)
    assert {kind: n for kind, n in made.counts.items() if n} == {
        K.PAID: 1,
        K.PAID_LESS: 1,
        K.FAILED: 1,
        K.RETURNED: 1,
        K.MISSING: 1,
        K.NOT_OURS: 1,
    }


def test_amounts_are_what_was_instructed_or_for_strangers_what_was_paid():
    made = statement.of(reconcile(ASKED, ROWS), ROWS, ASKED)

    assert (made.amounts_minor[K.PAID_LESS], made.paid_minor[K.PAID_LESS]) == (5000, 4000)
    assert (made.amounts_minor[K.RETURNED], made.paid_minor[K.RETURNED]) == (5000, 0)
    assert (made.amounts_minor[K.NOT_OURS], made.paid_minor[K.NOT_OURS]) == (900, 900)


def test_a_file_foots_in_promises_and_in_money():
    made = statement.of(reconcile(ASKED, ROWS), ROWS, ASKED)

    assert made.foots
    assert (made.suspense_minor, made.open_minor, made.currency) == (900, 1000 + 3 * 5000, "KES")
    sums = made.by_currency["KES"]
    assert (sums.successes, sums.taken_back, sums.delivered) == (14900, 5000, 9000)


def test_an_unreadable_amount_keeps_a_file_from_footing_and_names_its_row():
    rows = [*ROWS, unread()]

    made = statement.of(reconcile(ASKED, rows), rows, ASKED)

    assert not made.foots
    assert [(gap.kind, gap.sheet, gap.row) for gap in made.gaps] == [(GapKind.UNREADABLE, "Payouts", 8)]


def test_each_currency_foots_by_itself():
    rows = [said("T-1", 700, currency="USD", row=2)]

    made = statement.of(reconcile([asked("T-1")], rows), rows)

    assert made.foots
    assert (made.suspense_minor, made.open_minor) == (0, 5000)
    assert made.by_currency["USD"].suspense == 700
    assert made.paid_minor[K.WRONG_CURRENCY] == 700


def test_a_finding_that_counts_wrongly_does_not_foot():
    findings = reconcile(ASKED, ROWS)
    findings[0] = replace(findings[0], delivered_minor=4999)

    made = statement.of(findings, ROWS, ASKED)

    assert [(gap.kind, gap.minor) for gap in made.gaps] == [(GapKind.PROMISES, 1), (GapKind.MONEY, 1)]


def test_a_row_or_an_instruction_that_is_in_no_finding_does_not_foot():
    findings = reconcile(ASKED, ROWS)

    made = statement.of(findings[1:], ROWS, ASKED)

    assert [(gap.kind, gap.row) for gap in made.gaps] == [(GapKind.ROWS, 2), (GapKind.INSTRUCTIONS, 0)]


def test_a_row_in_two_findings_does_not_foot():
    findings = reconcile(ASKED, ROWS)

    made = statement.of([*findings, replace(findings[-1], suspense_minor=0, paid_minor=0)], ROWS, ASKED)

    assert {gap.kind for gap in made.gaps} == {GapKind.ROWS, GapKind.MONEY}


def test_nothing_asked_and_nothing_paid_foots():
    made = statement.of([], [], [])

    assert made.foots
    assert made.currency == ""


LINES = [
    Line(Answer.PAID, "KES", 2, 10000, 9000, 1000),
    Line(Answer.FAILED, "KES", 1, 5000, 0, 5000),
    Line(Answer.RETURNED, "KES", 1, 5000, 0, 5000),
    Line(Answer.MISSING, "KES", 1, 5000, 0, 5000, 900),
]
LEDGER = {Account.INSTRUCTED: -25000, Account.DELIVERED: 9000, Account.OPEN: 16000, Account.SUSPENSE: 900, Account.PROVIDER: -900}


def test_a_list_foots_when_its_lines_and_the_ledger_say_the_same():
    made = balance(LINES, 5, LEDGER, "KES")

    assert made.foots
    assert (made.instructed_minor, made.paid_minor, made.failed_minor, made.returned_minor, made.missing_minor) == (
        25000,
        9000,
        5000,
        5000,
        6000,
    )
    assert made.differences_minor == 900


def test_a_list_names_what_keeps_it_from_footing():
    made = balance(LINES[1:], 5, LEDGER, "KES")

    assert [gap.kind for gap in made.gaps] == [GapKind.INSTRUCTIONS, GapKind.LEDGER, GapKind.LEDGER, GapKind.LEDGER]
    assert made.gaps[0].minor == 2


def test_lines_of_other_currencies_are_left_out():
    made = balance([*LINES, Line(Answer.PAID, "USD", 9, 100, 100, 0)], 5, LEDGER, "KES")

    assert made.foots
