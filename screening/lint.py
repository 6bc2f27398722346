"""Finds words that must never be asked: we screen the way of delivery, never the person, and a question must not call for a disclosure."""

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path

_LISTS = Path(__file__).parent / "wording"


def has_list(language: str) -> bool:
    """Whether somebody has written down the unsafe words of this language; without them nothing can be checked."""
    return _file(language).is_file()


def unsafe_words(text: str, language: str) -> tuple[str, ...]:
    """The unsafe words in a text, as they stand there; empty when there is none or the language has no list."""
    if not has_list(language):
        return ()
    return tuple(dict.fromkeys(match.group().strip() for match in _pattern(language).finditer(fold(text))))


def unsafe_in_any_language(text: str) -> tuple[str, ...]:
    """The same for a note whose language nobody told: by every list there is."""
    return tuple(dict.fromkeys(word for path in sorted(_LISTS.glob("*.toml")) for word in unsafe_words(text, path.stem)))


def fold(text: str) -> str:
    """The text without case, accents, vowel signs and invisible characters, so that a disguise does not help."""
    parts = unicodedata.normalize("NFKD", text.replace("\u2019", "'").casefold())
    kept = "".join(letter for letter in parts if unicodedata.category(letter) not in ("Mn", "Cf"))
    return re.sub(r"\s+", " ", kept.replace("\u0640", ""))


@cache
def _pattern(language: str) -> re.Pattern[str]:
    lists = tomllib.loads(_file(language).read_text(encoding="utf-8"))
    stems = "|".join(re.escape(fold(stem)) for stem in lists["stems"])
    prefixes = "|".join(re.escape(fold(prefix)) for prefix in lists.get("prefixes", []))
    return re.compile(rf"\b(?:{prefixes})?(?:{stems})\w*")


def _file(language: str) -> Path:
    return _LISTS / f"{language.partition('-')[0]}.toml"
