"""The whole way round in a browser: from a household at the desk to a statement, an undo, an arrangement and a decision in the room.

The tests of this file are one story and run in its order; what one leaves behind, the next finds.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import col, select

from cbi.people.tables import Household, Member, Phone
from cbi.settings import Settings
from cbi.store.records import open_office
from tests.browser.conftest import Served, fill_sign_in
from tests.browser.keys import Keyboard
from tests.chromium import wrong

SignIn = Callable[..., Page]
_LABEL = "it => it.labels[0].innerText.replace(/\\s+/g, ' ').trim()"


@dataclass(frozen=True)
class Known:
    """A household that is registered already."""

    number: str
    given: str
    family: str
    year: int
    sex: str
    phone: str


@dataclass
class Story:
    """What one step of the way leaves for the next."""

    known: Known
    list_url: str = ""
    reference: str = ""
    exported: Path = field(default_factory=Path)
    file_url: str = ""


@pytest.fixture(scope="module")
def story(served: Served) -> Story:
    records = open_office(Settings(data=served.folder))
    with records.read() as reading:
        household = reading.session.exec(select(Household).where(Household.language == "en").order_by(col(Household.number))).first()
        assert household is not None
        head = reading.session.exec(select(Member).where(Member.household_id == household.id, Member.position == 1)).one()
        phone = reading.session.exec(select(Phone).where(Phone.household_id == household.id)).first()
        assert phone is not None
        given, family, number = reading.open(head, "given"), reading.open(head, "family"), reading.open(phone, "number")
    records.close()
    return Story(Known(household.number, given, family, head.birth_year, head.sex.value, number))


def step_up(page: Page, served: Served, role: str) -> None:
    """Password and a fresh code once more, where money moves."""
    page.get_by_label(re.compile("^Password|Your password", re.IGNORECASE)).fill(served.people[role]["password"])
    page.locator("main input[autocomplete=one-time-code]").fill(served.code(role))


def press(page: Page, words: str | re.Pattern[str], *, look: bool = True) -> None:
    """Press a button; what follows has nothing wrong with it either: many pages of the way can be met only on it."""
    page.locator("main").get_by_role("button", name=words).first.click()
    page.wait_for_load_state()
    assert not look or wrong(page) == [], page.url


def follow(page: Page, words: str | re.Pattern[str]) -> None:
    """Follow a link, and look at the page in the same way."""
    page.locator("main").get_by_role("link", name=words).first.click()
    page.wait_for_load_state()
    assert wrong(page) == [], page.url


def heading(page: Page) -> str:
    return page.locator("h1").inner_text()


def test_a_registrar_registers_a_household_by_keyboard_and_is_shown_who_it_looks_like(sign_in: SignIn, story: Story):
    page = sign_in("registrar", keyboard=True)
    keys, known = Keyboard(page), story.known
    keys.press("Register a household")

    keys.write("Given names", known.given)
    keys.write("Family name", known.family)
    keys.pick(("Female", "Male"), {"f": "Female", "m": "Male", "female": "Female", "male": "Male"}[known.sex])
    keys.write("Born", str(known.year + 1))
    keys.write("Phone", known.phone)
    keys.pick(("Agrees", "Does not agree", "Wants to think"), "Agrees")
    expect(page.locator("#looks")).to_contain_text("Looks like a registered household")
    keys.press("Save")

    assert heading(page) == "This may be the same household"
    assert known.number in page.locator("main").inner_text()
    answers = page.locator("main input[type=radio]").evaluate_all(f"all => all.map({_LABEL})")
    keys.pick(tuple(answers), page.locator("main input[type=radio][value=different]").evaluate(_LABEL))
    keys.press("Go on")

    assert re.search(r"[A-Z]{2}-\d{5}-\w", page.locator("main").inner_text())
    assert page.locator(".problems, [role=alert]").count() == 0


def test_an_interviewer_goes_through_the_three_pages_and_the_choices_alone(sign_in: SignIn):
    page = sign_in("interviewer")
    page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + "/visits")
    listed = page.url
    follow(page, re.compile("^Delivery check"))
    assert heading(page) == "Before we start"
    for name, value in {
        "where": "face",
        "who": "1",
        "g01": "yes",
        "g02": "either",
        "g03": "yes",
        "g04": "yes",
        "g05": "yes",
        "g06": "yes",
    }.items():
        page.locator(f"input[name={name}][value='{value}']").check()
    press(page, "Go on")

    assert heading(page) == "Visit"
    assert page.get_by_role("link", name="Somebody came").is_visible()
    assert wrong(page) == []  # no link leads here, so the test of every page cannot come here
    page.locator("main fieldset").filter(has=page.locator("input[type=radio]")).first.get_by_role("radio").first.check()
    press(page, "Go on to delivery choices")
    assert heading(page) == "Delivery choices"
    choose(page)
    saved = heading(page)

    page.goto(listed)
    page.locator("main").get_by_role("link", name=re.compile("choices only")).nth(1).click()
    choose(page)
    assert heading(page) == saved


def test_axe_sees_what_is_wrong_with_a_page(sign_in: SignIn):
    page = sign_in("donor")
    page.evaluate("document.querySelector('main').append(new Image(), document.createElement('button'))")

    assert {"image-alt", "button-name"} <= {one.split(":")[0] for one in wrong(page)}


def choose(page: Page) -> None:
    """Page 3, with a wish, agreed."""
    page.get_by_label("Yes, keep it until I ask").check()
    page.locator("input[name=agreed][value=yes]").check()
    press(page, "Save the choices")
    assert heading(page) != "Delivery choices", page.locator("main").inner_text()[:500]


def test_the_lead_makes_a_site_check_that_holds_a_day_up_and_one_that_lets_it_go(sign_in: SignIn, served: Served):
    page = sign_in("lead")
    page.goto(served.office + "/sites")
    page.locator("main tbody a").first.click()
    site = page.url

    answer_site_check(page, no_at=(0,))
    assert "held up" in page.locator("main").inner_text().lower() or "hold" in page.locator("main").inner_text().lower()
    page.goto(site)
    answer_site_check(page, no_at=())
    page.goto(site)
    follow(page, "Plan a day")
    page.get_by_label(re.compile("^Day")).fill((datetime.now(UTC).date() + timedelta(days=20)).isoformat())
    press(page, "Plan this day")
    press(page, "Confirm this day")

    assert "Confirmed: people can be told to come" in page.locator("main").inner_text()


def answer_site_check(page: Page, *, no_at: tuple[int, ...]) -> None:
    follow(page, re.compile("site check"))
    groups = page.locator("main fieldset").filter(has=page.locator("input[type=radio]"))
    for place in range(groups.count()):
        groups.nth(place).get_by_label("No" if place in no_at else "Yes", exact=True).check()
    page.get_by_label(re.compile("For protection")).fill("Lina Harbour")
    page.get_by_label(re.compile("For the programme")).fill("Otto Lanternfield")
    press(page, "Confirm the site check")


def test_a_manager_plans_freezes_lists_and_submits(sign_in: SignIn, served: Served, story: Story):
    page = sign_in("manager")
    page.goto(served.office + "/programmes")
    page.locator("main a[href^='/programmes/']").filter(has_text=re.compile("^Open")).first.click()
    follow(page, "Plan a cycle")
    begins = datetime.now(UTC).date() + timedelta(days=1)
    for words, value in {
        "Name": "The second month",
        "Lists are handed in by": (begins + timedelta(days=5)).isoformat(),
        "Begins on": begins.isoformat(),
        "Ends on": (begins + timedelta(days=27)).isoformat(),
        "Base": "100.00",
        "For each member": "10",
        "Members counted, at most": "5",
        "At most": "150",
    }.items():
        page.get_by_label(re.compile(rf"^{words}")).first.fill(value)
    page.get_by_label(re.compile("^Budget line")).select_option(index=1)
    press(page, "Show the effect")
    press(page, "Compute the entitlements")
    press(page, re.compile("^Draft|^Make"))
    story.list_url = page.url
    press(page, "Submit for approval")

    story.reference = re.search(r"L-\d{4}-\d{3}", heading(page))[0]  # type: ignore[index]
    assert "Submitted" in page.locator("main").inner_text()


def test_one_or_two_approve_another_releases_and_finance_takes_the_file(
    sign_in: SignIn, served: Served, story: Story, tmp_path_factory: pytest.TempPathFactory
):
    for role in ("approver", "approver_2"):
        page = sign_in(role)
        page.goto(story.list_url)
        if page.locator("main").get_by_role("button", name=re.compile("^Approve ")).count():
            step_up(page, served, role)
            press(page, re.compile("^Approve "))
    page = sign_in("releaser")
    page.goto(story.list_url)
    follow(page, re.compile("^Go on to release"))
    page.locator("main input[type=checkbox]").first.check()
    step_up(page, served, "releaser")
    press(page, re.compile("^Release "))
    assert "Released for good" in page.locator("main").inner_text()

    page = sign_in("finance")
    page.goto(story.list_url)
    follow(page, "Get the file")
    step_up(page, served, "finance")
    with page.expect_download() as download:
        page.locator("main").get_by_role("button", name="Get the file").click()
    story.exported = tmp_path_factory.mktemp("out") / "list.xlsx"
    download.value.save_as(story.exported)

    assert len(list(openpyxl.load_workbook(story.exported).active.iter_rows())) > 20  # type: ignore[union-attr]


def payout_of(exported: Path, told: Path) -> tuple[int, str]:
    """A provider's report of the exported list: one failed, one short, the others paid. Returns how many lines, and the failed reference."""
    lines = [[cell for cell in row] for row in openpyxl.load_workbook(exported).active.iter_rows(values_only=True)]  # type: ignore[union-attr]  # noqa: C416
    start = next(place for place, row in enumerate(lines) if any("reference" in str(cell).lower() for cell in row))
    names = [str(cell or "").lower() for cell in lines[start]]
    reference = next(place for place, name in enumerate(names) if "reference" in name)
    amount = next(place for place, name in enumerate(names) if "amount" in name)
    asked = [(str(row[reference]), float(str(row[amount]).replace(",", ""))) for row in lines[start + 1 :] if row[reference]]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Transaction reference", "Amount", "Currency", "Status", "Reason"])
    for place, (ref, sum_) in enumerate(asked):
        failed = place == 0
        sheet.append([ref, sum_ - 10 if place == 1 else sum_, "KES", "Failed" if failed else "Paid", "Wallet closed" if failed else ""])
    book.save(told)
    return len(asked), asked[0][0]


def test_finance_uploads_previews_posts_reads_the_statement_and_undoes(sign_in: SignIn, served: Served, story: Story, tmp_path: Path):
    count, _ = payout_of(story.exported, tmp_path / "report.xlsx")
    page = sign_in("finance")
    page.goto(served.office + "/payouts/new")
    page.get_by_label(re.compile("^Payment list")).select_option(value=story.list_url.rstrip("/").split("/")[-1])
    page.locator("input[type=file]").set_input_files(tmp_path / "report.xlsx")
    press(page, "Upload and read")
    if heading(page) == "Check how this file is read":
        press(page, "Keep this layout and preview")
    expect(page.locator("h1")).to_have_text("Preview of a payout file", timeout=60_000)
    story.file_url = page.url
    found = page.locator("main").inner_text()
    press(page, "Post this file")
    assert heading(page) == "Posted payout file"
    follow(page, "See the statement")

    stands = page.locator("main").inner_text()
    assert page.get_by_role("heading", name="This statement does not foot yet").count() == 0
    assert heading(page) == f"Statement of {story.reference}"
    assert str(count) in stands
    assert "Failed" in found
    page.goto(story.file_url)
    follow(page, re.compile("Undo"))
    page.locator("main input[type=radio]").first.check()
    step_up(page, served, "finance")
    press(page, re.compile("^Undo "))
    assert "Undone" in page.locator("body").inner_text()


def test_the_help_desk_writes_down_an_arrangement_without_javascript_and_the_manager_publishes(
    browser: Browser, sign_in: SignIn, served: Served, story: Story
):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.goto(served.office)
    fill_sign_in(page, served, "help_desk", served.people["help_desk"])
    page.goto(served.office + "/help-desk")
    page.get_by_label("Find a household").last.fill(story.known.number)
    press(page, "Find", look=False)
    assert heading(page) == f"How {story.known.number} receives"
    page.get_by_label("Days and hours that suit").first.count()
    page.locator("main input[type=checkbox][name=day]").nth(2).check()
    page.locator("main input[name=agreed]").check()
    press(page, "Save what the person chose", look=False)
    assert "Saved" in page.locator("body").inner_text()
    context.close()

    manager = sign_in("manager")
    manager.goto(served.office + "/arrangements")
    manager.get_by_role("button", name="Publish now").click()
    manager.wait_for_load_state()

    assert story.known.number in manager.locator("main").inner_text()


def test_an_officer_unlocks_the_room_reads_the_queue_reaches_and_decides(sign_in: SignIn):
    page = sign_in("officer", world="protection")
    assert heading(page) == "Published key matches", page.locator("main").inner_text()
    follow(page, "Go on")
    page.locator("main tbody a").first.click()
    page.wait_for_load_state()
    assert heading(page).startswith("Letter about")
    letter = page.url

    page.get_by_role("link", name="Note a contact").first.click()
    page.locator("input[value=reached]").check()
    press(page, "Note it")
    page.goto(letter)
    page.get_by_role("link", name="Decide with the person").first.click()
    page.locator("input[value=continue_as_planned]").check()
    page.locator("input[name=agreed]").check()
    press(page, "Write it down")
    page.goto(letter)

    assert "Decided with the person" in page.locator("main").inner_text()
