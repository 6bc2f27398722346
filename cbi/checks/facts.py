"""What happened to the letter box, in words the chain keeps: days only, never a household and never a count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from cbi.checks.tables import Letter
from cbi.store.facts import Fact


@dataclass(frozen=True, kw_only=True)
class LettersPurged(Fact):
    """Letters older than a day were deleted, read or not; said once a day, also when there was none."""

    explains: ClassVar[tuple[type, ...]] = (Letter,)
    before: date


@dataclass(frozen=True, kw_only=True)
class LimitsWritten(Fact):
    """Somebody wrote down what cannot be kept confidential. letters: how long the text is, 0 when it was taken away."""

    explains: ClassVar[tuple[type, ...]] = ()
    letters: int
