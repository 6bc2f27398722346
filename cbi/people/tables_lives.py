"""What changed in the lives of households, kept so that it can be told and taken back; cards that are refused; requests to be forgotten."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from cbi.store.bases import Moment, OfficeTable, sealed_field, words


class ChangeKind(StrEnum):
    """What happened to a household, each with a page of its own; a correction is kept here for its values."""

    CORRECTED = "corrected"
    SPLIT = "split"
    JOINED = "joined"
    MOVED = "moved"
    HEAD = "head"
    CARD = "card"
    IDENTIFIED = "identified"
    BORN = "born"
    DIED = "died"
    LEFT = "left"
    RETURNED = "returned"


class Means(StrEnum):
    """How somebody without a document was known."""

    COMMUNITY = "community"
    NEIGHBOURS = "neighbours"
    ANSWERS = "answers"
    STAFF = "staff"


class HouseholdChange(OfficeTable, table=True):
    """One change of a household's life, and everything needed to take it back.

    other_id: the household that was made by a split, or that joined this one.  detail: codes, never values.
    before: sealed JSON of the rows as they were; None once it was forgotten, then it cannot be taken back.  told: sealed JSON of
    lines [code, from, to].  version, other_version: of the households afterwards; version_before, other_before: what they were.
    payee, other_payee: who is paid for the household, or for the other one, changed: it waits for a second person (confirmed_by).
    until: the last day an identification counts.
    """

    __table_args__ = (
        sa.CheckConstraint("confirmed_by IS NULL OR confirmed_by <> made_by", name="confirmed_by_another"),
        sa.Index("ix_householdchange_story", "household_id", "at"),
    )
    subject: ClassVar[str] = "household_id"

    household_id: UUID = Field(foreign_key="household.id")
    other_id: UUID | None = Field(default=None, index=True)
    kind: ChangeKind = Field(sa_type=words(ChangeKind))
    detail: str = Field(default="", max_length=400)
    before: bytes | None = sealed_field(nullable=True)
    told: bytes | None = sealed_field(nullable=True)
    version: int
    version_before: int
    other_version: int = Field(default=0)
    other_before: int = Field(default=0)
    payee: bool = Field(default=False)
    other_payee: bool = Field(default=False)
    until: date | None = Field(default=None)
    made_by: UUID
    at: datetime = Field(sa_type=Moment)
    confirmed_by: UUID | None = Field(default=None)
    confirmed_at: datetime | None = Field(default=None, sa_type=Moment)
    undone_by: UUID | None = Field(default=None)
    undone_at: datetime | None = Field(default=None, sa_type=Moment)


class RefusedCard(OfficeTable, table=True):
    """A paper card that was lost: whoever brings it is sent to the desk. digest: as of the card's document row."""

    household_id: UUID = Field(foreign_key="household.id", index=True)
    change_id: UUID = Field(foreign_key="householdchange.id", index=True)
    digest: bytes = Field(index=True)


class ErasureRequest(OfficeTable, table=True):
    """Somebody asked to be forgotten: one person writes it down, another agrees, and it is done as soon as nothing stands in the way.

    ended_at: taken back or not agreed.  done_at: the key is destroyed.
    """

    __table_args__ = (
        sa.CheckConstraint("agreed_by IS NULL OR agreed_by <> asked_by", name="agreed_by_another"),
        sa.CheckConstraint("done_at IS NULL OR agreed_at IS NOT NULL", name="done_was_agreed"),
        sa.Index(
            "uq_erasurerequest_open",
            "operation_id",
            "household_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL AND done_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL AND done_at IS NULL"),
        ),
    )

    household_id: UUID = Field(foreign_key="household.id", index=True)
    asked_by: UUID
    asked_at: datetime = Field(sa_type=Moment)
    agreed_by: UUID | None = Field(default=None)
    agreed_at: datetime | None = Field(default=None, sa_type=Moment)
    ended_by: UUID | None = Field(default=None)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    done_at: datetime | None = Field(default=None, sa_type=Moment)
