"""What a look through a sheet's own records finds, before and beside any reader: the second count of its rows."""

from __future__ import annotations

from dataclasses import dataclass, field

from reconciliation.cells import Fault, cell_name
from reconciliation.sheets import UnreadableFile

TALLEST, WIDEST = 1 << 20, 1 << 14
FREE_AREA = 3_000_000


@dataclass(slots=True)
class SheetScan:
    """What a plain look through one sheet found.

    filled: rows that hold a value.  values: cells that do.  faults: error cells and never-calculated formulas, by row from 1 and column from 0.
    top, left, bottom, right: the edges of what is filled; corner: the cell that lies farthest out.
    """

    filled: int = 0
    values: int = 0
    bottom: int = 0
    right: int = 0
    corner: str = ""
    top: int = 0
    left: int = WIDEST
    hidden_rows: list[int] = field(default_factory=list)
    faults: dict[int, dict[int, Fault]] = field(default_factory=dict)

    def see(self, row: int, column: int) -> None:
        """Stretch the edges to a filled cell: row from 1, column from 0."""
        self.top = min(self.top or row, row)
        self.left = min(self.left, column)
        if row > self.bottom or column > self.right:
            self.corner = cell_name(row, column)
        self.bottom, self.right = max(self.bottom, row), max(self.right, column)

    def area(self) -> int:
        """How many cells lie between the edges: what a reader has to hold, filled or not."""
        return (self.bottom - self.top + 1) * (self.right - self.left + 1) if self.bottom else 0


def check_area(scan: SheetScan, size: int) -> None:
    """Refuse cells so far apart that they stand for nothing.

    A table may spread over three million cells, and one more for each byte of its file: real tables are denser than that.
    Raises UnreadableFile.
    """
    if scan.area() > FREE_AREA + size or scan.right >= WIDEST or scan.bottom > TALLEST:
        raise UnreadableFile(f"clear the stray entry in {scan.corner}, or split the file: its cells lie too far apart to be one table")
