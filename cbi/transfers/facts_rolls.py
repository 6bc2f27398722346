"""Lists of who is expected, as they left the printer: of which day and payment list, how many lines, and their mark; never a name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from cbi.store.facts import Fact


class RollKind(StrEnum):
    """For whom a list is printed."""

    QUEUE = "queue"
    COUNTER = "counter"


@dataclass(frozen=True, kw_only=True)
class RollPrinted(Fact):
    """A list of who is expected was printed. hash: of its lines, without names, as it stands at the foot of the paper."""

    day_id: UUID
    list_id: UUID
    roll: RollKind
    lines: int
    hash: bytes
