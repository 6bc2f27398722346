"""Columns whose heading names nothing: told by their values where only one reading is left, else asked about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from reconciliation.cells import Value, plain, says_nothing, text_of, words
from reconciliation.concepts import concepts_of
from reconciliation.dates import looks_like_date
from reconciliation.evidence import are_persons, are_phones, are_told_of_failures, is_other_side, runs_on
from reconciliation.heading_rules import LOOK_ALIKES
from reconciliation.looks import BARE, YES_AND_NO, counts_rows, looks_like_amount, looks_like_key, looks_like_text
from reconciliation.narratives import tells_whose
from reconciliation.payout import Outcome
from reconciliation.profile import outcome_with_reason
from reconciliation.vocabulary import Field

_MANY = 3
_NUMBERED = frozenset({"number", "code", "id"})
_FEWEST_WORDS = 3
# Enough for a column without which a file can be read; not enough to be sure of where the money stands.
_LEFT_OVER = {
    Field.DATE: 0.76,
    Field.NARRATIVE: 0.76,
    Field.AMOUNT: 0.7,
    Field.NAME: 0.76,
    Field.PHONE: 0.76,
    Field.REASON: 0.76,
    Field.RETURNED_AMOUNT: 0.76,
}
_THROUGH_A_BALANCE = 0.8
# Concepts that leave open what a column holds: values may tell it. Any other word of its heading speaks against them.
_OPEN = frozenset({"number", "person", "ours", "payment", "paid", "told", "not", "money"})


def left_over(
    names: Sequence[str], values: Sequence[Sequence[Value]], taken: Mapping[Field, int], used: Collection[int]
) -> dict[Field, tuple[int, float]]:
    """Column and certainty of each field that no heading named, where exactly one unclaimed column can hold it.

    taken: the column of each field that a heading named.
    """
    looks: dict[Field, Callable[[Sequence[Value]], bool]] = {
        Field.DATE: _all_dates,
        Field.NARRATIVE: _all_texts,
        Field.AMOUNT: _all_amounts,
        Field.NAME: are_persons,
        Field.PHONE: are_phones,
    }
    filled = [[value for value in column if not says_nothing(value)] for column in values]
    candidates = {
        field: [column for column in _open_to(field, names, used) if len(filled[column]) >= _MANY and looks_right(filled[column])]
        for field, looks_right in looks.items()
    }
    running = _running(values, names)
    candidates[Field.AMOUNT] = [column for column in candidates[Field.AMOUNT] if column not in running]
    if Field.STATUS in taken:
        statuses = values[taken[Field.STATUS]]
        candidates[Field.REASON] = [
            column for column in _open_to(Field.REASON, names, used) if are_told_of_failures(values[column], statuses)
        ]
    if Field.AMOUNT in taken and Field.RETURNED_AMOUNT not in taken:
        candidates[Field.RETURNED_AMOUNT] = [
            column for column in _open_to(Field.AMOUNT, names, used) if is_other_side(values[column], values[taken[Field.AMOUNT]])
        ]
    found = {field: (places[0], _LEFT_OVER[field]) for field, places in candidates.items() if field not in taken and len(places) == 1}
    if Field.AMOUNT in found and found[Field.AMOUNT][0] in running.values():
        found[Field.AMOUNT] = (found[Field.AMOUNT][0], _THROUGH_A_BALANCE)
    return found


def _running(values: Sequence[Sequence[Value]], names: Sequence[str]) -> dict[int, int]:
    """Columns that are the balance of another, with that other."""
    filled = [[value for value in column if not says_nothing(value)] for column in values]
    figures = [column for column, name in enumerate(names) if name and len(filled[column]) >= _MANY and _all_amounts(filled[column])]
    return {balance: column for balance in figures for column in figures if balance != column and runs_on(values[balance], values[column])}


def _open_to(field: Field, names: Sequence[str], used: Collection[int]) -> list[int]:
    unclaimed = _unclaimed(names, used)
    if field in {Field.NAME, Field.PHONE, Field.REASON}:
        return [column for column in unclaimed if concepts_of(names[column]) <= _OPEN]
    return unclaimed


def _all_dates(filled: Sequence[Value]) -> bool:
    return _most(looks_like_date(value) for value in filled)


def _all_amounts(filled: Sequence[Value]) -> bool:
    return _most(looks_like_amount(value) for value in filled) and not counts_rows(filled)


def _all_texts(filled: Sequence[Value]) -> bool:
    """Whether each cell is a sentence with a code that no other has."""
    texts = [text_of(value) for value in filled if looks_like_text(value)]
    return _most(len(text_of(value).split()) >= _FEWEST_WORDS for value in filled) and tells_whose(texts, ())


def _most(answers: Iterable[bool]) -> bool:
    """Nearly all: a total below, or a wrong cell, does not make it another column."""
    listed = list(answers)
    return sum(listed) * 10 >= len(listed) * 9


def unnamed_keys(names: Sequence[str], values: Sequence[Sequence[Value]], used: Collection[int]) -> list[int]:
    """Columns that nobody claimed although each of their cells is a code of its own and their heading says nothing against it.

    A heading that speaks of a reference is asked about whatever else it says: better one question than a file without its key.
    """
    spoken = [column for column, name in enumerate(names) if name and column not in used and "reference" in concepts_of(name)]
    return [
        column
        for column in sorted({*_unclaimed(names, used), *spoken})
        if _all_codes([value for value in values[column] if not says_nothing(value)], numbered=bool(concepts_of(names[column]) & _NUMBERED))
    ]


def unnamed_outcomes(names: Sequence[str], values: Sequence[Sequence[Value]], used: Collection[int]) -> list[int]:
    """Columns that nobody claimed although they say of some rows that they failed or came back."""
    return [
        column
        for column in _unclaimed(names, used)
        if any(
            outcome_with_reason(BARE, text_of(value))[0] not in {None, Outcome.PAID}
            for value in values[column]
            if isinstance(value, str) and words(value) not in YES_AND_NO
        )
    ]


def _unclaimed(names: Sequence[str], used: Collection[int]) -> list[int]:
    return [column for column, name in enumerate(names) if name and column not in used and not concepts_of(name) & LOOK_ALIKES]


def _all_codes(filled: Sequence[Value], *, numbered: bool) -> bool:
    """Whether every cell is a code of its own: letters and digits or, where the heading speaks of a number, digits alone."""
    codes = [plain(text_of(value)) for value in filled if looks_like_key(value)]
    mixed = sum(any(sign.isdigit() for sign in code) and any(sign.isalpha() for sign in code) for code in codes)
    return (
        len(filled) >= _MANY
        and len(set(codes)) == len(filled)
        and (mixed * 10 >= len(filled) * 9 or (numbered and not counts_rows(filled)))
    )
