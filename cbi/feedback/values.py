"""What goes past the desk: words no table knows, of the same length as those the desk keeps, so that none shows by its size."""

from __future__ import annotations

from enum import StrEnum

from cbi.checks.apart import Track
from cbi.feedback.tables import Category


class Confided(StrEnum):
    """What goes past the desk, and stands in no column anywhere."""

    CONDUCT = "ours"
    IN_RETURN = "gift"
    CHILD = "kids"
    ELSEWHERE = "else"

    @property
    def track(self) -> Track:
        """Who looks into it."""
        return Track.CHILDREN if self is Confided.CHILD else Track.CONDUCT


Subject = Category | Confided


def subject_of(text: str) -> Subject:
    """The subject a form names. Raises ValueError."""
    return Category(text) if text in set(Category) else Confided(text)
