"""Places where people live and are paid, and how each was judged fit for a delivery."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from cbi.store.bases import Moment, OfficeTable, sealed_field, words


class DayStatus(StrEnum):
    """A distribution day's life."""

    PLANNED = "planned"
    CONFIRMED = "confirmed"
    DONE = "done"
    CANCELLED = "cancelled"


class ServiceKind(StrEnum):
    """What a service in the directory is for."""

    HEALTH = "health"
    PSYCHOSOCIAL = "psychosocial"
    SHELTER = "shelter"
    LEGAL = "legal"
    CHILD = "child"
    ANTI_TRAFFICKING = "on_the_move"  # the word itself reaches pages, files and the audit trail, so it is a neutral one
    DISABILITY = "disability"
    DOCUMENTS = "documents"
    FEEDBACK = "feedback"
    OTHER = "other"


class OverrideReason(StrEnum):
    """Why a distribution takes place although something is still to be put right."""

    READY_ON_THE_DAY = "ready_on_the_day"
    WAITING_IS_WORSE = "waiting_is_worse"
    URGENT_NEED = "urgent_need"
    ACCESS_ENDS = "access_ends"


class Site(OfficeTable, table=True):
    """A place. code: the first letters of its registration numbers ("BH"); pcode: of the smallest administrative area."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "code"),)

    code: str = Field(max_length=4)
    name: str = Field(max_length=80)
    area: str = Field(default="", max_length=120)
    pcode: str = Field(default="", max_length=20)


class SiteCheck(OfficeTable, table=True):
    """The 13 items answered jointly by programme and protection. answers: JSON {"S01": "yes", …}.  with_…: two people's names, sealed."""

    subject: ClassVar[str] = "site_id"

    site_id: UUID = Field(foreign_key="site.id", index=True)
    instrument: str = Field(max_length=60)
    answers: str = Field(sa_type=sa.Text)
    answered_on: date
    with_protection: bytes | None = sealed_field(nullable=True)
    with_programme: bytes | None = sealed_field(nullable=True)
    confirmed_by: UUID
    confirmed_at: datetime = Field(sa_type=Moment)


class SiteFix(OfficeTable, table=True):
    """Something a site check asks to be put right. measure: the instrument's code ("SM_PRIVACY").

    check_id: the last check that still found it.  found_on: when a check found it first.  planned_on: when somebody took it on.
    """

    site_id: UUID = Field(foreign_key="site.id", index=True)
    check_id: UUID = Field(foreign_key="sitecheck.id", index=True)
    item: str = Field(max_length=8)
    measure: str = Field(max_length=40)
    owner: str = Field(default="", max_length=120)
    found_on: date
    planned_on: date | None = Field(default=None)
    due_on: date | None = Field(default=None)
    closed_on: date | None = Field(default=None)


class SiteOverride(OfficeTable, table=True):
    """Leave to confirm days at a place although named fixes are open: asked for by one person, agreed by another, for some days.

    measures: the fixes it lifts, separated by spaces.  note: how it is arranged, linted.  It counts while agreed_by is set and ended_at is not.
    """

    __table_args__ = (
        sa.CheckConstraint("agreed_by IS NULL OR agreed_by <> proposed_by", name="agreed_by_another"),
        sa.Index(
            "uq_siteoverride_open",
            "operation_id",
            "site_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )
    subject: ClassVar[str] = "site_id"

    site_id: UUID = Field(foreign_key="site.id", index=True)
    check_id: UUID = Field(foreign_key="sitecheck.id", index=True)
    measures: str = Field(max_length=200)
    reason: OverrideReason = Field(sa_type=words(OverrideReason))
    note: bytes | None = sealed_field(nullable=True)
    with_protection: bytes = sealed_field()
    until: date
    proposed_by: UUID
    proposed_at: datetime = Field(sa_type=Moment)
    agreed_by: UUID | None = Field(default=None)
    agreed_at: datetime | None = Field(default=None, sa_type=Moment)
    ended_by: UUID | None = Field(default=None)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)


class DistributionDay(OfficeTable, table=True):
    """A day on which people are paid at a site."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "site_id", "day"),)

    site_id: UUID = Field(foreign_key="site.id", index=True)
    day: date
    status: DayStatus = Field(default=DayStatus.PLANNED, sa_type=words(DayStatus))
    confirmed_by: UUID | None = Field(default=None)
    confirmed_at: datetime | None = Field(default=None, sa_type=Moment)


class Service(OfficeTable, table=True):
    """A service people can be told about. Contacts are organisations', never a person's. retired_on: since when nobody is told about it."""

    site_id: UUID = Field(foreign_key="site.id", index=True)
    kind: ServiceKind = Field(sa_type=words(ServiceKind))
    name: str = Field(max_length=120)
    contact: str = Field(max_length=120)
    hours: str = Field(default="", max_length=80)
    verified_on: date | None = Field(default=None)
    retired_on: date | None = Field(default=None)
