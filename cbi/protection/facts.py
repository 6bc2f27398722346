"""What can happen in the room, as its own chain keeps it: ids and counts, never a word of what was said or decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from cbi.protection.tables import (
    Case,
    Contact,
    Decision,
    LetterCopy,
    MasterKey,
    Officer,
    Outbox,
    RecoverySheet,
    ServiceSeen,
)
from cbi.store.facts import Fact


@dataclass(frozen=True, kw_only=True)
class RoomFounded(Fact):
    """The room was made, with its first lead and its recovery sheet."""

    explains: ClassVar[tuple[type, ...]] = (Officer, MasterKey, RecoverySheet)
    officer_id: UUID
    sheet_id: UUID


@dataclass(frozen=True, kw_only=True)
class OfficerAdded(Fact):
    """Somebody joined the room. second_id: the officer who stood by; None when it was the recovery sheet."""

    explains: ClassVar[tuple[type, ...]] = (Officer, MasterKey)
    officer_id: UUID
    role: str
    second_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class OfficerReset(Fact):
    """An officer got a new passphrase, second factor and keys."""

    explains: ClassVar[tuple[type, ...]] = (Officer, MasterKey)
    officer_id: UUID
    second_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class OfficerRemoved(Fact):
    """Somebody left the room."""

    explains: ClassVar[tuple[type, ...]] = (Officer, MasterKey)
    officer_id: UUID


@dataclass(frozen=True, kw_only=True)
class KeysRotated(Fact):
    """The room got new keys and sealed everything again; these officers and sheets got them."""

    explains: ClassVar[tuple[type, ...]] = (MasterKey, RecoverySheet, LetterCopy, Case, Contact, Decision, Outbox)
    generation: int
    officers: tuple[UUID, ...]
    sheets: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class SignInRefused(Fact):
    """A passphrase or code did not fit."""

    explains: ClassVar[tuple[type, ...]] = (Officer,)
    officer_id: UUID


@dataclass(frozen=True, kw_only=True)
class SignedIn(Fact):
    """An officer proved who they are."""

    explains: ClassVar[tuple[type, ...]] = (Officer,)
    officer_id: UUID


@dataclass(frozen=True, kw_only=True)
class PublishedKeyDiffers(Fact):
    """The office publishes another letter-box key than the room's own: the room stayed closed."""

    officer_id: UUID


@dataclass(frozen=True, kw_only=True)
class RoomOpened(Fact):
    """An officer opened the room; the office was read once, and whom it erased was let go.

    letters: new ones taken from the box.  strange: those that did not open.
    """

    explains: ClassVar[tuple[type, ...]] = (LetterCopy, Case, Contact, Decision, Outbox)
    officer_id: UUID
    letters: int
    strange: int = 0


@dataclass(frozen=True, kw_only=True)
class RoomLocked(Fact):
    """An officer locked the room, or it locked by itself."""

    officer_id: UUID


@dataclass(frozen=True, kw_only=True)
class CaseRead(Fact):
    """An officer opened a letter."""

    explains: ClassVar[tuple[type, ...]] = (Case,)
    case_id: UUID


@dataclass(frozen=True, kw_only=True)
class ContactNoted(Fact):
    """An officer tried to reach the person."""

    explains: ClassVar[tuple[type, ...]] = (Case, Contact)
    case_id: UUID
    contact_id: UUID


@dataclass(frozen=True, kw_only=True)
class DecisionTaken(Fact):
    """An officer decided with the person. What was decided stays sealed."""

    explains: ClassVar[tuple[type, ...]] = (Case, Decision, Outbox)
    case_id: UUID
    decision_id: UUID


@dataclass(frozen=True, kw_only=True)
class DecisionSigned(Fact):
    """A second officer stood by a decision."""

    explains: ClassVar[tuple[type, ...]] = (Case, Decision, Outbox)
    case_id: UUID
    decision_id: UUID


@dataclass(frozen=True, kw_only=True)
class ArrangementSent(Fact):
    """An arrangement went through the door."""

    explains: ClassVar[tuple[type, ...]] = (Outbox,)
    outbox_id: UUID


@dataclass(frozen=True, kw_only=True)
class CaseClosed(Fact):
    """A case came to its end."""

    explains: ClassVar[tuple[type, ...]] = (Case,)
    case_id: UUID


@dataclass(frozen=True, kw_only=True)
class Withdrawn(Fact):
    """The person took back what they said; everything of it was purged. No id is kept that leads to it."""

    explains: ClassVar[tuple[type, ...]] = (LetterCopy, Case, Contact, Decision, Outbox)
    letters: int
    plan_kept: bool


@dataclass(frozen=True, kw_only=True)
class Purged(Fact):
    """Records reached their age and are gone."""

    explains: ClassVar[tuple[type, ...]] = (LetterCopy, Case, Contact, Decision, Outbox)
    letters: int
    cases: int


@dataclass(frozen=True, kw_only=True)
class NoticePublished(Fact):
    """The lead published a week's notice through the second door."""

    week: date


@dataclass(frozen=True, kw_only=True)
class ServiceChecked(Fact):
    """An officer rang a service of the directory."""

    explains: ClassVar[tuple[type, ...]] = (ServiceSeen,)
    service_id: UUID
