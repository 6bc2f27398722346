"""Letters before they are drawn: which of them a paper has type for, how high they stand, and where a line of them may end."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
UNREADABLE = "‹?›"
BREAK = "\u200b"
POINT = 0.3528  # millimetres
LEADING = 1.38
_SEVERAL = re.compile(rf"(?:{re.escape(UNREADABLE)}\s*)+(?<=›)")
_TALL = (
    (re.compile("[\u1000-\u109f\ua9e0-\ua9fe\uaa60-\uaa7f]"), 1.9),
    (re.compile("[\u0980-\u09ff\u1200-\u139f\u2d80-\u2ddf\uab00-\uab2f]"), 1.6),
)
_PLACED = re.compile("[\u202a-\u202e]")  # marks that turn everything after them around; the words beside a name are not theirs to turn
# Burmese is written without spaces: a line may end before a consonant that begins a syllable.
_SYLLABLE = re.compile("(?<=[\u1000-\u109f])(?<!\u1039)(?=[\u1000-\u102a\u103f\u104c-\u104f](?!\u1037?[\u103a\u1039]))")
_VARIANTS = frozenset(map(chr, range(0xFE00, 0xFE10)))


def legible(text: str) -> str:
    """The text as it can be drawn: letters that no font has as ‹?›, marks that would turn the line around left out."""
    known, drawn = having_signs(), []
    for letter in _PLACED.sub("", text):
        if ord(letter) in known:
            drawn.append(letter)
        elif letter.isspace():
            drawn.append(" ")
        elif unicodedata.category(letter) not in {"Cc", "Cf"} and letter not in _VARIANTS:
            drawn.append(_otherwise(letter, known))
    return _SEVERAL.sub(UNREADABLE, "".join(drawn))


def _otherwise(letter: str, known: frozenset[int]) -> str:
    plain = unicodedata.normalize("NFKC", letter)
    return plain if all(ord(one) in known for one in plain) else UNREADABLE


@cache
def having_signs() -> frozenset[int]:
    """Every letter that both weights have a sign for."""
    from fontTools.ttLib import TTFont

    known = []
    for weight in ("Regular", "Bold"):
        with TTFont(FONTS / f"Paper-{weight}.ttf", lazy=True) as font:
            known.append(frozenset(font.getBestCmap()))
    return known[0] & known[1]


def line_height(text: str, size: float) -> float:
    """How high a line of this text stands: scripts that stack their letters need more."""
    return size * POINT * next((leading for letters, leading in _TALL if letters.search(text)), LEADING)


def words(text: str) -> list[str]:
    """The pieces between which a line may end, each with the space after it."""
    spaced = re.findall(rf"[^ {BREAK}]*[ {BREAK}]+|[^ {BREAK}]+", text)
    return [piece for word in spaced for piece in _SYLLABLE.split(word.replace(BREAK, "")) if piece]


def clusters(word: str) -> list[str]:
    """Letters with the marks that stand on, under and between them."""
    found: list[str] = []
    for letter in word:
        joins = unicodedata.category(letter) in {"Mn", "Mc", "Cf"} or (found and found[-1][-1] in "\u09cd\u1039\u200d")
        if found and joins:
            found[-1] += letter
        else:
            found.append(letter)
    return found
