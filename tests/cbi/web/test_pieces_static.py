"""The style sheets and scripts are light, closed to other hosts, and ready for both directions."""

from __future__ import annotations

import gzip
import re

import pytest

from tests.cbi.web.gallery import ROOT

STATIC = ROOT / "cbi" / "static"
SHEETS = sorted(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.css"))
SCRIPTS = sorted(path.relative_to(STATIC).as_posix() for path in (STATIC / "js").glob("*.js"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PHYSICAL = re.compile(
    r"(?<![-\w])(?:margin|padding|border)-(?:left|right)|(?<![-\w])(?:left|right)\s*:|float:(?!\s*none)|text-align:\s*(?:left|right)"
)


def test_there_are_sheets_and_scripts_to_look_at():
    assert len(SHEETS) >= 4
    assert len(SCRIPTS) >= 5


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_is_light_and_asks_nobody_for_anything(name: str):
    text = (STATIC / name).read_text(encoding="utf-8")

    assert len(gzip.compress(text.encode(), mtime=0)) <= 20_000
    assert not re.search(r"url\(|@import|data:\w", text)


def test_the_first_page_leaves_room_for_its_words():
    always = ["bootstrap/bootstrap.css", "tokens.css", "pieces.css", "js/keys.js"]

    assert sum(len(gzip.compress((STATIC / name).read_bytes(), mtime=0)) for name in always) <= 20_000


@pytest.mark.parametrize("name", ["tokens.css", "pieces.css"])
def test_our_own_sheets_name_no_left_and_no_right(name: str):
    assert PHYSICAL.findall((STATIC / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_has_one_behaviour_and_no_host_or_evaluation(name: str):
    text = (STATIC / name).read_text(encoding="utf-8")

    assert len(set(re.findall(r'data-behaviour~="([\w-]+)"', text))) == 1
    assert not re.search(r"https?://|\beval\(|innerHTML|new Function|document\.write", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_nothing_inline(path):
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)

    assert not re.search(r"\sstyle=|<style|\son\w+=\"|<script(?![^>]*\bsrc=)|\|\s*safe(?! *\}\}</svg>)", text)
