"""Money around the payment and the end of a list: fees, advances and refunds as entered and confirmed, and what was decided at closing."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from cbi.store.bases import Moment, OfficeTable, sealed_field, words


class MoneyKind(StrEnum):
    """What moved beside the payments themselves."""

    FEE = "fee"
    ADVANCE = "advance"
    GIVEN_BACK = "given_back"
    TO_DONOR = "to_donor"


class OpenLine(StrEnum):
    """What can be open at closing: the lines of a statement that are not paid in full, and money in suspense."""

    PAID_IN_PART = "paid_in_part"
    FAILED = "failed"
    RETURNED = "returned"
    WITH_THE_WRONG_HAND = "wrong_hand"
    WAITING_FOR_AN_ANSWER = "waiting"
    MISSING = "missing"
    SUSPENSE = "suspense"


class Ending(StrEnum):
    """What becomes of an open line when its list is closed."""

    INSTRUCT_AGAIN = "instruct_again"
    CANCEL = "cancel"
    CARRY_OVER = "carry_over"
    ASK_BACK = "ask_back"


class MoneyEntry(OfficeTable, table=True):
    """Money entered by one person and, once another confirmed it, in the ledger. Never changed after that; put right by one that reverses it.

    day: when the money moved, by the document.  document: its number at the bank or the provider, never a person's name or account.
    """

    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
        sa.CheckConstraint("confirmed_by IS NULL OR confirmed_by <> entered_by", name="confirmed_by_another"),
        sa.CheckConstraint("(posting_id IS NULL) = (confirmed_by IS NULL)", name="posted_is_confirmed"),
        sa.CheckConstraint("posting_id IS NULL OR dropped_at IS NULL", name="posted_or_dropped"),
        sa.Index(
            "uq_moneyentry_reverses",
            "operation_id",
            "reverses_id",
            unique=True,
            sqlite_where=sa.text("dropped_at IS NULL"),
            postgresql_where=sa.text("dropped_at IS NULL"),
        ),
    )

    kind: MoneyKind = Field(sa_type=words(MoneyKind))
    provider_id: UUID | None = Field(default=None, foreign_key="provider.id", index=True)
    list_id: UUID | None = Field(default=None, foreign_key="paymentlist.id", index=True)
    budget_line_id: UUID = Field(foreign_key="budgetline.id", index=True)
    amount_minor: int = Field(sa_type=sa.BigInteger)
    currency: str = Field(max_length=3)
    day: date
    document: str = Field(max_length=40)
    reverses_id: UUID | None = Field(default=None, foreign_key="moneyentry.id")
    entered_by: UUID
    entered_at: datetime = Field(sa_type=Moment)
    confirmed_by: UUID | None = Field(default=None)
    confirmed_at: datetime | None = Field(default=None, sa_type=Moment)
    dropped_by: UUID | None = Field(default=None)
    dropped_at: datetime | None = Field(default=None, sa_type=Moment)
    posting_id: UUID | None = Field(default=None, foreign_key="ledgerposting.id")


class Closing(OfficeTable, table=True):
    """A list was closed, by somebody who had decided none of its lines. number: 1, and more when later results had to be settled again."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "list_id", "number"),)

    list_id: UUID = Field(foreign_key="paymentlist.id", index=True)
    number: int
    closed_by: UUID
    closed_at: datetime = Field(sa_type=Moment)
    posting_id: UUID | None = Field(default=None, foreign_key="ledgerposting.id")


class CycleClosing(OfficeTable, table=True):
    """A cycle was closed: what everyone was due is accounted for, in minor units of its currency."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "cycle_id"),)
    subject: ClassVar[str] = "cycle_id"

    cycle_id: UUID = Field(foreign_key="cycle.id", index=True)
    entitled_minor: int = Field(sa_type=sa.BigInteger)
    paid_minor: int = Field(sa_type=sa.BigInteger)
    cancelled_minor: int = Field(sa_type=sa.BigInteger)
    left_minor: int = Field(sa_type=sa.BigInteger)
    currency: str = Field(max_length=3)
    reason: bytes | None = sealed_field(nullable=True)
    closed_by: UUID
    closed_at: datetime = Field(sa_type=Moment)


class EndingDecision(OfficeTable, table=True):
    """What a named person decided about one open line of a list: for so many transfers of so much, as they stood then."""

    __table_args__ = (
        sa.Index(
            "uq_endingdecision_pending",
            "operation_id",
            "list_id",
            "line",
            "currency",
            unique=True,
            sqlite_where=sa.text("closing_id IS NULL"),
            postgresql_where=sa.text("closing_id IS NULL"),
        ),
    )
    subject: ClassVar[str] = "list_id"

    list_id: UUID = Field(foreign_key="paymentlist.id", index=True)
    line: OpenLine = Field(sa_type=words(OpenLine))
    currency: str = Field(max_length=3)
    ending: Ending = Field(sa_type=words(Ending))
    reason: bytes | None = sealed_field(nullable=True)
    count: int
    minor: int = Field(sa_type=sa.BigInteger)
    decided_by: UUID
    decided_at: datetime = Field(sa_type=Moment)
    closing_id: UUID | None = Field(default=None, foreign_key="closing.id", index=True)
