"""Money before it leaves, when the life of a household changes: lists that wait follow, released ones stay, and nobody is due twice in a cycle."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused
from cbi.people.above import Above, Hindrance, Planned, Told, stands_above
from cbi.people.tables import Household
from cbi.people.tables_lives import ChangeKind, HouseholdChange
from cbi.store.work import Reading, Work
from cbi.transfers import enrolment, story, wishes
from cbi.transfers.counting import counted_in, left_of, rows_for
from cbi.transfers.facts_lives import CountedOnce, DigestsEmptied, GrantKept, ListUnsettled
from cbi.transfers.lists import WITH_APPROVERS, changed_since_drawn, drop_approvals, locked_list
from cbi.transfers.release import FINAL
from cbi.transfers.tables import (
    Arrangement,
    ArrangementRequest,
    BudgetLine,
    Cycle,
    CycleStatus,
    Entitlement,
    Grant,
    Instruction,
    LeftOut,
    ListStatus,
    PaymentList,
)
from cbi.transfers.tables_lives import CountedBefore
from cbi.web.words import _


class Transfers(Above):
    """Programmes, cycles, lists and arrangements."""

    def refuse(self, reading: Reading, planned: Planned) -> None:
        """Two families that come together: the entry that closes must be due nothing that would then be paid to nobody, or twice."""
        if planned.kind is not ChangeKind.JOINED or planned.other_id is None:
            return
        closing, staying = planned.other_id, planned.household_id
        if left_of(reading, closing):
            raise Refused(_("put on a list first what the household that would close is due, or let the other household join it instead"))
        if counted_in(reading, closing) - counted_in(reading, staying):
            raise Refused(_("let the other household join this one instead: this one was counted in a cycle that is not closed"))

    def pays(self, reading: Reading, household_id: UUID, member_ids: Collection[UUID]) -> bool:
        """Money goes first to whom a published arrangement names, also to each of those who share."""
        wish = wishes.of(reading, [household_id]).get(household_id)
        return wish is not None and not {wish.recipient_id, *wish.shares}.isdisjoint(member_ids)

    def made(self, work: Work, change: HouseholdChange) -> None:
        """Who splits off is due nothing more in the cycles in which they were counted."""
        if change.kind is not ChangeKind.SPLIT or change.other_id is None:
            return
        rows = rows_for(work, change.household_id, change.other_id, change.id)
        work.session.add_all(rows)
        if rows:
            work.remember(CountedOnce(household_id=change.other_id, with_id=change.household_id, cycles=len(rows)))

    def follow(self, work: Work, household_ids: Sequence[UUID]) -> None:
        """A list that was handed in goes back to its maker when somebody on it would be paid otherwise now. A draft is looked at when it is handed in.

        Drafts are waited for too: one may be handed in at this moment, by somebody who does not see yet what changed.
        """
        open_ones = (
            select(PaymentList.id)
            .join(Instruction, col(Instruction.list_id) == col(PaymentList.id))
            .where(col(Instruction.household_id).in_(household_ids), col(PaymentList.status).not_in(FINAL))
            .distinct()
        )
        for list_id in sorted(work.session.exec(open_ones)):
            payment_list = locked_list(work, list_id)
            if payment_list.status in WITH_APPROVERS and changed_since_drawn(work, payment_list, only=household_ids):
                _send_back(work, payment_list, household_ids[0])

    def refuse_undo(self, reading: Reading, change: HouseholdChange) -> None:
        """What was released or counted since then was built upon the change."""
        both = [one for one in (change.household_id, change.other_id) if one is not None]
        if change.kind in _PAYS_OTHERWISE and _released_since(reading, both, change):
            raise Refused(_("write down a new change: a list with this household was released since"))
        if change.kind is ChangeKind.SPLIT and change.other_id is not None and _has_money(reading, change.other_id):
            raise Refused(_("join the two households instead: the new one is due something by now, or arranged how it receives"))
        if change.kind is ChangeKind.JOINED and _counted_together(reading, change):
            raise Refused(_("split the household instead: everybody in it was counted together in a cycle since"))

    def undone(self, work: Work, change: HouseholdChange) -> None:
        """The household a split had made goes: nothing of it stands in a cycle, and nothing in the inbox."""
        if change.kind is not ChangeKind.SPLIT or change.other_id is None:
            return
        counted = work.bulk(CountedBefore, sa.delete(CountedBefore).where(col(CountedBefore.change_id) == change.id)).rowcount
        left = work.bulk(LeftOut, sa.delete(LeftOut).where(col(LeftOut.household_id) == change.other_id)).rowcount
        work.bulk(ArrangementRequest, sa.delete(ArrangementRequest).where(col(ArrangementRequest.household_id) == change.other_id))
        if counted or left:
            work.remember(CountedOnce(household_id=change.other_id, with_id=change.household_id, cycles=0))

    def hindrances(self, reading: Reading, household_id: UUID) -> Sequence[Hindrance]:
        """Records of what a grant paid for are kept as long as its agreement says."""
        return [one for grant in _grants_of(reading, household_id) if (one := _kept(grant, reading.today)) is not None]

    def hindered(self, reading: Reading) -> Sequence[sa.Select[Any]]:
        """Whoever a grant paid for whose records are still kept."""
        kept = sa.or_(col(Grant.kept_until).is_(None), col(Grant.kept_until) >= reading.today)
        lines = sa.select(col(BudgetLine.id)).join(Grant, col(Grant.id) == col(BudgetLine.grant_id)).where(kept)
        of_cycles = sa.select(col(Entitlement.household_id)).join(Cycle, col(Cycle.id) == col(Entitlement.cycle_id))
        return [
            of_cycles.where(col(Cycle.budget_line_id).in_(lines)),
            sa.select(col(Instruction.household_id)).where(col(Instruction.budget_line_id).in_(lines)),
        ]

    def withdrawn(self, work: Work, household_id: UUID) -> None:
        """Wishes that were not published yet are not wanted any more; a simulation keeps nothing of the six answers."""
        enrolment.forget_difficulty(work, household_id)
        work.bulk(ArrangementRequest, sa.delete(ArrangementRequest).where(col(ArrangementRequest.household_id) == household_id))

    def erased(self, work: Work, household_id: UUID) -> None:
        """Empty the keyed digests of payees and collectors. What a released list was hashed and exported as stays as it was."""
        mine = col(Instruction.household_id) == household_id
        filled = sa.or_(sa.func.length(col(Instruction.payee_digest)) > 0, col(Instruction.share_of).is_not(None))
        lines = work.bulk(Instruction, sa.update(Instruction).where(mine, filled).values(payee_digest=b"", share_of=None)).rowcount
        met = (col(Arrangement.household_id) == household_id, col(Arrangement.digest).is_not(None))
        arrangements = work.bulk(Arrangement, sa.update(Arrangement).where(*met).values(digest=None)).rowcount
        work.bulk(ArrangementRequest, sa.delete(ArrangementRequest).where(col(ArrangementRequest.household_id) == household_id))
        if lines or arrangements:
            work.remember(DigestsEmptied(household_id=household_id, lines=lines, arrangements=arrangements))

    def story(self, reading: Reading, household_id: UUID) -> Sequence[Told]:
        """Cycles, lists and how the household asked to receive."""
        return story.of(reading, household_id)


_PAYS_OTHERWISE = (ChangeKind.SPLIT, ChangeKind.JOINED, ChangeKind.HEAD, ChangeKind.DIED, ChangeKind.LEFT, ChangeKind.MOVED)


def keep_grant_until(work: Work, grant_id: UUID, kept_until: date) -> None:
    """Enter the last day on which a grant's records must be kept; it may be made later, never earlier."""
    grant = work.session.get(Grant, grant_id)
    if grant is None or grant.operation_id != work.operation_id:
        raise NotThere
    if grant.kept_until is not None and kept_until < grant.kept_until:
        raise Refused(_("choose a day that is not before %(day)s: records are never kept shorter than was said", day=grant.kept_until))
    grant.kept_until = kept_until
    work.add(grant)
    work.remember(GrantKept(grant_id=grant_id, kept_until=kept_until))


def _send_back(work: Work, payment_list: PaymentList, household_id: UUID) -> None:
    fallen = drop_approvals(work, payment_list.id)
    payment_list.status, payment_list.hash = ListStatus.SENT_BACK, None
    work.seal(payment_list, "sent_back_reason", _("Somebody on this list would be paid otherwise now. Make the lines again."))
    work.add(payment_list)
    work.remember(ListUnsettled(list_id=payment_list.id, household_id=household_id, approvals_fallen=fallen))


def _released_since(reading: Reading, household_ids: Sequence[UUID], change: HouseholdChange) -> bool:
    found = (
        select(Instruction.id)
        .join(PaymentList, col(PaymentList.id) == col(Instruction.list_id))
        .where(col(Instruction.household_id).in_(household_ids), col(PaymentList.released_at) >= change.at)
    )
    return reading.session.exec(found.limit(1)).first() is not None


def _has_money(reading: Reading, household_id: UUID) -> bool:
    """Entitlements, lines and arrangements; what only lies in the inbox is asked of nobody."""
    return any(
        reading.session.exec(select(table.id).where(col(table.household_id) == household_id).limit(1)).first() is not None
        for table in (Entitlement, Instruction, Arrangement)
    )


def _counted_together(reading: Reading, change: HouseholdChange) -> bool:
    """Whether the household was counted since the other one joined it: in a cycle frozen since then, or with as many members as it has now."""
    household = reading.session.get_one(Household, change.household_id)
    found = (
        select(Entitlement.id)
        .join(Cycle, col(Cycle.id) == col(Entitlement.cycle_id))
        .where(
            col(Entitlement.household_id) == change.household_id,
            col(Cycle.status) == CycleStatus.FROZEN,
            sa.or_(col(Cycle.frozen_at) >= change.at, col(Entitlement.members) == household.size),
        )
    )
    return reading.session.exec(found.limit(1)).first() is not None


def _grants_of(reading: Reading, household_id: UUID) -> Sequence[Grant]:
    of_cycles = (
        select(Cycle.budget_line_id)
        .join(Entitlement, col(Entitlement.cycle_id) == col(Cycle.id))
        .where(col(Entitlement.household_id) == household_id)
    )
    of_lines = select(Instruction.budget_line_id).where(col(Instruction.household_id) == household_id)
    found = (
        select(Grant)
        .join(BudgetLine, col(BudgetLine.grant_id) == col(Grant.id))
        .where(sa.or_(col(BudgetLine.id).in_(of_cycles), col(BudgetLine.id).in_(of_lines)))
        .distinct()
        .order_by(col(Grant.code))
    )
    return reading.session.exec(found).all()


def _kept(grant: Grant, today: date) -> Hindrance | None:
    if grant.kept_until is None:
        return Hindrance(_("enter on the page of grant %(code)s until when its records are kept", code=grant.code))
    if grant.kept_until >= today:
        return Hindrance(_("wait until the records of grant %(code)s need not be kept any more", code=grant.code), grant.kept_until)
    return None


if not any(isinstance(floor, Transfers) for floor in stands_above):
    stands_above.append(Transfers())
