"""What was seen, beside its source: two things fact by fact, and a piece of the spreadsheet it came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal


class Seen(StrEnum):
    """What a comparison of one fact shows a reader."""

    SAME = "same"
    ALIKE = "alike"
    DIFFERS = "differs"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Compared:
    """One fact of two things. seen: None where nothing is compared. words: instead of the usual ones ("Sounds alike"); why: the reason under them.

    left, right: plain words of one direction, or markup that keeps each of its names apart by itself.
    """

    fact: str
    left: str
    right: str
    seen: Seen | None
    words: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two things side by side. left, right: what they are ("New, not saved", "Registered BH-19882-1"); short: the same for narrow screens."""

    left: str
    right: str
    rows: tuple[Compared, ...]
    short: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as the file shows it. hit: the one the question is about; right: a figure."""

    text: str
    hit: bool = False
    right: bool = False


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row with its number in the file."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of a spreadsheet. columns: the letters above it ("B", "C")."""

    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]


@dataclass(frozen=True, slots=True)
class MapColumn:
    """One column of a file whose layout a person confirms.

    field: the bound select over it.  cells: the heading's cell first, then the rows below, as many as the page has row numbers.
    state: "" sure, "doubt" needs the person, "unused" left out.  words: why it is sure, or what is asked.
    """

    letter: str
    field: Any  # a bound WTForms field, whose package has no types
    cells: tuple[Cell, ...]
    state: Literal["", "doubt", "unused"] = ""
    words: str = ""
