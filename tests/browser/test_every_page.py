"""Every page of every role in a real browser: axe finds nothing, nothing is wider than the screen, nothing complains, both ways of reading."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import AXE, Served

OFFICE = (
    "registrar", "interviewer", "lead", "help_desk", "manager", "finance", "approver", "releaser", "feedback", "monitoring", "auditor", "donor",
    "administrator",
)  # fmt: skip
ROOM = ("protection_lead", "officer", "room_auditor")
WIDTHS = (360, 1440)
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<=/)\d+|(?<=/)[0-9a-f]{20,}")
_NOT_PAGES = (".xlsx", ".csv", ".svg", "/corrections", "/static/", "/language/", "/sign-out", "/lock", "/calendar")
_LONGEST_WALK = 70
_looked_at: set[tuple[str, str]] = set()


@pytest.mark.parametrize("role", [*OFFICE, *ROOM])
def test_every_page_can_be_reached_read_and_used(role: str, sign_in: Callable[..., Page], served: Served):
    world = "protection" if role in ROOM else "office"
    page = sign_in(role, world=world)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(f"{page.url}: {said.text}") if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    base = served.office if world == "office" else served.room

    found = [problem for url in list(_walk(page, base, world)) for problem in _look(page, url)]

    assert not found, "\n".join(found)
    assert not complaints, "\n".join(complaints)


def _walk(page: Page, base: str, world: str) -> Iterator[str]:
    """One address of each shape that no earlier role has shown, in the order a person would come to them."""
    waiting, known = deque([base + "/"]), {base + "/"}
    for _ in range(_LONGEST_WALK):
        if not waiting:
            return
        url = waiting.popleft()
        answer = page.goto(url)
        assert answer is not None
        assert answer.status < 500, (url, answer.status)
        links = page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)")
        for link in (urljoin(base, link).split("#")[0] for link in links):
            shape = _shape(link)
            if urlsplit(link).netloc == urlsplit(base).netloc and shape not in known and not any(part in link for part in _NOT_PAGES):
                known.add(shape)
                waiting.append(link)
        if (world, _shape(page.url)) not in _looked_at:
            _looked_at.add((world, _shape(page.url)))
            yield url


def _shape(url: str) -> str:
    return _ID.sub("*", urlsplit(url).path)


def _look(page: Page, url: str) -> list[str]:
    """What is wrong with one page, at both widths, from left to right and from right to left."""
    problems: list[str] = []
    for language in ("en", "ar"):
        page.goto(urljoin(url, f"/language/{language}?back={urlsplit(url).path}"))
        page.evaluate(AXE.read_text("utf-8"))
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if over > 0:
                problems.append(f"{_shape(url)} {language} {width}: {over} px wider than the screen")
            result = page.evaluate("axe.run({resultTypes: ['violations']})")
            problems += [f"{_shape(url)} {language} {width}: {one['id']} {one['nodes'][0]['html'][:160]}" for one in result["violations"]]
    page.goto(urljoin(url, "/language/en?back=/"))
    page.set_viewport_size({"width": 1440, "height": 900})
    return problems
