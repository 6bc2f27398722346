"""Headings no list holds are told by their words, and columns no heading names by their values."""

from __future__ import annotations

import pytest

from reconciliation import layout
from reconciliation.heading_rules import heading_score
from reconciliation.proposal import About
from reconciliation.vocabulary import is_footer, is_total
from tests.workbooks.shapes import lines, sheets_of


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("Total", True),
        ("GRAND TOTAL:", True),
        ("Total (250 lines)", True),
        ("المجموع", True),
        ("Sous-total", True),
        ("Totally Moonbeam", False),
        ("", False),
        ("45", False),
    ],
)
def test_a_total_is_known_by_its_label(text, yes):
    assert is_total(text) is yes


def test_a_footer_is_known_by_how_it_starts():
    assert is_footer("Prepared by: Rana Inkwell")
    assert not is_footer("Notebook Moonbeam")


def test_a_heading_with_a_word_that_rules_it_out_scores_nothing():
    assert heading_score("Amount (KES)", "amount") > 0.75
    assert heading_score("Requested amount", "amount") == 0
    assert heading_score("Agent phone", "phone") == 0


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("clientrefno", "reference"),
        ("beneMobileNo", "phone"),
        ("Benificiary Name", "name"),
        ("Refrence No", "reference"),
        ("Recipient / Mobile Tel", "phone"),
        ("Nom & Prénom\nFull name", "name"),
        ("Payment (TZS)", "amount"),
        ("Reason for Non-Payment", "reason"),
    ],
)
def test_a_heading_no_list_holds_is_told_by_its_words(heading, field):
    assert heading_score(heading, field) >= 0.75


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Monto a pagar", "amount"),
        ("Montant dû", "amount"),
        ("Agent / Phone", "phone"),
        ("Salio lililopo", "amount"),
        ("2e téléphone", "phone"),
        ("National ID", "reference"),
        ("Batch reference", "reference"),
    ],
)
def test_a_look_alike_no_list_holds_is_told_by_its_words(heading, field):
    assert heading_score(heading, field) == 0


def test_a_short_form_of_amount_is_no_currency():
    rows = [["RÉF", "MNT PAYÉ", "STATUT"], *[[line["reference"], 50.0, "Payé"] for line in lines()]]

    assert layout.propose(sheets_of(rows)).profile.currency == ""


def test_a_column_that_looks_like_the_reference_under_a_strange_heading_is_asked_about():
    rows = [["Zorble", "Mobile", "Amount", "Status"], *[[line["reference"], line["phone"], 50.0, "Paid"] for line in lines()]]

    [question] = layout.propose(sheets_of(rows), currency="KES").questions

    assert (question.about, question.cell) == (About.COLUMN, "A1")


def test_a_statement_whose_texts_each_hold_a_code_is_read_without_a_reference_column():
    rows = [["Date", "Details", "Debit", "Credit"], *[["2026-11-17", f"TRF {line['reference']} thanks", 50.0, None] for line in lines()]]

    proposal = layout.propose(sheets_of(rows), currency="KES")

    assert proposal.told_in_text
    assert proposal.is_certain
