"""The code a person takes along to ask what became of their feedback: made before anybody knows what it will be about."""

from __future__ import annotations

import re
from hashlib import sha256
from itertools import count
from uuid import UUID

from cbi.people.numbers import CLEAR, check_character

_RANDOM = 7
_CODE = re.compile(r"F[0-9A-Z]{8}")
_READ_AS = str.maketrans("OQILZSBU", "0011258V")


def code_of(key: UUID) -> str:
    """The code of the form with this key: "F4K-7M2-9CX". Letters first, so that no spreadsheet takes it for a number."""
    for attempt in count():
        drawn = sha256(b"feedback" + key.bytes + attempt.to_bytes(4)).digest()
        body = "F" + "".join(CLEAR[byte % len(CLEAR)] for byte in drawn[:_RANDOM])
        check = check_character(body)
        if check in CLEAR:
            return _grouped(body + check)
    raise AssertionError


def read_code(text: str) -> str | None:
    """A code as typed, in its one spelling; None when it is none or one of its signs is wrong."""
    typed = re.sub(r"[\s-]+", "", text.upper())
    if not _CODE.fullmatch(typed):
        return None
    body = typed[0] + typed[1:].translate(_READ_AS)
    return _grouped(body) if check_character(body[:-1]) == body[-1] else None


def _grouped(text: str) -> str:
    return "-".join(text[start : start + 3] for start in range(0, len(text), 3))
