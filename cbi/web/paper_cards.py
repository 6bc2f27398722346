"""Paper cards: a code to read and to scan, and nothing else that anybody could learn from a card that is found, seen or asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cbi.web.pen import Frame, Pen

ACROSS, DOWN = 2, 5
_LEFT, _TOP = 15.0, 16.0
_WIDE, _HIGH = 90.0, 53.0
_STRIP = 8.0
_SIDE = 34.0


@dataclass(frozen=True, slots=True)
class CardFace:
    """One card. code: on the card; beside: on the strip that is cut away, by which the desk knows whose it is."""

    code: str
    beside: str


def draw_cards(cards: Sequence[CardFace], *, title: str, page_words: str, made_at: datetime, language: str, right_to_left: bool) -> bytes:
    """Ten cards a page with lines to cut along; the strip under each stays with the desk."""
    pen = Pen(Frame(title, page_words, made_at, language, right_to_left))
    for first in range(0, len(cards), ACROSS * DOWN):
        page = cards[first : first + ACROSS * DOWN]
        if first:
            pen.pdf.add_page()
        _cut_lines(pen, len(page))
        for place, card in enumerate(page):
            _card(pen, card, *_corner(place))
    return pen.finished()


def _corner(place: int) -> tuple[float, float]:
    down, across = divmod(place, ACROSS)
    return _LEFT + across * _WIDE, _TOP + down * _HIGH


def _cut_lines(pen: Pen, count: int) -> None:
    rows = -(-count // ACROSS)
    pen.pdf.set_line_width(0.15)
    pen.pdf.set_dash_pattern(dash=1.5, gap=1.5)
    for row in range(rows + 1):
        top = _TOP + row * _HIGH
        pen.pdf.line(_LEFT - 5, top, _LEFT + ACROSS * _WIDE + 5, top)
        if row:
            pen.pdf.line(_LEFT - 5, top - _STRIP, _LEFT + ACROSS * _WIDE + 5, top - _STRIP)
    for column in range(ACROSS + 1):
        left = _LEFT + column * _WIDE
        pen.pdf.line(left, _TOP - 5, left, _TOP + rows * _HIGH + 2)
    pen.pdf.set_dash_pattern()


def _card(pen: Pen, card: CardFace, left: float, top: float) -> None:
    inner = (_HIGH - _STRIP - _SIDE) / 2
    pen.code(card.code, _SIDE, left + inner, top + inner)
    beside = left + inner + _SIDE + 4
    pen.put(card.code, beside, top + (_HIGH - _STRIP) / 2 - 4, left + _WIDE - beside - 4, size=16, bold=True, align="C")
    pen.put(card.beside, left + 4, top + _HIGH - _STRIP + 2, _WIDE - 8, size=8.5, align="C")
