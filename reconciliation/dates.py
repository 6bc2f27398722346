"""Reads written dates by a declared order of day and month; what reads two ways is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from reconciliation.cells import Fault, Moment, Value, plain, text_of, words

_NUMERIC = re.compile(r"(\d{1,4})([/.\- ])(\d{1,2})\2(\d{1,4})(?:[ T,]+(.*))?", re.ASCII)
_COMPACT = re.compile(r"(20\d{2})(\d{2})(\d{2})(?:[ T]?(\d{6}|\d{4}))?", re.ASCII)
_MONTH_WORD = r"([^\d\s./,\-][^\d./,\-]{1,24}?)"
_NAMED = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th|er)?[\s./-]*(?:de |of )?{_MONTH_WORD}\.?[\s,./-]*(?:de |del )?(\d{{4}}|\d{{2}})(?:[ T,]+(.*))?"
)
_NAMED_FIRST = re.compile(rf"{_MONTH_WORD}\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})(?:[ T,]+(.*))?")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*([AaPp]\.?[Mm]\.?)?(?:\s*(?:[A-Z]{3,4}|Z|[+-]\d{2}:?\d{2}))?", re.ASCII)
_REAL = re.compile(r"20\d\d-\d\d-\d\d(T\d\d:\d\d.*)?", re.ASCII)
# One line a month; a name of two words has "_" between them. Arabic has three sets of names: Nile and Gulf, Levant and Iraq, Maghreb.
_MONTHS = {
    1: "jan january janvier janv enero ene janeiro januari يناير كانون_الثاني جانفي জানুয়ারি ဇန်နဝါရီ",
    2: "feb february fevrier fevr fev febrero fevereiro februari فبراير شباط فيفري ফেব্রুয়ারি ဖေဖော်ဝါရီ",
    3: "mar march mars marzo marco machi مارس آذار اذار মার্চ မတ်",
    4: "apr april avril avr abril abr aprili أبريل ابريل نيسان أفريل افريل এপ্রিল ဧပြီ",
    5: "may mai mayo maio mei مايو أيار ايار ماي মে မေ",
    6: "jun june juin junio junho juni يونيو حزيران جوان জুন ဇွန်",
    7: "jul july juillet juil julio julho julai يوليو تموز جويلية জুলাই ဇူလိုင်",
    8: "aug august aout agosto ago agosti أغسطس اغسطس آب اب أوت اوت আগস্ট ဩဂုတ်",
    9: "sep sept september septembre septiembre setembro set septemba سبتمبر أيلول ايلول সেপ্টেম্বর စက်တင်ဘာ",
    10: "oct october octobre octubre outubro out oktoba أكتوبر اكتوبر تشرين_الأول تشرين_الاول অক্টোবর အောက်တိုဘာ",
    11: "nov november novembre noviembre novembro novemba نوفمبر تشرين_الثاني নভেম্বর နိုဝင်ဘာ",
    12: "dec december decembre diciembre dic dezembro dez desemba ديسمبر كانون_الأول كانون_الاول ডিসেম্বর ဒီဇင်ဘာ",
}
_MONTH_OF = {words(name.replace("_", " ")): number for number, names in _MONTHS.items() for name in names.split()}
_MAX_MONTH = 12
_LONG_YEAR = 4
# Payments are of this century. Years of two digits end before those of the Islamic (144x) and the Buddhist (256x) calendar begin.
_YEARS, _SHORT_YEARS = range(2000, 2100), range(41)
_CALENDAR = "enter the date in the Gregorian calendar with its year in four digits, for example 2026-11-17"


class DateProblem(ValueError):
    """A date that cannot be read; the text completes "You need to …"."""


@dataclass(frozen=True, slots=True)
class OrderFound:
    """What a column says about its order: "dmy", "mdy" or "" ; unclear and clashing are positions in the column."""

    order: str = ""
    unclear: tuple[int, ...] = ()
    clashing: tuple[int, ...] = ()


def find_order(values: Iterable[Value]) -> OrderFound:
    """Decide the order of day and month from a whole column; a column of text dates beside real ones is never decided by itself.

    A spreadsheet that opened "04/11/2026" with the other order made a real date of it and left "17/11/2026" as text.
    """
    day_first: list[int] = []
    month_first: list[int] = []
    either: list[int] = []
    real = 0
    for position, value in enumerate(values):
        if isinstance(value, Moment):
            real += 1
        elif isinstance(value, str) and (pair := _pair(value)) is not None:
            first, second = pair
            (day_first if first > _MAX_MONTH else month_first if second > _MAX_MONTH else either).append(position)
    if day_first and month_first:
        return OrderFound(clashing=(day_first[0], month_first[0]))
    if real and (day_first or month_first or either):
        return OrderFound(unclear=tuple(either or day_first or month_first))
    if day_first or month_first:
        return OrderFound(order="dmy" if day_first else "mdy")
    return OrderFound(unclear=tuple(either))


def _pair(text: str) -> tuple[int, int] | None:
    found = _NUMERIC.fullmatch(plain(text))
    if found is None or len(found.group(1)) == _LONG_YEAR:
        return None
    return int(found.group(1)), int(found.group(3))


def looks_like_date(value: Value) -> bool:
    """Whether a cell holds a date in some way of writing it."""
    if isinstance(value, Moment):
        return "-" in value.iso
    if not isinstance(value, str):
        return False
    try:
        return bool(read_date(value, ""))
    except DateProblem:
        return _pair(value) is not None


def read_date(value: Value, order: str) -> str:
    """The date in a cell as ISO text, with its time when it has one; "" for an empty cell.

    order: "dmy", "mdy" or "ymd" says how two numbers that could both be months are read.  Raises DateProblem.
    """
    if isinstance(value, Moment):
        if not _REAL.fullmatch(value.iso):
            raise DateProblem(_CALENDAR)
        return value.iso
    if value is None or value == "":
        return ""
    if isinstance(value, bool | Fault) or (isinstance(value, float) and not value.is_integer()):
        raise DateProblem("enter the date as a date, for example 2026-11-17")
    return _read_text(text_of(value), order)


@lru_cache(maxsize=65536)
def _read_text(text: str, order: str) -> str:
    folded = plain(text)
    if not folded:
        return ""
    day, clock = _day(folded, order)
    return day.isoformat() + _clock(clock)


def _day(folded: str, order: str) -> tuple[date, str]:
    if found := _COMPACT.fullmatch(folded):
        return _made(found.group(1), found.group(2), found.group(3)), _spread(found.group(4))
    if found := _NUMERIC.fullmatch(folded):
        return _numeric(found, order), found.group(5) or ""
    if (found := _NAMED.fullmatch(folded)) and (month := _MONTH_OF.get(words(found.group(2)))):
        return _made(found.group(3), month, found.group(1)), found.group(4) or ""
    if (found := _NAMED_FIRST.fullmatch(folded)) and (month := _MONTH_OF.get(words(found.group(1)))):
        return _made(found.group(3), month, found.group(2)), found.group(4) or ""
    raise DateProblem("enter the date as a date, for example 2026-11-17")


def _numeric(found: re.Match[str], order: str) -> date:
    first, second, last = found.group(1), found.group(3), found.group(4)
    if len(first) == _LONG_YEAR:
        return _made(first, second, last)
    if order == "ymd" and len(last) < _LONG_YEAR:
        return _made(first, second, last)
    if order in {"dmy", "mdy"}:
        return _made(last, second, first) if order == "dmy" else _made(last, first, second)
    if int(first) > _MAX_MONTH >= int(second):
        return _made(last, second, first)
    if int(second) > _MAX_MONTH >= int(first):
        return _made(last, first, second)
    raise DateProblem("say whether the day or the month comes first, as this date reads two ways")


def _made(year: str, month: str | int, day: str) -> date:
    full = int(year) + 2000 if int(year) in _SHORT_YEARS and len(year) <= 2 else int(year)  # noqa: PLR2004 - a year of two digits
    if full not in _YEARS:
        raise DateProblem(_CALENDAR)
    try:
        return date(full, int(month), int(day))
    except ValueError:
        raise DateProblem("enter a date that is in the calendar, for example 2026-11-17") from None


def _spread(digits: str | None) -> str:
    return ":".join(digits[place : place + 2] for place in range(0, len(digits), 2)) if digits else ""


def _clock(text: str) -> str:
    if not text.strip():
        return ""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise DateProblem("enter the date and time as 2026-11-17 10:02")
    hour, minute, second = int(found.group(1)), int(found.group(2)), int(found.group(3) or 0)
    half = (found.group(4) or "").casefold().replace(".", "")
    if hour >= (13 if half == "am" else 24) or minute >= 60 or second >= 60:  # noqa: PLR2004 - a clock; "15:03 PM" is odd and clear
        raise DateProblem("enter the date and time as 2026-11-17 10:02")
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return f"T{hour:02}:{minute:02}:{second:02}"
