"""Which transfers count as under way: those whose rows say that nothing is out may be instructed again, those that were paid late may not."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.errors import Refused
from cbi.payouts import counted
from cbi.payouts.tables import PayoutFinding, PayoutRow, PostedRow
from cbi.store.work import Work
from cbi.transfers.service import retire_instructions, revive_instructions
from cbi.transfers.tables import Instruction
from cbi.web.words import _
from reconciliation.findings import FindingKind
from reconciliation.payout import Outcome

_REOPENS = (FindingKind.FAILED, FindingKind.RETURNED)


def settle(work: Work, references: Sequence[str], *, also_without_rows: bool = False) -> None:
    """Bring these transfers in line with their rows after a decision.

    also_without_rows: let a transfer of which nothing is said any more count as under way again.
    Raises Refused when one that should is instructed again already: two live lines would pay twice.
    """
    again = counted.open_again(work, references)
    retire_instructions(work, again)
    resting = _resting(col(Instruction.reference).in_(references))
    back = _ids(work, resting) if also_without_rows else set(counted.paid_of(work, references)) & set(_ids(work, resting))
    _revive(work, sorted(set(back) - set(again)))


def after_posting(work: Work, file_id: UUID) -> None:
    """A posted file lets what it says failed or came back be instructed again, and takes that back for what it says was paid after all."""
    retire_instructions(work, counted.open_again(work, _reopened(file_id)))
    late = sa.select(col(PayoutFinding.instruction_id)).where(col(PayoutFinding.file_id) == file_id, col(PayoutFinding.delivered_minor) > 0)
    for instruction_id in _ids(work, _resting(col(Instruction.id).in_(late))):
        try:
            _revive(work, [instruction_id])
        except Refused:  # instructed again on a newer list: that line is the live one, and stays so
            continue


def after_undoing(work: Work, file_id: UUID) -> None:
    """The other way round. Raises Refused when a transfer that the file let go was instructed again since."""
    says_so = sa.select(col(PostedRow.reference)).where(col(PostedRow.live), col(PostedRow.outcome) != Outcome.PAID)
    mine = sa.select(col(PayoutFinding.reference)).where(
        col(PayoutFinding.file_id) == file_id, col(PayoutFinding.instruction_id).is_not(None), col(PayoutFinding.reference).in_(says_so)
    )
    again = counted.open_again(work, mine)
    retire_instructions(work, again)
    let_go = _ids(work, _resting(col(Instruction.reference).in_(_reopened(file_id))))
    _revive(work, sorted(set(let_go) - set(again)))


def _revive(work: Work, instruction_ids: Sequence[UUID]) -> None:
    replaced = sa.select(col(Instruction.id)).where(col(Instruction.id).in_(instruction_ids), col(Instruction.settled_minor) > 0)
    if work.session.connection().execute(replaced.limit(1)).first():
        raise Refused(_("settle the newer list first: some of these transfers were instructed again since"))
    revive_instructions(work, instruction_ids)


def _resting(chosen: sa.ColumnElement[bool]) -> sa.Select[UUID]:
    """The chosen lines that do not count as under way."""
    return sa.select(col(Instruction.id)).where(chosen, col(Instruction.live).is_(False))


def _ids(work: Work, query: sa.Select[UUID]) -> list[UUID]:
    return list(work.session.connection().execute(query).scalars())


def _reopened(file_id: UUID) -> sa.Select[str]:
    """Transfers that this file leaves unpaid by name."""
    return (
        sa.select(col(PayoutFinding.reference))
        .join(PayoutRow, col(PayoutRow.finding_id) == col(PayoutFinding.id))
        .where(
            col(PayoutFinding.file_id) == file_id,
            col(PayoutFinding.instruction_id).is_not(None),
            col(PayoutFinding.kind).in_(_REOPENS),
            col(PayoutRow.counts),
            col(PayoutFinding.delivered_minor) <= 0,
        )
        .distinct()
    )
