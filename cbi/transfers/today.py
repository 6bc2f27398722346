"""What waits in the morning for the people around a payment list."""

from __future__ import annotations

from collections.abc import Sequence

from cbi.store.work import Reading
from cbi.transfers import today_arrangements
from cbi.web.house import Person, TodayLine


def today(reading: Reading, person: Person) -> Sequence[TodayLine]:
    """The lines of this subject, the oldest promise first."""
    return today_arrangements.lines(reading, person)
