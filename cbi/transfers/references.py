"""The names of transfers and lists: short, read aloud without mistakes, and left alone by every spreadsheet.

A transfer reference is T, a letter, five signs and a check sign ("TKW3D8QH").  It begins with two letters and holds no E,
so no program takes it for a number or a date; vowels and look-alikes (0 O, 1 I L, 2 Z, 5 S, 8 B) never stand for each other.
"""

from __future__ import annotations

import random
import re

_LETTERS = "CDFHJKMNPQRTVWX"
ALPHABET = _LETTERS + "23456789"
LENGTH = 8
_MODULUS = len(ALPHABET)  # 23 is prime: with the weights 1 to 8 every wrong sign and every swapped pair is found.
_SPACES = re.compile(r"[\s\-‐-―]+")


def new_reference(chooser: random.Random) -> str:
    """A fresh transfer reference; the caller sees to it that it is not in use."""
    body = "T" + chooser.choice(_LETTERS) + "".join(chooser.choice(ALPHABET) for _ in range(LENGTH - 3))
    return body + _check_sign(body)


def is_reference(text: str) -> bool:
    """Whether this is a whole, correctly read transfer reference."""
    return len(text) == LENGTH and text[0] == "T" and text[1] in _LETTERS and all(sign in ALPHABET for sign in text) and _weighed(text) == 0


def beginning_of(text: str) -> str:
    """How a reference that begins like this is kept; "" where none of ours can begin so. No word with a vowel and no phone number does."""
    typed = tidy(text)
    may_be = typed[:1] == "T" and typed[1:2] in ("", *_LETTERS) and all(sign in ALPHABET for sign in typed) and len(typed) <= LENGTH
    return typed if may_be else ""


def seems_misread(text: str) -> bool:
    """Whether this was meant as a whole reference and one of its signs is wrong or swapped."""
    typed = tidy(text)
    return len(typed) == LENGTH and typed.startswith("T") and typed.isalnum() and not is_reference(typed)


def tidy(text: str) -> str:
    """A reference as people type it ("tkw3 d8qh") in the form it is kept."""
    return _SPACES.sub("", text).upper()


def list_reference(year: int, number: int) -> str:
    """The name of a payment list: "L-2026-031"."""
    return f"L-{year}-{number:03d}"


def list_number(reference: str) -> int:
    """The running number within its year."""
    return int(reference.rsplit("-", 1)[1])


def _weighed(text: str) -> int:
    return sum(weight * ALPHABET.index(sign) for weight, sign in enumerate(text, start=1)) % _MODULUS


def _check_sign(body: str) -> str:
    return ALPHABET[-_weighed(body) * pow(LENGTH, -1, _MODULUS) % _MODULUS]
