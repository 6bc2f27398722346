"""Results that arrive after a list was closed: a promise that was given up and is paid after all is taken up again, in a posting of its own.

So is one that was given up because of a result that is undone: its payment counts again.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from cbi.payouts import facts_money as facts
from cbi.payouts import ledger
from cbi.payouts.tables import LedgerEntry, LedgerPosting, LedgerSum, PostingKind
from cbi.store.work import Work
from cbi.transfers.tables import Instruction, ListStatus, PaymentList
from reconciliation.ledger import Account


def enter(work: Work, file_id: UUID, list_id: UUID | None) -> LedgerPosting | None:
    """Take given-up promises up again where this file, a decision about it, or the undoing of either paid them; called in the same commit, after its entries.

    Afterwards no promise of a closed list is less than zero: what arrived late is delivered, and no longer counted as given up.
    """
    closed = _closed(work, file_id)
    if not closed:
        return None
    touched = (
        sa.select(col(LedgerEntry.instruction_id))
        .join(LedgerPosting, col(LedgerPosting.id) == col(LedgerEntry.posting_id))
        .where(col(LedgerPosting.file_id) == file_id, col(LedgerEntry.list_id).in_(closed), col(LedgerEntry.account) == Account.OPEN)
    )
    below = sa.func.sum(col(LedgerEntry.minor))
    moves = (
        sa.select(col(LedgerEntry.instruction_id), (-below).label("minor"))
        .where(col(LedgerEntry.instruction_id).in_(touched), col(LedgerEntry.account) == Account.OPEN)
        .group_by(col(LedgerEntry.instruction_id))
        .having(below < 0)
    )
    found = work.session.connection().execute(moves).all()
    if not found:
        return None
    posting = ledger.new_posting(work, PostingKind.LATE, list_id=list_id, file_id=file_id)
    count = ledger.enter_per_transfer(work, posting, moves.subquery(), Account.CANCELLED, Account.OPEN)
    work.remember(
        facts.LateResults(
            posting_id=posting.id,
            list_id=list_id,
            file_id=file_id,
            count=count,
            minor=sum(int(row.minor) for row in found),
            again=_promised_again(work, [row.instruction_id for row in found]),
        )
    )
    return posting


def _closed(work: Work, file_id: UUID) -> list[UUID]:
    """The closed lists whose promises this file touched, by the sums that stand beside its entries: a few, where those are a million."""
    return list(
        work.session.exec(
            select(PaymentList.id)
            .join(LedgerSum, col(LedgerSum.list_id) == col(PaymentList.id))
            .join(LedgerPosting, col(LedgerPosting.id) == col(LedgerSum.posting_id))
            .where(PaymentList.status == ListStatus.CLOSED, LedgerPosting.file_id == file_id, LedgerSum.account == Account.OPEN)
            .distinct()
        )
    )


def take_back(work: Work, file_id: UUID) -> None:
    """Undo what `enter` entered for a file; called in the commit that undoes the file."""
    reversed_already = select(LedgerPosting.reverses_id).where(col(LedgerPosting.reverses_id).is_not(None))
    late = work.session.exec(
        select(LedgerPosting).where(
            LedgerPosting.file_id == file_id,
            LedgerPosting.kind == PostingKind.LATE,
            col(LedgerPosting.id).not_in(reversed_already),
        )
    ).all()
    for posting in late:
        reverse(work, posting)


def reverse(work: Work, posting: LedgerPosting) -> None:
    """Give up again what was taken up."""
    assert posting.file_id is not None
    back = ledger.enter_reversal(work, posting)
    work.remember(facts.LateResultsUndone(posting_id=back.id, reverses_id=posting.id, file_id=posting.file_id))


def _promised_again(work: Work, instruction_ids: list[UUID]) -> int:
    """How many of these stand on a newer live line as well: they may be paid twice, and somebody has to know."""
    late: Any = aliased(Instruction)  # Any: a table under another name is typed as its rows
    other: Any = aliased(Instruction)
    query = (
        sa.select(sa.func.count(sa.distinct(late.id)))
        .join(
            other, sa.and_(other.entitlement_id == late.entitlement_id, other.part == late.part, other.id != late.id, other.live.is_(True))
        )
        .where(late.id.in_(instruction_ids))
    )
    return int(work.session.connection().execute(query).scalar_one())
