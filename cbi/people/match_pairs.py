"""What is seen between two people, for many pairs at once: the step of each aspect, and the weight of them all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cpdist

from cbi.people.match_columns import NOBODY, PARTS, YEARS, YEARS_APART, Columns, Ints, Longs, Texts
from cbi.people.match_model import NAMES, OWN, STEPS, Aspect, Model, Step

Steps = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float32]
_AT_ONCE = 50_000
_ASPECTS = tuple(STEPS)
UNSEEN = -1
"""The step of an aspect that one of the two lacks."""
# A part of a name is near another when so few letters have to be changed.
SHORTEST, ONE_CHANGE_UP_TO = 4, 5
DOCUMENT_FROM, DOCUMENT_ONE_UP_TO, SHELTER_FROM, SHELTER_ONE_IN = 6, 6, 10, 5
_ROUNDED_WITHIN = 5
_FAR = -YEARS
"""Nobody is about somebody who is not there."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Pairs of people and what was seen.

    steps: one column for each aspect in the order of `match_model.STEPS`.  own: the weight of what is a person's own; besides: of all but the name.
    """

    left: Ints
    right: Ints
    steps: Steps
    weight: Floats
    own: Floats
    besides: Floats

    def where(self, kept: npt.NDArray[np.bool_]) -> Compared:
        """Only some of them."""
        return Compared(self.left[kept], self.right[kept], self.steps[kept], self.weight[kept], self.own[kept], self.besides[kept])


def compare(columns: Columns, left: Ints, right: Ints, model: Model) -> Compared:
    """Compare these pairs. The same whichever of the two stands left."""
    steps = np.empty((len(left), len(_ASPECTS)), dtype=np.int8)
    for chunk in _chunks(len(left)):
        steps[chunk] = _steps(columns, left[chunk], right[chunk])
    weights = weigh(steps, model)
    own = [place for place, aspect in enumerate(_ASPECTS) if aspect in OWN]
    besides = [place for place, aspect in enumerate(_ASPECTS) if aspect not in NAMES]
    return Compared(left, right, steps, weights.sum(axis=1), weights[:, own].sum(axis=1), weights[:, besides].sum(axis=1))


def found(compared: Compared, model: Model, people: int) -> Compared:
    """The pairs to put before somebody among so many people: heavy enough, and neither for the household nor for the name alone."""
    return compared.where((compared.weight >= model.found_from(people)) & is_told(compared, model))


def is_told(compared: Compared, model: Model) -> npt.NDArray[np.bool_]:
    """Whether more speaks for a pair than what a household shares, and more than a name."""
    return (compared.own >= model.own_from) & (compared.besides >= model.besides_from)


def weigh(steps: Steps, model: Model) -> Floats:
    """The weight of each step of each pair; 0 for an aspect that nothing is known of."""
    weights = np.empty(steps.shape, dtype=np.float32)
    for place, aspect in enumerate(_ASPECTS):
        table = np.array([*(model.weight(aspect, step) for step in STEPS[aspect]), 0.0], dtype=np.float32)
        weights[:, place] = table[steps[:, place]]  # UNSEEN is the last one
    return weights


def one_to_one(columns: Columns, compared: Compared) -> Compared:
    """Of two households' pairs only those in which each is the other's best: nobody is two people of one household."""
    order = np.lexsort((np.minimum(compared.left, compared.right), -compared.weight))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    best = np.ones(len(order), dtype=bool)
    for one, other in ((compared.left, compared.right), (compared.right, compared.left)):
        group = one.astype(np.int64) * (int(columns.household.max(initial=0)) + 1) + columns.household[other]
        by_group = np.lexsort((rank, group))
        again = group[by_group][1:] == group[by_group][:-1]
        best[by_group[1:][again]] = False
    return compared.where(best)


def _chunks(count: int) -> Iterator[slice]:
    return (slice(start, start + _AT_ONCE) for start in range(0, count, _AT_ONCE))


def _steps(columns: Columns, left: Ints, right: Ints) -> Steps:
    seen = {
        Aspect.BORN: _born(columns, left, right),
        Aspect.SEX: _same(columns.sex, left, right, nobody=0),
        Aspect.DOCUMENT: _documents(columns, left, right),
        Aspect.PHONE: _phones(columns, left, right),
        Aspect.SITE: _same(columns.site, left, right),
        Aspect.SHELTER: _shelters(columns, left, right),
        Aspect.OTHERS: _others(columns, left, right),
    }
    seen[Aspect.GIVEN], seen[Aspect.FAMILY] = _names(columns, left, right)
    return np.stack([seen[aspect] for aspect in _ASPECTS], axis=1)


def _place(aspect: Aspect, step: Step) -> int:
    return STEPS[aspect].index(step)


def _same(column: Ints, left: Ints, right: Ints, nobody: int = NOBODY) -> Steps:
    one, other = column[left], column[right]
    return np.where((one == nobody) | (other == nobody), UNSEEN, np.where(one == other, 0, 1)).astype(np.int8)


def _names(columns: Columns, left: Ints, right: Ints) -> tuple[Steps, Steps]:
    """The steps of given and family name, straight or swapped, whichever fits better; the order of the rest does not matter."""
    rank = _ranks(columns, left, right)
    tail = [(one, other) for one in range(1, PARTS) for other in range(1, PARTS)]
    straight = rank[:, 0, 0], np.max([rank[:, one, other] for one, other in tail], axis=0)
    ahead = np.max([rank[:, 0, other] for other in range(1, PARTS)], axis=0)
    behind = np.max([rank[:, one, 0] for one in range(1, PARTS)], axis=0)
    swapped = ahead + behind > straight[0] + straight[1]
    given = np.where(swapped, np.maximum(ahead, behind), straight[0])
    family = np.where(swapped, np.minimum(ahead, behind), straight[1])
    nameless = (columns.part[left, 0] == NOBODY) | (columns.part[right, 0] == NOBODY)
    no_family = (columns.part[left, 1] == NOBODY) | (columns.part[right, 1] == NOBODY)
    # 3 the same, 2 near, 1 by sound, 0 different: the steps of a name, counted from the end.
    steps = (len(STEPS[Aspect.GIVEN]) - 1 - np.stack([given, family])).astype(np.int8)
    return np.where(nameless, UNSEEN, steps[0]).astype(np.int8), np.where(no_family, UNSEEN, steps[1]).astype(np.int8)


def _ranks(columns: Columns, left: Ints, right: Ints) -> npt.NDArray[np.int8]:
    """How alike each part of one name is to each of the other: 3 the same, 2 near, 1 by sound, 0 different."""
    part, other = columns.part[left][:, :, None], columns.part[right][:, None, :]
    there = (part != NOBODY) & (other != NOBODY)
    heard = there & (columns.sound[left][:, :, None] == columns.sound[right][:, None, :])
    same = there & (part == other)
    rank: Steps = heard.astype(np.int8)
    unlike = np.nonzero(there & ~same)
    ones = np.broadcast_to(part, same.shape)[unlike]
    others = np.broadcast_to(other, same.shape)[unlike]
    rank[unlike] = np.where(_near_parts(columns.parts, ones, others), 2, rank[unlike])
    rank[same] = 3
    return rank


def _near_parts(texts: Texts, ones: Ints, others: Ints) -> npt.NDArray[np.bool_]:
    shorter, apart = _lengths(texts, ones, others)
    return _within(texts, ones, others, np.where(shorter > ONE_CHANGE_UP_TO, 2, 1), (shorter >= SHORTEST) & (apart <= 2))  # noqa: PLR2004


def _lengths(texts: Texts, ones: Ints, others: Ints) -> tuple[Ints, Ints]:
    """The length of the shorter of two texts, and by how much the other is longer."""
    one, other = texts.lengths[ones], texts.lengths[others]
    return np.minimum(one, other), np.abs(one - other)


def _within(
    texts: Texts, ones: Ints, others: Ints, allowed: npt.NDArray[np.int64] | Ints, worth: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Whether no more letters than allowed have to be changed; only those worth it are measured."""
    near = np.zeros(len(ones), dtype=bool)
    if worth.any():
        near[worth] = _distances(texts, ones[worth], others[worth], int(allowed[worth].max())) <= allowed[worth]
    return near


def _distances(texts: Texts, ones: Ints, others: Ints, most: int) -> Ints:
    """How many letters differ; all that are more than `most` count as one more."""
    found: Ints = cpdist(texts.every[ones], texts.every[others], scorer=Levenshtein.distance, score_cutoff=most, dtype=np.int32, workers=1)
    return found


def _born(columns: Columns, left: Ints, right: Ints) -> Steps:
    step = partial(_place, Aspect.BORN)
    year, other_year = columns.year[left], columns.year[right]
    day, other_day = columns.day[left], columns.day[right]
    apart = np.abs(year - other_year)
    whole = (day > 0) & (other_day > 0)
    conditions = [
        (year == 0) | (other_year == 0),
        whole & (day == other_day),
        whole & _near_days(day, other_day),
        apart == 0,
        apart == 1,
        apart == 2,  # noqa: PLR2004 -- the step's own name
        (apart <= _ROUNDED_WITHIN) & (columns.rounded[left] | columns.rounded[right]),
    ]
    steps = [UNSEEN, step(Step.SAME), step(Step.NEAR), step(Step.SAME_YEAR), step(Step.ONE_APART), step(Step.TWO_APART), step(Step.ROUNDED)]
    return np.select(conditions, steps, default=step(Step.DIFFERS)).astype(np.int8)


def _near_days(day: Ints, other: Ints) -> npt.NDArray[np.bool_]:
    """Two of year, month and day the same, or month and day changed about."""
    parts = [(one // 10000, one // 100 % 100, one % 100) for one in (day, other)]
    alike = np.sum([one == other for one, other in zip(*parts, strict=True)], axis=0)
    (year, month, date), (other_year, other_month, other_date) = parts
    near: npt.NDArray[np.bool_] = (alike == 2) | ((year == other_year) & (month == other_date) & (date == other_month))  # noqa: PLR2004
    return near


def _documents(columns: Columns, left: Ints, right: Ints) -> Steps:
    one, other = columns.document[left][:, :, None], columns.document[right][:, None, :]
    there = (one != NOBODY) & (other != NOBODY)
    same = np.asarray((there & (one == other)).any(axis=(1, 2)))
    near = np.zeros(there.shape, dtype=bool)
    maybe = np.nonzero(there & ~same[:, None, None])
    ones, others = np.broadcast_to(one, there.shape)[maybe], np.broadcast_to(other, there.shape)[maybe]
    shorter, apart = _lengths(columns.documents, ones, others)
    allowed = np.where(shorter > DOCUMENT_ONE_UP_TO, 2, 1)
    near[maybe] = _within(columns.documents, ones, others, allowed, (shorter >= DOCUMENT_FROM) & (apart <= allowed))
    return _three(Aspect.DOCUMENT, np.asarray(~there.any(axis=(1, 2))), same, np.asarray(near.any(axis=(1, 2))))


def _shelters(columns: Columns, left: Ints, right: Ints) -> Steps:
    one, other = columns.shelter[left], columns.shelter[right]
    there = (one != NOBODY) & (other != NOBODY)
    near = np.zeros(len(left), dtype=bool)
    maybe = there & (one != other)
    shorter, apart = _lengths(columns.shelters, one[maybe], other[maybe])
    allowed = shorter // SHELTER_ONE_IN
    near[maybe] = _within(columns.shelters, one[maybe], other[maybe], allowed, (shorter >= SHELTER_FROM) & (apart <= allowed))
    return _three(Aspect.SHELTER, ~there, there & (one == other), near)


def _three(aspect: Aspect, unseen: npt.NDArray[np.bool_], same: npt.NDArray[np.bool_], near: npt.NDArray[np.bool_]) -> Steps:
    steps = [UNSEEN, _place(aspect, Step.SAME), _place(aspect, Step.NEAR)]
    return np.select([unseen, same, near], steps, default=_place(aspect, Step.DIFFERS)).astype(np.int8)


def _phones(columns: Columns, left: Ints, right: Ints) -> Steps:
    one, other = columns.phone[left], columns.phone[right]
    unseen = (one[:, 0] == NOBODY) | (other[:, 0] == NOBODY)
    return np.where(unseen, UNSEEN, np.where(_met(one, other) > 0, 0, 1)).astype(np.int8)


def _others(columns: Columns, left: Ints, right: Ints) -> Steps:
    """How many others are called the same and were born about then; unseen when one of the two lives alone."""
    # Turned, so that the same place of many rows lies side by side.
    one, other = (np.ascontiguousarray(columns.others[side].T) for side in (left, right))
    alone = (one[0] == NOBODY) | (other[0] == NOBODY)
    most = len(STEPS[Aspect.OTHERS]) - 1
    shared = np.minimum(np.minimum(_known(one, other), _known(other, one)), most)
    return np.where(alone, UNSEEN, most - shared).astype(np.int8)


def _known(one: Longs, other: Longs) -> Ints:
    """How many different people of each column are about one of the other's."""
    count = np.zeros(one.shape[1], dtype=np.int32)
    theirs = np.where(other == NOBODY, _FAR, other)
    for place, mine in enumerate(one):
        there = np.flatnonzero(mine != NOBODY)
        if not len(there):
            break
        wanted, known = mine[there], np.zeros(len(there), dtype=bool)
        for each in theirs:
            known |= np.abs(each[there] - wanted) <= YEARS_APART
        for before in one[:place]:
            known &= before[there] != wanted
        count[there] += known
    return count


def _met(one: Ints, other: Ints) -> Ints:
    """How many numbers of one row are in the other."""
    met = [(one[:, place] != NOBODY) & (other == one[:, place, None]).any(axis=1) for place in range(one.shape[1])]
    count: Ints = np.sum(met, axis=0, dtype=np.int32)
    return count
