"""When somebody was born, as people say it: a date, a month, a year, an age, or about a year. Never guessed from 03/04/2016."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from enum import StrEnum

from cbi.errors import Refused
from cbi.people.values import Born
from cbi.web.words import _

OLDEST = 120
_ABOUT = re.compile(r"(?:about|around|circa|ca\.?|c\.|~)\s*", re.IGNORECASE)
_AGE = re.compile(r"(?:age[d]?\s*)?(\d{1,3})(?:\s*(?:years?|yrs?|y)(?:\s*old)?)?", re.IGNORECASE)
_MONTHS_OLD = re.compile(r"(?:age[d]?\s*)?(\d{1,2})\s*(?:months?|mo)(?:\s*old)?", re.IGNORECASE)
_YEAR = re.compile(r"(\d{4})")
_YEAR_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})|(\d{1,2})[-/.](\d{4})")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DATE = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_NAMED = re.compile(r"(\d{1,2})\.?\s+([^\W\d]{3,})\.?,?\s+(\d{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LAST_MONTH = 12


class Told(StrEnum):
    """How a form asked for it."""

    DATE = "date"
    YEAR = "year"
    AGE = "age"


def read_born(text: str, today: date, told: Told | None = None) -> Born:
    """When somebody was born, from what was typed. told: when the form says what it is; None to tell from the text. Raises Refused."""
    typed = _plain(text)
    if not typed:
        raise Refused(_("enter when the person was born, for example 14/02/2014, 1987, or age 71"))
    readers = {Told.DATE: (_date, _month), Told.YEAR: (_about, _year), Told.AGE: (_months_old, _about, _age)}
    # Only bare digits need the form's word for what they are: "14/02/2014" under "Year" is a date all the same.
    for reader in (*readers[told], *(() if typed.isdigit() else _ANY)) if told else _ANY:
        born = reader(typed, today)
        if born is not None:
            return _believable(born, today)
    raise Refused(_asked(told))


def _asked(told: Told | None) -> str:
    match told:
        case Told.DATE:
            return _("write a date, for example 14/02/2014")
        case Told.YEAR:
            return _("write a year, for example 1987, or about 1955")
        case Told.AGE:
            return _("write an age, for example 71")
    return _("write a date, a year or an age, for example 14/02/2014, 1987, or age 71")


def age_on(born: Born, today: date) -> tuple[int, int]:
    """The youngest and oldest the person may be today, in whole years."""
    parts = [int(part) for part in born.text.lstrip("~").split("-")]
    if born.is_estimate:
        return (max(0, today.year - born.year - 1), max(0, today.year - born.year + 1))
    latest = (parts[0], parts[1] if len(parts) > 1 else 12, parts[2] if len(parts) > 2 else 31)  # noqa: PLR2004 -- year, month, day
    earliest = (parts[0], parts[1] if len(parts) > 1 else 1, parts[2] if len(parts) > 2 else 1)  # noqa: PLR2004 -- year, month, day
    return (max(0, _years(latest, today)), max(0, _years(earliest, today)))


def _years(born: tuple[int, int, int], today: date) -> int:
    return today.year - born[0] - ((today.month, today.day) < (born[1], born[2]))


def _plain(text: str) -> str:
    shown = (character for character in unicodedata.normalize("NFKC", text) if unicodedata.category(character) != "Cf")
    digits = (str(unicodedata.digit(character)) if character.isdigit() else character for character in shown)
    return re.sub(r"\s+", " ", "".join(digits)).strip()


def _date(typed: str, _today: date) -> Born | None:
    iso, named, slashed = _ISO.fullmatch(typed), _NAMED.fullmatch(typed), _DATE.fullmatch(typed)
    if iso:
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    if named and named[2][:3].casefold() in _MONTHS:
        return _day(int(named[3]), _MONTHS.index(named[2][:3].casefold()) + 1, int(named[1]))
    if slashed:
        return _slashed(int(slashed[1]), int(slashed[2]), int(slashed[3]))
    return None


def _slashed(first: int, second: int, year: int) -> Born:
    """Two numbers before a year: only when one of them cannot be a month, or both are the same, is it clear which is the day."""
    if first <= _LAST_MONTH and second <= _LAST_MONTH and first != second:
        raise Refused(_("write the month as a word, for example 3 April 2016: the two numbers can be read both ways"))
    day, month = (first, second) if second <= _LAST_MONTH else (second, first)
    return _day(year, month, day)


def _day(year: int, month: int, day: int) -> Born:
    try:
        return Born(date(year, month, day).isoformat(), year)
    except ValueError as wrong:
        raise Refused(_("write a day that is in the calendar, for example 14/02/2014")) from wrong


def _month(typed: str, _today: date) -> Born | None:
    found = _YEAR_MONTH.fullmatch(typed)
    if found is None:
        return None
    year, month = (int(found[1]), int(found[2])) if found[1] else (int(found[4]), int(found[3]))
    if not 1 <= month <= _LAST_MONTH:
        raise Refused(_("write a month from 1 to 12, for example 02/2014"))
    return Born(f"{year:04}-{month:02}", year)


def _about(typed: str, _today: date) -> Born | None:
    found = _ABOUT.match(typed)
    year = _YEAR.fullmatch(typed[found.end() :]) if found else None
    return Born(f"~{year[1]}", int(year[1])) if year else None


def _year(typed: str, _today: date) -> Born | None:
    found = _YEAR.fullmatch(typed)
    return Born(found[1], int(found[1])) if found else None


def _age(typed: str, today: date) -> Born | None:
    about = _ABOUT.match(typed)
    found = _AGE.fullmatch(typed[about.end() :] if about else typed)
    if found is None:
        return None
    if int(found[1]) > OLDEST:
        raise Refused(_("write an age from 0 to %(oldest)s, for example 71", oldest=OLDEST))
    return Born(f"~{today.year - int(found[1])}", today.year - int(found[1]))


def _months_old(typed: str, today: date) -> Born | None:
    found = _MONTHS_OLD.fullmatch(typed)
    if found is None:
        return None
    back = today.year * 12 + today.month - 1 - int(found[1])
    return Born(f"~{back // 12}", back // 12)


def _believable(born: Born, today: date) -> Born:
    if born.year < today.year - OLDEST - 1:
        raise Refused(_("write a year from %(first)s on, for example 1987", first=today.year - OLDEST))
    if born.text.lstrip("~") > today.isoformat():
        raise Refused(_("write a day that is not in the future, for example 14/02/2014"))
    return born


_ANY: tuple[Callable[[str, date], Born | None], ...] = (_date, _month, _about, _months_old, _year, _age)
