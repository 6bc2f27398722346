"""What the single words of a heading speak of, so that a heading no list holds whole is told by what its words mean together."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from reconciliation.cells import words

# Arabic words are compared without "the", "and", "for the" before them, and with the two ways to end a word made one.
_ARABIC_BEFORE = re.compile(r"\b(?:وال|بال|لل|ال)(?=\w{2})")
_ARABIC_ENDS = str.maketrans({"ة": "ه", "ى": "ي"})
_BURMESE = re.compile("[\u1000-\u109f]")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class _Patterns:
    """How the words of one concept are looked for."""

    whole: frozenset[str]
    begins: tuple[str, ...]
    ends: tuple[str, ...]
    stands: tuple[str, ...]
    phrases: tuple[str, ...]


@cache
def _known() -> Mapping[str, _Patterns]:
    source = tomllib.loads(files("reconciliation").joinpath("concepts.toml").read_text("utf-8"))
    return {concept: _patterns([word for listed in languages.values() for word in listed]) for concept, languages in source.items()}


def _patterns(listed: list[str]) -> _Patterns:
    plain = {word: _folded(word.strip("*")) for word in listed}
    spaceless = {folded.replace(" ", "") for folded in plain.values() if _BURMESE.search(folded)}
    spaced = {word: folded for word, folded in plain.items() if not _BURMESE.search(folded)}
    return _Patterns(
        whole=frozenset(folded for word, folded in spaced.items() if "*" not in word and " " not in folded),
        begins=tuple(folded for word, folded in spaced.items() if word.endswith("*")),
        ends=tuple(folded for word, folded in spaced.items() if word.startswith("*")),
        stands=tuple(spaceless),
        phrases=tuple(f" {folded} " for word, folded in spaced.items() if "*" not in word and " " in folded),
    )


def _folded(text: str) -> str:
    return folded_arabic(words(_HUMP.sub(" ", text)))


def folded_arabic(text: str) -> str:
    """Folded words with those of Arabic stripped of their article: "المبلغ" is "مبلغ"; of other scripts as they are."""
    return text if text.isascii() else _ARABIC_BEFORE.sub("", text.translate(_ARABIC_ENDS))


@lru_cache(maxsize=8192)
def concepts_of(text: str) -> frozenset[str]:
    """The concepts that the words of a heading name: "Amt Paid" names amount and paid."""
    folded = _folded(text)
    tokens, padded, joined = folded.split(), f" {folded} ", folded.replace(" ", "")
    spaceless = joined if _BURMESE.search(joined) else ""
    return frozenset(concept for concept, patterns in _known().items() if _names(patterns, tokens, padded, spaceless))


def _names(patterns: _Patterns, tokens: list[str], padded: str, spaceless: str) -> bool:
    return (
        any(
            token in patterns.whole or token.startswith(patterns.begins) or (len(token) > 3 and token.endswith(patterns.ends))  # noqa: PLR2004
            for token in tokens
        )
        or any(phrase in padded for phrase in patterns.phrases)
        or bool(spaceless and any(word in spaceless for word in patterns.stands))
    )
