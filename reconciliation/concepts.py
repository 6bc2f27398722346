"""What the single words of a heading speak of, so that a heading no list holds whole is told by what its words mean together."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from reconciliation.cells import words

# Arabic words are compared without "the", "and", "for the" before them, and with the two ways to end a word made one.
_ARABIC_BEFORE = re.compile(r"\b(?:وال|بال|لل|ال)(?=\w{2})")
_ARABIC_ENDS = str.maketrans({"ة": "ه", "ى": "ي"})
_BURMESE = re.compile("[\u1000-\u109f]")
_SHORT = 3
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class _Patterns:
    """How the words of one concept are looked for: whole, by how they begin or end."""

    whole: frozenset[str]
    begins: tuple[str, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """Single words by concept, and what is looked for in the whole heading, the longest first: phrases, and words of Burmese."""

    words: Mapping[str, _Patterns]
    phrases: tuple[tuple[str, frozenset[str]], ...]
    spaceless: tuple[tuple[str, frozenset[str]], ...]


@cache
def _known() -> _Known:
    source = tomllib.loads(files("reconciliation").joinpath("concepts.toml").read_text("utf-8"))
    listed = {concept: [word for each in languages.values() for word in each] for concept, languages in source.items()}
    of_heading: dict[str, set[str]] = defaultdict(set)
    for concept, every in listed.items():
        for word in every:
            folded = _folded(word.strip("*"))
            if " " in folded or _BURMESE.search(folded):
                of_heading[folded.replace(" ", "") if _BURMESE.search(folded) else folded].add(concept)
    longest = [(word, frozenset(of_heading[word])) for word in sorted(of_heading, key=lambda word: (-len(word), word))]
    return _Known(
        words={concept: _patterns(every) for concept, every in listed.items()},
        phrases=tuple((f" {word} ", concepts) for word, concepts in longest if " " in word),
        spaceless=tuple((word, concepts) for word, concepts in longest if " " not in word),
    )


def _patterns(listed: list[str]) -> _Patterns:
    single = {word: folded for word in listed if " " not in (folded := _folded(word.strip("*"))) and not _BURMESE.search(folded)}
    return _Patterns(
        whole=frozenset(folded for word, folded in single.items() if "*" not in word),
        begins=tuple(folded for word, folded in single.items() if word.endswith("*")),
        ends=tuple(folded for word, folded in single.items() if word.startswith("*")),
    )


def _folded(text: str) -> str:
    return folded_arabic(words(_HUMP.sub(" ", text)))


def folded_arabic(text: str) -> str:
    """Folded words with those of Arabic stripped of their article: "المبلغ" is "مبلغ"; of other scripts as they are."""
    return text if text.isascii() else _ARABIC_BEFORE.sub("", text.translate(_ARABIC_ENDS))


@lru_cache(maxsize=8192)
def concepts_of(text: str) -> frozenset[str]:
    """The concepts that the words of a heading name: "Amt Paid" names amount and paid.

    What a longer phrase covers is not read again: "M-Pesa" is an operator, whatever "pesa" is.
    """
    known, named = _known(), set[str]()
    rest = f" {_folded(text)} "
    for phrase, concepts in known.phrases:
        if phrase in rest:
            named |= concepts
            rest = rest.replace(phrase, " ")
    for token in rest.split():
        named.update(concept for concept, patterns in known.words.items() if _names(patterns, token))
    if _BURMESE.search(rest):
        rest = rest.replace(" ", "")
        for word, concepts in known.spaceless:
            if word in rest:
                named |= concepts
                rest = rest.replace(word, " ")
    return frozenset(named)


def _names(patterns: _Patterns, token: str) -> bool:
    return token in patterns.whole or token.startswith(patterns.begins) or (len(token) > _SHORT and token.endswith(patterns.ends))
