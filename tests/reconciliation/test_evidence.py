"""What the values of a file say of its columns where headings do not, and what they must never be taken to say."""

from __future__ import annotations

import pytest

from reconciliation import layout
from reconciliation.heading_rules import heading_score
from reconciliation.instruction import Instruction
from reconciliation.money import Money
from reconciliation.proposal import Proposal
from reconciliation.vocabulary import Field, outcome_of
from tests.workbooks.shapes import lines, sheets_of


def _look(heads, cells, expected=None) -> Proposal:
    rows = [heads, *[cells(line, number) for number, line in enumerate(lines())]]
    return layout.propose(sheets_of(rows), currency="KES", expected=expected)


def _found(proposal: Proposal) -> dict[str, str]:
    return {guess.field.value: guess.header for guess in proposal.sheets[0].columns}


@pytest.mark.parametrize(
    "heads",
    [
        ["Ref", "Fee", "Balance", "Status"],
        ["Ref", "Transaction charges (KES)", "Closing balance (KES)", "Status"],
        ["Réf", "Frais", "Solde", "Statut"],
        ["Ref.", "Comisión", "Saldo", "Estado"],
        ["Ref.", "Encargos", "Saldo após operação", "Estado"],
        ["المرجع", "الرسوم", "الرصيد", "الحالة"],
        ["Rejea", "Makato", "Salio", "Hali"],
        ["রেফারেন্স", "সার্ভিস চার্জ", "ব্যালেন্স", "অবস্থা"],
        ["ရည်ညွှန်းအမှတ်", "ဝန်ဆောင်ခ", "လက်ကျန်ငွေ", "အခြေအနေ"],
    ],
    ids=lambda heads: heads[1],
)
def test_where_only_fees_and_balances_hold_money_the_amount_is_asked_for(heads):
    proposal = _look(heads, lambda line, number: [line["reference"], 35.0 + number, 9000.0 - 50 * number, "Paid"])

    assert proposal.missing() == ("amount",)
    assert not proposal.is_certain
    assert heads[1] not in _found(proposal).values()
    assert heads[2] not in _found(proposal).values()


@pytest.mark.parametrize("head", ["Fee", "Balance", "Requested amount", "Amount not paid"])
def test_a_lone_look_alike_of_the_amount_is_never_taken_for_it(head):
    proposal = _look(["Ref", head, "Status"], lambda line, number: [line["reference"], 35.0 + number, "Paid"])

    assert proposal.missing() == ("amount",)


def test_people_phones_and_reasons_are_told_by_their_cells_under_headings_nobody_knows():
    proposal = _look(
        ["Ref", "Zorble", "Quibble", "Amount", "Status", "Flumph"],
        lambda line, number: [
            line["reference"],
            line["name"],
            line["phone"],
            50.0,
            "Failed" if number % 2 else "Paid",
            "Wallet is dormant" if number % 2 else "",
        ],
    )

    found = _found(proposal)
    assert (found["name"], found["phone"]) == ("Zorble", "Quibble")
    assert found["reason"] == "Flumph"


def test_figures_that_a_balance_runs_through_are_the_amounts_whatever_stands_over_them():
    paid = [50.0, 75.0, 20.0, 110.0, 35.0, 60.0]

    proposal = _look(
        ["Ref", "Zorble", "Balance", "Status"],
        lambda line, number: [line["reference"], paid[number], 9000.0 - sum(paid[: number + 1]), "Paid"],
    )

    assert _found(proposal)["amount"] == "Zorble"
    assert proposal.is_certain


def test_figures_nobody_named_and_no_balance_runs_through_are_asked_about():
    proposal = _look(["Ref", "Zorble", "Fee", "Status"], lambda line, number: [line["reference"], 50.0 + number, 3.0, "Paid"])

    assert proposal.missing() == ("amount",)


def test_amounts_equal_to_what_was_instructed_are_the_amounts():
    expected = {line["reference"]: Instruction(line["reference"], Money(5000 + 100 * number, "KES")) for number, line in enumerate(lines())}
    heads = ["Ref", "Zorble", "Flumph", "Status"]

    proposal = _look(heads, lambda line, number: [line["reference"], 50.0 + number, 7.0 + number, "Paid"], expected)

    assert _found(proposal)["amount"] == "Zorble"
    assert proposal.is_certain


def test_the_credits_of_a_statement_are_the_other_side_of_its_debits():
    proposal = _look(
        ["Date", "Our Ref", "Debits", "Amount credited"],
        lambda line, number: ["2026-11-17", line["reference"], None if number == 2 else 50.0 + number, 50.0 if number == 2 else None],
    )

    found = _found(proposal)
    assert (found["amount"], found["returned_amount"]) == ("Debits", "Amount credited")


def test_a_transaction_reference_beside_texts_that_hold_ours_is_the_banks():
    proposal = _look(
        ["Date", "Transaction ref.", "Details", "Debit"],
        lambda line, number: ["2026-11-17", f"FT2632{number}77", f"TRF {line['reference']} thanks", 50.0],
    )

    assert _found(proposal)["provider_id"] == "Transaction ref."
    assert "reference" not in _found(proposal)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("AMT_PD", Field.AMOUNT),
        ("TXN_STS", Field.STATUS),
        ("RCPNT NM", Field.NAME),
        ("PYMT_RFRNC", Field.REFERENCE),
        ("Txn #", Field.PROVIDER_ID),
        ("Bénéfic.", Field.NAME),
        ("Beneficiary Phone1", Field.PHONE),
    ],
)
def test_words_cut_short_as_systems_cut_them_are_read(heading, field):
    scores = {each: heading_score(heading, each) for each in Field}

    assert max(scores, key=lambda each: scores[each]) is field
    assert scores[field] >= 0.75


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Payment / Date created", Field.DATE),
        ("Refugee card number", Field.TOKEN),
        ("Motif du virement", Field.REASON),
        ("Opérateur", Field.PROVIDER_ID),
    ],
)
def test_a_heading_is_not_taken_for_what_one_of_its_words_recalls(heading, field):
    assert heading_score(heading, field) < 0.9


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("Pendiente de cobro", "failed"),
        ("Payment not made", "failed"),
        ("Inasubiri kuchukuliwa", "failed"),
        ("Fonds retournés", "returned"),
        ("Retourné par la banque", "returned"),
        ("لم يحضر المستفيد", "failed"),
        ("টাকা উত্তোলন করা হয়নি", "failed"),
        ("လက်မခံရသေး", "failed"),
        ("Levantamento efectuado", "paid"),
    ],
)
def test_a_status_of_nouns_and_infinitives_is_read(status, outcome):
    found = outcome_of(status)

    assert found is not None
    assert found.value == outcome


@pytest.mark.parametrize(
    "status",
    [
        "Sent to bank",
        "Partially paid",
        "Payment confirmation",
        "Reversal failed",
        "Por cobrar",
        "Verification completed",
        "Order accepted",
        "Accepted for payment",
        "Confirmation received",
        "Imeidhinishwa kwa malipo",
        "Solicitud aprobada",
        "Glimmering",
    ],
)
def test_a_status_that_says_two_things_or_nothing_is_asked_about(status):
    assert outcome_of(status) is None
