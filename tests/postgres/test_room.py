"""The room on PostgreSQL: its tables, and what people do in it, once more beside an office that lies in PostgreSQL too."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid5

import pytest
import sqlalchemy as sa

from cbi.access import Role
from cbi.errors import Refused
from cbi.feedback.tables import Category
from cbi.feedback.values import Confided
from cbi.protection import cases, closing, feedback, handovers, instruments, outbox, practice, referrals, setup
from cbi.protection.cases import waiting
from cbi.protection.closing import Ending
from cbi.protection.dossier import Stage
from cbi.protection.history import Choice, Outcome
from cbi.protection.officers import NewOfficer
from cbi.protection.outgoing import Consent, SafeContact, Scope, Status
from cbi.protection.practice import Ruling
from cbi.protection.purge import purge
from cbi.protection.referrals import Wish
from cbi.protection.room import Room
from cbi.protection.tables import Case, FeedbackCopy, Handover, LetterCopy, OddLetter, Officer, Referral
from cbi.settings import Settings
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers.arrangements import current_for
from cbi.transfers.inbox import publish_now
from cbi.transfers.tables import ArrangementKind
from tests import make_feedback, make_people, make_room, make_sites
from tests.cbi.protection.acts import EVERYWHERE, contact, count, look, refer, stage
from tests.make import NOW, OPERATION

pytestmark = pytest.mark.postgres


@pytest.fixture
def made(records: Records, server: str, empty_url: str) -> make_room.Founded:
    """The room of this office, each in a database of its own."""
    office = records.engine.url.render_as_string(hide_password=False)
    settings = Settings(data=records.folder.parent, database_url=office, protection_url=empty_url, clock=NOW, seed=7)
    lead = NewOfficer("t.halfmoon", "Tamsin Halfmoon", Role.PROTECTION_LEAD, make_room.PASSPHRASE)
    founded = setup.init_room(settings, lead, cost=make_room.CHEAP)
    return make_room.Founded(settings, make_room.Insider("t.halfmoon", make_room.PASSPHRASE, founded.handed), founded.sheet)


@pytest.fixture
def room(made: make_room.Founded) -> Iterator[Room]:
    """The room, opened by its lead."""
    opened = made.open()
    make_room.inside(opened, made.lead)
    yield opened
    opened.close()


@pytest.fixture
def site(records: Records) -> UUID:
    place = make_people.site(records)
    make_sites.contact(records, place)
    return place


@pytest.fixture
def household(records: Records, site: UUID) -> UUID:
    return make_people.household(records, site, people=2)


def first_case(room: Room, made: make_room.Founded, records: Records, household: UUID, site: UUID) -> UUID:
    make_room.letter(records, household, make_room.HARDER, site_id=site)
    make_room.letter(records, household, {}, site_id=site, kind="choices", hours=["mon-morning"])
    make_room.inside(room, made.lead)
    with room.read() as reading:
        return waiting(reading, room.office, EVERYWHERE)[0].id


def test_both_worlds_lie_in_databases_of_their_own(room: Room, records: Records):
    assert {room.engine.dialect.name, records.engine.dialect.name} == {"postgresql"}
    assert room.operation == OPERATION
    theirs, ours = (set(sa.inspect(engine).get_table_names()) for engine in (records.engine, room.engine))
    assert "support_case" in ours - theirs
    assert "household" in theirs - ours
    assert room.locked_verdict().verified


def test_a_letter_is_taken_decided_with_the_person_and_reaches_the_office(
    room: Room, made: make_room.Founded, records: Records, household: UUID, site: UUID
):
    make_room.spoilt_letter(records)
    case = first_case(room, made, records, household, site)
    assert (count(room, LetterCopy), count(room, OddLetter), count(room, Case)) == (2, 1, 1)

    contact(room, made.lead, case)
    with room.work(made.lead.id) as work:
        practice.decide(work, room.office, EVERYWHERE, case, Ruling(Choice.CHANGE, agreed=True, changes={ArrangementKind.PARTS: 3}))
    posted = outbox.send(room, made.lead.id)
    with records.work(Actor()) as work:
        publish_now(work)

    assert (posted.sent, posted.left, stage(room, case)) == (1, 0, Stage.MONITORING)
    with records.read() as reading:
        assert current_for(reading, [household])[household][ArrangementKind.PARTS] == 3


def test_a_referral_goes_to_its_end_and_the_case_is_closed(
    room: Room, made: make_room.Founded, records: Records, household: UUID, site: UUID
):
    case = first_case(room, made, records, household, site)
    contact(room, made.lead, case)
    service = room.office.services[0].id
    with room.work(made.lead.id) as work:
        practice.decide(work, room.office, EVERYWHERE, case, Ruling(Choice.REFER, agreed=True, service_id=service))
    wish = Wish(service, look(room, case).card.recipient_id, Consent.GIVEN, scope=(Scope.FIRST_NAME,))
    referral = refer(room, made.lead, case, wish)
    for status in (Status.ACCEPTED, Status.DONE):
        with room.work(made.lead.id) as work:
            referrals.answered(work, EVERYWHERE, referral, status)
    with room.work(made.lead.id) as work:
        closing.close(work, room.office, EVERYWHERE, case, Ending.REFERRAL_ENDED)

    assert stage(room, case) is Stage.CLOSED
    with room.read() as reading:
        assert reading.session.get_one(Referral, referral).closed_at is not None


def test_a_case_is_handed_to_a_focal_point_and_feedback_reaches_her(
    room: Room, made: make_room.Founded, records: Records, household: UUID, site: UUID
):
    case = first_case(room, made, records, household, site)
    who = make_room.officer(room, made.lead, made.sheet, "p.quill", Role.PSEA)
    contact(room, made.lead, case)
    with room.work(made.lead.id) as work:
        handed = handovers.hand_over(
            work, room.office, EVERYWHERE, case, who.id, scope=(Scope.LANGUAGE,), contact=SafeContact(), agreed=True
        )
    said = make_feedback.taken(records, Confided.CONDUCT, site)
    make_feedback.taken(records, Category.QUESTION, site)
    make_room.inside(room, who)
    guest = room.guest(who.id)

    with room.locked.work(Actor(who.id)) as work:
        officer = work.session.get_one(Officer, who.id)
        handovers.acknowledge(work, officer, guest.private, guest.office, handed)
        feedback.take_up(work, officer, guest.private, guest.office, uuid5(said.key, "letter"))
    with room.locked.read() as reading:
        [heard] = feedback.heard_by(reading, reading.session.get_one(Officer, who.id), guest.private, guest.office)

    assert (heard.words, heard.taken_at is not None) == (make_feedback.WORDS, True)
    later = make_room.later(made, days=31).open()
    purge(later)
    later.close()
    with room.locked.read() as reading:
        assert reading.session.get_one(FeedbackCopy, heard.id).body == b""
        assert reading.session.get(Handover, handed) is None


def test_a_version_of_the_questions_is_begun(room: Room, made: make_room.Founded):
    with room.work(made.lead.id) as work:
        begun = instruments.begin(work, "0.1-draft")
    with room.read() as reading:
        assert begun in {one.version for one in instruments.versions(reading)}


def test_somebody_leaves_and_everything_is_sealed_again(room: Room, made: make_room.Founded, records: Records, household: UUID, site: UUID):
    case = first_case(room, made, records, household, site)
    leaving = make_room.officer(room, made.lead, made.sheet)
    before = room.keys.master

    setup.remove_officer(room, made.lead.id, room.keys, leaving.id)
    make_room.inside(room, made.lead)

    assert room.keys.master != before
    assert look(room, case).about.household_id == household


def test_of_two_officers_deciding_at_the_same_instant_exactly_one_wins(
    room: Room, made: make_room.Founded, records: Records, household: UUID, site: UUID
):
    case = first_case(room, made, records, household, site)
    other = make_room.officer(room, made.lead, made.sheet)
    make_room.inside(room, other)
    contact(room, made.lead, case)
    revision = look(room, case).state.revision

    def decide(officer_id: UUID) -> bool:
        try:
            with room.work(officer_id) as work:
                practice.decide(work, room.office, EVERYWHERE, case, Ruling(Choice.CONTINUE, agreed=True), revision=revision)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(2) as both:
        won = list(both.map(decide, (made.lead.id, other.id)))

    assert sorted(won) == [False, True]


def test_the_person_takes_it_back_and_all_of_it_is_gone(room: Room, made: make_room.Founded, records: Records, household: UUID, site: UUID):
    case = first_case(room, made, records, household, site)
    with room.work(made.lead.id) as work:
        practice.note_contact(work, room.office, EVERYWHERE, case, Outcome.REACHED)

    with room.work(made.lead.id) as work:
        practice.withdraw(work, EVERYWHERE, case, room.keys, plan_kept=False)

    assert (count(room, Case), count(room, LetterCopy)) == (0, 0)


def test_what_reached_its_age_is_forgotten_by_a_locked_room(
    room: Room, made: make_room.Founded, records: Records, household: UUID, site: UUID
):
    first_case(room, made, records, household, site)
    room.lock_all()

    for days, left in ((90, 2), (91, 0)):
        later = make_room.later(made, days=days).open()
        purge(later)
        later.close()
        assert count(room, LetterCopy) == left
    assert room.locked_verdict().verified


def test_the_pages_of_the_room_open(made: make_room.Founded, records: Records, household: UUID, site: UUID):
    make_room.letter(records, household, make_room.TALK_TODAY, site_id=site)
    app = make_room.app_of(made)
    visitor = make_room.RoomVisitor(app, made.lead)

    for url in (
        "/support/",
        "/support/letters",
        "/support/cases",
        "/support/services",
        "/support/notice",
        "/support/officers",
        "/support/log",
    ):
        visitor.see(url)
    room = app.extensions["cbi.room"]
    with room.read() as reading:
        line = cases.waiting(reading, room.office, EVERYWHERE)[0]
    assert "Juniper" in visitor.see(f"/support/letters/{line.id}")
    room.close()


def test_letters_apart_pass_by_the_officers(room: Room, made: make_room.Founded, records: Records):
    make_room.officer(room, made.lead, made.sheet, "p.quill", Role.PSEA)
    make_feedback.taken(records, Confided.IN_RETURN)

    answer = make_room.inside(room, made.lead)

    assert (answer.letters, answer.strange) == (0, 0)
