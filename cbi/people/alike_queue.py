"""The pairs that wait for somebody: what the last search found and nobody has decided, the most certain first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from cbi.people.cards import Card, open_cards
from cbi.people.likeness import Sign
from cbi.people.tables import Household, HouseholdStatus, Likeness, LikenessDecision
from cbi.people.tables_alike import LikenessPair
from cbi.people.tables_certainty import Certainty
from cbi.store.work import Reading
from cbi.web.listing import Listing, ListingArgs

FILTERS = ("certainty",)
SORTS = ("certainty",)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One pair of the queue. later: the one registered later, which is the one to close when they are the same."""

    later: Card
    earlier: Card
    certainty: Certainty
    reasons: tuple[Sign, ...]
    asked_before: bool


def queue(reading: Reading, args: ListingArgs) -> tuple[Listing[Waiting], Counter[Certainty]]:
    """One page of the queue, and how many of each certainty wait."""
    open_ones, together = _open(reading), counts(reading)
    wanted = args.filter("certainty")
    fits = sa.select(open_ones)
    if wanted in set(Certainty):
        fits = fits.where(open_ones.c.certainty == Certainty(wanted))
    total = together[Certainty(wanted)] if wanted in set(Certainty) else together.total()
    paged = args.within(total)
    ordered = fits.order_by(open_ones.c.asked_before, open_ones.c.weight_tenths.desc(), open_ones.c.low_id, open_ones.c.high_id)
    rows = reading.session.connection().execute(ordered.limit(paged.size).offset(paged.offset)).all()
    cards = {card.id: card for card in open_cards(reading, [each for row in rows for each in (row.low_id, row.high_id)])}
    return Listing([_waiting(row, cards) for row in rows], total, paged), together


def counts(reading: Reading) -> Counter[Certainty]:
    """How many pairs of each certainty wait."""
    open_ones = _open(reading)
    counted = sa.select(open_ones.c.certainty, sa.func.count()).group_by(open_ones.c.certainty)
    return Counter({Certainty(name): count for name, count in reading.session.connection().execute(counted)})


def next_pair(reading: Reading) -> tuple[UUID, UUID] | None:
    """The most certain pair that waits and was not put off."""
    open_ones = _open(reading)
    first = sa.select(open_ones.c.low_id, open_ones.c.high_id).where(open_ones.c.asked_before == 0)
    row = (
        reading.session.connection()
        .execute(first.order_by(open_ones.c.weight_tenths.desc(), open_ones.c.low_id, open_ones.c.high_id).limit(1))
        .first()
    )
    return None if row is None else (row.low_id, row.high_id)


def _open(reading: Reading) -> sa.Subquery:
    low, high = aliased(Household), aliased(Household)
    decided = sa.and_(col(LikenessDecision.low_id) == col(LikenessPair.low_id), col(LikenessDecision.high_id) == col(LikenessPair.high_id))
    answer = col(LikenessDecision.answer)
    return (
        sa.select(
            col(LikenessPair.low_id),
            col(LikenessPair.high_id),
            col(LikenessPair.weight_tenths),
            col(LikenessPair.certainty),
            col(LikenessPair.reasons),
            sa.case((answer.is_(None), 0), else_=1).label("asked_before"),
            (_registered(low) < _registered(high)).label("low_first"),
        )
        .join(low, col(low.id) == col(LikenessPair.low_id))
        .join(high, col(high.id) == col(LikenessPair.high_id))
        .join(LikenessDecision, decided, isouter=True)
        .where(col(LikenessPair.operation_id) == reading.operation_id, sa.or_(answer.is_(None), answer == Likeness.CANNOT_TELL))
        .where(col(low.restricted_on).is_(None), col(high.restricted_on).is_(None))
        .where(col(low.status) != HouseholdStatus.MERGED, col(high.status) != HouseholdStatus.MERGED)
        .subquery()
    )


def _registered(household: type[Household]) -> sa.Tuple:
    """When a household was registered; of two at the same instant the lower number is the earlier."""
    return sa.tuple_(col(household.registered_at), col(household.number))


def _waiting(row: Sequence[Any], cards: dict[UUID, Card]) -> Waiting:  # Any: the columns of `_open`
    low, high, _weight, certainty, reasons, asked, low_first = row
    earlier, later = (cards[low], cards[high]) if low_first else (cards[high], cards[low])
    return Waiting(later, earlier, Certainty(certainty), tuple(Sign(code) for code in reasons.split()), bool(asked))
