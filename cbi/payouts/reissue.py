"""Which transfers of a released list did not arrive, and asking for them again on a new list."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import Refused
from cbi.payouts import hands
from cbi.payouts.passed_back import replaced_before
from cbi.payouts.scope import entries_of_lists
from cbi.payouts.standing import LineKind, named_by_unread, transfers
from cbi.payouts.tables import FileStatus, PayoutFile, PayoutFileList
from cbi.store.work import Reading, Work
from cbi.transfers import service
from cbi.transfers.payees import Wait
from cbi.transfers.tables import Instruction
from cbi.web.words import _

GROUNDS = (LineKind.FAILED, LineKind.RETURNED, LineKind.PAID_IN_PART, LineKind.MISSING)
"""Where a transfer can be asked for again. With a wrong hand, or waiting for an answer, its money may still be on the way."""


@dataclass(frozen=True, slots=True)
class Open:
    """One transfer that did not arrive, or not all of it. asked, delivered: minor units."""

    instruction_id: UUID
    ground: LineKind
    asked_minor: int
    delivered_minor: int

    @property
    def open_minor(self) -> int:
        """What would be asked for again."""
        return self.asked_minor - self.delivered_minor


@dataclass(frozen=True, slots=True)
class OpenSum:
    """All transfers of a list that can be asked for again on one ground."""

    ground: LineKind
    count: int
    open_minor: int


@dataclass(frozen=True, slots=True)
class Reissued:
    """The new draft. waiting: transfers that stay as they are, because their households cannot be paid through that provider now.

    undecided: those that stay because separate transfers changed, so that nobody can say whose they are.
    """

    list_id: UUID
    count: int
    waiting: int
    undecided: int = 0


def open_transfers(reading: Reading, list_id: UUID) -> list[Open]:
    """Every transfer of a released list that can be asked for again: not given up, on no newer list yet, and in no row that could not be read.

    A line is replaced once: what is still open of one whose newer line died is due on an ordinary list.  Raises NotThere.
    """
    service.list_by_id(reading, list_id)
    each = transfers(entries_of_lists([list_id]))
    rows = reading.session.connection().execute(
        sa.select(each).where(each.c.line.in_([one.value for one in GROUNDS]), each.c.cancelled == 0).order_by(each.c.instruction_id)
    )
    found = [Open(row.instruction_id, LineKind(row.line), int(row.asked), max(int(row.delivered), 0)) for row in rows]
    over = service.superseded(reading, list_id).keys() | _in_doubt(reading, list_id)
    over |= replaced_before(reading, [one.instruction_id for one in found])
    return [one for one in found if one.instruction_id not in over]


def _in_doubt(reading: Reading, list_id: UUID) -> set[UUID]:
    """Transfers that a row of a posted file names which could not be read: it may say that they were paid."""
    named = named_by_unread(reading, list_id)
    if not named:
        return set()
    lines = reading.session.connection().execute(
        sa.select(col(Instruction.id)).where(col(Instruction.list_id) == list_id, col(Instruction.reference).in_(named))
    )
    return {row.id for row in lines}


def sums_of(found: Sequence[Open]) -> list[OpenSum]:
    """The same by ground, in their order, grounds with nothing in them left away."""
    sums = [(ground, [one.open_minor for one in found if one.ground is ground]) for ground in GROUNDS]
    return [OpenSum(ground, len(minors), sum(minors)) for ground, minors in sums if minors]


def reissue(work: Work, list_id: UUID, provider_id: UUID, grounds: Collection[LineKind], *, dead: bool = False) -> Reissued:
    """Draft a new list, for this provider, of what is open on these grounds. dead: the maker says that what nobody reported will not be paid.

    Raises Refused when nothing is chosen or open, when transfers nobody reported are chosen without that word, or when no file was posted yet.
    """
    hands.hold_provider_of(work, list_id)
    if not _is_answered(work, list_id):
        raise Refused(_("post the provider's answer first: until then nothing is known to have failed"))
    chosen = [one for one in open_transfers(work, list_id) if one.ground in grounds]
    unreported = [one.instruction_id for one in chosen if one.ground is LineKind.MISSING]
    if not chosen:
        raise Refused(_("choose what to ask for again: nothing that is chosen is open"))
    if unreported and not dead:
        raise Refused(_("tick that the provider will not pay what it has not reported, or leave those transfers out"))
    asked = {one.instruction_id: one.delivered_minor for one in chosen}
    new_id, waiting = service.reissue(work, provider_id, asked, unreported=unreported)
    undecided = waiting.pop(Wait.SHARES, 0)
    return Reissued(new_id, service.list_by_id(work, new_id).count, sum(waiting.values()), undecided)


def _is_answered(reading: Reading, list_id: UUID) -> bool:
    found = reading.session.exec(
        select(PayoutFile.id)
        .join(PayoutFileList, col(PayoutFileList.file_id) == col(PayoutFile.id))
        .where(col(PayoutFileList.list_id) == list_id, col(PayoutFile.status) == FileStatus.POSTED)
    ).first()
    return found is not None
