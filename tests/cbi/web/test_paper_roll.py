"""Cards to cut and lists to sign: everybody once, no row cut over two pages, the heading on each, however long it grows."""

from __future__ import annotations

import re
import subprocess
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import pytest

from cbi.web.paper import Mark
from cbi.web.paper_cards import ACROSS, DOWN, CardFace, draw_cards
from cbi.web.paper_roll import Column, Roll, RollPart, draw_roll
from cbi.web.pen import CUT, Frame, Pen

NOW = datetime(2026, 11, 26, tzinfo=UTC)
NAMES = ("Juniper Moonbeam", "فاطمة الزهراء", "আমিনা খাতুন", "မြင့်မြင့်ခိုင်", "አበበ በቀለ")
COLUMNS = (Column("No.", 1), Column("Number", 3), Column("Who collects", 4), Column("Signature or thumbprint", 4, box=True))


def rows(first: int, last: int) -> Iterator[tuple[str, ...]]:
    for place in range(first, last):
        yield (f"{place}", f"BH-{20000 + place}-6", f"{NAMES[place % len(NAMES)]} {place}")


def roll(count: int, *, parts: int = 1, right_to_left: bool = False) -> bytes:
    mark = Mark("The mark of this list", "Compare.", ("lantern", "moon"), "ab" * 32, "CBI")
    share = -(-count // parts)
    dealt = (RollPart(f"Counter {part + 1}", rows(part * share, min(count, (part + 1) * share))) for part in range(parts))
    return draw_roll(
        Roll("Expected", "Kharwa", (("Place", "Bahari"),), COLUMNS, dealt, 16.0, mark, "page {page} of {pages}", NOW, "en", right_to_left)
    )


def pages(content: bytes, folder: Path) -> list[str]:
    (folder / "paper.pdf").write_bytes(content)
    said = subprocess.run(["pdftotext", "-layout", folder / "paper.pdf", "-"], capture_output=True, check=True).stdout.decode()
    return said.split("\f")[:-1]


@pytest.mark.parametrize("right_to_left", [False, True])
def test_every_line_is_on_the_roll_once_under_its_heading(tmp_path: Path, right_to_left: bool):
    said = pages(roll(70, parts=3, right_to_left=right_to_left), tmp_path)

    found = re.findall(r"BH-\d{5}-6", "".join(said))
    assert sorted(found) == [f"BH-{20000 + place}-6" for place in range(70)]
    listing = [page for page in said if "BH-" in page]
    assert len(listing) == 6
    assert all("Who collects" in page and "Signature or thumbprint" in page and "Counter" in page for page in listing)
    assert all(f"page {number} of {len(said)}" in page for number, page in enumerate(said, start=1)) or right_to_left


LONG = {
    "burmese": "မြင့်မြင့်ခိုင်သန္တာဝင်းမောင်" * 7,
    "arabic": "فاطمة الزهراء بنت عبد الرحمن " * 7,
    "one word": "Moonbeam" * 25,
}


def drawn_in(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float, float]]:
    """What the pen draws from now on, each with where it begins and ends on the way down."""
    drawn, at = [], Pen._at

    def noted(pen: Pen, text: str, left: float, top: float, width: float, height: float) -> None:
        drawn.append((text, top, top + height))
        at(pen, text, left, top, width, height)

    monkeypatch.setattr(Pen, "_at", noted)
    return drawn


@pytest.mark.parametrize("right_to_left", [False, True])
@pytest.mark.parametrize("script", list(LONG))
def test_a_name_too_long_for_its_cell_ends_in_a_mark_inside_it_and_the_paper_says_so(
    script: str, right_to_left: bool, monkeypatch: pytest.MonkeyPatch
):
    name = LONG[script][:200]
    pen, drawn = Pen(Frame("Roll", "{page}", NOW, right_to_left=right_to_left)), drawn_in(monkeypatch)

    pen.fit(name, 20.0, 50.0, 10.0, 16.0, size=10)

    assert len(name) == 200
    assert all(top >= 50.0 and bottom <= 66.0 for _text, top, bottom in drawn)
    assert sum(CUT in text for text, _top, _bottom in drawn) == 1
    written = "".join(text for text, _top, _bottom in drawn)
    assert len(written) > 40
    drawn.clear()
    pen.finished()
    assert f"{CUT} stands where words did not fit. Read them on the page." in "".join(text for text, _top, _bottom in drawn)


def test_a_long_name_that_fits_when_it_is_small_is_all_there_and_no_mark_is_said(monkeypatch: pytest.MonkeyPatch):
    pen, drawn = Pen(Frame("Roll", "{page}", NOW)), drawn_in(monkeypatch)

    pen.fit(LONG["burmese"][:200], 20.0, 50.0, 60.0, 16.0, size=10)

    assert "".join(text for text, _top, _bottom in drawn) == LONG["burmese"][:200]
    assert all(top >= 50.0 and bottom <= 66.0 for _text, top, bottom in drawn)
    assert not pen.cut
    pen.finished()


def test_a_roll_with_names_that_do_not_fit_still_has_every_row_at_its_height(tmp_path: Path):
    narrow = (Column("No.", 8), Column("Who collects", 1), Column("Signature or thumbprint", 8, box=True))
    part = RollPart("Counter 1", [(f"BH-{20000 + place}-6", LONG["burmese"][:200]) for place in range(30)])
    mark = Mark("The mark of this list", "Compare.", ("lantern", "moon"), "ab" * 32, "CBI")

    said = pages(draw_roll(Roll("Expected", "Kharwa", (), narrow, [part], 16.0, mark, "page {page} of {pages}", NOW)), tmp_path)

    assert sorted(re.findall(r"BH-\d{5}-6", "".join(said))) == [f"BH-{20000 + place}-6" for place in range(30)]
    assert len([page for page in said if "BH-" in page]) == 3
    assert "stands where words did not fit" in said[-1]


def test_the_same_roll_is_the_same_bytes():
    assert roll(30) == roll(30)


def test_cards_stand_ten_on_a_page_each_with_its_own_code_and_strip(tmp_path: Path):
    cards = [CardFace(f"T{place:03}-AAAA-BCD", f"BH-{20000 + place}-6") for place in range(13)]

    said = pages(
        draw_cards(cards, title="Paper cards", page_words="{page} of {pages}", made_at=NOW, language="en", right_to_left=False), tmp_path
    )

    assert [len(re.findall(r"T\d{3}-AAAA-BCD", page)) for page in said] == [ACROSS * DOWN, 3]
    assert [len(re.findall(r"BH-\d{5}-6", page)) for page in said] == [ACROSS * DOWN, 3]


@pytest.mark.bench
def test_a_list_of_fifty_thousand_grows_in_step_with_its_lines():
    spent: dict[int, float] = {}
    size: dict[int, int] = {}
    roll(200)
    for count in (5_000, 50_000):
        began = process_time()
        size[count] = len(roll(count, parts=10))
        spent[count] = process_time() - began

    assert spent[50_000] < 12 * spent[5_000]
    assert size[50_000] < 12 * size[5_000]


@pytest.mark.bench
def test_a_roll_keeps_only_what_is_drawn():
    peaks: dict[int, int] = {}
    roll(200)
    for count in (1_000, 4_000):
        tracemalloc.start()
        roll(count, parts=10)
        peaks[count] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    grown = (peaks[4_000] - peaks[1_000]) / 3_000
    assert grown < 8 * 1024
