"""A spreadsheet once it has been read: sheets of plain values, and the one way in which reading it can fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reconciliation.cells import Row, is_blank


class UnreadableFile(Exception):
    """A file that cannot be read as it is; `fix` completes the sentence "You need to …"."""

    def __init__(self, fix: str) -> None:
        super().__init__(f"You need to {fix}.")
        self.fix = fix


class PasswordNeeded(UnreadableFile):
    """The file is protected and no password, or another one, was given."""


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells shown as one: rows from 1, columns from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as it was sent; `rows[0]` is row 1 of the spreadsheet, rows may be shorter than others.

    hidden: the sheet is not shown in the spreadsheet, so its rows are not read.  hidden_rows: rows that are read although they are not shown.
    """

    name: str
    rows: Sequence[Row]
    hidden: bool = False
    merges: tuple[Merge, ...] = ()
    hidden_rows: tuple[int, ...] = ()

    def filled(self) -> int:
        """How many rows hold anything."""
        return sum(1 for row in self.rows if any(not is_blank(value) for value in row))

    def is_empty(self) -> bool:
        """Whether no row holds anything."""
        return not any(not is_blank(value) for row in self.rows for value in row)


@dataclass(frozen=True, slots=True)
class Sheets:
    """A whole workbook or text file.

    form: what the content is ("xlsx", "csv", …), whatever its name says.  encoding, delimiter: of a text file, else "".
    """

    form: str
    sheets: tuple[Sheet, ...]
    encoding: str = ""
    delimiter: str = ""

    def visible(self) -> tuple[Sheet, ...]:
        """The sheets a person sees when they open the file."""
        return tuple(sheet for sheet in self.sheets if not sheet.hidden)

    def named(self, name: str) -> Sheet:
        """The sheet of that name. Raises KeyError."""
        for sheet in self.sheets:
            if sheet.name == name:
                return sheet
        raise KeyError(name)
