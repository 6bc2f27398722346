"""What a cycle comes to (I2): entitled = paid + failed + returned + held + pending + given up, to the minor unit; and its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.payouts import facts_money as facts
from cbi.payouts import standing
from cbi.payouts.standing import LineKind
from cbi.payouts.tables import LedgerEntry
from cbi.payouts.tables_money import CycleClosing
from cbi.store.work import Reading, Work
from cbi.transfers.cycles import cycle_by_id
from cbi.transfers.release import FINAL
from cbi.transfers.tables import Cycle, CycleStatus, Entitlement, Instruction, ListStatus, PaymentList
from cbi.web.words import _, _n

LONGEST_REASON = 140


@dataclass(frozen=True, slots=True)
class CycleAccount:
    """Where everything that households are due in a cycle stands, in minor units of its currency.

    pending: on a live line and not reported yet.  failed, returned: said so by the newest file, and on no newer live line.
    held: on no line.  given_up: decided at closing.  over_minor: promised or paid beyond what is due, which is never right.
    """

    currency: str
    households: int
    entitled_minor: int
    paid_minor: int
    failed_minor: int
    returned_minor: int
    held_minor: int
    pending_minor: int
    given_up_minor: int
    over_minor: int

    @property
    def foots(self) -> bool:
        """Whether the parts make up what is due, and nobody was promised more."""
        parts = self.paid_minor + self.failed_minor + self.returned_minor + self.held_minor + self.pending_minor + self.given_up_minor
        return self.over_minor == 0 and self.entitled_minor == parts

    @property
    def left_minor(self) -> int:
        """What is due and on no live line: a cycle is closed with it only for a reason."""
        return self.failed_minor + self.returned_minor + self.held_minor


def of_cycle(reading: Reading, cycle_id: UUID) -> CycleAccount:
    """The account of a cycle, counted in the database in one query. Raises NotThere."""
    cycle = cycle_by_id(reading, cycle_id)
    each = _by_entitlement(cycle_id)
    left = each.c.due - each.c.paid - each.c.given_up - each.c.pending
    parts = {
        "paid": each.c.paid,
        "pending": each.c.pending,
        "given_up": each.c.given_up,
        "failed": sa.case((sa.and_(left > 0, each.c.line == LineKind.FAILED.value), left), else_=0),
        "returned": sa.case((sa.and_(left > 0, each.c.line == LineKind.RETURNED.value), left), else_=0),
        "held": sa.case((sa.and_(left > 0, each.c.line.not_in([LineKind.FAILED.value, LineKind.RETURNED.value])), left), else_=0),
        "over": sa.case((left < 0, -left), else_=0),
    }
    sums = [sa.func.coalesce(sa.func.sum(part), 0).label(name) for name, part in parts.items()]
    row: Any = (
        reading.session.connection()
        .execute(sa.select(sa.func.count().label("households"), sa.func.coalesce(sa.func.sum(each.c.due), 0).label("due"), *sums))
        .one()
    )
    return CycleAccount(
        currency=cycle.currency,
        households=row.households,
        entitled_minor=int(row.due),
        paid_minor=int(row.paid),
        failed_minor=int(row.failed),
        returned_minor=int(row.returned),
        held_minor=int(row.held),
        pending_minor=int(row.pending),
        given_up_minor=int(row.given_up),
        over_minor=int(row.over),
    )


def close_cycle(work: Work, cycle_id: UUID, *, shown_paid_minor: int, reason: str = "") -> None:
    """Close a cycle for good, after the step-up: all its lists are closed, and what is due and on no line is left for a named reason.

    Raises SomebodyWasFirst when it changed since the page was drawn, Refused while something of it is under way.
    """
    cycle = work.session.get(Cycle, cycle_id, with_for_update=True, populate_existing=True)
    if cycle is None:
        raise NotThere
    work.take_turn()
    if cycle.status is not CycleStatus.FROZEN:
        raise SomebodyWasFirst(_("look at the cycle again: it is not open"))
    found = of_cycle(work, cycle_id)
    words = " ".join(reason.split())
    _refuse(work, cycle_id, found, words)
    if found.paid_minor != shown_paid_minor:
        raise SomebodyWasFirst(_("look at the cycle again: what was paid changed since this page was drawn"))
    assert work.actor.id is not None
    cycle.status = CycleStatus.CLOSED
    work.add(cycle)
    closing = CycleClosing(
        id=work.new_id("closing"),
        operation_id=work.operation_id,
        cycle_id=cycle_id,
        entitled_minor=found.entitled_minor,
        paid_minor=found.paid_minor,
        cancelled_minor=found.given_up_minor,
        left_minor=found.left_minor,
        currency=cycle.currency,
        closed_by=work.actor.id,
        closed_at=work.now,
    )
    work.seal(closing, "reason", words or None)
    work.add(closing)
    work.remember(
        facts.CycleClosed(
            cycle_id=cycle_id,
            entitled_minor=found.entitled_minor,
            paid_minor=found.paid_minor,
            cancelled_minor=found.given_up_minor,
            left_minor=found.left_minor,
            currency=cycle.currency,
        )
    )


def closing_of(reading: Reading, cycle_id: UUID) -> CycleClosing | None:
    """How a cycle was closed, or None while it is open."""
    return reading.session.exec(select(CycleClosing).where(CycleClosing.cycle_id == cycle_id)).first()


def open_lists(reading: Reading, cycle_id: UUID) -> int:
    """How many lists of a cycle are not closed yet, drafts included."""
    query = sa.select(sa.func.count()).where(col(PaymentList.cycle_id) == cycle_id, col(PaymentList.status) != ListStatus.CLOSED)
    return int(reading.session.connection().execute(query).scalar_one())


def _refuse(work: Work, cycle_id: UUID, found: CycleAccount, reason: str) -> None:
    lists = open_lists(work, cycle_id)
    if lists:
        raise Refused(
            _n("close the list that is still open first", "close the %(num)s lists of this cycle that are still open first", lists)
        )
    if not found.foots:
        raise Refused(_("call the administrator: this cycle promised somebody more than they are due"))
    if found.left_minor and not reason:
        raise Refused(_("say why something due is left unpaid, for example: three households could not be found in two months"))
    if len(reason) > LONGEST_REASON:
        raise Refused(_("say why in at most %(most)s characters", most=LONGEST_REASON))


def _by_entitlement(cycle_id: UUID) -> sa.Subquery:
    """One row for each entitlement: due, paid, given up and pending in minor units, and what the newest word says of what is on no live line.

    Everything is laid one under the other and grouped once: SQLite reads a grouped table anew for every row it is joined to.
    """
    each = standing.transfers([col(LedgerEntry.cycle_id) == cycle_id])
    live, none = col(Instruction.live), sa.literal(0)
    # What is given up to be instructed again is due again; only what nobody may promise again, a live line, counts as given up.
    released = sa.select(
        col(Instruction.entitlement_id).label("entitlement_id"),
        none.label("due"),
        each.c.delivered.label("paid"),
        sa.case((live, each.c.cancelled), else_=0).label("given_up"),
        sa.case((live, each.c.asked - each.c.delivered - each.c.cancelled), else_=0).label("pending"),
        sa.case((sa.and_(live.is_(False), each.c.line.in_(["failed", "returned"])), each.c.line), else_="").label("line"),
    ).join(each, each.c.instruction_id == col(Instruction.id))
    drafted = (
        sa.select(col(Instruction.entitlement_id), none, none, none, col(Instruction.amount_minor), sa.literal(""))
        .join(PaymentList, col(PaymentList.id) == col(Instruction.list_id))
        .where(col(PaymentList.cycle_id) == cycle_id, col(PaymentList.status).not_in(FINAL), live)
    )
    due = sa.select(col(Entitlement.id), col(Entitlement.amount_minor), none, none, none, sa.literal("")).where(
        col(Entitlement.cycle_id) == cycle_id
    )
    rows = sa.union_all(released, drafted, due).subquery()
    sums = (sa.func.sum(rows.c[name]).label(name) for name in ("due", "paid", "given_up", "pending"))
    return sa.select(rows.c.entitlement_id, *sums, sa.func.max(rows.c.line).label("line")).group_by(rows.c.entitlement_id).subquery()
