"""Which letters the bytes of a text stand for: decided by words that make sense in one reading only, else asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from reconciliation.sheets import UnreadableFile

# In the order in which they are taken where several read the same words equally well. All but the last give each byte one letter.
_PAGES = ("cp1252", "cp1254", "cp1250", "cp1251", "cp1256", "mac_roman", "cp850", "gb18030")
_LATIN = frozenset({"cp1252", "cp1254", "cp1250", "mac_roman", "cp850"})
_UNCLEAR = "save it as .xlsx, or as csv in UTF-8: some of its letters cannot be read for certain"
_WORD = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")
_WIDE_WORD = re.compile(rb"[\x40-\x7b\x7d\x7e]*[\x80-\xff][\x40-\x7b\x7d-\xff]*")
_WHOLE_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]+")
_LOOKED_AT = 1 << 20
_MOST_WORDS = 2000
_SHORT = 3
_AT_AN_EDGE = frozenset("’‘'\u00a0°ºª«»“”„€£–—…·،؛؟")
_NOT_EXPECTED = frozenset("ÐÞðþÝý¦¤")
_COMMON_HAN = range(0xB0, 0xD8)


def page_of(raw: bytes) -> str:
    """The page of a text that is not UTF-8. Raises UnreadableFile when none, or more than one alphabet, makes sense of its words."""
    if _is_damaged_utf8(raw):
        raise UnreadableFile(_UNCLEAR)
    words = _words(_WORD, raw)
    if not words:
        return "cp1252"  # signs such as € or ° alone: the Western pages agree on them
    odd = {page: _odd(page, words if page != "gb18030" else _words(_WIDE_WORD, raw)) for page in _PAGES}
    best = min(_PAGES, key=lambda page: (odd[page], _PAGES.index(page)))
    if odd[best] > 0.1:  # noqa: PLR2004 - a tenth of the words
        raise UnreadableFile(_UNCLEAR)
    rivals = [page for page in _PAGES if odd[page] == odd[best] and not (best == "cp1252" and page in _LATIN)]
    if any(_read(page, words) != _read(best, words) for page in rivals):
        raise UnreadableFile(_UNCLEAR)
    return best


def _is_damaged_utf8(raw: bytes) -> bool:
    """Whether most letters are whole UTF-8: then the rest is damage, not another page."""
    whole = sum(len(found.group()) for found in _WHOLE_UTF8.finditer(raw[:_LOOKED_AT]))
    return whole * 2 > sum(len(found.group()) for found in _HIGH.finditer(raw[:_LOOKED_AT]))


def _words(pattern: re.Pattern[bytes], raw: bytes) -> list[bytes]:
    found = dict.fromkeys(each.group() for each in pattern.finditer(raw[:_LOOKED_AT]))
    return [word for word in found if len(word) >= _SHORT][:_MOST_WORDS]


def _odd(page: str, words: Iterable[bytes]) -> float:
    """The share of words that make no sense in a page."""
    each = [not _makes_sense(page, word) for word in words]
    return sum(each) / max(len(each), 1)


def _read(page: str, words: Iterable[bytes]) -> list[str]:
    return [word.decode(page, "replace") for word in words]


def _makes_sense(page: str, word: bytes) -> bool:
    try:
        text = word.decode(page)
    except UnicodeDecodeError:
        return False
    if page == "gb18030":
        return _is_han(text)
    letters = text.strip("".join(_AT_AN_EDGE))
    if not letters:
        return True
    return all(map(_is_sound, re.split("[’']", letters)))


def _is_sound(letters: str) -> bool:
    """Letters of one alphabet, in one case or with a capital first, and not mostly accents."""
    if not letters or not _NOT_EXPECTED.isdisjoint(letters):
        return not letters
    scripts = {_script(letter) for letter in letters}
    if len(scripts) > 1 or not all(letter.isalpha() or unicodedata.combining(letter) for letter in letters):
        return False
    if any(one.islower() and other.isupper() and not (one.isascii() and other.isascii()) for one, other in pairwise(letters)):
        return False
    accents = sum(not letter.isascii() for letter in letters)
    return scripts != {"LATIN"} or len(letters) <= _SHORT or accents * 10 <= len(letters) * 7


def _is_han(text: str) -> bool:
    common = [letter for letter in _not_ascii(text) if letter.encode("gb18030")[0] in _COMMON_HAN]
    return bool(common) and len(common) * 5 >= len(list(_not_ascii(text))) * 4


def _not_ascii(text: str) -> Iterator[str]:
    return (letter for letter in text if not letter.isascii())


@lru_cache(maxsize=1024)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "? ").split()[0]
