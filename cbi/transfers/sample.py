"""Ten lines drawn by a seed that is said aloud, so that anybody can draw the same ten again; looking at them is remembered."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from cbi.errors import Refused
from cbi.store.work import Work
from cbi.transfers import facts
from cbi.transfers.lists import WITH_APPROVERS, list_by_id
from cbi.transfers.tables import Instruction
from cbi.web.words import _

SIZE = 10
_SEED_BITS = 32


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """One drawn line with its payee's name; phone and account as their last three signs only."""

    position: int
    reference: str
    name: str
    ending: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A drawn sample. seed: with it and the list's count the same positions come out again."""

    seed: str
    lines: Sequence[DrawnLine]


def draw(work: Work, list_id: UUID) -> Sample:
    """Draw at most ten lines of a list that waits for approval or release. Raises Refused for any other."""
    payment_list = list_by_id(work, list_id)
    if payment_list.status not in WITH_APPROVERS:
        raise Refused(_("open a list that waits for approval: a sample is drawn only from those"))
    seed = f"{work.ids.chooser('samples').getrandbits(_SEED_BITS):08x}"
    chosen = positions(seed, _positions(work, list_id))
    rows = work.session.exec(
        select(Instruction)
        .where(col(Instruction.list_id) == list_id, col(Instruction.position).in_(chosen))
        .order_by(col(Instruction.position))
    ).all()
    work.vault.prefetch(work.session, rows)
    work.remember(facts.SampleDrawn(list_id=list_id, seed=seed, references=tuple(row.reference for row in rows)))
    return Sample(seed, [_line(work, row) for row in rows])


def positions(seed: str, among: Sequence[int]) -> list[int]:
    """The positions this seed draws, in order."""
    # Not a secret: the seed is printed so that the draw can be repeated, and it is made before anyone can choose it.
    return sorted(random.Random(seed).sample(list(among), min(SIZE, len(among))))  # noqa: S311


def _positions(work: Work, list_id: UUID) -> list[int]:
    return list(
        work.session.exec(select(Instruction.position).where(col(Instruction.list_id) == list_id).order_by(col(Instruction.position)))
    )


def _line(work: Work, row: Instruction) -> DrawnLine:
    paid_to = work.open(row, "payee_account") or work.open(row, "payee_phone")
    return DrawnLine(row.position, row.reference, work.open(row, "payee_name"), paid_to[-3:], row.amount_minor)
