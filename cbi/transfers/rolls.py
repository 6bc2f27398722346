"""Who is expected on a distribution day, by counter and hour: the lines of one released list at the day's place, dealt by registration number.

The same list and the same plan are the same roll, whoever prints it and however often: a line that is no longer paid leaves a gap, and moves nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from hashlib import sha256
from itertools import groupby
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused
from cbi.people.numbers import order_of
from cbi.people.printed import tokens_of
from cbi.people.tables import Household
from cbi.sites.days import DayLine, day_of
from cbi.sites.tables import DayStatus
from cbi.store.parts import in_parts
from cbi.store.work import Reading, Work
from cbi.transfers.facts_rolls import RollKind, RollPrinted
from cbi.transfers.payees import GONE
from cbi.transfers.tables import Instruction, ListStatus, Mechanism, PaymentList, Provider
from cbi.web.words import _

HANDED_OVER = (Mechanism.CASH_AGENT, Mechanism.VOUCHER)
_MINUTES_OF_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Plan:
    """How the hours of a day are dealt. minutes: between two groups; each: households of a group at one counter."""

    opens: time
    minutes: int
    each: int
    counters: int

    def place(self, number: int) -> tuple[int, int]:
        """Group and counter, from 0, of the household that comes as this number, from 0."""
        group, within = divmod(number, self.each * self.counters)
        return group, within % self.counters

    def hour(self, group: int) -> str:
        """When a group is asked to come: "09:30"."""
        hours, minutes = divmod(self.opens.hour * 60 + self.opens.minute + group * self.minutes, 60)
        return f"{hours:02}:{minutes:02}"

    def fits(self, households: int) -> bool:
        """Whether the last group still comes on the day."""
        last = self.place(max(households - 1, 0))[0]
        return self.opens.hour * 60 + self.opens.minute + last * self.minutes < _MINUTES_OF_A_DAY


@dataclass(frozen=True, slots=True)
class Expected:
    """One line of a roll. place: its number in the whole roll, from 1; counter: from 1."""

    instruction_id: UUID
    place: int
    number: str
    token: str
    hour: str
    counter: int


@dataclass(frozen=True, slots=True)
class Expecting:
    """A roll: its day, its payment list, its lines by counter and hour, and the mark of them."""

    day: DayLine
    list: PaymentList
    plan: Plan
    lines: tuple[Expected, ...]
    hash: bytes

    def by_counter(self) -> Iterator[tuple[int, tuple[Expected, ...]]]:
        """The lines of each counter, in the order people come."""
        for counter, lines in groupby(sorted(self.lines, key=lambda line: (line.counter, line.place)), key=lambda line: line.counter):
            yield counter, tuple(lines)


def lists_for(reading: Reading, day: DayLine) -> list[tuple[UUID, str, str]]:
    """The released lists with somebody to be handed something at the day's place, newest first: id, reference and who pays."""
    here = sa.select(col(Instruction.list_id)).where(col(Instruction.site_id) == day.site_id)
    rows = reading.session.exec(
        select(PaymentList, col(Provider.name))
        .join(Provider, col(Provider.id) == col(PaymentList.provider_id))
        .where(
            col(PaymentList.operation_id) == reading.operation_id,
            col(PaymentList.status) == ListStatus.RELEASED,
            col(Provider.mechanism).in_(HANDED_OVER),
            col(PaymentList.id).in_(here),
        )
        .order_by(col(PaymentList.reference).desc())
    )
    return [(one.id, one.reference, provider) for one, provider in rows]


def expected(reading: Reading, day_id: UUID, list_id: UUID, plan: Plan) -> Expecting:
    """Who is expected, without a name. Raises NotThere, and Refused for a day nobody comes on or a plan that runs past midnight."""
    day = day_of(reading, day_id)
    if day.status is DayStatus.CANCELLED:
        raise Refused(_("plan another day: nobody comes on this one"))
    if list_id not in {one for one, _reference, _provider in lists_for(reading, day)}:
        raise NotThere
    rows = _rows(reading, list_id, day.site_id)
    households = list(dict.fromkeys(household_id for _id, household_id, _number, _comes in rows))
    if not plan.fits(len(households)):
        raise Refused(_("choose more counters, more households for each hour, or an earlier beginning: the last would come after midnight"))
    places = {household_id: plan.place(number) for number, household_id in enumerate(households)}
    tokens = tokens_of(reading, households)
    lines = tuple(
        Expected(row_id, place, number, tokens.get(household_id, ""), plan.hour(places[household_id][0]), places[household_id][1] + 1)
        for place, (row_id, household_id, number, comes) in enumerate(rows, start=1)
        if comes
    )
    payment_list = reading.session.get_one(PaymentList, list_id)
    return Expecting(day, payment_list, plan, lines, _mark(day.day, payment_list, plan, lines))


def collectors(reading: Reading, lines: Sequence[Expected]) -> Iterator[tuple[Expected, str]]:
    """The same lines, each with the name of who collects, opened a few hundred at a time."""
    for chunk in in_parts(lines):
        rows = reading.session.exec(select(Instruction).where(col(Instruction.id).in_([line.instruction_id for line in chunk]))).all()
        reading.vault.prefetch(reading.session, rows)
        names = {row.id: reading.open(row, "payee_name") for row in rows}
        yield from ((line, names[line.instruction_id]) for line in chunk)


def remember(work: Work, roll: Expecting, kind: RollKind) -> None:
    """Enter in the audit that a roll was printed."""
    work.remember(RollPrinted(day_id=roll.day.id, list_id=roll.list.id, roll=kind, lines=len(roll.lines), hash=roll.hash))


def _rows(reading: Reading, list_id: UUID, site_id: UUID) -> list[tuple[UUID, UUID, str, bool]]:
    """Every line of the list at the place in order of registration, with whether somebody is still expected for it."""
    found = reading.session.connection().execute(
        sa.select(col(Instruction.id), col(Household.id), col(Household.number), col(Household.status), col(Instruction.live))
        .join(Household, col(Household.id) == col(Instruction.household_id))
        .where(col(Instruction.list_id) == list_id, col(Instruction.site_id) == site_id)
        .order_by(col(Instruction.position))
    )
    rows = [(row_id, household_id, number, live and status not in GONE) for row_id, household_id, number, status, live in found]
    return sorted(rows, key=lambda row: order_of(row[2]))


def _mark(day: date, payment_list: PaymentList, plan: Plan, lines: Sequence[Expected]) -> bytes:
    head = [
        day.isoformat(),
        payment_list.reference,
        (payment_list.hash or b"").hex(),
        plan.opens.isoformat(),
        plan.minutes,
        plan.each,
        plan.counters,
    ]
    digest = sha256(json.dumps(head).encode())
    for line in lines:
        digest.update(json.dumps([line.place, line.number, line.token, line.hour, line.counter]).encode())
    return digest.digest()
