"""The one model by which people are told to be the same: what is compared, in which steps, and how much each step says.

It has the form of Fellegi and Sunter (1969): a step speaks with the base-2 logarithm of how much more often it is seen between two
entries of one person (m) than between two people (u). The figures are data, in `match_weights.json`, written by the training command.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from cbi.people.tables_certainty import Certainty

FEWEST = 1_000
"""Among fewer people chance is reckoned as among so many."""
SHIPPED = Path(__file__).parent / "match_weights.json"


class Aspect(StrEnum):
    """One thing that is compared between two people; also the code under which it is remembered."""

    GIVEN = "given"
    FAMILY = "family"
    BORN = "born"
    SEX = "sex"
    DOCUMENT = "document"
    PHONE = "phone"
    SITE = "site"
    SHELTER = "shelter"
    OTHERS = "others"


class Step(StrEnum):
    """How near two people are in one aspect."""

    SAME = "same"
    NEAR = "near"
    SOUND = "sound"
    SAME_YEAR = "same_year"
    ONE_APART = "one_apart"
    TWO_APART = "two_apart"
    ROUNDED = "rounded"
    THREE_SHARED = "three_shared"
    TWO_SHARED = "two_shared"
    ONE_SHARED = "one_shared"
    DIFFERS = "differs"


_NAME = (Step.SAME, Step.NEAR, Step.SOUND, Step.DIFFERS)
_BORN = (Step.SAME, Step.NEAR, Step.SAME_YEAR, Step.ONE_APART, Step.TWO_APART, Step.ROUNDED, Step.DIFFERS)
STEPS: Mapping[Aspect, tuple[Step, ...]] = {
    Aspect.GIVEN: _NAME,
    Aspect.FAMILY: _NAME,
    Aspect.BORN: _BORN,
    Aspect.SEX: (Step.SAME, Step.DIFFERS),
    Aspect.DOCUMENT: (Step.SAME, Step.NEAR, Step.DIFFERS),
    Aspect.PHONE: (Step.SAME, Step.DIFFERS),
    Aspect.SITE: (Step.SAME, Step.DIFFERS),
    Aspect.SHELTER: (Step.SAME, Step.NEAR, Step.DIFFERS),
    Aspect.OTHERS: (Step.THREE_SHARED, Step.TWO_SHARED, Step.ONE_SHARED, Step.DIFFERS),
}
"""The steps of each aspect, nearest first. An aspect that one of two people lacks has no step and says nothing."""

NAMES = (Aspect.GIVEN, Aspect.FAMILY)
OWN = (Aspect.GIVEN, Aspect.FAMILY, Aspect.BORN, Aspect.SEX, Aspect.DOCUMENT)
"""What is a person's own. The rest a whole household shares, and can alone not make two of its people one."""


@dataclass(frozen=True, slots=True)
class Chances:
    """How often a step is seen between two entries of one person (m) and between two people (u)."""

    m: float
    u: float

    @property
    def weight(self) -> float:
        """What the step speaks for the two being one; below 0 it speaks against."""
        return math.log2(self.m / self.u)


@dataclass(frozen=True, slots=True)
class Model:
    """The weights and the bounds.

    above_chance: by how much a weight must exceed what chance brings among so many people before two of them are put before somebody.
    own_from: what their own aspects must say at least, since what a household shares does not make two of its people one.
    besides_from: what everything besides the name must say at least, since a name alone does not make two people one.
    likely_from, certain_from: above chance, for the words of the queue.  made_by: how the figures came to be.
    """

    chances: Mapping[Aspect, Mapping[Step, Chances]]
    above_chance: float
    own_from: float
    besides_from: float
    likely_from: float
    certain_from: float
    made_by: str

    def weight(self, aspect: Aspect, step: Step) -> float:
        """What one step says."""
        return self.chances[aspect][step].weight

    def found_from(self, people: int) -> float:
        """The weight from which a pair is put before somebody: each doubling of the people doubles the pairs that chance makes alike."""
        return math.log2(max(people, FEWEST)) + self.above_chance

    def certainty(self, weight: float, people: int) -> Certainty:
        """The word for a weight among so many people."""
        above = weight - math.log2(max(people, FEWEST))
        if above >= self.certain_from:
            return Certainty.ALMOST_CERTAIN
        return Certainty.LIKELY if above >= self.likely_from else Certainty.POSSIBLE

    def to_json(self) -> dict[str, Any]:  # Any: JSON
        """The model as it is kept in its file."""
        chances = {a.value: {s.value: {"m": c.m, "u": c.u} for s, c in steps.items()} for a, steps in self.chances.items()}
        return {"made_by": self.made_by, **{name: getattr(self, name) for name in _BOUNDS}, "chances": chances}


_BOUNDS = ("above_chance", "own_from", "besides_from", "likely_from", "certain_from")


def from_json(content: Mapping[str, Any]) -> Model:  # Any: JSON
    """A model from its file. Raises KeyError when a step has no figures."""
    chances = {aspect: {step: Chances(**content["chances"][aspect.value][step.value]) for step in steps} for aspect, steps in STEPS.items()}
    return Model(chances, made_by=str(content["made_by"]), **{name: float(content[name]) for name in _BOUNDS})


@lru_cache(maxsize=1)
def shipped() -> Model:
    """The model of this release."""
    return from_json(json.loads(SHIPPED.read_text("utf-8")))
