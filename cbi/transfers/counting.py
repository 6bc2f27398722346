"""In which open cycles a household's people were counted, with whom, and what it is still due: so that nobody is due twice, and nothing is lost."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.store.work import Reading, Work
from cbi.transfers.tables import Cycle, CycleStatus, Entitlement, Instruction
from cbi.transfers.tables_lives import CountedBefore


def counted_in(reading: Reading, household_id: UUID) -> frozenset[UUID]:
    """Cycles that are frozen and not closed in which people of this household were counted, with it or with one they came from."""
    own = sa.select(col(Entitlement.cycle_id)).where(col(Entitlement.household_id) == household_id)
    before = sa.select(col(CountedBefore.cycle_id)).where(col(CountedBefore.household_id) == household_id)
    open_ones = sa.select(col(Cycle.id)).where(col(Cycle.status) == CycleStatus.FROZEN)
    found = open_ones.where(sa.or_(col(Cycle.id).in_(own), col(Cycle.id).in_(before)))
    return frozenset(reading.session.connection().execute(found).scalars())


def excluded(reading: Reading, cycle_id: UUID) -> frozenset[UUID]:
    """Households that are due nothing more in a cycle: their people were counted elsewhere in it."""
    found = sa.select(col(CountedBefore.household_id)).where(col(CountedBefore.cycle_id) == cycle_id)
    return frozenset(reading.session.connection().execute(found).scalars())


def left_of(reading: Reading, household_id: UUID) -> int:
    """How many entitlements of a household in open cycles are not wholly on live lines, or settled."""
    taken = (
        sa.select(
            sa.func.coalesce(
                sa.func.sum(sa.case((col(Instruction.live), col(Instruction.amount_minor)), else_=col(Instruction.settled_minor))), 0
            )
        )
        .where(col(Instruction.entitlement_id) == col(Entitlement.id))
        .scalar_subquery()
    )
    found = (
        sa.select(sa.func.count())
        .select_from(Entitlement)
        .join(Cycle, col(Cycle.id) == col(Entitlement.cycle_id))
        .where(
            col(Entitlement.household_id) == household_id, col(Cycle.status) == CycleStatus.FROZEN, taken < col(Entitlement.amount_minor)
        )
    )
    return int(reading.session.connection().execute(found).scalar_one())


def rows_for(work: Work, household_id: UUID, other_id: UUID, change_id: UUID) -> list[CountedBefore]:
    """What keeps those who split off from being counted again, one row for each open cycle they were counted in. Not added yet."""
    cycles: Collection[UUID] = counted_in(work, household_id)
    return [
        CountedBefore(
            id=work.new_id("entitlements"),
            operation_id=work.operation_id,
            cycle_id=cycle_id,
            household_id=other_id,
            with_id=_counted_with(work, cycle_id, household_id),
            change_id=change_id,
        )
        for cycle_id in sorted(cycles)
    ]


def _counted_with(work: Work, cycle_id: UUID, household_id: UUID) -> UUID:
    """Who holds the entitlement in which these people were counted: the household itself, or the one it split off from."""
    before = select(CountedBefore.with_id).where(CountedBefore.cycle_id == cycle_id, CountedBefore.household_id == household_id)
    own = select(Entitlement.id).where(Entitlement.cycle_id == cycle_id, Entitlement.household_id == household_id)
    return household_id if work.session.exec(own).first() else work.session.exec(before).first() or household_id
