"""How letters of other scripts sound, so that a name written in one can be compared with the same name in Latin letters."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_VOWELS = "aeiou"
# Bengali letters with a dot below are others than those without.
_DOTTED = (("\u09af\u09bc", ""), ("\u09a1\u09bc", "র"), ("\u09a2\u09bc", "র"))
_DOT, _ASAT, _MEDIAL_YA, _MEDIAL_RA, _MEDIAL_HA = "\u1037", "\u103a", "\u103b", "\u103c", "\u103e"
_BURMESE = range(0x1000, 0x10A0)
# Letters whose name in Unicode does not begin with their own sound, by script.
_MISNAMED = {
    "arabic": {
        **dict.fromkeys(["alef", "ain", "hamza", "waw", "yeh", "farsi yeh", "teh marbuta", "tatweel"], ""),
        "theh": "t",
        "thal": "d",
        "keheh": "k",
        "veh": "f",
        "tcheh": "s",
        "gaf": "g",
    },
    "cyrillic": {
        **dict.fromkeys(["soft sign", "hard sign", "short i", "short u", "ukrainian ie", "byelorussian-ukrainian i"], ""),
        "ha": "kh",
        **{f"e{sound}": sound for sound in "flmnrs"},
    },
    "bengali": {"ca": "ch", "cha": "ch", "ya": "j", "yya": "", "bha": "b", "khanda ta": "t", "vocalic r": "r"},
    "devanagari": {"ca": "ch", "cha": "ch", "bha": "b", "vocalic r": "r"},
    "ethiopic": {},
    "myanmar": {"ca": "s", "cha": "s", "ja": "s", "jha": "s", "sa": "t", "great sa": "t", "nya": "n", "nnya": "n", "nga": "n", "ra": "r"},
}
# Consonants of a script whose letters are named by syllables: the first letters of the name, and how they sound.
_SYLLABLES = {"ethiopic": {"c": "ch", "x": "h", "hh": "h", "kx": "k", "glottal": "", "pharyngeal": "", "sz": "s"}}
_FINAL_STOPS = frozenset("kgctdpbs")


@lru_cache(maxsize=65536)
def sounds(word: str) -> str:
    """A word as the sounds of its consonants in Latin letters, its vowels left out where its script leaves them to signs."""
    bare = word.removeprefix("ال")
    if any(ord(letter) in _BURMESE for letter in bare):
        return _burmese(bare)
    for dotted, plain in _DOTTED:
        bare = bare.replace(dotted, plain)
    return "".join(map(_sound, bare))


@lru_cache(maxsize=8192)
def _sound(character: str) -> str:
    if character.isascii():
        return character
    script, _, named = unicodedata.name(character, "").lower().partition(" ")
    kind = next((mark for mark in ("letter", "syllable") if f"{mark} " in named), "")
    letter = named.partition(f"{kind} ")[2].partition(" with ")[0] if kind else ""
    return _letter(script, letter) if letter else ""


def _letter(script: str, letter: str) -> str:
    known = _MISNAMED.get(script, {})
    if letter in known:
        return known[letter]
    first = letter.split(maxsplit=1)[0]
    consonants = first[: next((place for place, each in enumerate(first) if each in _VOWELS), len(first))]
    return _SYLLABLES.get(script, {}).get(first if " " in letter else consonants, consonants)


def _burmese(word: str) -> str:
    """Syllable by syllable: what closes one is said otherwise than what opens one, and signs below change what opens it."""
    heard = []
    for place, letter in enumerate(word):
        sound, signs = _sound(letter), _signs(word[place + 1 :])
        if not sound:
            continue
        if signs[:1] == _ASAT or signs[:2] == _DOT + _ASAT:
            heard.append("n" if sound[0] in "nm" else "t" if sound[0] in _FINAL_STOPS else "")
        elif sound == "r":
            heard.append("s" if _MEDIAL_HA in signs else "r")
        elif sound == "kh" and signs.startswith((_MEDIAL_YA, _MEDIAL_RA)):
            heard.append("ch")
        else:
            heard.append(sound)
    return "".join(heard)


def _signs(rest: str) -> str:
    """The marks that belong to a letter: those that follow it up to the next."""
    end = next((place for place, mark in enumerate(rest) if not unicodedata.category(mark).startswith("M")), len(rest))
    return rest[:end]
