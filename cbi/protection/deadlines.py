"""By when to reach a person and by when to decide. Clocks start when the letter was sealed and are shown in the room only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from screening import Band

# "Talk today" the same day and within 24 hours; else three working days to the first contact, five to the decision.
TALK_TODAY = "C1"
DECIDE_PRIORITY = timedelta(hours=24)
CONTACT_DAYS, DECIDE_DAYS = 3, 5
TRIES = 3
_WEEKEND = (5, 6)
_END_OF_DAY = time(17, 0)
_START_OF_DAY = time(8, 0)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """contact: first contact by.  decide: decision by, the earlier of the rule and the day the list is submitted."""

    contact: datetime
    decide: datetime


def deadlines(band: Band, sealed_at: datetime, *, zone: str, submit_on: date | None) -> Deadlines:
    """The two clocks of one letter. submit_on: when the next list with this household is submitted, if that is planned."""
    place = ZoneInfo(zone)
    local = sealed_at.astimezone(place)
    if band is Band.CRITICAL:
        contact, decide = _at(local.date(), _END_OF_DAY, place), sealed_at + DECIDE_PRIORITY
        contact = max(contact, sealed_at)
    else:
        contact = _at(working_day_after(local.date(), CONTACT_DAYS), _END_OF_DAY, place)
        decide = _at(working_day_after(local.date(), DECIDE_DAYS), _END_OF_DAY, place)
    if submit_on is not None and submit_on >= local.date():
        decide = min(decide, _at(submit_on, _START_OF_DAY, place))
    decide = max(decide, sealed_at)
    return Deadlines(min(contact, decide), decide)


def working_day_after(start: date, days: int) -> date:
    """So many working days later; Saturday and Sunday are none."""
    there = start
    while days:
        there += timedelta(days=1)
        days -= there.weekday() not in _WEEKEND
    return there


def sealed_at(day: date, told: object, *, zone: str) -> datetime:
    """When a letter was sealed: as it says itself, else the morning of its day, so that no clock starts too late.

    What it says counts only near the day it was put into the box on.
    """
    instant = _instant(told)
    if instant is not None and abs(instant.astimezone(ZoneInfo(zone)).date() - day) <= timedelta(days=1):
        return instant
    return _at(day, _START_OF_DAY, ZoneInfo(zone))


def _instant(told: object) -> datetime | None:
    try:
        instant = datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None
    return instant if instant is not None and instant.tzinfo is not None else None


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone)
