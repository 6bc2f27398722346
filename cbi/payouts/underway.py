"""Which transfers count as under way: those whose rows say that nothing is out may be instructed again, those that were paid late may not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.errors import Refused
from cbi.payouts import counted, ledger
from cbi.payouts.kinds import is_one_of
from cbi.payouts.passed_back import pass_back, pass_on_again, replaced_before, settle_touched
from cbi.payouts.passed_back import settle as settle_lines
from cbi.payouts.tables import PayoutFileList, PayoutFinding, PayoutRow, PostedRow
from cbi.store.work import Work
from cbi.transfers.service import retire_instructions, revive_instructions, superseded_before, superseded_of
from cbi.transfers.tables import Instruction
from cbi.web.words import _
from reconciliation.findings import FindingKind
from reconciliation.payout import Outcome

_REOPENS = (FindingKind.FAILED, FindingKind.RETURNED)


def settle(work: Work, references: Sequence[str]) -> None:
    """Bring these transfers in line with their rows after a decision. Raises Refused when one that should live was instructed again already."""
    _settle(work, references, work.now, undone=False)


def settle_without(work: Work, references: Sequence[str], since: datetime) -> None:
    """The same after what was decided at that instant was taken back; a transfer of which nothing is said any more is under way again.

    Raises Refused when one of them was instructed again since: two live lines would pay twice.
    """
    _settle(work, references, since, undone=True)


def _settle(work: Work, references: Sequence[str], since: datetime, *, undone: bool) -> None:
    again = counted.open_again(work, references)
    retire_instructions(work, again)
    pass_back(work, again)
    resting = _resting(work, references)
    back = _ids(work, resting) if undone else set(counted.paid_of(work, references)) & set(_ids(work, resting))
    _revive(work, sorted(set(back) - set(again)), since, undone=undone)
    settle_touched(work, references)


def after_posting(work: Work, file_id: UUID) -> None:
    """A posted file lets what it says failed or came back be instructed again, and takes that back for what it says was paid after all.

    Raises Refused when one of the latter was instructed again after the file was previewed: read again, it is not instructed any more.
    """
    again = counted.open_again(work, _reopened(file_id))
    retire_instructions(work, again)
    moved = _ids(work, _resting_in(file_id, col(PayoutFinding.delivered_minor) != 0))
    delivered = ledger.delivered_of(work, moved)
    gone = [one for one, settled in superseded_of(work, moved).items() if delivered.get(one, 0) <= settled]
    # Of what had arrived on a replaced line something came back: only what is still there stays settled.
    retire_instructions(work, gone, delivered)
    late = sorted({one for one in moved if one in delivered} - set(gone))
    if superseded_of(work, late):
        raise Refused(_("read the file again: some of its transfers were asked for again since it was previewed"))
    # Nobody is asked to pay again while money is out, to whomever.
    astray = _ids(work, _resting_in(file_id, col(PayoutFinding.suspense_minor) > 0))
    replaced = replaced_before(work, late)
    revive_instructions(work, sorted(set(late) - replaced))
    settle_lines(work, sorted(replaced | set(astray) - set(late)))
    pass_back(work, again)


def after_undoing(work: Work, file_id: UUID, since: datetime) -> None:
    """The other way round, of a file posted at that instant. Raises Refused when a transfer that the file let go, or paid in part, was instructed again since."""
    says_so = sa.select(col(PostedRow.reference)).where(col(PostedRow.live), col(PostedRow.outcome) != Outcome.PAID)
    mine = sa.select(col(PayoutFinding.reference)).where(
        col(PayoutFinding.file_id) == file_id, col(PayoutFinding.instruction_id).is_not(None), col(PayoutFinding.reference).in_(says_so)
    )
    again = counted.open_again(work, mine)
    retire_instructions(work, again)
    pass_back(work, again)
    let_go = _ids(work, _resting(work, _reopened(file_id))) + _ids(work, _resting_in(file_id, col(PayoutFinding.delivered_minor) != 0))
    _revive(work, sorted(set(let_go) - set(again)), since, undone=True)
    settle_touched(work, sa.select(col(PayoutFinding.reference)).where(col(PayoutFinding.file_id) == file_id))


def _revive(work: Work, instruction_ids: Sequence[UUID], since: datetime, *, undone: bool) -> None:
    """Let these count as under way, save those that were replaced before for just what arrived on them: they stay so.

    since: when what is taken back, or decided, came to count; undone: it is taken back, and not overtaken.
    """
    stay = _as_replaced(work, superseded_before(work, instruction_ids, since))
    left = [one for one in instruction_ids if one not in stay]
    if undone:
        pass_on_again(work, left)
    in_part = _as_replaced(work, {one: settled for one, settled in superseded_of(work, left).items() if settled})
    revive_instructions(work, [one for one in left if one not in in_part])


def _as_replaced(work: Work, settled: Mapping[UUID, int]) -> set[UUID]:
    """Those of which just what was settled is delivered."""
    delivered = ledger.delivered_of(work, list(settled))
    return {one for one, minor in settled.items() if delivered.get(one, 0) == minor}


def _resting_in(file_id: UUID, moves: sa.ColumnElement[bool]) -> sa.Select[UUID]:
    """Lines that do not count as under way, of which this file counts something as arrived or come back, or puts money into suspense.

    Looked for among the few lines of its lists that rest, not among all that it pays.
    """
    lists = sa.select(col(PayoutFileList.list_id)).where(col(PayoutFileList.file_id) == file_id)
    says_so = sa.exists().where(
        col(PayoutFinding.file_id) == file_id,
        col(PayoutFinding.reference) == col(Instruction.reference),  # by which a finding is found without going through the file
        col(PayoutFinding.instruction_id) == col(Instruction.id),
        moves,
    )
    return sa.select(col(Instruction.id)).where(col(Instruction.list_id).in_(lists), col(Instruction.live).is_(False), says_so)


def _resting(work: Work, references: sa.Select[str] | Sequence[str]) -> sa.Select[UUID]:
    """The lines of these references that do not count as under way."""
    # With the operation it is a look into an index for each of them, and not through every line there ever was.
    mine = col(Instruction.operation_id) == work.operation_id
    return sa.select(col(Instruction.id)).where(mine, col(Instruction.reference).in_(references), col(Instruction.live).is_(False))


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
            is_one_of(*_REOPENS),
            col(PayoutRow.counts),
            col(PayoutFinding.delivered_minor) <= 0,
        )
    )
