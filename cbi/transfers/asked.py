"""What a provider was asked to pay, opened for comparing: the fast way through a list of any length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.sites.tables import Site
from cbi.store.raw import digits, raw
from cbi.store.sealed import SealedRow
from cbi.store.work import Reading
from cbi.transfers.lists import list_by_id
from cbi.transfers.tables import Instruction, Provider
from reconciliation.instruction import Instructions
from reconciliation.money import Money

_CHUNK = 1_000
_PAYEE = ("payee_name", "payee_phone", "payee_account")
_SAID = ("name", "phone", "account")


def asked_of(reading: Reading, list_id: UUID) -> Iterator[tuple[list[str], Instructions]]:
    """The lines of a list in its order, a thousand at a time: their ids as hexadecimal digits, and what is asked, with the payees as approved."""
    provider = reading.session.get_one(Provider, list_by_id(reading, list_id).provider_id).code
    # As the driver gives them, on both sides: an id made for every line would be a good part of the work.
    named = reading.session.connection().execute(sa.select(raw(col(Site.id)).label("id"), col(Site.name)))
    sites: dict[Any, str] = {row.id: row.name for row in named}
    amounts: dict[tuple[int, str], Money] = {}
    found = reading.session.connection().execute(_query(reading, list_id), execution_options={"yield_per": _CHUNK})
    for rows in found.partitions():
        ids, households, references, minors, currencies, tokens, where, known, wrapped, *payees = zip(*rows, strict=True)
        lines, subjects = list(map(digits, ids)), map(digits, households)
        sealed = map(SealedRow, lines, subjects, map(bool, known), wrapped, zip(*payees, strict=True))
        opened = dict(zip(_SAID, reading.vault.open_columns(Instruction, _PAYEE, sealed), strict=True))
        asked = Instructions()
        asked.extend(
            references,
            [amounts.setdefault(one, Money(*one)) for one in zip(minors, currencies, strict=True)],
            {**opened, "token": tokens, "provider": [provider] * len(rows), "site": [sites[site] for site in where]},
        )
        yield lines, asked


def _query(reading: Reading, list_id: UUID) -> sa.Select[Any]:  # Any: ids, words and sealed bytes side by side
    key: Any = reading.system.subject_key
    line = Instruction
    return (
        sa.select(
            raw(col(line.id)),
            raw(col(line.household_id)),
            col(line.reference),
            col(line.amount_minor),
            col(line.currency),
            col(line.token),
            raw(col(line.site_id)),
            key.id.is_not(None),
            key.wrapped,
            *(raw(col(getattr(line, name))) for name in _PAYEE),
        )
        .select_from(line)
        .outerjoin(key, key.id == col(line.household_id))
        .where(col(line.operation_id) == reading.operation_id, col(line.list_id) == list_id)
        .order_by(col(line.position))
    )
