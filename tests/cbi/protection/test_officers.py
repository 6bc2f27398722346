"""Who is let in, and what leaves with somebody who goes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import select

from cbi.access import Role
from cbi.errors import Refused, UnsafeSettings
from cbi.protection import cases, keys, office, setup, unlock
from cbi.protection.officers import NewOfficer
from cbi.protection.room import Room
from cbi.protection.setup import SecondPerson
from cbi.protection.tables import MasterKey
from cbi.store.keys import WrongKey
from cbi.store.records import Records
from tests import make, make_people, make_room

EVERYWHERE: frozenset = frozenset()
NEW = NewOfficer("b.driftwood", "Bo Driftwood", Role.OFFICER, "copper walrus tangent eleven")


def _rename(records: Records, person_id, name: str) -> None:
    with records.engine.execution_options(writing=True).begin() as connection:
        connection.exec_driver_sql("UPDATE staff SET sign_in_name = ? WHERE id = ?", (name, person_id.hex))


def test_a_room_is_made_once(made: make_room.Founded):
    with pytest.raises(UnsafeSettings):
        setup.init_room(made.settings, NEW, cost=make_room.CHEAP)


def test_a_room_whose_making_was_interrupted_is_made_again(records: Records):
    from cbi.protection.wiring import found_empty_room

    settings = make_room.Settings(data=records.folder.parent)
    found_empty_room(settings)

    made = setup.init_room(settings, replace(NEW, role=Role.PROTECTION_LEAD), cost=make_room.CHEAP)

    assert made.fingerprint == keys.fingerprint(office.published(settings).intake)


@pytest.mark.parametrize("seat", [Role.MANAGER, Role.FINANCE, Role.APPROVER, Role.RELEASER, Role.ADMINISTRATOR])
def test_nobody_who_moves_money_or_gives_rights_is_let_in(room: Room, made: make_room.Founded, records: Records, seat: Role):
    _rename(records, make.staff(records, seat), "B.Driftwood")
    make_room.inside(room, made.lead)

    with pytest.raises(Refused) as refusal:
        setup.add_officer(room, made.lead.id, room.keys, NEW, SecondPerson(sheet=made.sheet))

    assert "who works in the room never prepares, approves, releases, posts, exports or gives rights" in refusal.value.fix


@pytest.mark.parametrize("seat", [Role.REGISTRAR, Role.INTERVIEWER])
def test_a_seat_in_the_field_does_not_keep_anybody_out(room: Room, made: make_room.Founded, records: Records, seat: Role):
    _rename(records, make.staff(records, seat), "b.driftwood")
    make_room.inside(room, made.lead)

    assert setup.add_officer(room, made.lead.id, room.keys, NEW, SecondPerson(sheet=made.sheet)).totp_secret


def test_who_prints_lists_of_a_distribution_day_keeps_out(room: Room, made: make_room.Founded, records: Records):
    _rename(records, make.staff(records, Role.LEAD), "b.driftwood")
    make_room.inside(room, made.lead)

    with pytest.raises(Refused) as refusal:
        setup.add_officer(room, made.lead.id, room.keys, NEW, SecondPerson(sheet=made.sheet))

    assert "exports" in refusal.value.fix


def test_nobody_is_let_in_by_one_person(room: Room, made: make_room.Founded):
    make_room.inside(room, made.lead)

    with pytest.raises(Refused):
        setup.add_officer(room, made.lead.id, room.keys, NEW, SecondPerson())
    with pytest.raises(Refused) as refusal:
        setup.add_officer(room, made.lead.id, room.keys, NEW, SecondPerson(made.lead.name, made.lead.passphrase, made.lead.code()))

    assert "another officer" in refusal.value.fix


def test_another_officer_can_stand_by(room: Room, made: make_room.Founded):
    make_room.inside(room, made.lead)
    other = make_room.officer(room, made.lead, made.sheet)

    handed = setup.add_officer(
        room, made.lead.id, room.keys, replace(NEW, sign_in_name="c.fern"), SecondPerson(other.name, other.passphrase, other.code())
    )

    make_room.inside(room, make_room.Insider("c.fern", NEW.passphrase, handed))


@pytest.mark.parametrize("passphrase", ["short", "password12345", "1" * 20, "Bo Driftwood is my name"])
def test_a_passphrase_that_is_guessed_soon_is_refused(room: Room, made: make_room.Founded, passphrase: str):
    make_room.inside(room, made.lead)

    with pytest.raises(Refused):
        setup.add_officer(room, made.lead.id, room.keys, replace(NEW, passphrase=passphrase), SecondPerson(sheet=made.sheet))


def test_a_sign_in_name_is_taken_once_whatever_its_case(room: Room, made: make_room.Founded):
    make_room.inside(room, made.lead)
    make_room.officer(room, made.lead, made.sheet)

    with pytest.raises(Refused):
        setup.add_officer(room, made.lead.id, room.keys, replace(NEW, sign_in_name="B.DRIFTWOOD"), SecondPerson(sheet=made.sheet))


def test_whoever_is_removed_opens_nothing_any_more_and_neither_do_the_keys_they_knew(room: Room, made: make_room.Founded, records: Records):
    make_room.letter(records, make_people.household(records), make_room.TALK_TODAY)
    make_room.inside(room, made.lead)
    other = make_room.officer(room, made.lead, made.sheet)
    make_room.inside(room, other)
    known = room.keys

    setup.remove_officer(room, made.lead.id, known, other.id)

    assert not room.is_open
    assert office.published(made.settings).intake != known.intake_public
    with pytest.raises(Refused):
        make_room.inside(room, other)
    with pytest.raises(WrongKey), room.records_with(known).read() as reading:
        cases.waiting(reading, None, EVERYWHERE)  # type: ignore[arg-type]


def test_those_who_stay_read_everything_after_somebody_left(room: Room, made: make_room.Founded, records: Records):
    household = make_people.household(records)
    make_room.letter(records, household, make_room.TALK_TODAY)
    make_room.inside(room, made.lead)
    other = make_room.officer(room, made.lead, made.sheet)
    setup.remove_officer(room, made.lead.id, room.keys, other.id)
    make_room.letter(records, make_people.household(records, given="Pepper"), make_room.HARDER)

    answer = make_room.inside(room, made.lead)

    with room.read() as reading:
        lines = cases.waiting(reading, room.office, EVERYWHERE)
        assert cases.dossier(reading, room.office, cases.the_case(reading, EVERYWHERE, lines[0].id)).private.answers == make_room.TALK_TODAY
    assert (answer.letters, len(lines)) == (1, 2)
    assert room.locked_verdict().verified


def test_a_rotation_that_was_not_published_is_made_good_at_the_next_unlock(room: Room, made: make_room.Founded):
    make_room.inside(room, made.lead)
    old = room.keys.published
    other = make_room.officer(room, made.lead, made.sheet)
    setup.remove_officer(room, made.lead.id, room.keys, other.id)
    office.publish(made.settings, old)

    make_room.inside(room, made.lead)

    assert office.published(made.settings) == room.keys.published != old


def test_the_recovery_sheet_opens_the_room_also_after_the_keys_changed(room: Room, made: make_room.Founded):
    make_room.inside(room, made.lead)
    other = make_room.officer(room, made.lead, made.sheet)
    setup.remove_officer(room, made.lead.id, room.keys, other.id)

    assert office.published(made.settings).intake == unlock.keys_from_sheet(room, made.sheet).intake_public


def test_another_rooms_sheet_opens_nothing(room: Room):
    with pytest.raises(Refused):
        unlock.keys_from_sheet(room, keys.Sheet.new(keys.RoomKeys.new().identity).text)


def test_the_last_lead_stays(room: Room, made: make_room.Founded):
    make_room.inside(room, made.lead)

    with pytest.raises(Refused):
        setup.remove_officer(room, made.lead.id, room.keys, made.lead.id)


def test_a_reset_officer_signs_in_with_the_new_passphrase_only(room: Room, made: make_room.Founded):
    make_room.inside(room, made.lead)
    other = make_room.officer(room, made.lead, made.sheet)

    handed = setup.reset_officer(room, made.lead.id, room.keys, other.id, "velvet antenna parsnip ocean", SecondPerson(sheet=made.sheet))

    make_room.inside(room, make_room.Insider(other.name, "velvet antenna parsnip ocean", handed))
    with pytest.raises(Refused):
        make_room.inside(room, other)


def test_an_auditor_is_handed_no_keys(room: Room, made: make_room.Founded):
    make_room.inside(room, made.lead)
    auditor = make_room.officer(room, made.lead, made.sheet, "a.ledger", Role.ROOM_AUDITOR)

    with room.read() as reading:
        assert reading.session.exec(select(MasterKey).where(MasterKey.officer_id == auditor.id)).all() == []


def test_only_a_lead_gives_commands(room: Room, made: make_room.Founded):
    make_room.inside(room, made.lead)
    other = make_room.officer(room, made.lead, made.sheet)

    with pytest.raises(Refused):
        setup.prove_lead(room, other.name, other.passphrase, other.code())
    assert setup.prove_lead(room, made.lead.name, made.lead.passphrase, made.lead.code())[0] == made.lead.id
