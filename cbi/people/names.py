"""Names compared across spellings and scripts: folded parts, and a code of how each part sounds.

Arabic and Bengali are sounded out through `latin`; Burmese is folded only, because its romanisation does not go letter by letter.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path

from cbi.people.latin import romanise

_WORDS = tomllib.loads((Path(__file__).parent / "names.toml").read_text("utf-8"))
_HONORIFICS = frozenset(_WORDS["honorifics"])
_LINKS = frozenset(_WORDS["links"])
_SHORT: dict[str, str] = _WORDS["short"]
_ARABIC = str.maketrans(
    {
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ې": "ي",
        "ئ": "ي",
        "ؤ": "و",
        "ة": "ه",
        "ۀ": "ه",
        "ہ": "ه",
        "ھ": "ه",
        "ک": "ك",
        "گ": "ج",
        "ء": "",
        "ـ": "",
    }
)
_SLAVE_OF = re.compile(r"(?:abd|abed)(?:[aeou]?[lrsznd])?")
_JOINED = re.compile(r"abd[aeou](?=[lrsznd])([lrsznd])(?=\w{4,})")
_LONGEST_CODE = 6
_BETWEEN = re.compile(r"[^\w\u200d\u0980-\u09ff\u1000-\u109f]+")


def fold(name: str) -> tuple[str, ...]:
    """The parts of a name without case, accents, vowel marks, honorifics and links, in the order told."""
    if name.isascii():  # nearly all of a file in Latin letters: without the cost of looking at each character
        parts = _BETWEEN.split(name.casefold().replace("'", "").replace("`", ""))
    else:
        text = unicodedata.normalize("NFKD", name).casefold()
        kept = "".join(character for character in text if _counts(character))
        parts = _BETWEEN.split(unicodedata.normalize("NFC", kept).translate(_ARABIC))
    spelled = (_SHORT.get(part, part) for part in parts if part)
    named = [part for part in spelled if part not in _LINKS]
    without = [part for part in named if part not in _HONORIFICS]
    return tuple(without or named)


def _counts(character: str) -> bool:
    """Whether a character tells names apart: accents and Arabic vowel marks do not, the vowel signs of Bengali and Burmese do."""
    if character in "\u200b\u200c\u200d\ufeff'’ʼʿʾ`":
        return False
    return not unicodedata.combining(character) or "\u0980" <= character <= "\u09ff" or "\u1000" <= character <= "\u109f"


def sounds(name: str) -> tuple[str, ...]:
    """How each part of a name sounds, sorted, each once: the same for "Mohammed", "Muhamad", محمد and মোহাম্মদ."""
    parts = list(fold(name))
    codes: set[str] = set()
    for place, part in enumerate(parts):
        codes.update(_codes(part, parts[place + 1] if place + 1 < len(parts) else ""))
    return tuple(sorted(codes))


@lru_cache(maxsize=32768)  # a name is asked for again soon after: for its tokens, or beside another; of a long file each is another
def parts_of(name: str) -> tuple[tuple[str, str], ...]:
    """Each part of a name in the order told, as spelled in Latin letters and as it sounds; "Abdul Karim" is "Karim" here, as people call him."""
    parts = list(fold(name))
    found = []
    for place, part in enumerate(parts):
        plain = part if "\u1000" <= part[0] <= "\u109f" else _latin(part)
        if not plain or (_SLAVE_OF.fullmatch(plain) and place + 1 < len(parts)):
            continue
        found.append(_bare_part(part, plain))
    return tuple(found)


def _bare_part(part: str, plain: str) -> tuple[str, str]:
    """A part without what is only written before it, and how the rest sounds."""
    if part == plain and "\u1000" <= part[0] <= "\u109f":
        return part, part
    joined = _JOINED.match(plain)
    if joined:
        plain = plain[joined.end() :] if joined[1] == "l" else plain[joined.end() - 1 :]
    elif re.match(r"ال\w{3,}", part) or re.match(r"[ae]l\w{5,}", plain):
        plain = plain[2:]
    # A letter written twice is a slip or a custom, and a sound heard twice is heard once.
    return re.sub(r"(.)\1+", r"\1", plain), re.sub(r"(.)\1+", r"\1", _sound(plain))


def key_of(name: str) -> str:
    """One comparable spelling of a whole name in Latin letters, its parts sorted: for measuring how alike two names are."""
    return " ".join(sorted(_latin(part) for part in fold(name)))


@lru_cache(maxsize=65536)
def _codes(part: str, following: str) -> frozenset[str]:
    if "\u1000" <= part[0] <= "\u109f":
        return frozenset({part})
    latin = _latin(part)
    if _SLAVE_OF.fullmatch(latin) and following:
        return frozenset({"ABD"})
    joined = _JOINED.match(latin)
    if joined:
        return frozenset({"ABD", _sound(latin[joined.end() :] if joined[1] == "l" else latin[joined.end() - 1 :])})
    codes = {_sound(latin)}
    if re.match(r"ال\w{3,}", part):
        codes = {_sound(_latin(part[2:]))}
    elif re.match(r"[ae]l\w{5,}", latin):
        codes.add(_sound(latin[2:]))
    return frozenset(codes)


@lru_cache(maxsize=65536)
def _latin(part: str) -> str:
    """A part as it is spelled in Latin letters, without accents and marks."""
    text = unicodedata.normalize("NFKD", romanise(part)).casefold()
    return text if text.isalnum() else "".join(character for character in text if character.isalnum())


_ALIKE = (
    ("tch", "c"), ("sch", "s"), ("chh", "c"), ("kh", "k"), ("gh", "g"), ("ph", "f"), ("bh", "b"), ("th", "t"), ("dh", "d"),
    ("jh", "j"), ("sh", "s"), ("zh", "j"), ("ch", "c"), ("ck", "k"), ("ng", "n"), ("dj", "j"), ("q", "k"), ("x", "ks"), ("z", "j"),
    ("v", "f"), ("p", "b"),
)  # fmt: skip


@lru_cache(maxsize=65536)
def _sound(latin: str) -> str:
    """Consonants by class, without vowels and without h, w and y inside; what sounds like a vowel at the beginning is A."""
    text = re.sub(r"(.)\1+", r"\1", latin)
    for spelling, heard in _ALIKE:
        text = text.replace(spelling, heard)
    text = re.sub(r"c(?=[kaou]|$)", "k", text) if "ch" not in latin else text
    first = "A" if text[:1] in "aeiouyw" else text[:1].upper()
    rest = re.sub(r"[aeiouyhw]", "", text[1:]).upper()
    return (first + rest)[:_LONGEST_CODE]
