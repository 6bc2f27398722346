"""How two households look alike, sign by sign: pure comparison with weights kept as data; people decide."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import product
from pathlib import Path

from rapidfuzz import fuzz

from cbi.people.names import fold, key_of, sounds
from cbi.people.values import Born, NewHousehold, NewMember

_WEIGHTS = tomllib.loads((Path(__file__).parent / "likeness.toml").read_text("utf-8"))
_FULL_DATE = len("1987-04-05")
_TWO = 2


class Sign(StrEnum):
    """One thing that is seen when two households are compared; also the code under which it is remembered."""

    SAME_DOCUMENT = "same_document"
    SAME_PHONE = "same_phone"
    SAME_ACCOUNT = "same_account"
    SAME_NAME = "same_name"
    NAME_ALIKE = "name_alike"
    SOUNDS_ALIKE = "sounds_alike"
    NAME_DIFFERS = "name_differs"
    BORN_SAME_DAY = "born_same_day"
    BORN_SAME_YEAR = "born_same_year"
    BORN_ONE_APART = "born_one_apart"
    BORN_TWO_APART = "born_two_apart"
    BORN_DIFFERS = "born_differs"
    SEX_DIFFERS = "sex_differs"
    MEMBERS_SHARED = "members_shared"
    SAME_SHELTER = "same_shelter"


FOR = frozenset(sign for sign in Sign if _WEIGHTS["weights"][sign.value] > 0)
_ALWAYS = frozenset(Sign(code) for code in _WEIGHTS["always"])
ALIKE_FROM: float = _WEIGHTS["name"]["alike_from"]
_NAMES = frozenset({Sign.SAME_NAME, Sign.NAME_ALIKE, Sign.SOUNDS_ALIKE})
_YEARS = (Sign.BORN_SAME_YEAR, Sign.BORN_ONE_APART, Sign.BORN_TWO_APART)


@dataclass(frozen=True, slots=True)
class Likeness:
    """What was seen between two households.

    signs: in the order of Sign.  weight: their sum, for the order only, never shown.  pair: the two people compared most closely,
    by their places.  shared: how many other members are on both sides.
    """

    signs: tuple[Sign, ...]
    weight: float
    pair: tuple[int, int]
    shared: int

    @property
    def is_shown(self) -> bool:
        """Whether a person should look at the two side by side."""
        signs = set(self.signs)
        return bool(signs & _ALWAYS) or (bool(signs & _NAMES) and self.weight >= _WEIGHTS["show_from"])

    @property
    def reasons(self) -> tuple[Sign, ...]:
        """What speaks for the two being one."""
        return tuple(sign for sign in self.signs if sign in FOR)


def compare(one: NewHousehold, other: NewHousehold) -> Likeness:
    """Compare two households: their people by name, sex and birth, and what they share. The same either way round."""
    pairs = [pair for pair in product(range(len(one.members)), range(len(other.members))) if 0 in pair]
    weight, pair, signs = max((_compared(one, other, pair) for pair in pairs), key=lambda each: (each[0], -sum(each[1])))
    shared = _shared(one, other, pair)
    found = {*signs, *_things(one, other)} | ({Sign.MEMBERS_SHARED} if shared else set())
    ordered = tuple(sign for sign in Sign if sign in found)
    extra = max(0, shared - 1) * _WEIGHTS["weights"][Sign.MEMBERS_SHARED.value]
    return Likeness(ordered, weight + _weight(found - set(signs)) + extra, pair, shared)


def _compared(one: NewHousehold, other: NewHousehold, pair: tuple[int, int]) -> tuple[float, tuple[int, int], frozenset[Sign]]:
    mine, theirs = one.members[pair[0]], other.members[pair[1]]
    signs = compare_people(mine, theirs)
    return _weight_of_people(signs, mine, theirs), pair, signs


def compare_people(one: NewMember, other: NewMember) -> frozenset[Sign]:
    """What is seen between two people: one sign for the name, one for the birth, one for a different sex."""
    signs = {compare_names(one, other), compare_births(one.born, other.born)}
    if one.sex is not other.sex:
        signs.add(Sign.SEX_DIFFERS)
    return frozenset(signs)


def compare_names(one: NewMember, other: NewMember) -> Sign:
    """Whether two names are the same, alike by letters, alike by sound, or different; order of parts and script do not matter."""
    pairs = list(product(_spellings(one), _spellings(other)))
    keys = [(key_of(mine), key_of(theirs)) for mine, theirs in pairs]
    if any(mine == theirs for mine, theirs in keys):
        return Sign.SAME_NAME
    if any(fuzz.ratio(mine, theirs) >= ALIKE_FROM for mine, theirs in keys):
        return Sign.NAME_ALIKE
    return Sign.SOUNDS_ALIKE if any(_sound_alike(mine, theirs) for mine, theirs in pairs) else Sign.NAME_DIFFERS


def compare_births(one: Born, other: Born) -> Sign:
    """How near two births are; a whole date tells more than a year, and two whole dates of one year that differ are one year's sign."""
    if one.text == other.text and len(one.text) == _FULL_DATE:
        return Sign.BORN_SAME_DAY
    apart = abs(one.year - other.year)
    return _YEARS[apart] if apart <= _TWO else Sign.BORN_DIFFERS


def block_keys(told: NewHousehold) -> frozenset[str]:
    """What two households that could be one have in common, at least once: for finding pairs within a file without comparing all."""
    near = (f"n:{code}:{year}" for person in told.members for code in _codes(person) for year in _about(person.born.year))
    documents = (f"d:{document.number}" for person in told.members for document in person.documents)
    account = (f"a:{told.account.number}",) if told.account else ()
    return frozenset((*near, *documents, *account, *(f"p:{phone}" for phone in told.phones)))


def _about(year: int) -> tuple[int, int]:
    """Two overlapping bands, so that years at most two apart share one."""
    return (year // 4 * 2, (year + 2) // 4 * 2 + 1)


def _things(one: NewHousehold, other: NewHousehold) -> set[Sign]:
    signs = set()
    if _documents(one) & _documents(other):
        signs.add(Sign.SAME_DOCUMENT)
    if set(one.phones) & set(other.phones):
        signs.add(Sign.SAME_PHONE)
    if one.account and other.account and one.account.number == other.account.number:
        signs.add(Sign.SAME_ACCOUNT)
    if one.site_id == other.site_id and _bare(one.shelter) and _bare(one.shelter) == _bare(other.shelter):
        signs.add(Sign.SAME_SHELTER)
    return signs


def _documents(told: NewHousehold) -> set[str]:
    return {document.number for member in told.members for document in member.documents}


def _bare(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _shared(one: NewHousehold, other: NewHousehold, pair: tuple[int, int]) -> int:
    """How many other people are on both sides, each counted once."""
    left = [member for place, member in enumerate(other.members) if place != pair[1]]
    shared = 0
    for place, member in enumerate(one.members):
        twin = next((each for each in left if place != pair[0] and _are_one(member, each)), None)
        if twin is not None:
            left.remove(twin)
            shared += 1
    return shared


def _are_one(one: NewMember, other: NewMember) -> bool:
    near = abs(one.born.year - other.born.year) <= _TWO
    return near and one.sex is other.sex and compare_names(one, other) is not Sign.NAME_DIFFERS


def _weight(signs: frozenset[Sign] | set[Sign]) -> float:
    return float(sum(_WEIGHTS["weights"][sign.value] for sign in signs))


def _weight_of_people(signs: frozenset[Sign], one: NewMember, other: NewMember) -> float:
    """The weight of a pair of people; a name of one part says less."""
    parts = min(len(fold(one.name)), len(fold(other.name)))
    less = 0.0 if parts > 1 else (1 - _WEIGHTS["name"]["one_part"]) * _weight(signs & _NAMES)
    return _weight(signs) - less


def _spellings(member: NewMember) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in (member.name, member.latin) if name))


def _codes(member: NewMember) -> frozenset[str]:
    return frozenset(code for name in _spellings(member) for code in sounds(name))


@lru_cache(maxsize=65536)
def _sound_alike(one: str, other: str) -> bool:
    """Every sound of the shorter name is in the longer one; of two names of several parts at least two sounds meet."""
    mine, theirs = set(sounds(one)), set(sounds(other))
    met, fewest = mine & theirs, min(len(mine), len(theirs))
    return bool(met) and len(met) >= min(_TWO, len(mine), len(theirs)) and len(met) == fewest
