"""What of households was printed or read to them: which, and how many; never what stood there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from cbi.store.facts import Fact


class Told(StrEnum):
    """How a household was told what is held about it."""

    ALOUD = "aloud"
    PAPER = "paper"
    WHOLE_PAPER = "whole_paper"


@dataclass(frozen=True, kw_only=True)
class CardsPrinted(Fact):
    """Paper cards were printed. household_id: for one household; None for many of a site."""

    site_id: UUID
    household_id: UUID | None = None
    count: int


@dataclass(frozen=True, kw_only=True)
class HeldTold(Fact):
    """A household asked what the office holds about it, and was told."""

    household_id: UUID
    told: Told
