"""Tables every world has for itself: keys of subjects, the chain of facts, its checkpoints, sessions, and forms already answered."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from cbi.store.bases import Moment, OfficeBase, RoomBase


class SubjectKey(SQLModel):
    """The wrapped sealing key of one subject; erasing the subject empties it for ever."""

    audited: ClassVar[bool] = False
    id: UUID = Field(primary_key=True)
    wrapped: bytes | None = Field(default=None)
    destroyed_at: datetime | None = Field(default=None, sa_type=Moment)


class AuditEntry(SQLModel):
    """One fact in the chain. hash = SHA-256(prev ‖ canonical JSON of the entry)."""

    audited: ClassVar[bool] = False
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=Moment)
    kind: str = Field(max_length=80)
    actor: str = Field(max_length=40)
    body: str = Field(sa_type=sa.Text)
    prev: bytes
    hash: bytes


class Checkpoint(SQLModel):
    """A signed statement that the chain stood at `seq` with `hash`."""

    audited: ClassVar[bool] = False
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=Moment)
    hash: bytes
    signature: bytes


class WebSession(SQLModel):
    """A server-side session; the cookie holds a random id, the row only its digest."""

    audited: ClassVar[bool] = False
    digest: bytes = Field(primary_key=True)
    person_id: UUID | None = Field(default=None, index=True)
    made_at: datetime = Field(sa_type=Moment)
    seen_at: datetime = Field(sa_type=Moment, index=True)
    content: str = Field(default="{}", sa_type=sa.Text)


class AnsweredForm(SQLModel):
    """A form that was already carried out: the same client key again gets the same answer."""

    audited: ClassVar[bool] = False
    key: UUID = Field(primary_key=True)
    person_id: UUID
    answer: str = Field(sa_type=sa.Text)
    at: datetime = Field(sa_type=Moment, index=True)


class Setting(SQLModel):
    """A named fact about the whole world: the DEMO marker, the operation, the published intake key."""

    audited: ClassVar[bool] = False
    name: str = Field(primary_key=True, max_length=40)
    value: str = Field(sa_type=sa.Text)


class OfficeSubjectKey(SubjectKey, OfficeBase, table=True):
    """The office's keys."""

    __tablename__ = "subject_key"


class OfficeAuditEntry(AuditEntry, OfficeBase, table=True):
    """The office's chain."""

    __tablename__ = "audit_entry"


class OfficeCheckpoint(Checkpoint, OfficeBase, table=True):
    """The office's checkpoints."""

    __tablename__ = "checkpoint"


class OfficeWebSession(WebSession, OfficeBase, table=True):
    """The office's sessions."""

    __tablename__ = "web_session"


class OfficeAnsweredForm(AnsweredForm, OfficeBase, table=True):
    """The office's answered forms."""

    __tablename__ = "answered_form"


class OfficeSetting(Setting, OfficeBase, table=True):
    """The office's own facts."""

    __tablename__ = "setting"


class RoomSubjectKey(SubjectKey, RoomBase, table=True):
    """The room's keys."""

    __tablename__ = "subject_key"


class RoomAuditEntry(AuditEntry, RoomBase, table=True):
    """The room's chain."""

    __tablename__ = "audit_entry"


class RoomCheckpoint(Checkpoint, RoomBase, table=True):
    """The room's checkpoints."""

    __tablename__ = "checkpoint"


class RoomWebSession(WebSession, RoomBase, table=True):
    """The room's sessions."""

    __tablename__ = "web_session"


class RoomAnsweredForm(AnsweredForm, RoomBase, table=True):
    """The room's answered forms."""

    __tablename__ = "answered_form"


class RoomSetting(Setting, RoomBase, table=True):
    """The room's own facts."""

    __tablename__ = "setting"


class System:
    """The system tables of one world, by what they are for."""

    def __init__(self, world: str) -> None:
        office = world == "office"
        self.subject_key: type[SubjectKey] = OfficeSubjectKey if office else RoomSubjectKey
        self.audit_entry: type[AuditEntry] = OfficeAuditEntry if office else RoomAuditEntry
        self.checkpoint: type[Checkpoint] = OfficeCheckpoint if office else RoomCheckpoint
        self.web_session: type[WebSession] = OfficeWebSession if office else RoomWebSession
        self.answered_form: type[AnsweredForm] = OfficeAnsweredForm if office else RoomAnsweredForm
        self.setting: type[Setting] = OfficeSetting if office else RoomSetting
