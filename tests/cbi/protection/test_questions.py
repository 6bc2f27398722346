"""The office asks only with what this room approved; letters of every version that was ever asked with are read with it, also later."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from sqlmodel import select

from cbi.errors import NotThere, Refused
from cbi.protection import instruments, odd, office, practice, setup
from cbi.protection.cases import waiting
from cbi.protection.instruments import State
from cbi.protection.keys import Published, RoomKeys
from cbi.protection.room import Room
from cbi.protection.tables import InstrumentVersion, LetterCopy, OddLetter
from cbi.protection.unlock import RedStop
from cbi.sites import approval
from cbi.sites import instrument as asked
from cbi.store.records import Records
from cbi.store.work import Actor, read_setting, write_setting
from screening import Band, Package
from tests import make_people, make_room
from tests.cbi.protection.acts import EVERYWHERE, contact, count, look
from tests.make_questions import SHIPPED, version
from tests.make_room import Insider, RoomVisitor

Upgrade = Callable[[Package], None]


@pytest.fixture
def app(made: make_room.Founded) -> Iterator[Flask]:
    """The room's pages."""
    built = make_room.app_of(made)
    yield built
    built.extensions["cbi.room"].close()


@pytest.fixture
def second(room: Room, made: make_room.Founded) -> Insider:
    """Another officer, in a room the lead opened."""
    make_room.inside(room, made.lead)
    return make_room.officer(room, made.lead, made.sheet)


@pytest.fixture
def upgrade(monkeypatch: pytest.MonkeyPatch) -> Upgrade:
    """Another program takes this one's place, with another version of the check."""

    def bring(package: Package) -> None:
        monkeypatch.setattr(Package, "shipped", classmethod(lambda _cls, _name: package))

    return bring


def approved(room: Room, lead: Insider, second: Insider) -> str:
    with room.work(lead.id) as work:
        number = instruments.begin(work, "0.1-draft")
    approve(room, second, number)
    return number


def approve(room: Room, who: Insider, number: str) -> None:
    with room.work(who.id) as work:
        instruments.approve(work, number, seen=instruments.version(work, number).revision)


def handed_out(room: Room, who: Insider, number: str) -> bytes:
    with room.work(who.id) as work:
        return instruments.hand_out(work, number, room.keys)


def install(records: Records, content: bytes) -> str:
    with records.work(Actor()) as work:
        return asked.install(work, content).version


def again(room: Room, lead: Insider) -> Room:
    """The lead locks the room and opens it anew."""
    room.lock_all()
    make_room.inside(room, lead)
    return room


def bands(room: Room) -> list[Band]:
    with room.read() as reading:
        return [line.band for line in waiting(reading, room.office, EVERYWHERE)]


def settings_of(records: Records, name: str) -> object:
    with records.read() as reading:
        return read_setting(reading.session, reading.system, name)


def test_a_version_this_room_approved_is_put_in_use_and_one_of_another_room_is_not(
    room: Room, made: make_room.Founded, second: Insider, records: Records
):
    number = approved(room, made.lead, second)
    content = handed_out(room, made.lead, number)
    foreign = approval.signed(version("0.3"), RoomKeys.new().questions).to_bytes()

    assert install(records, content) == number
    with pytest.raises(Refused, match="not signed with their present key"):
        install(records, foreign)


def test_the_key_is_published_with_the_letter_boxs_and_tells_nothing_of_the_others(room: Room, made: make_room.Founded):
    make_room.inside(room, made.lead)

    assert office.published(made.settings) == room.keys.published
    assert room.keys.questions not in {room.keys.master, room.keys.signing, *room.keys.intakes}
    assert RoomKeys.unpack(room.keys.pack()).questions == room.keys.questions


def test_after_somebody_left_an_older_file_is_refused_and_the_same_version_taken_anew_is_put_in_use(
    room: Room, made: make_room.Founded, second: Insider, records: Records
):
    number = approved(room, made.lead, second)
    before, old_key = handed_out(room, made.lead, number), settings_of(records, approval.QUESTIONS_KEY)
    setup.remove_officer(room, made.lead.id, room.keys, second.id)
    make_room.inside(room, made.lead)

    assert settings_of(records, approval.QUESTIONS_KEY) not in (old_key, "", None)
    with pytest.raises(Refused, match="take the file anew"):
        install(records, before)
    assert install(records, handed_out(room, made.lead, number)) == number


def test_an_office_from_before_gets_the_key_when_an_officer_signs_in(room: Room, made: make_room.Founded, records: Records):
    with sqlite3.connect(records.folder / "office.db") as database:
        database.execute("DELETE FROM setting WHERE name = 'questions_key'")
    assert office.published(made.settings).questions == b""

    make_room.inside(room, made.lead)

    assert office.published(made.settings) == room.keys.published


def test_another_key_for_the_questions_stops_everything(room: Room, made: make_room.Founded):
    fits = office.published(made.settings)
    office.publish(made.settings, replace(fits, questions=RoomKeys.new().published.questions))

    with pytest.raises(RedStop):
        make_room.inside(room, made.lead)

    assert not room.is_open


def test_an_earlier_key_for_the_questions_with_the_present_letter_box_stops_everything(
    room: Room, made: make_room.Founded, second: Insider
):
    before = room.keys.published
    setup.remove_officer(room, made.lead.id, room.keys, second.id)
    now = office.published(made.settings)
    office.publish(made.settings, Published(now.intake, before.questions))

    with pytest.raises(RedStop):
        make_room.inside(room, made.lead)


def test_what_came_with_the_program_is_kept_at_the_first_unlock_once_and_is_nobodys_to_change(room: Room, made: make_room.Founded):
    make_room.inside(room, made.lead)
    again(room, made.lead)

    with room.read() as reading:
        [row] = reading.session.exec(select(InstrumentVersion)).all()
        assert (row.version, row.shipped, row.approved_at) == (SHIPPED.version, True, None)
        assert instruments.version(reading, SHIPPED.version).state is State.SHIPPED
    with pytest.raises(NotThere), room.work(made.lead.id) as work:
        instruments.discard(work, SHIPPED.version, seen=1)
    with pytest.raises(NotThere), room.work(made.lead.id) as work:
        instruments.approve(work, SHIPPED.version, seen=1)
    with pytest.raises(NotThere):
        handed_out(room, made.lead, SHIPPED.version)


def test_after_an_upgrade_letters_from_before_are_read_with_the_words_they_were_asked_with(
    room: Room, made: make_room.Founded, records: Records, site: UUID, household: UUID, upgrade: Upgrade
):
    make_room.letter(records, household, make_room.HARDER, site_id=site, version="0.1-draft")
    make_room.inside(room, made.lead)
    later = make_people.household(records, site, given="Pepper")
    make_room.letter(records, later, make_room.HARDER, site_id=site, version="0.1-draft")

    upgrade(version("0.9", H16="Would this plan make things at home easier?"))
    again(room, made.lead)

    with room.read() as reading:
        ids = [line.id for line in waiting(reading, room.office, EVERYWHERE)]
        assert [(one.version, one.state) for one in instruments.versions(reading)] == [
            ("0.9", State.SHIPPED),
            ("0.1-draft", State.EARLIER),
        ]
    said = {look(room, case_id).instrument.item("H16").wording for case_id in ids}
    assert (len(ids), count(room, OddLetter)) == (2, 0)
    with records.read() as reading:
        assert said != {asked.current(reading).item("H16").wording}


def test_other_words_under_a_number_that_is_known_here_are_not_guessed_at(
    room: Room, made: make_room.Founded, records: Records, site: UUID, household: UUID, upgrade: Upgrade
):
    make_room.inside(room, made.lead)
    upgrade(version("0.1-draft", H16="Would this plan make things at home easier?"))
    make_room.letter(records, household, make_room.HARDER, site_id=site, version="0.1-draft")

    again(room, made.lead)

    assert (bands(room), count(room, OddLetter)) == ([], 1)
    with room.read() as reading:
        assert instruments.unknown_in_use(reading, room.office.asked, room.office.asks_with)


def test_words_written_into_the_offices_database_are_noticed_and_nothing_is_read_with_the_approved_ones(
    room: Room, made: make_room.Founded, second: Insider, records: Records, site: UUID, household: UUID
):
    number = approved(room, made.lead, second)
    install(records, handed_out(room, made.lead, number))
    with records.work(Actor()) as work:
        write_setting(work.session, work.system, f"instrument {number}", version(number, H16="Is it so?").texts())
    make_room.letter(records, household, make_room.HARDER, site_id=site, version=number)

    again(room, made.lead)

    assert (bands(room), count(room, OddLetter)) == ([], 1)


def test_the_start_page_says_when_the_office_asks_with_words_nobody_approved(app: Flask, made: make_room.Founded, records: Records):
    lead = RoomVisitor(app, made.lead)
    assert "none that this room approved" not in lead.see("/support/")
    with records.work(Actor()) as work:
        write_setting(work.session, work.system, "instruments", ["0.7"])
        write_setting(work.session, work.system, "instrument 0.7", version("0.7").texts())
    app.extensions["cbi.room"].lock_all()

    lead = RoomVisitor(app, made.lead)

    for page in ("/support/", "/support/questions"):
        assert "The office asks with version 0.7, and its words are none that this room approved" in lead.see(page)


def test_a_letter_that_could_not_be_read_is_tried_again_at_every_unlock(
    room: Room, made: make_room.Founded, second: Insider, records: Records, site: UUID, household: UUID
):
    with room.work(made.lead.id) as work:
        number = instruments.begin(work, "0.1-draft")
    make_room.letter(records, household, make_room.HARDER, site_id=site, version=number)
    strange = make_room.spoilt_letter(records)
    again(room, made.lead)
    assert (bands(room), count(room, OddLetter)) == ([], 2)

    approve(room, second, number)
    answer = make_room.inside(room, second)

    assert (answer.letters, answer.strange) == (1, 0)
    assert (bands(room), count(room, LetterCopy)) == ([Band.HIGH], 1)
    with room.read() as reading:
        assert [one.id for one in odd.kept(reading)] == [strange]
    assert room.locked_verdict().verified


def test_a_kept_letter_of_a_household_the_office_erased_is_let_go_unread(
    room: Room, made: make_room.Founded, records: Records, site: UUID, household: UUID
):
    make_room.letter(records, household, make_room.HARDER, site_id=site, version="0.7")
    make_room.inside(room, made.lead)
    assert count(room, OddLetter) == 1
    with records.work(Actor()) as work:
        work.vault.destroy(work.session, household, at=work.now)

    again(room, made.lead)

    assert (count(room, OddLetter), count(room, LetterCopy)) == (0, 0)


def test_who_takes_it_back_takes_back_a_letter_that_waits_to_be_readable_too(
    room: Room, made: make_room.Founded, records: Records, site: UUID, household: UUID, case_id: UUID
):
    make_room.letter(records, household, make_room.TALK_TODAY, site_id=site, version="0.7")
    make_room.letter(records, make_people.household(records, site, given="Pepper"), {}, site_id=site, version="0.7")
    again(room, made.lead)
    contact(room, made.lead, case_id)

    with room.work(made.lead.id) as work:
        practice.withdraw(work, EVERYWHERE, case_id, room.keys, plan_kept=False)

    assert (count(room, OddLetter), count(room, LetterCopy)) == (1, 0)


def test_the_lead_reads_why_a_letter_cannot_be_read_and_not_what_is_in_it(
    app: Flask, made: make_room.Founded, records: Records, site: UUID, household: UUID
):
    make_room.letter(records, household, make_room.HARDER, site_id=site, version="0.7")
    make_room.spoilt_letter(records)

    page = RoomVisitor(app, made.lead).see("/support/unreadable")

    assert "Its questions are not known here: version" in page
    assert "It does not open" in page
    assert "tried again whenever an officer signs in" in page
    assert "Juniper" not in page


def test_a_room_of_before_is_opened_and_its_kept_letters_are_read(
    room: Room, made: make_room.Founded, records: Records, site: UUID, household: UUID
):
    """As a folder of the program before this one: no version is kept, the office knows no key, and a letter was put aside."""
    make_room.letter(records, household, make_room.HARDER, site_id=site, version="0.7")
    make_room.inside(room, made.lead)
    room.lock_all()
    with closing(sqlite3.connect(room.locked.folder / "protection.db")) as database, database:
        database.execute("DELETE FROM instrumentversion")
    with closing(sqlite3.connect(records.folder / "office.db")) as database, database:
        database.execute("DELETE FROM setting WHERE name = 'questions_key'")

    make_room.inside(room, made.lead)

    with room.read() as reading:
        assert [one.version for one in odd.listed(reading, room.keys)] == ["0.7"]
        assert reading.session.exec(select(InstrumentVersion.version)).all() == ["0.1-draft"]
    assert office.published(made.settings) == room.keys.published
