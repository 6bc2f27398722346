from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbi.transfers.references import ALPHABET, LENGTH, is_reference, list_number, list_reference, new_reference, seems_misread, tidy

REFERENCES = st.integers(0, 2**64).map(lambda seed: new_reference(random.Random(seed)))


@given(REFERENCES)
def test_a_fresh_reference_is_one(reference: str):
    assert is_reference(reference)
    assert len(reference) == LENGTH


@given(REFERENCES, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_sign_is_always_found(reference: str, place: int, sign: str):
    wrong = reference[:place] + sign + reference[place + 1 :]

    assert is_reference(wrong) == (wrong == reference)


@given(REFERENCES, st.integers(0, LENGTH - 1), st.integers(0, LENGTH - 1))
def test_two_swapped_signs_are_always_found(reference: str, one: int, other: int):
    signs = list(reference)
    signs[one], signs[other] = signs[other], signs[one]

    assert is_reference("".join(signs)) == ("".join(signs) == reference)


@given(REFERENCES)
def test_no_spreadsheet_takes_a_reference_for_a_number_or_a_date(reference: str):
    assert reference[:2].isalpha()
    assert "E" not in reference
    assert not set(reference) & set("01OILZSBUGAY")
    with pytest.raises(ValueError):
        float(reference)


@given(REFERENCES, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_a_reference_with_one_wrong_sign_seems_misread_unless_it_no_longer_begins_like_one(reference: str, place: int, sign: str):
    wrong = reference[:place] + sign + reference[place + 1 :]

    assert seems_misread(wrong.lower()) == (wrong != reference and wrong.startswith("T"))


def test_what_people_type_is_tidied():
    reference = new_reference(random.Random(1))

    assert tidy(f" {reference[:4].lower()}-{reference[4:]} ") == reference


@pytest.mark.parametrize("text", ["", "T", "TKW3D8Q", "TKW3D8QHX", "1234E567", "T0W3D8QH"])
def test_other_texts_are_no_references(text: str):
    assert not is_reference(text)


def test_a_list_is_named_by_year_and_number():
    assert list_reference(2026, 31) == "L-2026-031"
    assert list_number("L-2026-031") == 31
    assert list_number(list_reference(2026, 1204)) == 1204
