"""Which column holds what: the heading's words and the look of its values, weighed together."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from reconciliation.cells import Value, plain, says_nothing, text_of
from reconciliation.heading_rules import heading_score
from reconciliation.leftovers import left_over
from reconciliation.looks import fit, only_yes_and_no, tells_what_was_paid
from reconciliation.proposal import Guess
from reconciliation.vocabulary import Field

_LEAST = 0.5
_CLOSE = 0.08
_EXAMPLES = 4
_BY_VALUES = {Field.STATUS: 0.78, Field.CURRENCY: 0.78}
_OURS = 0.99
_MANY = 3


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
    for field, (column, certainty) in left_over(names, values, taken, used).items():
        taken[field] = _guess(field, names[column], column, certainty, values[column])
    return sorted(taken.values(), key=lambda guess: guess.column), _rivals(
        [offer for offer in offers if filled[offer.column] * 2 >= max(filled)], taken, used
    )


def _offers(column: int, name: str, values: Sequence[Value], references: Collection[str]) -> list[Guess]:
    filled = [value for value in values if not says_nothing(value)]
    offers = []
    for field in Field:
        heading = heading_score(name, field)
        looks = fit(field, filled)
        certainty = heading * (0.25 + 0.75 * looks)
        if field in _BY_VALUES and looks >= 1 and len(filled) >= _MANY and not only_yes_and_no(filled):
            certainty = max(certainty, _BY_VALUES[field])
        if field in {Field.REASON, Field.NARRATIVE} and tells_what_was_paid(filled):
            certainty /= 2
        if field is Field.REFERENCE and references and filled:
            certainty = _by_our_references(certainty, filled, references)
        if certainty >= _LEAST:
            offers.append(_guess(field, name, column, certainty, filled))
    return offers


def _guess(field: Field, name: str, column: int, certainty: float, values: Sequence[Value]) -> Guess:
    examples = [text_of(value) for value in values if not says_nothing(value)]
    return Guess(field, name, column, round(certainty, 2), tuple(examples[:_EXAMPLES]))


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
