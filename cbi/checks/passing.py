"""Who passed "Before we start" may open the private page on the same day; proven by a word that says nothing and is kept nowhere."""

from __future__ import annotations

import hmac
from datetime import date
from hashlib import sha256
from uuid import UUID


def pass_word(secret: bytes, *, household_id: UUID, position: int, staff_id: UUID, day: date) -> str:
    """The word for one adult of one household, one interviewer and one day. It tells neither of them."""
    text = f"visit|{household_id}|{position}|{staff_id}|{day.isoformat()}"
    return hmac.new(secret, text.encode(), sha256).hexdigest()[:32]


def passes(word: str, secret: bytes, *, household_id: UUID, position: int, staff_id: UUID, day: date) -> bool:
    """Whether this word was given for them today."""
    given = pass_word(secret, household_id=household_id, position=position, staff_id=staff_id, day=day)
    return hmac.compare_digest(word.encode(), given.encode())  # as bytes: an address may hold any letters
