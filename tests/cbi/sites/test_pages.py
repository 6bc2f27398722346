"""The pages of places: a lead's way from a new place to a confirmed day, and what others see of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from cbi.access import Role
from cbi.clock import Clock
from cbi.store.records import Records
from tests import make, make_sites

Visitors = Callable[..., make.Visitor]
TODAY = date(2026, 11, 23)
WHO = {"with_protection": "Marigold Quill", "with_programme": "Basil Cartwheel", "answered_on": "2026-11-23"}


def test_a_lead_goes_from_a_new_place_to_a_confirmed_day(visitor: Visitors):
    lead = visitor(Role.LEAD)

    entered = lead.send("/sites/new", {"name": "Bahari Field", "code": "bh", "area": "Lower Kharwa", "pcode": ""})
    site = re.search(r"/sites/([0-9a-f-]{36})/check", entered)[1]
    held = lead.send("/days/new", {"site": site, "day": "2026-11-27"})
    checked = lead.send(f"/sites/{site}/check", {**make_sites.answers(S08="no", S04="dk"), **WHO})
    fix = next(one for one in re.findall(r"/fixes/[0-9a-f-]{36}", checked) if "posted lists" in lead.see(one))
    closed = lead.send(fix, {"owner": "Site team Bahari", "due_on": "", "done": "1"})
    day = re.search(r"/days/[0-9a-f-]{36}", closed)[0]
    confirmed = lead.send(f"{day}/confirm", {}, page=day)

    assert "make the site check with the protection team" in held
    assert "cannot be confirmed yet" in checked
    assert "remove posted lists" in checked
    assert "Not known: a gap" in checked
    assert "cannot be confirmed yet" not in closed
    assert "people can be told to come" in confirmed


def test_the_four_panels_say_how_much_is_in_place(records: Records, visitor: Visitors):
    site = make_sites.site(records)
    make_sites.check(records, site, S08="no", S06="partly")

    page = visitor(Role.LEAD).see(f"/sites/{site}")

    for panel in ("Safety and dignity", "Meaningful access", "Accountability", "Participation"):
        assert panel in page
    assert "2 of 3 in place" in page
    assert "3 of 4 in place" in page


def test_an_unfinished_check_keeps_what_was_typed_and_says_what_is_missing(records: Records, visitor: Visitors):
    site = make_sites.site(records)
    given = {**make_sites.answers(), **WHO, "with_protection": ""}
    del given["S07"]

    page = visitor(Role.LEAD).post(f"/sites/{site}/check", given)

    assert page.status_code == 422
    assert "write who answered for protection" in page.text
    assert "answer this line" in page.text
    assert page.text.count(" checked") == 12
    assert 'value="Basil Cartwheel"' in page.text


def test_nothing_is_answered_beforehand(records: Records, visitor: Visitors):
    site = make_sites.site(records)
    make_sites.check(records, site)

    assert " checked" not in visitor(Role.LEAD).see(f"/sites/{site}/check")


def test_a_day_that_is_held_up_is_refused_even_when_its_button_is_pressed_from_an_old_page(records: Records, visitor: Visitors):
    site = make_sites.site(records)
    day = make_sites.day(records, site, TODAY + timedelta(days=2))
    lead = visitor(Role.LEAD)

    page = lead.send(f"/days/{day}/confirm", {}, page=f"/days/{day}")

    assert "make the site check with the protection team" in page
    assert "Held up" in page


def test_old_answers_are_said_to_be_old(records: Records, visitor: Visitors):
    site = make_sites.site(records)
    make_sites.check(records, site)
    records.clock = Clock(records.clock.now() + timedelta(days=31))

    page = visitor(Role.LEAD).see(f"/sites/{site}")

    assert page.count("Answered too long ago to count") == 2
    assert "more than 30 days ago" in page


def test_today_tells_a_lead_what_is_due_and_why(records: Records, visitor: Visitors):
    ready, held = make_sites.site(records), make_sites.site(records, "CR", "Coral Bend")
    make_sites.check(records, ready, S13="partly")
    make_sites.day(records, held, TODAY + timedelta(days=2))
    make_sites.day(records, ready, TODAY + timedelta(days=3))

    page = visitor(Role.LEAD).see("/")

    assert "Distribution day that cannot be confirmed yet" in page
    assert "Coral Bend: you need to make the site check" in page
    assert "Distribution day to confirm" in page
    assert "Site check due" in page
    assert "Thing to put right at a place" in page


def test_a_service_is_entered_and_noted_as_reached(records: Records, visitor: Visitors):
    site = make_sites.site(records)
    lead = visitor(Role.LEAD)

    entered = lead.send(f"/sites/{site}/services/new", {"kind": "health", "name": "Lantern Clinic", "contact": "0700 000 100", "hours": ""})
    verify = re.search(r"/services/[0-9a-f-]{36}/verified", entered)[0]
    reached = lead.send(verify, {}, page=f"/sites/{site}")

    assert "More than 30 days ago, or never" in entered
    assert "23 November 2026" in reached
    assert verify not in reached


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.INTERVIEWER, Role.MANAGER])
def test_others_read_a_site_check_and_change_nothing(records: Records, visitor: Visitors, role: Role):
    site = make_sites.site(records)
    make_sites.check(records, site, S08="no")
    day = make_sites.day(records, site, TODAY)
    reader = visitor(role)

    page = reader.see(f"/sites/{site}") + reader.see("/sites") + reader.see("/days") + reader.see(f"/days/{day}")

    assert "/check" not in page
    assert "/fixes/" not in page
    assert reader.post(f"/sites/{site}/check", {}, page=f"/sites/{site}").status_code == 404
    assert reader.post(f"/days/{day}/confirm", {}, page=f"/days/{day}").status_code == 404


@pytest.mark.parametrize("role", [Role.HELP_DESK, Role.FINANCE, Role.APPROVER, Role.ADMINISTRATOR])
def test_for_everybody_else_there_are_no_places(records: Records, visitor: Visitors, role: Role):
    site = make_sites.site(records)

    stranger = visitor(role)

    stranger.see("/sites", status=404)
    stranger.see(f"/sites/{site}", status=404)
    stranger.see(f"/sites/{uuid4()}", status=404)


@pytest.mark.parametrize(
    ("url", "fields", "fix"),
    [
        ("/sites/new", {"name": "", "code": "BH"}, "enter the name people use"),
        ("/sites/new", {"name": "Bahari", "code": "B7"}, "two to four letters"),
        ("/days/new", {"site": "nowhere", "day": "2026-11-27"}, "choose one of the answers shown"),
        ("/days/new", {"site": "", "day": "soon"}, "enter a date"),
    ],
)
def test_what_is_missing_is_said_at_its_field(visitor: Visitors, url: str, fields: dict[str, object], fix: str):
    answer = visitor(Role.LEAD).post(url, fields)

    assert answer.status_code == 422
    assert fix in answer.text


def test_a_code_that_is_taken_is_said_at_its_field(records: Records, visitor: Visitors):
    make_sites.site(records, "BH")

    answer = visitor(Role.LEAD).post("/sites/new", {"name": "Birch Hollow", "code": "BH"})

    assert answer.status_code == 422
    assert "already has this one" in answer.text
    assert 'value="Birch Hollow"' in answer.text


def test_the_list_of_places_asks_the_database_a_fixed_number_of_questions(records: Records, visitor: Visitors):
    lead = visitor(Role.LEAD)
    lead.see("/sites")
    asked: list[str] = []
    sa.event.listen(records.engine, "before_cursor_execute", lambda _c, _u, statement, *_rest: asked.append(statement))

    def questions(count: int) -> int:
        for place in range(count):
            make_sites.check(records, make_sites.site(records, f"{chr(65 + place)}{chr(65 + count)}", f"Place {place}"), S04="no")
        asked.clear()
        lead.see("/sites")
        return len(asked)

    assert questions(2) == questions(9)
