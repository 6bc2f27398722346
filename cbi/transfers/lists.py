"""Payment lists while their maker works on them: drafted from entitlements, drawn again, shortened, handed in, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.people.tables import Household
from cbi.store.work import Reading, Work
from cbi.transfers import drawing, facts, file_templates, marking, payees, programmes, promises
from cbi.transfers.drawing import Again, Line
from cbi.transfers.payees import Places, Routed
from cbi.transfers.references import list_number, list_reference
from cbi.transfers.tables import (
    Approval,
    Cycle,
    CycleStatus,
    Entitlement,
    Instruction,
    ListStatus,
    PayeeEditor,
    PaymentList,
    Provider,
)
from cbi.web.words import _, _n

WITH_MAKER = (ListStatus.DRAFT, ListStatus.SENT_BACK)
WITH_APPROVERS = (ListStatus.SUBMITTED, ListStatus.APPROVED)
_CHUNK = 500


def make_list(work: Work, cycle_id: UUID, provider_id: UUID) -> UUID:
    """Draft a list of everyone this provider can pay in a frozen cycle and who is on no live line.

    Raises Refused when there is nobody.
    """
    cycle = work.session.get(Cycle, cycle_id, with_for_update={"read": True}, populate_existing=True)
    provider = work.session.get(Provider, provider_id)
    if cycle is None or provider is None:
        raise NotThere
    if cycle.status is not CycleStatus.FROZEN:
        raise Refused(_("freeze the cycle first, so that what everyone is due is fixed"))
    lines, waiting = drawing.lines(work, cycle, provider_id)
    if not lines:
        raise Refused(_("wait for somebody to pay: everyone this provider can pay is on a list already, or waits"))
    payment_list = draft(work, cycle, provider, lines)
    work.remember(
        facts.ListMade(
            list_id=payment_list.id,
            cycle_id=cycle.id,
            provider_id=provider.id,
            reference=payment_list.reference,
            count=payment_list.count,
            total_minor=payment_list.total_minor,
            currency=payment_list.currency,
            waiting=sum(waiting.values()),
        )
    )
    return payment_list.id


def draft(work: Work, cycle: Cycle, provider: Provider, lines: Sequence[Line], *, reissue: bool = False) -> PaymentList:
    """A new list of these lines; the caller's fact explains it."""
    payment_list = PaymentList(
        id=work.new_id("lists"),
        operation_id=work.operation_id,
        reference=_next_reference(work),
        cycle_id=cycle.id,
        provider_id=provider.id,
        currency=cycle.currency,
        columns=file_templates.content_for(work, provider),
        reissue=reissue,
        prepared_by=_me(work),
        prepared_at=work.now,
    )
    _count(payment_list, lines)
    work.add(payment_list)
    drawing.write(work, payment_list, cycle, lines)
    return payment_list


def redraw(work: Work, list_id: UUID) -> PaymentList:
    """Make a draft's lines again from what the records say now; whoever waits or changed is taken into account."""
    payment_list = _with_maker(work, list_id)
    cycle = work.session.get_one(Cycle, payment_list.cycle_id)
    provider = work.session.get_one(Provider, payment_list.provider_id)
    replaced, held = _replaced_by(work, payment_list), _entitlements_of(work, list_id)
    work.bulk(Instruction, sa.delete(Instruction).where(col(Instruction.list_id) == list_id))
    work.bulk(PayeeEditor, sa.delete(PayeeEditor).where(col(PayeeEditor.list_id) == list_id))
    lines, waiting = drawing.again(work, cycle, provider, replaced) if payment_list.reissue else drawing.lines(work, cycle, provider.id)
    if not lines:
        raise Refused(_("keep the lines as they are: nobody on this list could be paid now"))
    payment_list.columns = file_templates.content_for(work, provider)
    _to_draft(payment_list)
    _count(payment_list, lines)
    work.add(payment_list)
    drawing.write(work, payment_list, cycle, lines)
    work.remember(
        facts.ListRedrawn(
            list_id=list_id,
            count=payment_list.count,
            total_minor=payment_list.total_minor,
            currency=payment_list.currency,
            waiting=sum(waiting.values()),
        )
    )
    _freed(work, held)
    return payment_list


def take_off(work: Work, list_id: UUID, instruction_id: UUID) -> None:
    """Take one line off a draft; its household waits for the next list."""
    payment_list = _with_maker(work, list_id)
    row = work.session.get(Instruction, instruction_id)
    if row is None or row.list_id != list_id:
        raise NotThere
    work.remember(
        facts.LineTakenOff(
            list_id=list_id, instruction_id=row.id, reference=row.reference, amount_minor=row.amount_minor, currency=row.currency
        )
    )
    payment_list.count -= 1
    payment_list.total_minor -= row.amount_minor
    _to_draft(payment_list)
    work.add(payment_list)
    work.session.delete(row)
    work.session.flush()
    _freed(work, [row.entitlement_id])


def submit(work: Work, list_id: UUID) -> PaymentList:
    """Hand a draft in for approval: its mark is made from every line.

    Raises Refused when it is empty, or when a household on it changed since its lines were made.
    """
    payment_list = _with_maker(work, list_id)
    count, total = marking.sums(work, list_id)
    if count == 0:
        raise Refused(_("make the lines again: this list has none"))
    outdated = changed_since_drawn(work, payment_list)
    if outdated:
        raise Refused(
            _n(
                "make the lines again: %(num)s household on this list changed since",
                "make the lines again: %(num)s households on this list changed since",
                outdated,
            )
        )
    payment_list.count, payment_list.total_minor = count, total
    payment_list.hash = marking.mark(work, payment_list)
    payment_list.status = ListStatus.SUBMITTED
    payment_list.submitted_by, payment_list.submitted_at = _me(work), work.now
    work.seal(payment_list, "sent_back_reason", None)
    work.add(payment_list)
    work.remember(
        facts.ListSubmitted(list_id=list_id, hash=payment_list.hash, count=count, total_minor=total, currency=payment_list.currency)
    )
    return payment_list


def take_back(work: Work, list_id: UUID) -> None:
    """The maker takes a list back that is not yet released, to change it. Its approvals fall."""
    payment_list = locked_list(work, list_id)
    if payment_list.status not in WITH_APPROVERS:
        raise SomebodyWasFirst(_("look at the list again: it is no longer waiting for approval"))
    fallen = drop_approvals(work, list_id)
    _to_draft(payment_list)
    work.add(payment_list)
    work.remember(facts.ListTakenBack(list_id=list_id, approvals_fallen=fallen))


def changed_since_drawn(reading: Reading, payment_list: PaymentList, *, only: Sequence[UUID] = ()) -> int:
    """How many households on a list would be paid otherwise, or not at all, by what the records say now. only: look at these alone."""
    cycle = reading.session.get_one(Cycle, payment_list.cycle_id)
    asked = col(Instruction.list_id) == payment_list.id
    rows = reading.session.exec(
        select(Instruction, Entitlement, Household)
        .join(Entitlement, col(Entitlement.id) == col(Instruction.entitlement_id))
        .join(Household, col(Household.id) == col(Instruction.household_id))
        .where(sa.and_(asked, col(Instruction.household_id).in_(only)) if only else asked)
        .order_by(col(Instruction.position))
    ).all()
    drawn: dict[UUID, list[Instruction]] = {}
    for instruction, entitlement, _household in rows:
        drawn.setdefault(entitlement.id, []).append(instruction)
    pairs = list({entitlement.id: (entitlement, household) for _, entitlement, household in rows}.values())
    places = _places(reading, cycle, payment_list)
    now = payees.routed(reading, pairs, places, payment_list.provider_id)
    same = sum(all(_as_drawn(reading, one, line) for line in drawn[one.entitlement.id]) for one in now)
    return len(pairs) - same


def list_by_id(reading: Reading, list_id: UUID) -> PaymentList:
    """One payment list. Raises NotThere."""
    found = reading.session.get(PaymentList, list_id)
    if found is None:
        raise NotThere
    return found


def locked_list(work: Work, list_id: UUID) -> PaymentList:
    """The same, to be changed: nobody else changes it before this work ends, and it is as they left it. Raises NotThere."""
    found = work.session.get(PaymentList, list_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotThere
    return found


def drop_approvals(work: Work, list_id: UUID) -> int:
    """Void every approval of a list; returns how many there were. The caller's fact explains it."""
    rows = work.session.exec(select(Approval).where(col(Approval.list_id) == list_id)).all()
    for row in rows:
        work.session.delete(row)
    return len(rows)


def _next_reference(work: Work) -> str:
    year = work.today.year
    taken = work.session.exec(select(PaymentList.reference).where(col(PaymentList.reference).startswith(f"L-{year}-"))).all()
    return list_reference(year, max(map(list_number, taken), default=0) + 1)


def _replaced_by(reading: Reading, payment_list: PaymentList) -> list[Again]:
    """What the lines of a list ask for once more."""
    replaced = select(Instruction.replaces_id).where(col(Instruction.list_id) == payment_list.id)
    found = reading.session.exec(select(Instruction).where(col(Instruction.id).in_(replaced)).order_by(col(Instruction.id)))
    return [Again(row, row.settled_minor) for row in found]


def _entitlements_of(reading: Reading, list_id: UUID) -> list[UUID]:
    return sorted(set(reading.session.exec(select(Instruction.entitlement_id).where(Instruction.list_id == list_id))))


def _freed(work: Work, entitlement_ids: Sequence[UUID]) -> None:
    """Tell the floor above that lines of these entitlements are on this draft no more."""
    for each in promises.after_freed:
        each(work, entitlement_ids)


def _places(reading: Reading, cycle: Cycle, payment_list: PaymentList) -> Places:
    if payment_list.reissue:
        return drawing.through(reading, cycle, reading.session.get_one(Provider, payment_list.provider_id))
    return Places.of(programmes.places_of(reading, cycle.programme_id))


def _with_maker(work: Work, list_id: UUID) -> PaymentList:
    payment_list = locked_list(work, list_id)
    if payment_list.status not in WITH_MAKER:
        raise SomebodyWasFirst(_("look at the list again: it is no longer a draft"))
    return payment_list


def _to_draft(payment_list: PaymentList) -> None:
    payment_list.status = ListStatus.DRAFT
    payment_list.hash = None
    payment_list.submitted_by = payment_list.submitted_at = None


def _count(payment_list: PaymentList, lines: Sequence[Line]) -> None:
    payment_list.count = len(lines)
    payment_list.total_minor = sum(line.amount_minor for line in lines)


def _as_drawn(reading: Reading, now: Routed, drawn: Instruction) -> bool:
    payee = now.payee_of(drawn)
    if now.wait is not None or payee is None or now.provider_id is None or now.site_id != drawn.site_id:
        return False
    return marking.payee_digest(reading, name=payee.name, phone=payee.phone, account=payee.account) == drawn.payee_digest


def _me(work: Work) -> UUID:
    if work.actor.id is None:
        raise Refused(_("sign in: a payment list needs a named person"))
    return work.actor.id
