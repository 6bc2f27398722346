"""What a household is due, on which list it stands, who let it through, and how it wishes to receive."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

import cbi.transfers.tables_enrolment
import cbi.transfers.tables_files
import cbi.transfers.tables_lives
import cbi.transfers.tables_work  # noqa: F401 -- whoever asks for the tables of transfers gets all of them
from cbi.store.bases import Moment, OfficeTable, sealed_field, words


class Mechanism(StrEnum):
    """How money reaches a person."""

    CASH_AGENT = "cash_agent"
    MOBILE_MONEY = "mobile_money"
    BANK = "bank"
    CARD = "card"
    VOUCHER = "voucher"


class CycleStatus(StrEnum):
    """A cycle's life: rules may change until it is frozen."""

    DRAFT = "draft"
    FROZEN = "frozen"
    CLOSED = "closed"


class ListStatus(StrEnum):
    """A payment list's life."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RELEASED = "released"
    CLOSED = "closed"
    SENT_BACK = "sent_back"


class LeftOutReason(StrEnum):
    """Why a household of the programme's sites is due nothing in a cycle; office reasons only."""

    CONSENT = "consent"
    REVIEW = "review"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    COUNTED = "counted"
    ACCOUNT = "account"
    NOT_ENROLLED = "not_enrolled"


class ArrangementKind(StrEnum):
    """What an arrangement changes; the same list for every household and every origin."""

    SITE = "site"
    DAY = "day"
    MECHANISM = "mechanism"
    COLLECTOR = "collector"
    RECIPIENT = "recipient"
    SHARES = "shares"
    PARTS = "parts"
    MESSAGES = "messages"
    KEEP = "keep"
    HELP = "help"


class Grant(OfficeTable, table=True):
    """Money from a donor. kept_until: the last day its records must be kept, as the agreement says; None while nobody entered it."""

    __tablename__ = "donor_grant"
    __table_args__ = (sa.UniqueConstraint("operation_id", "code"),)

    code: str = Field(max_length=20)
    donor: str = Field(max_length=80)
    title: str = Field(max_length=120)
    currency: str = Field(max_length=3)
    kept_until: date | None = Field(default=None)


class BudgetLine(OfficeTable, table=True):
    """A line of a grant's budget."""

    __table_args__ = (
        sa.UniqueConstraint("operation_id", "grant_id", "code"),
        sa.CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
    )

    grant_id: UUID = Field(foreign_key="donor_grant.id", index=True)
    code: str = Field(max_length=20)
    title: str = Field(max_length=120)
    amount_minor: int = Field(sa_type=sa.BigInteger)
    currency: str = Field(max_length=3)


class ExchangeRate(OfficeTable, table=True):
    """What one unit of a grant's currency was worth in another, from a day on. Never changed: the last one entered for a day counts.

    rate: exact decimal text, so much of `currency` for one of the grant's: "141.25".  source: where it was read, for example the bank's advice.
    """

    __table_args__ = (sa.UniqueConstraint("operation_id", "grant_id", "currency", "day", "number"),)
    subject: ClassVar[str] = "grant_id"

    grant_id: UUID = Field(foreign_key="donor_grant.id", index=True)
    currency: str = Field(max_length=3)
    day: date
    number: int
    rate: str = Field(max_length=24)
    source: bytes | None = sealed_field(nullable=True)
    entered_by: UUID
    entered_at: datetime = Field(sa_type=Moment)


class Provider(OfficeTable, table=True):
    """Who pays people out. columns: JSON column map of the file it receives: [["Reference", "reference"], …]."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "code"),)

    code: str = Field(max_length=20)
    name: str = Field(max_length=80)
    mechanism: Mechanism = Field(sa_type=words(Mechanism))
    columns: str = Field(sa_type=sa.Text)


class Programme(OfficeTable, table=True):
    """A programme with a sector outcome; cash is its modality, never its sector."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "code"),)

    code: str = Field(max_length=20)
    name: str = Field(max_length=120)
    sector: str = Field(max_length=60)
    outcome: str = Field(max_length=200)
    indicator: str = Field(max_length=200)
    assistance: str = Field(max_length=200)
    grant_id: UUID = Field(foreign_key="donor_grant.id", index=True)
    currency: str = Field(max_length=3)
    protection_signed_on: date | None = Field(default=None)


class ProgrammeSite(OfficeTable, table=True):
    """A site a programme works at, and the mechanism planned there."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "programme_id", "site_id"),)

    programme_id: UUID = Field(foreign_key="programme.id", index=True)
    site_id: UUID = Field(foreign_key="site.id", index=True)
    provider_id: UUID = Field(foreign_key="provider.id", index=True)


class Cycle(OfficeTable, table=True):
    """One round of transfers with its entitlement formula.

    Amount = base + per_member × min(members, member_limit), at most ceiling (all minor units of `currency`).
    basket_minor: the minimum expenditure basket the share is told against; 0 when unknown.
    rule_id: the version of the programme's rule it was frozen with; None when there was none.
    """

    __table_args__ = (
        sa.UniqueConstraint("operation_id", "programme_id", "number"),
        sa.CheckConstraint("base_minor >= 0 AND per_member_minor >= 0 AND ceiling_minor >= base_minor", name="formula_sound"),
    )

    programme_id: UUID = Field(foreign_key="programme.id", index=True)
    number: int
    name: str = Field(max_length=80)
    starts_on: date
    ends_on: date
    submit_on: date
    currency: str = Field(max_length=3)
    base_minor: int = Field(sa_type=sa.BigInteger)
    per_member_minor: int = Field(sa_type=sa.BigInteger)
    member_limit: int
    ceiling_minor: int = Field(sa_type=sa.BigInteger)
    basket_minor: int = Field(default=0, sa_type=sa.BigInteger)
    budget_line_id: UUID = Field(foreign_key="budgetline.id")
    rule_id: UUID | None = Field(default=None, foreign_key="enrolmentrule.id")
    status: CycleStatus = Field(default=CycleStatus.DRAFT, sa_type=words(CycleStatus))
    frozen_by: UUID | None = Field(default=None)
    frozen_at: datetime | None = Field(default=None, sa_type=Moment)


class Entitlement(OfficeTable, table=True):
    """What a household is due in a cycle. members: as counted when computed, so that the arithmetic can be shown."""

    __table_args__ = (
        sa.UniqueConstraint("operation_id", "cycle_id", "household_id"),
        sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
    )

    cycle_id: UUID = Field(foreign_key="cycle.id", index=True)
    household_id: UUID = Field(foreign_key="household.id", index=True)
    members: int
    amount_minor: int = Field(sa_type=sa.BigInteger)
    currency: str = Field(max_length=3)


class LeftOut(OfficeTable, table=True):
    """A household that was looked at for a cycle and is due nothing, with the reason, so that nobody vanishes in silence."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "cycle_id", "household_id"),)

    cycle_id: UUID = Field(foreign_key="cycle.id", index=True)
    household_id: UUID = Field(foreign_key="household.id", index=True)
    reason: LeftOutReason = Field(sa_type=words(LeftOutReason))


class PaymentList(OfficeTable, table=True):
    """Instructions to one provider that are approved and released as one.

    columns: the provider's column map, or the template that was chosen for it, as it was when the lines were made, so that the same list always
    exports the same bytes.  reissue: its lines take the place of lines that did not arrive.
    hash: SHA-256 over every line in order, set at submission; any change sets it anew and voids approvals.
    export_digest: SHA-256 of the file the provider receives, set at release.
    """

    __table_args__ = (
        sa.UniqueConstraint("operation_id", "reference"),
        sa.CheckConstraint("status NOT IN ('submitted', 'approved', 'released', 'closed') OR hash IS NOT NULL", name="submitted_is_hashed"),
        sa.CheckConstraint(
            "status NOT IN ('released', 'closed') OR (released_by IS NOT NULL AND export_digest IS NOT NULL)", name="released_is_exported"
        ),
        sa.CheckConstraint("released_by IS NULL OR released_by <> prepared_by", name="released_by_another"),
    )

    reference: str = Field(max_length=20)
    cycle_id: UUID = Field(foreign_key="cycle.id", index=True)
    provider_id: UUID = Field(foreign_key="provider.id", index=True)
    status: ListStatus = Field(default=ListStatus.DRAFT, sa_type=words(ListStatus), index=True)
    count: int = Field(default=0)
    total_minor: int = Field(default=0, sa_type=sa.BigInteger)
    currency: str = Field(max_length=3)
    columns: str = Field(default="[]", sa_type=sa.Text)
    reissue: bool = Field(default=False)
    hash: bytes | None = Field(default=None)
    export_digest: bytes | None = Field(default=None)
    prepared_by: UUID
    prepared_at: datetime = Field(sa_type=Moment)
    submitted_by: UUID | None = Field(default=None)
    submitted_at: datetime | None = Field(default=None, sa_type=Moment)
    released_by: UUID | None = Field(default=None)
    released_at: datetime | None = Field(default=None, sa_type=Moment)
    sent_back_reason: bytes | None = sealed_field(nullable=True)


class Approval(OfficeTable, table=True):
    """One person let one exact list through: hash, count and sum as they were then."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "list_id", "approver_id", "hash"),)

    list_id: UUID = Field(foreign_key="paymentlist.id", index=True)
    approver_id: UUID
    hash: bytes
    count: int
    total_minor: int = Field(sa_type=sa.BigInteger)
    currency: str = Field(max_length=3)
    at: datetime = Field(sa_type=Moment)


class PayeeEditor(OfficeTable, table=True):
    """Somebody who last entered the account of a household on this list: they neither approve nor release it."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "list_id", "staff_id"),)

    list_id: UUID = Field(foreign_key="paymentlist.id", index=True)
    staff_id: UUID


class Instruction(OfficeTable, table=True):
    """One line the provider receives. live: the one promise in flight for its entitlement (at most one per part, kept by the database).

    payee_digest: keyed, over name, phone and account, so that a changed payee shows without opening it.
    share_of: of an adult who is paid a share of their own, keyed, so that what fails is asked for again for nobody else; else None.
    settled_minor: of a line that is live no more, what had arrived when it was replaced; that much of the entitlement is never due again.
    replaces_id: the line whose open amount this one asks for again; a line is replaced once, kept by the database.
    """

    __table_args__ = (
        sa.UniqueConstraint("operation_id", "reference"),
        sa.UniqueConstraint("operation_id", "list_id", "position"),
        sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
        sa.CheckConstraint("settled_minor >= 0 AND settled_minor < amount_minor", name="settled_within"),
        sa.CheckConstraint("settled_minor = 0 OR NOT live", name="settled_is_over"),
        sa.Index(
            "ix_instruction_resting",
            "list_id",
            sqlite_where=sa.text("live IS 0"),
            postgresql_where=sa.text("live IS false"),
        ),
        sa.Index("uq_instruction_replaces", "operation_id", "replaces_id", unique=True),
        sa.Index(
            "uq_instruction_live",
            "operation_id",
            "entitlement_id",
            "part",
            unique=True,
            sqlite_where=sa.text("live"),
            postgresql_where=sa.text("live"),
        ),
    )
    subject: ClassVar[str] = "household_id"

    list_id: UUID = Field(foreign_key="paymentlist.id", index=True)
    entitlement_id: UUID = Field(foreign_key="entitlement.id", index=True)
    household_id: UUID = Field(foreign_key="household.id", index=True)
    site_id: UUID = Field(foreign_key="site.id", index=True)
    budget_line_id: UUID = Field(foreign_key="budgetline.id")
    position: int
    part: int = Field(default=1)
    reference: str = Field(max_length=20)
    amount_minor: int = Field(sa_type=sa.BigInteger)
    currency: str = Field(max_length=3)
    token: str = Field(default="", max_length=20)
    payee_name: bytes = sealed_field()
    payee_phone: bytes | None = sealed_field(nullable=True)
    payee_account: bytes | None = sealed_field(nullable=True)
    payee_digest: bytes
    share_of: bytes | None = Field(default=None)
    live: bool = Field(default=True)
    settled_minor: int = Field(default=0, sa_type=sa.BigInteger)
    replaces_id: UUID | None = Field(default=None, foreign_key="instruction.id")


class ArrangementRequest(OfficeTable, table=True):
    """A wish in the inbox that no page shows: sealed and of one length, whoever asked. Gone when it is published."""

    audited: ClassVar[bool] = False
    subject: ClassVar[str] = "household_id"

    household_id: UUID = Field(foreign_key="household.id", index=True)
    body: bytes = sealed_field()


class Arrangement(OfficeTable, table=True):
    """How a household receives, from a publication on. value: sealed; staff: sealed, of one length for every origin.

    digest: of a named collector, keyed, by which one who collects for many is met again; else None.
    """

    __table_args__ = (
        sa.Index("ix_arrangement_current", "operation_id", "household_id", "kind"),
        sa.Index(
            "uq_arrangement_current",
            "operation_id",
            "household_id",
            "kind",
            unique=True,
            sqlite_where=sa.text("current"),
            postgresql_where=sa.text("current"),
        ),
    )
    subject: ClassVar[str] = "household_id"

    household_id: UUID = Field(foreign_key="household.id", index=True)
    kind: ArrangementKind = Field(sa_type=words(ArrangementKind))
    value: bytes = sealed_field()
    staff: bytes = sealed_field()
    published_on: date
    publication_id: UUID = Field(foreign_key="publication.id", index=True)
    replaces_id: UUID | None = Field(default=None)
    current: bool = Field(default=True)
    confirmed_by: UUID | None = Field(default=None)
    digest: bytes | None = Field(default=None, index=True)


class Publication(OfficeTable, table=True):
    """A moment at which the inbox was emptied into arrangements; recorded also when it was empty.

    number: counts publications from 1.  slot: "12:00", "18:00", or "now" at the manager's word.
    """

    __table_args__ = (
        sa.UniqueConstraint("operation_id", "number"),
        sa.Index(
            "uq_publication_hour",
            "operation_id",
            "day",
            "slot",
            unique=True,
            sqlite_where=sa.text("slot <> 'now'"),
            postgresql_where=sa.text("slot <> 'now'"),
        ),
        sa.CheckConstraint("count >= 0", name="count_not_negative"),
    )

    number: int
    day: date
    slot: str = Field(max_length=5)
    count: int
