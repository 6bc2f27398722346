"""What a provider was asked to pay, opened for comparing: the fast way through a list of any length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.sites.tables import Site
from cbi.store.sealed import SealedRow
from cbi.store.work import Reading
from cbi.transfers.lists import list_by_id
from cbi.transfers.tables import Instruction, Provider
from reconciliation import instruction as counted
from reconciliation.money import Money

_CHUNK = 1_000
_PAYEE = ("payee_name", "payee_phone", "payee_account")
_PLAIN = ("id", "household_id", "reference", "amount_minor", "currency", "token")


def asked_of(reading: Reading, list_id: UUID) -> Iterator[tuple[UUID, counted.Instruction]]:
    """Every line of a list in its order, by its id, with its payee as approved."""
    provider = reading.session.get_one(Provider, list_by_id(reading, list_id).provider_id).code
    # As the driver gives them, on both sides: an id of a site made for every line would be a good part of the work.
    named = reading.session.connection().execute(sa.select(_raw(col(Site.id)).label("id"), col(Site.name)))
    sites: dict[Any, str] = {row.id: row.name for row in named}
    for row in reading.session.connection().execute(_query(reading, list_id), execution_options={"yield_per": _CHUNK}):
        line_id, household_id, reference, minor, currency, token, site, known, wrapped, *payee = row
        sealed = SealedRow(line_id, household_id, bool(known), wrapped, payee)
        name, phone, account = reading.vault.open_texts(Instruction, _PAYEE, sealed)
        yield line_id, counted.Instruction(reference, Money(minor, currency), name, phone, account, token, provider, sites[site])


def _raw(column: sa.ColumnElement[Any] | sa.SQLColumnExpression[Any]) -> sa.ColumnElement[Any]:  # Any: whatever the driver gives
    return sa.type_coerce(column, sa.types.NullType())


def _query(reading: Reading, list_id: UUID) -> sa.Select[Any]:  # Any: ids, words and sealed bytes side by side
    key: Any = reading.system.subject_key
    plain, payee = ([col(getattr(Instruction, name)) for name in names] for names in (_PLAIN, _PAYEE))
    return (
        sa.select(*plain, _raw(col(Instruction.site_id)), key.id.is_not(None), key.wrapped, *payee)
        .select_from(Instruction)
        .outerjoin(key, key.id == col(Instruction.household_id))
        .where(col(Instruction.operation_id) == reading.operation_id, col(Instruction.list_id) == list_id)
        .order_by(col(Instruction.position))
    )
