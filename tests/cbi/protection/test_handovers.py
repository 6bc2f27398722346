"""Hand-overs to focal points: for one pair of eyes, never for somebody who works at that place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from cbi.access import Role
from cbi.clock import Clock
from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.protection import closing, handovers, office, passphrase, promises, setup, unlock
from cbi.protection.cases import every_line
from cbi.protection.closing import Ending
from cbi.protection.dossier import Stage
from cbi.protection.facts import HandedOver
from cbi.protection.handovers import Given
from cbi.protection.outgoing import SafeContact, Scope, stub_of, stub_text
from cbi.protection.room import Room
from cbi.protection.tables import Case, Handover, Officer
from cbi.staff.tables import Staff
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make_people, make_room, make_staff
from tests.cbi.protection.acts import EVERYWHERE, contact, count, decide, kinds, look, stage
from tests.make import NOW

SAFE = SafeContact("0700 000 321", ("mon-morning",))


@pytest.fixture
def psea(room: Room, made: make_room.Founded, case_id: UUID) -> make_room.Insider:
    who = make_room.officer(room, made.lead, made.sheet, "p.quill", Role.PSEA)
    make_room.inside(room, who)
    return who


@pytest.fixture
def handed(room: Room, made: make_room.Founded, psea: make_room.Insider, case_id: UUID) -> UUID:
    contact(room, made.lead, case_id)
    return hand(room, made, case_id, psea.id)


def hand(room: Room, made: make_room.Founded, case_id: UUID, to_id: UUID, *scope: Scope, agreed: bool = True) -> UUID:
    told = scope or (Scope.FIRST_NAME, Scope.PHONE)
    with room.work(made.lead.id) as work:
        return handovers.hand_over(work, room.office, EVERYWHERE, case_id, to_id, scope=told, contact=SAFE, agreed=agreed)


def given(room: Room, who: make_room.Insider) -> list[Given]:
    guest = room.guest(who.id)
    with room.locked.read() as reading:
        officer = reading.session.get(Officer, who.id)
        return handovers.given_to(reading, officer, guest.private, guest.office)


def take(room: Room, who: make_room.Insider, handover_id: UUID) -> None:
    guest = room.guest(who.id)
    with room.locked.work(Actor(who.id)) as work:
        handovers.acknowledge(work, work.session.get(Officer, who.id), guest.private, guest.office, handover_id)


def test_the_focal_point_reads_only_what_the_person_agreed_to(room: Room, psea: make_room.Insider, handed: UUID):
    [one] = given(room, psea)

    assert (one.id, one.site, one.by) == (handed, "Bahari Field", "Tamsin Halfmoon")
    assert (one.told.first_name, one.told.phone) == ("Juniper", "0700 000 321")
    assert (one.told.full_name, one.told.hours, one.told.language, one.told.needs) == ("", (), "", ())


def test_a_case_that_was_handed_over_waits_for_nobody_else(room: Room, made: make_room.Founded, handed: UUID, case_id: UUID):
    assert stage(room, case_id) is Stage.PSEA_HANDOVER

    with pytest.raises(Refused) as refusal:
        decide(room, made.lead, case_id)

    assert "focal point" in refusal.value.fix


def test_the_rooms_own_keys_do_not_open_what_a_focal_point_was_told(room: Room, handed: UUID):
    with room.read() as reading:
        row = reading.session.get(Handover, handed)
        body, stub = row.body, reading.open(row, "stub")

    assert "Juniper" not in stub
    for private in room.keys.intakes:
        assert handovers.opened(row, private) is None
    assert b"Juniper" not in body


def test_another_focal_point_finds_nothing(room: Room, made: make_room.Founded, handed: UUID):
    other = make_room.officer(room, made.lead, made.sheet, "c.wren", Role.CHILD)
    make_room.inside(room, other)

    assert given(room, other) == []


def test_a_focal_point_opens_no_letter_and_has_no_key_of_the_room(room: Room, made: make_room.Founded, psea: make_room.Insider):
    room.leave(made.lead.id)

    assert not room.is_open
    assert room.is_inside(psea.id)
    with pytest.raises(NotThere):
        _ = room.keys


def test_nothing_is_handed_over_without_the_persons_spoken_agreement(
    room: Room, made: make_room.Founded, psea: make_room.Insider, case_id: UUID
):
    with pytest.raises(Refused):
        hand(room, made, case_id, psea.id)
    contact(room, made.lead, case_id)
    with pytest.raises(Refused):
        hand(room, made, case_id, psea.id, agreed=False)

    assert count(room, Handover) == 0


def test_a_number_that_is_none_is_not_told_to_a_focal_point(room: Room, made: make_room.Founded, psea: make_room.Insider, case_id: UUID):
    contact(room, made.lead, case_id)

    with pytest.raises(Refused) as refusal, room.work(made.lead.id) as work:
        handovers.hand_over(
            work, room.office, EVERYWHERE, case_id, psea.id, scope=(Scope.PHONE,), contact=SafeContact("by the well"), agreed=True
        )

    assert "in figures" in refusal.value.fix


def test_e21_nothing_is_handed_to_somebody_listed_as_staff_of_that_site(
    room: Room, made: make_room.Founded, psea: make_room.Insider, case_id: UUID
):
    contact(room, made.lead, case_id)
    site = look(room, case_id).about.site_id
    room.refresh(replace(room.office, staff_of={"p.quill": site}))

    with room.read() as reading:
        assert handovers.focal_points(reading, room.office, site) == []
    with pytest.raises(Refused) as refusal:
        hand(room, made, case_id, psea.id)

    assert "who does not work at this place" in refusal.value.fix


def test_e21_whoever_becomes_staff_of_the_site_later_finds_nothing_any_more(
    room: Room, psea: make_room.Insider, handed: UUID, case_id: UUID
):
    guest = room.guest(psea.id)
    room.admit(psea.id, guest.private, replace(guest.office, staff_of={"p.quill": look(room, case_id).about.site_id}))

    assert given(room, psea) == []
    with pytest.raises(NotThere):
        take(room, psea, handed)


def test_the_office_tells_who_is_staff_of_which_site(made: make_room.Founded, records: Records, site: UUID):
    make_staff.member(records, Role.LEAD, sign_in_name="p.quill")
    with records.engine.execution_options(writing=True).begin() as connection:
        connection.execute(sa.update(Staff).values(site_id=site))

    assert office.glance(made.settings, EVERYWHERE, young=False).staff_of == {"p.quill": site}


def test_taking_it_is_seen_by_the_officers_of_the_case_and_lets_it_end(
    room: Room, made: make_room.Founded, psea: make_room.Insider, handed: UUID, case_id: UUID
):
    with pytest.raises(Refused), room.work(made.lead.id) as work:
        closing.close(work, room.office, EVERYWHERE, case_id, Ending.HANDED_OVER)

    take(room, psea, handed)

    with room.read() as reading:
        [passed] = handovers.passed_on(reading, case_id)
    assert (passed.to, passed.acknowledged_at is not None) == ("P Quill", True)
    with room.work(made.lead.id) as work:
        closing.close(work, room.office, EVERYWHERE, case_id, Ending.HANDED_OVER)
    assert kinds(room)[-2:] == ["protection.HandoverAcknowledged", "protection.CaseClosed"]


def test_taking_it_twice_counts_once(room: Room, psea: make_room.Insider, handed: UUID):
    take(room, psea, handed)
    before = kinds(room)

    take(room, psea, handed)

    assert kinds(room) == before


def test_what_nobody_took_is_taken_back_and_gone(room: Room, made: make_room.Founded, psea: make_room.Insider, handed: UUID, case_id: UUID):
    with room.work(made.lead.id) as work:
        handovers.take_back(work, EVERYWHERE, case_id)

    assert (stage(room, case_id), count(room, Handover), given(room, psea)) == (Stage.TALKED, 0, [])


def test_what_was_taken_is_not_taken_back(room: Room, made: make_room.Founded, psea: make_room.Insider, handed: UUID, case_id: UUID):
    take(room, psea, handed)

    with pytest.raises(SomebodyWasFirst), room.work(made.lead.id) as work:
        handovers.take_back(work, EVERYWHERE, case_id)


def test_new_keys_of_the_room_leave_a_hand_over_readable(room: Room, made: make_room.Founded, psea: make_room.Insider, handed: UUID):
    other = make_room.officer(room, made.lead, made.sheet)
    setup.remove_officer(room, made.lead.id, room.keys, other.id)
    make_room.inside(room, made.lead)
    make_room.inside(room, psea)

    assert [one.id for one in given(room, psea)] == [handed]
    with room.read() as reading:
        assert handovers.passed_on(reading)[0].to == "P Quill"


def test_the_childrens_focal_point_gets_households_whose_head_is_a_child_from_the_office(
    room: Room, made: make_room.Founded, records: Records, site: UUID, case_id: UUID
):
    young = make_people.household(records, site, given="Pip", year=2012)
    child = make_room.officer(room, made.lead, made.sheet, "c.wren", Role.CHILD)
    make_room.inside(room, child)

    seen = room.guest(child.id).office
    assert seen.young == (young,)
    assert set(seen.households) == {young}


def test_no_other_seat_without_letters_gets_a_household(room: Room, psea: make_room.Insider):
    seen = room.guest(psea.id).office

    assert (seen.young, dict(seen.households)) == ((), {})


def test_the_childrens_focal_point_of_another_site_sees_none_of_this_one(
    room: Room, made: make_room.Founded, records: Records, site: UUID, case_id: UUID
):
    make_people.household(records, site, given="Pip", year=2012)
    child = make_room.officer(room, made.lead, made.sheet, "c.wren", Role.CHILD, sites=(make_people.site(records, "OM", "Old Mill"),))
    make_room.inside(room, child)

    assert room.guest(child.id).office.young == ()


def test_a_childs_case_goes_to_its_own_track(room: Room, made: make_room.Founded, case_id: UUID):
    child = make_room.officer(room, made.lead, made.sheet, "c.wren", Role.CHILD)
    contact(room, made.lead, case_id)

    hand(room, made, case_id, child.id)

    assert stage(room, case_id) is Stage.CP_HANDOVER
    assert count(room, Case) == 1


def new_keys(room: Room, made: make_room.Founded, who: make_room.Insider) -> make_room.Insider:
    """The lead gives somebody who lost passphrase or telephone new keys."""
    passphrase = make_room.PASSPHRASE + " three"
    handed = setup.reset_officer(room, made.lead.id, room.keys, who.id, passphrase, setup.SecondPerson(sheet=made.sheet))
    return make_room.Insider(who.name, passphrase, handed)


def passed(room: Room, case_id: UUID) -> list[handovers.Passed]:
    with room.read() as reading:
        return handovers.passed_on(reading, case_id)


def anew(room: Room, made: make_room.Founded) -> list[UUID]:
    """Of which cases the start page of the lead says that they are to be handed over anew."""
    with room.read() as reading:
        lines = every_line(reading, room.office, EVERYWHERE)
        return [one.case_id for one in promises.due(reading, EVERYWHERE, lines, made.lead.id).anew]


def test_what_new_keys_do_not_open_is_handed_over_anew_by_whoever_handed_it_over(
    room: Room, made: make_room.Founded, psea: make_room.Insider, handed: UUID, case_id: UUID
):
    take(room, psea, handed)
    assert anew(room, made) == []

    again = new_keys(room, made, psea)
    make_room.inside(room, again)
    assert (given(room, again), [one.opens for one in passed(room, case_id)], anew(room, made)) == ([], [False], [case_id])
    with room.work(made.lead.id) as work:
        handovers.take_back(work, EVERYWHERE, case_id)
    newer = hand(room, made, case_id, psea.id)

    assert [one.id for one in given(room, again)] == [newer]
    assert ([one.opens for one in passed(room, case_id)], anew(room, made), count(room, Handover)) == ([True], [], 1)


def test_what_was_handed_over_to_somebody_who_left_is_handed_over_anew_to_another(
    room: Room, made: make_room.Founded, psea: make_room.Insider, handed: UUID, case_id: UUID
):
    take(room, psea, handed)
    other = make_room.officer(room, made.lead, made.sheet, "q.wren", Role.PSEA)
    setup.remove_officer(room, made.lead.id, room.keys, psea.id)

    assert anew(room, made) == [case_id]
    with room.work(made.lead.id) as work:
        handovers.take_back(work, EVERYWHERE, case_id)
    hand(room, made, case_id, other.id)
    assert [one.to for one in passed(room, case_id)] == ["Q Wren"]


def test_a_hand_over_from_before_its_key_was_noted_is_known_by_the_rooms_chain(
    room: Room, made: make_room.Founded, psea: make_room.Insider, handed: UUID, case_id: UUID
):
    with room.work(made.lead.id) as work:
        row = work.session.get(Handover, handed)
        work.seal(row, "stub", stub_text(replace(stub_of(work, row), sealed_to="")))
        row.made_at -= timedelta(hours=1)
        work.add(row)
        work.remember(HandedOver(case_id=case_id, handover_id=handed))
    assert [one.opens for one in passed(room, case_id)] == [True]

    new_keys(room, made, psea)

    assert [one.opens for one in passed(room, case_id)] == [False]


def test_another_passphrase_of_her_own_leaves_everything_readable(
    room: Room, made: make_room.Founded, psea: make_room.Insider, handed: UUID, case_id: UUID
):
    passphrase.change(room, psea.id, psea.passphrase, psea.code(), "candle river thimble oats")
    room.leave(psea.id)
    with pytest.raises(Refused):
        unlock.sign_in(room, psea.name, psea.passphrase, psea.code())
    a_while_later = NOW + timedelta(minutes=5)
    room.clock = room.locked.clock = Clock(a_while_later)
    make_room.inside(room, make_room.Insider(psea.name, "candle river thimble oats", psea.handed, a_while_later))

    assert [one.id for one in given(room, psea)] == [handed]
    assert [one.opens for one in passed(room, case_id)] == [True]
    assert "protection.PassphraseChanged" in kinds(room)
