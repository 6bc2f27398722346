"""Which changes of arrangement to suggest to the officer, and in which order; each is open to every household anyway."""

from collections.abc import Iterable
from dataclasses import dataclass

from screening.answers import Answers
from screening.instrument import Instrument
from screening.kinds import Effect
from screening.rules import Concern

# What costs nothing and tells nobody comes first, who receives comes last: the further down, the more people notice.
_STEP = dict.fromkeys(Effect, 1) | {Effect.NONE: 0, Effect.MESSAGING: 0, Effect.COLLECTOR: 2, Effect.RECIPIENT: 3}


@dataclass(frozen=True, slots=True)
class Blocked:
    """A measure that was chosen but waits until an officer has talked with the person, and the concern it waits for."""

    measure: str
    by: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What to suggest, and what not with its reason.

    suggested: in the order to offer. blocked: one entry per concern in the way. unavailable: not to be had at this site.
    """

    suggested: tuple[str, ...]
    blocked: tuple[Blocked, ...]
    unavailable: tuple[str, ...]


def suggest(instrument: Instrument, answers: Answers, concerns: Iterable[Concern], available: frozenset[str] | None) -> Suggestions:
    """Measures of the chosen options and of the concerns, without the blocked ones and those not to be had here.

    available: ids of measures that can be had at the site; None when all can.
    """
    raised = tuple(concerns)
    wanted = in_order(instrument, _wanted(instrument, answers) | {measure for concern in raised for measure in concern.suggests})
    blocked = tuple(
        Blocked(measure, concern.id) for measure in wanted for concern in raised if concern.id in instrument.measure(measure).blocked_by
    )
    free = [measure for measure in wanted if measure not in {one.measure for one in blocked}]
    return Suggestions(
        suggested=tuple(measure for measure in free if available is None or measure in available),
        blocked=blocked,
        unavailable=tuple(measure for measure in free if available is not None and measure not in available),
    )


def in_order(instrument: Instrument, wanted: Iterable[str]) -> tuple[str, ...]:
    """Free and unnoticed first, schedule changes next, another collector, another recipient last; else as in the catalogue."""
    asked = set(wanted)
    known = [measure for measure in instrument.measures if measure.id in asked]
    return tuple(measure.id for measure in sorted(known, key=lambda measure: _STEP[measure.effect]))


def available_at(instrument: Instrument, menu: Iterable[str]) -> frozenset[str]:
    """The measures to be had at a site with this menu, with those that need nothing of the site's schedule.

    A talk, a card or a quiet message is always to be had: the gate requires somebody on call.
    """
    always = {measure.id for measure in instrument.measures if _STEP[measure.effect] == 0}
    return frozenset(always | set(menu))


def _wanted(instrument: Instrument, answers: Answers) -> set[str]:
    return {
        measure for item in instrument.items for option in item.options if option.id in answers.of(item.id) for measure in option.measures
    }
