"""Who is paid for a household after its life changed: it waits three days and for a second person, and whoever wrote it down has had a hand in the list."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.people.tables_lives import HouseholdChange
from cbi.store.work import Reading
from cbi.transfers.tables import Instruction
from cbi.transfers.wishes import SETTLING_HOURS


def unsettled_payees(reading: Reading, household_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those for whom somebody else is paid since their life changed or was corrected, less than three days ago or not confirmed by a second person."""
    since = reading.now - timedelta(hours=SETTLING_HOURS)
    waits = sa.or_(col(HouseholdChange.confirmed_by).is_(None), col(HouseholdChange.at) > since)
    change = HouseholdChange
    found: set[UUID] = set()
    for column, flag in ((col(change.household_id), col(change.payee)), (col(change.other_id), col(change.other_payee))):
        rows = sa.select(column).where(column.in_(household_ids), flag.is_(True), col(change.undone_at).is_(None), waits)
        found |= {one for one in reading.session.connection().execute(rows).scalars() if one is not None}
    return frozenset(found)


def changed_a_payee(reading: Reading, list_id: UUID, person_id: UUID) -> bool:
    """Whether this person wrote down a change of life or a correction that says who is paid for a household of this list."""
    change = HouseholdChange

    def is_on_list(household: Any) -> sa.ColumnElement[bool]:  # Any: a column, as the class has it
        return sa.exists().where(col(Instruction.household_id) == household, col(Instruction.list_id) == list_id)

    mine = sa.or_(
        sa.and_(col(change.payee), is_on_list(change.household_id)),
        sa.and_(col(change.other_payee), is_on_list(change.other_id)),
    )
    found = select(change.id).where(col(change.made_by) == person_id, col(change.undone_at).is_(None), mine)
    return reading.session.exec(found.limit(1)).first() is not None
