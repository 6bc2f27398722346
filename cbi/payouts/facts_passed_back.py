"""What can happen to a promise when the line that had taken it over dies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from cbi.payouts.tables import LedgerPosting
from cbi.store.facts import Fact


@dataclass(frozen=True, kw_only=True)
class PromisePassedBack(Fact):
    """A newer line died, and what was paid on the older one beyond what had been settled counts as delivered; or it lives again.

    minor: how much more counts, less than zero where it lives again.
    """

    explains: ClassVar[tuple[type, ...]] = (LedgerPosting,)
    posting_id: UUID
    list_id: UUID
    instruction_id: UUID
    minor: int
    currency: str
