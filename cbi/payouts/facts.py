"""What can happen to payout files and the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from cbi.payouts.tables import FindingAnswer, FindingDecision, LedgerPosting, PayoutFile, PayoutFileList
from cbi.payouts.tables_layouts import ProviderProfile
from cbi.store.facts import Fact


@dataclass(frozen=True, kw_only=True)
class _AboutFile(Fact):
    explains: ClassVar[tuple[type, ...]] = (PayoutFile,)
    file_id: UUID


@dataclass(frozen=True, kw_only=True)
class FileReceived(_AboutFile):
    """A provider's file was uploaded for a list, or for several; corrects_id: the posted file whose unreadable rows it says again."""

    explains: ClassVar[tuple[type, ...]] = (PayoutFile, PayoutFileList)
    list_ids: tuple[UUID, ...]
    corrects_id: UUID | None = None
    digest: bytes
    size: int


@dataclass(frozen=True, kw_only=True)
class FileRefused(_AboutFile):
    """A file could not be read; the person was told what to do."""


@dataclass(frozen=True, kw_only=True)
class FilePutAway(_AboutFile):
    """A person put a file away that waited for somebody to say how it is read."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class ReadingBegun(_AboutFile):
    """A file is read, or read again; what an earlier preview of it said is gone."""

    turn: int


@dataclass(frozen=True, kw_only=True)
class FilesForgotten(Fact):
    """Uploaded files that were finished before this day were removed from the disk; what was counted of them stays."""

    before: date
    files: int


@dataclass(frozen=True, kw_only=True)
class FileUnlocked(_AboutFile):
    """A file's own password was taken off; from now on only the office's seal protects it."""


@dataclass(frozen=True, kw_only=True)
class LayoutAsked(_AboutFile):
    """A file's columns are to be confirmed by a person."""


@dataclass(frozen=True, kw_only=True)
class LayoutShown(_AboutFile):
    """The first rows of a file, names and phones included, were shown to whoever confirms its columns."""


@dataclass(frozen=True, kw_only=True)
class FilePreviewed(_AboutFile):
    """A file was read and compared; nothing was counted yet."""

    rows: int
    findings: int
    problems: int
    foots: bool


@dataclass(frozen=True, kw_only=True)
class RowsExported(_AboutFile):
    """A workbook with rows of a file, names and phones included, was handed to a person who proved once more who they are. what: which one."""

    what: str


@dataclass(frozen=True, kw_only=True)
class FilePosted(_AboutFile):
    """A file was counted, once."""

    explains: ClassVar[tuple[type, ...]] = (PayoutFile, LedgerPosting)
    posting_id: UUID
    list_ids: tuple[UUID, ...]
    rows: int
    delivered_minor: int
    suspense: tuple[str, ...]
    currency: str


@dataclass(frozen=True, kw_only=True)
class FileUndone(_AboutFile):
    """A posted file was undone by reversing entries."""

    explains: ClassVar[tuple[type, ...]] = (PayoutFile, LedgerPosting)
    posting_id: UUID
    reverses_id: UUID
    list_ids: tuple[UUID, ...]
    reason: str


@dataclass(frozen=True, kw_only=True)
class ProfileKept(Fact):
    """A person confirmed how a provider's files are read; the version is kept for the next one."""

    explains: ClassVar[tuple[type, ...]] = (ProviderProfile,)
    profile_id: UUID
    provider_id: UUID
    version: int


@dataclass(frozen=True, kw_only=True)
class ReleaseEntered(Fact):
    """A released list became open promises in the ledger."""

    explains: ClassVar[tuple[type, ...]] = (LedgerPosting,)
    posting_id: UUID
    list_id: UUID
    count: int
    total_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class FindingAnswered(Fact):
    """A person answered one question about one finding."""

    explains: ClassVar[tuple[type, ...]] = (FindingAnswer,)
    answer_id: UUID
    file_id: UUID
    finding_id: UUID
    answer: str


@dataclass(frozen=True, kw_only=True)
class AnswerWithdrawn(FindingAnswered):
    """A person took an answer back before it counted. What was previewed with it is to be read again."""

    explains: ClassVar[tuple[type, ...]] = (FindingAnswer, PayoutFile)


@dataclass(frozen=True, kw_only=True)
class AnswersCarriedOver(Fact):
    """A file was read anew: answers to findings that read the same stay, the others lapse and are asked for again."""

    explains: ClassVar[tuple[type, ...]] = (FindingAnswer,)
    file_id: UUID
    kept: int
    lapsed: int


@dataclass(frozen=True, kw_only=True)
class DecisionMade(Fact):
    """Enough people said the same about a finding: it counts now."""

    explains: ClassVar[tuple[type, ...]] = (FindingDecision, FindingAnswer, LedgerPosting)
    decision_id: UUID
    file_id: UUID
    finding_id: UUID
    kind_found: str
    answer: str
    first_by: UUID
    second_by: UUID | None
    posting_id: UUID | None
    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class DecisionTakenBack(Fact):
    """A decision no longer counts: what it entered was reversed."""

    explains: ClassVar[tuple[type, ...]] = (FindingDecision, LedgerPosting)
    decision_id: UUID
    file_id: UUID
    finding_id: UUID
    answer: str
    posting_id: UUID | None
    reverses_id: UUID | None
