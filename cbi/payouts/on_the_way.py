"""Which transfers of a household are on their way: on a list that waits, or with a provider that has not answered."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts.tables import LedgerEntry
from cbi.store.work import Reading
from cbi.transfers.release import FINAL
from cbi.transfers.tables import Instruction, PaymentList
from reconciliation.ledger import Account


def under_way(reading: Reading, household_id: UUID) -> int:
    """How many transfers are open: on a list that is not released, or released while the ledger still holds something open; a paid one is settled."""
    return _count(reading, household_id, sa.or_(col(PaymentList.status).not_in(FINAL), still_open() != 0))


def sent(reading: Reading, household_id: UUID) -> int:
    """How many transfers a provider has and has not settled."""
    return _count(reading, household_id, sa.and_(col(PaymentList.status).in_(FINAL), still_open() != 0))


def still_open() -> sa.ScalarSelect[int]:
    """What a provider still has of a line, in minor units, for a query over lines."""
    return (
        sa.select(sa.func.coalesce(sa.func.sum(col(LedgerEntry.minor)), 0))
        .where(col(LedgerEntry.instruction_id) == col(Instruction.id), col(LedgerEntry.account) == Account.OPEN)
        .scalar_subquery()
    )


def _count(reading: Reading, household_id: UUID, which: sa.ColumnElement[bool]) -> int:
    found = (
        sa.select(sa.func.count())
        .select_from(Instruction)
        .join(PaymentList, col(PaymentList.id) == col(Instruction.list_id))
        .where(col(Instruction.household_id) == household_id, col(Instruction.live), which)
    )
    return int(reading.session.connection().execute(found).scalar_one())
