"""The closed list of what a comparison can find, and how each kind counts in money."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reconciliation.instruction import Instruction
from reconciliation.payout import Payout


class FindingKind(StrEnum):
    """Every instruction and every payout row lands in exactly one finding of one of these kinds."""

    PAID = "PAID"
    PAID_LESS = "PAID_LESS"
    PAID_MORE = "PAID_MORE"
    FAILED = "FAILED"
    RETURNED = "RETURNED"
    PAID_TWICE = "PAID_TWICE"
    PAID_BEFORE = "PAID_BEFORE"
    CONTRADICTS = "CONTRADICTS"
    WRONG_PAYEE = "WRONG_PAYEE"
    WRONG_CURRENCY = "WRONG_CURRENCY"
    NOT_INSTRUCTED = "NOT_INSTRUCTED"
    NOT_OURS = "NOT_OURS"
    MISSING = "MISSING"
    SUGGESTED = "SUGGESTED"
    UNREADABLE = "UNREADABLE"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a row was tied to an instruction, or what differs: said to a person beside its cell.

    key: the rung of the ladder ("reference", "provider_id", "token", "phone_and_amount", "name") or the differing field.
    approved, found: the two values compared; may be personal, so they are sealed or masked by whoever stores them.
    """

    key: str
    approved: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One story about one transfer, or about rows that belong to none.

    payouts: in row order.  also: further kinds that apply but rank lower.
    The four amounts are minor units of `currency`, as the table of kinds says: instructed = delivered + open.
    suspense: money paid that belongs to no open promise, in its own currency (`suspense_currency`).
    set_aside: paid amounts of PAID_BEFORE and CONTRADICTS.  points_at: rows a SUGGESTED finding suggests (they are counted as NOT_OURS).
    """

    kind: FindingKind
    instruction: Instruction | None
    payouts: tuple[Payout, ...] = ()
    also: tuple[FindingKind, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    currency: str = ""
    instructed_minor: int = 0
    delivered_minor: int = 0
    suspense_minor: int = 0
    suspense_currency: str = ""
    open_minor: int = 0
    set_aside_minor: int = 0
    points_at: tuple[Payout, ...] = ()
