"""Whether a rule can be meant: nobody kept out for being a woman, a man or disabled, no way that nobody can come, no way said twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from cbi.people.born import OLDEST
from cbi.people.service import LARGEST
from cbi.transfers.rules import FROM_60, NAMED, ONLY_ADD, UNDER_18, Condition, Needs, Rule, Way, What
from cbi.web.words import _

_MOST = dict.fromkeys(What, LARGEST) | {What.HEAD_AGE: OLDEST}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to put right in a rule. where: "way 2, condition 1"; fix: completes the sentence "You need to …"."""

    where: str
    fix: str


def check(rule: Rule, places: Mapping[str, str]) -> list[Mistake]:
    """Everything wrong with a rule that could be read. places: the programme's sites, P-code by code."""
    return [*_only_adding(rule), *_places(rule, places), *_reachable(rule, places), *_twice(rule)]


def where_way(number: int | None, condition: int | None = None) -> str:
    """How a part of a rule is called, here and in every list of mistakes; None for what everyone must meet."""
    way = _("what everyone must meet") if number is None else _("way %(number)s", number=number)
    return way if condition is None else _("%(way)s, condition %(number)s", way=way, number=condition)


def without_only_adding(rule: Rule) -> Rule | None:
    """The rule for people of whom neither sex nor difficulty is known; None when it asks for neither."""
    if not any(one.what in ONLY_ADD for one in rule.conditions()):
        return None
    return replace(rule, ways=tuple(way for way in map(_without, rule.ways) if way is not None))


def only_adding_fix() -> str:
    """What to do with a rule that nobody comes by otherwise."""
    return _("add a way that asks neither for the six questions nor for the sex of the head: they may let people in, and never keep out")


def _ways(rule: Rule) -> Iterator[tuple[int | None, Way]]:
    if rule.must:
        yield None, rule.must
    yield from enumerate(rule.ways, start=1)


def _only_adding(rule: Rule) -> Iterator[Mistake]:
    for place, one in enumerate(rule.must.when if rule.must else (), start=1):
        if one.what in ONLY_ADD:
            fix = _("put this into a way of its own, beside other ways: it may let people in, and never keep anybody out")
            yield Mistake(where_way(None, place), fix)
    adds = any(one.what in ONLY_ADD for way in rule.ways for one in way.when)
    if adds and not any(_possible(rule.must, without, {}) for without in map(_without, rule.ways) if without is not None):
        yield Mistake(_("the ways"), only_adding_fix())


def _without(way: Way) -> Way | None:
    """The way for somebody of whom nothing that only adds is known; None when nobody can come it so."""
    left = tuple(one for one in way.when if one.what not in ONLY_ADD)
    if way.needs is Needs.ALL and len(left) < len(way.when):
        return None
    return replace(way, when=left) if left or way.needs is Needs.ALL else None


def _places(rule: Rule, places: Mapping[str, str]) -> Iterator[Mistake]:
    """Sites and areas the programme does not work at; nothing to say of a rule without a programme."""
    for number, way in _ways(rule) if places else ():
        for position, one in enumerate(way.when, start=1):
            known = one.what is What.SITE and not set(one.among) <= set(places)
            if known or (one.what is What.AREA and not any(pcode.startswith(one.among) for pcode in places.values())):
                fix = _("name sites or areas this programme works at: %(codes)s", codes=", ".join(_known(one.what, places)))
                yield Mistake(where_way(number, position), fix)


def _known(what: What, places: Mapping[str, str]) -> list[str]:
    return sorted(places) if what is What.SITE else sorted(filter(None, set(places.values())))


def _reachable(rule: Rule, places: Mapping[str, str]) -> Iterator[Mistake]:
    if rule.must and not _possible(None, rule.must, places):
        yield Mistake(where_way(None), _("change the conditions: no household can meet them all"))
        return
    for number, way in enumerate(rule.ways, start=1):
        if not _possible(rule.must, way, places):
            yield Mistake(where_way(number), _("change the conditions: no household can ever come this way"))
        elif way.needs is not Needs.ALL:
            for position, one in enumerate(way.when, start=1):
                if not _together((*_when(rule.must), one), places):
                    yield Mistake(
                        where_way(number, position), _("take this condition out: it can never hold beside what everyone must meet")
                    )


def _when(must: Way | None) -> tuple[Condition, ...]:
    return must.when if must else ()


def _possible(must: Way | None, way: Way, places: Mapping[str, str]) -> bool:
    """Whether there can be a household that comes this way."""
    if way.needs is Needs.ALL:
        return _together((*_when(must), *way.when), places)
    if way.needs is Needs.ANY:
        return any(_together((*_when(must), one), places) for one in way.when)
    chosen = (some for size in range(len(way.when) + 1) for some in combinations(way.when, size))
    return any(_together((*_when(must), *some), places) for some in chosen if sum(one.points for one in some) >= way.points)


def _together(conditions: Sequence[Condition], places: Mapping[str, str]) -> bool:
    """Whether one household can meet all of these: ranges that overlap, words in common, and no more children and old people than members."""
    return _words_meet(conditions, places) and _numbers_meet(conditions)


def _words_meet(conditions: Sequence[Condition], places: Mapping[str, str]) -> bool:
    for what in NAMED - {What.SITE, What.AREA}:
        named = [set(one.among) for one in conditions if one.what is what]
        if named and not set.intersection(*named):
            return False
    where = [one for one in conditions if one.what in {What.SITE, What.AREA}]
    return not (where and places) or any(all(_is_at(one, code, pcode) for one in where) for code, pcode in places.items())


def _is_at(one: Condition, code: str, pcode: str) -> bool:
    return code in one.among if one.what is What.SITE else pcode.startswith(one.among)


def _numbers_meet(conditions: Sequence[Condition]) -> bool:
    low: dict[What, int] = dict.fromkeys(What, 0) | {What.SIZE: 1}
    high = dict(_MOST)
    for one in conditions:
        low[one.what] = max(low[one.what], one.at_least or 0)
        high[one.what] = min(high[one.what], _MOST[one.what] if one.at_most is None else one.at_most)
    if low[What.HEAD_AGE] >= FROM_60:
        low[What.PEOPLE_FROM_60] = max(low[What.PEOPLE_FROM_60], 1)
    if high[What.HEAD_AGE] < UNDER_18:
        low[What.CHILDREN_UNDER_18] = max(low[What.CHILDREN_UNDER_18], 1)
    low[What.CHILDREN_UNDER_18] = max(low[What.CHILDREN_UNDER_18], low[What.CHILDREN_UNDER_5])
    most = high[What.SIZE]
    fits = low[What.CHILDREN_UNDER_18] + low[What.PEOPLE_FROM_60] <= most and low[What.DIFFICULTY] <= most
    # Of a head, the lower bound looks at the age reached in the year, the upper at the age before the birthday: one year apart still meets.
    return fits and all(low[what] <= high[what] + (what is What.HEAD_AGE) for what in What)


def _twice(rule: Rule) -> Iterator[Mistake]:
    seen: dict[tuple[Needs, frozenset[Condition], int], int] = {}
    for number, way in enumerate(rule.ways, start=1):
        first = seen.setdefault((way.needs, frozenset(way.when), way.points), number)
        if first != number:
            yield Mistake(where_way(number), _("take this way out: it says the same as way %(number)s", number=first))
