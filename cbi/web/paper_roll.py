"""Long lists to be signed in a queue: every row of one height and whole, its heading on every page, however many pages there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cbi.web.paper import Mark, draw_mark
from cbi.web.pen import BOTTOM, INK2, PAD, Frame, Pen

_HEAD = 8.5


@dataclass(frozen=True, slots=True)
class Column:
    """One column. width: its part of the whole; box: an empty box to sign or tick in."""

    heading: str
    width: int
    box: bool = False
    bold: bool = False


@dataclass(frozen=True, slots=True)
class RollPart:
    """Rows that lie together, beginning on a page of their own. heading: stands on each of its pages."""

    heading: str
    rows: Iterable[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Roll:
    """A list to be signed. facts: at its beginning; cells of columns that are boxes are left empty.  short: of its mark, at every foot.

    high: millimetres of a row, room for a signature or a thumbprint where there is a box for one.
    """

    title: str
    office: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    parts: Iterable[RollPart]
    high: float
    mark: Mark
    page_words: str
    made_at: datetime
    language: str = "en"
    right_to_left: bool = False


def draw_roll(roll: Roll) -> bytes:
    """The list as a PDF. Rows are taken one after the other: only what is drawn is kept."""
    pen = Pen(Frame(roll.title, roll.page_words, roll.made_at, roll.language, roll.right_to_left))
    pen.write(roll.title, size=17, bold=True)
    pen.write(roll.office, size=9.5, colour=INK2)
    for label, value in roll.facts:
        pen.row((label, value), (3, 7), frozenset(), size=9.5)
    for number, part in enumerate(roll.parts):
        if number:
            pen.pdf.add_page()
        _part(pen, roll, part)
    draw_mark(pen, roll.mark)
    return pen.finished()


def _part(pen: Pen, roll: Roll, part: RollPart) -> None:
    widths = tuple(column.width for column in roll.columns)
    places = pen.columns(widths)
    _begin(pen, roll, part, widths)
    for cells in part.rows:
        if pen.pdf.get_y() + roll.high > BOTTOM:
            pen.pdf.add_page()
            _begin(pen, roll, part, widths)
        top = pen.pdf.get_y()
        words = iter(cells)
        for column, (left, width) in zip(roll.columns, places, strict=True):
            if column.box:
                pen.pdf.rect(left + PAD, top + PAD, width - 2 * PAD, roll.high - 2 * PAD)
            else:
                pen.fit(next(words), left + PAD, top, width - 2 * PAD, roll.high, size=10, bold=column.bold)
        pen.rule(top + roll.high, 0.1)
        pen.pdf.set_y(top + roll.high)


def _begin(pen: Pen, roll: Roll, part: RollPart, widths: tuple[int, ...]) -> None:
    pen.room(_HEAD + 12 + roll.high)
    pen.pdf.ln(1)
    pen.write(part.heading, size=11.5, bold=True)
    pen.header(tuple(column.heading for column in roll.columns), widths, frozenset())
