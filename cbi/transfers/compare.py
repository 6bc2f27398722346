"""What changed on a list since the cycle before: the four numbers an approver asks for, which add up to the difference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.people.tables import Household
from cbi.store.work import Reading
from cbi.transfers.release import FINAL
from cbi.transfers.tables import Cycle, Instruction, LeftOut, LeftOutReason, PaymentList


class Change(StrEnum):
    """In which way a household differs from the cycle before."""

    NEW = "new"
    GONE = "gone"
    ELSEWHERE = "elsewhere"
    AMOUNT = "amount"
    PAYEE = "payee"


@dataclass(frozen=True, slots=True)
class Changed:
    """One household that differs. was_minor, now_minor: 0 where it is on no list. reason: why it is gone, where it is known."""

    household_id: UUID
    change: Change
    was_minor: int
    now_minor: int
    reason: LeftOutReason | None = None

    @property
    def difference_minor(self) -> int:
        """How much more it receives than before."""
        return self.now_minor - self.was_minor


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """All households that differ in one way. reasons: for those gone, how many for which reason; None where it is not known."""

    change: Change
    count: int
    difference_minor: int
    reasons: Sequence[tuple[LeftOutReason | None, int]] = ()


@dataclass(frozen=True, slots=True)
class SinceLast:
    """The comparison with one earlier cycle. count, difference_minor: of the whole list against the earlier one."""

    cycle: Cycle
    rows: Sequence[ChangeRow]
    count: int
    difference_minor: int


@dataclass(frozen=True, slots=True)
class _Paid:
    minor: int
    payee: bytes


def since_last(reading: Reading, payment_list: PaymentList) -> SinceLast | None:
    """What changed against the newest earlier cycle in which this provider paid; None for its first."""
    earlier = _earlier(reading, payment_list)
    if earlier is None:
        return None
    changed = changes(reading, payment_list, earlier)
    rows = [_row(change, [one for one in changed if one.change is change]) for change in Change]
    before, now = _before(reading, payment_list, earlier), _on(reading, payment_list.id)
    return SinceLast(
        earlier,
        [row for row in rows if row.count or row.change is not Change.ELSEWHERE],
        len(now) - len(before),
        sum(one.minor for one in now.values()) - sum(one.minor for one in before.values()),
    )


def changes(reading: Reading, payment_list: PaymentList, earlier: Cycle | None = None) -> list[Changed]:
    """Every household that differs, in registration order within each kind; a household with two differences is there twice."""
    earlier = earlier or _earlier(reading, payment_list)
    if earlier is None:
        return []
    before, now = _before(reading, payment_list, earlier), _on(reading, payment_list.id)
    elsewhere, reasons = _this_cycle(reading, payment_list), _reasons(reading, payment_list.cycle_id)
    found = [Changed(one, Change.NEW, 0, now[one].minor) for one in now.keys() - before.keys()]
    for one in before.keys() - now.keys():
        gone = Change.ELSEWHERE if one in elsewhere else Change.GONE
        found.append(Changed(one, gone, before[one].minor, 0, reasons.get(one)))
    for one in before.keys() & now.keys():
        if before[one].minor != now[one].minor:
            found.append(Changed(one, Change.AMOUNT, before[one].minor, now[one].minor))
        if before[one].payee != now[one].payee:
            found.append(Changed(one, Change.PAYEE, now[one].minor, now[one].minor))
    order = list(Change)
    return sorted(found, key=lambda one: (order.index(one.change), str(one.household_id)))


def numbers_of(reading: Reading, household_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The registration numbers of these households."""
    found = reading.session.exec(select(Household.id, Household.number).where(col(Household.id).in_(household_ids)))
    return dict(found.all())


def _earlier(reading: Reading, payment_list: PaymentList) -> Cycle | None:
    cycle = reading.session.get_one(Cycle, payment_list.cycle_id)
    return reading.session.exec(
        select(Cycle)
        .join(PaymentList, col(PaymentList.cycle_id) == col(Cycle.id))
        .where(
            col(Cycle.programme_id) == cycle.programme_id,
            col(Cycle.number) < cycle.number,
            col(PaymentList.provider_id) == payment_list.provider_id,
            col(PaymentList.status).in_(FINAL),
        )
        .order_by(col(Cycle.number).desc())
        .limit(1)
    ).first()


def _before(reading: Reading, payment_list: PaymentList, earlier: Cycle) -> Mapping[UUID, _Paid]:
    """What the earlier cycle's released lists of this provider promised, transfers that were instructed again counted once."""
    lists = sa.select(col(PaymentList.id)).where(
        col(PaymentList.cycle_id) == earlier.id,
        col(PaymentList.provider_id) == payment_list.provider_id,
        col(PaymentList.status).in_(FINAL),
    )
    return _paid(reading, col(Instruction.list_id).in_(lists), once=True)


def _on(reading: Reading, list_id: UUID) -> Mapping[UUID, _Paid]:
    return _paid(reading, col(Instruction.list_id) == list_id)


def _paid(reading: Reading, where: sa.ColumnElement[bool], *, once: bool = False) -> dict[UUID, _Paid]:
    line = Instruction
    rows = reading.session.connection().execute(
        sa.select(col(line.household_id), col(line.entitlement_id), col(line.part), col(line.amount_minor), col(line.payee_digest))
        .join(PaymentList, col(PaymentList.id) == col(line.list_id))
        .where(where)
        .order_by(col(PaymentList.prepared_at), col(PaymentList.reference), col(line.position))
    )
    found: dict[UUID, dict[object, tuple[int, bytes]]] = {}
    for household_id, entitlement_id, part, minor, payee in rows:
        parts = found.setdefault(household_id, {})
        parts[(entitlement_id, part) if once else len(parts)] = (minor, payee)
    return {
        household_id: _Paid(sum(minor for minor, _ in parts.values()), _payees(parts.values())) for household_id, parts in found.items()
    }


def _payees(parts: Iterable[tuple[int, bytes]]) -> bytes:
    """Who is paid, as one value: of a household whose adults are paid apart, all of them."""
    return b"".join(sorted({payee for _, payee in parts}))


def _this_cycle(reading: Reading, payment_list: PaymentList) -> frozenset[UUID]:
    """Households on any other list of the same cycle."""
    rows = reading.session.exec(
        select(Instruction.household_id)
        .join(PaymentList, col(PaymentList.id) == col(Instruction.list_id))
        .where(col(PaymentList.cycle_id) == payment_list.cycle_id, col(PaymentList.id) != payment_list.id)
    )
    return frozenset(rows)


def _reasons(reading: Reading, cycle_id: UUID) -> dict[UUID, LeftOutReason]:
    rows = reading.session.exec(select(LeftOut).where(col(LeftOut.cycle_id) == cycle_id))
    return {row.household_id: row.reason for row in rows}


def _row(change: Change, changed: Sequence[Changed]) -> ChangeRow:
    reasons: dict[LeftOutReason | None, int] = {}
    if change is Change.GONE:
        for one in changed:
            reasons[one.reason] = reasons.get(one.reason, 0) + 1
    ordered = [(reason, reasons[reason]) for reason in (*LeftOutReason, None) if reason in reasons]
    return ChangeRow(change, len(changed), sum(one.difference_minor for one in changed), ordered)
