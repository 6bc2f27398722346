"""Which pairs of people are worth comparing: those who share a key that few share.

Each kind of key is tried as it is, then finer and finer. The smallest groups are taken first, until there are as many pairs as the number of
people allows: so the keys tighten by themselves as the people become more, and the pairs grow as the people do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cbi.people.match_columns import NOBODY, PARTS, Columns, Ints

Keys = npt.NDArray[np.int64]
PAIRS_A_PERSON = 2.0
"""How many pairs each kind of key may bring for each person, at most."""
_LARGEST = 200
_FAINT = 0.5
_CROSSED = 25  # pairs of two households of five
_MIX = 0x9E3779B97F4A7C15 - (1 << 64)


def candidates(columns: Columns, a_person: float = PAIRS_A_PERSON) -> tuple[Ints, Ints]:
    """The pairs to compare, each once, of two households each.

    Of two households that meet in two pairs, everybody is compared with everybody: who was registered with the others may be written badly.
    """
    met = _apart(columns, _pairs(_groups(columns, _kinds(columns), a_person)))
    faint = _apart(columns, _pairs(_groups(columns, _faint_kinds(columns), a_person * _FAINT)))
    crossed = _everybody_of(columns, *_households_met_twice(columns, met, a_person))
    both = _once(np.concatenate([met, faint, crossed]))
    return (both >> 32).astype(np.int32), (both & 0xFFFFFFFF).astype(np.int32)


def _pairs(groups: Iterable[_Groups]) -> Keys:
    return np.concatenate([np.zeros(0, dtype=np.int64), *(_within(group.people, group.starts, group.size) for group in groups)])


def keys_of(columns: Columns, a_person: float = PAIRS_A_PERSON) -> list[list[int]]:
    """The same by person: two people of two households who share one of these keys are compared. For an engine that pairs people for itself."""
    keys: list[list[int]] = [[] for _ in range(columns.count)]
    strong = list(_groups(columns, _kinds(columns), a_person))
    faint = _groups(columns, _faint_kinds(columns), a_person * _FAINT)
    shared = [group.people[start : start + group.size] for group in (*strong, *faint) for start in group.starts]
    met = _apart(columns, _pairs(strong))
    homes = _Homes(columns.household)
    for one, other in zip(*_households_met_twice(columns, met, a_person), strict=True):
        shared.append(np.r_[homes.people(one), homes.people(other)])
    for number, people in enumerate(shared):
        for person in people:
            keys[person].append(number)
    return keys


def _once(pairs: Keys) -> Keys:
    """Each pair once, in order. `np.unique` counts by hashing, which takes four times as long over millions."""
    ordered = np.sort(pairs)
    once: Keys = ordered[np.r_[True, ordered[1:] != ordered[:-1]]] if len(ordered) else ordered
    return once


def _apart(columns: Columns, pairs: Keys) -> Keys:
    """Each pair once, without those of one household."""
    both = _once(pairs)
    apart: Keys = both[columns.household[both >> 32] != columns.household[both & 0xFFFFFFFF]]
    return apart


class _Homes:
    """Who lives in each household."""

    def __init__(self, household: Ints) -> None:
        self._order = np.argsort(household, kind="stable").astype(np.int32)
        self.starts = np.searchsorted(household[self._order], np.arange(int(household.max(initial=-1)) + 2))

    def people(self, home: int) -> Ints:
        """The places of the people of one household."""
        found: Ints = self._order[self.starts[home] : self.starts[home + 1]]
        return found

    def at(self, places: npt.NDArray[np.int64]) -> Ints:
        """The people at these places, counted household after household."""
        found: Ints = self._order[places]
        return found


def _households_met_twice(columns: Columns, pairs: Keys, a_person: float) -> tuple[Keys, Keys]:
    """Pairs of households, those that met most often first, as many as the number of people allows."""
    one, other = columns.household[pairs >> 32].astype(np.int64), columns.household[pairs & 0xFFFFFFFF]
    homes, counts = np.unique(np.minimum(one, other) << 32 | np.maximum(one, other), return_counts=True)
    homes, counts = homes[counts > 1], counts[counts > 1]
    first = np.argsort(-counts, kind="stable")[: int(max(columns.count, 1_000) * a_person / _CROSSED)]
    return homes[first] >> 32, homes[first] & 0xFFFFFFFF


def _everybody_of(columns: Columns, ones: Keys, others: Keys) -> Keys:
    """Every pair of one household's people with the other's."""
    homes = _Homes(columns.household)
    size = np.diff(homes.starts)
    crossed = size[ones] * size[others]
    pair = np.repeat(np.arange(len(ones)), crossed)
    place = np.arange(len(pair)) - np.repeat(np.cumsum(crossed) - crossed, crossed)
    mine = homes.at(homes.starts[ones[pair]] + place // size[others[pair]]).astype(np.int64)
    theirs = homes.at(homes.starts[others[pair]] + place % size[others[pair]]).astype(np.int64)
    return np.minimum(mine, theirs) << 32 | np.maximum(mine, theirs)


@dataclass(frozen=True, slots=True)
class _Groups:
    """Groups of one size of people who share a key: each begins at one of `starts` in `people`."""

    people: Ints
    starts: npt.NDArray[np.int64]
    size: int


def _groups(columns: Columns, kinds: Iterable[_Kind], a_person: float) -> Iterator[_Groups]:
    budget = int(max(columns.count, 1_000) * a_person)
    for people, keys, finer in kinds:
        yield from _groups_of(people, keys, finer, budget)


_Finer = Sequence[Keys]
_Kind = tuple[Ints, Keys, _Finer]


def _kinds(columns: Columns) -> Iterator[_Kind]:
    """People with a key each, and what makes the key finer, by person: one kind after the other."""
    everybody = np.arange(columns.count, dtype=np.int32)
    year, sex, site = columns.year.astype(np.int64), columns.sex.astype(np.int64), columns.site.astype(np.int64)
    bands = (_mixed(year // 4, sex), _mixed((year + 2) // 4, sex))
    given = columns.sound[:, 0].astype(np.int64)
    for people, keys in _sound_pairs(columns):
        yield people, keys, (bands[0], site)
        yield people, _mixed(keys, bands[1][people]), (site,)
    for column in (columns.document, columns.phone):
        held, of = np.nonzero(column != NOBODY)
        yield held.astype(np.int32), column[held, of].astype(np.int64), (given, year)
    dated = columns.day > 0
    for place in range(PARTS):
        sound = columns.sound[:, place].astype(np.int64)
        heard = dated & (sound != NOBODY)
        yield everybody[heard], _mixed(columns.day[heard].astype(np.int64), sound[heard]), (sex, site)
    yield everybody[dated], columns.day[dated].astype(np.int64), (_mixed(sex, site), given)
    housed = columns.shelter != NOBODY
    yield everybody[housed], columns.shelter[housed].astype(np.int64), (_mixed(sex, site), _mixed(given, year))
    named = given != NOBODY
    for band in bands:
        yield everybody[named], _mixed(given[named], site[named], band[named]), (_first_phone(columns), year)


def _faint_kinds(columns: Columns) -> Iterator[_Kind]:
    """Keys by which a whole family meets another of its name: they bring pairs, but do not count as two households meeting."""
    people, place = np.nonzero(columns.sound != NOBODY)
    sound, site = columns.sound[people, place].astype(np.int64), columns.site.astype(np.int64)
    yield people.astype(np.int32), _mixed(sound, site[people]), ()


def _first_phone(columns: Columns) -> Keys:
    return columns.phone[:, 0].astype(np.int64)


def _sound_pairs(columns: Columns) -> Iterator[tuple[Ints, Keys]]:
    """Two parts of a name by their sound, whatever their order."""
    for one in range(PARTS):
        for other in range(one + 1, PARTS):
            first, second = columns.sound[:, one].astype(np.int64), columns.sound[:, other].astype(np.int64)
            both = (first != NOBODY) & (second != NOBODY)
            low, high = np.minimum(first, second), np.maximum(first, second)
            yield np.flatnonzero(both).astype(np.int32), _mixed(low[both], high[both])


def _mixed(*numbers: Keys) -> Keys:
    """One number of several; two different rows meet by chance about never."""
    mixed = np.zeros(len(numbers[0]), dtype=np.int64)
    with np.errstate(over="ignore"):
        for number in numbers:
            mixed = (mixed ^ (number + 1)) * np.int64(_MIX)
            mixed ^= mixed >> 29
    return mixed


def _groups_of(people: Ints, keys: Keys, finer: _Finer, budget: int) -> Iterator[_Groups]:
    for step in (None, *finer):
        if step is not None:
            keys = _mixed(keys, step[people])
        order = np.argsort(keys)
        people, keys = people[order], keys[order]
        starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, dtype=np.int64)
        sizes = np.diff(np.r_[starts, len(keys)])
        most = _most(sizes, budget)
        for size in np.flatnonzero(np.bincount(sizes[(sizes > 1) & (sizes <= most)])):
            taken = starts[sizes == size]
            budget -= len(taken) * int(size * (size - 1) // 2)
            yield _Groups(people, taken, int(size))
        rest = np.repeat(sizes > most, sizes)
        people, keys = people[rest], keys[rest]


def _most(sizes: npt.NDArray[np.int64], budget: int) -> int:
    """The largest group that can be taken when the smaller ones are taken first."""
    counts = np.bincount(sizes[sizes <= _LARGEST], minlength=2)
    present = np.flatnonzero(counts)
    allowed = present[np.cumsum(present * (present - 1) // 2 * counts[present]) <= budget]
    return int(allowed[-1]) if len(allowed) else 1


def _within(people: Ints, starts: npt.NDArray[np.int64], size: int) -> Keys:
    """All pairs within groups of one size."""
    groups = people[starts[:, None] + np.arange(size)].astype(np.int64)
    one, other = np.triu_indices(size, 1)
    first, second = groups[:, one].ravel(), groups[:, other].ravel()
    pairs: Keys = np.minimum(first, second) << 32 | np.maximum(first, second)
    return pairs
