"""What is promised of an entitlement: at most one live line for each part of it, and what arrived on a line that was replaced is never due again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from cbi.errors import Refused
from cbi.store.parts import in_parts
from cbi.store.work import Reading, Work
from cbi.transfers import facts
from cbi.transfers.tables import Entitlement, Instruction, PaymentList
from cbi.web.words import _l

_NEWER = _l("settle the newer list first: some of these transfers were instructed again since")


@dataclass(frozen=True, slots=True)
class Replacement:
    """The line that asks again for what another did not deliver, and the list it stands on."""

    reference: str
    list_id: UUID
    list_reference: str


after_freed: list[Callable[[Work, Sequence[UUID]], None]] = []
"""What the floor above does when lines of these entitlements were taken off a draft, in the same commit."""


def retire_instructions(work: Work, instruction_ids: Sequence[UUID], settled: Mapping[UUID, int] | None = None) -> int:
    """What these lines promised did not arrive: their entitlements may be instructed again on a new list. Returns how many changed.

    settled: what of a line did arrive, in minor units, where something did; that much is not due again.
    """
    changed = set_aside(work, instruction_ids, settled or {})
    if changed:
        work.remember(facts.InstructionsRetired(count=changed))
    return changed


def set_aside(work: Work, instruction_ids: Sequence[UUID], settled: Mapping[UUID, int]) -> int:
    """The same without its fact: the caller's own explains it."""
    changed = 0
    by_amount = sorted(instruction_ids, key=lambda one: (settled.get(one, 0), str(one)))
    for minor, ids in groupby(by_amount, key=lambda one: settled.get(one, 0)):
        for chunk in in_parts(list(ids)):
            statement = sa.update(Instruction).where(
                col(Instruction.id).in_(chunk), sa.or_(col(Instruction.live), col(Instruction.settled_minor) != minor)
            )
            changed += work.bulk(Instruction, statement.values(live=False, settled_minor=minor)).rowcount
    return changed


def revive_instructions(work: Work, instruction_ids: Sequence[UUID]) -> int:
    """These lines count again as under way, because what said otherwise was undone or overtaken. Returns how many changed.

    Raises Refused when one of them was instructed again meanwhile: two live lines would pay twice.
    """
    changed = 0
    for chunk in in_parts(instruction_ids):
        if work.session.connection().execute(_replaced(col(Instruction.id).in_(chunk))).first():
            raise Refused(_NEWER)
        statement = sa.update(Instruction).where(col(Instruction.id).in_(chunk), col(Instruction.live).is_(False))
        changed += work.bulk(Instruction, statement.values(live=True, settled_minor=0)).rowcount
    if overdrawn(work, _entitlements(work, instruction_ids)):
        raise Refused(_NEWER)
    if changed:
        work.remember(facts.InstructionsRevived(count=changed))
    return changed


def superseded(reading: Reading, list_id: UUID) -> dict[UUID, int]:
    """The lines of a list whose promise another line has taken over, with what had arrived on each."""
    return _superseded(reading, col(Instruction.list_id) == list_id)


def superseded_of(reading: Reading, instruction_ids: Sequence[UUID]) -> dict[UUID, int]:
    """The same among these lines."""
    return _superseded_among(reading, instruction_ids)


def superseded_before(reading: Reading, instruction_ids: Sequence[UUID], since: datetime) -> dict[UUID, int]:
    """Those of them that a newer line replaced while nothing was drawn of their entitlement since: what happened since was no ground for that.

    A draft may be drawn anew at any moment, and a list no more once it is submitted.
    """
    return _superseded_among(reading, instruction_ids, _has_newer(), ~_drawn_since(since))


def _superseded_among(reading: Reading, instruction_ids: Sequence[UUID], *only: sa.ColumnElement[bool]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for chunk in in_parts(instruction_ids):
        found |= _superseded(reading, sa.and_(col(Instruction.id).in_(chunk), *only))
    return found


def _superseded(reading: Reading, condition: sa.ColumnElement[bool]) -> dict[UUID, int]:
    return {row.id: int(row.settled_minor) for row in reading.session.connection().execute(_replaced(condition))}


def overdrawn(reading: Reading, entitlement_ids: Sequence[UUID]) -> bool:
    """Whether more is promised or paid of one of these entitlements than it holds."""
    for chunk in in_parts(entitlement_ids):
        promised = (
            sa.select(col(Entitlement.id))
            .join(Instruction, col(Instruction.entitlement_id) == col(Entitlement.id))
            .where(col(Entitlement.id).in_(chunk))
            .group_by(col(Entitlement.id), col(Entitlement.amount_minor))
            .having(sa.func.sum(_counted(Instruction)) > col(Entitlement.amount_minor))
        )
        if reading.session.connection().execute(promised).first():
            return True
    return False


def replacement_of(reading: Reading, reference: str) -> Replacement | None:
    """The newest line that takes the place of the one with this reference; None where none does."""
    old = aliased(Instruction)
    row: Any = (  # Any: two references and an id
        reading.session.connection()
        .execute(
            sa.select(col(Instruction.reference), col(PaymentList.id), col(PaymentList.reference).label("list_reference"))
            .join(PaymentList, col(PaymentList.id) == col(Instruction.list_id))
            .join(old, col(old.entitlement_id) == col(Instruction.entitlement_id))
            .where(col(old.reference) == reference, col(old.live).is_(False), col(Instruction.live))
            .order_by(
                sa.func.coalesce(col(Instruction.replaces_id) == col(old.id), sa.false()).desc(),
                col(PaymentList.prepared_at).desc(),
                col(Instruction.id),
            )
        )
        .first()
    )
    return Replacement(row.reference, row.id, row.list_reference) if row else None


def _entitlements(reading: Reading, instruction_ids: Sequence[UUID]) -> list[UUID]:
    found: set[UUID] = set()
    for chunk in in_parts(instruction_ids):
        found.update(reading.session.exec(select(Instruction.entitlement_id).where(col(Instruction.id).in_(chunk))))
    return sorted(found)


def _has_newer() -> sa.ColumnElement[bool]:
    """Whether a line asks for the same on a list submitted later: when it was drawn, this one was due again."""
    newer, its, own = aliased(Instruction), aliased(PaymentList), aliased(PaymentList)
    return sa.exists().where(
        col(newer.entitlement_id) == col(Instruction.entitlement_id),
        col(newer.part) == col(Instruction.part),
        col(its.id) == col(newer.list_id),
        col(own.id) == col(Instruction.list_id),
        col(its.submitted_at) > col(own.submitted_at),
    )


def _drawn_since(since: datetime) -> sa.ColumnElement[bool]:
    """Whether another line of its entitlement may have been drawn since."""
    other = aliased(Instruction)
    return sa.exists().where(
        col(other.entitlement_id) == col(Instruction.entitlement_id),
        col(other.id) != col(Instruction.id),
        col(PaymentList.id) == col(other.list_id),
        sa.or_(col(PaymentList.submitted_at).is_(None), col(PaymentList.submitted_at) >= since),
    )


def _replaced(condition: sa.ColumnElement[bool]) -> sa.Select[UUID, int]:
    """Of the lines that meet the condition and are live no more: those that could not live again without promising something twice."""
    other = aliased(Instruction)
    same_part = sa.exists().where(
        col(other.entitlement_id) == col(Instruction.entitlement_id), col(other.part) == col(Instruction.part), col(other.live)
    )
    elsewhere = (
        sa.select(sa.func.coalesce(sa.func.sum(_counted(other)), 0))
        .where(col(other.entitlement_id) == col(Instruction.entitlement_id), col(other.id) != col(Instruction.id))
        .scalar_subquery()
    )
    return (
        sa.select(col(Instruction.id), col(Instruction.settled_minor))
        .join(Entitlement, col(Entitlement.id) == col(Instruction.entitlement_id))
        .where(
            condition,
            col(Instruction.live).is_(False),
            sa.or_(same_part, elsewhere + col(Instruction.amount_minor) > col(Entitlement.amount_minor)),
        )
    )


def _counted(line: Any) -> sa.ColumnElement[int]:  # Any: the table, or it under another name
    """What a line takes of its entitlement: its amount while it lives, afterwards what had arrived."""
    return sa.case((col(line.live), col(line.amount_minor)), else_=col(line.settled_minor))
