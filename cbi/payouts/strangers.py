"""References that are none of ours: a provider may write a name or a phone there, so they stand under seal, and a keyed digest in their place.

Equal texts have one digest, so that a stranger's rows still belong together from file to file, and are found when somebody types the whole text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from cbi.store.sealed import Vault
from cbi.transfers.references import is_reference
from reconciliation.identity import Earlier
from reconciliation.ladder import plain_reference
from reconciliation.payout import Payout
from reconciliation.payout_columns import Looked, PayoutColumns

MARK = "~"  # no reference of ours begins so, and no letter sorts behind it
_KIND = "payout reference"
_LONGEST = 80


def kept(vault: Vault, reference: str) -> str:
    """A reference as it may stand in clear: one shaped like ours as it is written, any other as its digest."""
    if not reference or is_reference(plain_reference(reference)):
        return reference[:_LONGEST]
    return MARK + vault.digest(_KIND, reference).hex()


def is_sealed(reference: str) -> bool:
    """Whether this stands for a text under seal."""
    return reference.startswith(MARK)


def named(vault: Vault, earlier: Sequence[Earlier], paid: Sequence[Payout]) -> list[Earlier]:
    """Rows of earlier files with the references of those strangers whom these rows name again, for comparing both."""
    if not any(is_sealed(row.reference) for row in earlier):
        return list(earlier)
    texts = {kept(vault, text): text for text in set(_references(paid)) if text and not is_reference(text)}
    return [replace(row, reference=texts.get(row.reference, row.reference)) if is_sealed(row.reference) else row for row in earlier]


def _references(paid: Sequence[Payout]) -> Iterable[str]:
    columns = paid.columns if isinstance(paid, Looked) else paid
    return columns.references if isinstance(columns, PayoutColumns) else _of(paid)


def _of(paid: Sequence[Payout]) -> Iterator[str]:
    return (payout.reference for payout in paid)
