"""Exact money: whole minor units and a currency, never a float."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from babel.core import get_global

_AMOUNT = re.compile(r"-?(\d{1,12}|\d{1,3}(,\d{3}){1,3})(\.\d{1,4})?", re.ASCII)


class UnreadableAmount(ValueError):
    """A text that is not an exact amount of its currency."""


class UnknownCurrency(ValueError):
    """A code that ISO 4217 does not list."""


class MixedCurrencies(ValueError):
    """Two currencies met in one sum; amounts are only ever added within a currency."""


@lru_cache(maxsize=256)
def minor_digits(currency: str) -> int:
    """How many decimals the currency has: UGX 0, USD 2, JOD 3 (CLDR). Raises UnknownCurrency."""
    if currency not in get_global("all_currencies"):
        raise UnknownCurrency(f"{currency!r} is not an ISO 4217 code")
    fractions = get_global("currency_fractions")
    return int(fractions.get(currency, fractions["DEFAULT"])[0])


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An exact amount of one currency.

    minor: whole minor units (fils, cents), negative when money comes back.
    currency: an ISO 4217 code.
    """

    minor: int
    currency: str

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read canonical text: "1,250.500" JOD is 1250500 fils. Digits and marks were folded by the profile.

        Raises UnreadableAmount for text that is not a number, and for more decimals
        than the currency has: rounding here would change what a person is paid.
        """
        if not _AMOUNT.fullmatch(text):
            raise UnreadableAmount(f"{text!r} is not an amount")
        minor = Decimal(text.replace(",", "")).scaleb(minor_digits(currency))
        if minor != minor.to_integral_value():
            raise UnreadableAmount(f"{text!r} has too many decimals for {currency}")
        return cls(int(minor), currency)

    def __add__(self, other: Money) -> Money:
        """The sum, when both are of one currency. Raises MixedCurrencies."""
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        """The difference, when both are of one currency. Raises MixedCurrencies."""
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def decimal(self) -> Decimal:
        """The amount in major units with the currency's own decimals: Decimal("1250.500")."""
        return Decimal(self.minor).scaleb(-minor_digits(self.currency))

    def __str__(self) -> str:
        return f"{self.currency} {self.decimal():,}"

    def split(self, parts: int) -> list[Money]:
        """Equal parts that sum to the whole; the first ones carry the odd minor units."""
        each, odd = divmod(self.minor, parts)
        return [Money(each + (1 if place < odd else 0), self.currency) for place in range(parts)]

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise MixedCurrencies(f"{self.currency} and {other.currency} cannot be added")
        return other.minor


def summed(amounts: Sequence[Money]) -> dict[str, tuple[int, int]]:
    """How many amounts there are of each currency, and their sum in minor units. Of very many most are the same object: each is added once."""
    counts = Counter(map(id, amounts))
    sums: dict[str, tuple[int, int]] = {}
    for amount in dict(zip(map(id, amounts), amounts, strict=True)).values():
        times, (count, minor) = counts[id(amount)], sums.get(amount.currency, (0, 0))
        sums[amount.currency] = count + times, minor + times * amount.minor
    return sums
