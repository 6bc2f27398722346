"""Money kept until a household asks for it: told to the help desk before its cycle ends, so that it never lapses in silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import col, select

from cbi.people.tables import Household
from cbi.store.work import Reading
from cbi.transfers.arrangements import current_for
from cbi.transfers.payees import GONE
from cbi.transfers.receiving import Reach
from cbi.transfers.tables import Arrangement, ArrangementKind, Cycle, CycleStatus, Entitlement, Instruction

SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Kept:
    """One entitlement that waits for its household's word. reach: how it wishes to be reached; None: any way."""

    household_id: UUID
    number: str
    cycle_id: UUID
    cycle: str
    ends_on: date
    reach: Reach | None


def kept_now(reading: Reading) -> Sequence[Kept]:
    """Everything kept in cycles that are under way, the earliest end first, then by registration number; nothing of who withdrew or was merged."""
    promised = select(Instruction.id).where(col(Instruction.entitlement_id) == col(Entitlement.id), col(Instruction.live))
    asked = select(Arrangement.id).where(
        col(Arrangement.household_id) == col(Entitlement.household_id),
        col(Arrangement.kind) == ArrangementKind.KEEP,
        col(Arrangement.current),
    )
    rows = reading.session.exec(
        select(Household, Cycle)
        .join(Entitlement, col(Entitlement.household_id) == col(Household.id))
        .join(Cycle, col(Cycle.id) == col(Entitlement.cycle_id))
        .where(col(Cycle.operation_id) == reading.operation_id, col(Cycle.status) == CycleStatus.FROZEN, asked.exists(), ~promised.exists())
        .where(col(Household.status).not_in(GONE))
        .order_by(col(Cycle.ends_on), col(Household.number), col(Cycle.id))
    ).all()
    arranged = current_for(reading, [household.id for household, _cycle in rows])
    return [
        _one(household, cycle, arranged[household.id].get(ArrangementKind.MESSAGES))
        for household, cycle in rows
        if arranged.get(household.id, {}).get(ArrangementKind.KEEP) is True
    ]


def ending(reading: Reading) -> Sequence[Kept]:
    """Those whose cycle ends within two weeks, or is over already."""
    return [one for one in kept_now(reading) if one.ends_on <= reading.today + SOON]


def _one(household: Household, cycle: Cycle, reach: object) -> Kept:
    return Kept(household.id, household.number, cycle.id, cycle.name, cycle.ends_on, reach if isinstance(reach, Reach) else None)
