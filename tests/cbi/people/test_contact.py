from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbi.errors import Refused
from cbi.people.contact import mask, read_account, read_document, read_phone, show_phone
from cbi.people.tables import AccountKind


@pytest.mark.parametrize(
    "typed", ["0712 345678", "+254712345678", "00254 712-345-678", "254712345678", "٠٧١٢٣٤٥٦٧٨", "\u202a+254 712 345678\u202c"]
)
def test_a_phone_has_one_spelling_however_it_is_typed(typed: str):
    assert read_phone(typed, "KE") == "+254712345678"


@pytest.mark.parametrize("typed", ["", "12", "+1", "0712 34567", "call me", "+254712345678999", "7.12E+08"])
def test_a_phone_that_nobody_could_ring_is_refused_with_an_example(typed: str):
    with pytest.raises(Refused, match="country code, for example"):
        read_phone(typed, "KE")


@pytest.mark.parametrize("typed", ["254826725646", "+254 826 725646"])
def test_a_phone_whose_country_has_no_such_number_is_not_asked_for_the_code_it_has(typed: str):
    with pytest.raises(Refused, match="read the phone again: its country has no such number"):
        read_phone(typed, "KE")


def test_the_numbers_of_invented_people_are_readable():
    assert show_phone(read_phone("+999 555 0142", "KE")) == "+999 555 0142"


def test_a_document_has_one_spelling():
    assert read_document(" kh-118 271 ") == "KH-118271"


@pytest.mark.parametrize("typed", ["", "??", "AB", "NUMBER", "12345;", "<b>1</b>", "9" * 60])
def test_a_document_that_is_none_is_refused(typed: str):
    with pytest.raises(Refused):
        read_document(typed)


def test_an_iban_with_one_wrong_digit_is_refused():
    assert read_account("GB82 WEST 1234 5698 7654 32", AccountKind.BANK, "KE") == "GB82WEST12345698765432"
    with pytest.raises(Refused, match="read the IBAN again"):
        read_account("GB82 WEST 1234 5698 7654 33", AccountKind.BANK, "KE")


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str):
    for read in (lambda: read_phone(text, "KE"), lambda: read_document(text), lambda: read_account(text, AccountKind.CARD, "KE")):
        try:
            assert read()
        except Refused:
            continue


def test_a_masked_number_can_be_compared_but_not_copied():
    assert mask("KH-118271") == "KH·····71"
    assert mask("123") == "·····"
