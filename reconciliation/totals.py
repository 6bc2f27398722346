"""Checks the totals a provider states against the lines above them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reconciliation.amounts import AmountProblem, read_amount
from reconciliation.cells import at, cell_name, is_blank
from reconciliation.money import Money
from reconciliation.payout import Outcome, RowProblem
from reconciliation.vocabulary import Field

if TYPE_CHECKING:
    from reconciliation.profile import Located, Profile


@dataclass(slots=True)
class _Sums:
    everything: int = 0
    paid: int = 0
    returned: int = 0

    def add(self, outcome: Outcome, minor: int) -> None:
        """Count one row."""
        self.everything += minor
        self.paid += minor if outcome is Outcome.PAID else 0
        self.returned += minor if outcome is Outcome.RETURNED else 0

    def agrees(self, minor: int) -> bool:
        """Whether a total could mean these rows, with or without what failed or came back."""
        net = self.everything - self.returned
        return minor in {self.everything, self.paid, self.paid + self.returned, self.paid - self.returned, net, net - self.returned}


@dataclass(slots=True)
class Running:
    """The sums of the lines read so far: since the last total, and since the top of the sheet."""

    band: _Sums = field(default_factory=_Sums)
    whole: _Sums = field(default_factory=_Sums)
    currencies: set[str] = field(default_factory=set)
    unsure: bool = False

    def add_all(self, amounts: Iterable[Money | None], outcomes: Iterable[Outcome]) -> None:
        """Count lines, by their amounts and what happened to them."""
        for amount, outcome in zip(amounts, outcomes, strict=True):
            if amount is None:
                self.unsure = True
                continue
            self.currencies.add(amount.currency)
            self.band.add(outcome, amount.minor)
            self.whole.add(outcome, amount.minor)

    def check(self, place: Located, number: int, profile: Profile) -> list[RowProblem]:
        """A problem when a total row states another sum than its lines have; none when the lines could not all be read."""
        column = place.columns[Field.AMOUNT]
        value = at(place.sheet.rows[number - 1], column)
        band, self.band = self.band, _Sums()
        if is_blank(value) or self.unsure or len(self.currencies) != 1:
            return []
        cell = cell_name(number, column)
        try:
            stated = read_amount(value, profile.marks(), next(iter(self.currencies)))
        except AmountProblem as problem:
            return [RowProblem(place.sheet.name, cell, str(problem))]
        if band.agrees(abs(stated.minor)) or self.whole.agrees(abs(stated.minor)):
            return []
        return [
            RowProblem(
                place.sheet.name,
                cell,
                f"check the total: it says {_shown(stated)}, and the lines above it add up to {_shown(Money(self.whole.everything, stated.currency))}",
            )
        ]


def _shown(amount: Money) -> str:
    text = f"{amount.decimal():,}"
    whole, point, decimals = text.partition(".")
    return text if not point or decimals.strip("0") else whole
