"""A household of five at the desk: by the keyboard alone, by touch on a small phone, and over a link that drops.

A step is one key press that moves or chooses, or the typing of one field's text, however long. A native select cannot be driven
by a finger here: it is tapped like everything else, and its answer is then taken from the list it opened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlmodel import col, func, select

from cbi.people.registered import Registered, open_household
from cbi.people.tables import Consent, Household, Relation
from cbi.people.values import Activity, Difficulty, NewHousehold
from cbi.settings import Settings
from cbi.store.records import Records, open_office
from tests.browser.conftest import Served, enter_as

SignIn = Callable[..., Page]
MOST_STEPS = 60
TOUCH = 44
_BETWEEN_TAPS = 350  # milliseconds: two taps at one place that come sooner are a double tap, which no finger means here
PHONE, WITH_KEYBOARD = {"width": 360, "height": 640}, {"width": 360, "height": 340}
_WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What a finger meets: for a radio or checkbox its whole label.
_TARGET = "it => { const box = (it.matches('input[type=radio], input[type=checkbox]') ? it.closest('label') : it).getBoundingClientRect(); return [box.width, box.height]; }"
_BARE = """it => {
  const part = it.matches('input[type=radio], input[type=checkbox]') ? it.closest('label') : it;
  const box = part.getBoundingClientRect();
  const met = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return Boolean(met) && (part.contains(met) || met.contains(it));
}"""


@dataclass
class Steps:
    """The keyboard of somebody whose steps are counted."""

    page: Page
    taken: int = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.taken += 1
            self.page.keyboard.press(key)

    def write(self, text: str, *then: str) -> None:
        self.taken += 1
        self.page.keyboard.type(text)
        self.press(*then)

    def follow(self, key: str) -> None:
        with self.page.expect_navigation():
            self.press(key)


@pytest.fixture(scope="module")
def office(served: Served) -> Iterator[Records]:
    records = open_office(Settings(data=served.folder))
    yield records
    records.close()


def newest(office: Records) -> Registered:
    with office.read() as reading:
        found = reading.session.exec(select(Household.id).order_by(col(Household.registered_at).desc())).first()
        assert found is not None
        return open_household(reading, found)


def households(office: Records) -> int:
    with office.read() as reading:
        return reading.session.exec(select(func.count()).select_from(Household)).one()


def as_registered(told: NewHousehold) -> dict[str, object]:
    """What a household of these tests must have become."""
    return {
        "names": [member.name for member in told.members],
        "relations": [member.relation for member in told.members[1:]],
        "phone": told.phones,
        "recipient": told.recipient,
        "alternate": told.alternate,
        "consent": told.consent,
        "asked": [len(member.difficulties) for member in told.members],
        "walking": dict(told.members[0].difficulties)[Activity.WALKING],
    }


def expected(family: str, phone: str) -> dict[str, object]:
    return {
        "names": [f"{given} {family}" for given in ("Quince", "Bramble", "Thistle", "Sorrel", "Clover")],
        "relations": [Relation.SPOUSE, Relation.CHILD, Relation.CHILD, Relation.CHILD],
        "phone": (phone,),
        "recipient": 0,
        "alternate": 1,
        "consent": Consent.AGREES,
        "asked": [6, 6, 6, 0, 0],
        "walking": Difficulty.SOME,
    }


def test_a_household_of_five_and_its_delivery_choices_take_at_most_sixty_steps_of_the_keyboard(sign_in: SignIn, office: Records):
    page = sign_in("registrar", keyboard=True)
    page.goto(page.url.rstrip("/") + "/households/new")
    page.wait_for_function("document.activeElement.name === 'head-given'")
    keys = Steps(page)

    keys.write("Quince", "Tab")
    keys.write("Paperboat", "Tab")
    keys.press("1")
    keys.write("34", "Tab")
    keys.write("112111", "Tab")
    keys.write("+999 555 0611", "Enter")
    for name, born, sex, relation, six in (
        ("Bramble Paperboat", "1988", "2", "1", "111111"),
        ("Thistle Paperboat", "9", "1", "2", "111211"),
        ("Sorrel Paperboat", "3", "2", "2", ""),
        ("Clover Paperboat", "8 months", "1", "2", ""),
    ):
        keys.write(name, "Tab")
        keys.write(born, "Tab")
        keys.press(sex, relation)
        if six:
            keys.write(six)
        keys.press("Enter")
    keys.press("Enter", "1", "2", "1")
    keys.follow("Enter")
    assert page.locator("h1").inner_text() == "The household is saved", page.locator("main").inner_text()
    keys.follow("c")
    page.wait_for_function("document.activeElement.matches('fieldset')")
    questions = page.locator("main .q").count()
    for question in page.locator("main .q fieldset[id]").evaluate_all(
        "all => all.filter(it => it.parentElement.matches('.q')).map(it => it.id)"
    ):
        keys.press("2" if question == "h21" else "1")  # nobody else need collect: the alternate was chosen before
    keys.follow("Enter")

    assert questions >= 10
    assert page.locator("h1").inner_text() == "Saved"
    assert as_registered(newest(office).told) == expected("Paperboat", "+9995550611")
    assert keys.taken <= MOST_STEPS


def test_digits_are_letters_to_whoever_switched_single_keys_off(sign_in: SignIn):
    page = sign_in("registrar")
    page.goto(page.url.rstrip("/") + "/households/new")
    page.evaluate("localStorage.setItem('cbi-single-keys', 'off')")
    page.locator("input[name='head-sex']").first.focus()

    page.keyboard.press("2")

    assert page.locator("input[name='head-sex']:checked").count() == 0
    assert page.evaluate("document.activeElement.name") == "head-sex"


@dataclass
class Finger:
    """A person with a small phone: taps, and types on the keyboard that comes up."""

    page: Page

    def tap(self, where: str | Locator) -> Locator:
        one = self.page.locator(where).first if isinstance(where, str) else where
        one.evaluate("it => it.scrollIntoView({ block: 'nearest' })")
        width, height = one.evaluate(_TARGET)
        assert min(width, height) >= TOUCH, f"{where}: {width} x {height}"
        assert one.evaluate(_BARE), f"{where} is covered"
        assert self.page.evaluate(_WIDER) <= 0, f"wider than the screen at {where}"
        self.page.wait_for_timeout(_BETWEEN_TAPS)
        one.tap()
        return one

    def write(self, where: str, text: str) -> None:
        one = self.tap(where)
        self.page.set_viewport_size(WITH_KEYBOARD)
        one.evaluate("it => it.scrollIntoView({ block: 'nearest' })")
        assert one.evaluate(_BARE), f"{where} is hidden while the keyboard is up"
        self.page.keyboard.type(text)
        self.page.set_viewport_size(PHONE)

    def choose(self, where: str, value: str) -> None:
        self.tap(where).select_option(value)

    def follow(self, where: str | Locator) -> None:
        with self.page.expect_navigation():
            self.tap(where)


@pytest.fixture
def finger(browser: Browser, served: Served) -> Iterator[Finger]:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)  # type: ignore[arg-type]
    yield Finger(enter_as(context, served, "registrar"))
    context.close()


def test_a_household_of_five_is_registered_by_touch_at_360_pixels(finger: Finger, office: Records):
    page = finger.page
    finger.follow(page.get_by_role("link", name=re.compile("Register a household")))

    finger.write("[name=head-given]", "Quince")
    finger.write("[name=head-family]", "Lanternbay")
    finger.tap("[name=head-sex][value=female]")
    finger.write("[name=head-born]", "34")
    finger.write("[name=head-six-typed]", "112111")
    finger.write("[name=phone]", "+999 555 0612")
    for place, (name, born, sex, relation, six) in enumerate(
        (
            ("Bramble Lanternbay", "1988", "male", "spouse", "111111"),
            ("Thistle Lanternbay", "9", "female", "child", "111211"),
            ("Sorrel Lanternbay", "3", "male", "child", ""),
            ("Clover Lanternbay", "8 months", "female", "child", ""),
        )
    ):
        if not page.locator(f"[name=members-{place}-name]").count():
            finger.tap("[data-line-add]")
        finger.write(f"[name=members-{place}-name]", name)
        finger.write(f"[name=members-{place}-born]", born)
        finger.choose(f"[name=members-{place}-sex]", sex)
        finger.choose(f"[name=members-{place}-relation]", relation)
        if six:
            finger.write(f"[name=members-{place}-six-typed]", six)
    finger.choose("[name=alternate]", "1")
    finger.tap("[name=consent][value=agrees]")
    finger.follow("button[value=stay]")
    finger.follow(page.get_by_role("link", name=re.compile("^Delivery choices")))
    for question in page.locator("main .q").all():
        place = 1 if question.locator("#h21").count() else 0
        finger.tap(question.locator("input[type=radio], input[type=checkbox]").nth(place))
    finger.follow("button.btn-primary")

    assert page.locator("h1").inner_text() == "Saved"
    assert as_registered(newest(office).told) == expected("Lanternbay", "+9995550612")


def test_the_six_questions_can_be_tapped_one_by_one_and_the_digits_follow(finger: Finger):
    page = finger.page
    page.goto(page.url.rstrip("/") + "/households/new")
    finger.tap(page.locator("summary", has_text="the head of household"))
    for activity, answer in zip(Activity, ("none", "some", "a_lot", "cannot", "none", "none"), strict=True):
        finger.choose(f"[name=head-six-{activity.value}]", answer)

    expect(page.locator("[name=head-six-typed]")).to_have_value("123411")


def begin(page: Page, family: str) -> None:
    """The fields without which nothing is saved, and a member on a line that was added."""
    page.goto("/".join(page.url.split("/")[:3]) + "/households/new")
    page.locator("[name=head-given]").fill("Fennel")
    page.locator("[name=head-family]").fill(family)
    page.locator("[name=head-sex][value=male]").check()
    page.locator("[name=head-born]").fill("1990")
    page.locator("[name=consent][value=agrees]").check()
    page.locator("[data-line-add]").click()
    last = page.locator("[data-line] .nm input").last
    last.fill(f"Juniper {family}")
    line = page.locator("[data-line]").last
    line.locator(".bn input").fill("2015")
    line.locator("select[name$=sex]").select_option("female")
    line.locator("select[name$=relation]").select_option("child")


def test_what_was_typed_stays_when_the_link_drops_and_is_saved_when_it_is_back(sign_in: SignIn, office: Records):
    page = sign_in("registrar")
    begin(page, "Kitestring")
    before = households(office)
    page.context.set_offline(True)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("No link.")).to_be_visible()
    kept = [page.locator("[name=head-family]").input_value(), page.locator("[data-line] .nm input").last.input_value()]
    saved_meanwhile = households(office) - before

    page.context.set_offline(False)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("h1")).to_have_text("The household is saved")

    assert kept == ["Kitestring", "Juniper Kitestring"]
    assert saved_meanwhile == 0
    assert [member.name for member in newest(office).told.members] == ["Fennel Kitestring", "Juniper Kitestring"]


def test_a_household_is_saved_once_however_often_the_button_is_pressed(sign_in: SignIn, office: Records):
    page = sign_in("registrar")
    begin(page, "Pebblesong")
    before = households(office)
    page.evaluate(
        """() => { const all = [...document.querySelectorAll('button[value=stay]')]; for (let n = 0; n < 5; n += 1) all[0].click(); }"""
    )
    expect(page.locator("h1")).to_have_text("The household is saved")

    assert households(office) == before + 1


def test_the_same_form_sent_again_from_the_page_before_answers_with_the_same_household(sign_in: SignIn, office: Records):
    page = sign_in("registrar")
    begin(page, "Wickerwind")
    before = households(office)
    sent = page.evaluate(
        """async () => {
          const form = document.querySelector('form[action$="/households/new"]');
          const body = new FormData(form); body.append('then', 'stay');
          const answers = await Promise.all([1, 2, 3].map(() => fetch(form.action, { method: 'POST', body: new URLSearchParams(body) })));
          return answers.map(answer => answer.url);
        }"""
    )

    assert households(office) == before + 1
    assert len(set(sent)) == 1
    assert sent[0].endswith("/saved")
