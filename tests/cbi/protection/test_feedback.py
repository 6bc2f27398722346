"""Feedback that went past the desk: sealed there, read here by focal points only, and never by somebody who works at the place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4, uuid5

import pytest
import sqlalchemy as sa

from cbi.access import Role
from cbi.checks.apart import Track
from cbi.checks.letter import SIZE
from cbi.checks.tables import Letter
from cbi.errors import NotThere, Refused
from cbi.feedback.service import Said
from cbi.feedback.tables import Category
from cbi.feedback.values import Confided
from cbi.protection import feedback, intake, office, promises, setup, unlock
from cbi.protection.facts_feedback import PublishedReadersPutRight
from cbi.protection.feedback import Heard
from cbi.protection.keys import StrangeLetter, open_any
from cbi.protection.keys_apart import is_apart, open_apart
from cbi.protection.purge import purge
from cbi.protection.room import Room
from cbi.protection.setup import SecondPerson
from cbi.protection.tables import FeedbackCopy, OddLetter, Officer
from cbi.protection.unlock import RedStop
from cbi.staff.tables import Staff
from cbi.store.records import Records
from cbi.store.work import Actor, read_setting, write_setting
from tests import make_feedback, make_room
from tests.cbi.protection.acts import count
from tests.make_room import Insider, RoomVisitor


@pytest.fixture
def people(room: Room, made: make_room.Founded) -> dict[Role, Insider]:
    """Two focal points, let in by the lead."""
    make_room.inside(room, made.lead)
    return {
        role: make_room.officer(room, made.lead, made.sheet, name, role) for role, name in ((Role.PSEA, "p.quill"), (Role.CHILD, "c.wren"))
    }


def heard(room: Room, who: Insider) -> list[Heard]:
    guest = room.guest(who.id)
    with room.locked.read() as reading:
        return feedback.heard_by(reading, reading.session.get_one(Officer, who.id), guest.private, guest.office)


def act(room: Room, who: Insider, what, feedback_id: UUID) -> object:
    guest = room.guest(who.id)
    with room.locked.work(Actor(who.id)) as work:
        return what(work, work.session.get_one(Officer, who.id), guest.private, guest.office, feedback_id)


def letter_id(said: Said) -> UUID:
    return uuid5(said.key, "letter")


def put_right(room: Room) -> int:
    with room.locked.read() as reading:
        kinds = list(reading.session.exec(sa.select(reading.system.audit_entry.kind)).scalars())
    return kinds.count(PublishedReadersPutRight.kind())


def bodies(records: Records) -> list[bytes]:
    with records.read() as reading:
        return [row.body for row in reading.session.connection().execute(sa.select(Letter.body))]


def test_e21_a_focal_point_reads_what_was_said_and_nobody_else_in_the_room_does(
    room: Room, made: make_room.Founded, people: dict[Role, Insider], records: Records, site: UUID
):
    said = make_feedback.taken(records, Confided.CONDUCT, site)
    make_room.inside(room, people[Role.PSEA])
    make_room.inside(room, people[Role.CHILD])

    [one] = heard(room, people[Role.PSEA])

    assert (one.id, one.code, one.subject, one.site_id) == (letter_id(said), said.code, "ours", site)
    assert (one.words, one.contact) == (make_feedback.WORDS, make_feedback.CONTACT)
    assert heard(room, people[Role.CHILD]) == []
    [body] = bodies(records)
    with pytest.raises(StrangeLetter):
        open_any(body, room.keys)
    for private in room.keys.intakes:
        with pytest.raises(StrangeLetter):
            open_apart(body, private)


def test_e21_somebody_listed_as_staff_of_that_site_finds_nothing(room: Room, people: dict[Role, Insider], records: Records, site: UUID):
    said = make_feedback.taken(records, Confided.CONDUCT, site)
    make_room.inside(room, people[Role.PSEA])
    guest = room.guest(people[Role.PSEA].id)
    room.admit(people[Role.PSEA].id, guest.private, replace(guest.office, staff_of={"p.quill": site}))

    assert heard(room, people[Role.PSEA]) == []
    for what in (feedback.read_one, feedback.take_up, feedback.let_go):
        with pytest.raises(NotThere):
            act(room, people[Role.PSEA], what, letter_id(said))


def test_e21_nothing_is_sealed_to_somebody_who_works_at_that_place_and_nothing_is_kept_when_nobody_is_left(
    room: Room, people: dict[Role, Insider], records: Records, site: UUID
):
    with records.work(Actor()) as work:
        work.session.connection().execute(
            sa.insert(Staff).values(
                id=uuid4(),
                operation_id=work.operation_id,
                sign_in_name="P.Quill",
                name="Pippa Quill",
                password_hash="-",
                site_id=site,
                made_at=work.now,
            )
        )

    with pytest.raises(Refused, match="nobody outside this place can take it here"):
        make_feedback.taken(records, Confided.CONDUCT, site)
    assert bodies(records) == []
    make_feedback.taken(records, Confided.CONDUCT)
    make_room.inside(room, people[Role.PSEA])
    assert [one.site_id for one in heard(room, people[Role.PSEA])] == [None]


def test_a_focal_point_of_other_places_is_sealed_nothing(room: Room, made: make_room.Founded, records: Records, site: UUID):
    make_room.inside(room, made.lead)
    who = make_room.officer(room, made.lead, made.sheet, "p.quill", Role.PSEA, sites=(uuid4(),))

    for place in (site, None):
        with pytest.raises(Refused):
            make_feedback.taken(records, Confided.CONDUCT, place)
    make_room.inside(room, who)
    assert heard(room, who) == []


def test_a_childs_goes_to_the_focal_point_for_children(room: Room, people: dict[Role, Insider], records: Records):
    make_feedback.taken(records, Confided.CHILD)
    for who in people.values():
        make_room.inside(room, who)

    assert (len(heard(room, people[Role.CHILD])), len(heard(room, people[Role.PSEA]))) == (1, 0)


def test_without_a_focal_point_for_children_it_goes_to_the_other(room: Room, made: make_room.Founded, records: Records):
    make_room.inside(room, made.lead)
    only = make_room.officer(room, made.lead, made.sheet, "p.quill", Role.PSEA)

    make_feedback.taken(records, Confided.CHILD)

    make_room.inside(room, only)
    assert [one.subject for one in heard(room, only)] == ["kids"]


def test_officers_pass_over_letters_apart_and_call_none_of_them_strange(
    room: Room, made: make_room.Founded, people: dict[Role, Insider], records: Records
):
    make_feedback.taken(records, Confided.CONDUCT)
    make_feedback.taken(records, Category.QUESTION)
    make_room.spoilt_letter(records)
    room.lock_all()

    answer = make_room.inside(room, made.lead)

    assert (answer.letters, answer.strange) == (0, 1)
    assert count(room, OddLetter) == 1
    with room.read() as reading:
        assert len(intake.seen_letters(reading)) == 3
    assert [is_apart(body, room.keys) for body in sorted(bodies(records))].count(True) == 2


def test_a_focal_point_waits_for_no_officer_and_takes_each_letter_once(
    room: Room, made: make_room.Founded, people: dict[Role, Insider], records: Records
):
    make_feedback.taken(records, Confided.IN_RETURN)
    room.lock_all()

    make_room.inside(room, people[Role.PSEA])
    make_room.inside(room, people[Role.PSEA])

    assert not room.is_open
    assert len(heard(room, people[Role.PSEA])) == count(room, FeedbackCopy) == 1


def test_a_letter_apart_changed_in_any_part_opens_for_nobody(room: Room, people: dict[Role, Insider], records: Records):
    make_feedback.taken(records, Confided.CONDUCT)
    make_room.inside(room, people[Role.PSEA])
    private, [body] = room.guest(people[Role.PSEA].id).private, bodies(records)

    assert open_apart(body, private)["words"] == make_feedback.WORDS
    for place in (0, 31, 32, 200, 463, 464, 2_000, SIZE - 1):
        changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        with pytest.raises(StrangeLetter):
            open_apart(changed, private)
    with pytest.raises(StrangeLetter):
        open_apart(body[:-1], private)


def test_taken_up_it_is_gone_after_thirty_days_and_a_childs_after_ninety(
    room: Room, made: make_room.Founded, people: dict[Role, Insider], records: Records
):
    kept = {Role.PSEA: make_feedback.taken(records, Confided.CONDUCT), Role.CHILD: make_feedback.taken(records, Confided.CHILD)}
    for role, who in people.items():
        make_room.inside(room, who)
        act(room, who, feedback.take_up, letter_id(kept[role]))

    for days, left in ((30, 2), (31, 1), (90, 1), (91, 0)):
        later = make_room.later(made, days=days).open()
        purge(later)
        with later.locked.read() as reading:
            assert len([one for one in reading.session.exec(sa.select(FeedbackCopy.body)).scalars() if one]) == left, days
        later.close()
    assert count(room, FeedbackCopy) == 0


def test_what_nobody_took_up_is_gone_after_ninety_days(room: Room, made: make_room.Founded, people: dict[Role, Insider], records: Records):
    make_feedback.taken(records, Confided.CONDUCT)
    make_room.inside(room, people[Role.PSEA])

    for days, left in ((90, 1), (91, 0)):
        later = make_room.later(made, days=days).open()
        purge(later)
        later.close()
        assert count(room, FeedbackCopy) == left


def test_what_was_let_go_is_not_taken_from_the_box_again(
    room: Room, made: make_room.Founded, people: dict[Role, Insider], records: Records
):
    said = make_feedback.taken(records, Confided.CONDUCT)
    make_room.inside(room, people[Role.PSEA])
    act(room, people[Role.PSEA], feedback.let_go, letter_id(said))

    make_room.inside(room, people[Role.PSEA])

    assert len(bodies(records)) == 1
    assert heard(room, people[Role.PSEA]) == []
    with room.locked.read() as reading:
        assert reading.session.get_one(FeedbackCopy, letter_id(said)).body == b""


def test_a_day_after_it_was_said_it_is_late_until_somebody_takes_it_up(room: Room, people: dict[Role, Insider], records: Records):
    said = make_feedback.taken(records, Confided.CONDUCT)
    make_room.inside(room, people[Role.PSEA])
    [one] = heard(room, people[Role.PSEA])

    assert one.look_by == one.told_at + timedelta(hours=24)
    assert (one.is_late(one.look_by), one.is_late(one.look_by + timedelta(minutes=1))) == (False, True)
    act(room, people[Role.PSEA], feedback.take_up, letter_id(said))
    [one] = heard(room, people[Role.PSEA])
    assert not one.is_late(one.look_by + timedelta(days=3))


def test_a_key_the_room_never_gave_out_stops_officers_and_focal_points_alike(
    room: Room, made: make_room.Founded, people: dict[Role, Insider], records: Records
):
    ours = office.published_readers(room.settings)
    planted = replace(ours[0], key=make_room.RoomKeys.new().intake_public)
    office.publish_readers(room.settings, [*ours, planted])
    room.lock_all()

    for who in (people[Role.PSEA], made.lead):
        with pytest.raises(RedStop):
            make_room.inside(room, who)
    assert not room.is_open


@pytest.mark.parametrize("left_out", [0, 1])
def test_a_publishing_that_was_interrupted_is_made_good_at_the_next_sign_in(
    room: Room, made: make_room.Founded, people: dict[Role, Insider], left_out: int
):
    ours = office.published_readers(room.settings)
    assert len(ours) == 2
    office.publish_readers(room.settings, ours[:left_out])

    unlock.compare_readers(room, made.lead.id)

    assert office.published_readers(room.settings) == ours
    assert put_right(room) == 0


@pytest.mark.parametrize("changed", [{"name": "p.other"}, {"sites": frozenset({UUID(int=5)})}, {"track": Track.CONDUCT}])
def test_a_focal_point_who_was_published_otherwise_is_put_right_and_that_is_entered(
    room: Room, made: make_room.Founded, people: dict[Role, Insider], changed: dict[str, object]
):
    ours = office.published_readers(room.settings)
    office.publish_readers(room.settings, [replace(ours[0], **changed), ours[1]])

    unlock.compare_readers(room, made.lead.id)

    assert office.published_readers(room.settings) == ours
    assert put_right(room) == 1


def test_the_key_of_a_focal_point_who_left_put_back_is_taken_away_and_that_is_entered(
    room: Room, made: make_room.Founded, people: dict[Role, Insider]
):
    with_both = office.published_readers(room.settings)
    setup.remove_officer(room, made.lead.id, room.keys, people[Role.PSEA].id)
    assert put_right(room) == 0
    office.publish_readers(room.settings, with_both)

    make_room.inside(room, made.lead)

    assert [one.name for one in office.published_readers(room.settings)] == ["c.wren"]
    assert put_right(room) == 1


def test_whoever_leaves_or_gets_another_key_is_sealed_nothing_with_the_old_one(
    room: Room, made: make_room.Founded, people: dict[Role, Insider], records: Records
):
    before = {one.key for one in office.published_readers(room.settings)}
    second = SecondPerson(sheet=made.sheet)
    setup.reset_officer(room, made.lead.id, room.keys, people[Role.PSEA].id, "marigold teapot anvil lantern", second)
    setup.remove_officer(room, made.lead.id, room.keys, people[Role.CHILD].id)

    after = office.published_readers(room.settings)

    assert [one.name for one in after] == ["p.quill"]
    assert not {one.key for one in after} & before


def test_a_ninth_focal_point_is_told_that_a_letter_has_room_for_eight(room: Room, made: make_room.Founded):
    make_room.inside(room, made.lead)
    for number in range(8):
        make_room.officer(room, made.lead, made.sheet, f"p.{number}", Role.PSEA)

    with pytest.raises(Refused, match="at most 8"):
        make_room.officer(room, made.lead, made.sheet, "p.nine", Role.CHILD)
    assert len(office.published_readers(room.settings)) == 8


def test_a_room_of_before_publishes_its_focal_points_when_it_is_opened(
    room: Room, made: make_room.Founded, people: dict[Role, Insider], records: Records
):
    with records.work(Actor()) as work:
        write_setting(work.session, work.system, "readers_apart", [])
    with room.locked.work(Actor()) as work:
        write_setting(work.session, work.system, "reader_keys", [])
        assert read_setting(work.session, work.system, "reader_keys") == []

    make_room.inside(room, people[Role.PSEA])

    assert [one.name for one in office.published_readers(room.settings)] == ["c.wren", "p.quill"]


def test_the_focal_points_pages_show_it_take_it_up_and_let_it_go(made: make_room.Founded, records: Records, site: UUID):
    app = make_room.app_of(made)
    room = app.extensions["cbi.room"]
    make_room.inside(room, made.lead)
    who = make_room.officer(room, made.lead, made.sheet, "p.quill", Role.PSEA)
    url = f"/support/feedback/{letter_id(make_feedback.taken(records, Confided.IN_RETURN, site))}"
    visitor = RoomVisitor(app, who)

    first = visitor.see("/support/")
    page = visitor.see(url)

    assert make_feedback.WORDS not in first
    assert "Bahari Field" in first
    assert make_feedback.WORDS in page
    assert make_feedback.CONTACT in page
    assert "Taken up" in visitor.send(f"{url}/take", {}, page=url)
    assert "Let go. Nothing of it is here any more." in visitor.send(f"{url}/gone", {}, page=url)
    visitor.see(url, status=404)
    mine = visitor.see("/support/log/mine")
    assert all(words in mine for words in ("Read feedback", "Took feedback up", "Let feedback go", "Feedback was found in the letter box"))
    room.close()


def test_an_officer_finds_no_page_of_it(made: make_room.Founded, records: Records):
    app = make_room.app_of(made)
    room = app.extensions["cbi.room"]
    make_room.inside(room, made.lead)
    make_room.officer(room, made.lead, made.sheet, "p.quill", Role.PSEA)
    officer = make_room.officer(room, made.lead, made.sheet, "b.driftwood")
    said = make_feedback.taken(records, Confided.CONDUCT)

    visitor = RoomVisitor(app, officer)

    visitor.see(f"/support/feedback/{letter_id(said)}", status=404)
    assert "past the desk" not in visitor.see("/support/")
    room.close()


def test_the_lead_hears_when_no_focal_point_was_here_for_a_day_and_never_whether_anything_waits(
    room: Room, made: make_room.Founded, people: dict[Role, Insider], records: Records
):
    def unattended(**ahead: float) -> bool:
        later = make_room.later(made, **ahead).open()
        with later.records_with(room.keys).read() as reading:
            found = promises.for_lead(reading, ()).unattended
        later.close()
        return found

    assert not unattended(hours=23)
    assert unattended(hours=25)
    make_feedback.taken(records, Confided.CONDUCT)
    assert unattended(hours=25)
    make_room.inside(room, people[Role.PSEA])
    assert not unattended(hours=23, minutes=50)
    assert unattended(hours=25)


def test_a_room_without_focal_points_says_nothing_of_them(room: Room, made: make_room.Founded):
    make_room.inside(room, made.lead)

    with room.read() as reading:
        assert not promises.for_lead(reading, ()).unattended
