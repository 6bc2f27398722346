"""Charts as files of their own: pygal places the bars, this module dresses them without a style sheet.

The content security policy removes inline styles, so every look is an SVG attribute; the file names no time and no chance, so the
same figures are the same bytes. A chart never stands alone: the page shows its table beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Response

from cbi.web.filters import amount
from cbi.web.footing import Tone

SVG = "{http://www.w3.org/2000/svg}"
_FILL = {"delivered": "#17653a", "open": "url(#open)", "held": "#5a3d85", "aside": "url(#aside)", "": "#5b6973"}
_TEXT = {"fill": "#16232b", "font-family": "system-ui, Noto Sans, sans-serif", "font-size": "13"}
_NEVER = frozenset(("defs", "style", "script", "desc", "title"))
_OVERLAYS = frozenset(("overlay", "text-overlay", "tooltip-overlay", "tooltip"))
_ROW_HEIGHT = 44
_AROUND = 110


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of money in every bar. values_minor: whole minor units, one for each bar, none negative."""

    label: str
    tone: Tone
    values_minor: tuple[int, ...]


def stacked_bars(bars: Sequence[str], parts: Sequence[Part], currency: str) -> str:
    """One lying bar for each name in `bars`, made of `parts`, from top to bottom in the order given: an SVG document."""
    chart = _pygal().HorizontalStackedBar(
        js=(),
        width=800,
        height=_AROUND + _ROW_HEIGHT * len(bars),
        margin_right=60,
        legend_at_bottom=True,
        truncate_label=-1,
        truncate_legend=-1,
        value_formatter=lambda value: amount(int(value), currency),
    )
    chart.x_labels = list(reversed(bars))
    longest = max((sum(column) for column in zip(*(part.values_minor for part in parts), strict=True)), default=0)
    if longest:
        chart.y_labels = [0, longest // 2, longest]
    for part in parts:
        chart.add(part.label, list(reversed(part.values_minor)))
    root = chart.render_tree()
    _strip(root)
    _dress(root, [part.tone for part in parts])
    return tostring(root, encoding="unicode")


def svg_response(svg: str) -> Response:
    """A chart as a file for `<img>`: not kept, not guessed, with nothing that could run."""
    return Response(svg, mimetype="image/svg+xml", headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})


def _pygal() -> ModuleType:
    """The library, brought in at the first chart, without the import hook it leaves behind: Python 3.11 warns of it at every later import."""
    import pygal

    sys.meta_path[:] = [finder for finder in sys.meta_path if not type(finder).__module__.startswith("pygal")]
    found: ModuleType = pygal
    return found


def _strip(element: Element) -> None:
    """Take out what carries styles, scripts, the day or a random name; keep the geometry."""
    for child in list(element):
        if not isinstance(child.tag, str) or child.tag.removeprefix(SVG) in _NEVER or _is_overlay(child):
            element.remove(child)
        else:
            _strip(child)
    for name in ("id", "style"):
        element.attrib.pop(name, None)


def _is_overlay(element: Element) -> bool:
    """Whether this is drawn only when a pointer is over it."""
    return not _OVERLAYS.isdisjoint(element.get("class", "").split())


def _dress(root: Element, tones: Sequence[Tone]) -> None:
    """Write the looks as attributes: bars by their series, guides faint, words in the page's ink."""
    root.set("xmlns", "http://www.w3.org/2000/svg")
    root.set("role", "img")
    for element in root.iter():
        kind = element.tag.removeprefix(SVG)
        if kind == "text":
            element.attrib.update(_TEXT)
        elif kind == "path":
            element.attrib.update({"stroke": "#d5dcda", "fill": "none"})
        elif kind == "rect" and "background" in element.get("class", ""):
            element.set("fill", "#fff")
    for place, tone in enumerate(tones):
        _paint(root, place, tone)
    _axis_words(root)
    _patterns(root)


def _paint(root: Element, place: int, tone: Tone) -> None:
    """Fill the bars of one series, and its sample in the legend."""
    for element in root.iter():
        if f"color-{place}" in element.get("class", "").split():
            for rect in element.iter():
                if rect.tag.removeprefix(SVG) == "rect":
                    rect.attrib.update({"fill": _FILL[tone], "stroke": "#fff", "stroke-width": "1"})


def _axis_words(root: Element) -> None:
    """Set the names before the bars to end at the axis, and the figures to stand under their line."""
    for axis in root.iter():
        classes = axis.get("class", "").split()
        if "axis" in classes and ("x" in classes or "y" in classes):
            for text in axis.iter():
                if text.tag.removeprefix(SVG) == "text":
                    text.set("text-anchor", "end" if "y" in classes else "middle")


def _patterns(root: Element) -> None:
    """The two fillings that are not a plain colour, so that the bars can be told apart in black."""
    defs = Element("defs")
    hatch = SubElement(
        defs, "pattern", {"id": "open", "width": "6", "height": "6", "patternUnits": "userSpaceOnUse", "patternTransform": "rotate(35)"}
    )
    SubElement(hatch, "rect", {"width": "6", "height": "6", "fill": "#fff"})
    SubElement(hatch, "rect", {"width": "3", "height": "6", "fill": "#b57614"})
    dots = SubElement(defs, "pattern", {"id": "aside", "width": "6", "height": "6", "patternUnits": "userSpaceOnUse"})
    SubElement(dots, "rect", {"width": "6", "height": "6", "fill": "#fff"})
    SubElement(dots, "circle", {"cx": "3", "cy": "3", "r": "1.4", "fill": "#2b4e7b"})
    root.insert(0, defs)
