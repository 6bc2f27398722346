"""Reads an instrument from its folder (structure in instrument.toml, words per language beside it) and reports all mistakes at once."""

import re
import tomllib
from collections.abc import Iterable
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


class UnreadableInstrument(Exception):
    """An instrument cannot be used until its mistakes are put right."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


@dataclass(frozen=True, slots=True)
class Reading:
    """An instrument in one language as far as it could be read, with every mistake met on the way."""

    instrument: Instrument | None
    mistakes: tuple[Mistake, ...]


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


def languages(folder: Path) -> tuple[str, ...]:
    """The languages an instrument is translated into, by code."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml") if path.name != STRUCTURE and _LANGUAGE.fullmatch(path.stem)))


def read(folder: Path, language: str) -> Reading:
    """Read one language of an instrument; nothing is raised, all mistakes are in the answer."""
    mistakes: list[Mistake] = []
    structure = _toml(folder / STRUCTURE, mistakes)
    words = _toml(folder / f"{language}.toml", mistakes) if _LANGUAGE.fullmatch(language) else None
    if structure is None or words is None:
        return Reading(None, tuple(mistakes) or (Mistake("language", 'name a language by its code, for example "en"'),))
    table, said = Table(structure, STRUCTURE, mistakes), Words(words, f"{language}.toml", mistakes)
    instrument = build(table, said, language)
    table.finish()
    said.finish()
    return Reading(instrument, tuple(mistakes))


def _toml(path: Path, mistakes: list[Mistake]) -> dict[str, object] | None:
    try:
        content = path.read_bytes()
        if len(content) <= _LARGEST_BYTES:
            return tomllib.loads(content.decode("utf-8"))
        mistakes.append(Mistake(path.name, "shorten the file to less than 1 MB"))
    except OSError:
        mistakes.append(Mistake(path.name, "add this file, and make sure that it can be read"))
    except UnicodeDecodeError:
        mistakes.append(Mistake(path.name, "save the file as UTF-8 text"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        mistakes.append(Mistake(path.name, f"write it as TOML: {error}"))
    return None
