"""The headings over a table: one row or two, merged or not, and where a known heading stands in a sheet."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

from reconciliation.cells import at, plain, text_of, words
from reconciliation.sheets import Sheet

SEARCH_ROWS = 200


def headings(sheet: Sheet, row: int, rows: int = 1) -> tuple[str, ...]:
    """The heading over each column of a sheet, from `row` (counted from 1); "" where there is none.

    A heading of two rows is both cells joined by " / "; a merged upper cell stands over each of its columns.
    """
    if rows == 1:
        return _texts(sheet, row)
    upper, lower = list(_texts(sheet, row)), list(_texts(sheet, row + 1))
    width = max(len(upper), len(lower))
    upper += [""] * (width - len(upper))
    lower += [""] * (width - len(lower))
    for merge in sheet.merges:
        if merge.top <= row <= merge.bottom and merge.right > merge.left:
            upper[merge.left : merge.right + 1] = [upper[merge.left]] * len(upper[merge.left : merge.right + 1])
    return tuple(" / ".join(dict.fromkeys(part for part in pair if part)) for pair in zip(upper, lower, strict=True))


def _texts(sheet: Sheet, row: int) -> tuple[str, ...]:
    if not 0 < row <= len(sheet.rows):
        return ()
    cells = sheet.rows[row - 1]
    return tuple(" ".join(plain(text_of(at(cells, column))).split()) for column in range(len(cells)))


def folded(names: Sequence[str]) -> list[str]:
    """Headings as they are compared: without case, accents and punctuation."""
    return [words(name) for name in names]


def find(sheet: Sheet, wanted: Collection[str], row: int = 0, rows: int = 1) -> int:
    """The first row (from 1) of a heading that holds all the wanted names: at `row` if it is there, else in the first rows; 0 when nowhere."""
    names = {words(name) for name in wanted}
    for candidate in [row, *range(1, min(len(sheet.rows), SEARCH_ROWS) + 1)]:
        if candidate and names <= set(folded(headings(sheet, candidate, rows))):
            return int(candidate)
    return 0


def fingerprint(names: Sequence[str]) -> str:
    """A short digest of a whole heading by which its layout is known again, whatever rows stand above it."""
    kept = [name for name in folded(names) if name]
    return hashlib.sha256("\x1f".join(kept).encode()).hexdigest()[:16]
