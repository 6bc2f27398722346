"""Papers to sign, as PDF: letters of both directions joined as they are written, the same bytes for the same content.

What a paper is about it does not know: it draws facts, tables, sentences, places to sign, and the mark of the audit trail that holds it all.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import segno

_FONTS = Path(__file__).parent / "fonts"
_MARGIN = 15.0
_WIDTH = 210.0 - 2 * _MARGIN
_BOTTOM = 297.0 - 18.0
_INK, _INK2, _LINE = (22, 35, 43), (69, 84, 94), (116, 131, 138)
_LEADING = 1.38
_PAD = 1.2


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a heading. widths: parts of the whole, in order; figures: columns that hold numbers, set to the right in every language."""

    heading: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    figures: frozenset[int]
    total: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Sentences. strong: the answer, said first and larger."""

    sentences: tuple[str, ...]
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A checkpoint of the audit trail: what it says in words two people can compare, its hash, and what a camera reads."""

    heading: str
    sentence: str
    words: tuple[str, ...]
    hash: str
    scanned: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole paper. sign: who signs, one place each, with the words under the lines; nobody on a paper that is only read.  made_at: of its last entry, never of printing."""

    title: str
    office: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Table | Note, ...]
    sign: tuple[str, ...]
    sign_words: tuple[str, ...]
    mark: Mark | None
    page_words: str
    made_at: datetime
    language: str = "en"
    right_to_left: bool = False


def draw(paper: Paper, *, password: str = "") -> bytes:
    """The paper as a PDF. password: it opens with these words only (AES-256, title included); then no two drawings are the same bytes."""
    return _Sheet(paper, password).drawn()


class _Sheet:
    """A paper under the pen."""

    def __init__(self, paper: Paper, password: str) -> None:
        self.paper = paper
        self.pdf = _pdf(paper)
        if password:
            self._lock(password)

    def drawn(self) -> bytes:
        """Everything, top to bottom."""
        self._write(self.paper.title, size=17, bold=True)
        self._write(self.paper.office, size=9.5, colour=_INK2)
        self.pdf.ln(1)
        for label, value in self.paper.facts:
            self._row((label, value), (3, 7), frozenset(), size=9.5)
        self.pdf.ln(2)
        for part in self.paper.parts:
            self._table(part) if isinstance(part, Table) else self._note(part)
        if self.paper.sign:
            self._signatures()
        if self.paper.mark is not None:
            self._mark(self.paper.mark)
        return bytes(self.pdf.output())

    def _lock(self, password: str) -> None:
        from fpdf.enums import EncryptionMethod

        # Nobody is the owner: a second password that opens it would be one more to lose.
        self.pdf.set_encryption(
            secrets.token_urlsafe(32), user_password=password, encryption_method=EncryptionMethod.AES_256, encrypt_metadata=True
        )

    def _note(self, note: Note) -> None:
        for sentence in note.sentences:
            self._write(sentence, size=11 if note.strong else 9.5, bold=note.strong)
        self.pdf.ln(2)

    def _table(self, table: Table) -> None:
        self._room(24)
        self._write(table.heading, size=11.5, bold=True)
        if any(table.header):
            self._row(table.header, table.widths, table.figures, size=8.5, colour=_INK2, rule=0.2)
        for cells in table.rows:
            self._row(cells, table.widths, table.figures, size=9, rule=0.1)
        if table.total:
            self._row(table.total, table.widths, table.figures, size=9, bold=True, rule=0.5, above=True)
        self.pdf.ln(4)

    def _signatures(self) -> None:
        self._room(34)
        self.pdf.ln(4)
        self._row(self.paper.sign, tuple(1 for _ in self.paper.sign), frozenset(), size=10, bold=True)
        self.pdf.ln(8)
        for words in self.paper.sign_words:
            self.pdf.ln(4)
            top = self.pdf.get_y()
            for left, width in self._columns(tuple(1 for _ in self.paper.sign)):
                self.pdf.line(left + _PAD, top, left + width - 6, top)
            self._row(tuple(words for _ in self.paper.sign), tuple(1 for _ in self.paper.sign), frozenset(), size=8, colour=_INK2)
        self.pdf.ln(3)

    def _mark(self, mark: Mark) -> None:
        self._room(44)
        top = self.pdf.get_y() + 2
        self.pdf.line(_MARGIN, top, _MARGIN + _WIDTH, top)
        self.pdf.set_y(top + 3)
        side = 30.0
        self._code(mark.scanned, side, top + 3)
        kept = (self.pdf.l_margin, self.pdf.r_margin)
        self.pdf.set_left_margin(_MARGIN + (0 if self.paper.right_to_left else side + 5))
        self.pdf.set_right_margin(_MARGIN + (side + 5 if self.paper.right_to_left else 0))
        self.pdf.set_xy(self.pdf.l_margin, top + 3)
        self._write(mark.heading, size=10, bold=True)
        self._write(mark.sentence, size=9)
        self._write(" ".join(mark.words), size=11, bold=True, latin=True)
        self._write(" ".join(mark.hash[place : place + 8] for place in range(0, len(mark.hash), 8)), size=8, colour=_INK2, latin=True)
        self.pdf.set_left_margin(kept[0])
        self.pdf.set_right_margin(kept[1])
        self.pdf.set_y(max(self.pdf.get_y(), top + side + 5))

    def _code(self, text: str, side: float, top: float) -> None:
        rows = list(segno.make(text, error="m", micro=False).matrix_iter(border=0))
        unit = side / len(rows)
        left = _MARGIN + (_WIDTH - side if self.paper.right_to_left else 0)
        self.pdf.set_fill_color(*_INK)
        for down, row in enumerate(rows):
            for across, dark in enumerate(row):
                if dark:
                    self.pdf.rect(left + across * unit, top + down * unit, unit, unit, style="F")

    def _write(self, text: str, *, size: float, bold: bool = False, colour: tuple[int, int, int] = _INK, latin: bool = False) -> None:
        """A paragraph over the whole width, from the reader's own side."""
        self._pen(size, bold=bold, colour=colour)
        self.pdf.set_x(self.pdf.l_margin)
        self._direct(right_to_left=self.paper.right_to_left and not latin)
        self.pdf.multi_cell(0, size * 0.3528 * _LEADING, text, align=self._start, new_x="LMARGIN", new_y="NEXT")

    def _row(
        self,
        cells: Sequence[str],
        widths: Sequence[int],
        figures: frozenset[int],
        *,
        size: float,
        bold: bool = False,
        colour: tuple[int, int, int] = _INK,
        rule: float = 0.0,
        above: bool = False,
    ) -> None:
        """One row of cells, each as high as the highest; it stays on one page."""
        self._pen(size, bold=bold, colour=colour)
        line = size * 0.3528 * _LEADING
        columns = self._columns(widths)
        heights = [
            len(self.pdf.multi_cell(width - 2 * _PAD, line, text or " ", dry_run=True, output="LINES"))
            for text, (_left, width) in zip(cells, columns, strict=True)
        ]
        height = max(heights) * line + 1.4
        self._room(height)
        self._pen(size, bold=bold, colour=colour)
        top = self.pdf.get_y()
        for place, (text, (left, width)) in enumerate(zip(cells, columns, strict=True)):
            self.pdf.set_xy(left + _PAD, top + 0.7)
            # A figure keeps the order of its sign and digits in every language.
            self._direct(right_to_left=self.paper.right_to_left and place not in figures)
            self.pdf.multi_cell(width - 2 * _PAD, line, text, align="R" if place in figures else self._start)
        if rule:
            self.pdf.set_line_width(rule)
            at = top if above else top + height
            self.pdf.line(_MARGIN, at, _MARGIN + _WIDTH, at)
        self.pdf.set_xy(_MARGIN, top + height)

    def _columns(self, widths: Sequence[int]) -> list[tuple[float, float]]:
        """Where each column begins on the paper, and how wide it is; the first stands at the reader's own side."""
        parts = [_WIDTH * width / sum(widths) for width in widths]
        lefts = [_MARGIN + sum(parts[:place]) for place in range(len(parts))]
        if self.paper.right_to_left:
            lefts = [2 * _MARGIN + _WIDTH - left - part for left, part in zip(lefts, parts, strict=True)]
        return list(zip(lefts, parts, strict=True))

    def _direct(self, *, right_to_left: bool) -> None:
        """The direction a paragraph begins in; words of the other one are still set in theirs."""
        self.pdf.set_text_shaping(use_shaping_engine=True, direction="rtl" if right_to_left else "ltr")

    @property
    def _start(self) -> str:
        return "R" if self.paper.right_to_left else "L"

    def _pen(self, size: float, *, bold: bool, colour: tuple[int, int, int]) -> None:
        self.pdf.set_font("paper", "B" if bold else "", size)
        self.pdf.set_text_color(*colour)

    def _room(self, height: float) -> None:
        if self.pdf.get_y() + height > _BOTTOM:
            self.pdf.add_page()


def _pdf(paper: Paper) -> Any:  # Any: the library is brought in at the first paper, and its class is made here
    from fpdf import FPDF

    class Sheet(FPDF):
        """A page with its number at the foot."""

        def footer(self) -> None:
            """Which page of how many, and of which paper."""
            self.set_y(-13)
            self.set_font("paper", "", 8)
            self.set_text_color(*_INK2)
            words = paper.page_words.replace("{page}", str(self.page_no())).replace("{pages}", self.str_alias_nb_pages)
            self.cell(0, 5, f"{paper.title} · {words}", align="C")

    made = Sheet(format="A4", unit="mm")
    made.set_creation_date(paper.made_at)
    made.set_title(paper.title)
    made.set_lang(paper.language)
    made.set_margins(_MARGIN, _MARGIN)
    made.set_auto_page_break(auto=False)
    made.set_draw_color(*_LINE)
    for style, weight in (("", "Regular"), ("B", "Bold")):
        made.add_font("paper", style, _FONTS / f"Paper-{weight}.ttf")
    made.set_text_shaping(use_shaping_engine=True, direction="rtl" if paper.right_to_left else "ltr")
    made.add_page()
    return made
