"""How the lines of a payment list are made: from what is due and on no live line, to whom the records say now, sealed line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.people.tables import Household
from cbi.store.ids import numbered
from cbi.store.parts import in_parts
from cbi.store.work import Reading, Work
from cbi.transfers import marking, payees, programmes
from cbi.transfers.payees import Payee, Places, Routed, Wait
from cbi.transfers.references import new_reference
from cbi.transfers.tables import Cycle, Entitlement, Instruction, PayeeEditor, PaymentList, Provider
from reconciliation.money import Money

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Taken:
    """A line that takes something of an entitlement: a live one, or one of which something had arrived when it was replaced."""

    part: int
    live: bool
    amount_minor: int
    settled_minor: int
    share_of: bytes | None

    @property
    def counted_minor(self) -> int:
        """What it takes: its amount while it lives, afterwards what had arrived."""
        return self.amount_minor if self.live else self.settled_minor


@dataclass(frozen=True, slots=True)
class Due:
    """An entitlement of which something is not yet on a live line. taken: the lines that hold the rest."""

    entitlement: Entitlement
    household: Household
    left_minor: int
    taken: Sequence[Taken] = ()

    @property
    def parts(self) -> frozenset[int]:
        """Numbers of its live lines."""
        return frozenset(line.part for line in self.taken if line.live)


@dataclass(frozen=True, slots=True)
class Line:
    """One line to be, with its payee in clear."""

    due: Due
    site_id: UUID
    part: int
    amount_minor: int
    payee: Payee
    replaces_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """A line to be asked for again. settled_minor: what of it arrived."""

    instruction: Instruction
    settled_minor: int = 0

    @property
    def open_minor(self) -> int:
        """What is asked for again."""
        return self.instruction.amount_minor - self.settled_minor


def due_in(reading: Reading, cycle_id: UUID) -> list[Due]:
    """Every entitlement of a cycle of which something is on no live line, in registration order."""
    taken = _taken(reading, cycle_id)
    rows = reading.session.exec(
        select(Entitlement, Household)
        .join(Household, col(Household.id) == col(Entitlement.household_id))
        .where(col(Entitlement.cycle_id) == cycle_id)
        .order_by(col(Household.registered_at), col(Household.number), col(Household.id))
    )
    found = []
    for entitlement, household in rows:
        lines = taken.get(entitlement.id, [])
        left = entitlement.amount_minor - sum(line.counted_minor for line in lines)
        if left > 0:
            found.append(Due(entitlement, household, left, lines))
    return found


def _taken(reading: Reading, cycle_id: UUID) -> dict[UUID, list[Taken]]:
    """Of each entitlement of a cycle: the lines that are live, or on which something arrived before they were replaced."""
    taken: dict[UUID, list[Taken]] = {}
    for row in reading.session.connection().execute(
        sa.select(
            col(Instruction.entitlement_id),
            col(Instruction.part),
            col(Instruction.live),
            col(Instruction.amount_minor),
            col(Instruction.settled_minor),
            col(Instruction.share_of),
        )
        .join(Entitlement, col(Entitlement.id) == col(Instruction.entitlement_id))
        .where(col(Entitlement.cycle_id) == cycle_id, sa.or_(col(Instruction.live), col(Instruction.settled_minor) > 0))
    ):
        taken.setdefault(row.entitlement_id, []).append(Taken(row.part, row.live, row.amount_minor, row.settled_minor, row.share_of))
    return taken


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


def waiting(reading: Reading, cycle: Cycle, provider_id: UUID) -> Counter[Wait]:
    """How many of this provider's households wait for the next list, by reason."""
    due = due_in(reading, cycle.id)
    places = Places.of(programmes.places_of(reading, cycle.programme_id))
    return _drawn(reading, due, places, provider_id)[1]


def lines(work: Work, cycle: Cycle, provider_id: UUID) -> tuple[list[Line], Counter[Wait]]:
    """Everything this provider can pay now, and how many wait and why."""
    due = due_in(work, cycle.id)
    return _drawn(work, due, Places.of(programmes.places_of(work, cycle.programme_id)), provider_id)


def _drawn(reading: Reading, due: Sequence[Due], places: Places, provider_id: UUID) -> tuple[list[Line], Counter[Wait]]:
    by_entitlement = {one.entitlement.id: one for one in due}
    lines: list[Line] = []
    waits: Counter[Wait] = Counter()
    for one in payees.routed(reading, [(each.entitlement, each.household) for each in due], places, provider_id):
        if one.wait is not None or one.payee is None:
            waits[one.wait or Wait.PROVIDER] += 1
            continue
        parts = _split(by_entitlement[one.entitlement.id], one, one.payee)
        waits.update([] if parts else [Wait.SHARES])
        lines += parts
    return lines, waits


def again(reading: Reading, cycle: Cycle, provider: Provider, asked: Sequence[Again]) -> tuple[list[Line], Counter[Wait]]:
    """The lines that ask once more, through this provider, for what of these is open: one for each, with its part; and how many wait and why.

    How a household asked to receive is kept: one that asked for another way is not paid through this provider.  A share is asked for again for
    the same adult; where separate transfers changed so that nobody can say whose a line is, it waits.
    """
    by_entitlement: dict[UUID, list[Again]] = {}
    for each in asked:
        by_entitlement.setdefault(each.instruction.entitlement_id, []).append(each)
    pairs = _entitled(reading, list(by_entitlement))
    households = {entitlement.id: household for entitlement, household in pairs}
    lines: list[Line] = []
    waits: Counter[Wait] = Counter()
    for one in payees.routed(reading, pairs, through(reading, cycle, provider), provider.id):
        mine = by_entitlement.pop(one.entitlement.id)
        if one.wait is not None or one.payee is None:
            waits[one.wait or Wait.PROVIDER] += len(mine)
            continue
        due = Due(one.entitlement, households[one.entitlement.id], 0)
        paid = [(each, one.payee_of(each.instruction)) for each in mine]
        lines += [
            Line(due, one.site_id, each.instruction.part, each.open_minor, payee, each.instruction.id) for each, payee in paid if payee
        ]
        waits.update(Wait.SHARES for _each, payee in paid if payee is None)
    waits[Wait.PROVIDER] += sum(map(len, by_entitlement.values()))
    return lines, waits


def _entitled(reading: Reading, entitlement_ids: Sequence[UUID]) -> list[tuple[Entitlement, Household]]:
    """These entitlements with their households, in registration order."""
    found: list[tuple[Entitlement, Household]] = []
    for part in in_parts(entitlement_ids):
        found += reading.session.exec(
            select(Entitlement, Household)
            .join(Household, col(Household.id) == col(Entitlement.household_id))
            .where(col(Entitlement.id).in_(part))
        )
    return sorted(found, key=lambda pair: (pair[1].registered_at, pair[1].number, pair[1].id))


def through(reading: Reading, cycle: Cycle, provider: Provider) -> Places:
    """The places of a cycle's programme as they are when this provider pays at each of them."""
    places = [replace(place, provider=provider) for place in programmes.places_of(reading, cycle.programme_id)]
    usual = Places.of(programmes.places_of(reading, cycle.programme_id))
    return Places({place.site.id: place for place in places}, {**usual.by_mechanism, provider.mechanism: provider.id})


def write(work: Work, payment_list: PaymentList, cycle: Cycle, lines: Sequence[Line]) -> None:
    """Put the lines into the records, payees sealed, and note who entered their accounts.

    Their ids run on in the list's order: what a provider answers comes back in much the same, and is then appended to every index by line.
    """
    references, series = _references(work, len(lines)), work.new_id("instructions")
    mould = _mould(work, payment_list, cycle)
    work.session.flush()
    for start in range(0, len(lines), _CHUNK):
        chunk = lines[start : start + _CHUNK]
        work.vault.prefetch(work.session, [line.due.household for line in chunk])
        rows = [
            _row(work, mould, line, numbered(series, position), position, references[position - 1])
            for position, line in enumerate(chunk, start=start + 1)
        ]
        work.bulk(Instruction, sa.insert(Instruction), rows)
    for staff_id in sorted({line.payee.editor_id for line in lines if line.payee.editor_id}):
        work.add(PayeeEditor(id=work.new_id("lists"), operation_id=work.operation_id, list_id=payment_list.id, staff_id=staff_id))


def _split(due: Due, one: Routed, payee: Payee) -> list[Line]:
    """The line, or the lines, of one entitlement: parts always sum to what is left of it. None at all where nobody can say who is owed."""
    if one.shares:
        return _shared(due, one)
    if not one.named and any(line.share_of for line in due.taken):
        return []
    if due.parts:
        # Part of it is under way already: the rest is one line with a number of its own.
        part = next(number for number in range(1, len(due.parts) + 2) if number not in due.parts)
        return [Line(due, one.site_id, part, due.left_minor, payee)]
    amounts = Money(due.left_minor, due.entitlement.currency).split(min(one.parts, due.left_minor))
    return [Line(due, one.site_id, number, amount.minor, payee) for number, amount in enumerate(amounts, start=1)]


def _shared(due: Due, one: Routed) -> list[Line]:
    """A line for each adult who is owed something, with a number that no live line has."""
    beyond = (number for number in count(len(one.shares) + 1) if number not in due.parts)
    numbered = [(place if place not in due.parts else next(beyond), owed) for place, owed in enumerate(_owed(due, one), start=1) if owed[1]]
    return [Line(due, one.site_id, part, minor, payee) for part, (payee, minor) in numbered]


def _owed(due: Due, one: Routed) -> list[tuple[Payee, int]]:
    """What each adult is still owed of an equal share of the whole; nothing at all where what is under way was not shared so."""
    if {line.share_of for line in due.taken} - {payee.share_of for payee in one.shares}:
        return []
    owed = []
    for payee, minor in one.equal_shares():
        own = [line for line in due.taken if line.share_of == payee.share_of]
        left = minor - sum(line.counted_minor for line in own)
        # The first line of an adult holds the whole share: another amount was a share among others than these.
        if own and (left < 0 or max(line.amount_minor for line in own) != minor):
            return []
        owed.append((payee, left))
    return owed


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


def _row(
    work: Work, mould: Instruction, line: Line, line_id: UUID, position: int, reference: str
) -> dict[str, Any]:  # Any: one value per column
    """One instruction as the database takes it, its payee sealed to this line and household."""
    mould.id, mould.household_id = line_id, line.due.household.id

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
        "share_of": payee.share_of,
        "payee_digest": marking.payee_digest(work, name=payee.name, phone=payee.phone, account=payee.account),
        "live": True,
        "settled_minor": 0,
        "replaces_id": line.replaces_id,
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
