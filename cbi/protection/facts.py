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
    FeedbackCopy,
    Handover,
    InstrumentVersion,
    LetterCopy,
    MasterKey,
    OddLetter,
    Officer,
    Outbox,
    RecoverySheet,
    Referral,
    ReferralCount,
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
class PassphraseChanged(Fact):
    """Somebody who knew their passphrase chose another one; their keys stayed the same."""

    explains: ClassVar[tuple[type, ...]] = (Officer,)
    officer_id: UUID


@dataclass(frozen=True, kw_only=True)
class LeadRecovered(Fact):
    """The recovery sheet was used to bring a lead back; another took its place."""

    explains: ClassVar[tuple[type, ...]] = (RecoverySheet,)
    officer_id: UUID
    sheet_id: UUID


@dataclass(frozen=True, kw_only=True)
class OfficerRemoved(Fact):
    """Somebody left the room."""

    explains: ClassVar[tuple[type, ...]] = (Officer, MasterKey)
    officer_id: UUID


@dataclass(frozen=True, kw_only=True)
class KeysRotated(Fact):
    """The room got new keys and sealed everything again; these officers and sheets got them."""

    explains: ClassVar[tuple[type, ...]] = (
        MasterKey,
        RecoverySheet,
        LetterCopy,
        OddLetter,
        Case,
        Contact,
        Decision,
        Outbox,
        Referral,
        ReferralCount,
        Handover,
        InstrumentVersion,
    )
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
    """The office publishes other keys than the room's own: the room stayed closed."""

    officer_id: UUID


@dataclass(frozen=True, kw_only=True)
class RoomOpened(Fact):
    """An officer opened the room; the office was read once, and whom it erased was let go.

    letters: new ones taken from the box.  strange: those that did not open.
    """

    explains: ClassVar[tuple[type, ...]] = (LetterCopy, OddLetter, Case, Contact, Decision, Outbox, Referral, Handover, InstrumentVersion)
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

    explains: ClassVar[tuple[type, ...]] = (Case, Decision, Outbox, LetterCopy)
    case_id: UUID
    decision_id: UUID
    letters: tuple[UUID, ...] = ()


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
class CaseAssigned(Fact):
    """An officer took a case, was given it by the lead, or accepted a hand-over."""

    explains: ClassVar[tuple[type, ...]] = (Case,)
    case_id: UUID
    officer_id: UUID


@dataclass(frozen=True, kw_only=True)
class CaseOffered(Fact):
    """An officer offered a case to another. officer_id: the other; None when the offer was taken back or declined."""

    explains: ClassVar[tuple[type, ...]] = (Case,)
    case_id: UUID
    officer_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class CaseReopened(Fact):
    """A closed case was opened again."""

    explains: ClassVar[tuple[type, ...]] = (Case,)
    case_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReferralWritten(Fact):
    """An officer wrote a referral, or that information was given, with the person's word on it."""

    explains: ClassVar[tuple[type, ...]] = (Case, Referral, ReferralCount)
    case_id: UUID
    referral_id: UUID
    count_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ReferralWithoutConsent(Fact):
    """An officer asked to refer without consent: danger to life, a child's best interests, or the law. Two officers stand by it or nothing leaves."""

    explains: ClassVar[tuple[type, ...]] = (Case, Referral)
    case_id: UUID
    referral_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReferralSigned(Fact):
    """A second officer answered to a referral without consent."""

    explains: ClassVar[tuple[type, ...]] = (Referral, ReferralCount)
    referral_id: UUID
    count_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ReferralRead(Fact):
    """An officer opened a referral."""

    referral_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReferralPacketTaken(Fact):
    """An officer opened the paper of a referral, to print it or to send it locked."""

    referral_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReferralAnswered(Fact):
    """What became of a referral was noted. What it was stays sealed. count_id: of the count kept when it ended."""

    explains: ClassVar[tuple[type, ...]] = (Referral, ReferralCount)
    referral_id: UUID
    count_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class HandedOver(Fact):
    """An officer handed a case to a focal point."""

    explains: ClassVar[tuple[type, ...]] = (Case, Handover)
    case_id: UUID
    handover_id: UUID


@dataclass(frozen=True, kw_only=True)
class HandoverTakenBack(Fact):
    """An officer took back a case that no focal point had taken yet; what was told is gone."""

    explains: ClassVar[tuple[type, ...]] = (Case, Handover)
    case_id: UUID


@dataclass(frozen=True, kw_only=True)
class HandoverRead(Fact):
    """A focal point opened what was handed over."""

    handover_id: UUID


@dataclass(frozen=True, kw_only=True)
class HandoverAcknowledged(Fact):
    """A focal point took what was handed over."""

    explains: ClassVar[tuple[type, ...]] = (Handover,)
    handover_id: UUID


@dataclass(frozen=True, kw_only=True)
class YoungHouseholdRead(Fact):
    """The child-protection focal point opened a household whose head is a child, from the office's own list. No id: the chain names nobody."""


@dataclass(frozen=True, kw_only=True)
class CaseClosed(Fact):
    """A case came to its end."""

    explains: ClassVar[tuple[type, ...]] = (Case,)
    case_id: UUID


@dataclass(frozen=True, kw_only=True)
class Withdrawn(Fact):
    """The person took back what they said; everything of it was purged. No id is kept that leads to it."""

    explains: ClassVar[tuple[type, ...]] = (LetterCopy, OddLetter, Case, Contact, Decision, Outbox, Referral, Handover)
    letters: int
    plan_kept: bool


@dataclass(frozen=True, kw_only=True)
class Purged(Fact):
    """Records reached their age and are gone. others: referrals, hand-overs and letters that did not open."""

    explains: ClassVar[tuple[type, ...]] = (LetterCopy, OddLetter, Case, Contact, Decision, Outbox, Referral, Handover, FeedbackCopy)
    letters: int
    cases: int
    others: int = 0


@dataclass(frozen=True, kw_only=True)
class NoticePublished(Fact):
    """The lead published a week's notice through the second door."""

    week: date


@dataclass(frozen=True, kw_only=True)
class ServiceChecked(Fact):
    """An officer rang a service of the directory."""

    explains: ClassVar[tuple[type, ...]] = (ServiceSeen,)
    service_id: UUID


@dataclass(frozen=True, kw_only=True)
class _AboutInstrument(Fact):
    explains: ClassVar[tuple[type, ...]] = (InstrumentVersion,)
    version_id: UUID
    version: str


@dataclass(frozen=True, kw_only=True)
class InstrumentKept(_AboutInstrument):
    """The version of the check that comes with the program was kept: its letters mean its words, whatever a newer program brings."""


@dataclass(frozen=True, kw_only=True)
class InstrumentBegun(_AboutInstrument):
    """A version of the check was begun from another one."""


@dataclass(frozen=True, kw_only=True)
class InstrumentEdited(_AboutInstrument):
    """A version of the check was changed."""


@dataclass(frozen=True, kw_only=True)
class InstrumentDiscarded(_AboutInstrument):
    """A version of the check was thrown away before anybody approved it."""


@dataclass(frozen=True, kw_only=True)
class InstrumentApproved(_AboutInstrument):
    """A version of the check was approved by somebody who had not changed it. digest: of all its words."""

    digest: str


@dataclass(frozen=True, kw_only=True)
class InstrumentHandedOut(_AboutInstrument):
    """A version of the check was taken out of the room as a file, for the office to put it in use."""

    digest: str
