"""The room's pages, as an officer uses them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import select

from cbi.access import ROOM_PERMISSIONS, Role
from cbi.checks.tables import WeeklyNotice
from cbi.errors import Refused
from cbi.protection import office
from cbi.protection.cases import waiting
from cbi.protection.keys import RoomKeys
from cbi.protection.room import Room
from cbi.sites import directory
from cbi.sites.tables import Service, Site
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers.tables import ArrangementRequest
from cbi.web.guard import PUBLIC, declared
from screening import Package, open_package
from tests import make_people, make_room, make_sites
from tests.make_room import RoomVisitor

EVERYWHERE: frozenset = frozenset()


@pytest.fixture
def app(made: make_room.Founded) -> Iterator[Flask]:
    built = make_room.app_of(made)
    yield built
    built.extensions["cbi.room"].close()


def _room(app: Flask) -> Room:
    found = app.extensions["cbi.room"]
    assert isinstance(found, Room)
    return found


def _case(app: Flask) -> str:
    room = _room(app)
    with room.read() as reading:
        return f"/support/letters/{waiting(reading, room.office, EVERYWHERE)[0].id}"


def _requests(records: Records) -> int:
    with records.read() as reading:
        return reading.session.exec(select(sa.func.count()).select_from(ArrangementRequest)).one()


@pytest.fixture
def letter(records: Records, made: make_room.Founded) -> None:
    """One letter in the box, with the copy of its delivery choices."""
    site = make_people.site(records)
    make_sites.contact(records, site)
    household = make_people.household(records, site, people=2)
    make_room.letter(records, household, make_room.HARDER, site_id=site)
    choices = {"hours": ["mon-morning"], "wishes": {"keep": True, "messages": {"messages": "neutral", "hours": ""}, "nonsense": 1}}
    make_room.letter(records, household, {"H01": ["closer"], "H11": "no"}, site_id=site, kind="choices", **choices)


def test_every_page_of_the_room_asks_for_a_right_of_the_room(app: Flask):
    rights = {row["rule"]: row["permission"] for row in declared(app) if str(row["rule"]).startswith("/support")}

    assert rights.pop("/support/sign-in") == rights.pop("/support/lock") == PUBLIC
    assert set(rights.values()) <= {str(right) for right in ROOM_PERMISSIONS}


def test_nobody_sees_anything_before_signing_in(app: Flask, letter: None):
    stranger = RoomVisitor(app)

    for url in ("/", "/support/", "/support/letters", f"/support/letters/{uuid4()}", "/support/officers", "/support/log"):
        assert "Sign in to support" in stranger.see(url)


def test_a_wrong_passphrase_keeps_the_name_and_says_what_to_do(app: Flask, made: make_room.Founded):
    page = RoomVisitor(app).send("/support/sign-in", {"name": made.lead.name, "passphrase": "wrong", "code": "123456"}, status=422)

    assert "check the name, the passphrase and the code" in page
    assert f'value="{made.lead.name}"' in page
    assert "wrong" not in page


def test_after_signing_in_the_published_key_is_shown_in_words(app: Flask, made: make_room.Founded):
    who = made.lead

    page = RoomVisitor(app).send("/support/sign-in", {"name": who.name, "passphrase": who.passphrase, "code": who.code()})

    assert "Published key matches" in page


def test_another_published_key_ends_in_a_red_page_and_nobody_is_inside(app: Flask, made: make_room.Founded):
    office.publish(made.settings, RoomKeys.new().published)
    visitor = RoomVisitor(app)

    page = visitor.send(
        "/support/sign-in", {"name": made.lead.name, "passphrase": made.lead.passphrase, "code": made.lead.code()}, status=409
    )

    assert "ring the lead" in page
    assert "Sign in to support" in visitor.see("/support/letters")


def test_the_start_page_shows_letters_by_decide_by_without_a_name_or_a_reason(app: Flask, made: make_room.Founded, records: Records):
    site = make_people.site(records)
    make_room.letter(records, make_people.household(records, site), make_room.TALK_TODAY, site_id=site)
    make_room.letter(records, make_people.household(records, site, given="Pepper"), make_room.HARDER, site_id=site)
    make_sites.contact(records, site)

    page = RoomVisitor(app, made.lead).see("/support/")

    assert page.index("Priority") < page.index("Review")
    assert "Bahari Field" in page
    assert "Lantern Clinic" in page
    assert "opened, 2 new letters" in page
    for hidden in ("Moonbeam", "Juniper", "Pepper", "Asked to talk", "difficult"):
        assert hidden not in page


def test_the_home_address_leads_to_the_start_page(app: Flask, made: make_room.Founded):
    assert "No letters to decide" in RoomVisitor(app, made.lead).see("/")


def test_a_letter_says_who_what_and_why(app: Flask, made: make_room.Founded, letter: None):
    visitor = RoomVisitor(app, made.lead)

    page = visitor.see(_case(app))

    for said in (
        "Juniper Moonbeam",
        "More difficult",
        "Expects more difficulty at home",
        "A closer place",
        "Smaller parts",
        "Mon morning",
        "left untouched",
    ):
        assert said in page, said


def test_what_the_person_said_is_read_in_the_officers_language(app: Flask, made: make_room.Founded, letter: None):
    visitor, case = RoomVisitor(app, made.lead), _case(app)
    wording = {one: open_package(Package.shipped("delivery-safety-check"), one).item("H16").wording for one in ("en", "ar")}
    assert html.escape(wording["en"]) in visitor.see(case)

    visitor.client.get("/language/ar")

    page = visitor.see(case)
    assert html.escape(wording["ar"]) in page
    assert html.escape(wording["en"]) not in page


def test_from_the_letter_to_the_published_inbox(app: Flask, made: make_room.Founded, records: Records, letter: None):
    visitor = RoomVisitor(app, made.lead)
    case = _case(app)

    visitor.see(f"{case}/contact")
    assert "Decide with the person" in visitor.send(f"{case}/contact", {"outcome": "reached"})
    visitor.see(f"{case}/decide")
    page = visitor.send(f"{case}/decide", {"choice": "change_arrangement", "agreed": "y", "parts": "3", "next_check": "2026-12-14"})

    assert "Decided with the person" in page
    assert "A change is published like every other, at the next publishing." in page
    assert "14 December 2026" in page
    assert "Sent: it is published" in page
    assert _requests(records) == 1


def test_a_decision_sent_twice_is_taken_once(app: Flask, made: make_room.Founded, records: Records, letter: None):
    visitor = RoomVisitor(app, made.lead)
    case = _case(app)
    visitor.send(f"{case}/contact", {"outcome": "reached"})
    fields = {"choice": "change_arrangement", "agreed": "y", "parts": "3", "client_key": str(uuid4())}

    visitor.send(f"{case}/decide", fields)
    visitor.send(f"{case}/decide", fields)

    assert _requests(records) == 1


def test_a_decision_without_a_talk_says_what_to_do_and_keeps_what_was_chosen(app: Flask, made: make_room.Founded, letter: None):
    visitor = RoomVisitor(app, made.lead)
    case = _case(app)

    page = visitor.send(f"{case}/decide", {"choice": "change_arrangement", "agreed": "y", "parts": "4"}, status=422)

    assert "note a contact in which you reached the person" in page
    assert '<option selected value="4">' in page


@pytest.mark.parametrize(
    ("fields", "fix"),
    [
        ({"choice": "change_arrangement", "agreed": "y"}, "choose at least one change"),
        ({"choice": "refer", "agreed": "y"}, "choose the service"),
        ({"choice": "suspend", "agreed": "y"}, "choose"),
        ({"choice": "continue_as_planned"}, "tick that the person agreed"),
        ({"choice": "change_arrangement", "agreed": "y", "mechanism": "mobile_money", "account": "<script>"}, "account or phone number"),
        ({"choice": "continue_as_planned", "agreed": "y", "next_check": "soon"}, "enter a date"),
    ],
)
def test_a_decision_that_cannot_be_says_what_to_do(
    app: Flask, made: make_room.Founded, records: Records, letter: None, fields: dict, fix: str
):
    visitor = RoomVisitor(app, made.lead)
    case = _case(app)
    visitor.send(f"{case}/contact", {"outcome": "reached"})

    assert fix in visitor.send(f"{case}/decide", fields, status=422)
    assert _requests(records) == 0


def test_coming_back_without_a_time_says_what_to_do(app: Flask, made: make_room.Founded, letter: None):
    visitor = RoomVisitor(app, made.lead)

    assert "enter when to come back" in visitor.send(f"{_case(app)}/contact", {"outcome": "come_back"}, status=422)


def test_a_change_of_recipient_is_answered_by_another_officer(app: Flask, made: make_room.Founded, records: Records):
    site = make_people.site(records)
    sister = make_people.member("Marigold", year=1990, relation=make_people.Relation.SIBLING)
    with records.work(Actor(uuid4())) as work:
        household = make_people.register(work, make_people.new(site, make_people.member(), sister))
    make_room.letter(records, household, make_room.HARDER, site_id=site)
    lead = RoomVisitor(app, made.lead)
    other = RoomVisitor(app, make_room.officer(_room(app), made.lead, made.sheet))
    case = _case(app)
    member = next(one for one in _room(app).office.households[household].members if one.name.startswith("Marigold"))
    lead.send(f"{case}/contact", {"outcome": "reached"})

    asked = lead.send(f"{case}/decide", {"choice": "change_arrangement", "agreed": "y", "recipient": str(member.id)})
    assert "Another officer is asked" in asked
    assert _requests(records) == 0
    assert "ask another officer" in lead.send(f"{case}/second", {"answer": "stand_by"}, status=409)
    assert "Asked of you" in other.see("/support/")
    assert "Asked of you" not in lead.see("/support/")
    asked_of = other.see(f"{case}/second")
    assert "Marigold" in asked_of
    assert "Recipient on the register" in asked_of
    other.send(f"{case}/second", {"answer": "stand_by"})

    assert _requests(records) == 1


def test_the_service_that_was_decided_is_chosen_in_the_referral_also_later_and_after_deciding_anew(
    app: Flask, made: make_room.Founded, records: Records, letter: None
):
    with records.read() as reading:
        site = reading.session.exec(select(Site.id)).one()
    second = str(make_sites.contact(records, site, name="Heron Legal Desk"))
    visitor, case = RoomVisitor(app, made.lead), _case(app)
    [first] = (str(one.id) for one in _room(app).office.services if str(one.id) != second)
    informed = {"consent": "info_only", "consent_by": "self", "urgency": "routine", "way": "phone", "service": second}
    visitor.send(f"{case}/contact", {"outcome": "reached"})

    assert _chosen(visitor.send(f"{case}/decide", {"choice": "refer", "agreed": "y", "service": first})) == first
    assert _chosen(visitor.see(_write_link(visitor.see(case)))) == first
    assert _chosen(visitor.send(f"{case}/decide", {"choice": "refer", "agreed": "y", "service": second})) == second
    assert _chosen(visitor.see(_write_link(visitor.see(case)))) == second
    visitor.send(f"{case}/referral", informed)
    assert "Write the referral" not in visitor.see(case)
    visitor.send(f"{case}/decide", {"choice": "refer", "agreed": "y", "service": first})

    assert _chosen(visitor.see(_write_link(visitor.see(case)))) == first


def _chosen(page: str) -> str:
    """The service that a referral's page has chosen."""
    options = page.partition('name="service"')[2].partition("</select>")[0]
    [chosen] = [option for option in re.findall(r"<option[^>]*>", options) if "selected" in option]
    return chosen.split('value="')[1].split('"')[0]


def _write_link(page: str) -> str:
    return html.unescape(re.search(r'href="([^"]*)">Write the referral', page)[1])


def test_what_a_focal_point_opens_no_more_is_handed_over_anew_from_the_letter(app: Flask, made: make_room.Founded, letter: None):
    visitor, case = RoomVisitor(app, made.lead), _case(app)
    focal = make_room.officer(_room(app), made.lead, made.sheet, "p.quill", Role.PSEA)
    told = {"to": str(focal.id), "scope": ["first_name"], "agreed": "y"}
    visitor.send(f"{case}/contact", {"outcome": "reached"})
    assert "Take it back" in visitor.send(f"{case}/focal", told)
    given = {"passphrase": make_room.PASSPHRASE + " three", "sheet": made.sheet}
    assert "opens no more" in visitor.see(f"/support/officers/{focal.id}/reset")

    visitor.send(f"/support/officers/{focal.id}/reset", given)

    assert "Handed over to P Quill, who opens it no more" in visitor.see("/support/")
    assert "opens no more: to be handed over anew" in visitor.see("/support/cases")
    assert "Hand it over anew" in visitor.see(case)
    page = visitor.send(f"{case}/focal/back", {"then": "anew"}, page=case)
    assert "What may be told" in page
    assert "Taken back" in page
    assert "opens no more" not in visitor.send(f"{case}/focal", told)


def test_somebody_who_knows_the_passphrase_chooses_another_one(app: Flask, made: make_room.Founded):
    visitor = RoomVisitor(app, made.lead)
    fields = {
        "present": made.lead.passphrase,
        "code": made.lead.code(),
        "chosen": "candle river thimble oats",
        "again": "candle river thimble",
    }
    assert "the two differ" in visitor.send("/support/passphrase", fields, status=422)
    assert "choose a longer passphrase" in visitor.send("/support/passphrase", {**fields, "chosen": "oats", "again": "oats"}, status=422)
    assert "Changed. From now on" in visitor.send("/support/passphrase", {**fields, "again": fields["chosen"]})
    assert "A passphrase was changed by its owner" in visitor.see("/support/log/mine")
    visitor.send("/support/lock", {}, page="/support/")

    old = {"name": made.lead.name, "passphrase": made.lead.passphrase, "code": made.lead.code()}
    assert "check the name" in visitor.send("/support/sign-in", old, status=422)


def test_a_wrong_present_passphrase_changes_nothing(app: Flask, made: make_room.Founded):
    fields = {"present": "wrong", "code": "123456", "chosen": "candle river thimble oats", "again": "candle river thimble oats"}

    page = RoomVisitor(app, made.lead).send("/support/passphrase", fields, status=422)

    assert "check the name, the passphrase and the code" in page
    assert "candle river" not in page


def test_what_is_taken_back_is_gone(app: Flask, made: make_room.Founded, letter: None):
    visitor = RoomVisitor(app, made.lead)
    case = _case(app)
    visitor.see(f"{case}/withdraw")

    assert "It is gone" in visitor.send(f"{case}/withdraw", {"plan": "keep"})

    visitor.see(case, status=404)


def test_a_case_is_closed_from_its_page(app: Flask, made: make_room.Founded, letter: None):
    visitor = RoomVisitor(app, made.lead)
    case = _case(app)
    visitor.send(f"{case}/decide", {"choice": "not_applicable"})

    assert "No letters to decide" in visitor.send(f"{case}/close", {"ending": "not_ours"})
    assert "Closed" in visitor.see("/support/letters")


def test_an_officer_of_another_site_gets_the_page_of_nothing(app: Flask, made: make_room.Founded, records: Records, letter: None):
    RoomVisitor(app, made.lead)
    elsewhere = make_people.site(records, "OM", "Old Mill")
    other = RoomVisitor(app, make_room.officer(_room(app), made.lead, made.sheet, sites=(elsewhere,)))

    assert "No letters to decide" in other.see("/support/")
    assert other.see(_case(app), status=404) == other.see(f"/support/letters/{uuid4()}", status=404)


@pytest.mark.parametrize("url", ["/support/notice", "/support/officers", "/support/officers/new", "/support/log"])
def test_an_officer_has_no_page_of_the_lead(app: Flask, made: make_room.Founded, url: str):
    RoomVisitor(app, made.lead)

    RoomVisitor(app, make_room.officer(_room(app), made.lead, made.sheet)).see(url, status=404)


def test_the_auditor_reads_the_log_and_no_letter(app: Flask, made: make_room.Founded, letter: None):
    RoomVisitor(app, made.lead)
    case = _case(app)
    auditor = RoomVisitor(app, make_room.officer(_room(app), made.lead, made.sheet, "a.ledger", Role.ROOM_AUDITOR))

    assert "Nothing waits for you" in auditor.see("/support/")
    log = auditor.see("/support/log")
    assert "Opened the room" in log
    assert "unbroken" in log
    for url in (case, "/support/letters", "/support/cases"):
        auditor.see(url, status=404)


def test_checking_a_service_leaves_the_offices_directory_as_it_was(app: Flask, made: make_room.Founded, records: Records, letter: None):
    visitor = RoomVisitor(app, made.lead)
    service = _room(app).office.services[0]

    page = visitor.send(f"/support/services/{service.id}/checked", {"back": "services"}, page="/support/services")

    assert "today" in page
    assert office.sweep(made.settings, frozenset(), lambda _letters: ()).office.services == (service,)


def test_a_service_taken_out_of_the_directory_is_offered_to_nobody_and_keeps_its_name(
    app: Flask, made: make_room.Founded, records: Records, letter: None
):
    with records.work(Actor(name="the lead")) as work:
        service = work.session.exec(select(Service)).one()
        directory.retire_service(work, service.id)

    found = office.sweep(made.settings, frozenset(), lambda _letters: ()).office

    assert found.services == ()
    assert [one.name for one in found.directory] == [service.name]


def test_the_lead_publishes_next_weeks_notice(app: Flask, made: make_room.Founded, records: Records):
    site = make_people.site(records)
    visitor = RoomVisitor(app, made.lead)
    visitor.see("/support/notice")
    assert "Notice of next week" in visitor.see("/support/")

    page = visitor.send(
        "/support/notice",
        {
            "week": "2026-11-30",
            "interviews": "40",
            "days": [f"{site}/1", f"{site}/3"],
            "on_call": "Tamsin Halfmoon",
            "on_call_phone": "0700 000 111",
        },
    )

    assert "30 November 2026" in page
    assert "Notice of next week" not in visitor.see("/support/")
    with records.read() as reading:
        [notice] = reading.session.exec(select(WeeklyNotice)).all()
    assert notice.sites == f'{{"{site}": ["2026-12-01", "2026-12-03"]}}'


@pytest.mark.parametrize(
    ("fields", "fix"),
    [
        ({"week": "2026-12-01"}, "Monday"),
        ({"interviews": "many"}, "whole number"),
        ({"week": "2026-11-23"}, "not begun"),
        ({"on_call": ""}, "on call"),
    ],
)
def test_a_notice_that_cannot_be_says_what_to_do(app: Flask, made: make_room.Founded, records: Records, fields: dict, fix: str):
    site = make_people.site(records)
    whole = {"week": "2026-11-30", "interviews": "40", "days": [f"{site}/1"], "on_call": "Tamsin Halfmoon", "on_call_phone": "0700 000 111"}

    assert fix in RoomVisitor(app, made.lead).send("/support/notice", {**whole, **fields}, status=422)


def test_the_lead_lets_somebody_in_and_takes_the_place_away(app: Flask, made: make_room.Founded):
    visitor = RoomVisitor(app, made.lead)
    fields = {"name": "Bo Driftwood", "sign_in_name": "b.driftwood", "role": "officer", "passphrase": "copper walrus tangent eleven"}
    assert "ask a second officer to sign here" in visitor.send("/support/officers/new", fields, status=422)

    assert "Recovery codes" in visitor.send("/support/officers/new", {**fields, "sheet": made.sheet})

    assert "Bo Driftwood" in visitor.see("/support/officers")
    with _room(app).read() as reading:
        from cbi.protection.officers import named

        officer = named(reading, "b.driftwood")
    visitor.see(f"/support/officers/{officer.id}/reset")
    visitor.see(f"/support/officers/{officer.id}/remove")
    assert "Sign in to support" in visitor.send(f"/support/officers/{officer.id}/remove", {})


def test_lock_now_ends_it(app: Flask, made: make_room.Founded):
    visitor = RoomVisitor(app, made.lead)

    assert "Sign in to support" in visitor.send("/support/lock", {}, page="/support/")

    assert not _room(app).is_open
    assert "Sign in to support" in visitor.see("/support/letters")


def test_fifteen_idle_minutes_end_it(app: Flask, made: make_room.Founded):
    visitor = RoomVisitor(app, made.lead)
    assert re.search(r"Open, locks in 1[45] min", visitor.see("/support/"))
    _room(app)._opened.seen[made.lead.id] -= timedelta(minutes=16)

    assert "Sign in to support" in visitor.see("/support/letters")


def test_pages_say_no_store_and_carry_the_rooms_colour(app: Flask, made: make_room.Founded):
    visitor = RoomVisitor(app, made.lead)

    answer = visitor.client.get("/support/")

    assert answer.headers["Cache-Control"] == "no-store"
    assert 'data-world="room"' in answer.text


def test_the_offices_application_has_no_route_of_the_room(records: Records):
    from tests.make import app_of

    assert not [rule.rule for rule in app_of(records).url_map.iter_rules() if "support" in rule.rule]


@pytest.mark.parametrize(
    ("problem", "said"),
    [(Refused("choose another day"), "choose another day"), (sa.exc.OperationalError("", {}, Exception()), "opens the room again")],
)
def test_a_change_that_could_not_be_passed_on_is_told(
    app: Flask, made: make_room.Founded, letter: None, monkeypatch: pytest.MonkeyPatch, problem: Exception, said: str
):
    visitor = RoomVisitor(app, made.lead)
    case = _case(app)
    visitor.send(f"{case}/contact", {"outcome": "reached"})

    def fail(*_given: object, **_named: object) -> None:
        raise problem

    monkeypatch.setattr(office, "send_arrangement", fail)
    page = visitor.send(f"{case}/decide", {"choice": "change_arrangement", "agreed": "y", "parts": "3"})

    assert "not passed on" in page
    assert said in page
    assert "Sent: it is published" not in page


def test_a_closed_letter_does_not_say_that_the_household_left_the_office(app: Flask, made: make_room.Founded, letter: None):
    visitor = RoomVisitor(app, made.lead)
    case = _case(app)
    visitor.send(f"{case}/decide", {"choice": "not_applicable"})
    visitor.send(f"{case}/close", {"ending": "not_ours"})
    visitor.send("/support/lock", {}, page="/support/")
    again = RoomVisitor(app, made.lead)

    page = again.see(case)

    assert "A closed letter" in page
    assert "no longer in the office" not in page
