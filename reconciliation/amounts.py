"""Reads written amounts exactly: which mark is the decimal one is decided for a column as a whole, or asked, never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from reconciliation.cells import Fault, Value, kind_of, plain, text_of
from reconciliation.money import Money, UnknownCurrency, UnreadableAmount, minor_digits
from reconciliation.vocabulary import currency_of, is_currency_word

_NUMBER = re.compile(r"[0-9][0-9.,' ٬٫’]*", re.ASCII)
_MARKS = re.compile(r"[.,' ]")
_AFTER = re.compile(r"/[=-]$|\.-$")
_GROUP = 3
_ARABIC = {0x066C: ",", 0x066B: ".", 0x2019: "'", 0x060C: ","}
_LATIN_DECIMAL_ARABIC = frozenset("٫٬")
_SOFT_HYPHEN = "\u00ad"  # invisible in most programs, a minus in some


class AmountProblem(ValueError):
    """An amount that cannot be read; the text completes "You need to …"."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Which mark stands before the decimals and which between thousands; "" for one that is not decided or not used."""

    decimal: str = ""
    thousands: str = ""


_OF_ARABIC = Marks(".", ",")


@dataclass(frozen=True, slots=True)
class MarksFound:
    """What a column says about its marks. unclear: positions of amounts that read two ways; clashing: that contradict the others."""

    marks: Marks
    unclear: tuple[int, ...] = ()
    clashing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """An amount as written, taken apart: its digits with marks, its sign, and the currency word beside it.

    whole: it ends as "/=", "/-" or ".-", so it has no decimals.  arabic: its marks are those of Arabic numbers, which mean one thing only.
    """

    number: str
    negative: bool
    word: str
    whole: bool = False
    arabic: bool = False


@lru_cache(maxsize=65536)
def take_apart(text: str) -> Written | None:
    """The parts of a written amount; None when there is no single number in it, or its sign could be a mere dash."""
    folded = plain(text.translate(_ARABIC)).removeprefix("'")
    bare = _AFTER.sub("", folded)
    in_brackets = bare.startswith("(") and bare.endswith(")")
    inside = bare.strip("()").strip() if in_brackets else bare
    found = _NUMBER.search(inside)
    if found is None or _SOFT_HYPHEN in text:
        return None
    number = found.group().rstrip(" .,'")
    before, after = inside[: found.start()], inside[found.start() + len(number) :]
    sign = _sign(before, after)
    if sign is None or (sign and in_brackets):
        return None
    word = before.strip("+- ") + after.strip("- ")
    if any(character.isdigit() for character in word):
        return None
    return Written(number, in_brackets or sign == "-", word, bare != folded, not _LATIN_DECIMAL_ARABIC.isdisjoint(text))


def _sign(before: str, after: str) -> str | None:
    """The sign of a number from what stands around it; None when a dash may be a minus or may only part the number from a word.

    A minus stands first of all, or touches the number on one side with nothing else touching it: "-KES 50", "KES -50", "50-".
    """
    marks = [mark for mark in before + after if mark in "+-"]
    if not marks:
        return ""
    if len(marks) > 1:
        return None
    leads = before.lstrip()[:1] in {"+", "-"}
    touches = before[-2:] in {" +", " -"} or (after[:1] == "-" and after[1:2] in {"", " "})
    return marks[0] if leads or touches else None


@dataclass(slots=True)
class _Votes:
    """What single amounts of a column say about its marks, each with the position of the first that says so.

    three: decimal marks with three decimals after them.  open_values: amounts that read two ways, with their mark and the three digits after it.
    """

    decimals: dict[str, int] = field(default_factory=dict)
    thousands: dict[str, int] = field(default_factory=dict)
    three: set[str] = field(default_factory=set)
    open_values: list[tuple[int, str, str]] = field(default_factory=list)

    def take(self, position: int, number: str) -> None:
        """Let one written number speak for its marks."""
        marks = _MARKS.findall(number)
        if not marks:
            return
        last = marks[-1]
        whole, _, tail = number.rpartition(last)
        if len(set(marks)) > 1:
            self._is_decimal(position, last, tail)
            self.thousands.setdefault(marks[0], position)
        elif len(marks) > 1 or last in "' ":
            self.thousands.setdefault(last, position)
        elif len(tail) != _GROUP or len(whole) > _GROUP or whole.startswith("0"):
            self._is_decimal(position, last, tail)
        else:
            self.open_values.append((position, last, tail))

    def _is_decimal(self, position: int, mark: str, tail: str) -> None:
        self.decimals.setdefault(mark, position)
        if len(tail) == _GROUP:
            self.three.add(mark)


def find_marks(texts: Iterable[str], currency: str) -> MarksFound:
    """Decide the marks of a column from everything written in it.

    One value is enough when it can be read one way only: "12,250.50", "1.250.000", "75.5".  "1.250" by itself reads two ways
    and stays unclear, unless as a decimal it would hold more decimals than the currency has; beside "75.5" it does too, as nobody
    who writes one decimal writes three.
    """
    votes = _Votes()
    for position, text in enumerate(texts):
        written = take_apart(text)
        if written is None or not _may_speak(written, currency):
            continue
        if written.arabic:
            votes.decimals.setdefault(".", position)
            votes.thousands.setdefault(",", position)
        else:
            votes.take(position, written.number)
    return _weigh(votes, currency)


def _may_speak(written: Written, currency: str) -> bool:
    """Whether an amount could be read at all: "12,00O" is a slip, and says nothing of how the others are written."""
    try:
        return not currency or bool(_currency_beside(written.word, currency))
    except AmountProblem:
        return False


def _weigh(votes: _Votes, currency: str) -> MarksFound:
    decimals, thousands = votes.decimals, votes.thousands
    clashing = sorted({places[mark] for mark in decimals.keys() & thousands.keys() for places in (decimals, thousands)})
    if not clashing and len(decimals) > 1:
        clashing = sorted(decimals.values())
    if clashing:
        return MarksFound(Marks(), clashing=tuple(clashing))
    for mark in {mark for _, mark, _ in votes.open_values} - decimals.keys() - thousands.keys():
        if decimals or any(not _could_be_decimals(tail, currency) for _, seen, tail in votes.open_values if seen == mark):
            thousands[mark] = -1
    decided = thousands.keys() | (decimals.keys() if _has_three(currency) else votes.three)
    unclear = tuple(position for position, mark, _ in votes.open_values if mark not in decided)
    group = next(iter(sorted(thousands, key=lambda mark: mark in "' ")), "")
    point = next(iter(decimals), "") or {".": ",", ",": "."}.get(group, "")
    return MarksFound(Marks(point, group or {".": ",", ",": "."}.get(point, "")), unclear=unclear)


def _has_three(currency: str) -> bool:
    try:
        return bool(currency) and minor_digits(currency) >= _GROUP
    except UnknownCurrency:
        return False


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
        if written.arabic:
            marks = _OF_ARABIC
        elif written.whole and marks.decimal and marks.decimal in number:
            raise AmountProblem(
                "write the amount as digits alone, for example 1250: its ending says that it has no decimals, its marks that it has"
            )
        number = _canonical(number, marks, "" if written.arabic else stated)
    amount = _parsed(number, stated)
    return -amount if written.negative else amount


def _currency_beside(word: str, currency: str) -> str:
    if not word or is_currency_word(word, currency) or is_currency_word(word.rstrip("."), currency):
        return currency
    stated = currency_of(word) or currency_of(word.upper())
    if not stated:
        raise AmountProblem("enter the amount as a number alone, for example 75.50, with its currency in a column of its own")
    return stated


def _canonical(number: str, marks: Marks, currency: str) -> str:
    if not marks.decimal and not marks.thousands:
        raise AmountProblem('say which mark is the decimal one, as "1,250" and "1.250" read two ways')
    whole, point, decimals = number.partition(marks.decimal) if marks.decimal else (number, "", "")
    groups = whole.split(marks.thousands) if marks.thousands else [whole]
    if not _grouped(groups) or (point and not decimals.isdigit()):
        raise AmountProblem("write the amount with the same marks as the rest of its column, for example 1250.50")
    if len(decimals) == _GROUP and len(whole) <= _GROUP and not whole.startswith("0") and currency and not _has_three(currency):
        raise AmountProblem(
            f"write the amount without marks between its digits: with three of them after its mark, {currency} can be read two ways"
        )
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
