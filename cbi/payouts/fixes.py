"""What the engine asks a person to correct, in the reader's language.

The engine speaks English and other programs rely on its sentences, so each is its own key, as gettext has it: here they stand as templates,
and what a sentence names (a currency, a number of decimals) is found back in it. A sentence nobody translated yet is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cbi.payouts.sheet_names import Names
from cbi.web.words import _, _l

TEMPLATES = (
    _l("open the file where it was made and save it again: this cell shows an error or was never calculated"),
    _l("ask for this column as text: a spreadsheet has cut its digits short"),
    _l("say what happened to this payment, for example Paid, Failed or Returned"),
    _l("say what this status word means: paid, failed or returned"),
    _l("name the currency by its three letters, for example KES"),
    _l("name the currency: neither a column nor the heading says it"),
    _l("enter the amount as a number, for example 75.50"),
    _l("enter the amount as a number, for example 75.50; this cell holds a %(kind)s"),
    _l("enter the amount as a number alone, for example 75.50, with its currency in a column of its own"),
    _l("write the amount as digits alone, for example 1250: its ending says that it has no decimals, its marks that it has"),
    _l('say which mark is the decimal one, as "1,250" and "1.250" read two ways'),
    _l("write the amount with the same marks as the rest of its column, for example 1250.50"),
    _l("write the amount without marks between its digits: with three of them after its mark, %(currency)s can be read two ways"),
    _l("enter the exact amount with no decimals, as %(currency)s has"),
    _l("enter the exact amount with at most %(digits)s decimals, as %(currency)s has"),
    _l("enter the date as a date, for example 2026-11-17"),
    _l("enter the date and time as 2026-11-17 10:02"),
    _l("enter a date that is in the calendar, for example 2026-11-17"),
    _l("say whether the day or the month comes first, as this date reads two ways"),
    _l("enter the date in the Gregorian calendar with its year in four digits, for example 2026-11-17"),
    _l("check the total: it says %(stated)s, and the lines above it add up to %(summed)s"),
    _l("correct this row and upload it again, as it could not be read"),
    _l("correct row %(row)s of sheet %(sheet)s and upload the corrected rows: it could not be read"),
    _l("leave this row as it was: it could be read and counts already; undo the file to change it"),
    _l("send the provider's list of payments: this file holds no table, only single words or numbers"),
    _l("upload the file again: reading it stopped several times before its end"),
)
_KINDS = {
    "text": _l("text"),
    "number": _l("number"),
    "date": _l("date"),
    "bool": _l("yes or no"),
    "empty": _l("blank"),
    "error": _l("mistake of a formula"),
}
_NAMED = re.compile(r"%\((\w+)\)s")
_NAMED_PLACES = 5


def say(fix: str) -> str:
    """The sentence in the reader's language, to stand after "You need to"."""
    for pattern, template in _patterns():
        found = pattern.fullmatch(fix)
        if found:
            return _(template, **{name: _named(name, value) for name, value in found.groupdict().items()})
    return fix


def _named(name: str, value: str) -> str:
    """What a sentence names, in the reader's language: a kind of cell is a word, all else stands as it is."""
    return str(_KINDS.get(value, value)) if name == "kind" else value


def say_each(problems: Iterable[Mapping[str, Any]], named: Names) -> list[dict[str, Any]]:  # Any: the preview's JSON
    """The same problems or gaps, each with its sheet by its name and its sentence in the reader's language."""
    return [{**one, "sheet": named.told(one["sheet"]), "fix": say(str(one["fix"]))} for one in problems]


@dataclass(frozen=True, slots=True)
class Together:
    """What is to be done in the same words at one or more places. places: the first of them, in words.  more: how many besides."""

    fix: str
    places: str
    more: int


def together(gaps: Iterable[Mapping[str, Any]], named: Names) -> list[Together]:  # Any: the preview's JSON
    """Each sentence once, in the order met, with the rows it is about."""
    rows: dict[str, list[str]] = {}
    for gap in say_each(gaps, named):
        where = rows.setdefault(gap["fix"], [])
        if gap["sheet"]:
            where.append(_("%(sheet)s, row %(row)s", sheet=gap["sheet"], row=gap["row"]))
    return [Together(fix, "; ".join(where[:_NAMED_PLACES]), max(0, len(where) - _NAMED_PLACES)) for fix, where in rows.items()]


def is_known(fix: str) -> bool:
    """Whether a sentence has a template."""
    return any(pattern.fullmatch(fix) for pattern, _template in _patterns())


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each template as a pattern of the English sentences it makes; those that name nothing come first."""
    english = sorted((str(template._args[0]) for template in TEMPLATES), key=lambda text: bool(_NAMED.search(text)))  # noqa: SLF001 -- English, whatever is read now
    return tuple((re.compile(_pattern(text)), text) for text in english)


def _pattern(template: str) -> str:
    plain_and_named = _NAMED.split(template)
    return "".join(f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(plain_and_named))
