"""The only place that asks what time it is; everything else is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Clock:
    """Aware UTC time, running from now or, in an example operation, from a given instant.

    start: where the clock starts; None for the real time.
    """

    start: datetime | None = None
    _since: float = field(default_factory=monotonic)

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        if self.start is None:
            return datetime.now(UTC)
        return self.start.astimezone(UTC) + timedelta(seconds=monotonic() - self._since)

    def today(self, zone: str) -> date:
        """The date people read on the wall in that time zone ("Africa/Nairobi")."""
        return self.now().astimezone(ZoneInfo(zone)).date()
