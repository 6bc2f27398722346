"""Amounts of one currency in another: exact until they are shown, and the rounding on a line of its own, so that a sum still foots."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from reconciliation.money import minor_digits

_RATE = re.compile(r"\d{1,10}(\.\d{1,10})?", re.ASCII)


class UnreadableRate(ValueError):
    """A text that is not an exact, positive rate."""


@dataclass(frozen=True, slots=True)
class Rounded:
    """Exact amounts as whole minor units. total: of the exact sum, rounded once; difference: what the rounded parts lack of it."""

    parts: tuple[int, ...]
    total: int

    @property
    def difference(self) -> int:
        """What stands on the line of its own: parts + difference = total."""
        return self.total - sum(self.parts)


def rate(text: str) -> Fraction:
    """Read how much of a currency one unit of another is worth: "141.25". Raises UnreadableRate for anything but a positive decimal."""
    typed = text.strip().replace(",", "")
    if not _RATE.fullmatch(typed) or not Fraction(typed):
        raise UnreadableRate(f"{text!r} is not a rate")
    return Fraction(typed)


def shown(for_one: Fraction) -> str:
    """A rate as it was typed, without zeros behind: its denominator holds only twos and fives."""
    digits = 0
    while (for_one * 10**digits).denominator != 1:
        digits += 1
    whole = str(int(for_one * 10**digits)).zfill(digits + 1)
    return f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole


def exchanged(minor: int, currency: str, for_one: Fraction, into: str) -> Fraction:
    """An amount in minor units of another currency, exact. for_one: so much of `currency` for one unit of `into`."""
    return Fraction(minor, 10 ** minor_digits(currency)) / for_one * Fraction(10 ** minor_digits(into))


def back(minor: int, into: str, for_one: Fraction, currency: str) -> Fraction:
    """The other way round: an amount of `into` in minor units of `currency`, exact."""
    return Fraction(minor, 10 ** minor_digits(into)) * for_one * Fraction(10 ** minor_digits(currency))


def rounded(exact: Fraction) -> int:
    """The nearest whole minor unit; halves go to the even one, so that what comes and goes rounds to the same and many small ones do not drift."""
    whole, rest = divmod(exact.numerator, exact.denominator)
    twice = 2 * rest
    return whole + (1 if twice > exact.denominator or (twice == exact.denominator and whole % 2) else 0)


def foot(parts: Sequence[Fraction]) -> Rounded:
    """Round each part and their sum; what the parts then lack of the sum is told, never hidden in one of them."""
    return Rounded(tuple(rounded(part) for part in parts), rounded(sum(parts, Fraction(0))))
