"""What the values of a column look like: amounts, phones, names, codes, status words. A few wrong cells do not make it another column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from reconciliation.amounts import take_apart
from reconciliation.cells import Moment, Value, lost_digits, plain, text_of, words
from reconciliation.dates import looks_like_date
from reconciliation.payout import Outcome
from reconciliation.profile import Profile, outcome_with_reason
from reconciliation.vocabulary import Field, currency_of, is_any_currency_word

_FEW_WORDS = 12
_PHONE_DIGITS = range(7, 16)
_LETTER = re.compile(r"[^\W\d_]")
BARE = Profile("", {})
_ACCOUNT_DIGITS = 4
YES_AND_NO = frozenset(
    ["yes", "no", "y", "n", "oui", "non", "si", "nao", "sim", "true", "false", "نعم", "لا", "ndiyo", "hapana", "হ্যাঁ", "না"]
)
_MOST = 0.6
_LONGEST_KEY = 40
_COUNT_DIGITS = 7
_SPREAD = 100


def fit(field: Field, filled: Sequence[Value]) -> float:
    """How well the values of a column suit a field, from 0 to 1; of an empty column, how usual it is to be empty."""
    if not filled:
        return _EMPTY_FIT.get(field, 0.0)
    if field is Field.STATUS:
        return _status_fit(filled)
    if field in {Field.REFERENCE, Field.PROVIDER_ID, Field.TOKEN}:
        return _key_fit(filled, field)
    # A few wrong cells do not make it another column: they are problems of their rows.
    return min(1.0, sum(_LOOKS[field](value) for value in filled) / len(filled) / _MOST)


_EMPTY_FIT = {
    Field.REASON: 0.8,
    Field.NARRATIVE: 0.8,
    Field.RETURNED_AMOUNT: 0.8,
    Field.NAME: 0.6,
    Field.PHONE: 0.6,
    Field.ACCOUNT: 0.6,
    Field.TOKEN: 0.6,
    Field.PROVIDER_ID: 0.6,
    Field.DATE: 0.6,
}


def _status_fit(filled: Sequence[Value]) -> float:
    said = {text_of(value) for value in filled if not isinstance(value, float | int) or isinstance(value, bool)}
    if not said:
        return 0.0
    known = sum(outcome_with_reason(BARE, word)[0] is not None for word in said)
    if known * 5 >= len(said) * 4 and len(said) <= _FEW_WORDS:
        return 1.0
    return 0.9 if known * 2 >= len(said) else 0.7 if len(said) <= min(_FEW_WORDS, max(len(filled) // 2, 1)) else 0.1


def _key_fit(filled: Sequence[Value], field: Field) -> float:
    if counts_rows(filled):
        return 0.0
    shaped = min(1.0, sum(looks_like_key(value) for value in filled) / len(filled) / _MOST)
    unlike = len({text_of(value) for value in filled}) / len(filled)
    return shaped * (1.0 if unlike > 0.5 or field is Field.TOKEN else 0.5)  # noqa: PLR2004 - half of them differ


def counts_rows(filled: Sequence[Value]) -> bool:
    """Whether a column only numbers its rows: small whole numbers that never fall."""
    texts = [plain(text_of(value)) for value in filled]
    if not all(text.isdigit() and len(text) <= _COUNT_DIGITS for text in texts):
        return False
    numbers = [int(text) for text in texts]
    rising = all(one < next_one for one, next_one in pairwise(numbers))
    return rising and numbers[-1] - numbers[0] <= _SPREAD * len(numbers)


def looks_like_key(value: Value) -> bool:
    """Whether a cell can be a reference or an id: short, with a digit or all in capitals."""
    text = plain(text_of(value))
    if isinstance(value, Moment) or len(text) > _LONGEST_KEY or text.count(" ") > 2:  # noqa: PLR2004 - "TR 0001 22" is still a key
        return False
    return any(character.isdigit() for character in text) or (text.isupper() and " " not in text)


def looks_like_amount(value: Value) -> bool:
    """Whether a cell can be an amount: a number, or a written one with at most a currency beside it."""
    if isinstance(value, bool) or not isinstance(value, str):
        return isinstance(value, int | float) and (value != int(value) or not lost_digits(value))
    written = take_apart(value)
    if written is None or plain(value)[:1] == "+" or len(written.number) > 16:  # noqa: PLR2004 - longer than any amount of money
        return False
    return not written.word or bool(currency_of(written.word.upper())) or is_any_currency_word(written.word)


def _looks_like_phone(value: Value) -> bool:
    text = plain(text_of(value))
    digits = sum(character.isdigit() or character in "*xX" for character in text)
    return lost_digits(value) or (digits in _PHONE_DIGITS and digits >= len(text.replace(" ", "").replace("-", "")) - 3)


def _looks_like_account(value: Value) -> bool:
    text = plain(text_of(value))
    return sum(character.isdigit() or character in "*xX" for character in text) > _ACCOUNT_DIGITS and not isinstance(value, Moment)


def _looks_like_name(value: Value) -> bool:
    return isinstance(value, str) and bool(_LETTER.search(value)) and sum(character.isdigit() for character in value) * 3 < len(value)


def looks_like_text(value: Value) -> bool:
    """Whether a cell holds words."""
    return isinstance(value, str) and bool(_LETTER.search(value))


def _looks_like_currency(value: Value) -> bool:
    return isinstance(value, str) and bool(currency_of(plain(value).upper()) or is_any_currency_word(plain(value)))


_LOOKS = {
    Field.AMOUNT: looks_like_amount,
    Field.RETURNED_AMOUNT: looks_like_amount,
    Field.CURRENCY: _looks_like_currency,
    Field.REASON: looks_like_text,
    Field.NAME: _looks_like_name,
    Field.PHONE: _looks_like_phone,
    Field.ACCOUNT: _looks_like_account,
    Field.NARRATIVE: looks_like_text,
    Field.DATE: looks_like_date,
}


def tells_what_was_paid(filled: Sequence[Value]) -> bool:
    """Whether a column says "Success" somewhere: no column of reasons does, so it is the status, whatever stands over it."""
    return _status_fit(filled) >= 1 and any(outcome_with_reason(BARE, text_of(value))[0] is Outcome.PAID for value in filled)


def only_yes_and_no(filled: Sequence[Value]) -> bool:
    """Whether a column only answers a question: any has such answers, and only its heading says whether it is that of the money."""
    return {words(text_of(value)) for value in filled} <= YES_AND_NO
