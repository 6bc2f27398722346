"""What stands in one cell of a spreadsheet, kept as the kind of evidence it is, and how its text is folded for reading."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class CellKind(StrEnum):
    """What the spreadsheet stored; text "000123" and number 123 are different evidence."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOL = "bool"
    EMPTY = "empty"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Moment:
    """A real date, or date and time, of a spreadsheet: ISO text without a zone."""

    iso: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell the spreadsheet itself could not fill: an error such as #N/A, or FORMULA for one that was never calculated."""

    code: str


FORMULA = "formula"

# One plain Python value per cell: a million rows stay small, and the type is the kind.
Value = str | int | float | bool | Moment | Fault | None
Row = Sequence[Value]

_LEFT_OUT = frozenset({"-", "--", "n/a", "na", "nil", "none", "null", "."})
_EXACT_LIMIT = 2**53
_SHOWN_DIGITS = 6
_LONG_NUMBER, _SIXTEEN_DIGITS = 10**9, 10**15
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+\d{2}", re.ASCII | re.IGNORECASE)
_INVISIBLE = dict.fromkeys([0x00AD, 0x061C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)])
_SPACES = dict.fromkeys([0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
_MINUS = dict.fromkeys([0x2010, 0x2011, 0x2012, 0x2013, 0x2212, 0xFE63, 0xFF0D], "-")
_WIDE_LETTERS = {0xFEE0 + ord(letter): letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}
_PLAIN = {
    **_INVISIBLE,
    **_SPACES,
    **_MINUS,
    **_WIDE_LETTERS,
    0xFF0C: ",",
    0xFF0E: ".",
    0xFF0B: "+",
    0xFF08: "(",
    0xFF09: ")",
    0xFF1A: ":",
    0xFF0F: "/",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell with its kind and exact text; a number's text is its shortest form that reads back the same."""

    kind: CellKind
    text: str

    @classmethod
    def of(cls, value: Value) -> Cell:
        """The cell that a stored value stands for."""
        return cls(kind_of(value), text_of(value))


def kind_of(value: Value) -> CellKind:
    """The kind of a stored value; an empty text counts as empty, as it looks the same to the reader of the sheet."""
    if value is None or value == "":
        return CellKind.EMPTY
    if isinstance(value, str):
        return CellKind.TEXT
    if isinstance(value, bool):
        return CellKind.BOOL
    if isinstance(value, Moment):
        return CellKind.DATE
    return CellKind.ERROR if isinstance(value, Fault) else CellKind.NUMBER


def text_of(value: Value) -> str:
    """The exact text of a value: 254708123456.0 is "254708123456", 75.10 is "75.1", an error is its code."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Moment):
        return value.iso
    if isinstance(value, Fault):
        return value.code
    return str(int(value)) if value == int(value) and abs(value) < _EXACT_LIMIT else repr(value)


def is_blank(value: Value) -> bool:
    """Whether a reader of the sheet sees nothing in the cell."""
    return value is None or (isinstance(value, str) and not plain(value))


def says_nothing(value: Value) -> bool:
    """Whether a cell is blank or holds only a sign that it is left out: "-", "N/A", "nil"."""
    return is_blank(value) or (isinstance(value, str) and plain(value).casefold() in _LEFT_OUT)


def plain(text: str) -> str:
    """The text with digits of any script as 0–9, invisible characters gone, and spaces, minus signs and full-width letters and marks made ordinary."""
    if text.isascii():
        return text.strip()
    folded = text.translate(_PLAIN)
    if not folded.isascii():
        folded = "".join(map(_digit, folded))
    return folded.strip()


@lru_cache(maxsize=4096)
def _digit(character: str) -> str:
    number = unicodedata.decimal(character, None)
    return character if number is None else str(number)


@lru_cache(maxsize=65536)
def words(text: str) -> str:
    """The text as lower-case words without accents or punctuation, for comparing headings and status words: "Réf. N°" is "ref n"."""
    spread = unicodedata.normalize("NFKD", plain(text).replace("°", " ").replace("№", " no ")).casefold()
    kept = (
        c if c.isalnum() or unicodedata.category(c) == "Mc" or _vowel_sign(c) else "" if unicodedata.combining(c) else " " for c in spread
    )
    return " ".join("".join(kept).split())


def _vowel_sign(character: str) -> bool:
    # Marks of Indic and Burmese scripts carry the vowel; Latin accents and Arabic points do not change which word it is.
    return unicodedata.category(character) == "Mn" and "\u0900" <= character <= "\u109f"


def lost_digits(value: Value) -> bool:
    """Whether a long number has been cut short by a spreadsheet: 2.54708E+11 as text, or a number of ten digits
    and more with only the six that a narrow column shows, or too long to be exact, or of sixteen digits ending in 0, as Excel keeps fifteen.
    """
    if isinstance(value, str):
        return "+" in value and bool(_SCIENTIFIC.fullmatch(plain(value)))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if abs(value) >= _EXACT_LIMIT or value != int(value) or (abs(value) >= _SIXTEEN_DIGITS and value % 10 == 0):
        return True
    return abs(value) >= _LONG_NUMBER and len(str(abs(int(value))).rstrip("0")) <= _SHOWN_DIGITS


def column_letter(index: int) -> str:
    """The letter over a column, counted from 0: 0 is "A", 27 is "AB"."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """The column under a letter, counted from 0: "A" is 0, "AB" is 27."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def cell_name(row: int, column: int) -> str:
    """A cell as the spreadsheet shows it: row 17 from 1, column 3 from 0 is "D17"."""
    return f"{column_letter(column)}{row}"


def at(row: Row, column: int) -> Value:
    """The value of a row in a column; None beyond its end, since rows are kept without trailing blanks."""
    return row[column] if column < len(row) else None
