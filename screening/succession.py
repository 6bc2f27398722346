"""May one version take another's place? What a program counts with must stay, however the words and the private questions change."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

from screening.check import check_files, load_package
from screening.fields import Mistake
from screening.instrument import Instrument
from screening.kinds import ItemType, Page
from screening.package import Package
from screening.versions import is_version, order

# A letter has one size for ever; besides the answers it carries who, where and when.
_LONGEST_ANSWERS = 2_800
_PLACE = "instrument.toml"


def unfit(new: Package, model: Package) -> tuple[Mistake, ...]:
    """Every reason why a package cannot be used where its model is: unsound, or without something the office counts with.

    model: the instrument that comes with the program.
    """
    unsound = check_files(new.as_files())
    if unsound:
        return unsound
    return tuple(_changed(load_package(new, new.languages[0]), load_package(model)))


def not_next(new: Package, current: Package) -> tuple[Mistake, ...]:
    """Every reason why a package does not follow the one in use: another instrument, no newer, or with fewer languages."""
    return tuple(_not_next(new, current))


def _not_next(new: Package, current: Package) -> Iterator[Mistake]:
    if new.name != current.name:
        yield Mistake(_PLACE, f"choose a version of {current.name}: this is another instrument")
    if not is_version(new.version) or order(new.version) <= order(current.version):
        yield Mistake(_PLACE, f"choose a version newer than {current.version}, which is in use")
    for language in sorted(set(current.languages) - set(new.languages)):
        yield Mistake(f"{language}.toml", "keep this language: it is in use")


def _changed(new: Instrument, model: Instrument) -> Iterator[Mistake]:
    for place, fix, part in _KEPT:
        if part(new) != part(model):
            yield Mistake(place, fix)
    for page in Page:
        longest = {item.id: [option.id for option in item.options] for item in new.page(page)}
        if len(json.dumps(longest, separators=(",", ":"))) > _LONGEST_ANSWERS:
            yield Mistake(f"{_PLACE}: page {page}", "leave items or options out: all answers together must fit into one letter")


def _site_part(instrument: Instrument) -> object:
    return (
        [replace(one, wording="", sources=()) for one in instrument.site_items],
        [replace(one, title="") for one in instrument.site_fixes],
        [replace(one, reason="") for one in instrument.site_rules],
        instrument.site_points,
        (instrument.thresholds.site_medium, instrument.thresholds.site_high),
    )


def _beginning(instrument: Instrument) -> object:
    return [replace(one, wording="") for one in instrument.session_gates], [replace(one, reason="") for one in instrument.gates]


def _choices(instrument: Instrument) -> object:
    return [
        (
            item.id,
            item.type is ItemType.MULTIPLE,
            item.relevance,
            item.needs,
            [(one.id, one.collect, one.exclusive) for one in item.options],
        )
        for item in instrument.page(Page.CHOICES)
    ]


def _frame(instrument: Instrument) -> object:
    return instrument.name, instrument.mechanisms, instrument.implicit_ids(), instrument.held_back


_KEPT: tuple[tuple[str, str, Callable[[Instrument], object]], ...] = (
    (
        f"{_PLACE}: site check",
        "keep its lines, fixes and rules as they were, but for the words: checks of places count with them",
        _site_part,
    ),
    (f"{_PLACE}: gates", "keep what opens and stops the private page as it was, but for the words", _beginning),
    (
        f"{_PLACE}: page choices",
        "keep its items and their options, but for words, points and measures: each stands for an arrangement of the office",
        _choices,
    ),
    (f"{_PLACE}, instrument", "keep its name, mechanisms, implicit options and what is held back", _frame),
)
