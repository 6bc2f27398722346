"""Why money did not arrive, in the provider's words and ours."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import reconciliation
from reconciliation.cells import words
from reconciliation.reasons import Reason, reason_of

SAID = tomllib.loads((Path(reconciliation.__file__).parent / "reasons.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("The account is CLOSED: Account closed", Reason.WALLET_CLOSED),
        ("Receiver's daily limit exceeded", Reason.LIMIT_REACHED),
        ("Invalid MSISDN.", Reason.WRONG_NUMBER),
        ("ID names do not match", Reason.NAME_MISMATCH),
        ("Customer not registered for mobile money", Reason.NOT_REGISTERED),
        ("Solde insuffisant", Reason.INSUFFICIENT_FLOAT),
        ("Paiement EN ATTENTE", Reason.PENDING),
        ("Vencido el 03/04", Reason.EXPIRED),
        ("Não levantado", Reason.UNCLAIMED),
        ("الحساب غير موجود", Reason.WRONG_NUMBER),
        ("منتهي الصلاحيّة", Reason.EXPIRED),
        ("Namba si sahihi", Reason.WRONG_NUMBER),
        ("Numéro erroné", Reason.WRONG_NUMBER),
        ("Fraudulent", Reason.REJECTED),
        ("গ্রাহকের হিসাব বন্ধ", Reason.WALLET_CLOSED),
        ("নাম মেলেনি।", Reason.NAME_MISMATCH),
        ("လက်ခံသူ၏ အမည်မကိုက်ညီပါ", Reason.NAME_MISMATCH),
        ("ဖုန်းနံပါတ်မှားနေသည်", Reason.WRONG_NUMBER),
        ("E-4711", Reason.OTHER),
        ("", Reason.OTHER),
    ],
)
def test_the_words_of_a_provider_lead_to_one_of_our_reasons(said, reason):
    assert reason_of(said) is reason


def test_a_word_inside_another_word_does_not_count():
    assert reason_of("unlimited") is Reason.OTHER


def test_the_longest_phrase_decides():
    assert reason_of("rejected: account number not found") is Reason.WRONG_NUMBER


def test_the_status_is_read_when_the_reason_says_nothing():
    assert reason_of("E-4711", "Unclaimed") is Reason.UNCLAIMED
    assert reason_of("Account closed", "Pending") is Reason.WALLET_CLOSED


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.OTHER])
def test_every_reason_is_known_in_eight_languages(reason):
    assert set(SAID[reason]) - {"iso"} == {"en", "fr", "es", "pt", "ar", "sw", "bn", "my"}
    assert all(SAID[reason].values())


def test_no_phrase_means_two_reasons():
    seen = {}
    for reason, languages in SAID.items():
        for phrase in {words(phrase) for phrases in languages.values() for phrase in phrases}:
            assert seen.setdefault(phrase, reason) == reason, phrase


def test_phrases_lead_to_the_reason_they_stand_under():
    wrong = {
        phrase
        for reason, languages in SAID.items()
        for phrases in languages.values()
        for phrase in phrases
        if reason_of(phrase.rstrip("*")) != reason
    }

    assert wrong == set()
