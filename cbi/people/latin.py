"""A proposal in Latin letters for a name in Arabic or Bengali; the person is asked before it is kept.

Arabic is written without most vowels: known names are looked up in `latin.toml`, of others the consonants are spelled out with "a" between.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path

_ARABIC = {
    "ا": "a", "أ": "a", "إ": "i", "آ": "aa", "ٱ": "a", "ب": "b", "پ": "p", "ت": "t", "ث": "th", "ج": "j", "چ": "ch", "ح": "h", "خ": "kh", "د": "d", "ذ": "dh",
    "ر": "r", "ز": "z", "ژ": "zh", "س": "s", "ش": "sh", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ع": "a", "غ": "gh", "ف": "f", "ق": "q", "ك": "k", "ک": "k",
    "گ": "g", "ل": "l", "م": "m", "ن": "n", "ه": "h", "ة": "a", "ى": "a", "ء": "", "ؤ": "u", "ئ": "i",
}  # fmt: skip
_BENGALI_CONSONANTS = {
    "ক": "k", "খ": "kh", "গ": "g", "ঘ": "gh", "ঙ": "ng", "চ": "ch", "ছ": "chh", "জ": "j", "ঝ": "jh", "ঞ": "n", "ট": "t", "ঠ": "th", "ড": "d", "ঢ": "dh",
    "ণ": "n", "ত": "t", "থ": "th", "দ": "d", "ধ": "dh", "ন": "n", "প": "p", "ফ": "f", "ব": "b", "ভ": "bh", "ম": "m", "য": "j", "র": "r", "ল": "l", "শ": "sh",
    "ষ": "sh", "স": "s", "হ": "h", "ড়": "r", "ঢ়": "rh", "য়": "y",
}  # fmt: skip
_BENGALI_VOWELS = {"অ": "a", "আ": "a", "ই": "i", "ঈ": "i", "উ": "u", "ঊ": "u", "ঋ": "ri", "এ": "e", "ঐ": "oi", "ও": "o", "ঔ": "ou"}
_BENGALI_SIGNS = {"া": "a", "ি": "i", "ী": "i", "ু": "u", "ূ": "u", "ৃ": "ri", "ে": "e", "ৈ": "oi", "ো": "o", "ৌ": "ou"}
_BENGALI_MARKS = {"ং": "ng", "ঃ": "", "ঁ": "", "ৎ": "t"}
_NUKTA = "\u09bc"
_NUKTA_LETTERS = {"ড": "r", "ঢ": "rh", "য": "y"}
_VOWELS = frozenset("aeiou")


def propose(name: str) -> str:
    """A name in Latin letters, each part capitalised; "" when no script in it can be spelled out by rule."""
    parts = [romanise(part) for part in name.split()]
    if not parts or not all(part and part.isascii() for part in parts):
        return ""
    return " ".join(part[:1].upper() + part[1:] for part in parts)


def needs_latin(name: str) -> bool:
    """Whether a name holds letters that are not Latin."""
    return any(character.isalpha() and not unicodedata.name(character, "").startswith("LATIN") for character in name)


def romanise(part: str) -> str:
    """One part of a name in Latin letters, small; what no rule knows is left as it is."""
    if any("\u0600" <= character <= "\u06ff" for character in part):
        return _from_arabic(part)
    if any("\u0980" <= character <= "\u09ff" for character in part):
        return _from_bengali(part)
    return part.casefold()


def _from_arabic(part: str) -> str:
    bare = "".join(
        character for character in unicodedata.normalize("NFC", part) if not unicodedata.combining(character) and character != "ـ"
    )
    known = _known()
    if bare in known:
        return known[bare]
    if re.match(r"ال\w{3,}", bare):
        return "al" + _from_arabic(bare[2:])
    return _voiced(bare)


def _voiced(bare: str) -> str:
    """Consonants with "a" between two that would stand together; و and ي are vowels between consonants."""
    spelled = ""
    for place, character in enumerate(bare):
        heard = _half_vowel(bare, place) if character in "ويی" else _ARABIC.get(character, "")
        if not heard:
            continue
        if spelled and spelled[-1] not in _VOWELS and heard[0] not in _VOWELS and place < len(bare):
            spelled += "a"
        spelled += heard
    return spelled


def _half_vowel(bare: str, place: int) -> str:
    vowel, consonant = ("u", "w") if bare[place] == "و" else ("i", "y")
    following = bare[place + 1 : place + 2]
    return consonant if place == 0 or following in tuple("اةى") else vowel


def _from_bengali(part: str) -> str:
    letters = unicodedata.normalize("NFC", part)
    spelled, place = "", 0
    while place < len(letters):
        character = letters[place]
        following = letters[place + 1 : place + 2]
        if character in _BENGALI_CONSONANTS:
            heard = _BENGALI_CONSONANTS[character]
            if following == _NUKTA:
                heard, place = _NUKTA_LETTERS.get(character, heard), place + 1
                following = letters[place + 1 : place + 2]
            spelled += heard + ("a" if following in _BENGALI_CONSONANTS and following else "")
        else:
            spelled += _BENGALI_VOWELS.get(character) or _BENGALI_SIGNS.get(character) or _BENGALI_MARKS.get(character, "")
        place += 1
    return spelled


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    return dict(tomllib.loads((Path(__file__).parent / "latin.toml").read_text("utf-8"))["arabic"])
