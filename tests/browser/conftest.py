"""An example operation, served in both worlds as a person would start it, and a real browser to use it with."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests import demo
from tests.chromium import with_axe
from tests.ports import two_free_ports


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in Path(item.fspath).parts:
            item.add_marker(pytest.mark.browser)


@dataclass
class Served:
    """A running example operation."""

    folder: Path
    office: str
    room: str
    people: dict[str, dict[str, str]]
    used: dict[str, int] = field(default_factory=dict)
    entered: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)

    def code(self, role: str) -> str:
        """A code that this person has not used yet: each works once."""
        step = max(int(time.time()) // 30, self.used.get(role, 0) + 1)
        if step > int(time.time()) // 30 + 1:
            time.sleep(step * 30 - 30 - time.time() + 0.2)  # the product itself refuses a code twice; wait for the next as a person would
        self.used[role] = step
        return pyotp.TOTP(self.people[role]["totp_secret"]).at(step * 30)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "the server ended"
        try:
            with urlopen(address, timeout=2):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(f"{address} does not answer")


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a finished example operation's data folder, for this file alone."""
    folder = tmp_path_factory.mktemp("served") / "data"
    shutil.copytree(demo.finished(tmp_path_factory), folder)
    return folder


@pytest.fixture(scope="module")
def served(demo_folder: Path) -> Iterator[Served]:
    """Both worlds, each in its own process."""
    port = two_free_ports()
    process = subprocess.Popen(
        [sys.executable, "-m", "cbi", "serve", "--data", str(demo_folder), "--port", str(port)],
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    running = Served(demo_folder, f"http://localhost:{port}", f"http://localhost:{port + 1}", demo.logins(demo_folder))
    try:
        _wait_for(running.office + "/sign-in", process)
        _wait_for(running.room, process)
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


@pytest.fixture
def sign_in(browser: Browser, served: Served) -> Iterator[Callable[..., Page]]:
    """Signs the demo's person of a role in, in a browser of their own: `sign_in("registrar")`.  By keyboard they always sign in anew."""
    contexts: list[BrowserContext] = []

    def enter(role: str, *, world: str = "office", width: int = 1440, keyboard: bool = False) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, accept_downloads=True)
        contexts.append(with_axe(context))
        return enter_as(context, served, role, world, keyboard=keyboard)

    yield enter
    for context in contexts:
        context.close()


def enter_as(context: BrowserContext, served: Served, role: str, world: str = "office", *, keyboard: bool = False) -> Page:
    """The first page of somebody's world, as they see it signed in.

    Whoever signed in before and has not left goes on in that session: each new code would be half a minute's wait.
    """
    page = context.new_page()
    page.set_default_timeout(15_000)
    context.add_cookies([] if keyboard else served.entered.get((role, world), []))  # type: ignore[arg-type] -- what a browser gives it also takes
    page.goto(served.office if world == "office" else served.room)
    if page.locator("input[type=password]").count():
        fill_sign_in(page, served, role, served.people[role], keyboard=keyboard)
        served.entered[role, world] = [dict(cookie) for cookie in context.cookies()]
    return page


def fill_sign_in(page: Page, served: Served, role: str, person: dict[str, str], *, keyboard: bool = False) -> None:
    """Name and password (in the room the passphrase), then the six digits; by keyboard only when asked."""
    if keyboard:
        page.wait_for_function("document.activeElement.autocomplete === 'username'")
        page.keyboard.type(person["name"])
        page.keyboard.press("Tab")
        page.keyboard.type(person["password"])
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.autocomplete === 'one-time-code'")  # letters typed sooner go nowhere
        page.keyboard.type(served.code(role))
        with page.expect_navigation():
            page.keyboard.press("Enter")
        return
    page.locator("input[autocomplete=username]").fill(person["name"])
    page.locator("input[type=password]").fill(person["password"])
    code = page.locator("input[autocomplete=one-time-code]")
    if code.count():
        code.fill(served.code(role))
    page.locator("main button[type=submit]").first.click()
    page.wait_for_load_state()
    code = page.locator("input[autocomplete=one-time-code]")
    if code.count():
        code.fill(served.code(role))
        page.locator("main button[type=submit]").first.click()
        page.wait_for_load_state()
