"""What transfers have to tell about a household: the cycles it is due something in, the lists it stands on, and how it asked to receive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from cbi.access import P
from cbi.people.above import Told
from cbi.store.work import Reading
from cbi.transfers.arrangement_words import KIND_WORDS
from cbi.transfers.tables import Arrangement, Cycle, Entitlement, Instruction, LeftOut, PaymentList
from cbi.transfers.words import LEFT_OUT
from cbi.web.words import _

READERS = frozenset({P.PERSON_REGISTER, P.LIST_READ})
"""Who may read on a household's page that it is on a list: the help desk never does."""


def of(reading: Reading, household_id: UUID) -> list[Told]:
    """Every line, in no order."""
    return [*_cycles(reading, household_id), *_lists(reading, household_id), *_arrangements(reading, household_id)]


def _cycles(reading: Reading, household_id: UUID) -> Iterator[Told]:
    due = select(Cycle).join(Entitlement, col(Entitlement.cycle_id) == col(Cycle.id)).where(col(Entitlement.household_id) == household_id)
    for cycle in reading.session.exec(due):
        if cycle.frozen_at is not None:
            yield Told(cycle.frozen_at, _("Counted in the cycle %(name)s", name=cycle.name), cycle.frozen_by, READERS)
    left = select(Cycle, LeftOut).join(LeftOut, col(LeftOut.cycle_id) == col(Cycle.id))
    for cycle, out in reading.session.exec(left.where(col(LeftOut.household_id) == household_id)):
        if cycle.frozen_at is not None:
            words = _("Due nothing in the cycle %(name)s: %(reason)s", name=cycle.name, reason=LEFT_OUT[out.reason])
            yield Told(cycle.frozen_at, words, cycle.frozen_by, READERS)


def _lists(reading: Reading, household_id: UUID) -> Iterator[Told]:
    """Once for each list, however many lines it has for the household; by nobody: who approved and released is not told here."""
    mine = select(PaymentList).join(Instruction, col(Instruction.list_id) == col(PaymentList.id))
    for one in reading.session.exec(mine.where(col(Instruction.household_id) == household_id).distinct()):
        yield Told(one.prepared_at, _("On the payment list %(list)s", list=one.reference), None, READERS)
        if one.released_at is not None:
            yield Told(one.released_at, _("The payment list %(list)s was sent to the provider", list=one.reference), None, READERS)


def _arrangements(reading: Reading, household_id: UUID) -> Iterator[Told]:
    """What was published, by its day: an arrangement has no hour and nobody's name."""
    mine = select(Arrangement).where(col(Arrangement.household_id) == household_id).order_by(col(Arrangement.id))
    for one in reading.session.exec(mine):
        yield Told(_noon(one.published_on, reading.zone), _("How it receives changed: %(what)s", what=KIND_WORDS[one.kind]), by_day=True)


def _noon(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(12), tzinfo=ZoneInfo(zone))
