"""What happens in the room to feedback that went past the desk: random ids and numbers, never what was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from cbi.protection.tables import FeedbackCopy
from cbi.store.facts import Fact


@dataclass(frozen=True, kw_only=True)
class FeedbackBrought(Fact):
    """Feedback that went past the desk was found in the box by one of its readers. letters: how many."""

    explains: ClassVar[tuple[type, ...]] = (FeedbackCopy,)
    letters: int


@dataclass(frozen=True, kw_only=True)
class FeedbackRead(Fact):
    """A focal point opened feedback that went past the desk."""

    feedback_id: UUID


@dataclass(frozen=True, kw_only=True)
class FeedbackTakenUp(Fact):
    """A focal point took it up; its days begin to count."""

    explains: ClassVar[tuple[type, ...]] = (FeedbackCopy,)
    feedback_id: UUID


@dataclass(frozen=True, kw_only=True)
class FeedbackLetGo(Fact):
    """A focal point let it go before its time; nothing of it is left here."""

    explains: ClassVar[tuple[type, ...]] = (FeedbackCopy,)
    feedback_id: UUID


@dataclass(frozen=True, kw_only=True)
class PublishedReadersPutRight(Fact):
    """The office sealed to focal points as they are not, with keys the room once gave out: others, more, or for other places. It was put right."""

    officer_id: UUID
