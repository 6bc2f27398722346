"""Makes the pictures of README.md: runs the example operation in a folder of its own, signs in, and photographs four pages.

Needs the test extra and Chromium:  python docs/pictures/make.py
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pyotp
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
LARGEST = 200 * 1024
SIZE = {"width": 1440, "height": 900}
Login = dict[str, str]
Shot = Callable[[Page, str, Login], None]


def register(page: Page, base: str, _: Login) -> None:
    """A household on its way into the form, and one that looks like it."""
    page.goto(base + "/households")
    page.locator("main tbody a").first.click()
    known = re.findall(r"\+?\d[\d ]{8,}\d", page.locator("main").inner_text())
    page.goto(base + "/households/new")
    page.get_by_label(re.compile("^Given names")).fill("Juniper")
    page.get_by_label(re.compile("^Family name")).fill("Moonbeam")
    page.get_by_label("Female").first.check()
    page.get_by_label("Date, year or age").fill("1987")
    if known:
        page.locator("input[name=phone]").fill(known[0])
    page.locator("#looks").get_by_text("Readable").wait_for()
    page.evaluate("scrollTo(0, 0)")


def choices(page: Page, base: str, _: Login) -> None:
    """The third page of a visit."""
    page.goto(base + "/visits")
    page.get_by_role("link", name=re.compile("choices only")).first.click()


def preview(page: Page, base: str, login: Login) -> None:
    """The provider's report, every row in its place and nothing posted: the example posted it, so it is undone and read again."""
    page.goto(base + "/payouts")
    page.locator("main tbody a").first.click()
    page.locator("main").get_by_role("link", name=re.compile("Undo")).click()
    page.locator("main input[type=radio]").first.check()
    page.locator("main input[type=password]").fill(login["password"])
    page.locator("main input[autocomplete=one-time-code]").fill(code_of(login, later=1))
    page.get_by_role("button", name=re.compile("^Undo ")).click()
    page.locator("main form.dock button[type=submit]").first.click()
    page.get_by_role("button", name="Post this file").wait_for(timeout=60_000)


def room(page: Page, base: str, _: Login) -> None:
    """The room's start page after it was opened."""
    page.get_by_role("link", name="Go on").click()
    page.locator("h1").get_by_text("Today").wait_for()
    page.goto(base + "/support/")


PICTURES: tuple[tuple[str, str, int, Shot], ...] = (
    ("register", "registrar", 0, register),
    ("choices", "interviewer", 0, choices),
    ("preview", "finance", 0, preview),
    ("room", "officer", 1, room),
)


def free_port() -> int:
    """A port whose next one is free too."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """The example, made and served; the office's port."""
    cbi = [sys.executable, "-m", "cbi"]
    subprocess.run([*cbi, "demo", "--data", str(folder), "--no-serve", "--json"], check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    process = subprocess.Popen([*cbi, "serve", "--data", str(folder), "--port", str(port)])
    try:
        for address in (f"http://localhost:{port}/sign-in", f"http://localhost:{port + 1}/"):
            wait_for(address)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def wait_for(address: str) -> None:
    """Until the address answers."""
    for _ in range(300):
        try:
            with urlopen(address, timeout=2):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    sys.exit(f"You need to look why {address} does not answer.")


def code_of(login: Login, *, later: int = 0) -> str:
    """Six digits of the present half minute, or of a later one: each works once."""
    return pyotp.TOTP(login["totp_secret"]).at(int(time.time()) + 30 * later)


def sign_in(page: Page, base: str, login: Login, *, later: int) -> None:
    """Name and password, then the six digits, on one page or two."""
    page.goto(base)
    page.locator("input[autocomplete=username]").fill(login["name"])
    page.locator("input[type=password]").fill(login["password"])
    code = page.locator("input[autocomplete=one-time-code]")
    if not code.count():
        page.locator("main button[type=submit]").first.click()
    code.fill(code_of(login, later=later))
    with page.expect_navigation():
        page.locator("main button[type=submit]").first.click()


def photograph(browser: Browser, port: int, logins: dict[str, Login]) -> None:
    """Every picture into this folder. Ends with a sentence when one is too large for a README."""
    for name, role, step, go in PICTURES:
        context = browser.new_context(viewport=SIZE, device_scale_factor=1, reduced_motion="reduce")  # type: ignore[arg-type]
        page = context.new_page()
        base = f"http://localhost:{port + step}"
        # In the room the officer decided a moment ago, and spent the present code.
        sign_in(page, base, logins[role], later=step)
        go(page, base, logins[role])
        page.wait_for_load_state()
        path = HERE / f"{name}.png"
        page.screenshot(path=path)
        if path.stat().st_size > LARGEST:
            sys.exit(f"You need to make {path.name} smaller than {LARGEST // 1024} kB.")
        context.close()


def main() -> None:
    """Make all four."""
    chromium = shutil.which("chromium") or os.environ.get("CHROMIUM")
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "data") as port, sync_playwright() as playwright:
        logins = json.loads((Path(folder) / "data" / "demo-logins.json").read_text("utf-8"))["people"]
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        photograph(browser, port, {login["role"]: login for login in logins})
        browser.close()


if __name__ == "__main__":
    main()
