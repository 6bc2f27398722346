"""Charts are plain, exact and the same every time."""

from __future__ import annotations

import re
from xml.etree.ElementTree import fromstring

from cbi.web.charts import SVG, Part, stacked_bars, svg_response

PARTS = (
    Part("Delivered", "delivered", (8130650000, 500000000)),
    Part("Open", "open", (564050000, 0)),
    Part("Set aside", "aside", (0, 7000000000)),
)
BARS = ("L-2026-031", "L-2026-033")


def bars_of(svg: str, place: int) -> list[float]:
    series = [node for node in fromstring(svg).iter() if f"serie-{place}" in node.get("class", "").split()]
    return [float(rect.get("width", "0")) for node in series for rect in node.iter(f"{SVG}rect")]


def test_a_chart_has_no_style_no_script_no_day_and_no_chance():
    drawn = stacked_bars(BARS, PARTS, "KES")

    assert not re.search(r"style|script|\bon\w+=|\b20\d\d-\d\d-\d\d|pygal\.org", drawn)
    assert drawn == stacked_bars(BARS, PARTS, "KES")


def test_bars_are_as_long_as_their_money_and_stand_under_their_name():
    drawn = stacked_bars(BARS, PARTS, "KES")

    second, first = bars_of(drawn, 0)

    assert abs(first / second - 8130650000 / 500000000) < 0.01
    assert drawn.index("L-2026-033") < drawn.index("L-2026-031")
    assert "86,947,000.00" in drawn


def test_open_money_is_hatched_so_that_it_shows_in_black():
    assert 'fill="url(#open)"' in stacked_bars(BARS, PARTS, "KES")


def test_words_in_a_chart_cannot_become_markup():
    assert "<b>" not in stacked_bars(("<b>",), (Part("<b>", "open", (5,)),), "KES")


def test_a_chart_of_nothing_can_be_drawn():
    assert stacked_bars((), (), "KES").startswith("<svg")
    assert stacked_bars(("L",), (Part("Open", "open", (0,)),), "KES").startswith("<svg")


def test_a_chart_is_served_as_a_picture_that_is_not_kept():
    response = svg_response("<svg/>")

    assert response.mimetype == "image/svg+xml"
    assert response.headers["Cache-Control"] == "no-store"
