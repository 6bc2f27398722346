"""Text as people meant it: what was typed or pasted, without what nobody sees."""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"


def clean(text: str | None) -> str:
    """Without marks nobody sees, among them those that turn the direction, and spaces nobody meant; joiners that shape letters stay."""
    if text and text.isprintable():  # nearly always: nothing of what nobody sees is printable, and its characters need no look one by one
        return " ".join(text.split())
    kept = (character for character in text or "" if character.isspace() or not _is_unseen(character))
    return " ".join("".join(kept).split())


def _is_unseen(character: str) -> bool:
    category = unicodedata.category(character)
    return category in {"Cc", "Cs"} or (category == "Cf" and character not in _JOINERS)
