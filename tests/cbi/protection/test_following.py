"""A case on its pages, from the letter to its end, as officers and focal points use them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from cbi.access import Role
from cbi.protection.cases import waiting
from cbi.protection.room import Room
from cbi.store.records import Records
from tests import make_people, make_room
from tests.cbi.protection.acts import EVERYWHERE
from tests.make_room import RoomVisitor


@pytest.fixture
def app(made: make_room.Founded, records: Records, site: UUID, household: UUID) -> Iterator[Flask]:
    make_room.letter(records, household, make_room.HARDER, site_id=site)
    built = make_room.app_of(made)
    yield built
    built.extensions["cbi.room"].close()


@pytest.fixture
def lead(app: Flask, made: make_room.Founded) -> RoomVisitor:
    return RoomVisitor(app, made.lead)


@pytest.fixture
def case(app: Flask, lead: RoomVisitor) -> str:
    room = room_of(app)
    with room.read() as reading:
        found = f"/support/letters/{waiting(reading, room.office, EVERYWHERE)[0].id}"
    lead.see(found)
    lead.send(f"{found}/contact", {"outcome": "reached"})
    return found


def room_of(app: Flask) -> Room:
    found = app.extensions["cbi.room"]
    assert isinstance(found, Room)
    return found


def other(app: Flask, made: make_room.Founded, role: Role = Role.OFFICER) -> RoomVisitor:
    return RoomVisitor(app, make_room.officer(room_of(app), made.lead, made.sheet, "b.driftwood", role))


def link(page: str, words: str) -> str:
    """Where the link with these words leads."""
    found = re.search(rf'href="([^"]+)"[^>]*>\s*{re.escape(words)}', page)
    assert found, words
    return found[1]


def ticked(app: Flask, **fields: object) -> dict[str, object]:
    """What a browser sends from the page of a referral: what was chosen, and what was chosen beforehand."""
    room = room_of(app)
    person = next(iter(room.office.households.values())).recipient_id
    before = {"person": str(person), "consent_by": "self", "urgency": "routine", "way": "phone", "service": str(room.office.services[0].id)}
    return {**before, "consent": "given", "scope": ["first_name", "phone"], "other_phone": "0700 000 321", **fields}


def referral(app: Flask, lead: RoomVisitor, case: str, **fields: object) -> str:
    """A referral written on its page; returns the page that follows."""
    return lead.send(f"{case}/referral", ticked(app, **fields))


def test_a_decision_to_bring_somebody_to_a_service_leads_to_the_referral(app: Flask, lead: RoomVisitor, case: str):
    service = str(room_of(app).office.services[0].id)

    page = lead.send(f"{case}/decide", {"choice": "refer", "agreed": "y", "service": service})

    assert "Bring them to a service" in page
    assert f'<option selected value="{service}">' in page
    assert "Write the referral" in lead.see(case)


def test_no_service_is_chosen_before_the_person_chose(app: Flask, lead: RoomVisitor, case: str):
    offered = re.findall(r'<select[^>]*name="service".*?</select>', lead.see(f"{case}/referral"), re.DOTALL)

    assert len(offered) == 1
    assert f'value="{room_of(app).office.services[0].id}"' in offered[0]
    assert "selected" not in offered[0]
    assert offered[0].index('value=""') < offered[0].index("Choose the service")
    assert "choose the service" in lead.send(f"{case}/referral", ticked(app, service=""), status=422)


def test_the_paper_speaks_to_the_service_that_reads_it(app: Flask, lead: RoomVisitor, case: str):
    page = referral(app, lead, case)

    paper = lead.see(link(page, "The paper to print"))

    assert "We ring you first" in paper
    assert "You ring the service" not in paper


def test_a_referral_is_followed_from_its_pages_to_its_end(app: Flask, lead: RoomVisitor, case: str):
    page = referral(app, lead, case)
    assert "Waits for an answer" in page
    assert "The service answers by" in page
    url = link(page, "The paper to print").removesuffix("/paper")
    assert "1</span><p><strong>Referral to be answered by the service" in lead.see("/support/")
    assert url in lead.see(case)

    assert "Accepted" in lead.send(url, {"status": "accepted", "satisfied": "not_asked"})
    ended = lead.send(url, {"status": "done", "satisfied": "yes"})

    assert "Nothing leaves" in ended
    assert "to be answered" not in lead.see("/support/")


def test_the_paper_says_what_was_agreed_to_and_nothing_else(app: Flask, lead: RoomVisitor, case: str):
    paper = lead.see(link(referral(app, lead, case), "The paper to print"))

    main = paper.split("<main", 1)[1].split("</main>")[0]
    assert "Juniper" in main
    assert "0700 000 321" in main
    for told in ("Moonbeam", "English", "BH-", "more difficult"):
        assert told not in main


def test_the_locked_paper_is_a_file_of_its_own_key(app: Flask, lead: RoomVisitor, case: str):
    url = link(referral(app, lead, case), "The paper as a locked file")
    page = lead.see(url)
    key = re.search(r'name="paper_key"[^>]*value="([^"]+)"', page)[1]
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]

    answer = lead.client.post(url, data={"csrf_token": token, "paper_key": key}, headers={"Origin": "http://localhost"})

    assert answer.mimetype == "application/pdf"
    assert re.fullmatch(r'attachment; filename="paper-R-\w{4}-\w{4}\.pdf"', answer.headers["Content-Disposition"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert key not in lead.see(url)
    assert "use the key as the page shows it now" in lead.send(url, {"paper_key": "short"}, status=422)


def test_what_was_ticked_comes_back_with_what_is_missing(app: Flask, lead: RoomVisitor, case: str):
    page = lead.send(f"{case}/referral", ticked(app, scope=["phone"], other_phone="by the well"), status=422)

    assert "enter a phone number that is safe" in page
    assert re.search(r'value="phone" checked', page)


def test_information_only_leaves_no_paper(app: Flask, lead: RoomVisitor, case: str):
    page = referral(app, lead, case, consent="info_only")

    assert "Information given" in page
    assert "The paper to print" not in page


def test_taking_the_word_back_says_what_to_do(app: Flask, lead: RoomVisitor, case: str):
    url = link(referral(app, lead, case), "The paper to print").removesuffix("/paper")

    page = lead.send(url, {"status": "revoked", "satisfied": "not_asked"})

    assert "ask it to destroy the paper" in page
    lead.see(f"{url}/paper", status=404)
    lead.see(f"{url}/locked", status=404)


def test_without_consent_another_officer_is_asked_on_the_start_page(app: Flask, made: make_room.Founded, lead: RoomVisitor, case: str):
    fields = ticked(app, ground="life", told="not_safe", scope=["full_name"], other_phone="")
    assert "Waits for a second officer" in lead.send(f"{case}/without-consent", fields)
    second = other(app, made)

    url = link(second.see("/support/"), "Read it first")
    page = second.send(f"{url}/second", {"answer": "stand_by"})

    assert "The paper to print" in page
    assert "A referral without consent" not in second.see("/support/")


def test_a_case_is_handed_to_another_officer_who_reads_it_and_takes_it(app: Flask, made: make_room.Founded, lead: RoomVisitor, case: str):
    colleague = other(app, made)
    who = re.search(r'<option value="([^"]+)">B Driftwood', lead.see(f"{case}/offer"))[1]
    assert "offered to B Driftwood" in lead.send(f"{case}/offer", {"to": who})

    assert "Case handed over to you by Tamsin Halfmoon" in colleague.see("/support/")
    assert "The case is yours." in colleague.send(f"{case}/offered", {"answer": "take"}, page=case)

    assert "B Driftwood" in lead.see("/support/cases")
    assert "Note a contact" not in lead.see(case)


def test_the_lead_gives_a_late_case_to_somebody_else(app: Flask, made: make_room.Founded, records: Records, case: str):
    app.extensions["cbi.room"].close()
    later = make_room.later(made, days=9)
    opened = make_room.app_of(later)
    lead = RoomVisitor(opened, later.lead)
    start = lead.see("/support/")
    assert "to be decided by" in start
    colleague = make_room.officer(room_of(opened), later.lead, later.sheet)

    lead.send(link(start, "Give it to an officer"), {"to": str(colleague.id)})

    assert "B Driftwood" in lead.see("/support/")
    opened.extensions["cbi.room"].close()


def test_an_old_page_is_answered_plainly_and_loses_nothing(app: Flask, made: make_room.Founded, lead: RoomVisitor, case: str):
    from tests.make import hidden_fields

    old = hidden_fields(lead.see(f"{case}/decide"), "")
    lead.send(f"{case}/contact", {"outcome": "reached"})

    answer = lead.client.post(
        f"{case}/decide", data={**old, "choice": "no_action_at_request", "agreed": "y"}, headers={"Origin": "http://localhost"}
    )

    assert answer.status_code == 409
    assert "another officer was first" in answer.text
    assert re.search(r'value="no_action_at_request" checked', answer.text)


def test_beside_the_decision_stands_how_ordinary_a_change_is_there(app: Flask, lead: RoomVisitor, case: str):
    for url in (case, f"{case}/decide", "/support/"):
        assert "At Bahari Field few people change anything. There, a change speaks" in lead.see(url)

    room = room_of(app)
    room.refresh(replace(room.office, changes=dict.fromkeys(room.office.sites, 46)))

    page = lead.see(f"{case}/decide")
    assert "at Bahari Field last cycle: 46" in page
    assert "a change speaks" not in page


def test_a_focal_point_takes_what_was_handed_over_and_sees_nothing_else(app: Flask, made: make_room.Founded, lead: RoomVisitor, case: str):
    point = other(app, made, Role.PSEA)
    who = re.search(r'name="to"[^>]*value="([^"]+)"', lead.see(f"{case}/focal"))[1]
    page = lead.send(f"{case}/focal", {"to": who, "scope": ["first_name"], "agreed": "y"})
    assert "not taken yet" in page

    start = point.see("/support/")
    url = link(start, "Open H-")
    told = point.see(url)
    assert "Juniper" in told
    assert "Moonbeam" not in told
    assert "Taken. The officer sees that you have it." in point.send(f"{url}/take", {}, page=url)

    assert "taken 23 Nov" in lead.see(case)
    for closed in (case, "/support/letters", "/support/cases", "/support/log"):
        point.see(closed, status=404)


def test_the_childrens_focal_point_opens_a_household_of_the_office(
    app: Flask, made: make_room.Founded, records: Records, lead: RoomVisitor
):
    make_people.household(records, make_people.site(records), given="Pip", year=2012)
    point = other(app, made, Role.CHILD)

    page = point.see(link(point.see("/support/"), "Open BH-"))

    assert "Pip Moonbeam" in page


def test_a_case_ends_for_a_reason_of_the_list_and_opens_again(app: Flask, lead: RoomVisitor, case: str):
    assert "next publishing" not in lead.send(f"{case}/decide", {"choice": "continue_as_planned", "agreed": "y"})
    page = lead.see(f"{case}/close")
    assert "Not yet. You need to wait until one round of payments has passed." in page
    assert "one round of payments" in lead.send(f"{case}/close", {"ending": "applied"}, status=422)

    lead.send(f"{case}/close", {"ending": "wish"})
    assert "Everybody there is offered a new blank form by 24 May 2027." in lead.see(case)

    assert "Open again, and yours" in lead.send(f"{case}/reopen", {"because": "asked"})
    assert "Opened again" in lead.see("/support/")


def test_unreadable_letters_are_named_on_the_leads_pages(app: Flask, made: make_room.Founded, records: Records, lead: RoomVisitor):
    odd = make_room.spoilt_letter(records)
    app.extensions["cbi.room"].close()
    opened = make_room.app_of(made)
    again = RoomVisitor(opened, made.lead)

    start = again.see("/support/")
    page = again.see("/support/unreadable")

    assert "Letters that cannot be read" in start
    assert str(odd)[:8] in page
    opened.extensions["cbi.room"].close()


def test_a_promise_that_is_late_is_said_first(app: Flask, made: make_room.Founded, lead: RoomVisitor, case: str):
    referral(app, lead, case)
    app.extensions["cbi.room"].close()
    later = make_room.later(made, hours=49)
    opened = make_room.app_of(later)

    assert "Ring the service: it should have answered by" in RoomVisitor(opened, later.lead).see("/support/")
    assert later.settings.clock - made.settings.clock == timedelta(hours=49)
    opened.extensions["cbi.room"].close()
