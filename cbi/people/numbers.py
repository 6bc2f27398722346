"""Numbers people read, write and type: the registration number and the token, each with a check character.

The check character is ISO/IEC 7064 MOD 37-2, a pure system with a prime modulus: it finds every single wrong character and
every swap of two neighbours.  Numbers whose check character would be hard to read (O, I, S …) are never given out, so a
gap in the running numbers is not a missing household.
"""

from __future__ import annotations

import re
from hashlib import sha256
from itertools import count
from uuid import UUID

_VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
CLEAR = "0123456789ACDEFGHJKMNPRTVWXY"  # none of O Q, I L, Z, S, B, U: they look like 0, 1, 2, 5, 8, V
FIRST = 10001
_READ_AS = str.maketrans("OQILZSBU", "0011258V")
_NUMBER = re.compile(r"([A-Z][A-Z0-9]{0,3})-?([0-9OQILZSB]{5,9})-?([0-9A-Z])")
_SPLIT = re.compile(r"([A-Z][A-Z0-9]{0,3})[-\s]+([0-9OQILZSB]{5,9})[-\s]*([0-9A-Z])")
_TOKEN = re.compile(r"T([0-9A-Z]{9})([0-9A-Z])")
_RANDOM = 9


def check_character(text: str) -> str:
    """The ISO/IEC 7064 MOD 37-2 check character of upper-case letters and digits; one of 37, "*" among them."""
    total = 0
    for character in text:
        total = (total + _VALUES.index(character)) * 2 % 37
    return _VALUES[(38 - total) % 37]


def number_of(site_code: str, running: int) -> str | None:
    """The registration number ("BH-20417-6"); None when its check character would be hard to read and the number is passed over."""
    check = check_character(f"{site_code}{running}")
    return f"{site_code}-{running}-{check}" if check in CLEAR else None


def read_number(text: str) -> str | None:
    """A registration number as typed, in its one spelling; None when it is not one or its check character does not fit.

    Small letters, missing dashes, spaces, and letters written for the digits they look like are forgiven.
    """
    typed = text.strip().upper()
    found = _SPLIT.fullmatch(typed) or _NUMBER.fullmatch(re.sub(r"[\s-]+", "", typed))
    if found is None:
        return None
    site, running, check = found[1], found[2].translate(_READ_AS), found[3].translate(_READ_AS)
    return f"{site}-{running}-{check}" if check_character(site + running) == check else None


def order_of(number: str) -> tuple[str, int]:
    """Where a registration number stands among others: by the letters of its place, then as it was given out, 99999 before 100000."""
    place, running, _check = number.split("-")
    return place, int(running)


def token_of(random: UUID) -> str:
    """A token for a paper card, made from a random id: "T4F7-K29X-AHM". Letters first, so that no spreadsheet takes it for a number."""
    for attempt in count():
        body = "T" + _clear_letters(sha256(random.bytes + attempt.to_bytes(4)).digest())
        check = check_character(body)
        if check in CLEAR:
            return _grouped(body + check)
    raise AssertionError


def _clear_letters(digest: bytes) -> str:
    left, letters = int.from_bytes(digest), []
    for _place in range(_RANDOM):
        left, rest = divmod(left, len(CLEAR))
        letters.append(CLEAR[rest])
    return "".join(letters)


def read_token(text: str) -> str | None:
    """A token as typed or scanned, in its one spelling; None when it is not one."""
    found = _TOKEN.fullmatch(re.sub(r"[\s-]+", "", text.strip().upper()))
    if found is None:
        return None
    body, check = "T" + found[1].translate(_READ_AS), found[2].translate(_READ_AS)
    return _grouped(body + check) if check_character(body) == check else None


def _grouped(code: str) -> str:
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"
