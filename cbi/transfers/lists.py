"""Payment lists while their maker works on them: drafted from entitlements, drawn again, shortened, handed in, taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.people.tables import Household
from cbi.store.work import Reading, Work
from cbi.transfers import facts, marking, payees, programmes
from cbi.transfers.payees import Payee, Places, Routed, Wait
from cbi.transfers.references import list_number, list_reference, new_reference
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
from reconciliation.money import Money

WITH_MAKER = (ListStatus.DRAFT, ListStatus.SENT_BACK)
WITH_APPROVERS = (ListStatus.SUBMITTED, ListStatus.APPROVED)
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Due:
    """An entitlement of which something is not yet on a live line. parts: numbers of its live lines."""

    entitlement: Entitlement
    household: Household
    left_minor: int
    parts: frozenset[int]


@dataclass(frozen=True, slots=True)
class Line:
    """One line to be, with its payee in clear."""

    due: Due
    site_id: UUID
    part: int
    amount_minor: int
    payee: Payee


def make_list(work: Work, cycle_id: UUID, provider_id: UUID) -> UUID:
    """Draft a list of everyone this provider can pay in a frozen cycle and who is on no live line.

    Raises Refused when there is nobody.
    """
    cycle = work.session.get(Cycle, cycle_id)
    provider = work.session.get(Provider, provider_id)
    if cycle is None or provider is None:
        raise NotThere
    if cycle.status is not CycleStatus.FROZEN:
        raise Refused(_("freeze the cycle first, so that what everyone is due is fixed"))
    lines, waiting = _lines(work, cycle, provider_id)
    if not lines:
        raise Refused(_("wait for somebody to pay: everyone this provider can pay is on a list already, or waits"))
    payment_list = PaymentList(
        id=work.new_id("lists"),
        operation_id=work.operation_id,
        reference=_next_reference(work),
        cycle_id=cycle.id,
        provider_id=provider.id,
        currency=cycle.currency,
        columns=provider.columns,
        prepared_by=_me(work),
        prepared_at=work.now,
    )
    _count(payment_list, lines)
    work.add(payment_list)
    _write_lines(work, payment_list, cycle, lines)
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


def redraw(work: Work, list_id: UUID) -> PaymentList:
    """Make a draft's lines again from what the records say now; whoever waits or changed is taken into account."""
    payment_list = _with_maker(work, list_id)
    cycle = work.session.get_one(Cycle, payment_list.cycle_id)
    work.bulk(Instruction, sa.delete(Instruction).where(col(Instruction.list_id) == list_id))
    work.bulk(PayeeEditor, sa.delete(PayeeEditor).where(col(PayeeEditor.list_id) == list_id))
    lines, waiting = _lines(work, cycle, payment_list.provider_id)
    if not lines:
        raise Refused(_("keep the lines as they are: nobody on this list could be paid now"))
    payment_list.columns = work.session.get_one(Provider, payment_list.provider_id).columns
    _to_draft(payment_list)
    _count(payment_list, lines)
    work.add(payment_list)
    _write_lines(work, payment_list, cycle, lines)
    work.remember(
        facts.ListRedrawn(
            list_id=list_id,
            count=payment_list.count,
            total_minor=payment_list.total_minor,
            currency=payment_list.currency,
            waiting=sum(waiting.values()),
        )
    )
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
    payment_list.sent_back_reason = ""
    work.add(payment_list)
    work.remember(
        facts.ListSubmitted(list_id=list_id, hash=payment_list.hash, count=count, total_minor=total, currency=payment_list.currency)
    )
    return payment_list


def take_back(work: Work, list_id: UUID) -> None:
    """The maker takes a list back that is not yet released, to change it. Its approvals fall."""
    payment_list = list_by_id(work, list_id)
    if payment_list.status not in WITH_APPROVERS:
        raise SomebodyWasFirst(_("look at the list again: it is no longer waiting for approval"))
    fallen = drop_approvals(work, list_id)
    _to_draft(payment_list)
    work.add(payment_list)
    work.remember(facts.ListTakenBack(list_id=list_id, approvals_fallen=fallen))


def changed_since_drawn(reading: Reading, payment_list: PaymentList) -> int:
    """How many households on a draft would be paid otherwise, or not at all, by what the records say now."""
    cycle = reading.session.get_one(Cycle, payment_list.cycle_id)
    rows = reading.session.exec(
        select(Instruction, Entitlement, Household)
        .join(Entitlement, col(Entitlement.id) == col(Instruction.entitlement_id))
        .join(Household, col(Household.id) == col(Instruction.household_id))
        .where(col(Instruction.list_id) == payment_list.id)
        .order_by(col(Instruction.position))
    ).all()
    drawn = {entitlement.id: instruction for instruction, entitlement, _ in rows}
    pairs = list({entitlement.id: (entitlement, household) for _, entitlement, household in rows}.values())
    places = Places.of(programmes.places_of(reading, cycle.programme_id))
    same = sum(
        _as_drawn(reading, one, drawn[one.entitlement.id]) for one in payees.routed(reading, pairs, places, payment_list.provider_id)
    )
    return len(pairs) - same


def waiting(reading: Reading, cycle: Cycle, provider_id: UUID) -> Counter[Wait]:
    """How many of this provider's households wait for the next list, by reason."""
    due = due_in(reading, cycle.id)
    places = Places.of(programmes.places_of(reading, cycle.programme_id))
    pairs = [(one.entitlement, one.household) for one in due]
    return Counter(one.wait for one in payees.routed(reading, pairs, places, provider_id) if one.wait)


def due_in(reading: Reading, cycle_id: UUID) -> list[Due]:
    """Every entitlement of a cycle of which something is on no live line, in registration order."""
    live: dict[UUID, dict[int, int]] = {}
    for entitlement_id, part, amount in reading.session.exec(
        select(Instruction.entitlement_id, Instruction.part, Instruction.amount_minor)
        .join(Entitlement, col(Entitlement.id) == col(Instruction.entitlement_id))
        .where(col(Entitlement.cycle_id) == cycle_id, col(Instruction.live))
    ):
        live.setdefault(entitlement_id, {})[part] = amount
    rows = reading.session.exec(
        select(Entitlement, Household)
        .join(Household, col(Household.id) == col(Entitlement.household_id))
        .where(col(Entitlement.cycle_id) == cycle_id)
        .order_by(col(Household.registered_at), col(Household.number), col(Household.id))
    )
    found = []
    for entitlement, household in rows:
        parts = live.get(entitlement.id, {})
        left = entitlement.amount_minor - sum(parts.values())
        if left > 0:
            found.append(Due(entitlement, household, left, frozenset(parts)))
    return found


def open_by_provider(reading: Reading, cycle: Cycle) -> dict[UUID, tuple[int, int]]:
    """Households and minor units of a cycle that are on no live line, by the provider who usually pays at their site."""
    places = Places.of(programmes.places_of(reading, cycle.programme_id))
    found: dict[UUID, tuple[int, int]] = {place.provider.id: (0, 0) for place in places.by_site.values()}
    for one in due_in(reading, cycle.id):
        place = places.by_site.get(one.household.site_id)
        if place is not None:
            count, total = found[place.provider.id]
            found[place.provider.id] = (count + 1, total + one.left_minor)
    return found


def list_by_id(reading: Reading, list_id: UUID) -> PaymentList:
    """One payment list. Raises NotThere."""
    found = reading.session.get(PaymentList, list_id)
    if found is None:
        raise NotThere
    return found


def drop_approvals(work: Work, list_id: UUID) -> int:
    """Void every approval of a list; returns how many there were. The caller's fact explains it."""
    rows = work.session.exec(select(Approval).where(col(Approval.list_id) == list_id)).all()
    for row in rows:
        work.session.delete(row)
    return len(rows)


def _lines(work: Work, cycle: Cycle, provider_id: UUID) -> tuple[list[Line], Counter[Wait]]:
    """Everything this provider can pay now, and how many wait and why."""
    due = due_in(work, cycle.id)
    by_entitlement = {one.entitlement.id: one for one in due}
    places = Places.of(programmes.places_of(work, cycle.programme_id))
    lines: list[Line] = []
    waits: Counter[Wait] = Counter()
    for one in payees.routed(work, [(each.entitlement, each.household) for each in due], places, provider_id):
        if one.wait is not None or one.payee is None:
            waits[one.wait or Wait.PROVIDER] += 1
            continue
        lines += _split(by_entitlement[one.entitlement.id], one, one.payee)
    return lines, waits


def _split(due: Due, one: Routed, payee: Payee) -> list[Line]:
    """The line, or the lines, of one entitlement: parts always sum to what is left of it."""
    if due.parts:
        # Part of it is under way already: the rest is one line with a number of its own.
        part = next(number for number in range(1, len(due.parts) + 2) if number not in due.parts)
        return [Line(due, one.site_id, part, due.left_minor, payee)]
    amounts = Money(due.left_minor, due.entitlement.currency).split(min(one.parts, due.left_minor))
    return [Line(due, one.site_id, number, amount.minor, payee) for number, amount in enumerate(amounts, start=1)]


def _write_lines(work: Work, payment_list: PaymentList, cycle: Cycle, lines: Sequence[Line]) -> None:
    references = _references(work, len(lines))
    mould = _mould(work, payment_list, cycle)
    work.session.flush()
    for start in range(0, len(lines), _CHUNK):
        chunk = lines[start : start + _CHUNK]
        work.vault.prefetch(work.session, [line.due.household for line in chunk])
        rows = [_row(work, mould, line, position, references[position - 1]) for position, line in enumerate(chunk, start=start + 1)]
        work.bulk(Instruction, sa.insert(Instruction), rows)
    for staff_id in sorted({line.payee.editor_id for line in lines if line.payee.editor_id}):
        work.add(PayeeEditor(id=work.new_id("lists"), operation_id=work.operation_id, list_id=payment_list.id, staff_id=staff_id))


def _mould(work: Work, payment_list: PaymentList, cycle: Cycle) -> Instruction:
    """What all lines of a list share; never added, only filled again and again: making a row object for each line costs more than sealing it."""
    return Instruction(
        id=payment_list.id,
        operation_id=work.operation_id,
        list_id=payment_list.id,
        entitlement_id=payment_list.id,
        household_id=payment_list.id,
        site_id=payment_list.id,
        budget_line_id=cycle.budget_line_id,
        position=0,
        reference="",
        amount_minor=0,
        currency=payment_list.currency,
        payee_name=b"",
        payee_digest=b"",
    )


def _row(work: Work, mould: Instruction, line: Line, position: int, reference: str) -> dict[str, Any]:  # Any: one value per column
    """One instruction as the database takes it, its payee sealed to this line and household."""
    mould.id, mould.household_id = work.new_id("instructions"), line.due.household.id

    def sealed(column: str, text: str) -> bytes | None:
        return work.vault.seal_bytes(work.session, mould, column, text.encode()) if text or column == "payee_name" else None

    payee = line.payee
    return {
        "id": mould.id,
        "operation_id": mould.operation_id,
        "list_id": mould.list_id,
        "entitlement_id": line.due.entitlement.id,
        "household_id": mould.household_id,
        "site_id": line.site_id,
        "budget_line_id": mould.budget_line_id,
        "position": position,
        "part": line.part,
        "reference": reference,
        "amount_minor": line.amount_minor,
        "currency": mould.currency,
        "token": "",
        "payee_name": sealed("payee_name", payee.name),
        "payee_phone": sealed("payee_phone", payee.phone),
        "payee_account": sealed("payee_account", payee.account),
        "payee_digest": marking.payee_digest(work, name=payee.name, phone=payee.phone, account=payee.account),
        "live": True,
    }


def _references(work: Work, count: int) -> list[str]:
    """So many references that no instruction of the operation has, all different."""
    chooser = work.ids.chooser("references")
    found: set[str] = set()
    while len(found) < count:
        batch = {new_reference(chooser) for _ in range(min(_CHUNK, count - len(found)))} - found
        taken = work.session.exec(select(Instruction.reference).where(col(Instruction.reference).in_(batch)))
        found |= batch - set(taken)
    ordered = sorted(found)
    chooser.shuffle(ordered)
    return ordered


def _next_reference(work: Work) -> str:
    year = work.today.year
    taken = work.session.exec(select(PaymentList.reference).where(col(PaymentList.reference).startswith(f"L-{year}-"))).all()
    return list_reference(year, max(map(list_number, taken), default=0) + 1)


def _with_maker(work: Work, list_id: UUID) -> PaymentList:
    payment_list = list_by_id(work, list_id)
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
    if now.wait is not None or now.payee is None or now.provider_id is None or now.site_id != drawn.site_id:
        return False
    payee = now.payee
    return marking.payee_digest(reading, name=payee.name, phone=payee.phone, account=payee.account) == drawn.payee_digest


def _me(work: Work) -> UUID:
    if work.actor.id is None:
        raise Refused(_("sign in: a payment list needs a named person"))
    return work.actor.id
