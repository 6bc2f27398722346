"""The table is found under any letterhead, and what the file does not say is asked."""

from __future__ import annotations

from typing import Any

import pytest

from reconciliation import layout, profiles
from reconciliation.cells import Moment
from reconciliation.instruction import Instruction
from reconciliation.money import Money
from reconciliation.profile import read_payouts
from reconciliation.proposal import About, Proposal
from reconciliation.sheets import Merge
from tests.workbooks.shapes import lines, sheets_of

_STATUS = {
    "fr": ("Payé", "Échoué"),
    "es": ("Pagado", "Rechazado"),
    "pt": ("Pago", "Rejeitado"),
    "ar": ("مدفوع", "فشل"),
    "sw": ("Imelipwa", "Imeshindwa"),
    "bn": ("সফল", "ব্যর্থ"),
    "my": ("အောင်မြင်", "ကျရှုံး"),
    "en": ("Paid", "Failed"),
}


def _table(columns: dict[str, str], language: str = "en", count: int = 6) -> list[list[Any]]:
    """Rows under headings; keys that are no field of a line are columns of noise."""
    paid, failed = _STATUS[language]
    noise = {
        "no": lambda n, _: n + 1,
        "fee": lambda *_: 35.0,
        "balance": lambda n, line: 900000.5 - n,
        "asked": lambda _, line: line["amount"],
        "text": lambda *_: "Kharwa",
    }
    noise |= {
        "phone2": lambda n, _: f"99988800{n:02}",
        "account": lambda n, _: f"00990000{n:04}",
        "token": lambda n, _: f"5061****{1000 + n}",
    }
    noise |= {
        "currency": lambda *_: "UGX",
        "words": lambda _, line: failed if line["status"] == "FAILED" else paid,
        "nothing": lambda *_: None,
    }
    rows: list[list[Any]] = [list(columns.values())]
    for n, line in enumerate(lines(count)):
        rows.append([noise[key](n, line) if key in noise else line[key.rstrip("_")] for key in columns])
    return rows


def _found(proposal: Proposal) -> dict[str, str]:
    return {guess.field.value: guess.header for look in proposal.sheets for guess in look.columns}


SHAPES = {
    "cash agent": ("en", {"no": "S/N", "reference": "Payment Code", "name": "Receiver Name", "phone": "Receiver Phone", "amount": "Amount Paid", "words": "Status", "reason": "Remarks", "text": "Branch", "date": "Date Paid"}, "no text"),
    "wallet": ("en", {"date": "Date", "text": "From", "provider_id": "Transaction ID", "reference": "External ID", "phone": "Receiver MSISDN", "name": "Recipient Name", "amount": "Amount", "currency": "Currency", "fee": "Fee", "balance": "Balance after", "words": "Status", "reason": "Status Reason", "phone2": "Sender Phone"}, "text fee balance phone2"),
    "short headings": ("en", {"reference": "Ref No", "phone": "Primary Phone", "phone2": "Alternate Phone", "name": "Full Names", "amount": "Amt Disbursed", "fee": "Trx Charge", "balance": "Closing Bal", "text": "Batch No", "words": "Trx Status"}, "phone2 fee balance text"),
    "asked and paid": ("en", {"reference": "Txn Ref", "asked": "Requested Amount", "amount": "Paid Amount", "words": "Result"}, "asked"),
    "French": ("fr", {"no": "N°", "reference": "Référence du transfert", "name": "Bénéficiaire", "phone": "Téléphone", "asked": "Montant demandé", "amount": "Montant payé", "fee": "Frais", "words": "Statut", "reason": "Motif du rejet", "date": "Date de paiement"}, "no asked fee"),
    "Spanish": ("es", {"reference": "Referencia de pago", "name": "Nombre del beneficiario", "phone": "Celular", "amount": "Monto pagado (COP)", "fee": "Comisión", "balance": "Saldo", "words": "Estado", "date": "Fecha de pago"}, "fee balance"),
    "Portuguese": ("pt", {"reference": "Referência", "name": "Nome completo", "phone": "Telemóvel", "amount": "Valor pago", "words": "Situação", "reason": "Motivo"}, ""),
    "Arabic": ("ar", {"no": "م", "reference": "رقم مرجع التحويل", "name": "اسم المستفيد", "phone": "رقم الجوال", "amount": "المبلغ المدفوع", "fee": "الرسوم", "words": "حالة الدفع", "reason": "سبب الفشل", "date": "تاريخ الصرف"}, "no fee"),
    "Swahili": ("sw", {"reference": "Kumbukumbu ya malipo", "name": "Jina la mnufaika", "phone": "Namba ya simu", "amount": "Kiasi kilicholipwa", "fee": "Ada", "words": "Hali ya malipo", "date": "Tarehe"}, "fee"),
    "Bengali": ("bn", {"no": "ক্রমিক", "reference": "রেফারেন্স নম্বর", "name": "উপকারভোগীর নাম", "phone": "মোবাইল নম্বর", "amount": "টাকার পরিমাণ", "fee": "চার্জ", "words": "অবস্থা", "date": "তারিখ"}, "no fee"),
    "Burmese": ("my", {"no": "စဉ်", "reference": "ကိုးကားအမှတ်", "name": "အမည်", "phone": "ဖုန်းနံပါတ်", "amount": "ငွေပမာဏ", "fee": "ကော်မရှင်", "words": "အခြေအနေ", "date": "ရက်စွဲ"}, "no fee"),
    "card": ("en", {"reference": "Client Ref", "token": "Card Number", "name": "Cardholder Name", "amount": "Load Amount", "currency": "Currency", "words": "Load Status", "reason": "Error Description", "date": "Load Date", "provider_id": "Transaction ID"}, ""),
    "bank": ("en", {"date": "Value Date", "provider_id": "Bank Reference", "reference": "Our Reference", "account": "Beneficiary Account", "amount": "Debit", "nothing": "Credit", "balance": "Balance"}, "nothing balance"),
    "no reference": ("en", {"phone": "Mobile Number", "name": "Customer Name", "amount": "Amount (UGX)", "words": "Status"}, ""),
    "two languages in one heading": ("fr", {"reference": "Référence / Reference", "name": "Nom / Name", "amount": "Montant payé / Amount paid", "words": "Statut / Status"}, ""),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=list(SHAPES))
@pytest.mark.parametrize("above", [0, 7])
def test_each_column_is_proposed_and_its_look_alikes_are_not(shape, above):
    language, columns, decoys = SHAPES[shape]
    letterhead: list[list[Any]] = [
        ["Sparrow Transfers Ltd"],
        [],
        ["Report of payments", None, "Batch 2291"],
        ["Date:", "17/11/2026"],
        ["Opening balance", 5000000],
        ["Phone", "9995550000"],
        [],
    ]
    rows = letterhead[:above] + _table(columns, language) + [[], ["Prepared by: Rana Inkwell"]]

    proposal = layout.propose(sheets_of(rows))

    expected = {("status" if key == "words" else key): name for key, name in columns.items() if key not in decoys.split()}
    found = _found(proposal)
    found.pop("returned_amount", None)
    assert found == expected
    assert proposal.sheets[0].header_row == above + 1
    assert proposal.sheets[0].rows == 6
    assert proposal.is_certain


def test_a_heading_of_two_rows_joins_merged_cells_over_each_of_their_columns():
    rows = [
        ["Bulk payments of November"],
        [],
        ["No.", "Beneficiary", None, "Amount (KES)", None, "Result", None],
        [None, "Name", "Phone", "Requested", "Paid", "Status", "Txn Ref"],
    ]
    rows += [
        [n, line["name"], line["phone"], line["amount"], line["amount"], "Paid", line["reference"]]
        for n, line in enumerate(lines(), start=1)
    ]
    merges = [Merge(1, 0, 1, 6), Merge(3, 0, 4, 0), Merge(3, 1, 3, 2), Merge(3, 3, 3, 4), Merge(3, 5, 3, 6)]

    proposal = layout.propose(sheets_of(rows, merges=merges))

    assert (proposal.sheets[0].header_row, proposal.sheets[0].header_rows) == (3, 2)
    assert _found(proposal) == {
        "name": "Beneficiary / Name",
        "phone": "Beneficiary / Phone",
        "amount": "Amount (KES) / Paid",
        "status": "Result / Status",
        "reference": "Result / Txn Ref",
    }
    assert proposal.profile.currency == "KES"
    assert read_payouts(sheets_of(rows, merges=merges), proposal.profile).rows == 6


def test_tags_totals_bands_repeated_headings_and_signatures_are_no_lines():
    table = _table({"reference": "Ref", "amount": "Amount", "words": "Status"})
    rows = [
        table[0],
        ["#meta+id", "#value", "#status"],
        *table[1:4],
        [],
        ["Site: Kharwa"],
        table[0],
        *table[4:],
        ["Grand total", 45750, None],
        [],
        ["Signature", "....."],
    ]

    proposal = layout.propose(sheets_of(rows), currency="KES")

    look = proposal.sheets[0]
    assert (look.rows, look.totals, look.skipped) == (6, (12,), (2, 7, 8, 14))
    assert proposal.problems == ()


def test_a_total_that_disagrees_with_its_lines_is_a_problem_at_its_cell():
    rows = [*_table({"reference": "Ref", "amount": "Amount", "words": "Status"}), ["TOTAL", 99999, None]]

    [problem] = layout.propose(sheets_of(rows), currency="KES").problems

    assert problem.cell == "B8"
    assert "99,999" in problem.fix
    assert "45,750" in problem.fix


def test_a_sum_that_nobody_labelled_is_a_total_and_another_number_is_a_line():
    table = _table({"reference": "Ref", "amount": "Amount", "words": "Status"})

    summed = layout.propose(sheets_of([*table, [None, 45750.0]]), currency="KES").sheets[0]
    other = layout.propose(sheets_of([*table, [None, 45000.0]]), currency="KES").sheets[0]

    assert (summed.rows, summed.totals) == (6, (8,))
    assert (other.rows, other.totals) == (7, ())


def test_numbers_under_the_headings_are_no_line():
    table = _table({"reference": "Ref", "name": "Name", "amount": "Amount", "words": "Status"})

    assert layout.propose(sheets_of([table[0], [1.0, 2.0, 3.0, 4.0], *table[1:]]), currency="KES").sheets[0].rows == 6


def test_a_small_table_beside_the_list_is_left_out():
    table = _table({"reference": "Ref", "amount": "Amount", "words": "Status"})
    beside = [["Status", "Total"], ["Paid", 30000], ["Failed", 15750], *[[None, None]] * 4]

    proposal = layout.propose(sheets_of([[*row, None, *small] for row, small in zip(table, beside, strict=True)]), currency="KES")

    assert [guess.column for guess in proposal.sheets[0].columns] == [0, 1, 2]
    assert proposal.is_certain


def test_a_column_that_says_success_is_the_status_whatever_stands_over_it():
    rows = [["Ref", "Amount", "Result Code", "Result Description"], *[[line["reference"], 50.0, "0", "Success"] for line in lines()]]

    assert _found(layout.propose(sheets_of(rows), currency="KES"))["status"] == "Result Description"


def test_sheets_of_one_shape_are_joined_and_others_left():
    table = _table({"reference": "Ref", "amount": "Amount", "words": "Status"})
    summary = [["Summary", "of payments"], ["Paid", 4], ["Failed", 2]]

    sheets = sheets_of(summary, [["North"], [], *table], table, names=["Summary", "North", "South"])
    proposal = layout.propose(sheets, currency="KES")

    assert [look.header_row for look in proposal.sheets] == [0, 3, 1]
    assert proposal.profile.sheets == ("North", "South")
    assert read_payouts(sheets, proposal.profile, "KES").rows == 12
    assert proposal.is_certain


def test_two_different_tables_of_payments_are_asked_about():
    one = _table({"reference": "Ref", "amount": "Amount", "words": "Status"})
    other = _table({"phone": "Mobile", "name": "Name", "amount": "Amount Paid", "words": "Result"})

    proposal = layout.propose(sheets_of(one, other), currency="KES")

    assert [question.about for question in proposal.questions] == [About.SHEET]
    assert not proposal.is_certain


@pytest.mark.parametrize("text", ["7,000", "7.000"])
def test_amounts_that_read_two_ways_are_asked_with_value_and_cell(text):
    rows = [["Ref", "Amount", "Status"], *[[line["reference"], text, "Paid"] for line in lines()]]

    proposal = layout.propose(sheets_of(rows), currency="KES")

    question = proposal.questions[0]
    assert (question.about, question.value, question.cell) == (About.MARKS, text, "B2")
    assert not proposal.is_certain
    assert read_payouts(sheets_of(rows), proposal.profile, "KES").payouts[0].amount is None


def test_what_we_instructed_tells_how_amounts_are_written():
    rows = [["Ref", "Amount", "Status"], *[[line["reference"], "7,000", "Paid"] for line in lines()]]
    expected = {line["reference"]: Instruction(line["reference"], Money(700000, "KES")) for line in lines()}

    proposal = layout.propose(sheets_of(rows), currency="KES", expected=expected)

    assert proposal.profile.decimal == "."
    assert proposal.is_certain


def test_other_amounts_in_the_same_rows_tell_how_amounts_are_written():
    rows = [["Ref", "Amount", "Fee", "Status"], *[[line["reference"], "7,000", "35.50", "Paid"] for line in lines()]]

    assert layout.propose(sheets_of(rows), currency="KES").profile.decimal == "."


def test_a_date_that_reads_two_ways_is_asked_with_value_and_cell():
    rows = [["Ref", "Amount", "Paid on"], *[[line["reference"], 50.0, "04/11/2026"] for line in lines()]]

    [question] = layout.propose(sheets_of(rows), currency="KES").questions

    assert (question.about, question.value, question.cell) == (About.DATE_ORDER, "04/11/2026", "C2")


def test_real_dates_decide_nothing_about_written_ones():
    rows = [["Ref", "Amount", "Date"], ["TR-1", 5.0, Moment("2026-04-11")], ["TR-2", 5.0, "17/11/2026"]]

    [question] = layout.propose(sheets_of(rows), currency="KES").questions

    assert (question.about, question.cell) == (About.DATE_ORDER, "C3")


def _long(count: int, **odd: dict[int, Any]) -> list[list[Any]]:
    """A long table in which `odd` says which lines differ, by column."""
    usual = {"amount": lambda n: "1,250.50", "status": lambda n: "Paid", "date": lambda n: f"{1 + n % 9:02}/11/2026"}
    rows = [[f"TR-{n:06}", *(odd.get(key, {}).get(n, cell(n)) for key, cell in usual.items())] for n in range(count)]
    return [["Ref", "Amount", "Status", "Date"], *rows]


@pytest.mark.parametrize(
    ("odd", "about", "cell"),
    [
        ({"amount": {11_000: "1.250,50"}}, About.MARKS, "B11002"),
        ({"status": {11_001: "Glimmering"}}, About.STATUS_WORD, "C11003"),
    ],
)
def test_what_stands_far_down_in_a_long_file_is_asked_about_too(odd, about, cell):
    odd = {**odd, "date": dict.fromkeys(range(12_000), "17/11/2026")}

    proposal = layout.propose(sheets_of(_long(12_000, **odd)), currency="KES", check_rows=False)

    assert [(question.about, question.cell) for question in proposal.questions if question.cell != "B2"] == [(about, cell)]


def test_one_date_far_down_tells_the_order_of_all_above_it():
    proposal = layout.propose(sheets_of(_long(12_000, date={11_001: "17/11/2026"})), currency="KES", check_rows=False)

    assert (proposal.profile.date_order, proposal.questions) == ("dmy", ())


def test_an_unknown_status_word_is_asked_once():
    rows = [
        ["Ref", "Amount", "Status"],
        *[
            [line["reference"], 50.0, word]
            for line, word in zip(lines(), ["Paid", "Paid", "Glimmering", "Failed", "Glimmering", "Paid"], strict=True)
        ],
    ]

    [question] = layout.propose(sheets_of(rows), currency="KES").questions

    assert (question.about, question.value, question.cell) == (About.STATUS_WORD, "Glimmering", "C4")


def test_reasons_without_a_status_are_asked_about():
    rows = [["Ref", "Amount", "Failure reason"], *[[line["reference"], 50.0, line["reason"]] for line in lines()]]

    [question] = layout.propose(sheets_of(rows), currency="KES").questions

    assert question.about is About.COLUMN


def test_mostly_negative_amounts_are_asked_about():
    rows = [["Our Reference", "Amount", "Details"], *[[line["reference"], -50.0, "TRF"] for line in lines()]]

    [question] = layout.propose(sheets_of(rows), currency="KES").questions

    assert question.about is About.SIGN


def test_two_columns_that_could_both_be_the_amount_are_asked_about():
    rows = [["Ref", "Amount (USD)", "Amount (KES)", "Status"], *[[line["reference"], 50.0, 6500.0, "Paid"] for line in lines()]]

    proposal = layout.propose(sheets_of(rows))

    assert [question.about for question in proposal.questions] == [About.COLUMN]


def test_our_own_references_tell_the_column_whatever_its_heading():
    rows = [["Ref", "Kode", "Amount", "Status"], *[[f"X{n}00", line["reference"], 50.0, "Paid"] for n, line in enumerate(lines())]]
    expected = {line["reference"]: Instruction(line["reference"], Money(5000, "KES")) for line in lines()}

    assert _found(layout.propose(sheets_of(rows), currency="KES", expected=expected))["reference"] == "Kode"


@pytest.mark.parametrize(
    "rows",
    [
        [["Amount"], [5]],
        [["just a note"]],
        [["a", "b"], ["c", "d"]],
        [[1, 2, 3]] * 5,
        [["Ref", "Amount"]],
        [["Phone", "9995550101"], ["Bank", "Sparrow"]],
    ],
)
def test_a_sheet_without_a_table_of_payments_is_never_certain(rows):
    proposal = layout.propose(sheets_of(rows))

    assert not proposal.is_certain


def test_a_heading_seen_before_is_known_again_under_another_letterhead():
    [profile] = [each for each in profiles.shipped() if each.name == "cash-agent"]
    table = _table(
        {
            "no": "S/N",
            "reference": "Payment Code",
            "name": "Receiver Name",
            "phone": "Receiver Phone",
            "amount": "Amount Paid",
            "words": "Status",
            "reason": "Remarks",
            "text": "Branch",
            "date": "Date Paid",
        }
    )

    proposal = layout.propose(sheets_of([["Lantern Remittance"], [], *table]), known=profiles.shipped(), currency="KES")

    assert proposal.known_as == "cash-agent"
    assert proposal.is_certain
    assert read_payouts(sheets_of([["Lantern Remittance"], [], *table]), profile, "KES").rows == 6


def test_a_saved_layout_keeps_what_was_decided_and_asks_only_what_is_new():
    first = [["Ref", "Amount", "Status", "Date"], *[[line["reference"], 50.0, "Glimmering", "04/11/2026"] for line in lines()]]
    asked = layout.propose(sheets_of(first, names=["May"]), currency="KES")
    answers = {**profiles.to_map(asked.profile), "name": "lantern", "paid_words": ["Glimmering"], "date_order": "mdy"}
    saved = profiles.from_mapping(answers)
    later = [[line["reference"], "1,250.50", "Glimmering", "04/11/2026"] for line in lines()]
    second = [["Lantern"], first[0], *later, ["TR-9", 5.0, "Shimmering", "17/11/2026"]]

    known = layout.propose(sheets_of(second, names=["June"]), known=[saved], currency="UGX")

    assert {question.about for question in asked.questions} == {About.DATE_ORDER, About.STATUS_WORD}
    assert [(question.about, question.value) for question in known.questions] == [(About.STATUS_WORD, "Shimmering")]
    assert (known.known_as, known.profile.date_order, known.profile.decimal, known.profile.sheets) == ("lantern", "mdy", ".", ("June",))
    assert known.profile.currency == ""


def test_a_site_that_stands_alone_in_the_reference_column_is_no_line():
    table = _table({"reference": "Ref", "amount": "Amount", "words": "Status"})

    look = layout.propose(sheets_of([*table[:3], [], ["Kharwa"], *table[3:]]), currency="KES").sheets[0]

    assert (look.rows, look.skipped) == (6, (5,))
