"""Reads payments while their file is still being read: the process that counts works beside the child that unpacks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from reconciliation import sandbox
from reconciliation.bulk import without_collecting
from reconciliation.column_reader import TableReader
from reconciliation.headings import SEARCH_ROWS
from reconciliation.payout import RowProblem
from reconciliation.payout_columns import PayoutColumns
from reconciliation.profile import Located, PayoutRows, Profile, locate, locate_in, read_payouts
from reconciliation.rows import Batch, batches_of
from reconciliation.sheets import Sheet, Sheets, UnreadableFile
from reconciliation.workbook import Message, gathered


def open_payouts(path: Path | str, profile: Profile, currency: str = "", password: str | None = None) -> tuple[Sheets, PayoutRows]:
    """Open a file whose layout is known, and read every payment in it: what `open_rows` and `read_payouts` say, in less time.

    Raises UnreadableFile, PasswordNeeded.
    """
    return read_arriving(sandbox.messages(Path(path), password), profile, currency)


@without_collecting()
def read_arriving(messages: Iterable[Message], profile: Profile, currency: str = "") -> tuple[Sheets, PayoutRows]:
    """The same of a file that a child is reading already."""
    profile = profile.of_currency(currency)
    ahead = _Ahead(profile)
    sheets = gathered(messages, ahead)
    return sheets, ahead.read(sheets) or read_payouts(sheets, profile)


class _Ahead:
    """Begins with a sheet when its top has arrived. What was read counts only if the whole file turns out to be what its beginning looked like."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self.begin_again()

    def begin_again(self) -> None:
        """Forget what was read."""
        self._payouts, self._problems = PayoutColumns(), list[RowProblem]()
        self._places: list[Located] = []
        self._reader: TableReader | None = None
        self._in_vain = False

    def arrive(self, sheet: Sheet, start: int, batch: Batch) -> None:
        """Take a batch that was put below the rows of a sheet. start: the place of its first row, from 0."""
        if self._in_vain or sheet.hidden:
            return
        if self._places and self._places[-1].sheet.rows is sheet.rows:
            assert self._reader is not None
            self._reader.read(batch, start)
        elif len(sheet.rows) >= SEARCH_ROWS and start < SEARCH_ROWS:
            self._begin(sheet)

    def _begin(self, sheet: Sheet) -> None:
        try:
            place = locate_in(sheet, self._profile)
        except UnreadableFile:
            place = None
            self._in_vain = True  # told once the whole file is there
        if place:
            self._places.append(place)
            self._reader = TableReader(place, self._profile, self._payouts, self._problems)
            for start, batch in batches_of(sheet.rows):
                self._reader.read(batch, start)

    def read(self, sheets: Sheets) -> PayoutRows | None:
        """What was read; None where the whole file says that other tables had to be read, or in another order. Raises UnreadableFile."""
        places = locate(sheets, self._profile)
        same = len(places) == len(self._places) and all(
            one.sheet.rows is other.sheet.rows and one[1:] == other[1:] for one, other in zip(places, self._places, strict=True)
        )
        return PayoutRows(self._payouts, self._problems, len(self._payouts)) if same and not self._in_vain else None
