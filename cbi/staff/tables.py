"""People who work in the office, the seats they hold, and how often their names were tried at the door."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from cbi.access import Role
from cbi.store.bases import Moment, OfficeTable, sealed_field, words


class Staff(OfficeTable, table=True):
    """One person who signs in.

    sign_in_name: lower case.  totp_step: the last accepted time step, so that a code works once.
    recovery: JSON list of keyed digests of unused recovery codes.  certified_on: as an interviewer, good for 365 days.
    invite_digest, invite_until: an open link to begin, or to begin again; until it is used nobody signs in under this name.
    reset_asked_by, reset_asked_at: an administrator asked to take the second factor away; another one must agree.
    """

    __table_args__ = (
        sa.UniqueConstraint("operation_id", "sign_in_name"),
        sa.CheckConstraint("(invite_digest IS NULL) = (invite_until IS NULL)", name="invite_whole"),
        sa.CheckConstraint("(reset_asked_by IS NULL) = (reset_asked_at IS NULL)", name="reset_whole"),
    )

    sign_in_name: str = Field(max_length=60)
    name: str = Field(max_length=120)
    password_hash: str = Field(max_length=200, repr=False)
    totp_secret: bytes | None = sealed_field(nullable=True)
    totp_step: int = Field(default=0)
    recovery: str = Field(default="[]", sa_type=sa.Text, repr=False)
    language: str = Field(default="en", max_length=8)
    sex: str = Field(default="", max_length=1)
    languages: str = Field(default="", max_length=60)
    site_id: UUID | None = Field(default=None)
    certified_on: date | None = Field(default=None)
    left_on: date | None = Field(default=None)
    made_at: datetime = Field(sa_type=Moment)
    invite_digest: bytes | None = Field(default=None, unique=True, repr=False)
    invite_until: datetime | None = Field(default=None, sa_type=Moment)
    reset_asked_by: UUID | None = Field(default=None)
    reset_asked_at: datetime | None = Field(default=None, sa_type=Moment)


class StaffRole(OfficeTable, table=True):
    """A seat that a person holds now; past seats are in the chain."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "staff_id", "role"),)

    staff_id: UUID = Field(foreign_key="staff.id", index=True)
    role: Role = Field(sa_type=words(Role))
    granted_by: UUID | None = Field(default=None)
    granted_at: datetime = Field(sa_type=Moment)


class SignInTry(OfficeTable, table=True):
    """Failures in a row under one typed name, whether or not somebody has it. digest: keyed, so that the name cannot be read."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "digest"),)
    audited: ClassVar[bool] = False

    digest: bytes
    failures: int
    wait_until: datetime | None = Field(default=None, sa_type=Moment)
    at: datetime = Field(sa_type=Moment, index=True)
