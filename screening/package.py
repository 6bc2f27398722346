"""A whole instrument as one value and one file, so that it can be kept, handed on and recognised by its digest."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from typing import Self

from screening.fields import Mistake
from screening.reading import SHIPPED, STRUCTURE, Files, UnreadableInstrument, gather, is_part, languages

_KIND = "delivery check instrument"
_KEYS = {"kind", "name", "version", "digest", "files"}
_SIGNATURE = "signature"
_HEXADECIMAL = re.compile(r"(?:[0-9a-f]{2}){0,128}", re.ASCII)
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
        """The package as one file that nobody signed: these bytes are what a signature is of."""
        return SignedPackage(self).to_bytes()

    def _head(self, key: str) -> str:
        return _heads(self.texts().get(STRUCTURE, "")).get(key, "")


@lru_cache(maxsize=8)
def _heads(structure: str) -> Mapping[str, str]:
    """What a structure tells of itself. Kept for the few that are in use: each is asked on every page that names its version."""
    try:
        head = tomllib.loads(structure).get("instrument")
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
    return {key: value for key, value in head.items() if isinstance(value, str)} if isinstance(head, dict) else {}


@dataclass(frozen=True, slots=True)
class SignedPackage:
    """A package on its way from those who approved it to those who ask with it.

    signature: of the package's own bytes, in hexadecimal; "" when nobody signed it. Whose it is, is another question.
    """

    package: Package
    signature: str = ""

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read a file that `to_bytes` made. Raises UnreadableInstrument when it is none, or was changed since."""
        files, signature = _given(content)
        found = cls(Package.from_texts(files), signature)
        strange = [name for name in files if not is_part(name)]
        if strange:
            raise UnreadableInstrument(Mistake("file", f'leave "{name}" out: it belongs to no instrument') for name in strange)
        if found.to_bytes() != content:
            raise UnreadableInstrument([Mistake("file", "ask for the file again: it was changed on its way")])
        return found

    def to_bytes(self) -> bytes:
        """The package as one file."""
        one = self.package
        content = {"kind": _KIND, "name": one.name, "version": one.version, "digest": one.digest, "files": one.texts()}
        signed = {**content, _SIGNATURE: self.signature} if self.signature else content
        return (json.dumps(signed, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8")


def _given(content: bytes) -> tuple[dict[str, str], str]:
    """The texts of a file and its signature; its other entries are compared as a whole by who asks."""
    try:
        found = json.loads(content) if len(content) <= _LARGEST_BYTES else None
    except (UnicodeDecodeError, ValueError, RecursionError):
        found = None
    files, signature = None, ""
    if isinstance(found, dict) and set(found) - {_SIGNATURE} == _KEYS and found["kind"] == _KIND:
        files, signature = found["files"], found.get(_SIGNATURE, "")
    if not isinstance(files, dict) or not all(isinstance(text, str) for text in files.values()) or not _is_signature(signature):
        raise UnreadableInstrument([Mistake("file", "choose the file that the support team handed out, as it was")])
    return files, signature


def _is_signature(value: object) -> bool:
    return isinstance(value, str) and _HEXADECIMAL.fullmatch(value) is not None


def _canonical(texts: Mapping[str, str]) -> str:
    return json.dumps(texts, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
