"""A status is understood by the words it is made of, and left open where one of them is not known."""

from __future__ import annotations

import pytest

from reconciliation.payout import Outcome
from reconciliation.vocabulary import outcome_of


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("Payment sent successfully to beneficiary", Outcome.PAID),
        ("Transaction not successful", Outcome.FAILED),
        ("Rejected by the bank", Outcome.FAILED),
        ("Paiement non effectué", Outcome.FAILED),
        ("Pago rechazado", Outcome.FAILED),
        ("Pago no realizado", Outcome.FAILED),
        ("Beneficiario no localizado", Outcome.FAILED),
        ("Transferência sem sucesso", Outcome.FAILED),
        ("تم صرف المبلغ", Outcome.PAID),
        ("لم يتم صرف المبلغ", Outcome.FAILED),
        ("Malipo yamefanikiwa", Outcome.PAID),
        ("Malipo hayajafanikiwa", Outcome.FAILED),
        ("টাকা প্রদান করা হয়েছে", Outcome.PAID),
        ("টাকা প্রদান করা হয়নি", Outcome.FAILED),
        ("ငွေလွှဲအောင်မြင်ပါသည်", Outcome.PAID),
        ("ငွေလွှဲမအောင်မြင်ပါ", Outcome.FAILED),
        ("Payment reversed", Outcome.RETURNED),
    ],
)
def test_known_words_say_together_what_happened(status, outcome):
    assert outcome_of(status) is outcome


@pytest.mark.parametrize(
    "status",
    [
        "To be paid",
        "Ready for payment",
        "Partially paid",
        "Sent to bank",
        "Paid to wrong person",
        "Not rejected",
        "Paid and reversed, then failed",
        "À payer",
        "Pagadero",
        "Pago no banco",
        "Pago no balcão",
        "Pago no prazo",
        "Entregue no domicílio",
        "يتم الصرف",
        "للصرف",
        "italipwa",
        "Payment",
        "00",
        "",
    ],
)
def test_a_status_that_money_could_hang_on_is_never_guessed(status):
    assert outcome_of(status) is None
