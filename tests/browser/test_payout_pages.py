"""The payout pages as finance uses them: every width and direction, by keyboard, by pointing, without script, and within their weight."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served, fill_sign_in
from tests.chromium import with_axe, wrong

WIDTHS = (360, 390, 820, 1440)
_FIRST, _LATER = 60_000, 15_000
_WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_SCROLLED = "() => [...document.querySelectorAll('.fits')].map(it => it.scrollWidth - it.clientWidth)"
_HIDDEN = """() => { const frame = document.querySelector('.scroll').getBoundingClientRect(), hit = document.querySelector('.scroll .hit').getBoundingClientRect();
  return Math.max(frame.left - hit.left, hit.right - frame.right); }"""


@dataclass(frozen=True)
class Desk:
    """One finance officer at work, signed in once, with the file that the example posted and another whose layout waits."""

    page: Page
    office: str
    posted: str
    layout: str


def report(references: list[str]) -> bytes:
    """A report of unknown shape, with a date that reads two ways and a word nobody knows."""
    book = openpyxl.Workbook()
    sheet = book.active
    for line in (["Sparrow Mobile Money"], ["Batch 3"], ["No.", "Txn Ref", "Receiver", "MSISDN", "Amount (KES)", "Result", "Completed"]):
        sheet.append(line)
    for number, reference in enumerate(references, start=1):
        result = "HANDED TO AGENT" if number == 2 else "SUCCESS"
        sheet.append([number, reference, "Oswin Paperkite", f"99955501{number:02d}", 8250.0, result, f"0{1 + number % 9}/11/2026"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def desk(browser: Browser, served: Served) -> Iterator[Desk]:
    context = with_axe(browser.new_context(viewport={"width": 1440, "height": 900}))
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(served.office)
    fill_sign_in(page, served, "finance", served.people["finance"])
    page.goto(served.office + "/payouts?status=posted")
    posted = str(page.locator("section[aria-labelledby=files] tbody a").first.get_attribute("href"))
    page.goto(f"{served.office}{posted}/rows?kind=PAID")
    references = [row.inner_text() for row in page.locator("main tbody th").all()][:9]
    page.goto(served.office + "/payouts/new")
    page.set_input_files("input[type=file]", [{"name": "bulk.xlsx", "mimeType": "application/zip", "buffer": report(references)}])
    page.locator("main button[type=submit]").first.click()
    page.get_by_role("button", name="Keep this layout and preview").wait_for()
    yield Desk(page, served.office, posted, page.url.removeprefix(served.office))
    context.close()


def addresses(desk: Desk) -> list[str]:
    """Every payout page, and a finding of every kind there is."""
    kinds = ("PAID", "PAID_TWICE", "PAID_MORE", "PAID_LESS", "WRONG_PAYEE", "NOT_OURS", "SUGGESTED", "FAILED", "RETURNED", "MISSING")
    found = ["/payouts", "/payouts/new", "/payouts/layouts", desk.layout, desk.posted, f"{desk.posted}/undo", f"{desk.posted}/rows"]
    for kind in kinds:
        desk.page.goto(f"{desk.office}{desk.posted}/rows?kind={kind}")
        links = desk.page.locator("td.act a")
        if links.count():
            found.append(str(links.first.get_attribute("href")))
    return [*found, f"{desk.posted}/answered?kind=FAILED"]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_payout_page_holds_at_every_width(desk: Desk, language: str):
    page, problems = desk.page, []
    page.set_viewport_size({"width": 1440, "height": 900})
    pages = addresses(desk)
    page.goto(f"{desk.office}/language/{language}")
    try:
        for address in pages:
            page.goto(desk.office + address)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                wider = page.evaluate(_WIDER)
                problems += [f"{address} is wider than {width} by {wider}"] if wider > 0 else []
                if width != WIDTHS[0]:
                    problems += [f"{address} {width}: {one}" for one in wrong(page)]
    finally:
        page.goto(f"{desk.office}/language/en")

    assert problems == []
    assert len(pages) >= 15


@pytest.mark.parametrize("width", [390, 820])
def test_no_table_of_money_is_cut_off_on_a_phone_or_a_tablet(desk: Desk, width: int):
    page = desk.page
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(desk.office + "/statements")
    statement = str(page.locator("td.act a").first.get_attribute("href"))

    for address in (f"{desk.posted}/rows", "/statements", f"{statement}/closing"):
        page.goto(desk.office + address)
        assert max(page.evaluate(_SCROLLED)) <= 0, address


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_row_as_it_was_sent_opens_on_a_phone_where_its_cell_is_marked(desk: Desk, language: str):
    page = desk.page
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(f"{desk.office}/language/{language}")
    try:
        page.goto(f"{desk.office}{desk.posted}/rows?kind=PAID_LESS")
        page.locator("td.act a").first.click()
        page.locator(".scroll .hit").first.wait_for()
        assert page.evaluate(_HIDDEN) <= 0
        assert page.locator(".scroll").first.evaluate("it => it.scrollLeft") > 0
    finally:
        page.goto(f"{desk.office}/language/en")


def test_columns_of_a_file_run_from_left_to_right_in_arabic_too(desk: Desk):
    page = desk.page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{desk.office}/language/ar")
    try:
        page.goto(desk.office + desk.layout)
        lefts = page.evaluate("() => [...document.querySelectorAll('.cols > li')].map(it => it.getBoundingClientRect().left)")
    finally:
        page.goto(f"{desk.office}/language/en")

    assert lefts == sorted(lefts)


def test_pointing_at_a_cell_leads_to_the_question_over_its_column(desk: Desk):
    page = desk.page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(desk.office + desk.layout)

    page.locator('[data-cell="C4"]').click()

    assert page.evaluate("document.activeElement.name") == "column_2"
    page.keyboard.press("Escape")


def test_a_meaning_chosen_for_another_column_is_taken_from_the_first(desk: Desk):
    page = desk.page
    page.goto(desk.office + desk.layout)

    page.locator("[name=column_0]").select_option("amount")

    assert page.locator("[name=column_4]").input_value() == ""
    expect(page.locator("#effect tbody td[data-label=Amount]").first).to_have_text("KES 1.00")


def test_an_answer_shows_its_effect_at_once_and_keeps_the_focus(desk: Desk):
    page = desk.page
    page.goto(desk.office + desk.layout)
    expect(page.locator("#left")).to_contain_text("2 answers are missing")

    page.get_by_label("11 February 2026").or_(page.get_by_label("2 November 2026")).first.focus()
    page.keyboard.press("Space")

    expect(page.locator("#left")).to_contain_text("1 answer is missing")
    expect(page.locator("#effect tbody td[data-label=Date]").first).to_contain_text("2026-")
    assert page.evaluate("document.activeElement.name") == "date_order"


def test_a_finding_is_answered_from_the_keyboard_alone(desk: Desk):
    page = desk.page
    page.goto(f"{desk.office}{desk.posted}/rows?kind=FAILED&answered=no")
    with page.expect_navigation():
        page.locator("td.act a").first.click()
    first = page.url

    page.keyboard.press("j")
    page.wait_for_url(lambda address: address != first)
    page.keyboard.press("k")
    page.wait_for_url(first)
    page.keyboard.press("1")
    assert page.locator("input[name=answer]:checked").input_value() == "noted"
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")

    assert page.url != first
    expect(page.locator(".note.ok")).to_contain_text("Answer kept.")
    expect(page.locator(".page-head .actions")).to_contain_text("answered")


def test_single_letters_do_nothing_once_they_are_switched_off_and_in_fields(desk: Desk):
    page = desk.page
    page.goto(f"{desk.office}{desk.posted}/rows?kind=FAILED")
    page.locator("td.act a").first.click()
    here = page.url

    page.locator("input[name=note]").focus()
    page.keyboard.type("jk1")
    assert page.locator("input[name=note]").input_value() == "jk1"
    page.locator("h1").click()
    page.evaluate("localStorage.setItem('cbi-single-keys', 'off')")
    page.reload()
    page.keyboard.press("j")
    page.wait_for_timeout(300)
    page.evaluate("localStorage.removeItem('cbi-single-keys')")

    assert page.url == here


def test_the_layout_page_works_without_script(browser: Browser, desk: Desk, served: Served):
    context = browser.new_context(java_script_enabled=False, storage_state=desk.page.context.storage_state())
    page = context.new_page()
    page.goto(desk.office + desk.layout)

    page.locator("[name=date_order]").first.check()
    page.locator("[name=word_1]").select_option("paid")
    page.get_by_role("button", name="Show the effect").click()

    expect(page.locator("#left")).to_contain_text("Nothing is missing")
    expect(page.locator("#effect tbody td[data-label=Date]").first).to_contain_text("2026-")
    assert page.locator("[name=word_1]").input_value() == "paid"
    context.close()


def test_first_and_later_pages_keep_within_their_weight(browser: Browser, desk: Desk):
    context = browser.new_context(storage_state=desk.page.context.storage_state())
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    weights: list[float] = []
    network.on("Network.loadingFinished", lambda told: weights.append(told["encodedDataLength"]))
    measured: dict[str, float] = {}

    for address in (desk.layout, desk.posted, f"{desk.posted}/rows", f"{desk.posted}/rows?kind=FAILED"):
        weights.clear()
        page.goto(desk.office + address)
        page.wait_for_load_state("networkidle")
        measured[address] = sum(weights)
    context.close()

    first, *later = measured.values()
    assert first <= _FIRST, measured
    assert max(later) <= _LATER, measured
