"""Reads an instrument from its files (structure in instrument.toml, words per language beside it) and reports all mistakes at once."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from screening.building import build
from screening.fields import Mistake, Table, Words
from screening.instrument import Instrument

SHIPPED = Path(__file__).parent / "instruments"
STRUCTURE = "instrument.toml"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}", re.ASCII)
_LARGEST_BYTES = 1_000_000

Files = Mapping[str, bytes]
"""The files of an instrument, wherever they come from: name to content."""


class UnreadableInstrument(Exception):
    """An instrument cannot be used until its mistakes are put right."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


@dataclass(frozen=True, slots=True)
class Reading:
    """An instrument in one language as far as it could be read, with every mistake met on the way.

    needed: the place of every text that this language has to say, in the order of the structure, and whether it may be blank.
    """

    instrument: Instrument | None
    mistakes: tuple[Mistake, ...]
    needed: tuple[tuple[tuple[str, ...], bool], ...] = ()


def locate(name: str) -> Path:
    """The folder of an instrument, from its shipped name or a path to a folder or its instrument.toml.

    Raises UnreadableInstrument when there is none.
    """
    if _NAME.fullmatch(name) and (SHIPPED / name / STRUCTURE).is_file():
        return SHIPPED / name
    path = Path(name)
    folder = path.parent if path.name == STRUCTURE else path
    if "\0" not in name and (folder / STRUCTURE).is_file():
        return folder
    raise UnreadableInstrument([Mistake("instrument", f"name an instrument that exists, for example {', '.join(shipped())}")])


def shipped() -> tuple[str, ...]:
    """Names of the instruments that come with the program."""
    return tuple(sorted(path.parent.name for path in SHIPPED.glob(f"*/{STRUCTURE}")))


def gather(folder: Path) -> Files:
    """The files of an instrument that lie in a folder; one that cannot be read is left out, and reading tells that it is missing."""
    names = (STRUCTURE, *(path.name for path in sorted(folder.glob("*.toml")) if path.name != STRUCTURE))
    read_files = {name: _content(folder / name) for name in names if is_part(name)}
    return {name: content for name, content in read_files.items() if content is not None}


def is_part(name: str) -> bool:
    """Whether a file of this name belongs to an instrument: its structure, or the words of a language."""
    return name == STRUCTURE or (name.endswith(".toml") and _LANGUAGE.fullmatch(name.removesuffix(".toml")) is not None)


def languages(names: Iterable[str]) -> tuple[str, ...]:
    """The languages an instrument with files of these names is translated into, by code."""
    return tuple(sorted(name.removesuffix(".toml") for name in names if name != STRUCTURE and is_part(name)))


def read(files: Files, language: str) -> Reading:
    """Read one language of an instrument; nothing is raised, all mistakes are in the answer."""
    mistakes: list[Mistake] = []
    structure = _toml(files, STRUCTURE, mistakes)
    words = _toml(files, f"{language}.toml", mistakes) if _LANGUAGE.fullmatch(language) else None
    if structure is None or words is None:
        return Reading(None, tuple(mistakes) or (Mistake("language", 'name a language by its code, for example "en"'),))
    table, said = Table(structure, STRUCTURE, mistakes), Words(words, f"{language}.toml", mistakes)
    instrument = build(table, said, language)
    table.finish()
    said.finish()
    return Reading(instrument, tuple(mistakes), tuple(said.used.items()))


def _content(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_BYTES + 1)
    except OSError:
        return None


def _toml(files: Files, name: str, mistakes: list[Mistake]) -> dict[str, object] | None:
    content = files.get(name)
    if content is None:
        mistakes.append(Mistake(name, "add this file, and make sure that it can be read"))
        return None
    try:
        if len(content) <= _LARGEST_BYTES:
            return tomllib.loads(content.decode("utf-8"))
        mistakes.append(Mistake(name, "shorten the file to less than 1 MB"))
    except UnicodeDecodeError:
        mistakes.append(Mistake(name, "save the file as UTF-8 text"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        mistakes.append(Mistake(name, f"write it as TOML: {error}"))
    return None
