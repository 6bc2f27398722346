"""E21: what must not stay at the desk goes past it, and nobody in the office can tell that it did."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4, uuid5

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from cbi.access import GRANTS, OFFICE_ROLES, Permission, Role
from cbi.checks.letter import SIZE
from cbi.checks.service import LETTERS_KEPT, purge
from cbi.checks.tables import Letter
from cbi.clock import Clock
from cbi.errors import Refused
from cbi.feedback import entries as kept
from cbi.feedback.tables import Category, Feedback, Wants
from cbi.feedback.values import Confided
from cbi.feedback.words import CATEGORIES
from cbi.store.bases import metadata_of
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make, make_feedback, make_room, make_sites
from tests.make import Visitor, hidden_fields
from tests.promises.telling import Told
from tests.promises.test_seized_disk import files_of, hits, spellings
from tests.promises.walking import walk

Seat = Callable[..., Visitor]


@pytest.fixture
def site(records: Records) -> UUID:
    return make_sites.site(records)


@pytest.fixture
def reader(records: Records) -> None:
    """A room with a focal point of each kind."""
    made = make_room.founded(records)
    room = made.open()
    make_room.inside(room, made.lead)
    make_room.officer(room, made.lead, made.sheet, "p.quill", Role.PSEA)
    make_room.officer(room, made.lead, made.sheet, "c.wren", Role.CHILD)
    room.close()


def letters(records: Records) -> list[bytes]:
    with records.read() as reading:
        return [row.body for row in reading.session.connection().execute(sa.select(Letter.body))]


def entries(records: Records) -> int:
    with records.read() as reading:
        return reading.session.connection().execute(sa.select(sa.func.count()).select_from(Feedback)).scalar_one()


def send(visitor: Visitor, subject: Category | Confided, site: UUID | None = None, **but: str) -> TestResponse:
    return visitor.post("/feedback/new", make_feedback.fields(subject, site, **but), follow=False)


@pytest.mark.usefixtures("reader")
def test_e21_the_answer_to_the_form_is_the_same_bytes_whatever_was_taken_down(visitor: Seat, site: UUID):
    mine = visitor(Role.FEEDBACK)

    answers = [Told.by(send(mine, subject, site)).content for subject in (*Category, *Confided)]
    pages = [Told.by(mine.client.get("/feedback/taken")).content]
    send(mine, Category.IDEA)
    pages.append(Told.by(mine.client.get("/feedback/taken")).content)

    assert len(set(answers)) == 1
    assert b"303 SEE OTHER" in answers[0]
    assert b"Location: /feedback/taken\n" in answers[0]
    assert pages[0] == pages[1]


@pytest.mark.usefixtures("reader")
def test_e21_the_form_is_as_long_for_what_goes_past_the_desk_as_for_anything_else(visitor: Seat):
    assert {len(one.value) for one in (*Category, *Confided)} == {4}
    page = visitor(Role.FEEDBACK).see("/feedback/new")
    assert all(f'value="{one.value}"' in page for one in (*Category, *Confided))


@pytest.mark.usefixtures("reader")
def test_e21_whatever_it_is_it_leaves_one_letter_of_one_size_and_only_what_the_desk_answers_an_entry(
    visitor: Seat, records: Records, site: UUID
):
    mine = visitor(Role.FEEDBACK)
    for number, subject in enumerate((*Category, *Confided), start=1):
        send(mine, subject, site)
        assert len(letters(records)) == number
    assert {len(body) for body in letters(records)} == {SIZE}
    assert entries(records) == len(Category)


@pytest.mark.usefixtures("reader")
def test_e21_it_leaves_no_entry_in_the_trail_and_no_remembered_form(visitor: Seat, records: Records, site: UUID):
    mine = visitor(Role.FEEDBACK)

    def left() -> list[int]:
        with records.read() as reading:
            tables = (reading.system.audit_entry, reading.system.answered_form, reading.system.subject_key, Feedback)
            connection = reading.session.connection()
            return [connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in tables]

    before = left()
    send(mine, Confided.CONDUCT, site)

    assert left() == before


@pytest.mark.usefixtures("reader")
def test_e21_no_page_of_any_seat_shows_it_and_the_one_who_took_it_down_cannot_read_it_back(
    app: Flask, visitor: Seat, records: Records, site: UUID
):
    mine = visitor(Role.FEEDBACK)
    code = make_feedback.taken(records, Confided.CONDUCT, site).code
    send(mine, Confided.CONDUCT, site)

    seen = walk(app, mine.client)
    for role in sorted(OFFICE_ROLES - {Role.FEEDBACK}):
        seen |= {f"{role} {url}": answer for url, answer in walk(app, visitor(role).client, each=1).items()}

    assert len(seen) > 60
    shown = {url: answer.text for url, answer in seen.items() if answer.mimetype == "text/html"}
    assert not [url for url, text in shown.items() if "blue cap" in text or make_feedback.CONTACT in text or code in text]


@pytest.mark.usefixtures("reader")
def test_e21_of_a_desk_where_it_was_said_and_one_where_nothing_was_every_page_is_the_same(
    app: Flask, visitor: Seat, records: Records, site: UUID
):
    make_feedback.taken(records, Category.MONEY, site, key=UUID(int=9))
    seats = [visitor(role) for role in (Role.FEEDBACK, Role.HELP_DESK, Role.AUDITOR, Role.ADMINISTRATOR)]
    urls = ("/", "/feedback", "/feedback?state=open", "/feedback/taken", "/feedback/code", "/audit", "/audit/entries")
    for seat in seats:
        seat.see("/")  # the first page gives the browser its cookie
    before = [Told.by(seat.client.get(url)).content for seat in seats for url in urls]

    make_feedback.taken(records, Confided.CONDUCT, site)

    assert [Told.by(seat.client.get(url)).content for seat in seats for url in urls] == before


@pytest.mark.usefixtures("reader")
def test_e21_a_code_of_what_went_past_the_desk_is_answered_like_every_other_without_an_answer(visitor: Seat, records: Records):
    confided = make_feedback.taken(records, Confided.CONDUCT).code
    emptied = make_feedback.taken(records, Category.MONEY)
    with records.work(Actor(uuid4())) as work:
        kept.answer(work, uuid5(emptied.key, "feedback"), "On Thursday")
    records.clock = Clock(make.NOW + timedelta(days=91))
    kept.let_go(records)
    waiting = make_feedback.taken(records, Category.MONEY, urgent=True).code
    mine, nobodys = visitor(Role.HELP_DESK), make_feedback.said().code

    answers = [
        _without_token(mine.post("/feedback/code", {"code": code}).text, code) for code in (confided, waiting, emptied.code, nobodys)
    ]

    assert len(set(answers)) == 1
    assert "There is no answer to read with this code now." in answers[0]
    assert str(CATEGORIES[Category.MONEY]) not in answers[0]


@pytest.mark.usefixtures("reader")
def test_a_code_that_somebody_typed_stands_in_no_address(visitor: Seat, records: Records):
    code = make_feedback.taken(records, Category.MONEY).code
    mine = visitor(Role.HELP_DESK)

    assert mine.client.get(f"/feedback/code?code={code}").text == mine.client.get("/feedback/code").text
    assert code not in mine.post("/feedback/code", {"code": code}).request.url


def _without_token(page: str, code: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page.replace(code, "CODE"))


@pytest.mark.usefixtures("reader")
def test_e21_no_word_of_it_lies_on_the_disk_whoever_holds_the_offices_key(records: Records, site: UUID):
    make_feedback.taken(records, Confided.CONDUCT, site)
    make_feedback.taken(records, Category.QUESTION, site, words="When is the next day?", contact="", wants=Wants.CODE)

    with records.read() as reading:
        [row] = reading.session.connection().execute(sa.select(Feedback.id)).all()
        assert reading.open(reading.session.get_one(Feedback, row.id), "words") == "When is the next day?"
    records.close()

    needles = {spelt for text in ("blue cap", "Tansy", "Lanternlight", make_feedback.CONTACT) for spelt in spellings(text)}
    assert {name: found for name, content in files_of(records.folder).items() if (found := hits(needles, content))} == {}


def test_e21_no_column_of_the_office_can_say_what_it_was(records: Records):
    constraints = [
        str(one.sqltext)
        for table in metadata_of("office").tables.values()
        for one in table.constraints
        if isinstance(one, sa.CheckConstraint) and table.name in {"feedback", "letter"}
    ]
    kept = metadata_of("office").tables["feedback"].columns["category"].type.enums

    assert len(constraints) >= 4
    assert not {one.value for one in Confided} & set(kept)


@pytest.mark.usefixtures("reader")
def test_e21_the_letter_leaves_on_the_clock_read_or_not(records: Records, site: UUID):
    make_feedback.taken(records, Confided.CONDUCT, site)

    records.clock = Clock(make.NOW + LETTERS_KEPT)
    purge(records)
    assert len(letters(records)) == 1
    records.clock = Clock(make.NOW + LETTERS_KEPT + timedelta(days=1))
    purge(records)

    assert letters(records) == []


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("subject", [Confided.CONDUCT, Category.QUESTION])
def test_the_same_form_sent_twice_leaves_one(visitor: Seat, records: Records, subject: Category | Confided):
    mine = visitor(Role.HELP_DESK)
    hidden = hidden_fields(mine.see("/feedback/new"), "/feedback/new")

    for _ in range(2):
        answer = mine.client.post("/feedback/new", data={**hidden, **make_feedback.fields(subject)}, headers={"Origin": "http://localhost"})
        assert answer.status_code == 303

    assert (len(letters(records)), entries(records)) == (1, int(subject is Category.QUESTION))


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    ("but", "fix"),
    [
        ({"words": " "}, "write what the person said"),
        ({"words": "a" * 901}, "make it shorter"),
        ({"words": "𐍈" * 900}, "make it shorter"),
        ({"contact": ""}, "write the number to ring"),
        ({"wants": ""}, "choose how they want the answer"),
        ({"site": "0d0d0d0d-0d0d-4d0d-8d0d-0d0d0d0d0d0d"}, "choose one of the answers shown"),
    ],
)
def test_what_is_refused_is_refused_in_the_same_words_whatever_it_is_about(visitor: Seat, records: Records, but: dict[str, str], fix: str):
    mine = visitor(Role.FEEDBACK)

    answers = [send(mine, subject, **but) for subject in (Category.QUESTION, Confided.CONDUCT)]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert all(fix in answer.text for answer in answers)
    assert (letters(records), entries(records)) == ([], 0)


def test_where_nobody_can_receive_it_it_is_not_offered_and_nothing_of_it_is_kept(visitor: Seat, records: Records):
    mine = visitor(Role.FEEDBACK)

    page = mine.see("/feedback/new")
    answer = send(mine, Confided.CONDUCT)

    assert not [one for one in Confided if f'value="{one.value}"' in page]
    assert "Nobody is there yet who could receive" in page
    assert (answer.status_code, letters(records), entries(records)) == (422, [], 0)
    with pytest.raises(Refused, match="give the person the number"):
        make_feedback.taken(records, Confided.CONDUCT)
    assert send(mine, Category.QUESTION).status_code == 303
    assert (letters(records), entries(records)) == ([], 1)


@pytest.mark.usefixtures("reader")
def test_a_session_that_ended_keeps_nothing_of_what_was_typed(visitor: Seat, records: Records, app: Flask):
    mine = visitor(Role.FEEDBACK)
    shown = hidden_fields(mine.see("/feedback/new"), "/feedback/new")
    mine.client.delete_cookie("cbi-office")

    mine.client.post("/feedback/new", data={**shown, **make_feedback.fields(Confided.CONDUCT)}, headers={"Origin": "http://localhost"})

    assert letters(records) == []
    assert not getattr(app.view_functions["feedback.take"], "carry", True)
    with records.engine.connect() as connection:
        kept = repr(connection.execute(sa.text("SELECT * FROM web_session")).all())
    assert "carried" not in kept


def test_who_may_take_feedback_down_and_who_may_answer_it():
    may = {
        permission: {role for role in Role if permission in GRANTS[role]}
        for permission in (Permission.FEEDBACK_TAKE, Permission.FEEDBACK_ANSWER)
    }

    assert may[Permission.FEEDBACK_TAKE] == {Role.FEEDBACK, Role.HELP_DESK}
    assert may[Permission.FEEDBACK_ANSWER] == {Role.FEEDBACK}


def test_the_form_asks_for_no_name_and_no_household(visitor: Seat):
    page = visitor(Role.HELP_DESK).see("/feedback/new")

    fields = {name for name in ("subject", "channel", "site", "words", "wants", "contact", "urgent") if f'name="{name}"' in page}
    assert len(fields) == 7
    assert 'name="household' not in page
    assert 'autocomplete="off"' in page


def test_two_forms_have_two_codes_and_one_form_keeps_its_own(visitor: Seat, records: Records):
    mine = visitor(Role.FEEDBACK)
    first, second = (hidden_fields(mine.see("/feedback/new"), "/feedback/new")["client_key"] for _ in range(2))

    assert first != second
    refused = mine.client.post(
        "/feedback/new",
        data={**hidden_fields(mine.see("/feedback/new"), "/feedback/new"), "client_key": first},
        headers={"Origin": "http://localhost"},
    )
    assert make_feedback.said(key=UUID(first)).code in refused.text
    assert make_feedback.said(key=uuid4()).code not in refused.text
