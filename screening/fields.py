"""Takes values out of a TOML table one by one and notes every mistake with its place, instead of stopping at the first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

_E = TypeVar("_E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to put right in an instrument.

    place: the file and the entry ("instrument.toml: item H05, option no").
    fix: completes the sentence "You need to …".
    """

    place: str
    fix: str

    def __str__(self) -> str:
        return f"{self.place}: you need to {self.fix}"


@dataclass(slots=True)
class Table:
    """One TOML table being read; wrong values are noted and replaced, so that reading goes on."""

    content: Mapping[str, object]
    place: str
    mistakes: list[Mistake]
    used: set[str] = field(default_factory=set)

    def note(self, fix: str) -> None:
        """Remember a mistake at this place."""
        self.mistakes.append(Mistake(self.place, fix))

    def has(self, key: str) -> bool:
        """Whether the key is written down at all."""
        return key in self.content

    def text(self, key: str) -> str:
        """A required text that is not blank."""
        value = self._take(key)
        if isinstance(value, str) and value.strip():
            return value
        self.note(f'give "{key}" as text, for example {key} = "…"')
        return ""

    def optional_text(self, key: str) -> str | None:
        """A text that may be left out."""
        return self.text(key) if self.has(key) else None

    def number(self, key: str) -> int:
        """A required whole number, 0 or more."""
        value = self._take(key)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self.note(f'give "{key}" as a whole number of 0 or more, for example {key} = 2')
        return 0

    def optional_number(self, key: str) -> int | None:
        """A whole number that may be left out."""
        return self.number(key) if self.has(key) else None

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false, with a default."""
        if not self.has(key):
            return default
        value = self._take(key)
        if isinstance(value, bool):
            return value
        self.note(f'write "{key}" as true or false')
        return default

    def ids(self, key: str) -> tuple[str, ...]:
        """A list of ids that may be left out; each written once."""
        value = self._take(key, default=[])
        if not isinstance(value, list) or not all(isinstance(entry, str) and entry for entry in value):
            self.note(f'write "{key}" as a list of texts, for example {key} = ["yes"]')
            return ()
        if len(set(value)) < len(value):
            self.note(f'name everything in "{key}" once')
        return tuple(dict.fromkeys(value))

    def choice(self, key: str, kind: type[_E]) -> _E:
        """A required word from a closed list."""
        value = self._take(key)
        if isinstance(value, str) and value in set(kind):
            return kind(value)
        self.note(f'choose "{key}" from: {", ".join(kind)}')
        return next(iter(kind))

    def optional_choice(self, key: str, kind: type[_E]) -> _E | None:
        """A word from a closed list that may be left out."""
        return self.choice(key, kind) if self.has(key) else None

    def table(self, key: str) -> "Table":
        """A required inner table; empty when it is missing or is something else."""
        value = self._take(key)
        if isinstance(value, dict):
            return Table(value, f"{self.place}, {key}", self.mistakes)
        self.note(f'add the table "{key}"')
        return Table({}, f"{self.place}, {key}", self.mistakes, used={"*"})

    def tables(self, key: str, called: str) -> list["Table"]:
        """The inner tables of a list, each placed by its id or else its number."""
        value = self._take(key, default=[])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.note(f'write "{key}" as a list of tables')
            return []
        return [Table(entry, f"{self.place}, {called} {entry.get('id', number)}", self.mistakes) for number, entry in enumerate(value, 1)]

    def finish(self) -> None:
        """Note every key that nothing reads: most are misspellings of one that matters."""
        for key in self.content:
            if key not in self.used:
                self.note(f'remove or correct "{key}", which means nothing here')

    def _take(self, key: str, default: object = None) -> object:
        self.used.add(key)
        return self.content.get(key, default)


@dataclass(slots=True)
class Words:
    """One language's words being read; a missing translation and a word without a use are both mistakes.

    used: every place that was asked for, and whether it may stay blank.
    """

    content: Mapping[str, object]
    place: str
    mistakes: list[Mistake]
    used: dict[tuple[str, ...], bool] = field(default_factory=dict)

    def text(self, *path: str, blank: bool = False, lacking: str = "translate {path}") -> str:
        """The words at this path. blank: may be empty, but must be there.  lacking: what to do when they are not."""
        self.used[path] = blank
        value: object = self.content
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str) and (blank or value.strip()):
            return value
        self.mistakes.append(Mistake(self.place, lacking.replace("{path}", ".".join(path))))
        return ""

    def finish(self) -> None:
        """Note the words that belong to nothing in the instrument."""
        for path in _leaves(self.content, ()):
            if path not in self.used:
                self.mistakes.append(Mistake(self.place, f"remove or correct {'.'.join(path)}, which belongs to nothing in the instrument"))


def _leaves(value: object, path: tuple[str, ...]) -> list[tuple[str, ...]]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in _leaves(inner, (*path, str(key)))]
    return [path]
