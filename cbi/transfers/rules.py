"""The rule of who is enrolled in a programme and what they are due: values of a small closed language, and the judgement they give.

A rule can only let people in. Being a woman or a man at the head, and the six questions, have no form that keeps anybody out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter

from cbi.transfers.formula import Formula

UNDER_5, UNDER_18, FROM_60 = 5, 18, 60


class What(StrEnum):
    """What a condition looks at."""

    GROUP = "group"
    SITE = "site"
    AREA = "area"
    SIZE = "size"
    CHILDREN_UNDER_5 = "under_5"
    CHILDREN_UNDER_18 = "under_18"
    PEOPLE_FROM_60 = "from_60"
    HEAD_AGE = "head_age"
    HEAD_SEX = "head_sex"
    DIFFICULTY = "difficulty"

    @property
    def field(self) -> str:
        """Where it stands among the facts of a household."""
        return {What.AREA: "pcode", What.HEAD_AGE: "head_years"}.get(self, self.value)


class Needs(StrEnum):
    """How the conditions of a way go together."""

    ALL = "all"
    ANY = "any"
    POINTS = "points"


class Block(StrEnum):
    """What keeps a household that the rule lets in from being enrolled, until it is settled."""

    UNVERIFIED = "unverified"
    NOT_FOUND = "not_found"
    REVIEW = "review"


NAMED = frozenset({What.GROUP, What.SITE, What.AREA, What.HEAD_SEX})
ONLY_ADD = frozenset({What.HEAD_SEX, What.DIFFICULTY})


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule may know of a household, and nothing else.

    under_5 … from_60: people who are so old at some day of the year.  head_years: what the head turns in the year.  site: its code; pcode: of its area.
    difficulty: people with a lot of difficulty, or who cannot, in one of the six questions; None when nobody was asked.
    """

    group: str
    site: str
    pcode: str
    size: int
    under_5: int
    under_18: int
    from_60: int
    head_years: int
    head_sex: str
    difficulty: int | None = None

    def count(self, what: What, *, lowest: bool = False) -> int | None:
        """The number a condition compares; None where nobody knows. lowest: of a head, how old they still are on the first day of the year."""
        if what is What.HEAD_AGE:
            return self.head_years - 1 if lowest else self.head_years
        return {
            What.SIZE: self.size,
            What.CHILDREN_UNDER_5: self.under_5,
            What.CHILDREN_UNDER_18: self.under_18,
            What.PEOPLE_FROM_60: self.from_60,
            What.DIFFICULTY: self.difficulty,
        }[what]

    def word(self, what: What) -> str:
        """The word a condition looks for among its own."""
        return {What.GROUP: self.group, What.SITE: self.site, What.AREA: self.pcode, What.HEAD_SEX: self.head_sex}[what]


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing about a household. among: for words, of areas their P-codes or how these begin. points: what it counts in a way that adds points."""

    what: What
    at_least: int | None = None
    at_most: int | None = None
    among: tuple[str, ...] = ()
    points: int = 0

    def holds(self, facts: Facts) -> bool:
        """Whether it is so; what nobody knows is not so."""
        if self.what is What.AREA:
            return facts.pcode.startswith(self.among)
        if self.what in NAMED:
            return facts.word(self.what) in self.among
        high, low = facts.count(self.what), facts.count(self.what, lowest=True)
        if high is None or low is None:
            return False
        return (self.at_least is None or high >= self.at_least) and (self.at_most is None or low <= self.at_most)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to be let in, and why it is one. points: how many are needed where points are added."""

    reason: str
    needs: Needs
    when: tuple[Condition, ...]
    points: int = 0

    def holds(self, facts: Facts) -> bool:
        """Whether a household comes in this way."""
        if self.needs is Needs.ALL:
            return all(one.holds(facts) for one in self.when)
        if self.needs is Needs.ANY:
            return any(one.holds(facts) for one in self.when)
        return sum(one.points for one in self.when if one.holds(facts)) >= self.points


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what is due: an amount, or whole percent of the basket."""

    minor: int = 0
    percent: int | None = None

    def of(self, basket_minor: int) -> int:
        """The part in minor units. Reading a rule saw to it that a share comes to whole ones."""
        return self.minor if self.percent is None else basket_minor * self.percent // 100


@dataclass(frozen=True, slots=True)
class Due:
    """What an enrolled household is due in a cycle. basket_minor: the minimum expenditure basket, 0 when unknown."""

    base: Part
    per_member: Part
    member_limit: int
    ceiling_minor: int
    basket_minor: int = 0

    def formula(self, currency: str) -> Formula:
        """The same as the formula a cycle keeps."""
        base, each = self.base.of(self.basket_minor), self.per_member.of(self.basket_minor)
        return Formula(base, each, self.member_limit, self.ceiling_minor, currency, basket_minor=self.basket_minor)


@dataclass(frozen=True, slots=True)
class Rule:
    """Who is let in: whoever meets `must`, and comes in one of the ways.

    blocks: what enrolment waits for.  host_percent: the agreed share of host households in percent; None when none was agreed.
    """

    reason: str
    currency: str
    ways: tuple[Way, ...]
    due: Due
    must: Way | None = None
    blocks: frozenset[Block] = field(default_factory=frozenset)
    host_percent: int | None = None

    def lets_in(self, facts: Facts) -> bool:
        """Whether a household is eligible."""
        return (self.must is None or self.must.holds(facts)) and any(way.holds(facts) for way in self.ways)

    def judge(self) -> Callable[[Facts], bool]:
        """`lets_in` for a hundred thousand households: worked out once for all that are the same in what the rule looks at."""
        names = sorted({one.what.field for one in self.conditions()})
        look = attrgetter(*names) if names else lambda _facts: None
        known: dict[object, bool] = {}

        def lets_in(facts: Facts) -> bool:
            key = look(facts)
            if key not in known:
                known[key] = self.lets_in(facts)
            return known[key]

        return lets_in

    def conditions(self) -> Iterable[Condition]:
        """Every condition, in the rule's order."""
        for way in (*([self.must] if self.must else ()), *self.ways):
            yield from way.when

    def asks_for_difficulty(self) -> bool:
        """Whether the six questions have to be read."""
        return any(one.what is What.DIFFICULTY for one in self.conditions())


@dataclass(frozen=True, slots=True)
class ConditionTold:
    """A condition beside what was found."""

    condition: Condition
    holds: bool


@dataclass(frozen=True, slots=True)
class WayTold:
    """A way with each of its conditions beside what was found. points: how many came together."""

    way: Way
    holds: bool
    conditions: Sequence[ConditionTold]
    points: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """A household's result with all that led to it."""

    eligible: bool
    must: WayTold | None
    ways: Sequence[WayTold]


def explain(rule: Rule, facts: Facts) -> Judgement:
    """The result of one household, with its because."""
    return Judgement(rule.lets_in(facts), _told(rule.must, facts) if rule.must else None, [_told(way, facts) for way in rule.ways])


def _told(way: Way, facts: Facts) -> WayTold:
    told = [ConditionTold(one, one.holds(facts)) for one in way.when]
    return WayTold(way, way.holds(facts), told, sum(one.condition.points for one in told if one.holds))


def facts_of(kept: Mapping[str, object]) -> Facts:
    """Facts as they were kept with a result."""
    return Facts(**kept)  # type: ignore[arg-type]  # written by ourselves from the same fields
