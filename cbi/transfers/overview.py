"""What the pages of payment lists show: rows of the list of lists, and one list with its people, sums and lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.access import GRANTS, Permission, Role
from cbi.people.tables import Household
from cbi.staff.service import names_of
from cbi.staff.tables import Staff, StaffRole
from cbi.store.system import Checkpoint
from cbi.store.work import Reading
from cbi.transfers import approvals
from cbi.transfers.approvals import Hands, Seat
from cbi.transfers.lists import WITH_MAKER, list_by_id
from cbi.transfers.references import tidy
from cbi.transfers.tables import (
    Approval,
    BudgetLine,
    Cycle,
    Entitlement,
    Instruction,
    ListStatus,
    PaymentList,
    Programme,
    Provider,
)
from cbi.web.listing import Listing, ListingArgs
from reconciliation.money import Money

SORTS = ("reference", "sum", "count", "status")
FILTERS = ("status", "q")
LINE_SORTS = ("position", "reference", "amount")
LINE_FILTERS = ("q",)


@dataclass(frozen=True, slots=True)
class ListRow:
    """One payment list among others. given, wanted: approvals that hold, and how many it needs."""

    list: PaymentList
    cycle: Cycle
    provider: Provider
    given: int
    wanted: int


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line as an approver reads it: no name, no phone, no account."""

    instruction: Instruction
    number: str
    members: int
    budget_code: str


@dataclass(frozen=True, slots=True)
class ListSheet:
    """One payment list with what stands around it. names: of everyone whose hands it was in. seat: the reader's own part in it.

    sent_back: why it came back to its maker, opened from its seal; "" where it did not.
    """

    list: PaymentList
    cycle: Cycle
    programme: Programme
    provider: Provider
    smallest_minor: int
    largest_minor: int
    wanted: int
    two_from: Money
    approvals: Sequence[Approval]
    hands: Hands
    names: Mapping[UUID, str]
    seat: Seat | None
    checkpoint: Checkpoint | None
    sent_back: str

    @property
    def given(self) -> int:
        """How many approvals hold."""
        return len(self.approvals)

    @property
    def final(self) -> bool:
        """Whether it is released, for good."""
        return self.list.released_at is not None

    @property
    def with_maker(self) -> bool:
        """Whether its maker may still change it."""
        return self.list.status in WITH_MAKER


def rows(reading: Reading, args: ListingArgs) -> Listing[ListRow]:
    """One page of payment lists."""
    where = _where(args)
    total = reading.session.exec(select(sa.func.count()).select_from(PaymentList).where(*where)).one()
    args = args.within(total)
    keys = {"reference": PaymentList.reference, "sum": PaymentList.total_minor, "count": PaymentList.count, "status": PaymentList.status}
    key = col(keys[args.sort])
    found = reading.session.exec(
        select(PaymentList, Cycle, Provider)
        .join(Cycle, col(Cycle.id) == col(PaymentList.cycle_id))
        .join(Provider, col(Provider.id) == col(PaymentList.provider_id))
        .where(*where)
        .order_by(key.desc() if args.descending else key, col(PaymentList.id))
        .limit(args.size)
        .offset(args.offset)
    ).all()
    return Listing(_rows(reading, [(one[0], one[1], one[2]) for one in found]), total, args)


def sums(reading: Reading, args: ListingArgs) -> list[tuple[str, int, int, int]]:
    """Per currency: lists, transfers and the sum of all lists that the filters leave."""
    found = reading.session.exec(
        select(PaymentList.currency, sa.func.count(), sa.func.sum(col(PaymentList.count)), sa.func.sum(col(PaymentList.total_minor)))
        .where(*_where(args))
        .group_by(col(PaymentList.currency))
        .order_by(col(PaymentList.currency))
    )
    return [(currency, int(lists), int(transfers), int(total)) for currency, lists, transfers, total in found]


def waiting_rows(reading: Reading, *statuses: ListStatus) -> list[ListRow]:
    """Every list in one of these states, oldest first."""
    found = reading.session.exec(
        select(PaymentList, Cycle, Provider)
        .join(Cycle, col(Cycle.id) == col(PaymentList.cycle_id))
        .join(Provider, col(Provider.id) == col(PaymentList.provider_id))
        .where(col(PaymentList.status).in_(statuses))
        .order_by(col(PaymentList.submitted_at), col(PaymentList.reference), col(PaymentList.id))
    )
    return _rows(reading, [(one[0], one[1], one[2]) for one in found])


def lists_of_cycle(reading: Reading, cycle_id: UUID) -> list[ListRow]:
    """Every list of a cycle, in order of reference."""
    found = reading.session.exec(
        select(PaymentList, Cycle, Provider)
        .join(Cycle, col(Cycle.id) == col(PaymentList.cycle_id))
        .join(Provider, col(Provider.id) == col(PaymentList.provider_id))
        .where(col(PaymentList.cycle_id) == cycle_id)
        .order_by(col(PaymentList.reference), col(PaymentList.id))
    )
    return _rows(reading, [(one[0], one[1], one[2]) for one in found])


def sheet(reading: Reading, list_id: UUID, reader_id: UUID) -> ListSheet:
    """One list as this person meets it. Raises NotThere."""
    payment_list = list_by_id(reading, list_id)
    cycle = reading.session.get_one(Cycle, payment_list.cycle_id)
    amount = col(Instruction.amount_minor)
    low, high = reading.session.exec(select(sa.func.min(amount), sa.func.max(amount)).where(col(Instruction.list_id) == list_id)).one()
    hands = approvals.hands_of(reading, payment_list)
    standing = approvals.standing(reading, payment_list)
    return ListSheet(
        list=payment_list,
        cycle=cycle,
        programme=reading.session.get_one(Programme, cycle.programme_id),
        provider=reading.session.get_one(Provider, payment_list.provider_id),
        smallest_minor=low or 0,
        largest_minor=high or 0,
        wanted=len(standing) if payment_list.released_at else approvals.needed(reading, payment_list),
        two_from=approvals.two_from(reading, payment_list.currency),
        approvals=standing,
        hands=hands,
        names=names_of(reading, {*hands.makers, *hands.approvers, *([hands.releaser] if hands.releaser else [])}),
        seat=approvals.seat_of(reading, payment_list, reader_id),
        checkpoint=_checkpoint(reading, payment_list),
        sent_back=reading.open(payment_list, "sent_back_reason"),
    )


def lines(reading: Reading, list_id: UUID, args: ListingArgs) -> Listing[LineRow]:
    """One page of a list's lines, without names."""
    where = [col(Instruction.list_id) == list_id]
    if asked := args.filter("q").upper():
        by_reference = col(Instruction.reference).startswith(tidy(asked), autoescape=True)
        where.append(sa.or_(by_reference, col(Household.number).startswith(asked, autoescape=True)))
    query = (
        select(Instruction, Household.number, Entitlement.members, BudgetLine.code)
        .join(Household, col(Household.id) == col(Instruction.household_id))
        .join(Entitlement, col(Entitlement.id) == col(Instruction.entitlement_id))
        .join(BudgetLine, col(BudgetLine.id) == col(Instruction.budget_line_id))
        .where(*where)
    )
    total = reading.session.exec(select(sa.func.count()).select_from(query.subquery())).one()
    args = args.within(total)
    keys = {"position": Instruction.position, "reference": Instruction.reference, "amount": Instruction.amount_minor}
    key = col(keys[args.sort])
    found = reading.session.exec(
        query.order_by(key.desc() if args.descending else key, col(Instruction.position)).limit(args.size).offset(args.offset)
    )
    return Listing([LineRow(*one) for one in found], total, args)


def who_could(reading: Reading, permission: Permission, hands: Hands) -> list[str]:
    """The names of staff with this right who had no part in the list yet, in order of name."""
    roles = [role for role in Role if permission in GRANTS[role]]
    busy = {*hands.makers, *hands.approvers, *hands.payee_editors}
    found = reading.session.exec(
        select(Staff.id, Staff.name)
        .join(StaffRole, col(StaffRole.staff_id) == col(Staff.id))
        .where(col(StaffRole.role).in_(roles), col(Staff.left_on).is_(None))
        .distinct()
        .order_by(col(Staff.name), col(Staff.id))
    )
    return [name for staff_id, name in found if staff_id not in busy]


def _where(args: ListingArgs) -> list[sa.ColumnElement[bool]]:
    where: list[sa.ColumnElement[bool]] = []
    if (status := args.filter("status")) in set(ListStatus):
        where.append(col(PaymentList.status) == ListStatus(status))
    if asked := args.filter("q").upper():
        where.append(col(PaymentList.reference).contains(asked, autoescape=True))
    return where


def _rows(reading: Reading, found: Sequence[tuple[PaymentList, Cycle, Provider]]) -> list[ListRow]:
    """The same lists with their approvals, fetched together."""
    given: Counter[UUID] = Counter()
    lists = {payment_list.id: payment_list for payment_list, _, _ in found}
    for approval in reading.session.exec(select(Approval).where(col(Approval.list_id).in_(lists))):
        given[approval.list_id] += approvals.binds(approval, lists[approval.list_id])
    limits = {currency: approvals.two_from(reading, currency).minor for currency in {one.currency for one in lists.values()}}
    return [
        ListRow(
            one,
            cycle,
            provider,
            given[one.id],
            given[one.id] if one.released_at else approvals.wanted(one.total_minor, limits[one.currency]),
        )
        for one, cycle, provider in found
    ]


def _checkpoint(reading: Reading, payment_list: PaymentList) -> Checkpoint | None:
    """The first signed checkpoint of the audit trail after the release."""
    if payment_list.released_at is None:
        return None
    table = reading.system.checkpoint
    return reading.session.exec(select(table).where(col(table.at) >= payment_list.released_at).order_by(col(table.seq)).limit(1)).first()
