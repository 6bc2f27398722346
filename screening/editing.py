"""Changes an instrument's files one entry at a time; whether the outcome is sound is for `check` to say, not for these."""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from typing import cast

from screening.fields import Mistake
from screening.package import Package
from screening.reading import STRUCTURE, UnreadableInstrument, is_part, read
from screening.writing import entry, toml

Content = dict[str, object]
Place = tuple[str, ...]


class Kind(StrEnum):
    """What a specialist changes of the structure; the site part stays as the office counts with it."""

    ITEM = "item"
    RULE = "rule"
    MEASURE = "measure"


def ids(package: Package, kind: Kind) -> tuple[str, ...]:
    """The ids of all entries of a kind, in order."""
    return tuple(str(one.get("id")) for one in _entries(_structure(package), kind))


def block(package: Package, kind: Kind, wanted: str) -> str:
    """One entry as TOML, to be edited. Raises KeyError when there is none."""
    for one in _entries(_structure(package), kind):
        if one.get("id") == wanted:
            return entry(kind, one)
    raise KeyError(wanted)


def put_block(package: Package, kind: Kind, text: str) -> Package:
    """Put an entry in from its TOML: in place of the one with its id, else at the end. Raises UnreadableInstrument with every mistake."""
    new = _read_entry(kind, text)
    structure = _structure(package)
    entries = _entries(structure, kind)
    at = [number for number, one in enumerate(entries) if one.get("id") == new["id"]]
    structure[kind] = [new if number in at else one for number, one in enumerate(entries)] if at else [*entries, new]
    return _pruned(_with(package, STRUCTURE, structure))


def remove_block(package: Package, kind: Kind, wanted: str) -> Package:
    """Leave an entry out, with its words in every language."""
    structure = _structure(package)
    structure[kind] = [one for one in _entries(structure, kind) if one.get("id") != wanted]
    return _pruned(_with(package, STRUCTURE, structure))


def put_points(package: Package, item: str, points: Mapping[str, int], page: str) -> Package:
    """Give an item's options these points, and the item this page."""
    structure = _structure(package)
    for one in _entries(structure, Kind.ITEM):
        if one.get("id") == item:
            one["page"] = page
            for option in _tables(one.get("options")):
                option["points"] = points.get(str(option.get("id")), option.get("points"))
    return _with(package, STRUCTURE, structure)


def points(package: Package, item: str) -> dict[str, int]:
    """The points of an item's options, by option; those that are no number are left out."""
    options = [
        option for one in _entries(_structure(package), Kind.ITEM) if one.get("id") == item for option in _tables(one.get("options"))
    ]
    return {str(one.get("id")): worth for one in options if isinstance(worth := one.get("points"), int)}


def page(package: Package, item: str) -> str:
    """The page an item stands on; "" when it stands on none."""
    return next((str(one.get("page", "")) for one in _entries(_structure(package), Kind.ITEM) if one.get("id") == item), "")


def needed(package: Package, language: str) -> tuple[Place, ...]:
    """The place of every text that has to be said in a language, in the order of the structure."""
    return tuple(_needed(package, language))


def words(package: Package, language: str) -> dict[Place, str]:
    """What is said in a language, by place."""
    return {place: str(text) for place, text in _leaves(_toml(package, f"{language}.toml"), ())}


def put_words(package: Package, language: str, said: Mapping[Place, str]) -> Package:
    """Say these texts in a language; an empty one that may not be blank is taken away, so that `check` misses it."""
    content, may_be_blank = _toml(package, f"{language}.toml"), _needed(package, language)
    for place, text in said.items():
        _put(content, place, " ".join(text.split()), blank=may_be_blank.get(place, False))
    return _with(package, f"{language}.toml", content)


def add_language(package: Package, language: str) -> Package:
    """Begin a translation: everything is still to be said. Raises UnreadableInstrument when the code is none."""
    name = f"{language}.toml"
    if not is_part(name) or name == STRUCTURE or language in package.languages:
        raise UnreadableInstrument([Mistake("language", 'name a language that is not there yet by its code, for example "fr"')])
    return _with(package, name, {})


def put_version(package: Package, version: str) -> Package:
    """The same instrument as another version."""
    structure = _structure(package)
    head = structure.get("instrument")
    structure["instrument"] = {**(head if isinstance(head, dict) else {}), "version": version}
    return _with(package, STRUCTURE, structure)


def _needed(package: Package, language: str) -> dict[Place, bool]:
    return dict(read(package.as_files(), language).needed)


def _read_entry(kind: Kind, text: str) -> Content:
    example = f"write one entry that begins with [[{kind}]] and has an id"
    try:
        found = tomllib.loads(text)
        strange = _strange(found)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UnreadableInstrument([Mistake(kind, f"write it as TOML: {error}")]) from error
    entries = _tables(found.get(kind))
    if set(found) != {kind} or len(entries) != 1 or not isinstance(entries[0].get("id"), str):
        raise UnreadableInstrument([Mistake(kind, example)])
    if strange:
        raise UnreadableInstrument(
            Mistake(kind, f'write "{key}" as text, a whole number, true or false, or a list of them') for key in strange
        )
    return entries[0]


def _strange(content: Mapping[str, object]) -> list[str]:
    """Keys of the entry with a value an instrument never holds: a date, a fraction."""
    entries = [one for value in content.values() for one in _tables(value)]
    return [key for one in entries for key, value in one.items() if not _is_ordinary(value)]


def _is_ordinary(value: object) -> bool:
    if isinstance(value, list):
        return all(map(_is_ordinary, value))
    if isinstance(value, dict):
        return all(map(_is_ordinary, value.values()))
    return isinstance(value, str | int)


def _pruned(package: Package) -> Package:
    """Without the words that belong to nothing any more, in every language."""
    for language in package.languages:
        kept = set(needed(package, language))
        said = {place: text for place, text in words(package, language).items() if place in kept}
        content: Content = {}
        for place, text in said.items():
            _put(content, place, text, blank=True)
        package = _with(package, f"{language}.toml", content)
    return package


def _put(content: Content, place: Place, text: str, *, blank: bool = False) -> None:
    *folders, last = place
    for folder in folders:
        inner = content.setdefault(folder, {})
        content = cast("Content", inner) if isinstance(inner, dict) else {}
    if text or blank:
        content[last] = text
    else:
        content.pop(last, None)


def _leaves(value: object, place: Place) -> list[tuple[Place, object]]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in _leaves(inner, (*place, str(key)))]
    return [(place, value)]


def _structure(package: Package) -> Content:
    return _toml(package, STRUCTURE)


def _toml(package: Package, name: str) -> Content:
    return tomllib.loads(package.texts()[name])


def _entries(structure: Content, kind: Kind) -> list[Content]:
    return _tables(structure.get(kind))


def _tables(value: object) -> list[Content]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _with(package: Package, name: str, content: Content) -> Package:
    return Package.of({**package.as_files(), name: toml(content).encode("utf-8")})
