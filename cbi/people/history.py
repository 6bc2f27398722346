"""What changed of a household, from what to what: kept sealed, told to those who may correct it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlmodel import col, select

from cbi.errors import NotThere
from cbi.people.tables import Household
from cbi.people.tables_lives import ChangeKind, HouseholdChange
from cbi.store.work import Reading, Work

Line = tuple[str, str, str]
"""A code, what stood there before, and what stands there now."""


def correction_kept(work: Work, household: Household, told: Sequence[Line], *, payee: bool = False) -> None:
    """Keep from what to what a correction went, and whether somebody else is paid; the correction's own fact explains it."""
    change = HouseholdChange(
        id=work.new_id("people"),
        operation_id=work.operation_id,
        household_id=household.id,
        kind=ChangeKind.CORRECTED,
        version=household.version,
        version_before=household.version - 1,
        payee=payee,
        made_by=work.actor.id or UUID(int=0),
        at=work.now,
    )
    work.seal(change, "told", json.dumps(told, ensure_ascii=False))
    work.add(change)


def changes_of(reading: Reading, household_id: UUID) -> list[HouseholdChange]:
    """Every change of a household's life and every correction, newest first; also the split that made it and the joining that closed it."""
    mine = (col(HouseholdChange.household_id) == household_id) | (col(HouseholdChange.other_id) == household_id)
    rows = select(HouseholdChange).where(HouseholdChange.operation_id == reading.operation_id, mine)
    return list(reading.session.exec(rows.order_by(col(HouseholdChange.at).desc(), col(HouseholdChange.version).desc())))


def change_of(reading: Reading, change_id: UUID) -> HouseholdChange:
    """One change of this operation. Raises NotThere."""
    found = reading.session.get(HouseholdChange, change_id)
    if found is None or found.operation_id != reading.operation_id:
        raise NotThere
    return found


def told_of(reading: Reading, change: HouseholdChange) -> list[Line]:
    """From what to what a change went, line by line; nothing once it was forgotten."""
    text = reading.open(change, "told")
    return [(code, before, after) for code, before, after in json.loads(text)] if text else []


def homes_of(reading: Reading, household_ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """For each of these households, itself and every other one its people went to: they split off, or the whole of it joined another."""
    change = HouseholdChange
    rows = select(change.household_id, change.other_id, change.kind).where(
        col(change.kind).in_((ChangeKind.SPLIT, ChangeKind.JOINED)), col(change.undone_at).is_(None)
    )
    onward: dict[UUID, set[UUID]] = {}
    for stays, other, kind in reading.session.exec(rows):
        if other is not None:
            here, there = (stays, other) if kind is ChangeKind.SPLIT else (other, stays)
            onward.setdefault(here, set()).add(there)
    return {one: _reached(one, onward) for one in household_ids}


def _reached(start: UUID, onward: Mapping[UUID, set[UUID]]) -> frozenset[UUID]:
    found, waiting = {start}, [start]
    while waiting:
        fresh = onward.get(waiting.pop(), set()) - found
        found |= fresh
        waiting += fresh
    return frozenset(found)
