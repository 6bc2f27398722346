"""Papers to sign, as PDF: letters of both directions joined as they are written, the same bytes for the same content.

What a paper is about it does not know: it draws facts, tables, sentences, places to sign, and the mark of the audit trail that holds it all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cbi.web.pen import INK2, MARGIN, PAD, WIDTH, Frame, Pen


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
    """Sentences. strong: the answer, said first and larger.  aloud: to be read aloud, in letters that are read at arm's length."""

    sentences: tuple[str, ...]
    strong: bool = False
    aloud: bool = False


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
        self.pen = Pen(Frame(paper.title, paper.page_words, paper.made_at, paper.language, paper.right_to_left, password))
        self.pdf = self.pen.pdf

    def drawn(self) -> bytes:
        """Everything, top to bottom."""
        self.pen.write(self.paper.title, size=17, bold=True)
        self.pen.write(self.paper.office, size=9.5, colour=INK2)
        self.pdf.ln(1)
        for label, value in self.paper.facts:
            self.pen.row((label, value), (3, 7), frozenset(), size=9.5)
        self.pdf.ln(2)
        for part in self.paper.parts:
            self._table(part) if isinstance(part, Table) else self._note(part)
        if self.paper.sign:
            self._signatures()
        if self.paper.mark is not None:
            draw_mark(self.pen, self.paper.mark)
        return self.pen.finished()

    def _note(self, note: Note) -> None:
        for sentence in note.sentences:
            self.pen.write(sentence, size=15 if note.aloud else 11 if note.strong else 9.5, bold=note.strong)
            if note.aloud:
                self.pdf.ln(3)
        self.pdf.ln(2)

    def _table(self, table: Table) -> None:
        self.pen.room(24)
        self.pen.write(table.heading, size=11.5, bold=True)
        header = table.header if any(table.header) else ()
        if header:
            self.pen.header(header, table.widths, table.figures)
        for cells in table.rows:
            self.pen.row(cells, table.widths, table.figures, size=9, rule=0.1, header=header)
        if table.total:
            self.pen.row(table.total, table.widths, table.figures, size=9, bold=True, rule=0.5, above=True, header=header)
        self.pdf.ln(4)

    def _signatures(self) -> None:
        self.pen.room(34)
        self.pdf.ln(4)
        even = tuple(1 for _ in self.paper.sign)
        self.pen.row(self.paper.sign, even, frozenset(), size=10, bold=True)
        self.pdf.ln(8)
        for words in self.paper.sign_words:
            self.pdf.ln(4)
            top = self.pdf.get_y()
            for left, width in self.pen.columns(even):
                self.pdf.line(left + PAD, top, left + width - 6, top)
            self.pen.row(tuple(words for _ in self.paper.sign), even, frozenset(), size=8, colour=INK2)
        self.pdf.ln(3)


def draw_mark(pen: Pen, mark: Mark) -> None:
    """A mark with its words, its hash and its code to scan, at the end of a paper."""
    pen.room(44)
    pdf = pen.pdf
    top = pdf.get_y() + 2
    pen.rule(top)
    side = 30.0
    pen.code(mark.scanned, side, MARGIN + (WIDTH - side if pen.right_to_left else 0), top + 3)
    kept = (pdf.l_margin, pdf.r_margin)
    pdf.set_left_margin(MARGIN + (0 if pen.right_to_left else side + 5))
    pdf.set_right_margin(MARGIN + (side + 5 if pen.right_to_left else 0))
    pdf.set_xy(pdf.l_margin, top + 3)
    pen.write(mark.heading, size=10, bold=True)
    pen.write(mark.sentence, size=9)
    pen.write(" ".join(mark.words), size=11, bold=True)
    pen.write(" ".join(mark.hash[place : place + 8] for place in range(0, len(mark.hash), 8)), size=8, colour=INK2)
    pdf.set_left_margin(kept[0])
    pdf.set_right_margin(kept[1])
    pdf.set_y(max(pdf.get_y(), top + side + 5))
