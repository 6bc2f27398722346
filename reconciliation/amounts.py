"""Reads written amounts exactly: which mark is the decimal one is decided for a column as a whole, or asked, never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from reconciliation.cells import Fault, Value, kind_of, plain, text_of
from reconciliation.money import Money, UnknownCurrency, UnreadableAmount, minor_digits
from reconciliation.vocabulary import currency_of, is_currency_word

_NUMBER = re.compile(r"[0-9][0-9.,' ٬٫’]*", re.ASCII)
_MARKS = re.compile(r"[.,' ]")
_AFTER = re.compile(r"/[=-]$|\.-$")
_GROUP = 3
_ARABIC = {0x066C: ",", 0x066B: ".", 0x2019: "'", 0x060C: ","}
_LATIN_DECIMAL_ARABIC = ("٫", "٬")


class AmountProblem(ValueError):
    """An amount that cannot be read; the text completes "You need to …"."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Which mark stands before the decimals and which between thousands; "" for one that is not decided or not used."""

    decimal: str = ""
    thousands: str = ""


@dataclass(frozen=True, slots=True)
class MarksFound:
    """What a column says about its marks. unclear: positions of amounts that read two ways; clashing: that contradict the others."""

    marks: Marks
    unclear: tuple[int, ...] = ()
    clashing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """An amount as written, taken apart: its digits with marks, its sign, and the currency word beside it."""

    number: str
    negative: bool
    word: str


@lru_cache(maxsize=65536)
def take_apart(text: str) -> Written | None:
    """The parts of a written amount; None when there is no single number in it."""
    folded = _AFTER.sub("", plain(text.translate(_ARABIC)))
    negative = folded.startswith("(") and folded.endswith(")")
    folded = folded.strip("()").strip() if negative else folded
    found = _NUMBER.search(folded)
    if found is None:
        return None
    number = found.group().rstrip(" .,'")
    before, after = folded[: found.start()].strip(), folded[found.start() + len(number) :].strip()
    for side in (before, after):
        if side.endswith("-") or side.startswith("-"):
            if negative:
                return None
            negative = True
    word = before.strip("- ").strip() + after.strip("- ").strip()
    if any(character.isdigit() for character in word):
        return None
    return Written(number, negative, word)


def find_marks(texts: Iterable[str], currency: str) -> MarksFound:
    """Decide the marks of a column from everything written in it.

    One value is enough when it can be read one way only: "12,250.50", "1.250.000", "75.5".  "1.250" by itself reads two ways
    and stays unclear, unless as a decimal it would hold more decimals than the currency has.
    """
    decimals: dict[str, int] = {}
    thousands: dict[str, int] = {}
    open_values: list[tuple[int, str, str]] = []
    for position, text in enumerate(texts):
        written = take_apart(text)
        if written is None:
            continue
        if "٫" in text or "٬" in text:
            decimals.setdefault(".", position)
            thousands.setdefault(",", position)
            continue
        _vote(position, written.number, decimals, thousands, open_values)
    return _weigh(decimals, thousands, open_values, currency)


def _vote(position: int, number: str, decimals: dict[str, int], thousands: dict[str, int], open_values: list[tuple[int, str, str]]) -> None:
    marks = _MARKS.findall(number)
    if not marks:
        return
    last = marks[-1]
    whole, _, tail = number.rpartition(last)
    if len(set(marks)) > 1:
        decimals.setdefault(last, position)
        thousands.setdefault(marks[0], position)
    elif len(marks) > 1 or last in "' ":
        thousands.setdefault(last, position)
    elif len(tail) != _GROUP or len(whole) > _GROUP or whole.startswith("0"):
        decimals.setdefault(last, position)
    else:
        open_values.append((position, last, tail))


def _weigh(decimals: dict[str, int], thousands: dict[str, int], open_values: list[tuple[int, str, str]], currency: str) -> MarksFound:
    clashing = sorted({places[mark] for mark in decimals.keys() & thousands.keys() for places in (decimals, thousands)})
    if not clashing and len(decimals) > 1:
        clashing = sorted(decimals.values())
    if clashing:
        return MarksFound(Marks(), clashing=tuple(clashing))
    for mark in {mark for _, mark, _ in open_values} - decimals.keys() - thousands.keys():
        if decimals or any(not _could_be_decimals(tail, currency) for _, seen, tail in open_values if seen == mark):
            thousands[mark] = -1
    unclear = tuple(position for position, mark, _ in open_values if mark not in decimals and mark not in thousands)
    group = next(iter(sorted(thousands, key=lambda mark: mark in "' ")), "")
    point = next(iter(decimals), "") or {".": ",", ",": "."}.get(group, "")
    return MarksFound(Marks(point, group or {".": ",", ",": "."}.get(point, "")), unclear=unclear)


def _could_be_decimals(tail: str, currency: str) -> bool:
    try:
        return not tail[minor_digits(currency) :].strip("0") if currency else True
    except UnknownCurrency:
        return True


def read_amount(value: Value, marks: Marks, currency: str) -> Money:
    """The exact amount in a cell. Raises AmountProblem with what to do for anything that is not one.

    A number cell is taken at its shortest text, which must be exact in the currency; text is read with the marks given.
    A code such as "USD" written beside the number is the amount's currency.
    """
    if isinstance(value, str):
        return _read_text(value, marks, currency)
    if isinstance(value, Fault):
        raise AmountProblem("open the file where it was made and save it again: this cell shows an error or was never calculated")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AmountProblem(f"enter the amount as a number, for example 75.50; this cell holds a {kind_of(value).value}")
    return _parsed(text_of(value), currency)


@lru_cache(maxsize=65536)
def _read_text(text: str, marks: Marks, currency: str) -> Money:
    written = take_apart(text)
    if written is None:
        raise AmountProblem("enter the amount as a number, for example 75.50")
    stated = _currency_beside(written.word, currency)
    number = written.number
    if _MARKS.search(number):
        number = _canonical(number, marks)
    amount = _parsed(number, stated)
    return -amount if written.negative else amount


def _currency_beside(word: str, currency: str) -> str:
    if not word or is_currency_word(word, currency) or is_currency_word(word.rstrip("."), currency):
        return currency
    stated = currency_of(word) or currency_of(word.upper())
    if not stated:
        raise AmountProblem("enter the amount as a number alone, for example 75.50, with its currency in a column of its own")
    return stated


def _canonical(number: str, marks: Marks) -> str:
    if not marks.decimal and not marks.thousands:
        raise AmountProblem('say which mark is the decimal one, as "1,250" and "1.250" read two ways')
    whole, point, decimals = number.partition(marks.decimal) if marks.decimal else (number, "", "")
    groups = whole.split(marks.thousands) if marks.thousands else [whole]
    if not _grouped(groups) or (point and not decimals.isdigit()):
        raise AmountProblem("write the amount with the same marks as the rest of its column, for example 1250.50")
    return "".join(groups) + ("." + decimals if point else "")


def _grouped(groups: list[str]) -> bool:
    if not all(group.isdigit() and group.isascii() for group in groups):
        return False
    if len(groups) == 1:
        return True
    middle = {len(group) for group in groups[1:-1]}
    return len(groups[-1]) == _GROUP and 0 < len(groups[0]) <= _GROUP and middle in (set(), {3}, {2})


def _parsed(number: str, currency: str) -> Money:
    try:
        return Money.parse(number, currency)
    except UnknownCurrency:
        raise AmountProblem("name the currency by its three letters, for example KES") from None
    except UnreadableAmount:
        digits = minor_digits(currency)
        allowed = "no decimals" if digits == 0 else f"at most {digits} decimals"
        raise AmountProblem(f"enter the exact amount with {allowed}, as {currency} has") from None
