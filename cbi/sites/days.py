"""Distribution days: planned, and confirmed only where the place is ready for people to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused
from cbi.sites.facts import DayCancelled, DayConfirmed, DayPlanned, DayReopened
from cbi.sites.service import blocks, latest, site_of, standings
from cbi.sites.standing import Block, blocks_of, findings_of
from cbi.sites.tables import DayStatus, DistributionDay, Site
from cbi.store.work import Reading, Work
from cbi.web.listing import Listing, ListingArgs
from cbi.web.words import _

FARTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class DayLine:
    """One row of the calendar. blocks: why it could not be confirmed; empty when it could, or when it is over."""

    id: UUID
    site_id: UUID
    site: str
    day: date
    status: DayStatus
    blocks: tuple[Block, ...]


def plan_day(work: Work, *, site_id: UUID, day: date) -> UUID:
    """Put a distribution day into the calendar. Raises Refused for a day that is over, far away, or already there."""
    site = site_of(work, site_id)
    if not work.today <= day <= work.today + FARTHEST:
        raise Refused(_("choose a day from today to one year from now"))
    known = work.session.exec(
        select(DistributionDay).where(col(DistributionDay.site_id) == site.id, col(DistributionDay.day) == day)
    ).first()
    if known is not None and known.status is not DayStatus.CANCELLED:
        raise Refused(_("choose another day: this place already has one on that date"))
    row = known or DistributionDay(id=work.new_id("sites.day"), operation_id=work.operation_id, site_id=site.id, day=day)
    row.status = DayStatus.PLANNED
    work.add(row)
    work.remember(DayPlanned(day_id=row.id, site_id=site.id, day=day))
    return row.id


def confirm_day(work: Work, day_id: UUID) -> None:
    """Say that people can come. Raises Refused with the first thing to do while anything holds the place up."""
    row = _changeable(work, day_id)
    if row.status is DayStatus.CONFIRMED:
        return
    found = blocks(work, row.site_id, row.day)
    standing = latest(work, row.site_id)
    if found or standing is None:
        raise Refused(found[0].fix)
    row.status, row.confirmed_by, row.confirmed_at = DayStatus.CONFIRMED, work.actor.id, work.now
    work.add(row)
    leave = standing.leave if findings_of(standing, row.day) else None
    work.remember(
        DayConfirmed(
            day_id=row.id,
            site_id=row.site_id,
            day=row.day,
            check_id=standing.check_id,
            override_id=leave.override_id if leave else None,
        )
    )


def cancel_day(work: Work, day_id: UUID) -> None:
    """Say that nobody needs to come."""
    row = _changeable(work, day_id)
    row.status, row.confirmed_by, row.confirmed_at = DayStatus.CANCELLED, None, None
    work.add(row)
    work.remember(DayCancelled(day_id=row.id, site_id=row.site_id, day=row.day))


def reopen_days(work: Work, site_id: UUID) -> None:
    """Take back the confirmation of coming days that something holds up now."""
    days = work.session.exec(
        select(DistributionDay)
        .where(
            col(DistributionDay.site_id) == site_id,
            col(DistributionDay.status) == DayStatus.CONFIRMED,
            col(DistributionDay.day) >= work.today,
        )
        .order_by(col(DistributionDay.day))
    ).all()
    standing = latest(work, site_id)
    for day in days:
        if found := blocks_of(standing, day.day):
            day.status, day.confirmed_by, day.confirmed_at = DayStatus.PLANNED, None, None
            work.add(day)
            blocking = tuple(block.measure for block in found if block.measure)
            work.remember(DayReopened(day_id=day.id, site_id=site_id, day=day.day, blocking=blocking))


def day_of(reading: Reading, day_id: UUID) -> DayLine:
    """One day with what holds it up. Raises NotThere."""
    row = _row(reading, day_id)
    site = site_of(reading, row.site_id)
    return _line(row, site.name, blocks(reading, row.site_id, row.day) if row.status is DayStatus.PLANNED else ())


def list_days(reading: Reading, args: ListingArgs) -> Listing[DayLine]:
    """One page of the calendar: from today on, unless older ones are asked for."""
    narrowed = (
        select(DistributionDay, col(Site.name))
        .join(Site, col(Site.id) == col(DistributionDay.site_id))
        .where(col(DistributionDay.operation_id) == reading.operation_id)
    )
    if args.filter("when") != "all":
        narrowed = narrowed.where(col(DistributionDay.day) >= reading.today)
    if args.filter("status") in set(DayStatus):
        narrowed = narrowed.where(col(DistributionDay.status) == DayStatus(args.filter("status")))
    total = reading.session.exec(select(sa.func.count()).select_from(narrowed.subquery())).one()
    args = args.within(total)
    key = {"day": col(DistributionDay.day), "site": col(Site.name)}[args.sort]
    order = (key.desc(), col(DistributionDay.id).desc()) if args.descending else (key, col(DistributionDay.id))
    rows = reading.session.exec(narrowed.order_by(*order).limit(args.size).offset(args.offset)).all()
    return Listing(_lines(reading, rows), total, args)


def days_between(reading: Reading, first: date, last: date) -> list[DayLine]:
    """Every day that is not cancelled from first to last, in order."""
    rows = reading.session.exec(
        select(DistributionDay, col(Site.name))
        .join(Site, col(Site.id) == col(DistributionDay.site_id))
        .where(
            col(DistributionDay.operation_id) == reading.operation_id,
            col(DistributionDay.day).between(first, last),
            col(DistributionDay.status) != DayStatus.CANCELLED,
        )
        .order_by(col(DistributionDay.day), col(Site.name), col(DistributionDay.id))
    ).all()
    return _lines(reading, rows)


def days_at(reading: Reading, site_id: UUID, limit: int = 12) -> list[DayLine]:
    """The coming days of one place."""
    site = site_of(reading, site_id)
    rows = reading.session.exec(
        select(DistributionDay)
        .where(col(DistributionDay.site_id) == site_id, col(DistributionDay.day) >= reading.today)
        .order_by(col(DistributionDay.day))
        .limit(limit)
    ).all()
    return _lines(reading, [(row, site.name) for row in rows])


def _lines(reading: Reading, rows: Sequence[tuple[DistributionDay, str]]) -> list[DayLine]:
    known = standings(reading, {row.site_id for row, _name in rows})
    return [
        _line(row, name, blocks_of(known.get(row.site_id), row.day) if row.status is DayStatus.PLANNED and row.day >= reading.today else ())
        for row, name in rows
    ]


def _line(row: DistributionDay, site: str, found: tuple[Block, ...]) -> DayLine:
    return DayLine(id=row.id, site_id=row.site_id, site=site, day=row.day, status=row.status, blocks=found)


def _row(reading: Reading, day_id: UUID) -> DistributionDay:
    row = reading.session.get(DistributionDay, day_id)
    if row is None or row.operation_id != reading.operation_id:
        raise NotThere
    return row


def _changeable(work: Work, day_id: UUID) -> DistributionDay:
    row = _row(work, day_id)
    if row.status in {DayStatus.DONE, DayStatus.CANCELLED} or row.day < work.today:
        raise Refused(_("plan a new day: this one is over"))
    return row
