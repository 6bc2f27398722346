"""A rule from TOML or JSON, with everything that is wrong in it told at once."""

from __future__ import annotations

import json
import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from cbi.people.tables import PopulationGroup, Sex
from cbi.transfers.rules import NAMED, Block, Condition, Due, Needs, Part, Rule, Way, What
from cbi.transfers.rules_check import Mistake, check, where_way
from cbi.web.words import _
from reconciliation.money import Money, UnknownCurrency, UnreadableAmount, minor_digits

LARGEST_COUNT, MOST_POINTS, MOST_WAYS, MOST_CONDITIONS, LONGEST = 150, 100, 12, 10, 300
_LARGEST_MINOR = 10**15
_WORDS: dict[What, frozenset[str]] = {What.GROUP: frozenset(PopulationGroup), What.HEAD_SEX: frozenset(Sex)}
_ABOUT_RULE = ("reason", "currency", "must", "way", "due", "terms")
_T = TypeVar("_T", bound=StrEnum)
Table = Mapping[str, Any]  # Any: whatever stood in the file


class NotSound(Exception):
    """A rule that cannot be used; mistakes: all of them."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("; ".join(f"{one.where}: {one.fix}" for one in mistakes))
        self.mistakes = tuple(mistakes)


def read(text: str, places: Mapping[str, str]) -> Rule:
    """The rule a text says, checked. places: the programme's sites, P-code by code; none to leave places unchecked. Raises NotSound."""
    return read_table(_table(text), places)


def kept(text: str) -> Rule:
    """A rule as it was kept. Whether it can be meant was asked when it was written, and may have been asked less strictly."""
    return _Reader().rule(_table(text))


def read_table(table: Table, places: Mapping[str, str]) -> Rule:
    """The same from tables and lists, as a form gives them. Raises NotSound."""
    reader = _Reader()
    rule = reader.rule(table)
    mistakes = [*reader.mistakes, *(check(rule, places) if not reader.broken else ())]
    if mistakes:
        raise NotSound(mistakes)
    return rule


def _table(text: str) -> Table:
    try:
        found = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (ValueError, RecursionError) as wrong:  # a plain ValueError: a number of more digits than are read
        said = wrong.msg if isinstance(wrong, json.JSONDecodeError) else str(wrong).partition(";")[0]
        raise NotSound([Mistake(_("the text"), _("write it so that it can be read: %(said)s", said=said))]) from wrong
    return found if isinstance(found, dict) else {}


@dataclass
class _Reader:
    """Reads on after each mistake. broken: a part is missing so that the whole cannot be judged."""

    mistakes: list[Mistake] = field(default_factory=list)
    broken: bool = False

    def wrong(self, where: str, fix: str) -> None:
        """Note a mistake that leaves a part unread."""
        self.mistakes.append(Mistake(where, fix))
        self.broken = True

    def rule(self, table: Table) -> Rule:
        """Everything; what cannot be read is left out and noted."""
        self.only(table, _ABOUT_RULE, _("the rule"))
        currency = self.currency(table.get("currency"))
        ways = self.tables(table.get("way"), _("the ways"), MOST_WAYS)
        if not ways:
            self.wrong(_("the ways"), _("write at least one way to be let in"))
        must = table.get("must")
        terms = self.one(table.get("terms", {}), _("the terms"))
        self.only(terms, ("waits_for", "host_percent"), _("the terms"))
        return Rule(
            reason=self.reason(table, _("the rule")),
            currency=currency,
            ways=tuple(self.way(one, number) for number, one in enumerate(ways, start=1)),
            due=self.due(self.one(table.get("due"), _("what is due")), currency),
            must=None if must is None else self.way({**self.one(must, where_way(None)), "needs": "all"}, None),
            blocks=frozenset(self.words(terms.get("waits_for", []), Block, _("the terms"))),
            host_percent=None if terms.get("host_percent") is None else self.whole(terms["host_percent"], 0, 100, _("the agreed shares")),
        )

    def way(self, table: Table, number: int | None) -> Way:
        """One way, or what everyone must meet."""
        where = where_way(number)
        self.only(table, ("reason", "needs", "points", "when"), where)
        needs = next(iter(self.words([table.get("needs", "all")], Needs, where)), Needs.ALL)
        when = self.tables(table.get("when", []), where, MOST_CONDITIONS)
        if not when and (number is None or needs is not Needs.ALL):
            self.wrong(where, _("add at least one condition"))
        points = self.whole(table.get("points"), 1, MOST_POINTS * MOST_CONDITIONS, where) if needs is Needs.POINTS else 0
        conditions = [self.condition(one, where_way(number, place), needs) for place, one in enumerate(when, start=1)]
        return Way(self.reason(table, where), needs, tuple(filter(None, conditions)), points)

    def condition(self, table: Table, where: str, needs: Needs) -> Condition | None:
        """One condition, or None where it cannot be read."""
        self.only(table, ("what", "at_least", "at_most", "among", "points"), where)
        what = next(iter(self.words([table.get("what", "")], What, where)), None)
        if what is None:
            return None
        points = self.whole(table.get("points"), 1, MOST_POINTS, where) if needs is Needs.POINTS else 0
        if what in NAMED:
            return Condition(what, among=self.among(table, what, where), points=points)
        low, high = (self.bound(table, name, where) for name in ("at_least", "at_most"))
        if table.get("among"):
            self.wrong(where, _("write a number here, at least or at most"))
        if low is None and high is None:
            self.wrong(where, _("write at least, at most, or both, for example at least 1"))
        if low is not None and high is not None and low > high:
            self.wrong(where, _("write at most a number that is not below at least"))
        if what is What.DIFFICULTY and (high is not None or low == 0):
            self.wrong(where, _("write only at least 1 or more: the six questions may let people in, and never keep anybody out"))
        return Condition(what, low, high, points=points)

    def among(self, table: Table, what: What, where: str) -> tuple[str, ...]:
        """The words a condition looks for."""
        named = table.get("among")
        named = [named] if isinstance(named, str) else named
        if not isinstance(named, list) or not named or not all(isinstance(one, str) and one.strip() for one in named):
            self.wrong(where, _("name at least one, for example displaced"))
            return ()
        if table.get("at_least") is not None or table.get("at_most") is not None:
            self.wrong(where, _("leave the numbers empty here"))
        found = tuple(dict.fromkeys(one.strip() for one in named))
        known = _WORDS.get(what)
        if known and not set(found) <= known:
            self.wrong(where, _("choose among: %(words)s", words=", ".join(sorted(known))))
        return found

    def due(self, table: Table, currency: str) -> Due:
        """What an enrolled household is due."""
        where = _("what is due")
        self.only(table, ("base", "base_percent", "per_member", "per_member_percent", "members_at_most", "at_most", "basket"), where)
        basket = self.money(table.get("basket", "0"), currency, where)
        base, each = (self.part(table, name, currency, basket) for name in ("base", "per_member"))
        limit = self.whole(table.get("members_at_most", 0), 0, 50, where)
        ceiling = self.money(table.get("at_most"), currency, where)
        if base.of(basket) + each.of(basket) * min(1, limit) <= 0:
            self.wrong(where, _("write a base, or an amount for each member counted, of more than zero"))
        if ceiling < base.of(basket):
            self.wrong(where, _("write an upper limit of at least the base amount"))
        return Due(base, each, limit, ceiling, basket)

    def part(self, table: Table, name: str, currency: str, basket: int) -> Part:
        """An amount, or whole percent of the basket that come to whole minor units."""
        where, share = _("what is due"), table.get(f"{name}_percent")
        if share is None:
            return Part(self.money(table.get(name, "0"), currency, where))
        if table.get(name) is not None:
            self.wrong(where, _("write an amount or a share of the basket, not both"))
        percent = self.whole(share, 1, 100, where)
        if not basket:
            self.wrong(where, _("write what the minimum expenditure basket costs, when a share of it is due"))
        if basket * percent % 100:
            self.wrong(where, _("write a share, or a basket, that comes to a whole amount: nothing is rounded"))
        return Part(percent=percent)

    def money(self, text: object, currency: str, where: str) -> int:
        """An exact amount in minor units. Numbers are taken as text, so that nothing is rounded on the way."""
        try:
            minor = Money.parse(text.strip(), currency).minor if isinstance(text, str) else Money.parse(str(_whole(text)), currency).minor
        except (UnreadableAmount, UnknownCurrency, TypeError):
            minor = -1
        if not 0 <= minor < _LARGEST_MINOR:
            self.wrong(where, _("write each amount in quotation marks with the decimals of the currency, for example 4500.00"))
            return 0
        return minor

    def currency(self, code: object) -> str:
        """A currency the program knows."""
        try:
            code = code if isinstance(code, str) else ""
            minor_digits(code)
        except UnknownCurrency:
            self.wrong(_("the rule"), _("enter the currency by its three letters, for example KES"))
            return "USD"
        return code

    def reason(self, table: Table, where: str) -> str:
        """Why; never left out, for every result is explained with it."""
        text = table.get("reason")
        if not isinstance(text, str) or not text.strip():
            self.mistakes.append(Mistake(where, _("say why, for example: families with small children eat less in the lean season")))
            return ""
        if len(text) > LONGEST:
            self.mistakes.append(Mistake(where, _("say why in at most %(most)s characters", most=LONGEST)))
        return " ".join("".join(" " if unicodedata.category(one) == "Cc" else one for one in text).split())

    def bound(self, table: Table, name: str, where: str) -> int | None:
        """At least or at most so many, or None."""
        return None if table.get(name) is None else self.whole(table[name], 0, LARGEST_COUNT, where)

    def whole(self, value: object, low: int, high: int, where: str) -> int:
        """A whole number in its range."""
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.wrong(where, _("enter a whole number from %(low)s to %(high)s", low=low, high=high))
            return low
        return value

    def words(self, named: object, kind: Callable[[str], _T], where: str) -> list[_T]:
        """Words of a closed list."""
        every = list(kind)  # type: ignore[call-overload]  # an enumeration is its own list
        known = {str(one): one for one in every}
        if not isinstance(named, list) or not all(isinstance(one, str) and one in known for one in named):
            self.wrong(where, _("choose among: %(words)s", words=", ".join(known)))
            return []
        return [known[one] for one in named]

    def tables(self, value: object, where: str, most: int) -> list[Table]:
        """A list of tables, not too long."""
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.wrong(where, _("write each one as a part of its own, as the example shows"))
            return []
        if len(value) > most:
            self.wrong(where, _("write at most %(most)s of them", most=most))
        return value[:most]

    def one(self, value: object, where: str) -> Table:
        """A table."""
        if isinstance(value, dict):
            return value
        self.wrong(where, _("write this part, as the example shows"))
        return {}

    def only(self, table: Table, known: Sequence[str], where: str) -> None:
        """Nothing that would be read past in silence."""
        strange = sorted(str(name) for name in table if name not in known)
        if strange:
            self.wrong(where, _("take out what is not known here: %(names)s", names=", ".join(strange)[:80]))


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LARGEST_MINOR:
        raise TypeError
    return value
