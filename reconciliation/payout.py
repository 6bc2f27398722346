"""What a provider says it paid, one row at a time, and what was wrong with a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from reconciliation.money import Money


class Outcome(StrEnum):
    """What the provider says happened to one row; pending, expired and unclaimed are FAILED with that reason."""

    PAID = "paid"
    FAILED = "failed"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing a person must fix in an uploaded workbook.

    cell: as the spreadsheet shows it ("D17"), so it can be found without counting; "" for a whole sheet.
    fix: completes the sentence "You need to …"; never repeats a name, phone or ID from the row.
    """

    sheet: str
    cell: str
    fix: str

    def as_json(self) -> dict[str, str]:
        """The problem as JSON."""
        return {"sheet": self.sheet, "cell": self.cell, "fix": self.fix}

    def sentence(self) -> str:
        """The problem as one sentence, with its place."""
        place = " ".join(part for part in (self.sheet, self.cell) if part)
        return f"You need to {self.fix}" + (f" ({place})." if place else ".")


@dataclass(frozen=True, slots=True)
class Payout:
    """One row of a payout file, folded by its profile but not yet judged.

    amount: None when it could not be read; then `problems` says why.  Positive for a stated reversal too (outcome RETURNED).
    row: as the spreadsheet counts, from 1.  reason: one of our reason codes (`reconciliation.reasons`), raw_reason the provider's words.
    """

    reference: str
    amount: Money | None
    outcome: Outcome
    sheet: str
    row: int
    provider_id: str = ""
    name: str = ""
    phone: str = ""
    account: str = ""
    token: str = ""
    narrative: str = ""
    date: str = ""
    reason: str = ""
    raw_reason: str = ""
    problems: tuple[RowProblem, ...] = field(default=())
