"""What payments say when an entry is to be closed because a household was registered twice: it is paid once in a cycle, and a payment under way keeps its payee."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts.on_the_way import under_way
from cbi.payouts.tables import LedgerEntry
from cbi.store.work import Reading
from cbi.transfers.counting import counted_in
from cbi.transfers.release import FINAL
from cbi.transfers.tables import Cycle, CycleStatus, Entitlement, Instruction, PaymentList
from cbi.web.words import _
from reconciliation.ledger import Account


@dataclass(slots=True)
class _Due:
    """What an entry is due in an open cycle. left: on no line yet; paid: what arrived; under_way: a line of it is not settled."""

    left: int = 0
    paid: int = 0
    under_way: bool = False


def objection(reading: Reading, household_id: UUID, into_id: UUID) -> str:
    """Why an entry cannot be closed in favour of another, finishing "You need to …"; "" when the household is then paid no second time."""
    closing, staying = _dues(reading, household_id), _dues(reading, into_id)
    sent, other_sent = under_way(reading, household_id), under_way(reading, into_id)
    if sent and other_sent:
        return _("settle the payment of one of the two first: both are on a payment list that is not settled, and both would be paid")
    if _meets(closing, staying) or _meets(staying, closing):
        return _("settle the payment under way first, or take it off its list: the other entry was paid in the same cycle")
    against, back = _paid_again(closing, staying), _paid_again(staying, closing)
    if (sent or against) and back:
        return _("settle every payment to the two first, and close the cycles in which only one of them was counted or paid")
    if sent:
        return _("keep this entry and close the other one: a payment to this one is under way, and none to the other")
    if against:
        return _("keep this entry and close the other one: the other would be paid again in a cycle in which this one was counted or paid")
    return ""


def _meets(one: Mapping[UUID, _Due], other: Mapping[UUID, _Due]) -> bool:
    """Whether something is on its way to one in a cycle in which the other was paid."""
    return any(due.under_way and cycle_id in other and other[cycle_id].paid > 0 for cycle_id, due in one.items())


def _paid_again(closing: Mapping[UUID, _Due], staying: Mapping[UUID, _Due]) -> bool:
    """Whether the one that stays would be counted late, or paid what it is still due, where the one that closes was counted, or paid more."""
    return any(
        cycle_id not in staying or (staying[cycle_id].left > 0 and due.paid > staying[cycle_id].paid) for cycle_id, due in closing.items()
    )


def _dues(reading: Reading, household_id: UUID) -> dict[UUID, _Due]:
    """By open cycle in which the people of an entry were counted."""
    found = {cycle_id: _Due() for cycle_id in counted_in(reading, household_id)}
    mine = col(Entitlement.household_id) == household_id, col(Cycle.status) == CycleStatus.FROZEN
    due = sa.select(col(Entitlement.cycle_id), col(Entitlement.amount_minor)).join(Cycle, col(Cycle.id) == col(Entitlement.cycle_id))
    for cycle_id, minor in reading.session.connection().execute(due.where(*mine)):
        found[cycle_id].left = minor
    taken = sa.case((col(Instruction.live), col(Instruction.amount_minor)), else_=col(Instruction.settled_minor))
    unsettled = sa.and_(col(Instruction.live), sa.or_(col(PaymentList.status).not_in(FINAL), _sum(Account.OPEN) != 0))
    lines = (
        sa.select(col(Entitlement.cycle_id), taken, _sum(Account.DELIVERED), unsettled)
        .join(Cycle, col(Cycle.id) == col(Entitlement.cycle_id))
        .join(Instruction, col(Instruction.entitlement_id) == col(Entitlement.id))
        .join(PaymentList, col(PaymentList.id) == col(Instruction.list_id))
    )
    for cycle_id, minor, paid, open_ in reading.session.connection().execute(lines.where(*mine)):
        one = found[cycle_id]
        one.left, one.paid, one.under_way = one.left - minor, one.paid + int(paid), one.under_way or bool(open_)
    return found


def _sum(account: Account) -> sa.ScalarSelect[int]:
    """What the ledger holds of a line in one account."""
    return (
        sa.select(sa.func.coalesce(sa.func.sum(col(LedgerEntry.minor)), 0))
        .where(col(LedgerEntry.instruction_id) == col(Instruction.id), col(LedgerEntry.account) == account)
        .scalar_subquery()
    )
