"""Which column holds what: the heading's words and the look of its values, weighed together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from reconciliation import evidence
from reconciliation.cells import Value, plain, says_nothing, text_of
from reconciliation.concepts import concepts_of
from reconciliation.heading_rules import LOOK_ALIKES, heading_score
from reconciliation.instruction import Instruction
from reconciliation.leftovers import left_over
from reconciliation.looks import fit, only_yes_and_no, tells_what_was_paid
from reconciliation.narratives import tells_whose
from reconciliation.proposal import SURE, Guess
from reconciliation.vocabulary import Field

_LEAST = 0.5
_CLOSE = 0.08
_EXAMPLES = 4
_BY_VALUES = {Field.STATUS: 0.78, Field.CURRENCY: 0.78}
_OURS = 0.99
_MANY = 3
# Of a column that holds the same few values all the way down, where each row should have its own.
_SAME = 0.6
_OWN = frozenset({Field.NAME, Field.PHONE, Field.ACCOUNT})


def guess_columns(
    names: Sequence[str], values: Sequence[Sequence[Value]], expected: Mapping[str, Instruction]
) -> tuple[list[Guess], list[tuple[Guess, Guess]]]:
    """The proposed column of each field, and pairs between which only a person can choose.

    names: heading per column.  values: a sample per column, row by row.
    expected: our instructions by reference, where known: columns that hold their references, amounts and phones are told by them.
    """
    offers = [
        offer for column in range(len(names)) if names[column] for offer in _offers(column, names[column], values[column], expected.keys())
    ]
    filled = [sum(not says_nothing(value) for value in column) for column in values]
    offers.sort(key=lambda guess: (-guess.certainty, filled[guess.column] * 2 < max(filled), len(guess.header), guess.column))
    taken: dict[Field, Guess] = {}
    used: set[int] = set()
    for offer in offers:
        if offer.field not in taken and offer.column not in used:
            taken[offer.field] = offer
            used.add(offer.column)
    found = _by_instructions(names, values, taken, expected)
    used |= {column for column, _ in found.values()}
    found |= left_over(names, values, {**{field: guess.column for field, guess in taken.items()}, **dict.fromkeys(found, 0)}, used)
    for field, (column, certainty) in found.items():
        taken[field] = _guess(field, names[column], column, certainty, values[column])
    _turn_sides(taken, values)
    _yield_to_narrative(taken, values)
    return sorted(taken.values(), key=lambda guess: guess.column), _rivals(
        [offer for offer in offers if filled[offer.column] * 2 >= max(filled)], taken, used
    )


def _by_instructions(
    names: Sequence[str], values: Sequence[Sequence[Value]], taken: Mapping[Field, Guess], expected: Mapping[str, Instruction]
) -> dict[Field, tuple[int, float]]:
    """Amount and phone, where no heading surely names them and one column agrees with what we instructed."""
    if not expected or Field.REFERENCE not in taken:
        return {}
    references = values[taken[Field.REFERENCE].column]
    found: dict[Field, tuple[int, float]] = {}
    for field, agree in ((Field.AMOUNT, evidence.equal_amounts), (Field.PHONE, evidence.equal_phones)):
        if field in taken and taken[field].certainty >= SURE:
            continue
        free = [
            column
            for column, name in enumerate(names)
            if name
            and not concepts_of(name) & LOOK_ALIKES
            and not any(guess.column == column and guess.field is not field for guess in taken.values())
        ]
        places = [column for column in free if agree(values[column], references, expected)]
        if len(places) == 1:
            found[field] = (places[0], _OURS)
    return found


def _turn_sides(taken: dict[Field, Guess], values: Sequence[Sequence[Value]]) -> None:
    """Of the two sides of a statement the debits are what was paid, whatever the credits are called: "Amount credited"."""
    amount, back = taken.get(Field.AMOUNT), taken.get(Field.RETURNED_AMOUNT)
    if amount is None or back is None or "debit" in concepts_of(amount.header) or "debit" not in concepts_of(back.header):
        return
    if evidence.is_other_side(values[amount.column], values[back.column]):
        sure = max(amount.certainty, back.certainty)
        taken[Field.AMOUNT] = replace(back, field=Field.AMOUNT, certainty=sure)
        taken[Field.RETURNED_AMOUNT] = replace(amount, field=Field.RETURNED_AMOUNT)


def _yield_to_narrative(taken: dict[Field, Guess], values: Sequence[Sequence[Value]]) -> None:
    """In a statement whose texts hold our references, the reference of the transaction is the bank's own."""
    doubtful, narrative = taken.get(Field.REFERENCE), taken.get(Field.NARRATIVE)
    if doubtful is None or narrative is None or Field.PROVIDER_ID in taken or "transaction" not in concepts_of(doubtful.header):
        return
    texts = [value for value in values[narrative.column] if not says_nothing(value)]
    keys = {plain(text_of(value)) for value in values[doubtful.column] if not says_nothing(value)}
    if tells_whose([text_of(text) for text in texts], ()) and not evidence.are_in(texts, keys):
        taken[Field.PROVIDER_ID] = replace(taken.pop(Field.REFERENCE), field=Field.PROVIDER_ID)


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
        if field in _OWN and evidence.is_one_and_the_same(filled):
            certainty *= _SAME
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
