"""Every page of the room, those too that stand at no link until something happened: three widths, both directions, axe, nothing wider than the screen.

To look at them oneself: CBI_PICTURES=FOLDER keeps a picture of each.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page
from sqlmodel import col, select
from werkzeug.routing import Map

from cbi.app import create_app
from cbi.people.tables import Household
from cbi.protection.policy import PAGES
from cbi.protection.wiring import found_empty_room
from cbi.settings import Settings
from cbi.store.records import Operation, found_office, open_office
from tests import demo, make_room
from tests.browser.conftest import Served, fill_sign_in
from tests.chromium import with_axe, wrong

WIDTHS = (390, 820, 1440)
# Between the two nothing is hidden or shown that axe could see.
_AXED = (390, 1440)
LANGUAGES = ("ar", "en")
_WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# In such a household there are several adults.
_SEVERAL = 5
# Buttons and forms without a page of their own.
_ANSWERS = {
    "take",
    "offered",
    "focal_back",
    "handover_take",
    "service_checked",
    "instrument_begin",
    "instrument_remove",
    "instrument_language",
    "instrument_discard",
    "instrument_file",
    "feedback_take",
    "feedback_gone",
}


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with more letters in its box: some to be worked on, one that does not open, one of questions nobody knows."""
    folder = tmp_path_factory.mktemp("room") / "data"
    shutil.copytree(demo.finished(tmp_path_factory), folder)
    records = open_office(Settings(data=folder))
    try:
        with records.read() as reading:
            large = select(Household).where(col(Household.size) > _SEVERAL).order_by(col(Household.size).desc(), col(Household.number))
            homes = reading.session.exec(large.limit(6))
            found = [(home.id, home.site_id) for home in homes]
            today = reading.today
        for home, site in found[:5]:
            make_room.letter(records, home, make_room.HARDER, site_id=site, day=today)
        make_room.letter(records, found[5][0], make_room.HARDER, site_id=found[5][1], day=today, version="7.7")
        make_room.spoilt_letter(records, day=today)
    finally:
        records.close()
    return folder


@dataclass
class Walk:
    """Somebody of the room in a browser, and what was wrong with the pages they saw."""

    page: Page
    base: str
    seen: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open an address of the room."""
        self.page.goto(self.base + path)

    def press(self, button: str) -> None:
        """Press a button of the page and wait for what follows."""
        with self.page.expect_navigation():
            self.page.locator("main, .dock").get_by_role("button", name=button, exact=True).first.click()

    def look(self, path: str, name: str = "") -> None:
        """Look at a page in both directions and end up on it, left to right."""
        for language in LANGUAGES:
            self.go(f"/language/{language}")
            self.go(path)
            self.as_it_is(name or self.endpoint(), language)

    def as_it_is(self, name: str, language: str) -> None:
        """Look at what the browser shows now."""
        self.seen.add(self.endpoint())
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            if "CBI_PICTURES" in os.environ:
                self.page.screenshot(path=Path(os.environ["CBI_PICTURES"]) / f"{name}-{language}-{width}.png", full_page=True)
            wider = self.page.evaluate(_WIDER)
            self.wrong += [f"{name} {language} {width}: wider than the screen by {wider}"] if wider > 0 else []
            if width in _AXED:
                self.wrong += [f"{name} {language} {width}: {one}" for one in wrong(self.page)]

    def endpoint(self) -> str:
        """The name of the page that the browser shows."""
        path = self.page.url.removeprefix(self.base).split("?")[0].split("#")[0]
        return addresses().bind("localhost").match(path)[0].split(".")[-1]

    def letters(self) -> list[str]:
        """Letters on the start page, by their addresses."""
        self.go("/support/")
        found = self.page.locator("main table a[href^='/support/letters/']").all()
        return list(dict.fromkeys(str(one.get_attribute("href")) for one in found))

    def reach(self, case: str) -> None:
        """Note that the person was reached."""
        self.go(case + "/contact")
        self.page.locator("input[value=reached]").check()
        self.press("Note it")


@cache
def addresses() -> Map:
    """The addresses of the room, as its application knows them."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        found_office(settings, Operation(UUID(int=0), "Empty", "XX", "KE", "UTC", "USD")).close()
        found_empty_room(settings)
        app = create_app(settings, "protection")
        app.extensions["cbi.room"].close()
        return app.url_map


def entered(browser: Browser, served: Served, role: str, walk: Walk | None = None) -> Walk:
    """Somebody of this seat, signed in; what was seen and wrong is kept where `walk` keeps it."""
    page = with_axe(browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")).new_page()
    page.set_default_timeout(30_000)
    page.goto(served.room)
    fill_sign_in(page, served, role, served.people[role])
    return Walk(page, served.room) if walk is None else Walk(page, served.room, walk.seen, walk.wrong)


@pytest.fixture(scope="module")
def lead(browser: Browser, served: Served) -> Iterator[Walk]:
    walk = entered(browser, served, "protection_lead")
    yield walk
    walk.page.context.close()


def questions(lead: Walk) -> None:
    """The versions, and a draft with everything that is edited on pages."""
    lead.look("/support/questions")
    lead.press("Begin the next version from 0.1-draft")
    draft = "/support/questions/0.2"
    lead.look("/support/questions/0.1-draft", "instrument-shipped")
    lead.look(draft)
    lead.look(f"{draft}/words/en", "instrument_words-en")
    lead.look(f"{draft}/words/ar", "instrument_words-ar")
    lead.look(f"{draft}/points/H05")
    for kind, key in (("item", "H05"), ("item", "new"), ("rule", "R1"), ("measure", "M_PRIVATE")):
        lead.look(f"{draft}/{kind}/{key}", f"instrument_entry-{kind}-{key}")
    lead.look(f"{draft}/approve")
    lead.go(f"{draft}/words/en")
    lead.page.locator("main textarea").first.fill("Who hit you?")
    lead.press("Save these words")
    lead.look(f"{draft}/words/en", "instrument_words-wrong")
    lead.look(draft, "instrument-wrong")


def one_case(lead: Walk, case: str) -> None:
    """From the letter to the referral's paper, and what is written on the way."""
    lead.look(case)
    for page in ("contact", "withdraw", "offer", "give", "close"):
        lead.look(f"{case}/{page}")
    lead.reach(case)
    for page in ("decide", "focal", "referral", "without-consent"):
        lead.look(f"{case}/{page}")
    lead.go(f"{case}/referral")
    lead.page.locator("input[name=consent][value=given]").check()
    lead.page.locator("select[name=service]").select_option(index=1)
    for scope in ("first_name", "language"):
        lead.page.locator(f"input[name=scope][value={scope}]").check()
    lead.press("Write it down")
    referral = lead.page.url.removeprefix(lead.base)
    for page in ("", "/paper", "/locked"):
        lead.look(referral + page)
    lead.look(case, "letter-referred")
    lead.go(f"{case}/referral")
    lead.press("Write it down")
    lead.as_it_is("referral_new-refused", "en")


def asked_of_two(lead: Walk, payee: str, exception: str) -> None:
    """A change of who is paid, and a referral without consent: each asks a second officer."""
    lead.reach(payee)
    lead.go(f"{payee}/decide")
    lead.page.locator("input[value=change_arrangement]").check()
    lead.page.locator("select[name=recipient]").select_option(index=1)
    lead.page.locator("input[name=agreed]").check()
    lead.press("Write it down")
    lead.look(f"{payee}/second")
    lead.look(payee, "letter-second")
    lead.go(f"{exception}/without-consent")
    lead.page.locator("select[name=service]").select_option(index=1)
    for name in ("ground", "told"):
        lead.page.locator(f"input[name={name}]").first.check()
    lead.page.locator("input[name=scope][value=first_name]").check()
    lead.press("Ask another officer")
    lead.look(lead.page.url.removeprefix(lead.base) + "/second")


def handed_over(lead: Walk, case: str) -> None:
    """A case goes to the focal point."""
    lead.reach(case)
    lead.go(f"{case}/focal")
    lead.page.get_by_label(re.compile("Focal point(?!, children)")).check()
    lead.page.locator("input[name=scope][value=first_name]").check()
    lead.page.locator("input[name=agreed]").check()
    lead.press("Hand it over")
    lead.look(case, "letter-handed")


def ended(lead: Walk, closed: str, withdrawn: str) -> None:
    """One case is closed, one person takes it back."""
    lead.reach(closed)
    lead.go(f"{closed}/decide")
    lead.page.locator("input[value=no_action_at_request]").check()
    lead.page.locator("input[name=agreed]").check()
    lead.press("Write it down")
    lead.look(closed, "letter-decided")
    lead.look(f"{closed}/close", "close-decided")
    lead.page.locator("main input[type=radio]:enabled").first.check()
    lead.press("Close it")
    lead.look(closed, "letter-closed")
    lead.look(f"{closed}/reopen")
    lead.go(f"{withdrawn}/withdraw")
    lead.press("Let it go")
    lead.look("/support/withdrawn")


def everyday(lead: Walk) -> None:
    """What the lead has besides the letters."""
    for page in (
        "",
        "key",
        "letters",
        "cases",
        "services",
        "notice",
        "unreadable",
        "officers",
        "officers/new",
        "log",
        "log/mine",
        "passphrase",
    ):
        lead.look(f"/support/{page}")
    lead.go("/support/officers")
    found = [str(one.get_attribute("href")) for one in lead.page.locator("main a[href$='/reset']").all()]
    for address in found[-1:]:
        lead.look(address)
        lead.look(address.replace("/reset", "/remove"))


def test_no_page_of_the_room_has_anything_wrong_with_it(browser: Browser, served: Served, lead: Walk):
    letters = lead.letters()
    assert len(letters) >= 5, letters
    everyday(lead)
    questions(lead)
    one_case(lead, letters[0])
    asked_of_two(lead, letters[1], letters[0])
    handed_over(lead, letters[2])
    ended(lead, letters[3], letters[4])
    lead.look("/support/", "today-later")
    lead.look("/support/cases", "cases-later")
    for role, page in (("psea", "handover"), ("child", "young")):
        focal = entered(browser, served, role, lead)
        focal.look("/support/", f"today-{role}")
        links = focal.page.locator(f"main table a[href*='/{'handovers' if page == 'handover' else 'households'}/']")
        assert links.count(), role
        told = focal.page.locator("main table a[href*='/feedback/']") if role == "psea" else None
        addresses = [str(one.first.get_attribute("href")) for one in (links, told) if one is not None]
        for address in addresses:
            focal.look(address)
        focal.page.context.close()
    auditor = entered(browser, served, "room_auditor", lead)
    auditor.look("/support/", "today-auditor")
    auditor.page.context.close()

    assert lead.wrong == []
    assert set(PAGES) - _ANSWERS - lead.seen == set()


def test_the_pages_before_anybody_is_known(browser: Browser, served: Served):
    page = with_axe(browser.new_context(viewport={"width": 1440, "height": 900})).new_page()
    walk = Walk(page, served.room)

    walk.look("/support/sign-in")
    walk.press("Sign in")
    walk.as_it_is("sign_in-refused", "en")

    assert walk.wrong == []
    assert re.search("enter your passphrase", page.content())
    page.context.close()
