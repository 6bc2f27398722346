"""What speaks for and against, as bars to both sides of a line: an SVG file of its own, with the table beside it on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

_TEXT = {"fill": "#16232b", "font-family": "system-ui, Noto Sans, sans-serif", "font-size": "13"}
_FOR, _AGAINST = "#17653a", "url(#against)"
_WIDTH, _ROW, _TOP = 400, 28, 34
_LABELS, _LEFT, _RIGHT = 118, 126, 360  # the labels' end, and the bars between them and the figures
_FIGURE = 40  # to the left of a bar that speaks against
_LARGE = 1.3  # as drawn where there is room; a phone shows it smaller than this, and its words stay readable


@dataclass(frozen=True, slots=True)
class Bar:
    """One piece. weight: above 0 speaks for, below against; shown: the same in figures, as the page's table says it."""

    label: str
    weight: float
    shown: str


def balance(bars: Sequence[Bar], against: str, speaks_for: str) -> str:
    """One bar a line, from top to bottom in the order given: an SVG document. against, speaks_for: the words above the two sides."""
    height = _TOP + _ROW * len(bars) + 8
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "role": "img",
            "viewBox": f"0 0 {_WIDTH} {height}",
            "width": f"{_WIDTH * _LARGE:.0f}",
            "height": f"{height * _LARGE:.0f}",
        },
    )
    SubElement(root, "rect", {"width": str(_WIDTH), "height": str(height), "fill": "#fff"})
    _hatch(root)
    most = max((bar.weight for bar in bars), default=0.0)
    least = min((bar.weight for bar in bars), default=0.0)
    left = _LEFT + (_FIGURE if least < 0 else 0)
    scale = (_RIGHT - left) / max(max(most, 0.0) - min(least, 0.0), 1.0)
    axis = left - min(least, 0.0) * scale
    _write(root, axis - 8, 18, against, "end")
    _write(root, axis + 8, 18, speaks_for, "start")
    SubElement(root, "path", {"d": f"M{axis:.1f} {_TOP - 8}V{height - 4}", "stroke": "#5b6973"})
    for place, bar in enumerate(bars):
        _draw(root, bar, axis, scale, _TOP + place * _ROW)
    return tostring(root, encoding="unicode")


def _draw(root: Element, bar: Bar, axis: float, scale: float, top: int) -> None:
    width = max(abs(bar.weight) * scale, 1.0)
    left = axis if bar.weight >= 0 else axis - width
    _write(root, _LABELS, top + 15, bar.label, "end")
    look = {"fill": _FOR if bar.weight >= 0 else _AGAINST, "stroke": _FOR if bar.weight >= 0 else "#8a5a10"}
    SubElement(root, "rect", {"x": f"{left:.1f}", "y": str(top), "width": f"{width:.1f}", "height": "20", **look})
    end = left + width + 6 if bar.weight >= 0 else left - 6
    _write(root, end, top + 15, bar.shown, "start" if bar.weight >= 0 else "end")


def _write(root: Element, across: float, down: float, words: str, anchor: str) -> None:
    SubElement(root, "text", {**_TEXT, "x": f"{across:.1f}", "y": f"{down:.1f}", "text-anchor": anchor}).text = words


def _hatch(root: Element) -> None:
    """A filling that can be told from the other in black."""
    defs = SubElement(root, "defs")
    hatch = SubElement(
        defs, "pattern", {"id": "against", "width": "6", "height": "6", "patternUnits": "userSpaceOnUse", "patternTransform": "rotate(35)"}
    )
    SubElement(hatch, "rect", {"width": "6", "height": "6", "fill": "#fff"})
    SubElement(hatch, "rect", {"width": "3", "height": "6", "fill": "#b57614"})
