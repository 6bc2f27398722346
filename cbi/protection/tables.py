"""What the room keeps. In the clear stand only random ids, clocks and what opens a session; everything about a person is sealed."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from cbi.access import Role
from cbi.store.bases import Moment, ProtectionTable, sealed_field, words


class Officer(ProtectionTable, table=True):
    """Somebody who may enter the room.

    sign_in_name: case-folded.  cost: of both Argon2id runs, as keys.Cost writes it.  salt: of the run that makes the key.
    wrapped: private key and TOTP secret, sealed under the key made from the passphrase.  totp_step: last accepted step, so a code works once.
    recovery: JSON list of digests of unused recovery codes.  sites: JSON list of site ids, [] for all.
    """

    __table_args__ = (
        sa.Index(
            "uq_officer_present",
            "sign_in_name",
            unique=True,
            sqlite_where=sa.text("left_on IS NULL"),
            postgresql_where=sa.text("left_on IS NULL"),
        ),
    )

    sign_in_name: str = Field(max_length=60)
    name: str = Field(max_length=120)
    role: Role = Field(sa_type=words(Role))
    sites: str = Field(default="[]", sa_type=sa.Text)
    language: str = Field(default="en", max_length=8)
    password_hash: str = Field(max_length=200, repr=False)
    cost: str = Field(max_length=40)
    salt: bytes = Field(repr=False)
    wrapped: bytes = Field(repr=False)
    public_key: bytes
    totp_step: int = Field(default=0)
    recovery: str = Field(default="[]", sa_type=sa.Text, repr=False)
    failures: int = Field(default=0)
    wait_until: datetime | None = Field(default=None, sa_type=Moment)
    made_at: datetime = Field(sa_type=Moment)
    left_on: date | None = Field(default=None)


class MasterKey(ProtectionTable, table=True):
    """The room's keys, sealed to one officer's public key. generation: raised at every rotation; older ones are deleted."""

    __table_args__ = (sa.UniqueConstraint("officer_id", "generation"),)

    officer_id: UUID = Field(foreign_key="officer.id", index=True)
    generation: int
    body: bytes = Field(repr=False)


class RecoverySheet(ProtectionTable, table=True):
    """The room's keys, sealed to the public key whose private half lies on paper and nowhere else."""

    public_key: bytes
    generation: int
    body: bytes = Field(repr=False)
    made_at: datetime = Field(sa_type=Moment)


class SeenLetter(ProtectionTable, table=True):
    """A letter that was taken from the box, so that it is never taken twice, also not after its content was purged. id: the letter's."""

    audited: ClassVar[bool] = False

    day: date = Field(index=True)


class LetterCopy(ProtectionTable, table=True):
    """A letter's content, sealed again under the room's own key. id: the letter's.  goes_on: its last day, None for the ordinary age."""

    day: date = Field(index=True)
    content: bytes = sealed_field()
    copied_at: datetime = Field(sa_type=Moment)
    goes_on: date | None = Field(default=None, index=True)


class OddLetter(ProtectionTable, table=True):
    """A letter from the box that did not open, or held none: kept as it came, sealed, until its age, for the lead. id: the letter's."""

    day: date = Field(index=True)
    body: bytes = sealed_field()
    found_at: datetime = Field(sa_type=Moment)


class Case(ProtectionTable, table=True):
    """What one private letter came to: one row for every letter, whatever it said, so that their number tells nothing.

    about: JSON of household, site, band and reasons.  state: JSON of where it stands.  Both sealed.
    """

    __tablename__ = "support_case"
    __table_args__ = (sa.UniqueConstraint("letter_id"),)

    letter_id: UUID
    about: bytes = sealed_field()
    state: bytes = sealed_field()
    made_at: datetime = Field(sa_type=Moment, index=True)
    closed_at: datetime | None = Field(default=None, sa_type=Moment)


class Contact(ProtectionTable, table=True):
    """An attempt to reach the person: when, by whom, and a word from a closed list. Nothing else is kept."""

    subject: ClassVar[str] = "case_id"

    case_id: UUID = Field(foreign_key="support_case.id", index=True)
    officer_id: UUID = Field(foreign_key="officer.id")
    at: datetime = Field(sa_type=Moment)
    outcome: bytes = sealed_field()


class Decision(ProtectionTable, table=True):
    """What was decided with the person. content: JSON, sealed.  second: who signed a change of recipient besides, sealed."""

    subject: ClassVar[str] = "case_id"

    case_id: UUID = Field(foreign_key="support_case.id", index=True)
    officer_id: UUID = Field(foreign_key="officer.id")
    at: datetime = Field(sa_type=Moment)
    content: bytes = sealed_field()
    second: bytes | None = sealed_field(nullable=True)


class Outbox(ProtectionTable, table=True):
    """An arrangement on its way to the office. client_key: the same at every attempt, so that it arrives once."""

    subject: ClassVar[str] = "case_id"

    case_id: UUID = Field(foreign_key="support_case.id", index=True)
    decision_id: UUID = Field(foreign_key="decision.id", unique=True)
    client_key: UUID = Field(unique=True)
    content: bytes = sealed_field()
    made_at: datetime = Field(sa_type=Moment)
    sent_at: datetime | None = Field(default=None, sa_type=Moment)


class Referral(ProtectionTable, table=True):
    """What one service is told about one person, and how it went. content: JSON, sealed.  safe_contact: JSON, sealed; gone at revocation.

    case_id: the case it came from, which may be gone before it.  closed_at: when its ninety days began.
    """

    case_id: UUID = Field(index=True)
    content: bytes = sealed_field()
    safe_contact: bytes | None = sealed_field(nullable=True)
    closed_at: datetime | None = Field(default=None, sa_type=Moment)


class ReferralCount(ProtectionTable, table=True):
    """One closed referral as it is counted after it is gone: month, site and kind of service, sealed. Nothing leads back to it."""

    content: bytes = sealed_field()


class Handover(ProtectionTable, table=True):
    """A case handed to a focal point. stub: JSON of whom and for whom, sealed.  body: sealed so that only that focal point opens it.

    expires_on: set with the acknowledgement; until then it waits.
    """

    case_id: UUID = Field(index=True)
    stub: bytes = sealed_field()
    body: bytes = Field(repr=False)
    made_at: datetime = Field(sa_type=Moment)
    acknowledged_at: datetime | None = Field(default=None, sa_type=Moment)
    expires_on: date | None = Field(default=None)


class FeedbackCopy(ProtectionTable, table=True):
    """Feedback that went past the desk: the letter as it lay in the box, sealed to its readers' own keys. id: the letter's.

    body: b"" once it was let go; the id stays while the letter may lie in the box, so that it is not taken again.
    """

    day: date = Field(index=True)
    body: bytes = Field(repr=False)
    copied_at: datetime = Field(sa_type=Moment)
    taken_at: datetime | None = Field(default=None, sa_type=Moment)
    expires_on: date | None = Field(default=None)


class InstrumentVersion(ProtectionTable, table=True):
    """A version of the check that was begun in the room, or came with the program; only drafts are changed or deleted, for letters name the others.

    content: JSON of its files, sealed.  editors: JSON list of who changed it.  used_on: the day its first letter was taken from the box.
    shipped: it came with the program, which may bring another one by now.
    """

    version: str = Field(max_length=20, unique=True)
    content: bytes = sealed_field()
    editors: str = Field(default="[]", sa_type=sa.Text)
    revision: int = Field(default=1)
    made_at: datetime = Field(sa_type=Moment)
    approved_at: datetime | None = Field(default=None, sa_type=Moment)
    approved_by: UUID | None = Field(default=None, foreign_key="officer.id")
    used_on: date | None = Field(default=None)
    shipped: bool = Field(default=False)


class ServiceSeen(ProtectionTable, table=True):
    """A service of the directory that an officer checked. id: the service's; the directory itself belongs to the office."""

    checked_on: date
    checked_by: UUID = Field(foreign_key="officer.id")
