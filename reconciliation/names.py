"""Compares people's names the way a careful clerk would: across word order, spelling, initials and scripts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz.fuzz import ratio, token_sort_ratio

from reconciliation.scripts import sounds

_ALIKE = 75
_JOINED_ALIKE = 85
_SKELETON_ALIKE = 80
_SHORT_SKELETON = 2
_TELLING_SOUND = 4
# Sounds that one way of writing a name shows and another does not.
_FLEETING = str.maketrans("", "", "hrg")
_TITLES = frozenset(
    [
        *("mr", "mrs", "ms", "miss", "dr", "eng", "prof", "sr", "sra", "mme", "mlle", "haji", "hajj", "hajji", "hajia", "sheikh", "sayyid"),
        *("al", "el", "bin", "ibn", "bint", "binti", "wa", "de", "da", "do", "dos", "la", "le"),
    ]
)
_VOWELS = frozenset("aeiouwy")
_DIGRAPHS = (
    ("ph", "f"),
    ("kh", "k"),
    ("gh", "g"),
    ("sh", "s"),
    ("ch", "s"),
    ("th", "t"),
    ("dh", "d"),
    ("bh", "b"),
    ("ck", "k"),
    ("x", "ks"),
    ("q", "k"),
    ("z", "s"),
    ("c", "k"),
    ("v", "f"),
    ("p", "b"),
)


def clearly_different(approved: str, found: str, *, alone: bool) -> bool:
    """Whether two names can hardly be the same person's.

    Words are paired across order: equal, an initial, alike (75 of 100 by edit distance) or with the same consonants (the bridge
    between scripts).  Different when fewer than half of the shorter name's words find a partner; where nothing else ties the money to a
    person (`alone`), exactly half is not enough either, except that the half is all there is to compare.  An empty name is never different.
    """
    if approved == found or approved.casefold() == found.casefold():
        return False
    ours, theirs = words(approved), words(found)
    if not ours or not theirs:
        return False
    if set(ours) <= set(theirs) or set(theirs) <= set(ours):
        return False
    if ratio("".join(ours), "".join(theirs)) >= _JOINED_ALIKE or _sounds_alike(approved, found):
        return False
    shorter = min(len(ours), len(theirs))
    paired = _paired(ours, theirs)
    return 2 * paired < shorter or (alone and 2 * paired == shorter)


def likeness(one: str, other: str) -> int:
    """How alike two names are, 0 to 100; 100 when every word of the shorter (of two or more) has its partner."""
    ours, theirs = words(one), words(other)
    if not ours or not theirs:
        return 0
    shorter = min(len(ours), len(theirs))
    share = 100 * _paired(ours, theirs) // shorter if shorter > 1 else 100 * _sounds_alike(one, other)
    return max(share, int(token_sort_ratio(" ".join(ours), " ".join(theirs))))


@lru_cache(maxsize=65536)
def words(name: str) -> tuple[str, ...]:
    """The words of a name without accents, marks, titles and particles, in lower case; letters of other scripts stay."""
    spread = unicodedata.normalize("NFKD", name).casefold() if not name.isascii() else name.lower()
    text = "".join(
        c if c.isalnum() or unicodedata.category(c) in {"Mc", "Mn"} else " "
        for c in spread
        if not "\u0300" <= c <= "\u036f" and c not in "'’`ʼ"
    )
    every = text.split()
    kept = tuple(word for word in every if word not in _TITLES)
    return kept or tuple(every)


@lru_cache(maxsize=65536)
def skeleton(word: str) -> str:
    """The consonants of a word as sounds, by which scripts can be compared: "Mohammed" and "محمد" are both "mhmd"."""
    latin = word if word.isascii() else sounds(word)
    for letters, sound in _DIGRAPHS:
        latin = latin.replace(letters, sound)
    kept: list[str] = []
    for letter in latin:
        if letter not in _VOWELS and letter.isalnum() and kept[-1:] != [letter]:
            kept.append(letter)
    return "".join(kept)


@lru_cache(maxsize=65536)
def sound_of_all(name: str) -> str:
    """The skeleton of a whole name, in whatever pieces it is written: "Kyaw Zin Htet" and "ကျော်ဇင်ထက်" are one."""
    return "".join(_merged(skeleton(word).translate(_FLEETING) for word in words(name)))


def _merged(pieces: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for letter in (letter for piece in pieces for letter in piece):
        if kept[-1:] != [letter]:
            kept.append(letter)
    return kept


def _sounds_alike(one: str, other: str) -> bool:
    """Whether two names of different scripts have the same consonants as a whole, however they part their words."""
    if one.isascii() == other.isascii():
        return False
    bones, others = sound_of_all(one), sound_of_all(other)
    shorter = min(len(bones), len(others))
    return (shorter > _SHORT_SKELETON and bones == others) or (shorter >= _TELLING_SOUND and ratio(bones, others) >= _JOINED_ALIKE)


def _paired(ours: tuple[str, ...], theirs: tuple[str, ...]) -> int:
    """How many words of the shorter name find a partner of their own in the longer."""
    few, many = (ours, list(theirs)) if len(ours) <= len(theirs) else (theirs, list(ours))
    paired = 0
    for word in sorted(few, key=len, reverse=True):
        partner = next((other for other in many if word == other), None) or next((other for other in many if _partners(word, other)), None)
        if partner is not None:
            many.remove(partner)
            paired += 1
    return paired


def _partners(one: str, other: str) -> bool:
    if len(one) == 1 or len(other) == 1:
        return skeleton(one)[:1] == skeleton(other)[:1] if not (one + other).isascii() else one[0] == other[0]
    if ratio(one, other) >= _ALIKE:
        return True
    bones, others = skeleton(one), skeleton(other)
    if bones == others:
        return len(bones) > _SHORT_SKELETON or not (one.isascii() and other.isascii()) or one[0] == other[0]
    return min(len(bones), len(others)) > _SHORT_SKELETON and ratio(bones, others) >= _SKELETON_ALIKE
