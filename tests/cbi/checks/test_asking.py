"""The rules of asking, on the pages themselves: every precondition twice, one length for every answer, and nothing on the way but one POST."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote_plus, urlencode
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

import screening
from cbi.checks.passing import pass_word
from cbi.clock import Clock
from cbi.staff import joining
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers.tables import Mechanism
from tests import make_checks, make_sites
from tests.cbi.checks.pages import before_url, choices_url, private_url
from tests.cbi.checks.test_visit_pages import rows
from tests.make import Visitor, hidden_fields

STATIC = Path(__file__).parents[3] / "cbi" / "static"
Visitors = Callable[..., Visitor]
Break = Callable[[Records, make_checks.Open], None]


def later(records: Records, made: make_checks.Open, days: int) -> None:
    """Time passes; notice and certificate are as fresh as ever, so that only the site check has aged."""
    records.clock = Clock(records.clock.now() + timedelta(days=days))
    with records.read() as reading:
        today = reading.today
    make_checks.notice(records, {made.site_id: [today]}, week=today - timedelta(days=today.weekday()))
    _set(records, "staff", "certified_on", today.isoformat())


def unlisted(records: Records, _made: make_checks.Open) -> None:
    records.clock = Clock(records.clock.now() + timedelta(days=1))


def used_up(records: Records, made: make_checks.Open) -> None:
    with records.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO openedpages (id, operation_id, site_id, day, staff_id, opened) VALUES (:id, :office, :site, :day, :staff, 41)"
            ),
            {
                "id": uuid4().hex,
                "office": records.operation.id.hex,
                "site": made.site_id.hex,
                "day": make_checks.WEEK.isoformat(),
                "staff": uuid4().hex,
            },
        )


def _set(records: Records, table: str, column: str, value: str | None) -> None:
    with records.engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE {table} SET {column} = :value"), {"value": value})


def _answer(**line: str) -> Break:
    return lambda records, made: make_sites.check(records, made.site_id, **line) and None


def _without_box(records: Records, _made: make_checks.Open) -> None:
    from cbi.checks.box import INTAKE_KEY
    from cbi.store.work import write_setting

    with records.work(Actor()) as work:
        write_setting(work.session, work.system, INTAKE_KEY, "")


BREAKS: dict[str, tuple[Break, str]] = {
    "pathway_not_verified": (_answer(S01="partly"), "line S01"),
    "pathway_older_than_30_days": (lambda records, made: later(records, made, 31), "line S01"),
    "channel_not_confidential": (_answer(S02="partly"), "line S02"),
    "channel_older_than_30_days": (lambda records, made: later(records, made, 31), "line S02"),
    "no_alternative": (_answer(S13="no"), "line S13"),
    "alternatives_older_than_90_days": (lambda records, made: later(records, made, 91), "line S13"),
    "day_not_in_the_notice": (unlisted, "weekly notice lists this place"),
    "number_of_the_week_used_up": (used_up, "number in the weekly notice is used up"),
    "certificate_older_than_365_days": (lambda records, _made: _set(records, "staff", "certified_on", "2025-11-22"), "certificate"),
    "no_certificate": (lambda records, _made: _set(records, "staff", "certified_on", None), "certificate"),
    "programme_not_signed_off": (lambda records, _made: _set(records, "programme", "protection_signed_on", None), "sign-off"),
    "no_letter_box": (_without_box, "letter box"),
}


def straight_to_the_page(app: Flask, records: Records, made: make_checks.Open, household: UUID) -> str:
    """The private page's address with a word given today, as if the first page had been passed a moment ago."""
    secret = app.secret_key.encode() if isinstance(app.secret_key, str) else app.secret_key or b""
    with records.read() as reading:
        word = pass_word(secret, household_id=household, position=1, staff_id=made.interviewer, day=reading.today)
    return f"/visits/{household}/page/1/{word}"


def send(visitor: Visitor, url: str, form_page: str) -> tuple[int, str]:
    hidden = hidden_fields(visitor.client.get(form_page, follow_redirects=True).text, form_page)
    fields = {**hidden, **make_checks.private_fields(make_checks.private_answers(1))}
    answer = visitor.client.post(url, data=fields, headers={"Origin": "http://localhost"})
    return answer.status_code, answer.text


@pytest.mark.parametrize("name", BREAKS)
def test_each_precondition_closes_the_page_when_drawn_and_when_sent_and_keeps_nothing(
    name: str, app: Flask, records: Records, visitor: Visitors
):
    break_it, reason = BREAKS[name]
    made = make_checks.opened(records)
    household = made.households[0]
    break_it(records, made)
    mine = visitor(person_id=made.interviewer)
    url = straight_to_the_page(app, records, made, household)
    before = rows(records)

    drawn = mine.client.get(url)
    status, sent = send(mine, url, choices_url(household))
    first = mine.client.get(before_url(household))

    assert (drawn.status_code, status, first.status_code) == (409, 409, 409)
    assert all(reason in page for page in (drawn.text, sent, first.text))
    assert all(choices_url(household) in page for page in (drawn.text, sent, first.text))
    assert rows(records) == before, "a closed gate writes nothing down, not even that it was asked"


def test_with_every_precondition_met_the_same_page_is_drawn_and_sent(app: Flask, records: Records, visitor: Visitors):
    made = make_checks.opened(records)
    mine = visitor(person_id=made.interviewer)
    url = straight_to_the_page(app, records, made, made.households[0])
    before = rows(records, "openedpages")

    drawn = mine.client.get(url)
    assert rows(records, "openedpages") == before, "drawing it counts one opened page and leaves nothing else"
    status, _ = send(mine, url, url)

    assert (drawn.status_code, status) == (200, 303)


def test_a_page_that_was_never_drawn_cannot_be_sent_once_the_number_is_used_up(app: Flask, records: Records, visitor: Visitors):
    made = make_checks.opened(records, interviews=1)
    other = make_checks.make.staff(records, make_checks.Role.INTERVIEWER, site_id=made.site_id)
    url = straight_to_the_page(app, records, made, made.households[0])
    theirs = visitor(person_id=other)
    theirs.see(private_url(theirs, made.households[1]))

    status, text = send(visitor(person_id=made.interviewer), url, choices_url(made.households[0]))

    assert status == 409
    assert "used up" in text


@pytest.mark.parametrize(("days", "is_open"), [(30, True), (31, False)])
def test_e03_thirty_one_days_after_the_last_check_the_page_answers_409_and_a_new_check_opens_it(
    days: int, is_open: bool, app: Flask, records: Records, visitor: Visitors
):
    made = make_checks.opened(records)
    later(records, made, days)
    mine = visitor(person_id=made.interviewer)
    url = straight_to_the_page(app, records, made, made.households[0])

    assert mine.client.get(url).status_code == (200 if is_open else 409)
    make_sites.check(records, made.site_id)
    assert mine.client.get(url).status_code == 200


@dataclass
class Form(HTMLParser):
    """The controls of a page, by name: what each may send, and what is chosen before anybody touches it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.radios: dict[str, list[str]] = {}
        self.checked: dict[str, list[str]] = {}
        self.hidden: dict[str, str] = {}
        self.others: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "input" and given.get("type") == "radio":
            self.radios.setdefault(name, []).append(value)
            if "checked" in given:
                self.checked.setdefault(name, []).append(value)
        elif tag == "input" and given.get("type") == "hidden":
            self.hidden[name] = value
        elif tag in {"input", "select", "textarea"}:
            self.others.append(tag)


def _lengths(pairs: Iterable[tuple[str, str]]) -> set[int]:
    return {len(f"{quote_plus(name)}={quote_plus(value)}") for name, value in pairs}


@pytest.mark.parametrize("mechanism", [Mechanism.MOBILE_MONEY, Mechanism.CASH_AGENT])
@pytest.mark.parametrize("limits", [True, False])
def test_e13_the_request_has_one_length_for_every_possible_answer_and_for_none(
    mechanism: Mechanism, limits: bool, records: Records, visitor: Visitors
):
    made = make_checks.opened(records, mechanism=mechanism)
    if limits:
        make_checks.limits(records)
    mine = visitor(person_id=made.interviewer)

    form = Form(mine.see(private_url(mine, made.households[0])))

    assert not form.others, "a text field or a tick box would make the length tell something"
    assert set(form.hidden) == {"csrf_token", "client_key", "version"}, "each is the same for everybody who opens the page"
    assert {name: len(values) for name, values in form.checked.items()} == dict.fromkeys(form.radios, 1), "one is always sent"
    for name, values in form.radios.items():
        assert len(values) == len(set(values)) > 1
        assert len(_lengths((name, value) for value in values)) == 1, name


def test_e13_every_single_answer_travels_in_the_same_length_as_silence():
    items = screening.items_for_page(screening.load(), "private", screening.PageFacts("mobile_money", reporting_text=True))
    silence = len(urlencode(screening.encode_page(items, screening.Answers({}))))

    told = [screening.Answers({item.id: frozenset({option})}) for item in items for option in (*screening.codes(item),) if option]

    assert len(told) > 50
    assert {len(urlencode(screening.encode_page(items, one))) for one in told} == {silence}


def test_e07_no_request_but_the_one_post_carries_answers(records: Records, visitor: Visitors):
    made = make_checks.opened(records)
    mine = visitor(person_id=made.interviewer)
    answer = mine.client.get(private_url(mine, made.households[0]))
    scripts = [STATIC / path for path in re.findall(r'<script[^>]* src="/static/([^"?]+)', answer.text)]

    assert {path.name for path in scripts} >= {"leave.js", "once.js", "idle.js"}
    for path in scripts:
        code = path.read_text("utf-8")
        for way in (
            "fetch(",
            "XMLHttpRequest",
            "sendBeacon",
            "WebSocket",
            "EventSource",
            "localStorage",
            "sessionStorage",
            "indexedDB",
            "caches.",
        ):
            assert way not in code, f"{path.name} could carry or keep answers"
    assert " hx-" not in answer.text
    assert answer.text.count("<form") == 1
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]


def test_e07_the_line_about_being_alone_stands_on_the_first_page_and_again_above_the_question_about_home(
    records: Records, visitor: Visitors
):
    made = make_checks.opened(records)
    make_checks.limits(records)
    mine = visitor(person_id=made.interviewer)
    words = "somewhere nobody else can see the screen or hear"

    assert words in mine.see(before_url(made.households[0]))
    page = mine.see(private_url(mine, made.households[0]))
    assert page.index(words) < page.index('name="H16"')
    assert page.count("Somebody came") == 1


def test_e30_a_page_nobody_touches_is_left_after_five_minutes_and_the_session_ends_after_fifteen(records: Records, visitor: Visitors):
    made = make_checks.opened(records)
    mine = visitor(person_id=made.interviewer)
    url = private_url(mine, made.households[0])
    first, second = mine.see(before_url(made.households[0])), mine.see(url)

    for page in (first, second):
        assert 'data-minutes="5"' in page
        assert re.search(r'data-idle="([^"]+)"', page)[1] == re.search(r'href="([^"]+)" data-behaviour="leave"', page)[1]
    _set(records, "web_session", "seen_at", (records.clock.now() - timedelta(minutes=16)).strftime("%Y-%m-%d %H:%M:%S.%f"))
    ended = mine.client.get(url)
    assert ended.status_code == 302
    assert "/sign-in" in ended.location


def test_e30_a_lost_tablet_is_signed_out_at_once_and_what_lay_open_on_it_cannot_be_sent(records: Records, visitor: Visitors):
    made = make_checks.opened(records)
    tablet = visitor(person_id=made.interviewer)
    url = private_url(tablet, made.households[0])
    hidden = hidden_fields(tablet.see(url), url)

    with records.work(Actor(uuid4())) as work:
        joining.end_sessions(work, made.interviewer)
    fields = {**hidden, **make_checks.private_fields(make_checks.private_answers(1))}
    sent = tablet.client.post(url, data=fields, headers={"Origin": "http://localhost"})

    assert tablet.client.get(url).status_code == 302
    assert sent.status_code in {302, 400}
    assert make_checks.letters(records) == []
