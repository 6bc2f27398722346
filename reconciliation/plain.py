"""Finds the transfers that nothing needs to be said about, by column: one row, as instructed, in payee and amount. Most of a file is that."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress, count
from operator import ne

from reconciliation.identity import Past
from reconciliation.instruction import Instructions
from reconciliation.ladder import Tied
from reconciliation.money import Money
from reconciliation.payee import differences
from reconciliation.payout import Outcome
from reconciliation.payout_columns import Looked, PayoutColumns

NONE = -1
_PAYEE = ("name", "phone", "account", "token")


def plainly_paid(instructed: Instructions, paid: Looked, past: Past, tied: Tied) -> array[int]:
    """By place of the instruction: the place of its one row, where that is PAID by its exact reference and weighs on nothing earlier; else NONE.

    What it leaves out may still be PAID, for `match` to find by its other ways.
    """
    columns, targets = paid.columns, tied.rows.targets
    others = {*tied.rows.shared(), *tied.evidence}
    places = [
        place
        for place, (target, outcome) in enumerate(zip(targets, columns.outcomes, strict=True))
        if target >= 0 and outcome is Outcome.PAID and target not in others
    ]
    wanted = list(map(targets.__getitem__, places))
    odd = _differing(instructed, columns, places, wanted)
    found = array("l", [NONE]) * len(instructed)
    for place, target in zip(places, wanted, strict=True):
        found[target] = place
    for which in odd:
        found[wanted[which]] = NONE
    if past:
        ids = columns.texts("provider_id")
        for place, target in zip(places, wanted, strict=True):
            if found[target] >= 0 and not _is_new(past, instructed.references[target], ids[place]):
                found[target] = NONE
    return found


def _differing(instructed: Instructions, columns: PayoutColumns, places: Sequence[int], wanted: Sequence[int]) -> set[int]:
    """Which of these pairs of a row and an instruction differ in amount or payee, as places among them."""
    chosen = bytearray(len(columns))
    for place in places:
        chosen[place] = 1
    due, said = _numbered(map(instructed.amounts.__getitem__, wanted), compress(columns.amounts, chosen))
    odd = set(_where(map(ne, due, said)))
    unlike = set[int]()
    for name in _PAYEE:
        column = columns.texts(name)
        if not column.is_blank:
            approved = instructed.texts(name)
            unlike.update(_where(map(ne, map(approved.__getitem__, wanted), compress(column, chosen))))
    odd.update(which for which in sorted(unlike - odd) if differences(instructed[wanted[which]], columns[places[which]]))
    return odd


def _where(unequal: Iterable[bool]) -> Iterator[int]:
    return compress(count(), unequal)


def _numbered(due: Iterable[Money], said: Iterable[Money | None]) -> tuple[list[int], list[int]]:
    """Amounts as numbers, the same for equal ones; of all there are most are the same objects. What is no payment has a number of its own."""
    asked, told = list(due), list(said)
    numbers: dict[Money | None, int] = {}
    every = {id(amount): amount for amount in chain(asked, told)}
    known = {key: numbers.setdefault(amount, len(numbers)) for key, amount in every.items()}
    nothing = {key: -1 if amount is None or amount.minor <= 0 else known[key] for key, amount in every.items()}
    return list(map(known.__getitem__, map(id, asked))), list(map(nothing.__getitem__, map(id, told)))


def _is_new(past: Past, reference: str, provider_id: str) -> bool:
    """Whether no earlier row weighs on a transfer; a row without an id would have to be told by its content, which is not done here."""
    return bool(provider_id) and not past.of_transfer(reference) and not past.of_id(provider_id)
