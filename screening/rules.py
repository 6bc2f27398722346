"""Concerns: rules that fire with their because and their reason, so that nobody is marked without being told why."""

from collections.abc import Iterable
from dataclasses import dataclass

from screening.answers import Answers
from screening.instrument import Rule
from screening.kinds import Band, Track


@dataclass(frozen=True, slots=True)
class Concern:
    """A rule that fired, with the items that made it fire and its reason in plain words."""

    id: str
    band: Band
    because: tuple[str, ...]
    reason: str
    suggests: tuple[str, ...]
    track: Track | None


def fired(rule: Rule, answers: Answers) -> Concern | None:
    """The concern with its reasons, when every clause of the rule holds; else None."""
    if not rule.clauses or not all(answers.of(clause.item) & set(clause.any_of) for clause in rule.clauses):
        return None
    because = tuple(dict.fromkeys(clause.item for clause in rule.clauses))
    return Concern(rule.id, rule.band, because=because, reason=rule.reason, suggests=rule.suggests, track=rule.track)


def concerns(rules: Iterable[Rule], answers: Answers) -> tuple[Concern, ...]:
    """Every concern of these answers, those that ask for most attention first."""
    found = [concern for rule in rules if (concern := fired(rule, answers))]
    return tuple(sorted(found, key=lambda concern: -concern.band.rank))
