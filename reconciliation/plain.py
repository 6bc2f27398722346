"""Finds the transfers that nothing needs to be said about, by column: one row, as instructed, in payee and amount. Most of a file is that."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import repeat

from reconciliation.identity import Past
from reconciliation.instruction import Instruction
from reconciliation.ladder import Tied
from reconciliation.payee import differences
from reconciliation.payout import Outcome
from reconciliation.payout_columns import Looked, PayoutColumns

NONE = -1


def plainly_paid(instructed: Sequence[Instruction], paid: Looked, past: Past, tied: Tied) -> array[int]:
    """By place of the instruction: the place of its one row, where that is PAID by its exact reference and weighs on nothing earlier; else NONE.

    What it leaves out may still be PAID, for `match` to find by its other ways.
    """
    found = array("l", [NONE]) * len(instructed)
    several, other_keys = tied.rows.shared(), tied.evidence
    columns = paid.columns
    payees = _payees(columns)
    ids = columns.texts("provider_id") if past else repeat("")
    facts = zip(tied.rows.targets, columns.outcomes, columns.amounts, payees, ids, strict=False)
    for place, (target, outcome, amount, payee, provider_id) in enumerate(facts):
        if target < 0 or outcome is not Outcome.PAID or amount is None or target in several or target in other_keys:
            continue
        asked = instructed[target]
        due = asked.amount
        if amount.minor != due.minor or amount.minor <= 0 or amount.currency != due.currency:
            continue
        if past and not _is_new(past, asked.reference, provider_id):
            continue
        if _is_same(payee, asked) or not differences(asked, columns[place]):
            found[target] = place
    return found


def _payees(columns: PayoutColumns) -> Iterator[tuple[str, str, str, str]]:
    texts = (columns.texts(name) for name in ("name", "phone", "account", "token"))
    return zip(*(repeat("") if column.is_blank else column for column in texts), strict=False)


def _is_same(payee: tuple[str, str, str, str], asked: Instruction) -> bool:
    name, phone, account, token = payee
    return (
        (name == asked.name or not name)
        and (phone == asked.phone or not phone)
        and (account == asked.account or not account)
        and (token == asked.token or not token)
    )


def _is_new(past: Past, reference: str, provider_id: str) -> bool:
    """Whether no earlier row weighs on a transfer; a row without an id would have to be told by its content, which is not done here."""
    return bool(provider_id) and not past.of_transfer(reference) and not past.of_id(provider_id)
