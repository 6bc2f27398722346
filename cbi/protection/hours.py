"""When a person may be reached, from the hours she told at the ordinary delivery choices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Parts of a day as the choices page asks for them.
PARTS = {"morning": (time(8), time(12)), "midday": (time(12), time(15)), "afternoon": (time(15), time(18))}


class Reach(StrEnum):
    """Whether she may be reached now."""

    NOW = "now"
    LATER = "later"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Window:
    """When to try. until: end of the present window.  since: beginning of the next one. Both aware, None when not known."""

    reach: Reach
    until: datetime | None = None
    since: datetime | None = None


def window(safe: Iterable[str], now: datetime, *, zone: str) -> Window:
    """The present or the next safe window.

    safe: slots "mon-morning"; none told means nobody knows, which is said and never read as "any time".
    """
    slots = frozenset(safe)
    if not slots:
        return Window(Reach.UNKNOWN)
    local = now.astimezone(ZoneInfo(zone))
    for ahead in range(8):
        for start, end in _spans(slots, local + timedelta(days=ahead)):
            if start <= local < end:
                return Window(Reach.NOW, until=end)
            if start > local:
                return Window(Reach.LATER, since=start)
    return Window(Reach.UNKNOWN)


def allows(safe: Iterable[str], at: datetime, *, zone: str) -> bool:
    """Whether this instant lies in the hours she gave; True when she gave none."""
    slots = frozenset(safe)
    return not slots or window(slots, at, zone=zone).reach is Reach.NOW


def _spans(slots: frozenset[str], day: datetime) -> list[tuple[datetime, datetime]]:
    name = DAYS[day.weekday()]
    parts = [PARTS[part] for part in PARTS if f"{name}-{part}" in slots]
    joined: list[tuple[time, time]] = []
    for start, end in parts:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return [(datetime.combine(day, start, day.tzinfo), datetime.combine(day, end, day.tzinfo)) for start, end in joined]
