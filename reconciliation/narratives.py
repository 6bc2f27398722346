"""Sees whether the texts of a statement tell whose each payment is: by our references, or by one code of its own in every line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

_SHORTEST = 5
_MOST = 0.8
_AROUND = ".,;:()[]/"


def tells_whose(texts: Sequence[str], references: Collection[str]) -> bool:
    """Whether our references stand in at least some texts or, where ours are not known, nearly each holds a code that no other has."""
    spread = [[word.strip(_AROUND) for word in text.upper().replace("/", " ").split()] for text in texts]
    if references:
        return any(word in references for line in spread for word in line) or any(
            whole.strip(_AROUND) in references for text in texts for whole in text.upper().split()
        )
    lines = [{whole.strip(_AROUND) for whole in text.upper().split() if _is_code(whole.strip(_AROUND))} for text in texts]
    often = Counter(code for line in lines for code in line)
    alone = sum(any(often[code] == 1 for code in line) for line in lines)
    return len(lines) > 1 and alone >= _MOST * len(lines)


def _is_code(word: str) -> bool:
    digits = sum(character.isdigit() for character in word)
    return len(word) >= _SHORTEST and digits >= 2 and not _is_date(word)  # noqa: PLR2004 - "TRF1" numbers nothing


def _is_date(word: str) -> bool:
    parts = word.replace("-", "/").replace(".", "/").replace(":", "/").split("/")
    return len(parts) > 1 and all(part.isdigit() and len(part) in {1, 2, 4} for part in parts)
