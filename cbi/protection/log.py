"""The room's own chain, read for its auditor: who opened what and when, and never what was said."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.protection.history import SHOWN_DAYS, officer_names
from cbi.store.work import Reading
from cbi.web.listing import Listing, ListingArgs


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. kind: as the chain names it.  who: an officer's name, or a standing name such as "the clock"."""

    seq: int
    at: datetime
    kind: str
    who: str


def entries(reading: Reading, args: ListingArgs, *, only: UUID | None = None) -> Listing[Entry]:
    """A page of the last two years of the chain, the latest first. only: one officer's own entries."""
    table = reading.system.audit_entry
    condition = col(table.at) >= reading.now - timedelta(days=SHOWN_DAYS)
    if only is not None:
        condition &= col(table.actor) == str(only)
    total = reading.session.exec(select(sa.func.count()).select_from(table).where(condition)).one()
    args = args.within(total)
    rows = reading.session.exec(select(table).where(condition).order_by(col(table.seq).desc()).limit(args.size).offset(args.offset)).all()
    names = {str(officer_id): name for officer_id, name in officer_names(reading).items()}
    return Listing([Entry(row.seq, row.at, row.kind, names.get(row.actor, row.actor)) for row in rows], total, args)


def openings(reading: Reading, officer_id: UUID, day: date) -> list[tuple[datetime, int]]:
    """When an officer opened the room on a day, and how many new letters each brought."""
    table = reading.system.audit_entry
    begins = datetime.combine(day, time(0), ZoneInfo(reading.zone))
    rows = reading.session.exec(
        select(table)
        .where(col(table.kind) == "protection.RoomOpened", col(table.actor) == str(officer_id), col(table.at) >= begins)
        .order_by(col(table.seq))
    ).all()
    return [(row.at, int(json.loads(row.body)["letters"])) for row in rows]


def came_since(reading: Reading, officers: Iterable[UUID], when: datetime) -> bool:
    """Whether one of these people signed in since then."""
    table = reading.system.audit_entry
    wanted = select(table.seq).where(
        col(table.kind) == "protection.SignedIn", col(table.actor).in_([str(one) for one in officers]), col(table.at) >= when
    )
    return reading.session.exec(wanted.limit(1)).first() is not None
