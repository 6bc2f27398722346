"""How fast long work goes on, as its page says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self


@dataclass(frozen=True, slots=True)
class Pace:
    """How far long work has come. per_second: 0 while that cannot be told, and left_seconds with it."""

    done: int = 0
    total: int = 0
    per_second: int = 0
    left_seconds: int = 0

    @classmethod
    def of(cls, done: int, total: int, *, began_at: datetime, beat_at: datetime) -> Self:
        """The pace of work that began then, and was so far when last heard of."""
        seconds = (beat_at - began_at).total_seconds()
        per_second = int(done / seconds) if seconds > 0 else 0
        return cls(done, total, per_second, -(-(total - done) // per_second) if per_second else 0)
