"""The pen all papers are drawn with: five scripts joined as they are written, in both directions, the same bytes for the same content.

What a paper is about it does not know.  A letter that stands in no font is never a silent empty box: it is drawn as ‹?›, and the paper says so.
Words too long for their box end in …, and the paper says that, too.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import segno

from cbi.web.letters import BREAK, FONTS, LEADING, POINT, UNREADABLE, clusters, legible, line_height, words
from cbi.web.words import _

MARGIN = 15.0
WIDTH = 210.0 - 2 * MARGIN
BOTTOM = 297.0 - 18.0
INK, INK2, LINE = (22, 35, 43), (69, 84, 94), (116, 131, 138)
PAD = 1.2
_REMEMBERED = 20_000
_SMALLEST = 4.5
CUT = "…"
_HYPHENED = re.compile("[^-]*-+|[^-]+")
_SIDES = {"L": 0.0, "C": 0.5, "R": 1.0}
# Joiners belong to the letter before them. The library's rules for direction do not know it, so that marks stand in for them there.
_STAND_IN = {0x200C: 0x1DFE, 0x200D: 0x1DFF}
_STOOD_FOR = {mark: joiner for joiner, mark in _STAND_IN.items()}
_RIGHT_TO_LEFT = {"R", "AL"}


@dataclass(frozen=True, slots=True)
class Frame:
    """What holds on every page. page_words: at the foot, with {page} and {pages} in it.  made_at: of its last entry, never of printing.

    password: it opens with these words only (AES-256, title included); then no two drawings are the same bytes.
    """

    title: str
    page_words: str
    made_at: datetime
    language: str = "en"
    right_to_left: bool = False
    password: str = ""


class Pen:
    """A paper under the pen; places and lengths in millimetres, letters in points."""

    def __init__(self, frame: Frame) -> None:
        self.right_to_left = frame.right_to_left
        self.unreadable = self.cut = False
        self._foot = f"{frame.title} · {frame.page_words}"
        self.pdf = _pdf(frame)
        self._known: dict[tuple[str, float, str], float] = {}
        if frame.password:
            self._lock(frame.password)

    def finished(self) -> bytes:
        """The paper as a PDF; where a letter could not be drawn, or words did not fit, it says so."""
        if self.unreadable:
            self.write(
                _("%(mark)s stands for letters this paper has no type for. Read them on the page.", mark=UNREADABLE), size=9.5, bold=True
            )
        if self.cut:
            self.write(_("%(mark)s stands where words did not fit. Read them on the page.", mark=CUT), size=9.5, bold=True)
        self._feet()
        return bytes(self.pdf.output())

    def write(self, text: str, *, size: float, bold: bool = False, colour: tuple[int, int, int] = INK) -> None:
        """A paragraph over the whole width, from the reader's own side; its lines may stand on two pages."""
        text = self._legible(text)
        left, width = self.pdf.l_margin, 210.0 - self.pdf.l_margin - self.pdf.r_margin
        height = line_height(text, size)
        self.pick(size, bold=bold, colour=colour)
        turned = self._turned(text)
        for line in self._lines(text, width):
            self.room(height)
            self.pick(size, bold=bold, colour=colour)
            self._line(line, left, self.pdf.get_y(), width, height, right_to_left=turned)
            self.pdf.set_xy(left, self.pdf.get_y() + height)

    def row(
        self,
        cells: Sequence[str],
        widths: Sequence[int],
        figures: frozenset[int],
        *,
        size: float,
        bold: bool = False,
        colour: tuple[int, int, int] = INK,
        rule: float = 0.0,
        above: bool = False,
        header: Sequence[str] = (),
    ) -> None:
        """One row of cells, each as high as the highest; it stays on one page. header: drawn again where the row begins a page."""
        self.pick(size, bold=bold, colour=colour)
        columns = self.columns(widths)
        texts = [self._legible(text) for text in cells]
        found = [self._lines(text, width - 2 * PAD) for text, (_left, width) in zip(texts, columns, strict=True)]
        heights = [line_height(text, size) for text in texts]
        height = max(len(lines) * each for lines, each in zip(found, heights, strict=True)) + 1.4
        if self.room(height) and header:
            self.header(header, widths, figures)
        self.pick(size, bold=bold, colour=colour)
        top = self.pdf.get_y()
        for place, (lines, each, (left, width)) in enumerate(zip(found, heights, columns, strict=True)):
            # A figure keeps the order of its sign and digits in every language.
            turned = place not in figures and self._turned(texts[place])
            for down, line in enumerate(lines):
                at = top + 0.7 + down * each
                self._line(line, left + PAD, at, width - 2 * PAD, each, right_to_left=turned, align="R" if place in figures else "")
        if rule:
            self.rule(top if above else top + height, rule)
        self.pdf.set_xy(MARGIN, top + height)

    def header(self, cells: Sequence[str], widths: Sequence[int], figures: frozenset[int]) -> None:
        """The heading of columns."""
        self.row(cells, widths, figures, size=8.5, colour=INK2, rule=0.2)

    def put(
        self,
        text: str,
        left: float,
        top: float,
        width: float,
        *,
        size: float,
        bold: bool = False,
        align: str = "",
        colour: tuple[int, int, int] = INK,
    ) -> None:
        """One line at a place, smaller where it would not fit; nothing is cut off unseen. align: L, C or R, "" for the reader's own side."""
        text = self._legible(text)
        self.pick(size, bold=bold, colour=colour)
        if self._put_code(text, left, top, width, size, align):
            return
        wanted = self._width(text)
        if wanted > width:
            self.pick(max(size * width / wanted, _SMALLEST), bold=bold, colour=colour)
        self._line(text, left, top, width, size * POINT * LEADING, right_to_left=self._turned(text), align=align)

    def fit(self, text: str, left: float, top: float, width: float, height: float, *, size: float, bold: bool = False) -> None:
        """As many lines as it needs in the middle of a box, smaller where they would not fit; the last one it has room for says when there are more."""
        text = self._legible(text)
        self.pick(size, bold=bold)
        if self._put_code(text, left, top + (height - size * POINT * LEADING) / 2, width, size, ""):
            return
        lines, each = self._lines(text, width), line_height(text, size)
        while len(lines) * each > height and size > _SMALLEST:
            size = max(size - 0.5, _SMALLEST)
            self.pick(size, bold=bold)
            lines, each = self._lines(text, width), line_height(text, size)
        if len(lines) * each > height and len(lines) > 1:
            lines, self.cut = self._begun(lines, max(int(height / each), 1), width), True
        first, turned = top + (height - len(lines) * each) / 2, self._turned(text)
        for down, line in enumerate(lines):
            self._line(line, left, first + down * each, width, each, right_to_left=turned)

    def code(self, text: str, side: float, left: float, top: float) -> None:
        """What a camera reads, as a square."""
        rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=0)]
        unit = side / len(rows)
        self.pdf.set_fill_color(*INK)
        for down, row in enumerate(rows):
            for run in re.finditer(b"\x01+", row):
                self.pdf.rect(left + run.start() * unit, top + down * unit, len(run[0]) * unit, unit, style="F")

    def rule(self, top: float, thick: float = 0.2) -> None:
        """A line over the whole width."""
        self.pdf.set_line_width(thick)
        self.pdf.line(MARGIN, top, MARGIN + WIDTH, top)

    def columns(self, widths: Sequence[int]) -> list[tuple[float, float]]:
        """Where each column begins on the paper, and how wide it is; the first stands at the reader's own side."""
        parts = [WIDTH * width / sum(widths) for width in widths]
        lefts = [MARGIN + sum(parts[:place]) for place in range(len(parts))]
        if self.right_to_left:
            lefts = [2 * MARGIN + WIDTH - left - part for left, part in zip(lefts, parts, strict=True)]
        return list(zip(lefts, parts, strict=True))

    def room(self, height: float) -> bool:
        """Whether a new page had to begin so that this much fits on one."""
        full = self.pdf.get_y() + height > BOTTOM
        if full:
            self.pdf.add_page()
        return bool(full)

    def pick(self, size: float, *, bold: bool = False, colour: tuple[int, int, int] = INK) -> None:
        """Take letters of this size."""
        self.pdf.set_font("paper", "B" if bold else "", size)
        self.pdf.set_text_color(*colour)

    def _put_code(self, text: str, left: float, top: float, width: float, size: float, align: str) -> bool:
        """Whether it was a code or a number that fits: nothing of it is joined or turned around, and it is drawn three times as fast."""
        if not text.isascii():
            return False
        self.pdf.set_text_shaping(use_shaping_engine=False)
        wanted = float(self.pdf.get_string_width(text))
        if wanted <= width:
            self._at(text, left + (width - wanted) * _SIDES[align or self._start], top, wanted, size * POINT * LEADING)
        return wanted <= width

    def _feet(self) -> None:
        """Which page of how many, and of which paper: at the foot of each, once it is known how many there are."""
        pages = self.pdf.pages_count
        for page in range(1, pages + 1):
            self.pdf.page, self.pdf.current_font_is_set_on_page = page, False
            foot = self._foot.replace("{page}", str(page)).replace("{pages}", str(pages))
            self.put(foot, MARGIN, 297.0 - 12.5, WIDTH, size=8, align="C", colour=INK2)

    def _line(self, line: str, left: float, top: float, width: float, height: float, *, right_to_left: bool, align: str = "") -> None:
        """A line in the direction it begins in; words of the other direction are still set in theirs."""
        runs = [(text, self._width(text), turned) for text, turned in _runs(line, right_to_left=right_to_left)]
        spare = width - sum(long for _text, long, _turned in runs)
        at = left + spare * _SIDES[align or self._start]
        for text, long, turned in runs:
            self.pdf.set_text_shaping(use_shaping_engine=True, direction="rtl" if turned else "ltr")
            self._at(text.translate(_STAND_IN), at, top, long, height)
            at += long

    def _at(self, text: str, left: float, top: float, width: float, height: float) -> None:
        self.pdf.c_margin = 0
        self.pdf.set_xy(left, top)
        self.pdf.cell(width, height, text, align="L")

    def _lines(self, text: str, width: float) -> list[str]:
        """The text in lines no wider than this, broken as it is read, before anything is turned for its direction."""
        return [line for paragraph in text.split("\n") for line in self._broken(paragraph, width)]

    def _begun(self, lines: list[str], most: int, width: float) -> list[str]:
        """As many of the lines as there is room for, with the mark where they go on."""
        kept = clusters(lines[most - 1])
        while kept and self._width("".join(kept).rstrip() + CUT) > width:
            kept.pop()
        return [*lines[: most - 1], "".join(kept).rstrip() + CUT]

    def _broken(self, text: str, width: float) -> Iterator[str]:
        if self._width(text.replace(BREAK, "")) <= width:
            yield text.replace(BREAK, "")
            return
        line = ""
        for word in words(text):
            for piece in self._pieces(word, width):
                if line and self._width((line + piece).rstrip()) > width:
                    yield line.rstrip()
                    line = ""
                line += piece
        if line:
            yield line.rstrip()

    def _pieces(self, word: str, width: float) -> Iterator[str]:
        """A word that is wider than a whole line, cut after its hyphens, else where no letter loses a mark of its own."""
        if self._width(word.rstrip()) <= width:
            yield word
            return
        piece = ""
        for letters in (one for part in _HYPHENED.findall(word) for one in self._parts(part, width)):
            if piece and self._width(piece + letters) > width:
                yield piece
                piece = ""
            piece += letters
        yield piece

    def _parts(self, part: str, width: float) -> list[str]:
        return [part] if self._width(part) <= width else clusters(part)

    def _width(self, text: str) -> float:
        """How wide a line of it is."""
        asked = (self.pdf.font_style, self.pdf.font_size_pt, text)
        if asked not in self._known:
            if len(self._known) > _REMEMBERED:  # a paper of many pages remembers only its last lines
                self._known.clear()
            self.pdf.set_text_shaping(use_shaping_engine=True, direction="rtl" if self.right_to_left else "ltr")
            self._known[asked] = float(self.pdf.get_string_width(text.translate(_STAND_IN)))
        return self._known[asked]

    def _turned(self, text: str) -> bool:
        """Whether a paragraph begins at the right: as the paper does, unless it begins, and is mostly written, the other way.

        Numbers and codes keep their own order on every paper.
        """
        strong = [kind in _RIGHT_TO_LEFT for letter in text if (kind := unicodedata.bidirectional(letter)) in {"L", *_RIGHT_TO_LEFT}]
        if not strong:
            return False
        other = [one is not self.right_to_left for one in strong]
        return self.right_to_left is not (other[0] and sum(other) * 2 > len(other))

    @property
    def _start(self) -> str:
        return "R" if self.right_to_left else "L"

    def _legible(self, text: str) -> str:
        drawn = "\n".join(legible(line) for line in text.split("\n"))
        self.unreadable = self.unreadable or (UNREADABLE in drawn and UNREADABLE not in text)
        return drawn

    def _lock(self, password: str) -> None:
        from fpdf.enums import EncryptionMethod

        # Nobody is the owner: a second password that opens it would be one more to lose.
        self.pdf.set_encryption(
            secrets.token_urlsafe(32), user_password=password, encryption_method=EncryptionMethod.AES_256, encrypt_metadata=True
        )


def _runs(line: str, *, right_to_left: bool) -> list[tuple[str, bool]]:
    """A line's pieces of one direction as they stand from left to right, each with whether it is read from the right (UAX 9, rule L2).

    The library draws pieces in the order they are read, which puts a number inside words of the other direction on their wrong side.
    """
    if not right_to_left and not any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in line):
        return [(line, False)]
    from fpdf.bidi import BidiParagraph
    from fpdf.enums import TextDirection

    base = TextDirection.RTL if right_to_left else TextDirection.LTR
    letters = BidiParagraph(line.translate(_STAND_IN), base_direction=base, preserve_bn_chars=True).characters
    runs = [(level, "".join(one.character for one in run)) for level, run in groupby(letters, key=lambda one: one.embedding_level)]
    for lowest in range(max(level for level, _text in runs), 0, -1):
        inner = [(turned, list(run)) for turned, run in groupby(runs, key=lambda run: run[0] >= lowest)]
        runs = [run for turned, each in inner for run in (reversed(each) if turned else each)]
    return [(text.translate(_STOOD_FOR), level % 2 == 1) for level, text in runs]


def _pdf(frame: Frame) -> Any:  # Any: the library is brought in at the first paper, and its class is made here
    from fpdf import FPDF
    from fpdf.line_break import Fragment
    from fpdf.unicode_script import UnicodeScript, get_unicode_script

    floating = {UnicodeScript.COMMON, UnicodeScript.UNKNOWN, UnicodeScript.INHERITED}

    def script(fragment: Fragment) -> UnicodeScript | None:
        return next((found for letter in fragment.characters if (found := get_unicode_script(letter)) not in floating), None)

    class Sheet(FPDF):
        """Pages whose words are not torn apart."""

        def _parse_chars(self, text: str, markdown: bool, **more: Any) -> Iterator[Fragment]:  # Any: as the library hands it on
            """Pieces of one script each. The library takes vowel signs and joiners for a script of their own, which would tear words apart."""
            kept: Fragment | None = None
            for part in super()._parse_chars(text.translate(_STOOD_FOR), markdown, **more):
                if kept is not None and type(part) is type(kept) is Fragment and script(part) in {None, script(kept)}:
                    kept.characters += part.characters
                    continue
                if kept is not None:
                    yield kept
                kept = part
            if kept is not None:
                yield kept

    made = Sheet(format="A4", unit="mm")
    # The foot is drawn when the number of pages is known: it may stand inside a line read from the right.
    made.alias_nb_pages(None)  # type: ignore[arg-type]  # as the library's own words ask to switch it off
    made.set_creation_date(frame.made_at)
    made.set_title(legible(frame.title))
    made.set_lang(frame.language)
    made.set_margins(MARGIN, MARGIN)
    made.set_auto_page_break(auto=False)
    made.set_draw_color(*LINE)
    _add_fonts(made)
    made.set_text_shaping(use_shaping_engine=True, direction="rtl" if frame.right_to_left else "ltr")
    made.add_page()
    return made


def _add_fonts(made: Any) -> None:  # Any: as `_pdf` gives it
    """Both weights of the paper's type, without the rules that are not needed in the file."""
    for style, weight in (("", "Regular"), ("B", "Bold")):
        made.add_font("paper", style, FONTS / f"Paper-{weight}.ttf")
        # HarfBuzz places letters by the file's own rules; in the paper they are left out, and reading them to do so took half its time.
        for rules in ("GDEF", "GPOS", "GSUB"):
            del made.fonts[f"paper{style}"].ttfont[rules]
