"""What the single words of a heading speak of, so that a heading no list holds whole is told by what its words mean together."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from rapidfuzz.distance import OSA

from reconciliation.cells import words

# Arabic words are compared without "the", "and", "for the" before them, and with the two ways to end a word made one.
_ARABIC_BEFORE = re.compile(r"\b(?:وال|بال|لل|ال)(?=\w{2})")
_ARABIC_ENDS = str.maketrans({"ة": "ه", "ى": "ي"})
_BURMESE = re.compile("[\u1000-\u109f]")
# What is still to be paid, in languages that say so by a preposition or at the end: "à payer", "a pagar", "to be paid", "dû".
_TO_BE = re.compile(r"\b(?:a|por) \w{3,}(?:ar|er|ir|re)\b|\bto be\b|\w du$")
_SECOND = re.compile(r"\b2(?:e|eme|nd|d[oa]|[ao])?\b")
_SHORT = 3
_LONG_TOKEN = 6
_VERY_LONG = 10
_MOST_PIECES = 4
_JOINED_SHORT = frozenset(
    {"no", "id", "nr", "on", "at", "ref", "txn", "trx", "amt", "num", "tel", "acc", "mob", "pay", "ccy", "msg", "sts", "bal", "fee", "rsn"}
)
_SHORTENED, _CUT_SHORT, _NO_VOWELS = 3, 4, 3
_VOWELS = re.compile("(?<!^)[aeiouy]")
_TWICE = re.compile(r"(.)\1+")
# Endings that say "of" and "the" in Bengali: "রসিদের", "লেনদেনটি".
_BENGALI_ENDS = re.compile("(?<=[\u0980-\u09ff]{2})(?:\u09c7\u09b0|\u098f\u09b0|\u09b0|\u099f\u09bf)$")
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[a-z]{3})(?=[0-9]\b)")


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
    return folded_arabic(words(HUMP.sub(" ", text)))


def folded_arabic(text: str) -> str:
    """Folded words with those of Arabic stripped of their article: "المبلغ" is "مبلغ"; of other scripts as they are."""
    return text if text.isascii() else _ARABIC_BEFORE.sub("", text.translate(_ARABIC_ENDS))


@lru_cache(maxsize=8192)
def concepts_of(text: str) -> frozenset[str]:
    """The concepts that the words of a heading name: "Amt Paid" names amount and paid.

    What a longer phrase covers is not read again: "M-Pesa" is an operator, whatever "pesa" is.
    """
    text = text.replace("#", " no ")
    known, plain_text = _known(), words(text)
    named = {concept for concept, pattern in (("asked", _TO_BE), ("other", _SECOND)) if pattern.search(plain_text)}
    rest = f" {_folded(text)} "
    if (joined := folded_arabic(words(text))) != rest.strip():
        # A hump may part words ("ClientRefNo") or stand within one ("MoMo").
        named |= {concept for concept, patterns in known.words.items() if any(_names(patterns, token) for token in joined.split())}
    for phrase, concepts in known.phrases:
        if phrase in rest:
            named |= concepts
            rest = rest.replace(phrase, " ")
    for token in rest.split():
        named |= _of_word(token) or _misspelt(token) or _shortened(token)
    if _BURMESE.search(rest):
        rest = rest.replace(" ", "")
        for word, concepts in known.spaceless:
            # A word ends where no vowel sign or other mark belongs to its last letter.
            rest, times = re.subn(f"{word}(?![\u102b-\u103e\u1056-\u1059])", " ", rest)
            named |= concepts if times else frozenset()
    return frozenset(named)


def _of_word(token: str) -> set[str]:
    """The concepts of one word as it stands, or without its ending, or of the words it is run together from."""
    reached = {concept: _reach(patterns, token) for concept, patterns in _known().words.items()}
    bare = _BENGALI_ENDS.sub("", token)
    if bare != token and not any(reached.values()):
        reached = {concept: len(bare) * (bare in patterns.whole) for concept, patterns in _known().words.items()}
    longest = max(reached.values())
    return {concept for concept, reach in reached.items() if 0 < reach == longest} | _run_together(token)


def _reach(patterns: _Patterns, token: str) -> int:
    """How much of a word is known: the concept that knows more of it is meant. "Operadora" is an operator, "oper…" any operation."""
    if token in patterns.whole or (len(token) > _SHORT and token.endswith(patterns.ends)):
        return len(token)
    return max((len(begin) for begin in patterns.begins if token.startswith(begin)), default=0)


def _shortened(token: str) -> set[str]:
    """The concepts of a word cut short or written without its vowels, where every known word it can stand for shares them: "Bénéfic.", "RCPNT"."""
    if not (token.isascii() and token.isalpha() and len(token) >= _SHORTENED):
        return set()
    bones = _skeleton(token)
    meant = [
        of_word
        for word, of_word in _concepts_by_word().items()
        if (len(token) >= _CUT_SHORT and word.startswith(token))
        or (bones == _TWICE.sub(r"\1", token) and len(bones) >= _NO_VOWELS and word[0] == token[0] and _is_cut_to(bones, _skeleton(word)))
    ]
    return set(frozenset.intersection(*meant)) if meant else set()


def _is_cut_to(bones: str, skeleton: str) -> bool:
    """Whether consonants are those of a word, or four and more of its first: three are as likely a currency."""
    return bones == skeleton or (len(bones) > _NO_VOWELS and skeleton.startswith(bones))


@lru_cache(maxsize=8192)
def _skeleton(word: str) -> str:
    """A word as systems cut it: its first letter and its consonants, none twice in a row."""
    return _TWICE.sub(r"\1", _VOWELS.sub("", word))


@cache
def _concepts_by_word() -> Mapping[str, frozenset[str]]:
    """The longer words of the Latin alphabet with all concepts of each."""
    found: dict[str, set[str]] = defaultdict(set)
    for concept, patterns in _known().words.items():
        for word in (*patterns.whole, *patterns.begins):
            if word.isascii() and len(word) > _CUT_SHORT:
                found[word].add(concept)
    return {word: frozenset(concepts) for word, concepts in found.items()}


def _misspelt(token: str) -> set[str]:
    """The concepts of a long word that differs by one slip, or a very long one by two, from a known one: "Benificiary", "Refrence"."""
    if len(token) < _LONG_TOKEN:
        return set()
    most = 1 if len(token) < _VERY_LONG else 2
    near = {
        word
        for word in _long_words().get(token[0], ())
        if abs(len(word) - len(token)) <= most and OSA.distance(word, token, score_cutoff=most) <= most
    }
    return {concept for concept, patterns in _known().words.items() if not near.isdisjoint((*patterns.whole, *patterns.begins))}


@cache
def _long_words() -> Mapping[str, tuple[str, ...]]:
    """Known words of six letters and more by their first."""
    found: dict[str, set[str]] = defaultdict(set)
    for patterns in _known().words.values():
        for word in (*patterns.whole, *patterns.begins):
            if len(word) >= _LONG_TOKEN:
                found[word[0]].add(word)
    return {letter: tuple(sorted(listed)) for letter, listed in found.items()}


def _run_together(token: str) -> set[str]:
    """The concepts of words written as one, as systems write them: "clientrefno". None when the whole is not made of known words."""
    parts = _pieces(token) if token.isascii() and len(token) >= _LONG_TOKEN else []
    if not 1 < len(parts) <= _MOST_PIECES:
        return set()
    return {concept for part in parts for concept, patterns in _known().words.items() if part in patterns.whole or part in patterns.begins}


def _pieces(token: str) -> list[str]:
    """A run of known words, cut into as few as can be."""
    pieces: list[list[str] | None] = [[]] + [None] * len(token)
    words_known = _single_words()
    for end in range(1, len(token) + 1):
        for start in range(end):
            before = pieces[start]
            here = pieces[end]
            if before is not None and token[start:end] in words_known and (here is None or len(before) + 1 < len(here)):
                pieces[end] = [*before, token[start:end]]
    return pieces[len(token)] or []


@cache
def _single_words() -> frozenset[str]:
    every = {word for patterns in _known().words.values() for word in (*patterns.whole, *patterns.begins)}
    return frozenset(word for word in every if word.isascii() and (len(word) > _SHORT or word in _JOINED_SHORT))


def _names(patterns: _Patterns, token: str) -> bool:
    return token in patterns.whole or token.startswith(patterns.begins) or (len(token) > _SHORT and token.endswith(patterns.ends))
