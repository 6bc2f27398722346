"""What a provider was asked to pay, opened for comparing: the fast way through a list of any length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.sites.tables import Site
from cbi.store.sealed import SealedRow
from cbi.store.work import Reading
from cbi.transfers.lists import list_by_id
from cbi.transfers.tables import Instruction, Provider
from reconciliation import instruction as counted
from reconciliation.money import Money

_CHUNK = 1_000
_PAYEE = ("payee_name", "payee_phone", "payee_account")
_PLAIN = ("id", "household_id", "site_id", "reference", "amount_minor", "currency", "token")


def asked_of(reading: Reading, list_id: UUID) -> Iterator[tuple[UUID, counted.Instruction]]:
    """Every line of a list in its order, by its id, with its payee as approved."""
    provider = reading.session.get_one(Provider, list_by_id(reading, list_id).provider_id).code
    sites = dict(reading.session.exec(select(col(Site.id), col(Site.name))).all())
    for row in reading.session.connection().execute(_query(reading, list_id), execution_options={"yield_per": _CHUNK}):
        line_id, household_id, site_id, reference, minor, currency, token, known, wrapped, *payee = row
        sealed = SealedRow(line_id, household_id, known is not None, wrapped, payee)
        name, phone, account = reading.vault.open_texts(Instruction, _PAYEE, sealed)
        yield line_id, counted.Instruction(reference, Money(minor, currency), name, phone, account, token, provider, sites[site_id])


def _query(reading: Reading, list_id: UUID) -> sa.Select[Any]:  # Any: ids, words and sealed bytes side by side
    key: Any = reading.system.subject_key
    plain, payee = ([col(getattr(Instruction, name)) for name in names] for names in (_PLAIN, _PAYEE))
    return (
        sa.select(*plain, key.id, key.wrapped, *payee)
        .select_from(Instruction)
        .outerjoin(key, key.id == col(Instruction.household_id))
        .where(col(Instruction.list_id) == list_id)
        .order_by(col(Instruction.position))
    )
