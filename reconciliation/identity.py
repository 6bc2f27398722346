"""What makes a payout row that row and no other, so that it counts once however often a provider sends it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from reconciliation.money import Money
from reconciliation.payout import Outcome, Payout
from reconciliation.payout_columns import Looked, PayoutColumns

_KEY_BYTES = 20
_BETWEEN = "\x1f"


@dataclass(frozen=True, slots=True)
class Earlier:
    """One row of an earlier, posted file of the same provider.

    reference: of the transfer it was counted for; of a stranger, as the provider wrote it.
    key: its `row_key`.  in_suspense: a payment whose finding put all of it into suspense (wrong payee or currency, not instructed, not ours).
    turn: when its file was counted, as a place in the order of all of them; rows of one turn are told at once.
    """

    reference: str
    outcome: Outcome
    amount: Money
    provider_id: str = ""
    key: bytes = b""
    in_suspense: bool = False
    turn: int = 0


def row_key(payout: Payout, nth: int = 1, *, shared_id: bool = False) -> bytes:
    """The identity by which a row counts once, 20 bytes.

    With a provider id: that id and the outcome, so that a payment and its reversal under one id are two.
    Without: reference (or payee, where there is none), amount, date, outcome and which of several equal rows it is.
    shared_id: the id stands on different payments of one file (a batch number) and identifies none of them by itself.
    """
    by_id = payout.provider_id and not shared_id
    parts = ("id", payout.provider_id, payout.outcome.value) if by_id else (*_content(payout), str(nth))
    return _digest(parts)


def _digest(parts: Iterable[str]) -> bytes:
    return blake2b(_BETWEEN.join(parts).encode(), digest_size=_KEY_BYTES).digest()


def row_keys(paid: Sequence[Payout]) -> list[bytes]:
    """The key of every row of one file, in order. Rows under one provider id that say the same share a key: they are one row."""
    shared = shared_ids(paid)
    seen: Counter[tuple[str, ...]] = Counter()
    endings = {outcome: f"{_BETWEEN}{outcome.value}" for outcome in Outcome}
    keys = []
    for place, (name, outcome, _, _) in enumerate(_identities(paid)):
        if name and name not in shared:
            # As `row_key` makes it: this is done a million times.
            keys.append(blake2b(f"id{_BETWEEN}{name}{endings[outcome]}".encode(), digest_size=_KEY_BYTES).digest())
            continue
        payout = paid[place]
        content = _content(payout)
        seen[content] += 1
        keys.append(row_key(payout, seen[content], shared_id=True))
    return keys


def shared_ids(paid: Iterable[Payout]) -> frozenset[str]:
    """Provider ids that stand on different payments of one file: under two references, or with two amounts of one outcome."""
    rows = paid if isinstance(paid, Sequence) else list(paid)
    several = _standing_twice(rows)
    amounts: dict[tuple[str, Outcome], Money] = {}
    references: dict[str, str] = {}
    shared = set()
    for name, outcome, amount, reference in _identities(rows) if several else ():
        if name not in several:
            continue
        if amount is not None and amounts.setdefault((name, outcome), amount) != amount:
            shared.add(name)
        if reference and references.setdefault(name, reference) != reference:
            shared.add(name)
    return frozenset(shared)


def _standing_twice(paid: Sequence[Payout]) -> frozenset[str]:
    """Provider ids that stand on more than one row: nearly always none."""
    columns = paid.columns if isinstance(paid, Looked) else paid
    names = columns.texts("provider_id") if isinstance(columns, PayoutColumns) else (payout.provider_id for payout in columns)
    return frozenset(name for name, count in Counter(names).items() if name and count > 1)


def _identities(paid: Iterable[Payout]) -> Iterable[tuple[str, Outcome, Money | None, str]]:
    """Provider id, outcome, amount and reference of each row."""
    paid = paid.columns if isinstance(paid, Looked) else paid
    if isinstance(paid, PayoutColumns):
        return zip(paid.texts("provider_id"), paid.outcomes, paid.amounts, paid.references, strict=True)
    return ((payout.provider_id, payout.outcome, payout.amount, payout.reference) for payout in paid)


class Past:
    """What earlier posted files of the provider count already, found by transfer, by provider id and by row key.

    decided: rows of earlier files that contradicted what counts, and of which people decided that the earlier result is right.
    """

    __slots__ = ("_by_id", "_by_reference", "_decided", "_keys")

    def __init__(self, earlier: Iterable[Earlier] = (), decided: Iterable[Earlier] = ()) -> None:
        by_id: dict[str, list[Earlier]] = defaultdict(list)
        by_reference: dict[str, list[Earlier]] = defaultdict(list)
        keys = set()
        for row in earlier:
            by_reference[row.reference].append(row)
            keys.add(row.key)
            if row.provider_id:
                by_id[row.provider_id].append(row)
        self._decided = {(row.reference, row.key, row.outcome, _said(row.outcome, row.amount)) for row in decided}
        self._by_id, self._by_reference, self._keys = dict(by_id), dict(by_reference), keys - {b""}

    def __bool__(self) -> bool:
        return bool(self._by_reference)

    def of_transfer(self, reference: str) -> list[Earlier]:
        """Rows counted for one transfer, or for a stranger who wrote this reference."""
        return self._by_reference.get(reference, [])

    def of_id(self, provider_id: str) -> list[Earlier]:
        """Rows under one provider id."""
        return self._by_id.get(provider_id, [])

    def counts(self, key: bytes) -> bool:
        """Whether a row with this key counts already."""
        return key in self._keys

    def is_decided(self, reference: str, key: bytes, row: Payout) -> bool:
        """Whether people decided of just this row, about this transfer, that what counts already is right."""
        return (reference, key, row.outcome, _said(row.outcome, row.amount)) in self._decided


def _said(outcome: Outcome, amount: Money | None) -> Money | None:
    """What a row says of money; a failure says nothing, whatever amount stands beside it."""
    return None if outcome is Outcome.FAILED else amount


def _content(payout: Payout) -> tuple[str, ...]:
    who = payout.reference or _BETWEEN.join((payout.token, payout.account, payout.phone))
    minor, currency = (str(payout.amount.minor), payout.amount.currency) if payout.amount else ("", "")
    return ("row", payout.provider_id, who, minor, currency, payout.date, payout.outcome.value)
