"""Who is enrolled in a programme, by which version of its rule, and what was asked against a result."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from cbi.store.bases import Moment, OfficeTable, sealed_field, words


class EnrolmentState(StrEnum):
    """A household's result. EXCEPTION: the rule leaves it out, an appeal let it in. From REVIEW on the rule lets it in once something is settled."""

    ENROLLED = "enrolled"
    EXCEPTION = "exception"
    NOT_ELIGIBLE = "not_eligible"
    REVIEW = "review"
    UNVERIFIED = "unverified"
    NOT_FOUND = "not_found"
    CONSENT = "consent"
    LEFT = "left"


class AppealStatus(StrEnum):
    """What became of an appeal."""

    OPEN = "open"
    ALLOWED = "allowed"
    REFUSED = "refused"


class EnrolmentRule(OfficeTable, table=True):
    """One version of a programme's rule, never changed. body: sealed TOML, for it holds reasons in somebody's own words."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "programme_id", "version"),)
    subject: ClassVar[str] = "programme_id"

    programme_id: UUID = Field(foreign_key="programme.id", index=True)
    version: int
    body: bytes = sealed_field()
    written_by: UUID
    written_at: datetime = Field(sa_type=Moment)


class EnrolmentRun(OfficeTable, table=True):
    """A rule looked at with every household of the programme's sites: a simulation until a person applies it, never changed from then on.

    number: counts what was applied, from 1.  day: whose year the ages are counted in.
    digest: SHA-256 over every household's state and amount, the same for the same results in whatever order.
    host: of those enrolled or let in by appeal, how many are of the host community.  total_minor: what a cycle would cost.
    """

    __table_args__ = (
        sa.UniqueConstraint("operation_id", "programme_id", "number"),
        sa.CheckConstraint(
            "(applied_at IS NULL) = (number IS NULL) AND (applied_at IS NULL) = (applied_by IS NULL)", name="applied_is_numbered"
        ),
        sa.CheckConstraint("households = enrolled + exceptions + waiting + not_eligible", name="counts_add_up"),
    )

    programme_id: UUID = Field(foreign_key="programme.id", index=True)
    rule_id: UUID = Field(foreign_key="enrolmentrule.id", index=True)
    number: int | None = Field(default=None)
    day: date
    digest: bytes
    households: int
    enrolled: int
    exceptions: int
    waiting: int
    not_eligible: int
    host: int
    total_minor: int = Field(sa_type=sa.BigInteger)
    currency: str = Field(max_length=3)
    made_by: UUID
    made_at: datetime = Field(sa_type=Moment)
    applied_by: UUID | None = Field(default=None)
    applied_at: datetime | None = Field(default=None, sa_type=Moment)


class Enrolment(OfficeTable, table=True):
    """A household's result in a run. facts: sealed JSON of what the rule looked at, so that the result can be explained for as long as the household is kept."""

    __table_args__ = (
        sa.UniqueConstraint("operation_id", "run_id", "household_id"),
        sa.Index("ix_enrolment_household", "household_id", "run_id"),
        sa.CheckConstraint("(state IN ('enrolled', 'exception')) = (amount_minor > 0)", name="enrolled_is_due"),
    )
    subject: ClassVar[str] = "household_id"

    run_id: UUID = Field(foreign_key="enrolmentrun.id", index=True)
    household_id: UUID = Field(foreign_key="household.id")
    state: EnrolmentState = Field(sa_type=words(EnrolmentState))
    members: int
    amount_minor: int = Field(sa_type=sa.BigInteger)
    currency: str = Field(max_length=3)
    facts: bytes = sealed_field()


class Appeal(OfficeTable, table=True):
    """A household asks to have its result looked at again. said, answer: sealed, in the words of whoever wrote them down.

    The reviewer is never who wrote the appeal down; that it is not who wrote or applied the rule is seen to when it is decided.
    """

    __table_args__ = (
        sa.Index(
            "uq_appeal_open",
            "operation_id",
            "programme_id",
            "household_id",
            unique=True,
            sqlite_where=sa.text("status <> 'refused'"),
            postgresql_where=sa.text("status <> 'refused'"),
        ),
        sa.CheckConstraint("(status = 'open') = (decided_by IS NULL)", name="decided_by_somebody"),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="decided_by_another"),
    )
    subject: ClassVar[str] = "household_id"

    programme_id: UUID = Field(foreign_key="programme.id", index=True)
    household_id: UUID = Field(foreign_key="household.id", index=True)
    run_id: UUID = Field(foreign_key="enrolmentrun.id", index=True)
    status: AppealStatus = Field(default=AppealStatus.OPEN, sa_type=words(AppealStatus))
    said: bytes = sealed_field()
    asked_by: UUID
    asked_at: datetime = Field(sa_type=Moment)
    answer: bytes | None = sealed_field(nullable=True)
    decided_by: UUID | None = Field(default=None)
    decided_at: datetime | None = Field(default=None, sa_type=Moment)
