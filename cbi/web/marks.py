"""The mark of a hash in words that two people can compare over a telephone."""

from __future__ import annotations

from functools import cache
from pathlib import Path

MARK_WORDS = 8
_BITS = 11  # 2,048 words: the English list of BIP-39, chosen so that the first four letters tell them apart
_DISTINCT = 4


def mark_words(hash: bytes) -> list[str]:  # noqa: A002 -- what it is called on the pages
    """The first 88 bits of a hash as eight words, most significant first. Raises ValueError for fewer than 11 bytes."""
    if len(hash) * 8 < MARK_WORDS * _BITS:
        raise ValueError("a mark needs at least 11 bytes of a hash")
    bits = int.from_bytes(hash[: MARK_WORDS * _BITS // 8])
    words = _words()
    return [words[bits >> _BITS * place & (1 << _BITS) - 1] for place in reversed(range(MARK_WORDS))]


def mark_of(words: str) -> bytes | None:
    """The eleven bytes that typed words stand for: any case, spacing, and four letters are enough. None when they are not a mark."""
    places = _places()
    found = [places.get(word) for word in words.lower().replace("-", " ").replace(",", " ").split()]
    if len(found) != MARK_WORDS or None in found:
        return None
    bits = 0
    for place in found:
        bits = bits << _BITS | (place or 0)
    return bits.to_bytes(MARK_WORDS * _BITS // 8)


@cache
def _words() -> tuple[str, ...]:
    return tuple((Path(__file__).parent / "wordlist.txt").read_text("ascii").split())


@cache
def _places() -> dict[str, int]:
    return {written: place for place, word in enumerate(_words()) for written in (word[:_DISTINCT], word)}
