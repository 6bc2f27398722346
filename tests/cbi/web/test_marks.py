from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbi.web.marks import mark_of, mark_words


def test_a_mark_is_eight_words_of_eleven_bits_each():
    assert mark_words(bytes(32)) == ["abandon"] * 8
    assert mark_words(b"\xff" * 32) == ["zoo"] * 8


def test_the_first_word_is_the_most_significant_eleven_bits():
    assert mark_words((1 << 77).to_bytes(11))[0] == "ability"
    assert mark_words((1).to_bytes(11))[-1] == "ability"


@given(st.binary(min_size=11, max_size=32))
def test_the_words_lead_back_to_the_first_eleven_bytes(digest: bytes):
    assert mark_of(" ".join(mark_words(digest))) == digest[:11]


def test_words_may_be_typed_in_capitals_with_commas_and_four_letters_each():
    words = mark_words(sha256(b"list").digest())

    assert mark_of(", ".join(word[:4].upper() for word in words)) == sha256(b"list").digest()[:11]


@pytest.mark.parametrize("typed", ["", "abandon", "abandon " * 7 + "juniper!", "abandon " * 9])
def test_what_is_not_a_mark_is_none(typed: str):
    assert mark_of(typed) is None


def test_a_hash_too_short_for_a_mark_is_refused():
    with pytest.raises(ValueError, match="11 bytes"):
        mark_words(b"short")
