"""Profiles as files: those shipped and those an office saves (TOML), and the column map of the command line (JSON)."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from reconciliation import headings
from reconciliation.cells import words
from reconciliation.payout import Outcome
from reconciliation.profile import Profile
from reconciliation.sheets import UnreadableFile
from reconciliation.vocabulary import Field

_KEYS = frozenset(
    [
        "name",
        "title",
        "version",
        "sheets",
        "header_row",
        "header_rows",
        "columns",
        "decimal",
        "thousands",
        "date_order",
        "currency",
        "negative",
        "paid_words",
        "failed_words",
        "returned_words",
        "headings",
        "known_by",
    ]
)
_WORDS = {"paid_words": Outcome.PAID, "failed_words": Outcome.FAILED, "returned_words": Outcome.RETURNED}
_ORDERS = frozenset({"", "dmy", "mdy", "ymd"})
_MARKS = frozenset({"", ".", ",", " ", "'"})


class UnreadableProfile(UnreadableFile):
    """A profile or column map that does not say how a file is read; `fix` says what to change in it."""


@cache
def shipped() -> tuple[Profile, ...]:
    """The profiles that come with the program, by name."""
    folder = files("reconciliation.profiles")
    sources = sorted((each for each in folder.iterdir() if each.name.endswith(".toml")), key=lambda each: each.name)
    return tuple(from_toml(each.read_text("utf-8")) for each in sources)


def named(name: str) -> Profile:
    """The shipped profile of that name. Raises UnreadableProfile with the names there are."""
    for profile in shipped():
        if profile.name == name:
            return profile
    raise UnreadableProfile(f"name one of the profiles there are: {', '.join(profile.name for profile in shipped())}")


def from_map(path: Path) -> Profile:
    """The profile a MAP.json describes. Raises UnreadableProfile."""
    try:
        source = json.loads(path.read_text("utf-8-sig"))
    except OSError:
        raise UnreadableProfile("check the name of the column map: there is no such file that can be read") from None
    except (ValueError, RecursionError):
        raise UnreadableProfile('write the column map as JSON, for example {"columns": {"amount": "Amount"}}') from None
    return from_mapping(source)


def from_file(path: Path) -> Profile:
    """The profile of a TOML file. Raises UnreadableProfile."""
    try:
        return from_toml(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise UnreadableProfile("check the name of the profile: there is no such file that can be read") from None


def from_toml(text: str) -> Profile:
    """The profile a TOML text describes. Raises UnreadableProfile."""
    try:
        return from_mapping(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        raise UnreadableProfile("write the profile as TOML") from None


def from_mapping(source: object) -> Profile:
    """The profile that plain keys and values describe; unknown keys and columns are refused, so that a typing error is seen."""
    if not isinstance(source, Mapping):
        raise UnreadableProfile("write the column map as an object with the key columns")
    for key in source.keys() - _KEYS:
        raise UnreadableProfile(f'take "{key}" out of the column map, or correct it: it is no key of a map')
    columns, letters = _columns(source.get("columns"))
    order, decimal, thousands = (_text(source, key) for key in ("date_order", "decimal", "thousands"))
    if order not in _ORDERS:
        raise UnreadableProfile("write date_order as dmy, mdy or ymd")
    if not {decimal, thousands} <= _MARKS or (decimal and decimal == thousands):
        raise UnreadableProfile('write decimal and thousands as two different marks, for example "." and ","')
    names = source.get("headings") or []
    return Profile(
        name=_text(source, "name"),
        title=_text(source, "title"),
        version=_whole(source, "version", 1),
        sheets=tuple(_listed(source, "sheets")),
        header_row=_whole(source, "header_row", 0),
        header_rows=_rows(source),
        columns=columns,
        letters=letters,
        decimal=decimal,
        thousands=thousands,
        date_order=order,
        currency=_text(source, "currency").upper(),
        negative_paid=_text(source, "negative") == "paid",
        words=MappingProxyType({words(word): outcome for key, outcome in _WORDS.items() for word in _listed(source, key)}),
        known_by=_text(source, "known_by") or (headings.fingerprint(names) if names else ""),
    )


def _columns(source: object) -> tuple[Mapping[Field, str], Mapping[Field, str]]:
    if not isinstance(source, Mapping) or not source:
        raise UnreadableProfile('say in "columns" which heading holds what, for example {"reference": "Txn Ref", "amount": "Amount"}')
    columns, letters = {}, {}
    for key, named_by in source.items():
        if key not in set(Field):
            raise UnreadableProfile(f'take "{key}" out of the columns of the map: the names are {", ".join(Field)}')
        heading = named_by.get("header") if isinstance(named_by, Mapping) else named_by
        if heading is None:
            continue
        if not isinstance(heading, str) or not heading.strip():
            raise UnreadableProfile(f"write the heading of the column for {key} as text")
        columns[Field(key)] = heading
        if isinstance(named_by, Mapping) and isinstance(named_by.get("column"), str):
            letters[Field(key)] = named_by["column"].upper()
    if Field.AMOUNT not in columns:
        raise UnreadableProfile('say in "columns" which heading holds the amount')
    return MappingProxyType(columns), MappingProxyType(letters)


def _text(source: Mapping[str, object], key: str) -> str:
    value = source.get(key)
    if value is not None and not isinstance(value, str):
        raise UnreadableProfile(f"write {key} as text")
    return value or ""


def _whole(source: Mapping[str, object], key: str, otherwise: int) -> int:
    value = source.get(key)
    if value is None:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UnreadableProfile(f"write {key} as a whole number, counted from 1")
    return value


def _rows(source: Mapping[str, object]) -> int:
    rows = _whole(source, "header_rows", 1)
    if rows not in {1, 2}:
        raise UnreadableProfile("write header_rows as 1 or 2")
    return rows


def _listed(source: Mapping[str, object], key: str) -> list[str]:
    value = source.get(key)
    if value is None:
        return []
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise UnreadableProfile(f'write {key} as a list of texts, for example ["SUCCESS"]')
    return list(value)


def to_map(profile: Profile) -> dict[str, object]:
    """A profile as the keys and values of a MAP.json; from_mapping makes the same profile of it."""
    columns: dict[str, object] = {
        field.value: {"header": heading, "column": profile.letters[field]} if field in profile.letters else heading
        for field, heading in profile.columns.items()
    }
    source: dict[str, object] = {
        "sheets": list(profile.sheets) or None,
        "header_row": profile.header_row,
        "header_rows": profile.header_rows,
        "columns": columns,
        "decimal": profile.decimal,
        "thousands": profile.thousands,
        "date_order": profile.date_order,
        **{key: [word for word, kind in profile.words.items() if kind is outcome] for key, outcome in _WORDS.items()},
    }
    extra = {"name": profile.name, "title": profile.title, "currency": profile.currency, "known_by": profile.known_by}
    source.update({key: value for key, value in extra.items() if value})
    source.update({"version": profile.version} if profile.version != 1 else {})
    source.update({"negative": "paid"} if profile.negative_paid else {})
    return source


def to_toml(profile: Profile) -> str:
    """A profile as TOML; from_toml makes the same profile of it."""
    source = to_map(profile)
    columns = source.pop("columns")
    assert isinstance(columns, dict)
    lines = [f"{key} = {_toml(value)}" for key, value in source.items() if value is not None]
    return "\n".join([*lines, "", "[columns]", *(f"{key} = {_toml(value)}" for key, value in columns.items()), ""])


def _toml(value: object) -> str:
    # JSON's text, list and number are TOML's too once every character above ASCII and every control character is escaped.
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    return str(value)
