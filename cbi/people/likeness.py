"""How two households look alike, sign by sign, by the one model of weights; people decide."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

import numpy as np

from cbi.people import match_pairs
from cbi.people.match_columns import Columns, Told, columns_of
from cbi.people.match_model import STEPS, Aspect, Step, shipped
from cbi.people.tables_certainty import Certainty
from cbi.people.values import NewHousehold, NewMember

ALIKE_FROM = 88.0
"""Of 100, by the letters of both names: spelled so nearly alike that it is worth comparing more."""
PEOPLE = 20_000
"""Among how many people a likeness is judged where nobody says how many there are."""


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
    BORN_NEAR = "born_near"
    BORN_SAME_YEAR = "born_same_year"
    BORN_ONE_APART = "born_one_apart"
    BORN_TWO_APART = "born_two_apart"
    BORN_ROUNDED = "born_rounded"
    BORN_DIFFERS = "born_differs"
    SEX_DIFFERS = "sex_differs"
    MEMBERS_SHARED = "members_shared"
    SAME_SHELTER = "same_shelter"


FOR = frozenset(Sign) - {Sign.NAME_DIFFERS, Sign.BORN_DIFFERS, Sign.SEX_DIFFERS}
_ALWAYS = frozenset({Sign.SAME_DOCUMENT, Sign.SAME_ACCOUNT})
_BIRTHS = {
    Step.SAME: Sign.BORN_SAME_DAY,
    Step.NEAR: Sign.BORN_NEAR,
    Step.SAME_YEAR: Sign.BORN_SAME_YEAR,
    Step.ONE_APART: Sign.BORN_ONE_APART,
    Step.TWO_APART: Sign.BORN_TWO_APART,
    Step.ROUNDED: Sign.BORN_ROUNDED,
    Step.DIFFERS: Sign.BORN_DIFFERS,
}
_NAMES = (Sign.SAME_NAME, Sign.NAME_ALIKE, Sign.SOUNDS_ALIKE, Sign.NAME_DIFFERS)


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence. weight: what it speaks for (above 0) or against, as a base-2 logarithm."""

    aspect: Aspect
    step: Step
    weight: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """What was seen between two households.

    signs: in the order of Sign.  weight: of the two people most alike, who are `pair`, by their places; pieces: of what it is made.
    shared: how many other members are on both sides.  is_shown: whether a person should look at the two side by side.
    """

    signs: tuple[Sign, ...]
    weight: float
    pair: tuple[int, int]
    shared: int
    pieces: tuple[Piece, ...]
    is_shown: bool
    certainty: Certainty

    @property
    def reasons(self) -> tuple[Sign, ...]:
        """What speaks for the two being one."""
        return tuple(sign for sign in self.signs if sign in FOR)


def compare(one: NewHousehold, other: NewHousehold, people: int = PEOPLE) -> Likeness:
    """Compare two households, everybody of one with everybody of the other. The same either way round. people: registered altogether."""
    [seen] = compare_many(one, [other], people)
    return seen


def compare_many(one: NewHousehold, others: Sequence[NewHousehold], people: int = PEOPLE) -> list[Likeness]:
    """Compare a household with several at once."""
    homes = [one, *others]
    starts = np.cumsum([0, *(len(home.members) for home in homes)])
    columns = columns_of(told for number, home in enumerate(homes) for told in told_of(number, home))
    left, right = (np.array(side, dtype=np.int32) for side in _crossed(starts)) if others else (np.zeros(0, np.int32),) * 2
    compared = match_pairs.compare(columns, left, right, shipped())
    whose = columns.household[right]
    return [_likeness(columns, compared.where(whose == number), starts, homes, number, people) for number in range(1, len(homes))]


def promising(one: NewHousehold, others: Sequence[Told], people: int, *, always: Collection[int] = ()) -> list[int]:
    """Which of these people's households somebody should look at beside this one, by their numbers, most alike first.

    always: those that belong among them whatever their people are like, since what two households hold is not looked at here.
    """
    mine = len(one.members)
    columns = columns_of([*told_of(-1, one), *others])
    left = np.repeat(np.arange(mine, dtype=np.int32), len(others))
    right = np.tile(np.arange(mine, mine + len(others), dtype=np.int32), mine)
    compared = match_pairs.compare(columns, left, right, shipped())
    whose, told = columns.household[compared.right], match_pairs.is_told(compared, shipped())
    worth = np.isin(whose, list(always)) | (told & (compared.weight >= shipped().found_from(people)))
    best: dict[int, float] = {}
    for place in np.lexsort((-compared.weight, ~told)):
        if worth[place]:
            best.setdefault(int(whose[place]), float(compared.weight[place]))
    return sorted(best, key=lambda number: -best[number])


def told_of(number: int, home: NewHousehold) -> list[Told]:
    """The people of a household as the model compares them."""
    return [
        Told(
            household=number,
            given=member.given,
            family=member.family,
            latin=member.latin,
            born=member.born.text,
            sex=member.sex.value,
            phones=home.phones,
            documents=tuple(document.number for document in member.documents),
            site=str(home.site_id),
            shelter=home.shelter,
        )
        for member in home.members
    ]


def compare_names(one: NewMember, other: NewMember) -> Sign:
    """Whether two names are the same, alike by letters, alike by sound, or different; order of parts and script do not matter."""
    columns = columns_of(Told(number, each.given, each.family, each.latin) for number, each in enumerate((one, other)))
    compared = match_pairs.compare(columns, np.array([0], np.int32), np.array([1], np.int32), shipped())
    return _name_sign(_seen(compared, 0))


def _crossed(starts: np.ndarray[tuple[int], np.dtype[np.int64]]) -> tuple[list[int], list[int]]:
    pairs = list(product(range(starts[1]), range(starts[1], starts[-1])))
    return [mine for mine, _ in pairs], [theirs for _, theirs in pairs]


def _likeness(
    columns: Columns,
    compared: match_pairs.Compared,
    starts: np.ndarray[tuple[int], np.dtype[np.int64]],
    homes: Sequence[NewHousehold],
    number: int,
    people: int,
) -> Likeness:
    model, told = shipped(), match_pairs.is_told(compared, shipped())
    best = int(np.lexsort((compared.left + compared.right - starts[number], -compared.weight, ~told))[0])
    weight, seen = float(compared.weight[best]), _seen(compared, best)
    pair = int(compared.left[best]), int(compared.right[best] - starts[number])
    shared = _shared(columns, compared, best)
    signs = _signs(seen, homes[0], homes[number], shared)
    return Likeness(
        signs=signs,
        weight=weight,
        pair=pair,
        shared=shared,
        pieces=tuple(Piece(aspect, step, model.weight(aspect, step)) for aspect, step in seen.items()),
        is_shown=bool(_ALWAYS & set(signs)) or bool(told[best] and weight >= model.found_from(people)),
        certainty=model.certainty(weight, people),
    )


def _seen(compared: match_pairs.Compared, place: int) -> dict[Aspect, Step]:
    """The steps of one pair, without the aspects that one of the two lacks."""
    steps = zip(STEPS, compared.steps[place].tolist(), strict=True)
    return {aspect: STEPS[aspect][step] for aspect, step in steps if step != match_pairs.UNSEEN}


def _shared(columns: Columns, compared: match_pairs.Compared, best: int) -> int:
    """How many other people are on both sides, each counted once."""
    others = (compared.left != compared.left[best]) & (compared.right != compared.right[best]) & match_pairs.is_told(compared, shipped())
    return len(match_pairs.one_to_one(columns, compared.where(others)).left)


def signs_of(seen: Mapping[Aspect, Step]) -> tuple[Sign, ...]:
    """The signs of two people, in the order of Sign."""
    found = {_name_sign(seen)}
    if Aspect.BORN in seen:
        found.add(_BIRTHS[seen[Aspect.BORN]])
    if seen.get(Aspect.SEX) is Step.DIFFERS:
        found.add(Sign.SEX_DIFFERS)
    if seen.get(Aspect.OTHERS, Step.DIFFERS) is not Step.DIFFERS:
        found.add(Sign.MEMBERS_SHARED)
    for aspect, sign in ((Aspect.DOCUMENT, Sign.SAME_DOCUMENT), (Aspect.PHONE, Sign.SAME_PHONE)):
        found |= {sign} if seen.get(aspect) is Step.SAME else set()
    if seen.get(Aspect.SHELTER) is Step.SAME and seen.get(Aspect.SITE) is Step.SAME:
        found.add(Sign.SAME_SHELTER)
    return tuple(sign for sign in Sign if sign in found)


def _signs(seen: Mapping[Aspect, Step], one: NewHousehold, other: NewHousehold, shared: int) -> tuple[Sign, ...]:
    found = {*signs_of(seen), *_things(one, other)} - {Sign.MEMBERS_SHARED} | ({Sign.MEMBERS_SHARED} if shared else set())
    return tuple(sign for sign in Sign if sign in found)


def _name_sign(seen: Mapping[Aspect, Step]) -> Sign:
    """The name's sign is that of its part that is least alike."""
    steps = STEPS[Aspect.GIVEN]
    return _NAMES[max(steps.index(seen.get(aspect, Step.SAME)) for aspect in (Aspect.GIVEN, Aspect.FAMILY))]


def _things(one: NewHousehold, other: NewHousehold) -> set[Sign]:
    signs = set()
    if _documents(one) & _documents(other):
        signs.add(Sign.SAME_DOCUMENT)
    if set(one.phones) & set(other.phones):
        signs.add(Sign.SAME_PHONE)
    if one.account and other.account and one.account.number == other.account.number:
        signs.add(Sign.SAME_ACCOUNT)
    return signs


def _documents(told: NewHousehold) -> set[str]:
    return {document.number for member in told.members for document in member.documents}
