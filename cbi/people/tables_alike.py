"""Who may be registered twice: what a search through everybody found, and which entries were closed for it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from cbi.people.tables_certainty import Certainty
from cbi.store.bases import Moment, OfficeTable, words


class LikenessSearch(OfficeTable, table=True):
    """One search through everybody. done_at: None while it is under way; failed: it was given up. pairs: households found alike; compared: pairs of people."""

    people: int = Field(default=0)
    compared: int = Field(default=0)
    pairs: int = Field(default=0)
    failed: bool = Field(default=False)
    asked_by: UUID
    asked_at: datetime = Field(sa_type=Moment)
    done_at: datetime | None = Field(default=None, sa_type=Moment)


class LikenessPair(OfficeTable, table=True):
    """Two households that the last search found alike; low_id < high_id. weight_tenths: of the two people most alike.

    reasons: codes of what looked alike.  What people decided is kept apart, so that it outlives every search.
    """

    __table_args__ = (
        sa.UniqueConstraint("operation_id", "low_id", "high_id"),
        sa.CheckConstraint("low_id < high_id", name="low_before_high"),
        sa.Index("ix_likenesspair_queue", "operation_id", "weight_tenths"),
    )

    search_id: UUID = Field(foreign_key="likenesssearch.id")
    low_id: UUID = Field(foreign_key="household.id")
    high_id: UUID = Field(foreign_key="household.id", index=True)
    weight_tenths: int
    certainty: Certainty = Field(sa_type=words(Certainty))
    reasons: str = Field(max_length=200)


class HouseholdMerge(OfficeTable, table=True):
    """An entry that was closed in favour of another, with what it takes to open it again: its status and review, as their words."""

    household_id: UUID = Field(foreign_key="household.id", index=True)
    into_id: UUID = Field(foreign_key="household.id", index=True)
    status_before: str = Field(max_length=32)
    review_before: str | None = Field(default=None, max_length=32)
    merged_by: UUID
    merged_at: datetime = Field(sa_type=Moment)
    undone_by: UUID | None = Field(default=None)
    undone_at: datetime | None = Field(default=None, sa_type=Moment)
