"""People as columns of numbers, so that a million pairs are compared at once; the same columns serve one household at the desk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cbi.people.names import parts_of

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
PARTS = 3
_DOCUMENTS, _PHONES, _OTHERS = 2, 3, 8
_FULL_DATE = len("1987-04-05")
NOBODY = -1
YEARS = 4096
"""More than there are years, so that a call name and a year are one number."""
YEARS_APART = 3
"""How far apart the births of one person may be told, for the others of a household."""


class Texts(NamedTuple):
    """Texts by their number, and how long each is."""

    every: npt.NDArray[np.object_]
    lengths: Ints


class Told(NamedTuple):
    """What is compared of one person.

    household: which people live together, any whole number.  born: as `values.Born` writes it, "" when nobody knows.
    sex: "female", "male" or "".  phones: of the household.  site: "" when it does not count.
    """

    household: int
    given: str
    family: str = ""
    latin: str = ""
    born: str = ""
    sex: str = ""
    phones: Sequence[str] = ()
    documents: Sequence[str] = ()
    site: str = ""
    shelter: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """People by column; a text is kept once and named by its number, NOBODY where there is none.

    part, sound: the first part of a name and up to two of the rest.  day: 19870405, 0 unless the whole date is known.
    year: 0 when unknown.  rounded: whether the birth was told as an age.  sex: 0 unknown.  others: who else lives there, by
    what they are known by; at most eight.
    """

    household: Ints
    part: Ints
    sound: Ints
    year: Ints
    day: Ints
    rounded: npt.NDArray[np.bool_]
    sex: Ints
    document: Ints
    phone: Ints
    site: Ints
    shelter: Ints
    others: Longs
    parts: Texts
    documents: Texts
    shelters: Texts

    @property
    def count(self) -> int:
        """How many people."""
        return len(self.household)


class _Numbers:
    """Gives each text a number, the same one every time."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def of(self, text: str) -> int:
        """The number of a text, a new one when it is met first; NOBODY for none."""
        return self.known.setdefault(text, len(self.known)) if text else NOBODY

    def padded(self, texts: Sequence[str], width: int) -> list[int]:
        """The numbers of so many texts at most, filled up with NOBODY."""
        if not texts:
            return [NOBODY] * width
        known = self.known  # asked a million times: the loop says what `of` says
        numbers = [known.setdefault(text, len(known)) if text else NOBODY for text in texts[:width]]
        return numbers + [NOBODY] * (width - len(numbers))

    def texts(self) -> Texts:
        """Every text by its number."""
        return Texts(np.array([*self.known, ""], dtype=object)[:-1], np.fromiter(map(len, self.known), np.int32, len(self.known)))


def columns_of(people: Iterable[Told]) -> Columns:
    """The columns of these people, in their order."""
    builder = _Builder()
    for person in people:
        builder.add(person)
    return builder.built()


class _Builder:
    """Puts people in one by one; nothing of a row is kept but its numbers."""

    def __init__(self) -> None:
        self._parts, self._sounds, self._documents = _Numbers(), _Numbers(), _Numbers()
        self._phones, self._sites, self._shelters, self._called = _Numbers(), _Numbers(), _Numbers(), _Numbers()
        self._rows: list[tuple[int, ...]] = []
        self._chunks: list[Ints] = []

    def add(self, person: Told) -> None:
        """Put one person at the end."""
        parts, sounds = name_parts(person.given, person.family, person.latin)
        year, day, rounded = _born(person.born)
        called = self._called.of(f"{person.sex}:{sounds[0]}" if sounds else "")
        self._rows.append(
            (
                person.household,
                *self._parts.padded(parts, PARTS),
                *self._sounds.padded(sounds, PARTS),
                year,
                day,
                rounded,
                _SEXES.get(person.sex, 0),
                *self._documents.padded([_bare(text) for text in person.documents], _DOCUMENTS),
                *self._phones.padded(person.phones, _PHONES),
                self._sites.of(person.site),
                self._shelters.of(_bare(person.shelter)),
                called,
            )
        )
        if len(self._rows) >= _CHUNK:
            self._pack()

    def _pack(self) -> None:
        self._chunks.append(np.array(self._rows, dtype=np.int32).reshape(-1, _WIDTH))
        self._rows = []

    def built(self) -> Columns:
        """Everybody who was put in, by column; nobody is put in afterwards."""
        self._pack()
        table = np.concatenate(self._chunks)
        self._chunks = []
        columns = iter(np.split(table, np.cumsum(_WIDTHS)[:-1], axis=1))
        household, part, sound, year, day, rounded, sex, document, phone, site, shelter, called = (
            np.ascontiguousarray(column[:, 0] if column.shape[1] == 1 else column) for column in columns
        )
        return Columns(
            household,
            part,
            sound,
            year,
            day,
            rounded.astype(bool),
            sex,
            document,
            phone,
            site,
            shelter,
            _others(household, _known_as(called, year)),
            self._parts.texts(),
            self._documents.texts(),
            self._shelters.texts(),
        )


_SEXES = {"female": 1, "male": 2}
_WIDTHS = (1, PARTS, PARTS, 1, 1, 1, 1, _DOCUMENTS, _PHONES, 1, 1, 1)
_WIDTH = sum(_WIDTHS)
_CHUNK = 50_000


def name_parts(given: str, family: str, latin: str) -> tuple[list[str], list[str]]:
    """The first part of a name and the last two of the rest: how each is spelled in Latin letters, and how it sounds.

    A spelling that the person gave wins over one made by rule; how it sounds is taken from the name's own script.
    """
    told = [*parts_of(given), *parts_of(family)]
    theirs = parts_of(latin) if latin else ()
    if not told:
        told = list(theirs)
    spelled = [part for part, _ in (theirs if len(theirs) == len(told) else told)]
    if len(told) > PARTS:
        told, spelled = [told[0], *told[1 - PARTS :]], [spelled[0], *spelled[1 - PARTS :]]
    return spelled, [sound or part for part, sound in told]


def _born(text: str) -> tuple[int, int, int]:
    """Year, whole day as a number, and whether it was told as an age."""
    bare = text.lstrip("~")
    if not bare[:4].isdigit():
        return 0, 0, 0
    day = int(bare.replace("-", "")) if len(bare) == _FULL_DATE else 0
    return int(bare[:4]), day, int(text.startswith("~"))


def _bare(text: str) -> str:
    folded = text.casefold()
    return folded if folded.isalnum() else "".join(filter(str.isalnum, folded))


def _known_as(called: Ints, year: Ints) -> Longs:
    """What others know somebody by: how the person is called, and the year of birth. Numbers near each other are people who may be one."""
    return np.where(called == NOBODY, NOBODY, called.astype(np.int64) * YEARS + year)


def _others(household: Ints, called: Longs) -> Longs:
    """For each person, by what the others of the household are known, NOBODY where there are no more."""
    order = np.argsort(household, kind="stable")
    sorted_households = household[order]
    starts = np.flatnonzero(np.r_[True, sorted_households[1:] != sorted_households[:-1]])
    sizes = np.diff(np.r_[starts, len(order)])
    start, size = np.repeat(starts, sizes), np.repeat(sizes, sizes)
    place = np.arange(len(order)) - start
    others = np.full((len(order), _OTHERS), NOBODY, dtype=np.int64)
    for step in range(1, _OTHERS + 1):
        there = step < size
        others[there, step - 1] = called[order[start[there] + (place[there] + step) % size[there]]]
    found = np.empty_like(others)
    found[order] = others
    return found
