"""Which column holds what: the heading's words and the look of its values, weighed together."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from reconciliation.amounts import take_apart
from reconciliation.cells import Moment, Value, lost_digits, plain, says_nothing, text_of, words
from reconciliation.concepts import concepts_of
from reconciliation.dates import looks_like_date
from reconciliation.heading_rules import heading_score
from reconciliation.payout import Outcome
from reconciliation.profile import Profile, outcome_with_reason
from reconciliation.proposal import Guess
from reconciliation.vocabulary import Field, currency_of, is_any_currency_word

_LEAST = 0.5
_CLOSE = 0.08
_EXAMPLES = 4
_BY_VALUES = {Field.STATUS: 0.78, Field.CURRENCY: 0.78}
_OURS = 0.99
_FEW_WORDS = 12
_PHONE_DIGITS = range(7, 16)
_LETTER = re.compile(r"[^\W\d_]")
_BARE = Profile("", {})
_MANY = 3
_YES_AND_NO = frozenset(
    ["yes", "no", "y", "n", "oui", "non", "si", "nao", "sim", "true", "false", "نعم", "لا", "ndiyo", "hapana", "হ্যাঁ", "না"]
)
_MOST = 0.6
_LOOK_ALIKES = frozenset({"fee", "balance", "batch", "asked", "agent", "other", "size", "document", "early"})
_LONGEST_KEY = 40
_COUNT_DIGITS = 7
_SPREAD = 100


def guess_columns(
    names: Sequence[str], values: Sequence[Sequence[Value]], references: Collection[str] = ()
) -> tuple[list[Guess], list[tuple[Guess, Guess]]]:
    """The proposed column of each field, and pairs between which only a person can choose.

    names: heading per column.  values: a sample per column.  references: our own, where known: a column that holds them is the reference.
    """
    offers = [
        offer for column in range(len(names)) if names[column] for offer in _offers(column, names[column], values[column], references)
    ]
    filled = [sum(not says_nothing(value) for value in column) for column in values]
    offers.sort(key=lambda guess: (-guess.certainty, filled[guess.column] * 2 < max(filled), len(guess.header), guess.column))
    taken: dict[Field, Guess] = {}
    used: set[int] = set()
    for offer in offers:
        if offer.field not in taken and offer.column not in used:
            taken[offer.field] = offer
            used.add(offer.column)
    return sorted(taken.values(), key=lambda guess: guess.column), _rivals(
        [offer for offer in offers if filled[offer.column] * 2 >= max(filled)], taken, used
    )


def _offers(column: int, name: str, values: Sequence[Value], references: Collection[str]) -> list[Guess]:
    filled = [value for value in values if not says_nothing(value)]
    offers = []
    for field in Field:
        heading = heading_score(name, field)
        fit = _fit(field, filled)
        certainty = heading * (0.25 + 0.75 * fit)
        if field in _BY_VALUES and fit >= 1 and len(filled) >= _MANY and not _only_yes_and_no(filled):
            certainty = max(certainty, _BY_VALUES[field])
        if field in {Field.REASON, Field.NARRATIVE} and _tells_what_was_paid(filled):
            certainty /= 2
        if field is Field.REFERENCE and references and filled:
            certainty = _by_our_references(certainty, filled, references)
        if certainty >= _LEAST:
            offers.append(Guess(field, name, column, round(certainty, 2), tuple(text_of(value) for value in filled[:_EXAMPLES])))
    return offers


def unnamed_keys(names: Sequence[str], values: Sequence[Sequence[Value]], used: Collection[int]) -> list[int]:
    """Columns that nobody claimed although each of their cells is a code of its own and their heading says nothing against it."""
    return [column for column in _unclaimed(names, used) if _all_codes([value for value in values[column] if not says_nothing(value)])]


def unnamed_outcomes(names: Sequence[str], values: Sequence[Sequence[Value]], used: Collection[int]) -> list[int]:
    """Columns that nobody claimed although they say of some rows that they failed or came back."""
    return [
        column
        for column in _unclaimed(names, used)
        if any(
            outcome_with_reason(_BARE, text_of(value))[0] not in {None, Outcome.PAID}
            for value in values[column]
            if isinstance(value, str) and words(value) not in _YES_AND_NO
        )
    ]


def _unclaimed(names: Sequence[str], used: Collection[int]) -> list[int]:
    return [column for column, name in enumerate(names) if name and column not in used and not concepts_of(name) & _LOOK_ALIKES]


def _all_codes(filled: Sequence[Value]) -> bool:
    codes = [plain(text_of(value)) for value in filled if _looks_like_key(value)]
    mixed = sum(any(sign.isdigit() for sign in code) and any(sign.isalpha() for sign in code) for code in codes)
    return len(filled) >= _MANY and len(set(codes)) == len(filled) and mixed * 10 >= len(filled) * 9


def _tells_what_was_paid(filled: Sequence[Value]) -> bool:
    # A column of reasons never says "Success": such a one is the status, whatever stands over it.
    return _status_fit(filled) >= 1 and any(outcome_with_reason(_BARE, text_of(value))[0] is Outcome.PAID for value in filled)


def _only_yes_and_no(filled: Sequence[Value]) -> bool:
    # Any question has such answers; only a heading says that this one is whether the money arrived.
    return {words(text_of(value)) for value in filled} <= _YES_AND_NO


def _by_our_references(certainty: float, filled: Sequence[Value], references: Collection[str]) -> float:
    ours = sum(plain(text_of(value)).upper() in references for value in filled)
    return _OURS if ours * 2 > len(filled) or ours >= _MANY else certainty


def _rivals(offers: list[Guess], taken: dict[Field, Guess], used: set[int]) -> list[tuple[Guess, Guess]]:
    close = []
    for field in (Field.REFERENCE, Field.AMOUNT, Field.STATUS):
        best = taken.get(field)
        other = next(
            (offer for offer in offers if offer.field is field and best and offer.column != best.column and offer.column not in used), None
        )
        if best and other and best.certainty - other.certainty < _CLOSE:
            close.append((best, other))
    return close


def _fit(field: Field, filled: Sequence[Value]) -> float:
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
    known = sum(outcome_with_reason(_BARE, word)[0] is not None for word in said)
    if known * 5 >= len(said) * 4 and len(said) <= _FEW_WORDS:
        return 1.0
    return 0.9 if known * 2 >= len(said) else 0.7 if len(said) <= min(_FEW_WORDS, max(len(filled) // 2, 1)) else 0.1


def _key_fit(filled: Sequence[Value], field: Field) -> float:
    if _counts_rows(filled):
        return 0.0
    shaped = min(1.0, sum(_looks_like_key(value) for value in filled) / len(filled) / _MOST)
    unlike = len({text_of(value) for value in filled}) / len(filled)
    return shaped * (1.0 if unlike > 0.5 or field is Field.TOKEN else 0.5)  # noqa: PLR2004 - half of them differ


def _counts_rows(filled: Sequence[Value]) -> bool:
    """Whether a column only numbers its rows: small whole numbers that never fall."""
    texts = [plain(text_of(value)) for value in filled]
    if not all(text.isdigit() and len(text) <= _COUNT_DIGITS for text in texts):
        return False
    numbers = [int(text) for text in texts]
    rising = all(one < next_one for one, next_one in pairwise(numbers))
    return rising and numbers[-1] - numbers[0] <= _SPREAD * len(numbers)


def _looks_like_key(value: Value) -> bool:
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
    return sum(character.isdigit() or character in "*xX" for character in text) > _EXAMPLES and not isinstance(value, Moment)


def _looks_like_name(value: Value) -> bool:
    return isinstance(value, str) and bool(_LETTER.search(value)) and sum(character.isdigit() for character in value) * 3 < len(value)


def _looks_like_text(value: Value) -> bool:
    return isinstance(value, str) and bool(_LETTER.search(value))


def _looks_like_currency(value: Value) -> bool:
    return isinstance(value, str) and bool(currency_of(plain(value).upper()) or is_any_currency_word(plain(value)))


_LOOKS = {
    Field.AMOUNT: looks_like_amount,
    Field.RETURNED_AMOUNT: looks_like_amount,
    Field.CURRENCY: _looks_like_currency,
    Field.REASON: _looks_like_text,
    Field.NAME: _looks_like_name,
    Field.PHONE: _looks_like_phone,
    Field.ACCOUNT: _looks_like_account,
    Field.NARRATIVE: _looks_like_text,
    Field.DATE: looks_like_date,
}
