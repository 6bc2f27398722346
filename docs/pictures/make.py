"""Makes the pictures of README.md and of the guides: runs the example operation in a folder of its own, signs in, and photographs its pages.

Needs the test extra and Chromium:  python docs/pictures/make.py
"""

from __future__ import annotations

import io
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

import openpyxl
import pyotp
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
LARGEST = 250 * 1024
SIZE = {"width": 1440, "height": 900}
WIDTHS = {"": 1440, "-narrow": 390}
TALLEST = 2400  # of a whole page; what is below is more of the same
Login = dict[str, str]
Shot = Callable[[Page, str, Login], None]


def register(page: Page, base: str, _: Login) -> None:
    """A household on its way into the form whose head is registered already, with the same name, year and phone."""
    page.goto(base + "/households")
    page.locator("main tbody a").first.click()
    head = page.locator("main tbody tr").first.inner_text()
    given, family = head.split("\n")[0].split("\t")[0].split(" ", 1)
    phone = re.findall(r"\+\d[\d ]{8,}\d", page.locator("main").inner_text())
    page.goto(base + "/households/new")
    page.get_by_label(re.compile("^Given names")).fill(given)
    page.get_by_label(re.compile("^Family name")).fill(family)
    page.get_by_label("Female" if "Female" in head else "Male", exact=True).first.check()
    page.get_by_label(re.compile("^Born")).first.fill(re.findall(r"\b(?:19|20)\d\d\b", head)[0])
    page.locator("input[name=phone]").fill(phone[0])
    page.locator("#looks").get_by_text("Looks like a registered household").wait_for()
    page.evaluate("scrollTo(0, 0)")


def pair(page: Page, base: str, _: Login) -> None:
    """Two entries of one household, the most certain of those that a comparison of everybody finds."""
    page.goto(base + "/households/duplicates")
    page.get_by_role("button", name="Compare everybody now").click()
    first = page.locator("main td.act a").first
    for _again in range(60):
        page.goto(base + "/households/duplicates")
        if first.count():
            break
        page.wait_for_timeout(1000)
    first.click()


def choices(page: Page, base: str, _: Login) -> None:
    """The third page of a visit."""
    page.goto(base + "/visits")
    page.get_by_role("link", name=re.compile("choices only")).first.click()


def preview(page: Page, base: str, login: Login) -> None:
    """The provider's report, every row in its place and nothing posted: the example posted it, so it is undone and read again."""
    page.goto(base + posted_file(page, base))
    page.locator("main").get_by_role("link", name=re.compile("Undo")).click()
    page.locator("main input[type=radio]").first.check()
    page.locator("main input[type=password]").fill(login["password"])
    page.locator("main input[autocomplete=one-time-code]").fill(code_of(login, later=1))
    page.get_by_role("button", name=re.compile("^Undo ")).click()
    page.locator("main form.dock button[type=submit]").first.click()
    page.get_by_role("button", name="Post this file").wait_for(timeout=60_000)


def posted_file(page: Page, base: str) -> str:
    """The address of the file that the example posted."""
    page.goto(base + "/payouts?status=posted")
    return str(page.locator("section[aria-labelledby=files] tbody a").first.get_attribute("href"))


def layout(page: Page, base: str, _: Login) -> None:
    """A report whose shape nobody confirmed yet, made of the first transfers of the list, with a date and a word that need a person."""
    page.goto(base + posted_file(page, base) + "/rows?kind=PAID")
    paid = [
        (row.locator("th").inner_text(), row.locator("td[data-label=Instructed]").inner_text())
        for row in page.locator("main tbody tr").all()
    ]
    page.goto(base + "/payouts/new")
    page.set_input_files("input[type=file]", [{"name": "sparrow_bulk_nov.xlsx", "mimeType": "application/zip", "buffer": report(paid)}])
    page.locator("main button[type=submit]").first.click()
    page.get_by_role("button", name="Keep this layout and preview").wait_for(timeout=60_000)


def report(paid: list[tuple[str, str]]) -> bytes:
    """A provider's bulk report under a letterhead; every name and number in it is invented."""
    names = ("OSWIN PAPERKITE", "JUNI MOONBEAM", "قمر البستان", "TUM FABLEWOOD", "NEELA KALFONIC")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Bulk result"
    for line in ("Sparrow Mobile Money", "Bulk payment report", "Batch 20261117-3", "", "Prepared 17 November 2026", "", ""):
        sheet.append([line])
    sheet.append(["No.", "Txn Ref", "Trans. ID", "Receiver", "MSISDN", "Amount (KES)", "Result", "Completed"])
    for number, (reference, amount) in enumerate(paid, start=1):
        result = {3: "FAILED", 4: "REVERSED", 7: "HANDED TO AGENT"}.get(number, "SUCCESS")
        phone = "9.99556E+09" if number == 3 else f"99955501{number:02d}"  # noqa: PLR2004 -- the third row, whose digits a spreadsheet cut
        figure, day = float(amount.replace(",", "")), f"{4 + number % 5:02d}/11/2026 16:40"
        sheet.append([number, reference, f"SPW8811{9000 + number}", names[number % 5], phone, figure, result, day])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def triage(page: Page, base: str, _: Login) -> None:
    """One finding of the posted report: a payee that differs from the approved one."""
    page.goto(base + posted_file(page, base) + "/rows?kind=WRONG_PAYEE")
    page.locator("td.act a").first.click()
    page.get_by_role("button", name="Save and open the next").wait_for()


def statement(page: Page, base: str, _: Login) -> None:
    """The statement of the list."""
    page.goto(base + posted_file(page, base))
    page.get_by_role("link", name="See the statement").click()
    page.locator("h1").wait_for()


def room(page: Page, base: str, _: Login) -> None:
    """The room's start page after it was opened."""
    page.get_by_role("link", name="Go on").click()
    page.locator("h1").get_by_text("Today").wait_for()
    page.goto(base + "/support/")


def before(page: Page, base: str, _: Login) -> None:
    """The first page of a visit."""
    page.goto(base + "/visits")
    page.get_by_role("link", name="Delivery check").nth(2).click()


def visit_card(page: Page, base: str, _: Login) -> None:
    """What an interviewer takes along."""
    page.goto(base + "/visits")
    page.get_by_role("link", name="Visit card").first.click()


def letter(page: Page, base: str, _: Login) -> None:
    """The letter that waits."""
    page.goto(base + "/support/")
    page.locator("main tbody a").first.click()
    if page.get_by_role("button", name="Take this case").count():
        page.get_by_role("button", name="Take this case").click()


def contact(page: Page, base: str, login: Login) -> None:
    """A contact about to be noted."""
    letter(page, base, login)
    page.get_by_role("link", name="Note a contact").first.click()
    page.locator("input[value=reached]").check()


def decide(page: Page, _: str, __: Login) -> None:
    """After the contact: a change of who is paid, as the person chose."""
    page.get_by_role("button", name="Note it").click()
    page.get_by_role("link", name="Decide with the person").first.click()
    page.locator("input[value=change_arrangement]").check()
    page.locator("select[name=recipient]").select_option(index=2)
    page.locator("input[name=agreed]").check()
    page.evaluate("scrollTo(0, 0)")


def asked_of_another(page: Page, _: str, __: Login) -> None:
    """The decision written down; it waits."""
    page.get_by_role("button", name="Write it down").click()


def second(page: Page, base: str, _: Login) -> None:
    """The same change before the officer who was not there."""
    page.goto(base + "/support/")
    page.get_by_role("link", name=re.compile("^Answer|^Read|^Open")).first.click()
    if page.get_by_role("link", name="Answer as second officer").count():
        page.get_by_role("link", name="Answer as second officer").click()
    page.locator("main input[type=radio]").first.check()


def stood_by(page: Page, _: str, __: Login) -> None:
    """The second officer's answer kept."""
    page.get_by_role("button", name="Save your answer").click()


def referral(page: Page, base: str, _: Login) -> None:
    """What a person agrees that a service is told."""
    page.goto(base + "/support/cases")
    page.locator("main tbody a").first.click()
    page.get_by_role("link", name="Bring them to a service").click()
    page.locator("input[name=consent][value=given]").check()
    page.locator("select[name=service]").select_option(index=2)
    for scope in ("first_name", "language"):
        page.locator(f"input[name=scope][value={scope}]").check()


def paper(page: Page, _: str, __: Login) -> None:
    """What leaves, and nothing else."""
    page.get_by_role("button", name="Write it down").click()
    page.get_by_role("link", name="The paper to print").click()


def close(page: Page, base: str, _: Login) -> None:
    """The end of a case."""
    page.goto(base + "/support/cases")
    page.locator("main tbody a").first.click()
    page.get_by_role("link", name="Close this case").click()


def log(page: Page, base: str, _: Login) -> None:
    """What the log holds of the one who looks."""
    page.goto(base + "/support/log/mine")


OFFICE, ROOM = 0, 1  # how far the port of each is from the first
# One after another, everybody signed in once: a code works once. In the room one case, told by two officers; a step without a name only goes on.
PICTURES: tuple[tuple[int, str, str, Shot], ...] = (
    (ROOM, "officer", "room", room),
    (ROOM, "officer_2", "case-letter", letter),
    (ROOM, "officer_2", "case-contact", contact),
    (ROOM, "officer_2", "case-decide", decide),
    (ROOM, "officer_2", "", asked_of_another),
    (ROOM, "officer", "case-second", second),
    (ROOM, "officer", "", stood_by),
    (ROOM, "officer_2", "case-referral", referral),
    (ROOM, "officer_2", "case-paper", paper),
    (ROOM, "officer_2", "case-close", close),
    (ROOM, "officer_2", "case-log", log),
    (OFFICE, "registrar", "register", register),
    (OFFICE, "registrar", "pair", pair),
    (OFFICE, "interviewer", "choices", choices),
    (OFFICE, "interviewer", "visit-before", before),
    (OFFICE, "interviewer", "visit-card", visit_card),
)
# Of one finance officer, one after another, whole pages, wide and narrow; the preview comes last because it takes the posted file back.
FINANCE: tuple[tuple[str, Shot], ...] = (
    ("statement", statement),
    ("triage", triage),
    ("layout", layout),
    ("preview", preview),
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
    for _ in range(1200):
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
    """Every picture of one screen into this folder."""
    pages: dict[str, Page] = {}
    for world, role, name, go in PICTURES:
        base = f"http://localhost:{port + world}"
        if role not in pages:
            # In the room the officers decided a moment ago, and spent the present code.
            pages[role] = signed_in(browser, base, logins[role], later=world)
        go(pages[role], base, logins[role])
        pages[role].wait_for_load_state()
        if name:
            keep(pages[role], name, full=False)


def photograph_finance(browser: Browser, base: str, login: Login) -> None:
    """Whole pages, wide and narrow."""
    page = signed_in(browser, base, login, later=0)
    for name, go in FINANCE:
        page.set_viewport_size(SIZE)  # type: ignore[arg-type]
        go(page, base, login)
        page.wait_for_load_state()
        if name == "preview":
            keep(page, name, full=False)
        for ending, width in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": 900})
            page.reload()  # as somebody with this screen would have opened it
            keep(page, f"finance-{name}{ending}", full=True)


def signed_in(browser: Browser, base: str, login: Login, *, later: int) -> Page:
    """A browser of this person's own, signed in."""
    page = browser.new_context(viewport=SIZE, device_scale_factor=1, reduced_motion="reduce").new_page()  # type: ignore[arg-type]
    sign_in(page, base, login, later=later)
    return page


def keep(page: Page, name: str, *, full: bool) -> None:
    """A picture in this folder, in as few colours as a page has. Ends with a sentence when it is too large."""
    path = HERE / f"{name}.png"
    if full:  # as tall as the page, so that what sticks to the foot of the screen stands at the foot of the page
        width = page.viewport_size["width"] if page.viewport_size else SIZE["width"]
        tall = min(int(page.evaluate("document.documentElement.scrollHeight")), TALLEST)
        page.set_viewport_size({"width": width, "height": tall})
    page.screenshot(path=path)
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)
    if path.stat().st_size > LARGEST:
        sys.exit(f"You need to make {path.name} smaller than {LARGEST // 1024} kB.")


def main() -> None:
    """Make them all."""
    chromium = shutil.which("chromium") or os.environ.get("CHROMIUM")
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "data") as port, sync_playwright() as playwright:
        logins = json.loads((Path(folder) / "data" / "demo-logins.json").read_text("utf-8"))["people"]
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        people = {login["role"]: login for login in logins}
        photograph(browser, port, people)
        photograph_finance(browser, f"http://localhost:{port}", people["finance"])
        browser.close()


if __name__ == "__main__":
    main()
