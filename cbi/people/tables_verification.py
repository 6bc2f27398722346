"""Visits that see whether a household is as it was registered: how they were drawn, and what was found."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from cbi.store.bases import Moment, OfficeTable, words


class Found(StrEnum):
    """What a visit found."""

    VERIFIED = "verified"
    NOT_FOUND = "not_found"
    DIFFERS = "differs"


class VisitReason(StrEnum):
    """Why a household is on the list; office reasons only."""

    RANDOM = "random"
    DUPLICATE = "duplicate"
    PHONE = "phone"
    SIZE = "size"
    IMPORT = "import"


class VerificationDraw(OfficeTable, table=True):
    """How households to visit were drawn: anyone with the number can draw the same again from the same households.

    seed: the recorded number.  population: households that could be drawn.  wanted: asked for at random.  reasons: "duplicate,phone", taken all.
    """

    __table_args__ = (
        sa.UniqueConstraint("operation_id", "number"),
        sa.CheckConstraint("wanted >= 0 AND picked >= 0 AND picked <= population", name="counts_fit"),
    )

    number: int
    site_id: UUID | None = Field(default=None, foreign_key="site.id")
    seed: str = Field(max_length=20)
    wanted: int
    reasons: str = Field(max_length=80)
    population: int
    picked: int
    drawn_by: UUID
    drawn_at: datetime = Field(sa_type=Moment)


class VerificationVisit(OfficeTable, table=True):
    """One household to visit. reasons: "random,phone".  household_version: as it was when the visit was entered, so that a correction after it shows."""

    __table_args__ = (
        sa.UniqueConstraint("operation_id", "draw_id", "household_id"),
        sa.CheckConstraint("(found IS NULL) = (visited_by IS NULL)", name="found_by_somebody"),
    )

    draw_id: UUID = Field(foreign_key="verificationdraw.id", index=True)
    household_id: UUID = Field(foreign_key="household.id", index=True)
    reasons: str = Field(max_length=80)
    found: Found | None = Field(default=None, sa_type=words(Found))
    household_version: int | None = Field(default=None)
    visited_by: UUID | None = Field(default=None)
    visited_at: datetime | None = Field(default=None, sa_type=Moment)
