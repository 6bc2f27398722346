"""What happens to feedback the desk answers: ids, codes and days, never what was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from cbi.feedback.tables import Category, Channel, Feedback
from cbi.store.facts import Fact


@dataclass(frozen=True, kw_only=True)
class FeedbackTaken(Fact):
    """Somebody took feedback down that the desk answers."""

    explains: ClassVar[tuple[type, ...]] = (Feedback,)
    feedback_id: UUID
    category: Category
    channel: Channel
    site_id: UUID | None
    due_on: date


@dataclass(frozen=True, kw_only=True)
class FeedbackAnswered(Fact):
    """An answer was given, or nobody wanted one and it was closed."""

    explains: ClassVar[tuple[type, ...]] = (Feedback,)
    feedback_id: UUID
    answered_on: date


@dataclass(frozen=True, kw_only=True)
class FeedbackEmptied(Fact):
    """What people wrote was let go: answered before this day, or left without an answer for long. That there was feedback, and about what, stays."""

    explains: ClassVar[tuple[type, ...]] = (Feedback,)
    before: date
