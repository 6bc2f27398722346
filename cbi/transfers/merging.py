"""What payments say when an entry is to be closed because a household was registered twice."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.people import merging
from cbi.store.work import Reading
from cbi.transfers.tables import Instruction
from cbi.web.words import _


def object_to(reading: Reading, household_id: UUID, into_id: UUID) -> str:
    """Why an entry cannot be closed in favour of another: a payment under way needs its payee."""
    live = (
        sa.select(col(Instruction.household_id))
        .distinct()
        .where(col(Instruction.household_id).in_([household_id, into_id]), col(Instruction.live))
    )
    under_way = set(reading.session.connection().execute(live).scalars())
    if {household_id, into_id} <= under_way:
        return _("settle the payment of one of the two first: both are on a payment list that is not settled, and both would be paid")
    if household_id in under_way:
        return _("keep this entry and close the other one: a payment to this one is under way, and none to the other")
    return ""


if object_to not in merging.objections:
    merging.objections.append(object_to)
