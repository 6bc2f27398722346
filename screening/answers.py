"""Reads what was answered and says everything that is wrong with it at once; an unknown item or option is never guessed."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from screening.instrument import Instrument, Item
from screening.kinds import ItemType

UNTOUCHED = "-"
_SHORT = re.compile(r"[A-Za-z0-9_]{1,16}", re.ASCII)


class UnreadableAnswers(Exception):
    """Answers that do not belong to the instrument; each problem completes "You need to …"."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


@dataclass(frozen=True, slots=True)
class Answers:
    """The options chosen per item; an item that was not touched is not in it.

    chosen: option ids per item id, implicit ones ("pnta", "dk") included.
    """

    chosen: Mapping[str, frozenset[str]]

    def of(self, item_id: str) -> frozenset[str]:
        """The options chosen for an item; empty when it was left untouched."""
        return self.chosen.get(item_id, frozenset())


def parse_household(instrument: Instrument, raw: Mapping[str, object]) -> Answers:
    """Household answers by item id: an option's id, or a list of them for an item with several.

    None, "-" and an empty list mean untouched.  Raises UnreadableAnswers with every problem.
    """
    items = {item.id: item for item in instrument.items}
    implicit = frozenset(instrument.implicit_ids())
    return _parse(raw, items, lambda item_id, value: _household_problem(items[item_id], implicit, value))


def parse_site(instrument: Instrument, raw: Mapping[str, object]) -> Answers:
    """Answers of a site check by item id ("yes", "partly", "no", "dk"). Raises UnreadableAnswers with every problem."""
    allowed = tuple(answer for answer, _ in instrument.site_points)
    items = {item.id for item in instrument.site_items}
    return _parse(raw, items, lambda item_id, value: _one_problem(item_id, frozenset(allowed), value, allowed))


def settled(item: Item, options: frozenset[str]) -> frozenset[str]:
    """What counts when somebody ticked both "nothing needed" and something else: the something else."""
    return options - {option.id for option in item.options if option.exclusive} or options


def _parse(raw: Mapping[str, object], items: Iterable[str], problem_of: Callable[[str, object], str | None]) -> Answers:
    known, problems, chosen = set(items), [], {}
    for number, (item_id, value) in enumerate(raw.items(), 1):
        if item_id not in known:
            problems.append(f"remove or correct {_named('item', item_id, number)}, which this form does not have")
        elif not _is_untouched(value):
            problem = problem_of(item_id, value)
            if problem:
                problems.append(problem)
            else:
                chosen[item_id] = frozenset([value] if isinstance(value, str) else value)  # type: ignore[call-overload]  # checked just above
    if problems:
        raise UnreadableAnswers(problems)
    return Answers(chosen)


def _is_untouched(value: object) -> bool:
    return value is None or value in (UNTOUCHED, [])


def _household_problem(item: Item, implicit: frozenset[str], value: object) -> str | None:
    own = tuple(option.id for option in item.options)
    allowed = frozenset(own) | implicit
    if item.type is ItemType.ONE or isinstance(value, str):
        return _one_problem(item.id, allowed, value, own)
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        return f'answer {item.id} with a list of options, for example ["{own[0]}"]'
    strangers = [one for one in value if one not in allowed]
    if strangers:
        return f"correct {_named('option', strangers[0], 0)} of {item.id}; choose from: {', '.join(own)}"
    alone = implicit | {option.id for option in item.options if option.exclusive}
    if len(set(value)) > 1 and alone & set(value):
        return f'choose in {item.id} either "{min(alone & set(value))}" alone or the other options'
    return None


def _one_problem(item_id: str, allowed: frozenset[str], value: object, shown: tuple[str, ...]) -> str | None:
    if not isinstance(value, str):
        return f'answer {item_id} with one option as text, for example "{shown[0]}"'
    if value in allowed:
        return None
    return f"correct {_named('option', value, 0)} of {item_id}; choose from: {', '.join(shown)}"


def _named(kind: str, text: str, number: int) -> str:
    # Only what looks like an id is repeated: anything else may be a name somebody typed in the wrong place.
    if _SHORT.fullmatch(text):
        return f'{kind} "{text}"'
    return f"{kind} number {number}" if number else f"the {kind}"
