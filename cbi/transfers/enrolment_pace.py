"""How fast the long work on who is enrolled goes on, over all its parts: the opening of the answers, the judging, and the keeping of results.

Only the opening can be told while it lasts; the rest is one commit. What it takes follows from what the opening took.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Self

from cbi.transfers.tables_work import EnrolmentStep, EnrolmentWork

OPENING, JUDGING, KEEPING = 2, 1, 2  # of the work on one household, as docs/decisions/0047 measured them


def shares(step: EnrolmentStep, *, asks: bool) -> int:
    """Into how many equal shares the work on one household is counted. asks: whether the rule asks the six questions."""
    return (OPENING if asks else 0) + JUDGING + (KEEPING if step is EnrolmentStep.TRY else 0)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step has come, as its page says it. done: None, and no rate, while nothing of it could be measured.

    per_second: households, over the whole work.  left_seconds: 0 when it takes longer than it looked.
    """

    done: int | None
    total: int
    households: int
    per_second: int
    left_seconds: int
    since_seconds: int

    @classmethod
    def of(cls, mark: EnrolmentWork, *, asks: bool, now: datetime) -> Self:
        """Of a step under way. asks: as above."""
        households, since = mark.total // shares(mark.step, asks=asks), now - mark.began_at
        spent = mark.beat_at - mark.began_at
        if not mark.done or not spent:
            return cls(None, mark.total, households, 0, 0, max(0, int(since.total_seconds())))
        whole = spent * mark.total / mark.done
        left = max(0, ceil((whole - since).total_seconds()))
        return cls(mark.done, mark.total, households, int(households / whole.total_seconds()), left, int(since.total_seconds()))
