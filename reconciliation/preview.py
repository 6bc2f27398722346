"""Shows the first rows of a file as a profile would read them, so that a person can confirm it before anything counts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from reconciliation.cells import at, text_of
from reconciliation.payout import Payout, RowProblem
from reconciliation.profile import Located, Profile, locate, read_payouts
from reconciliation.sheets import Sheets
from reconciliation.vocabulary import Field

# Bands, tags and repeated headings between the first rows: as many rows more are looked through for the lines wanted.
_BETWEEN = 200
_ROW = re.compile(r"[A-Z]+(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One row as it would be read: what each mapped cell reads, the payout it becomes, and everything to fix in it.

    cells, payout: hold what the provider wrote about a person; for the page only.
    """

    sheet: str
    row: int
    cells: Mapping[Field, str]
    payout: Payout
    problems: tuple[RowProblem, ...] = ()


def preview_rows(sheets: Sheets, profile: Profile, currency: str = "", limit: int = 10) -> list[PreviewRow]:
    """The first rows a profile reads, at most `limit` of each sheet, in file order; it takes no longer for a longer file.

    currency: of rows that do not name one, where the profile has none either.  Raises UnreadableFile when the profile does not fit the file.
    """
    places = {place.sheet.name: place for place in locate(sheets, profile)}
    read = read_payouts(_cut(sheets, places, profile.header_rows + limit + _BETWEEN), profile, currency)
    problems: dict[tuple[str, int], list[RowProblem]] = defaultdict(list)
    for problem in read.problems:
        if found := _ROW.fullmatch(problem.cell):
            problems[problem.sheet, int(found.group(1))].append(problem)
    by_sheet: dict[str, list[PreviewRow]] = {name: [] for name in places}
    for payout in read.payouts:
        rows = by_sheet[payout.sheet]
        if len(rows) < limit:
            fix = problems.get((payout.sheet, payout.row), [])
            rows.append(PreviewRow(payout.sheet, payout.row, _cells(places[payout.sheet], payout.row), payout, tuple(fix)))
    return [row for rows in by_sheet.values() for row in rows]


def _cut(sheets: Sheets, places: Mapping[str, Located], more: int) -> Sheets:
    kept = (
        replace(sheet, rows=sheet.rows[: places[sheet.name].header_row + more]) if sheet.name in places else sheet
        for sheet in sheets.sheets
    )
    return replace(sheets, sheets=tuple(kept))


def _cells(place: Located, row: int) -> dict[Field, str]:
    return {field: text_of(at(place.sheet.rows[row - 1], column)) for field, column in place.columns.items()}
