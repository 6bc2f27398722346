"""E14: who may see what, seat by seat and page by page; what has no row of the matrix is nobody's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid5

import pytest
from flask import Flask

from cbi.access import OFFICE_ROLES, ROOM_ROLES, Permission, Role
from cbi.feedback.values import Confided
from cbi.protection import handovers, instruments
from cbi.protection.cases import waiting
from cbi.protection.outgoing import Consent, Ground, SafeContact, Scope, Told
from cbi.protection.policy import MATRIX, PAGES, TABLES, Reach, Subject, reach
from cbi.protection.referrals import Wish
from cbi.protection.room import Room
from cbi.store.bases import ProtectionTable
from cbi.store.records import Records
from cbi.web.guard import needs
from tests import make_feedback, make_people, make_room
from tests.cbi.protection.acts import EVERYWHERE, contact, kinds, look, refer
from tests.make import hidden_fields
from tests.make_room import RoomVisitor

ROLES = sorted(ROOM_ROLES)


@dataclass
class Everything:
    """One of each kind of thing in the room, and somebody of each seat."""

    app: Flask
    room: Room
    case: UUID
    referral: UUID
    asked: UUID
    service: UUID
    young: UUID
    elsewhere: UUID
    people: dict[Role, make_room.Insider]
    handed: dict[Role, UUID]
    feedback: dict[Role, UUID]

    def url(self, page: str, role: Role) -> str:
        """The address of a page about things of this room."""
        rule = next(rule for rule in self.app.url_map.iter_rules() if rule.endpoint == f"protection.{page}")
        ids = {
            "case_id": self.case,
            "referral_id": self.asked if page == "referral_second" else self.referral,
            "handover_id": self.handed.get(role, self.handed[Role.PSEA]),
            "feedback_id": self.feedback[Role.CHILD if role is Role.CHILD else Role.PSEA],
            "household_id": self.young,
            "service_id": self.service,
            "officer_id": self.people[Role.ROOM_AUDITOR].id,
            "number": "0.2",
            "language": "en",
            "kind": "item",
            "key": "H05",
        }
        with self.app.test_request_context():
            return self.app.url_for(rule.endpoint, **{name: ids[name] for name in rule.arguments})

    def status(self, visitor: RoomVisitor, page: str, role: Role) -> int:
        """How a page answers; those that only take forms are sent one."""
        url = self.url(page, role)
        methods = {one for rule in self.app.url_map.iter_rules(f"protection.{page}") for one in rule.methods}
        if "GET" in methods:
            return visitor.client.get(url).status_code
        token = hidden_fields(visitor.client.get("/support/").text, "/support/lock")
        return visitor.client.post(url, data=token, headers={"Origin": "http://localhost"}).status_code


@pytest.fixture
def everything(made: make_room.Founded, records: Records, site: UUID, household: UUID) -> Iterator[Everything]:
    for one in (household, make_people.household(records, site, given="Pepper")):
        make_room.letter(records, one, make_room.HARDER, site_id=site)
    young = make_people.household(records, site, given="Pip", year=2012)
    elsewhere = make_people.site(records, "OM", "Old Mill")
    app = make_room.app_of(made)
    room = app.extensions["cbi.room"]
    make_room.inside(room, made.lead)
    people = {role: make_room.officer(room, made.lead, made.sheet, f"{role.value[:1]}.{role.value}", role) for role in ROLES}
    with room.read() as reading:
        first, second = (line.id for line in waiting(reading, room.office, EVERYWHERE))
    for case in (first, second):
        contact(room, made.lead, case)
    person, service = look(room, first).card.recipient_id, room.office.services[0].id
    given = Wish(service, person, Consent.GIVEN, scope=(Scope.FIRST_NAME,))
    asked = Wish(service, person, Consent.REFUSED, scope=(Scope.FIRST_NAME,), ground=Ground.LIFE, told=Told.YES)
    referrals = [refer(room, made.lead, first, wish) for wish in (given, asked)]
    with room.work(made.lead.id) as work:
        instruments.begin(work, "0.1-draft")
    handed = {role: hand(room, made.lead, case, people[role]) for role, case in ((Role.PSEA, first), (Role.CHILD, second))}
    feedback = {Role.PSEA: _past_the_desk(records, Confided.CONDUCT), Role.CHILD: _past_the_desk(records, Confided.CHILD)}
    yield Everything(app, room, first, *referrals, service, young, elsewhere, people, handed, feedback)
    room.close()


def _past_the_desk(records: Records, subject: Confided) -> UUID:
    return uuid5(make_feedback.taken(records, subject).key, "letter")


def hand(room: Room, who: make_room.Insider, case: UUID, to: make_room.Insider) -> UUID:
    with room.work(who.id) as work:
        return handovers.hand_over(work, room.office, EVERYWHERE, case, to.id, scope=(Scope.LANGUAGE,), contact=SafeContact(), agreed=True)


@pytest.mark.parametrize("role", ROLES)
def test_e14_each_seat_opens_the_pages_of_its_row_and_no_other(everything: Everything, role: Role):
    visitor = RoomVisitor(everything.app, everything.people[role])

    opened = {page for page in PAGES if everything.status(visitor, page, role) != 404}

    assert opened == {page for page, subject in PAGES.items() if reach(subject, role) is not Reach.NOTHING}


def test_e14_an_officer_reaches_nothing_of_another_site(everything: Everything, made: make_room.Founded):
    who = make_room.officer(everything.room, made.lead, made.sheet, "e.elsewhere", sites=(everything.elsewhere,))
    visitor = RoomVisitor(everything.app, who)
    about_the_case = {page for page, subject in PAGES.items() if "_id>" in _rule(everything.app, page) and subject is not Subject.YOUNG}

    assert {page for page in about_the_case if everything.status(visitor, page, Role.OFFICER) != 404} == set()


def test_e14_every_page_of_the_room_has_a_row_of_the_matrix(app_of_room: Flask):
    pages = {rule.endpoint.split(".")[1] for rule in app_of_room.url_map.iter_rules() if rule.endpoint.startswith("protection.")}

    assert pages - {"sign_in", "sign_out"} == set(PAGES)


def test_e14_every_table_of_the_room_has_a_row_of_the_matrix():
    tables = {table for table in ProtectionTable.__subclasses__() if table.model_config.get("table")}

    assert tables == set(TABLES)


def test_e14_a_new_page_without_a_row_opens_for_nobody(app_of_room: Flask, made: make_room.Founded):
    app_of_room.add_url_rule("/support/new", "protection.new_page", needs(Permission.ROOM_HOME)(lambda: "all of it"))

    assert RoomVisitor(app_of_room, made.lead).client.get("/support/new").status_code == 404


def test_e14_no_seat_of_the_office_is_in_the_matrix():
    assert not {role for row in MATRIX.values() for role in row} & OFFICE_ROLES


def test_e14_private_answers_reach_officers_and_the_lead_only():
    assert {role for role in Role if reach(Subject.ANSWERS, role) is not Reach.NOTHING} == {Role.OFFICER, Role.PROTECTION_LEAD}


@pytest.mark.parametrize(
    ("role", "page", "kind"),
    [
        (Role.OFFICER, "letter", "CaseRead"),
        (Role.OFFICER, "referral", "ReferralRead"),
        (Role.OFFICER, "referral_paper", "ReferralPacketTaken"),
        (Role.PSEA, "handover", "HandoverRead"),
        (Role.CHILD, "handover", "HandoverRead"),
        (Role.CHILD, "young", "YoungHouseholdRead"),
    ],
)
def test_e14_each_reading_of_a_person_is_an_entry_of_the_chain(everything: Everything, role: Role, page: str, kind: str):
    visitor = RoomVisitor(everything.app, everything.people[role])

    visitor.see(everything.url(page, role))

    assert kinds(everything.room)[-1] == f"protection.{kind}"


def test_the_officers_of_a_case_see_who_opened_it_and_when(everything: Everything):
    first = RoomVisitor(everything.app, everything.people[Role.OFFICER])
    first.see(everything.url("letter", Role.OFFICER))

    page = RoomVisitor(everything.app, everything.people[Role.PROTECTION_LEAD]).see(everything.url("letter", Role.PROTECTION_LEAD))

    seen = page.split("Who opened it", 1)[1]
    assert "O Officer" in seen
    assert "P Protection_Lead" in seen


@pytest.mark.parametrize("role", ROLES)
def test_each_seat_reads_its_own_entries_of_the_log_and_nobody_elses(everything: Everything, role: Role):
    page = RoomVisitor(everything.app, everything.people[role]).see("/support/log/mine")

    assert "Signed in" in page
    assert "The room was made" not in page


@pytest.fixture
def app_of_room(made: make_room.Founded) -> Iterator[Flask]:
    app = make_room.app_of(made)
    yield app
    app.extensions["cbi.room"].close()


def _rule(app: Flask, page: str) -> str:
    return next(rule.rule for rule in app.url_map.iter_rules() if rule.endpoint == f"protection.{page}")
