"""A whole instrument as one value and one file, so that it can be kept, handed on and recognised by its digest."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Self

from screening.fields import Mistake
from screening.reading import SHIPPED, STRUCTURE, Files, UnreadableInstrument, gather, is_part, languages

_KIND = "delivery check instrument"
_KEYS = {"kind", "name", "version", "digest", "files"}
_LARGEST_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Package:
    """An instrument's files together; whether they are sound is another question. files: by name, in order."""

    files: tuple[tuple[str, bytes], ...]

    @classmethod
    def of(cls, files: Files) -> Self:
        """A package of these files."""
        return cls(tuple(sorted(files.items())))

    @classmethod
    @cache
    def shipped(cls, name: str) -> Self:
        """The package of an instrument that comes with the program."""
        return cls.of(gather(SHIPPED / name))

    @classmethod
    def from_texts(cls, texts: Mapping[str, str]) -> Self:
        """Back from `texts`."""
        return cls.of({name: text.encode("utf-8", errors="replace") for name, text in texts.items()})

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read a file that `to_bytes` made. Raises UnreadableInstrument when it is none, or was changed since."""
        given = _given(content)
        package = cls.from_texts(given)
        strange = [name for name in given if not is_part(name)]
        if strange:
            raise UnreadableInstrument(Mistake("file", f'leave "{name}" out: it belongs to no instrument') for name in strange)
        if package.to_bytes() != content:
            raise UnreadableInstrument([Mistake("file", "ask for the file again: it was changed on its way")])
        return package

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages it is translated into, by code."""
        return languages(name for name, _ in self.files)

    @property
    def digest(self) -> str:
        """By which two people see that they hold the same instrument: SHA-256 of all its words, in hexadecimal."""
        return sha256(_canonical(self.texts()).encode("utf-8")).hexdigest()

    @property
    def name(self) -> str:
        """The instrument's name as its structure tells it; "" when it tells none."""
        return self._head("name")

    @property
    def version(self) -> str:
        """The instrument's version as its structure tells it; "" when it tells none."""
        return self._head("version")

    def as_files(self) -> Files:
        """The files by name."""
        return dict(self.files)

    def texts(self) -> dict[str, str]:
        """The files by name as text; what is no text is marked as such, and `check` finds it."""
        return {name: content.decode("utf-8", errors="replace") for name, content in self.files}

    def to_bytes(self) -> bytes:
        """The package as one file."""
        content = {"kind": _KIND, "name": self.name, "version": self.version, "digest": self.digest, "files": self.texts()}
        return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8")

    def _head(self, key: str) -> str:
        try:
            head = tomllib.loads(self.texts().get(STRUCTURE, "")).get("instrument")
        except (tomllib.TOMLDecodeError, RecursionError):
            return ""
        value = head.get(key) if isinstance(head, dict) else None
        return value if isinstance(value, str) else ""


def _given(content: bytes) -> dict[str, str]:
    """The texts of a file; its other entries are compared as a whole by who asks."""
    try:
        found = json.loads(content) if len(content) <= _LARGEST_BYTES else None
    except (UnicodeDecodeError, ValueError, RecursionError):
        found = None
    files = found.get("files") if isinstance(found, dict) and set(found) == _KEYS and found["kind"] == _KIND else None
    if not isinstance(files, dict) or not all(isinstance(text, str) for text in files.values()):
        raise UnreadableInstrument([Mistake("file", "choose the file that the support team handed out, as it was")])
    return files


def _canonical(texts: Mapping[str, str]) -> str:
    return json.dumps(texts, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
