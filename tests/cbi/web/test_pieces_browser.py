"""The pieces in a real browser: reachable, readable, never wider than the screen, and obedient to the keyboard."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from tests.cbi.web.gallery import FRAMES, make_app
from tests.chromium import with_axe

# A page that is left may leave its file half sent; the test server then closes it late, which says nothing about the page.
pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")]


@pytest.fixture(scope="module")
def address() -> Iterator[dict[str, str]]:
    servers = {}
    for frame in FRAMES:
        for direction in ("ltr", "rtl"):
            app = make_app(frame, direction=direction)
            servers[f"{frame} {direction}"] = make_server("127.0.0.1", 0, app, threaded=True)
    for server in servers.values():
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {name: f"http://127.0.0.1:{server.port}/" for name, server in servers.items()}
    for server in servers.values():
        server.shutdown()
        server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = with_axe(browser.new_context(viewport={"width": 1440, "height": 900}))
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("frame", FRAMES)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(page: Page, address: dict[str, str], frame: str, direction: str):
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address[f"{frame} {direction}"] + "?said=1")
    found = {}
    for width in (320, 360, 820, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        found[width] = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if width in (360, 1440):
            result = page.evaluate("axe.run({resultTypes: ['violations']})")
            assert len(result["passes"]) > 10
            assert [(one["id"], one["nodes"][0]["html"][:120]) for one in result["violations"]] == []

    assert {width: over for width, over in found.items() if over > 0} == {}
    assert complaints == []


def test_a_refused_form_puts_the_reader_at_the_summary_and_axe_still_finds_nothing(page: Page, address: dict[str, str]):
    page.goto(address["office ltr"])
    page.click("main .btn-primary")
    page.wait_for_selector("#problems")

    assert page.evaluate("document.activeElement.id") == "problems"
    page.click("#problems a >> nth=0")
    assert page.evaluate("document.activeElement.id") == "given"
    assert page.evaluate("axe.run({resultTypes: ['violations']}).then(found => found.violations.map(one => one.id))") == []


def test_escape_three_times_leaves_and_back_does_not_return(page: Page, address: dict[str, str]):
    page.goto(address["plain ltr"])
    page.goto(address["ask ltr"])
    for _ in range(3):
        page.keyboard.press("Escape")
    page.wait_for_url("**/calendar")
    page.go_back()

    assert page.url == address["plain ltr"]


def test_escape_twice_stays(page: Page, address: dict[str, str]):
    page.goto(address["ask ltr"])
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")

    assert page.url == address["ask ltr"]
    assert page.is_visible("h1")


def test_enter_in_a_line_adds_the_next_and_lines_stay_numbered(page: Page, address: dict[str, str]):
    page.goto(address["office ltr"])
    page.fill("[name=members-1-given]", "Tumble")
    page.press("[name=members-1-given]", "Enter")

    assert page.evaluate("document.activeElement.name") == "members-2-given"
    page.keyboard.type("Juniper")
    page.click("[data-line] >> nth=0 >> [data-line-out]")
    assert page.eval_on_selector_all(
        "[data-line] input.form-control[name$=given]", "all => all.map(one => [one.name, one.id, one.value, one.ariaLabel])"
    ) == [
        ["members-0-given", "members-0-given", "Tumble", "Name of member 2"],
        ["members-1-given", "members-1-given", "Juniper", "Name of member 3"],
    ]
    assert page.eval_on_selector_all("[data-line-number]", "all => all.map(one => one.textContent)") == ["2", "3"]
    page.click("[data-line-add]")
    assert page.evaluate("document.activeElement.name") == "members-2-given"


def test_a_number_chooses_an_answer_outside_fields_only(page: Page, address: dict[str, str]):
    page.goto(address["office ltr"])
    page.focus("#phone")
    page.keyboard.press("2")
    inside = page.input_value("#phone"), page.is_checked("[data-key='2']")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("2")

    assert inside == ("2", False)
    assert page.is_checked("[data-key='2']")


def test_a_slash_goes_to_the_find_field_and_a_question_mark_opens_the_list_of_keys(page: Page, address: dict[str, str]):
    page.goto(address["office ltr"])
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    listed = page.is_visible("#keys-help dl")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")

    assert listed
    assert page.evaluate("document.activeElement.id") == "find"


def test_single_letters_can_be_switched_off_and_stay_off(page: Page, address: dict[str, str]):
    page.goto(address["office ltr"])
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    page.click("text=Turn single letters off")
    page.reload()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("1")

    assert not page.is_checked("[data-key='1']")
    page.click("#keys-help summary")
    assert page.inner_text("[data-keys-switch]") == "Turn single letters on"


def test_control_enter_presses_the_main_button(page: Page, address: dict[str, str]):
    page.goto(address["office ltr"])
    page.press("#phone", "Control+Enter")
    page.wait_for_selector("#problems")

    assert page.is_visible("#problems")


def test_a_form_is_sent_once_and_says_so(page: Page, address: dict[str, str]):
    page.goto(address["office ltr"])
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.method) if request.method == "POST" else None)
    said = page.evaluate(
        "() => { const b = document.querySelector('main .btn-primary'); b.click(); b.click(); b.click(); return b.textContent }"
    )
    page.wait_for_selector("#problems")

    assert said == "Saving…"
    assert posts == ["POST"]


def test_a_chosen_file_is_named_with_its_size(page: Page, address: dict[str, str], tmp_path: Path):
    (tmp_path / "payout.xlsx").write_bytes(b"x" * 2000)
    page.goto(address["office ltr"])
    page.set_input_files("#file", str(tmp_path / "payout.xlsx"))

    assert page.inner_text("#file-name") == "payout.xlsx · 2 kB"


def test_every_page_works_without_script(browser: Browser, address: dict[str, str]):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address["ask ltr"])

    page.click("text=Leave this page")

    assert page.url.endswith("/calendar")
    page.goto(address["office ltr"])
    assert page.is_visible("text=Look again")
    assert page.is_visible("[data-line-add]")
    context.close()


def test_a_long_job_is_looked_at_again_by_itself_until_it_is_done(page: Page, address: dict[str, str]):
    page.goto(address["office ltr"] + "work")
    shown = page.get_attribute("progress", "value")
    page.wait_for_selector("#finished")

    assert shown == "1"
    assert not page.query_selector("progress")
    assert page.evaluate("document.querySelectorAll('main').length") == 1


def test_a_button_reached_by_the_keyboard_wears_the_same_ring_as_everything_else(page: Page, address: dict[str, str]):
    page.goto(address["office ltr"])
    button = page.locator("main .btn-primary").first
    button.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")

    ring = button.evaluate(
        "it => { const seen = getComputedStyle(it); return [seen.outlineStyle, seen.outlineWidth, seen.outlineColor, seen.boxShadow]; }"
    )

    assert button.evaluate("it => document.activeElement === it")
    assert ring == ["solid", "3px", "rgb(194, 65, 12)", "none"]


_SIDE_FIRST = """() => {
  const panel = high => `<section class="panel"><div>${'<p>word</p>'.repeat(high)}</div></section>`
  const main = document.querySelector('main')
  main.innerHTML = `<div class="split side-first"><div class="stack">${panel(3)}</div>
    <aside class="stack">${[2, 5, 3, 2].map(panel).join('')}</aside><div class="stack">${panel(9)}</div></div>`
  const box = it => it.getBoundingClientRect()
  const [first, aside, last] = [...main.firstChild.children].map(box), panels = [...main.querySelectorAll('aside > *')].map(box)
  return {
    columns: new Set(panels.map(it => Math.round(it.left))).size,
    beside: aside.top === first.top && aside.left > first.right,
    before: aside.top > first.bottom && Math.max(...panels.map(it => it.bottom)) < last.top,
    gap: Math.round(last.top - Math.max(first.bottom, ...panels.filter(it => it.left < last.right).map(it => it.bottom))),
  }
}"""


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (1440, {"columns": 1, "beside": True, "before": False, "gap": 24}),
        (820, {"columns": 2, "beside": False, "before": True, "gap": 24}),
        (390, {"columns": 1, "beside": False, "before": True, "gap": 16}),
    ],
)
def test_side_panels_stand_beside_in_two_columns_or_in_one_and_before_what_is_long(
    page: Page, address: dict[str, str], width: int, expected: dict[str, object]
):
    page.goto(address["office ltr"])
    page.set_viewport_size({"width": width, "height": 900})

    assert page.evaluate(_SIDE_FIRST) == expected
