"""Files that providers send back, what was found in them, and the ledger that counts."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

import cbi.payouts.tables_layouts
import cbi.payouts.tables_money
import cbi.payouts.tables_reading  # noqa: F401
from cbi.store.bases import Moment, OfficeTable, sealed_field, words
from reconciliation.findings import FindingKind
from reconciliation.ledger import Account
from reconciliation.payout import Outcome


class FileStatus(StrEnum):
    """A payout file's life."""

    READING = "reading"
    ASKING = "asking"
    PREVIEWED = "previewed"
    POSTED = "posted"
    UNDONE = "undone"
    REFUSED = "refused"


class PostingKind(StrEnum):
    """Why entries were made."""

    RELEASE = "release"
    PAYOUT = "payout"
    UNDO = "undo"
    DECISION = "decision"
    FEE = "fee"
    ADVANCE = "advance"
    REFUND = "refund"
    CLOSING = "closing"
    LATE = "late"
    PASSED_BACK = "passed_back"


class Answer(StrEnum):
    """What a person may say about a finding; `cbi.payouts.choices` says which of them about which kind."""

    NOTED = "noted"
    MATCH = "match"
    NO_MATCH = "no_match"
    EARLIER = "earlier"
    NEWER = "newer"
    SAME_PERSON = "same_person"
    OTHER_PERSON = "other_person"
    TO_RECOVER = "to_recover"
    RECOVERED = "recovered"
    CHARGED = "charged"
    EXTRA = "extra"


class PayoutFile(OfficeTable, table=True):
    """One uploaded file, kept sealed beside the database. Which lists it is about stands in PayoutFileList.

    layout: JSON map it was read with.  profile_id: the kept profile that map is, where it is one.  summary: JSON of its preview's statement.
    problems: JSON list of {sheet, cell, fix}.  fix: why it was refused, as "You need to …".  basis: a mark of what counted when it was previewed.
    sheet_names: what its sheets are called, by what stands in the place of their names everywhere else (`sheet_names`).
    corrects_id: the posted file whose unreadable rows this one says again.  writing: which of the files kept for it is this one (`files`).
    undo_reason: also why it was put away unread.
    """

    provider_id: UUID = Field(foreign_key="provider.id", index=True)
    name: bytes = sealed_field()
    sheet_names: bytes | None = sealed_field(nullable=True)
    digest: bytes = Field(index=True)
    status: FileStatus = Field(default=FileStatus.READING, sa_type=words(FileStatus), index=True)
    layout: str = Field(default="", sa_type=sa.Text)
    profile_id: UUID | None = Field(default=None, foreign_key="providerprofile.id")
    corrects_id: UUID | None = Field(default=None, foreign_key="payoutfile.id", index=True)
    summary: str = Field(default="", sa_type=sa.Text)
    problems: str = Field(default="[]", sa_type=sa.Text)
    fix: str = Field(default="", max_length=400)
    rows: int = Field(default=0)
    writing: int = Field(default=0, sa_column_kwargs={"server_default": sa.text("0")})
    basis: bytes = Field(default=b"")
    undo_reason: str = Field(default="", max_length=40)
    uploaded_by: UUID
    uploaded_at: datetime = Field(sa_type=Moment)
    posted_by: UUID | None = Field(default=None)
    posted_at: datetime | None = Field(default=None, sa_type=Moment)
    undone_by: UUID | None = Field(default=None)
    undone_at: datetime | None = Field(default=None, sa_type=Moment)


class PayoutFileList(OfficeTable, table=True):
    """One list that a payout file is about. Every list of a file has the file's provider."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "file_id", "list_id"),)

    file_id: UUID = Field(foreign_key="payoutfile.id", index=True)
    list_id: UUID = Field(foreign_key="paymentlist.id", index=True)


class PayoutFinding(OfficeTable, table=True):
    """One story about one transfer or about rows that belong to none, as previewed. Amounts as reconciliation.findings defines them.

    list_id: of its transfer; of strangers the file's only list, none in a file over several.
    because: the provider's reason of a FAILED or RETURNED one, else the keys in which it is like or unlike a transfer ("name,phone").
    difference_minor: paid less instructed where a transfer was paid, in its own currency.  group_number: its FindingGroup.
    """

    __table_args__ = (
        sa.Index("ix_payoutfinding_file_group", "file_id", "group_number", "position"),
        sa.Index(
            "ix_payoutfinding_file_kind",
            "file_id",
            "kind",
            "position",
            sqlite_where=sa.text("kind <> 'PAID'"),
            postgresql_where=sa.text("kind <> 'PAID'"),
        ),
        sa.Index("ix_payoutfinding_file_reference", "file_id", "reference", "group_number", "position"),
        sa.Index(
            "ix_payoutfinding_file_difference",
            "file_id",
            "difference_minor",
            "group_number",
            "position",
            sqlite_where=sa.text("difference_minor <> 0"),
            postgresql_where=sa.text("difference_minor <> 0"),
        ),
    )
    audited: ClassVar[bool] = False
    subject: ClassVar[str] = "file_id"

    file_id: UUID = Field(foreign_key="payoutfile.id")
    position: int
    group_number: int = Field(default=0)
    list_id: UUID | None = Field(default=None)
    because: str = Field(default="", max_length=80)
    kind: FindingKind = Field(sa_type=words(FindingKind))
    also: str = Field(default="", max_length=200)
    instruction_id: UUID | None = Field(default=None, foreign_key="instruction.id", index=True)
    reference: str = Field(default="", max_length=80)
    currency: str = Field(default="", max_length=3)
    instructed_minor: int = Field(default=0, sa_type=sa.BigInteger)
    delivered_minor: int = Field(default=0, sa_type=sa.BigInteger)
    suspense_minor: int = Field(default=0, sa_type=sa.BigInteger)
    suspense_currency: str = Field(default="", max_length=3)
    open_minor: int = Field(default=0, sa_type=sa.BigInteger)
    set_aside_minor: int = Field(default=0, sa_type=sa.BigInteger)
    paid_minor: int = Field(default=0, sa_type=sa.BigInteger)
    taken_back_minor: int = Field(default=0, sa_type=sa.BigInteger)
    difference_minor: int = Field(default=0, sa_type=sa.BigInteger)
    evidence: bytes | None = sealed_field(nullable=True)
    points_at: str = Field(default="", max_length=200)


class FindingGroup(OfficeTable, table=True):
    """Findings of one file that are alike, counted and summed once when they are staged: a page adds these up, never a million rows.

    Alike: of one kind, list, reason and pair of currencies.  number: from 1, as the findings carry it.  rows: of the file, in all its findings.
    """

    __table_args__ = (sa.UniqueConstraint("operation_id", "file_id", "number"),)
    audited: ClassVar[bool] = False

    file_id: UUID = Field(foreign_key="payoutfile.id", index=True)
    number: int
    kind: FindingKind = Field(sa_type=words(FindingKind))
    list_id: UUID | None = Field(default=None, foreign_key="paymentlist.id")
    because: str = Field(default="", max_length=80)
    currency: str = Field(default="", max_length=3)
    suspense_currency: str = Field(default="", max_length=3)
    findings: int
    rows: int
    instructed_minor: int = Field(default=0, sa_type=sa.BigInteger)
    delivered_minor: int = Field(default=0, sa_type=sa.BigInteger)
    suspense_minor: int = Field(default=0, sa_type=sa.BigInteger)
    open_minor: int = Field(default=0, sa_type=sa.BigInteger)
    set_aside_minor: int = Field(default=0, sa_type=sa.BigInteger)
    paid_minor: int = Field(default=0, sa_type=sa.BigInteger)
    taken_back_minor: int = Field(default=0, sa_type=sa.BigInteger)


class PayoutRow(OfficeTable, table=True):
    """One staged row. detail: names, phones, accounts and narrative, sealed, only for rows that are not PAID.

    counts: whether posting counts it: readable, no copy, counted by no earlier file, its finding posted.  in_suspense: its payment goes there.
    counted_for: the transfer's reference, or a stranger's own (see cbi.payouts.strangers).  corrects_id: the unreadable row that it says again.
    """

    __table_args__ = (
        sa.Index(
            "ix_payoutrow_corrects",
            "corrects_id",
            sqlite_where=sa.text("corrects_id IS NOT NULL"),
            postgresql_where=sa.text("corrects_id IS NOT NULL"),
        ),
    )
    audited: ClassVar[bool] = False
    subject: ClassVar[str] = "file_id"

    file_id: UUID = Field(foreign_key="payoutfile.id", index=True)
    finding_id: UUID = Field(index=True)
    position: int
    sheet: str = Field(max_length=80)
    row: int
    reference: str = Field(default="", max_length=80)
    provider_ref: str = Field(default="", max_length=80)
    amount_minor: int | None = Field(default=None, sa_type=sa.BigInteger)
    currency: str = Field(default="", max_length=3)
    outcome: Outcome = Field(sa_type=words(Outcome))
    reason: str = Field(default="", max_length=40)
    row_key: bytes
    counts: bool = Field(default=False)
    in_suspense: bool = Field(default=False)
    counted_for: str = Field(default="", max_length=80)
    corrects_id: UUID | None = Field(default=None)
    detail: bytes | None = sealed_field(nullable=True)


class FindingAnswer(OfficeTable, table=True):
    """What one person says about one finding. It binds to what they saw: a finding that reads otherwise after a new reading keeps no answer.

    mark: of the finding as it was answered.  amount_minor, on_date: of money that came back.  sheet, row: the row a suggestion is tied to.
    decision_id: the decision it became part of; until then it can be changed or withdrawn.
    """

    __table_args__ = (
        sa.Index(
            "uq_findinganswer_person",
            "operation_id",
            "finding_id",
            "answered_by",
            unique=True,
            sqlite_where=sa.text("decision_id IS NULL"),
            postgresql_where=sa.text("decision_id IS NULL"),
        ),
        sa.Index("ix_findinganswer_place", "file_id", "row"),
    )
    subject: ClassVar[str] = "file_id"

    file_id: UUID = Field(foreign_key="payoutfile.id", index=True)
    finding_id: UUID = Field(index=True)
    mark: bytes = Field(default=b"")
    answer: Answer = Field(sa_type=words(Answer))
    note: bytes | None = sealed_field(nullable=True)
    amount_minor: int = Field(default=0, sa_type=sa.BigInteger)
    on_date: date | None = Field(default=None)
    instruction_id: UUID | None = Field(default=None)
    sheet: str = Field(default="", max_length=80)
    row: int = Field(default=0)
    decision_id: UUID | None = Field(default=None, index=True)
    answered_by: UUID
    answered_at: datetime = Field(sa_type=Moment)


class FindingDecision(OfficeTable, table=True):
    """An answer that counts, because enough people gave it. live: it was not taken back, and its file not undone.

    reference, currency, amount_minor: the transfer (or stranger) it is about and the money it moved.  second_by: the other person, where two are needed.
    posting_id: what it entered; empty where nothing moves.  late_id: what took a promise up again that closing its list had given up.
    """

    __table_args__ = (
        sa.Index(
            "uq_findingdecision_live",
            "operation_id",
            "finding_id",
            "answer",
            unique=True,
            sqlite_where=sa.text("live AND answer <> 'recovered'"),
            postgresql_where=sa.text("live AND answer <> 'recovered'"),
        ),
        sa.CheckConstraint("second_by IS NULL OR second_by <> first_by", name="two_people"),
        sa.CheckConstraint(
            "second_by IS NOT NULL OR answer NOT IN ('charged', 'earlier', 'extra', 'newer', 'recovered', 'same_person')",
            name="second_person",
        ),
    )

    file_id: UUID = Field(foreign_key="payoutfile.id", index=True)
    finding_id: UUID = Field(index=True)
    kind: FindingKind = Field(sa_type=words(FindingKind))
    answer: Answer = Field(sa_type=words(Answer))
    instruction_id: UUID | None = Field(default=None, index=True)
    reference: str = Field(default="", max_length=80, index=True)
    currency: str = Field(default="", max_length=3)
    amount_minor: int = Field(default=0, sa_type=sa.BigInteger)
    on_date: date | None = Field(default=None)
    first_by: UUID
    second_by: UUID | None = Field(default=None)
    decided_at: datetime = Field(sa_type=Moment)
    posting_id: UUID | None = Field(default=None)
    late_id: UUID | None = Field(default=None)
    live: bool = Field(default=True)
    undone_by: UUID | None = Field(default=None)
    undone_at: datetime | None = Field(default=None, sa_type=Moment)


class PostedRow(OfficeTable, table=True):
    """A payout row that counts. The unique key is what makes a file, renamed, shuffled or split, count once.

    Where each transfer stands in the ledger is what its live rows say together.  A decision changes that by rows: decision_id put this one in,
    replaced_by took this one out; taking the decision back turns both around.
    """

    __table_args__ = (
        sa.Index(
            "uq_postedrow_live",
            "provider_id",
            "row_key",
            unique=True,
            sqlite_where=sa.text("live"),
            postgresql_where=sa.text("live"),
        ),
        *(
            sa.Index(
                f"ix_postedrow_{name}",
                name,
                sqlite_where=sa.text(f"{name} IS NOT NULL"),
                postgresql_where=sa.text(f"{name} IS NOT NULL"),
            )
            for name in ("decision_id", "replaced_by")
        ),
    )
    audited: ClassVar[bool] = False

    provider_id: UUID = Field(foreign_key="provider.id")
    file_id: UUID = Field(foreign_key="payoutfile.id", index=True)
    row_key: bytes
    instruction_id: UUID | None = Field(default=None)
    reference: str = Field(default="", max_length=80, index=True)
    provider_ref: str = Field(default="", max_length=80)
    outcome: Outcome = Field(sa_type=words(Outcome))
    amount_minor: int = Field(sa_type=sa.BigInteger)
    currency: str = Field(max_length=3)
    in_suspense: bool = Field(default=False)
    decision_id: UUID | None = Field(default=None)
    replaced_by: UUID | None = Field(default=None)
    live: bool = Field(default=True)


class LedgerPosting(OfficeTable, table=True):
    """A set of entries that sums to zero. Never changed; undone by another that reverses it. list_id: none where it is about several."""

    kind: PostingKind = Field(sa_type=words(PostingKind))
    file_id: UUID | None = Field(default=None, index=True)
    list_id: UUID | None = Field(default=None, index=True)
    reverses_id: UUID | None = Field(default=None, unique=True)
    made_by: UUID
    made_at: datetime = Field(sa_type=Moment)


class LedgerEntry(OfficeTable, table=True):
    """One line of the ledger, with all it can be summed by. Never changed, never removed. What it is summed by stands summed in LedgerSum."""

    audited: ClassVar[bool] = False

    posting_id: UUID = Field(foreign_key="ledgerposting.id", index=True)
    account: Account = Field(sa_type=words(Account))
    minor: int = Field(sa_type=sa.BigInteger)
    currency: str = Field(max_length=3)
    instruction_id: UUID | None = Field(default=None, index=True)
    list_id: UUID | None = Field(default=None)
    cycle_id: UUID | None = Field(default=None)
    grant_id: UUID | None = Field(default=None)
    budget_line_id: UUID | None = Field(default=None)
    provider_id: UUID | None = Field(default=None)
    finding_id: UUID | None = Field(default=None)


class LedgerSum(OfficeTable, table=True):
    """The entries of one posting summed by everything a statement asks for, written with them and like them never changed.

    A list of a million lines is a few of these. entries: how many lines of the ledger are in it.
    """

    audited: ClassVar[bool] = False

    posting_id: UUID = Field(foreign_key="ledgerposting.id", index=True)
    account: Account = Field(sa_type=words(Account))
    currency: str = Field(max_length=3)
    list_id: UUID | None = Field(default=None, index=True)
    cycle_id: UUID | None = Field(default=None)
    grant_id: UUID | None = Field(default=None)
    budget_line_id: UUID | None = Field(default=None)
    provider_id: UUID | None = Field(default=None)
    entries: int
    minor: int = Field(sa_type=sa.BigInteger)
