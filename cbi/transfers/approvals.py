"""Who lets a payment list through: how many are needed, who may not, and what an approval binds to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from cbi.access import Role
from cbi.errors import Refused, SameHands, SomebodyWasFirst
from cbi.store.work import Reading, Work, read_setting, write_setting
from cbi.transfers import facts, marking, wishes
from cbi.transfers.lists import WITH_APPROVERS, drop_approvals, locked_list
from cbi.transfers.settling import changed_a_payee
from cbi.transfers.tables import Approval, ListStatus, PayeeEditor, PaymentList
from cbi.web.words import _, _l
from reconciliation.money import Money, minor_digits

SETTING = "approvals_two_from_minor"
DEFAULT_TWO_FROM = 5_000_000
LONGEST_REASON = 200


class Seat(StrEnum):
    """A part somebody already played in a list's life, that keeps them from another."""

    MAKER = "maker"
    APPROVER = "approver"
    RELEASER = "releaser"
    PAYEE_EDITOR = "payee_editor"


BARRED = {
    Seat.MAKER: _l("leave this to somebody else: you prepared this list"),
    Seat.APPROVER: _l("leave this to somebody else: you approved this list"),
    Seat.RELEASER: _l("leave this to somebody else: you released this list"),
    Seat.PAYEE_EDITOR: _l("leave this to somebody else: you entered a payee of this list"),
}


@dataclass(frozen=True, slots=True)
class Hands:
    """Whose hands a list has been in. makers: who prepared and who handed in."""

    makers: frozenset[UUID]
    approvers: tuple[UUID, ...]
    releaser: UUID | None
    payee_editors: frozenset[UUID]

    def seat(self, person_id: UUID) -> Seat | None:
        """The seat this person already sat in, the first that applies."""
        if person_id in self.makers:
            return Seat.MAKER
        if person_id in self.approvers:
            return Seat.APPROVER
        if person_id == self.releaser:
            return Seat.RELEASER
        return Seat.PAYEE_EDITOR if person_id in self.payee_editors else None


def hands_of(reading: Reading, payment_list: PaymentList) -> Hands:
    """Everyone who had a part in a list so far."""
    makers = {payment_list.prepared_by, payment_list.submitted_by} - {None}
    approvers = [approval.approver_id for approval in standing(reading, payment_list)]
    editors = reading.session.exec(select(PayeeEditor.staff_id).where(col(PayeeEditor.list_id) == payment_list.id))
    return Hands(frozenset(one for one in makers if one), tuple(approvers), payment_list.released_by, frozenset(editors))


def seat_of(reading: Reading, payment_list: PaymentList, person_id: UUID) -> Seat | None:
    """The seat this person already sat in; who wrote an arrangement or a change of life that says who is paid counts as having entered a payee."""
    seat = hands_of(reading, payment_list).seat(person_id)
    since = payment_list.prepared_at.astimezone(ZoneInfo(reading.zone)).date()
    if seat is not None:
        return seat
    if wishes.wrote_a_payee(reading, payment_list.id, person_id, since=since) or changed_a_payee(reading, payment_list.id, person_id):
        return Seat.PAYEE_EDITOR
    return seat


def two_from(reading: Reading, currency: str) -> Money:
    """The sum from which a list needs two approvals."""
    kept = read_setting(reading.session, reading.system, SETTING) or {}
    return Money(int(kept.get(currency, DEFAULT_TWO_FROM * 10 ** minor_digits(currency))), currency)


def set_two_from(work: Work, amount: Money) -> None:
    """Decide from which sum a list needs two approvals, in this currency."""
    kept = read_setting(work.session, work.system, SETTING) or {}
    write_setting(work.session, work.system, SETTING, {**kept, amount.currency: amount.minor})
    work.remember(facts.ApprovalRuleSet(two_from_minor=amount.minor, currency=amount.currency))


def needed(reading: Reading, payment_list: PaymentList) -> int:
    """How many people must approve a list of this sum: two at or above the limit, else one."""
    return wanted(payment_list.total_minor, two_from(reading, payment_list.currency).minor)


def wanted(total_minor: int, two_from_minor: int) -> int:
    """How many approvals a sum needs, when two are asked from this amount on."""
    return 2 if total_minor >= two_from_minor else 1


def standing(reading: Reading, payment_list: PaymentList) -> list[Approval]:
    """The approvals that hold: given to exactly the lines the list has now, in the order given."""
    if payment_list.hash is None:
        return []
    rows = reading.session.exec(
        select(Approval).where(col(Approval.list_id) == payment_list.id).order_by(col(Approval.at), col(Approval.id))
    )
    return [row for row in rows if binds(row, payment_list)]


def binds(approval: Approval, payment_list: PaymentList) -> bool:
    """Whether an approval was given to this hash, count, sum and currency."""
    given = (approval.hash, approval.count, approval.total_minor, approval.currency)
    return given == (payment_list.hash, payment_list.count, payment_list.total_minor, payment_list.currency)


def approve(work: Work, list_id: UUID, *, approver_id: UUID, shown: bytes) -> PaymentList:
    """Let a list through, after the step-up. shown: the hash on the page the approver looked at.

    Raises SomebodyWasFirst when the list changed since then or no longer waits, SameHands when the approver already
    had a part in it, Refused when its lines are not those its mark was made of.
    """
    payment_list = waiting_list(work, list_id, shown)
    if payment_list.status is not ListStatus.SUBMITTED:
        raise SomebodyWasFirst(_("look at the list again: it has all its approvals"))
    refuse_same_hands(work, payment_list, approver_id)
    marking.check(work, payment_list)
    place, enough = len(standing(work, payment_list)) + 1, needed(work, payment_list)
    approval = Approval(
        id=work.new_id("approvals"),
        operation_id=work.operation_id,
        list_id=list_id,
        approver_id=approver_id,
        hash=shown,
        count=payment_list.count,
        total_minor=payment_list.total_minor,
        currency=payment_list.currency,
        at=work.now,
    )
    work.add(approval)
    if place >= enough:
        payment_list.status = ListStatus.APPROVED
        work.add(payment_list)
    work.remember(
        facts.ListApproved(
            list_id=list_id,
            approver_id=approver_id,
            cycle_id=payment_list.cycle_id,
            hash=shown,
            count=payment_list.count,
            total_minor=payment_list.total_minor,
            currency=payment_list.currency,
            role=Role.APPROVER.value,
            place=place,
            needed=enough,
        )
    )
    return payment_list


def take_approval_back(work: Work, list_id: UUID, *, approver_id: UUID) -> None:
    """An approver takes their approval back while the list is not released."""
    payment_list = locked_list(work, list_id)
    mine = next((one for one in standing(work, payment_list) if one.approver_id == approver_id), None)
    if payment_list.status not in WITH_APPROVERS or mine is None:
        raise SomebodyWasFirst(_("look at the list again: there is no approval of yours to take back"))
    work.session.delete(mine)
    payment_list.status = ListStatus.SUBMITTED
    work.add(payment_list)
    work.remember(facts.ApprovalTakenBack(list_id=list_id, approver_id=approver_id, hash=mine.hash))


def send_back(work: Work, list_id: UUID, *, reason: str, shown: bytes) -> None:
    """An approver or releaser sends a list back to its maker; approvals fall. The reason is shown to the maker."""
    words = " ".join(reason.split())
    if not words:
        raise Refused(_("say why, for example: 44 amounts differ from the last cycle without a reason"))
    if len(words) > LONGEST_REASON:
        raise Refused(_("say why in at most %(most)s characters", most=LONGEST_REASON))
    payment_list = waiting_list(work, list_id, shown)
    fallen = drop_approvals(work, list_id)
    payment_list.status = ListStatus.SENT_BACK
    payment_list.hash = None
    work.seal(payment_list, "sent_back_reason", words)
    work.add(payment_list)
    work.remember(facts.ListSentBack(list_id=list_id, approvals_fallen=fallen))


def waiting_list(work: Work, list_id: UUID, shown: bytes) -> PaymentList:
    """The list a person acts on, when it is still the one they saw. Raises SomebodyWasFirst."""
    payment_list = locked_list(work, list_id)
    if payment_list.status not in WITH_APPROVERS:
        raise SomebodyWasFirst(_("look at the list again: it no longer waits for approval or release"))
    if payment_list.hash != shown:
        raise SomebodyWasFirst(_("read the list again: it changed since you opened it, and its mark is another"))
    return payment_list


def refuse_same_hands(reading: Reading, payment_list: PaymentList, person_id: UUID) -> None:
    """Raises SameHands when this person already had a part in the list."""
    seat = seat_of(reading, payment_list, person_id)
    if seat is not None:
        raise SameHands(str(BARRED[seat]))
