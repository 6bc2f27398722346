"""Every page of every seat in both worlds: at two widths and both directions axe finds nothing, nothing is wider than the screen, nothing fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from tests.browser.conftest import Served
from tests.chromium import wrong

OFFICE = (
    "registrar",
    "interviewer",
    "lead",
    "help_desk",
    "manager",
    "finance",
    "approver",
    "releaser",
    "feedback",
    "monitoring",
    "auditor",
    "donor",
    "administrator",
)
ROOM = ("protection_lead", "officer", "psea", "child", "room_auditor")
WIDTHS = (360, 1440)
LANGUAGES = ("en", "ar")
_FILES = (".xlsx", ".pdf", ".csv", ".svg", "/static/", "/language/", "/sign-out", "/lock")
_LINKS = "() => [...document.querySelectorAll('a[href]')].map(it => it.getAttribute('href'))"
_WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_HEADING = "() => document.querySelector('h1')?.innerText ?? ''"
_SEEN: set[tuple[str, str, str]] = set()


@cache
def rules() -> Map:
    """The addresses of both worlds, as `cbi routes --json` tells them."""
    from cbi.cli.routes import every_route

    told = {str(one["rule"]) for one in every_route() if "GET" in one["methods"]}  # type: ignore[operator]
    return Map([Rule(rule, endpoint=rule) for rule in sorted(told)])


def rule_of(path: str) -> str | None:
    try:
        return str(rules().bind("localhost").match(path)[0])
    except HTTPException:
        return None


@dataclass
class Watched:
    """A page whose complaints are written down."""

    page: Page
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.said.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda problem: self.said.append(str(problem)))
        self.page.on("response", self._note)

    def _note(self, response: Response) -> None:
        if response.status >= 500:
            self.said.append(f"{response.status} {urlsplit(response.url).path}")


def every_page(watched: Watched, base: str) -> Iterator[str]:
    """One address of each rule that links lead to, each opened once."""
    waiting, opened = ["/"], set[str]()
    while waiting:
        path = waiting.pop(0)
        rule = rule_of(urlsplit(path).path)
        if rule is None or rule in opened or any(part in path for part in _FILES):
            continue
        opened.add(rule)
        watched.page.goto(base + path)
        yield path
        found = watched.page.evaluate(_LINKS)
        waiting += [link for link in found if link.startswith("/") and not link.startswith("//")]


def problems_at(watched: Watched, rule: str, language: str) -> list[str]:
    """What is wrong with the page as it stands, at each width; a rule that another seat already showed is not asked again."""
    found = []
    key = (rule, watched.page.evaluate(_HEADING), language)
    if key in _SEEN:
        return []
    _SEEN.add(key)
    for width in WIDTHS:
        watched.page.set_viewport_size({"width": width, "height": 900})
        wider = watched.page.evaluate(_WIDER)
        found += [f"{rule} {width} {language}: wider than the screen by {wider}"] if wider > 0 else []
        found += [f"{rule} {width} {language}: {one}" for one in wrong(watched.page)]
    return found


@pytest.mark.parametrize(("role", "world"), [*((role, "office") for role in OFFICE), *((role, "protection") for role in ROOM)])
def test_no_page_of_a_seat_has_anything_wrong_with_it(role: str, world: str, sign_in: Callable[..., Page], served: Served):
    page = sign_in(role, world=world)
    watched = Watched(page)
    base = served.office if world == "office" else served.room
    found, pages = [], 0

    for language in LANGUAGES:
        page.goto(f"{base}/language/{language}")
        for path in every_page(watched, base):
            pages += 1
            found += problems_at(watched, str(rule_of(urlsplit(path).path)), language)

    assert found + watched.said == []
    assert pages >= 4
