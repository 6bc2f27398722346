"""What a household is due: base + per member up to a limit, at most a ceiling. One place, exact, and able to show its arithmetic."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """How one amount came about. counted: the members that were counted, `members` at most the limit; capped: the ceiling cut it."""

    base_minor: int
    per_member_minor: int
    members: int
    counted: int
    amount_minor: int
    capped: bool


@dataclass(frozen=True, slots=True)
class Formula:
    """The rule of one cycle, in whole minor units of one currency. basket_minor: the minimum expenditure basket, 0 when unknown."""

    base_minor: int
    per_member_minor: int
    member_limit: int
    ceiling_minor: int
    currency: str
    basket_minor: int = 0

    def for_members(self, members: int) -> Arithmetic:
        """What a household of so many people is due, with its arithmetic."""
        counted = min(members, self.member_limit)
        full = self.base_minor + self.per_member_minor * counted
        return Arithmetic(
            self.base_minor, self.per_member_minor, members, counted, min(full, self.ceiling_minor), full > self.ceiling_minor
        )

    def amount(self, members: int) -> int:
        """What a household of so many people is due, in minor units."""
        return self.for_members(members).amount_minor
