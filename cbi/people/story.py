"""The story of a household: dated lines of what was done, without what was written."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from cbi.people.tables import EventKind, HouseholdEvent
from cbi.store.work import Reading, Work


def tell(work: Work, household_id: UUID, kind: EventKind, detail: str = "") -> None:
    """Add a line to a household's story; the fact that explains it is remembered by whoever did it."""
    work.add(
        HouseholdEvent(
            id=work.new_id("people"),
            operation_id=work.operation_id,
            household_id=household_id,
            kind=kind,
            detail=detail[:400],
            by=work.actor.id or UUID(int=0),
            at=work.now,
        )
    )


def story_of(reading: Reading, household_id: UUID) -> list[HouseholdEvent]:
    """Every line since registration, oldest first."""
    rows = select(HouseholdEvent).where(HouseholdEvent.household_id == household_id)
    return list(reading.session.exec(rows.order_by(col(HouseholdEvent.at), col(HouseholdEvent.id))))
