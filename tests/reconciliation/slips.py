"""Short ways to write an instruction and a row in a test."""

from __future__ import annotations

from typing import Any

from reconciliation.findings import Finding, FindingKind
from reconciliation.identity import Earlier, row_keys
from reconciliation.instruction import Instruction
from reconciliation.money import Money
from reconciliation.payout import Outcome, Payout


def kes(minor: int) -> Money:
    """So many cents of a shilling."""
    return Money(minor, "KES")


def asked(reference: str = "T-0007", minor: int = 5000, **more: str) -> Instruction:
    """An instruction, of KES 50.00 unless said otherwise."""
    return Instruction(reference, kes(minor), **more)


def said(reference: str = "T-0007", minor: int | None = 5000, *, row: int = 2, currency: str = "KES", **more: Any) -> Payout:
    """A row that says KES 50.00 were paid, unless said otherwise."""
    amount = None if minor is None else Money(minor, currency)
    return Payout(reference, amount, more.pop("outcome", Outcome.PAID), "Payouts", row, **more)


def failed(reference: str = "T-0007", minor: int | None = 5000, **more: Any) -> Payout:
    """A row that says the payment failed."""
    return said(reference, minor, outcome=Outcome.FAILED, **more)


def returned(reference: str = "T-0007", minor: int | None = 5000, **more: Any) -> Payout:
    """A row that says the payment came back."""
    return said(reference, minor, outcome=Outcome.RETURNED, **more)


SUSPENDED = {FindingKind.WRONG_PAYEE, FindingKind.WRONG_CURRENCY, FindingKind.NOT_OURS, FindingKind.NOT_INSTRUCTED}
UNPOSTED = {FindingKind.UNREADABLE, FindingKind.CONTRADICTS}


def posted(findings: list[Finding], paid: list[Payout], turn: int = 1) -> list[Earlier]:
    """What an office keeps of a posted file, the turn-th of them: each new row once, with where its money went."""
    keys = {(row.sheet, row.row): key for row, key in zip(paid, row_keys(paid), strict=True)}
    kept = []
    for finding in findings:
        if finding.kind in UNPOSTED:
            continue
        skipped = [*finding.copies, *finding.repeated]
        for row in finding.payouts:
            if row in skipped:
                continue
            reference = finding.instruction.reference if finding.instruction else row.reference
            in_suspense = finding.kind in SUSPENDED
            key = keys[row.sheet, row.row]
            kept.append(Earlier(reference, row.outcome, row.amount or kes(0), row.provider_id, key, in_suspense=in_suspense, turn=turn))
    return kept
