"""The words read aloud before the private questions: six things, each tagged, so that none can be forgotten in a language."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ELEMENTS = ("voluntary", "no_effect", "kept", "who_sees", "limits", "skip_stop")


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent text. sentences: one for each of ELEMENTS, in that order."""

    version: int
    language: str
    own_name: str
    sentences: tuple[str, ...]

    @property
    def told(self) -> tuple[tuple[str, str], ...]:
        """Each of the six things with its sentence, in order."""
        return tuple(zip(ELEMENTS, self.sentences, strict=True))


class IncompleteConsent(ValueError):
    """A consent text misses one of the six things it must say, or says another."""


def consent_text(language: str) -> Consent:
    """The text in this language, in English where nobody translated it yet."""
    texts = _texts()
    return texts.get(language, texts["en"])


def languages() -> tuple[tuple[str, str], ...]:
    """The languages there is a text in, each with its own name."""
    return tuple((code, text.own_name) for code, text in _texts().items())


@cache
def _texts() -> dict[str, Consent]:
    return read((Path(__file__).parent / "consent.toml").read_text("utf-8"))


def read(text: str) -> dict[str, Consent]:
    """Consent texts by language. Raises IncompleteConsent."""
    written = tomllib.loads(text)
    version = int(written.pop("version"))
    found = {}
    for language, words in written.items():
        said = words["text"]
        missing = sorted(set(ELEMENTS) ^ set(said)) or [name for name in ELEMENTS if not said[name].strip()]
        if missing:
            raise IncompleteConsent(f"the consent text in {language} must say exactly {', '.join(ELEMENTS)}; look at {', '.join(missing)}")
        found[language] = Consent(version, language, words["own_name"], tuple(said[name] for name in ELEMENTS))
    return found
