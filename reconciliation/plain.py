"""Finds the transfers that nothing needs to be said about, by column: one row, as instructed, in payee and amount. Most of a file is that."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
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
    ids = columns.texts("provider_id") if past else repeat("")
    facts = zip(tied.rows.targets, columns.outcomes, columns.amounts, *_payees(columns), ids, strict=False)
    for place, (target, outcome, amount, name, phone, account, token, provider_id) in enumerate(facts):
        if target < 0 or outcome is not Outcome.PAID or amount is None or target in several or target in other_keys:
            continue
        asked = instructed[target]
        due = asked.amount
        if amount.minor != due.minor or amount.minor <= 0 or amount.currency != due.currency:
            continue
        if past and not _is_new(past, asked.reference, provider_id):
            continue
        is_same = (
            (not name or name == asked.name)
            and (not phone or phone == asked.phone)
            and (not account or account == asked.account)
            and (not token or token == asked.token)
        )
        if is_same or not differences(asked, columns[place]):
            found[target] = place
    return found


def _payees(columns: PayoutColumns) -> list[Iterable[str]]:
    texts = (columns.texts(name) for name in ("name", "phone", "account", "token"))
    return [repeat("") if column.is_blank else column for column in texts]


def _is_new(past: Past, reference: str, provider_id: str) -> bool:
    """Whether no earlier row weighs on a transfer; a row without an id would have to be told by its content, which is not done here."""
    return bool(provider_id) and not past.of_transfer(reference) and not past.of_id(provider_id)
