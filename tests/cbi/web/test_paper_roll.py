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
