"""What a provider was asked to pay, opened for comparing: the fast way through a list of any length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.store.parts import in_parts
from cbi.store.raw import digits, raw
from cbi.store.sealed import SealedRow
from cbi.store.work import Reading
from cbi.transfers.lists import list_by_id
from cbi.transfers.marking import NOBODY, Details, as_wallet, known_payees
from cbi.transfers.tables import Instruction, Mechanism, Provider
from reconciliation.instruction import Instructions
from reconciliation.money import Money
from reconciliation.rows import Kept

_CHUNK = 5_000
_DIGEST = [col(Instruction.payee_digest)]
_PAYEE = ("payee_name", "payee_phone", "payee_account")
_SAID = ("name", "phone", "account")
Named = Mapping[str, Details]
"""Whom rows of a provider's file name, by the reference they have; of several with one reference, any."""


class _Guesses:
    """What rows say of payees, held against the keyed digests of lines. by_phone: a wallet is known by its phone, which is its account."""

    def __init__(self, reading: Reading, named: Named, *, by_phone: bool) -> None:
        self._reading, self._named, self._by_phone = reading, named, by_phone

    def right(self, references: Sequence[str], kept: Sequence[bytes]) -> list[Details | None]:
        """For each line who is named, where that is its payee to the letter; else None."""
        said = list(map(self._named.get, references, repeat(NOBODY)))
        found = known_payees(self._reading, said, kept)
        left = [place for place, one in enumerate(found) if one is None] if self._by_phone else []
        wallets = list(map(as_wallet, map(said.__getitem__, left)))
        for place, one in zip(left, known_payees(self._reading, wallets, [kept[place] for place in left]), strict=True):
            found[place] = one
        return found


def asked_of(reading: Reading, list_id: UUID, named: Named | None = None) -> Iterator[tuple[list[str], Instructions]]:
    """The lines of a list in its order, some thousands at a time: their ids as hexadecimal digits, and what is asked, with the payees as approved.

    named: whom the provider's rows name.  Where that is the payee to the letter, as a keyed digest tells in a quarter of the time, no seal is opened.
    """
    # As the driver gives them, on both sides: an id made for every line would be a good part of the work.
    amounts = Kept[tuple[int, str], Money](lambda one: Money(*one))
    guesses = _guesses(reading, list_id, named)
    for ids, references, minors, currencies, tokens, *rest in _parts(reading, list_id, _DIGEST if guesses else _under_seal(reading)):
        payees = _known(reading, ids, guesses.right(references, *rest)) if guesses else _opened(reading, ids, *rest)
        asked = Instructions()
        asked.extend(
            references,
            [amounts[one] for one in zip(minors, currencies, strict=True)],
            {**dict(zip(_SAID, zip(*payees, strict=True), strict=True)), "token": tokens},
        )
        yield list(map(digits, ids)), asked


def _guesses(reading: Reading, list_id: UUID, named: Named | None) -> _Guesses | None:
    """Whom rows name, where some of the first name their payee to the letter: a provider who writes names in its own way never does."""
    if not named:
        return None
    provider = reading.session.get_one(Provider, list_by_id(reading, list_id).provider_id)
    guesses = _Guesses(reading, named, by_phone=provider.mechanism is Mechanism.MOBILE_MONEY)
    first = next(in_parts(list(named)), ())
    asked = _query(reading, list_id, [col(Instruction.reference), *_DIGEST]).where(col(Instruction.reference).in_(first))
    told = list(zip(*reading.session.connection().execute(asked), strict=True))
    return guesses if told and any(guesses.right(*told)) else None


def _known(reading: Reading, ids: Sequence[Any], payees: Sequence[Details | None]) -> list[Details]:
    """The payees of these lines; those that are not known yet are opened. Any: ids as the driver gives them."""
    opened: dict[Any, Details] = {}
    for part in in_parts([line for line, one in zip(ids, payees, strict=True) if one is None]):
        chosen = _lines(reading, raw(col(Instruction.id)), *_under_seal(reading)).where(raw(col(Instruction.id)).in_(part))
        others, *sealed = zip(*reading.session.connection().execute(chosen), strict=True)
        opened.update(zip(others, _opened(reading, others, *sealed), strict=True))
    return [one or opened[line] for line, one in zip(ids, payees, strict=True)]


def _opened(
    reading: Reading,
    ids: Sequence[Any],
    households: Sequence[Any],
    known: Sequence[object],
    wrapped: Sequence[bytes | None],
    *payees: Sequence[bytes | None],
) -> list[Details]:
    """The payees of these lines, each out of its seal; empty where the household was erased. Any: ids as the driver gives them."""
    sealed = map(SealedRow, map(digits, ids), map(digits, households), map(bool, known), wrapped, zip(*payees, strict=True))
    return list(zip(*reading.vault.open_columns(Instruction, _PAYEE, sealed), strict=True))


def _under_seal(reading: Reading) -> list[Any]:  # Any: ids, words and sealed bytes side by side
    """The columns of a line that `_opened` takes behind its id."""
    key: Any = reading.system.subject_key
    return [
        raw(col(Instruction.household_id)),
        key.id.is_not(None),
        key.wrapped,
        *(raw(col(getattr(Instruction, name))) for name in _PAYEE),
    ]


def _parts(reading: Reading, list_id: UUID, more: Sequence[Any]) -> Iterator[list[Any]]:  # Any: as above
    """Facts of a list's lines by column, some lines at a time."""
    line = Instruction
    facts = (raw(col(line.id)), col(line.reference), col(line.amount_minor), col(line.currency), col(line.token))
    query = _query(reading, list_id, [*facts, *more])
    found = reading.session.connection().execute(query, execution_options={"yield_per": _CHUNK})
    return (list(zip(*rows, strict=True)) for rows in found.partitions())


def _query(reading: Reading, list_id: UUID, columns: Sequence[Any]) -> sa.Select[Any]:  # Any: as above
    mine = col(Instruction.operation_id) == reading.operation_id, col(Instruction.list_id) == list_id
    return _lines(reading, *columns).where(*mine).order_by(col(Instruction.position))


def _lines(reading: Reading, *columns: Any) -> sa.Select[Any]:  # Any: as above
    """Columns of lines, beside each the key of its household where one of them asks for it."""
    key: Any = reading.system.subject_key
    return sa.select(*columns).select_from(Instruction).outerjoin(key, key.id == col(Instruction.household_id))
