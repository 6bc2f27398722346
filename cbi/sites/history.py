"""What was found at a place, what was planned for it, and when it was put right: every link of the chain, open and closed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import col, select

from cbi.sites.standing import ELEMENTS, Element
from cbi.sites.tables import SiteCheck, SiteFix
from cbi.store.work import Reading


@dataclass(frozen=True, slots=True)
class PastCheck:
    """One site check. in_place: how many lines were fully in place; lines: of how many."""

    answered_on: date
    with_protection: str
    with_programme: str
    in_place: int
    lines: int


def trail(reading: Reading, site_id: UUID) -> Mapping[Element, Sequence[SiteFix]]:
    """Every fix there ever was at a place by element: those still open first, then the latest found."""
    rows = reading.session.exec(
        select(SiteFix)
        .where(col(SiteFix.site_id) == site_id)
        .order_by(col(SiteFix.closed_on).is_not(None), col(SiteFix.found_on).desc(), col(SiteFix.item), col(SiteFix.id))
    ).all()
    return {element: [row for row in rows if row.item in items] for element, items in ELEMENTS.items()}


def checks_at(reading: Reading, site_id: UUID) -> Sequence[PastCheck]:
    """Every site check of a place, the latest first."""
    rows = reading.session.exec(
        select(SiteCheck)
        .where(col(SiteCheck.site_id) == site_id)
        .order_by(col(SiteCheck.answered_on).desc(), col(SiteCheck.confirmed_at).desc(), col(SiteCheck.id))
    ).all()
    return [_past(reading, row) for row in rows]


def who_answered(reading: Reading, site_id: UUID) -> PastCheck | None:
    """The last site check of a place with the names of who answered it; None when there was none."""
    return next(iter(checks_at(reading, site_id)), None)


def _past(reading: Reading, row: SiteCheck) -> PastCheck:
    answers = json.loads(row.answers)
    return PastCheck(
        answered_on=row.answered_on,
        with_protection=reading.open(row, "with_protection"),
        with_programme=reading.open(row, "with_programme"),
        in_place=sum(answer == "yes" for answer in answers.values()),
        lines=len(answers),
    )
