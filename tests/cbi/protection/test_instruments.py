"""A specialist adapts the questions in the room, a second officer approves, the office asks with them, and every letter is read with its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.protection import instruments, odd, rotation
from cbi.protection.cases import waiting
from cbi.protection.instruments import Library, State
from cbi.protection.room import Room
from cbi.sites import instrument as office_instrument
from cbi.store.records import Records
from cbi.store.work import Actor
from screening import Band, Package, editing
from screening.editing import Kind
from tests import make_people, make_room
from tests.cbi.protection.acts import EVERYWHERE, kinds, look
from tests.make_room import Insider, RoomVisitor

SHIPPED = Package.shipped("delivery-safety-check")
H05 = ("items", "H05", "wording")


@pytest.fixture
def app(made: make_room.Founded) -> Iterator[Flask]:
    app = make_room.app_of(made)
    yield app
    app.extensions["cbi.room"].close()


@pytest.fixture
def open_room(app: Flask, made: make_room.Founded) -> Room:
    """The room of the pages, opened by its lead."""
    room: Room = app.extensions["cbi.room"]
    make_room.inside(room, made.lead)
    return room


@pytest.fixture
def second(open_room: Room, made: make_room.Founded) -> Insider:
    """Another officer."""
    return make_room.officer(open_room, made.lead, made.sheet)


def begun(room: Room, who: Insider, base: str = "0.1-draft") -> str:
    with room.work(who.id) as work:
        return instruments.begin(work, base)


def say(room: Room, who: Insider, number: str, **said: str) -> Package:
    """Other words for these items, in English."""
    with room.work(who.id) as work:
        draft = instruments.draft(work, number)
        package = editing.put_words(draft.package, "en", {("items", item, "wording"): text for item, text in said.items()})
        instruments.save(work, number, package, seen=draft.revision)
    return package


def save(room: Room, who: Insider, number: str, package: Package) -> None:
    with room.work(who.id) as work:
        instruments.save(work, number, package, seen=instruments.draft(work, number).revision)


def approve(room: Room, who: Insider, number: str) -> None:
    with room.work(who.id) as work:
        instruments.approve(work, number, seen=instruments.version(work, number).revision)


def state(room: Room, number: str) -> State:
    with room.read() as reading:
        return instruments.version(reading, number).state


def softer(room: Room, lead: Insider, second: Insider) -> str:
    """An approved version in which H16 "harder" raises no concern and counts nothing."""
    number = begun(room, lead)
    with room.read() as reading:
        package = instruments.draft(reading, number).package
    block = editing.block(package, Kind.RULE, "R1").replace('"harder"', '"unsure"')
    package = editing.put_block(package, Kind.RULE, block)
    save(room, lead, number, editing.put_points(package, "H16", {"harder": 0}, "private"))
    approve(room, second, number)
    return number


def test_the_whole_way_on_the_pages(app: Flask, open_room: Room, made: make_room.Founded, second: Insider, records: Records):
    lead = RoomVisitor(app, made.lead)
    page = lead.see("/support/questions")
    assert "not an IOM tool" in page
    assert "Comes with the program" in page

    lead.send("/support/questions/begin", {"base": "0.1-draft"}, page="/support/questions")
    words = "/support/questions/0.2/words/en"
    field = _field(lead.see(words), "H05.wording")
    page = lead.send(words, {field: "Who hit you?"})
    assert "must not be asked" in page
    assert "1 thing to put right" in lead.see("/support/questions/0.2")
    lead.send(words, {field: "Will you take part in deciding how it is used?"})
    lead.send(
        "/support/questions/0.2/words/ar", {_field(lead.see("/support/questions/0.2/words/ar"), "H05.wording"): "هل ستشاركون في القرار؟"}
    )
    assert "Nothing to put right" in lead.see("/support/questions/0.2")
    assert "You changed this version" in lead.see("/support/questions/0.2/approve")

    other = RoomVisitor(app, second)
    page = other.send("/support/questions/0.2/approve", {"passphrase": "wrong", "code": "000000"}, status=422)
    assert state(open_room, "0.2") is State.DRAFT
    page = other.send("/support/questions/0.2/approve", {"passphrase": second.passphrase, "code": second.code()})
    assert "Approved by B Driftwood" in page

    file = lead.client.post(
        "/support/questions/0.2/file", data=_hidden(lead, "/support/questions/0.2", "/file"), headers={"Origin": "http://localhost"}
    )
    assert file.status_code == 200
    with records.work(Actor()) as work:
        new = office_instrument.install(work, file.data)
        assert office_instrument.current(work).item("H05").wording == "Will you take part in deciding how it is used?"
        assert office_instrument.current(work, "ar").item("H05").wording == "هل ستشاركون في القرار؟"
    assert new.digest in lead.see("/support/questions/0.2")
    assert "In letters" not in lead.see("/support/questions")
    assert [one for one in kinds(open_room) if "Instrument" in one] == [
        "protection.InstrumentKept",
        "protection.InstrumentBegun",
        *["protection.InstrumentEdited"] * 3,
        "protection.InstrumentApproved",
        "protection.InstrumentHandedOut",
    ]


def _field(page: str, place: str) -> str:
    """The name of the field of this text."""
    before, label, _after = page.partition(f">Words of {place}<")
    assert label, place
    return before.rsplit('for="', 1)[1].split('"', 1)[0]


def _hidden(visitor: RoomVisitor, url: str, ending: str) -> dict[str, str]:
    from tests.make import hidden_fields

    return hidden_fields(visitor.client.get(url).text, url + ending)


def test_a_letter_is_assessed_with_its_own_version_and_an_old_one_with_the_old(
    open_room: Room, made: make_room.Founded, second: Insider, records: Records, site, household
):
    number = softer(open_room, made.lead, second)
    other = make_people.household(records, site, given="Pepper")
    make_room.letter(records, household, make_room.HARDER, site_id=site)
    make_room.letter(records, other, make_room.HARDER, site_id=site, version=number)
    open_room.lock_all()
    make_room.inside(open_room, made.lead)

    with open_room.read() as reading:
        lines = waiting(reading, open_room.office, EVERYWHERE)
        assert len(odd.kept(reading)) == 0
    assert [line.band for line in lines] == [Band.HIGH]
    assert look(open_room, lines[0].id).instrument.version == "0.1-draft"
    assert state(open_room, number) is State.USED


def test_the_room_shows_a_letters_own_words(open_room: Room, made: make_room.Founded, second: Insider, records: Records, site, household):
    number = begun(open_room, made.lead)
    say(open_room, made.lead, number, H16="Would this plan make things at home easier?")
    approve(open_room, second, number)
    make_room.letter(records, household, make_room.HARDER, site_id=site, version=number)
    open_room.lock_all()
    make_room.inside(open_room, made.lead)

    with open_room.read() as reading:
        [line] = waiting(reading, open_room.office, EVERYWHERE)
    assert look(open_room, line.id).instrument.item("H16").wording == "Would this plan make things at home easier?"


def test_a_letter_of_a_version_never_approved_here_is_kept_for_the_lead_and_read_by_no_other(
    open_room: Room, made: make_room.Founded, records: Records, site, household
):
    begun(open_room, made.lead)
    unknown = [make_room.letter(records, household, make_room.HARDER, site_id=site, version=version) for version in ("0.2", "9.9", "../x")]
    open_room.lock_all()
    make_room.inside(open_room, made.lead)

    with open_room.read() as reading:
        assert {one.id for one in odd.kept(reading)} == set(unknown)
        assert waiting(reading, open_room.office, EVERYWHERE) == []


def test_whoever_changed_a_version_does_not_approve_it(open_room: Room, made: make_room.Founded, second: Insider):
    number = begun(open_room, made.lead)
    say(open_room, second, number, H05="Will you help to decide?")

    for who in (made.lead, second):
        with pytest.raises(Refused, match="another officer"):
            approve(open_room, who, number)
    assert state(open_room, number) is State.DRAFT


def test_what_the_check_finds_stands_in_the_way(open_room: Room, made: make_room.Founded, second: Insider):
    number = begun(open_room, made.lead)
    say(open_room, made.lead, number, H05="")

    with pytest.raises(Refused, match="put everything right"):
        approve(open_room, second, number)


def test_an_approved_version_is_never_changed_nor_thrown_away_and_the_next_one_begins_from_it(
    open_room: Room, made: make_room.Founded, second: Insider
):
    number = begun(open_room, made.lead)
    package = say(open_room, made.lead, number, H05="Will you help to decide?")
    approve(open_room, second, number)

    with pytest.raises(NotThere):
        save(open_room, made.lead, number, SHIPPED)
    with pytest.raises(NotThere), open_room.work(made.lead.id) as work:
        instruments.discard(work, number, seen=3)
    following = begun(open_room, made.lead, number)
    assert following == "0.3"
    with open_room.read() as reading:
        assert instruments.version(reading, following).package == editing.put_version(package, "0.3")


def test_a_draft_is_not_handed_out_and_is_thrown_away(open_room: Room, made: make_room.Founded):
    number = begun(open_room, made.lead)

    with pytest.raises(Refused, match="approve it first"), open_room.work(made.lead.id) as work:
        instruments.hand_out(work, number, open_room.keys)
    with open_room.work(made.lead.id) as work:
        instruments.discard(work, number, seen=1)
    with open_room.read() as reading:
        assert [one.version for one in instruments.versions(reading)] == ["0.1-draft"]


def test_of_two_changes_to_one_state_the_second_is_told(open_room: Room, made: make_room.Founded):
    number = begun(open_room, made.lead)
    say(open_room, made.lead, number, H05="Will you help to decide?")

    with pytest.raises(SomebodyWasFirst), open_room.work(made.lead.id) as work:
        instruments.save(work, number, editing.put_version(SHIPPED, number), seen=1)


def test_versions_outlive_a_change_of_keys(open_room: Room, made: make_room.Founded, second: Insider):
    number = softer(open_room, made.lead, second)
    with open_room.work(made.lead.id) as work:
        new = rotation.rotate(work, open_room.keys)

    with open_room.records_with(new).read() as reading:
        assert Library(reading).find(number).version == number


def test_nothing_of_a_version_lies_open_in_the_database(open_room: Room, made: make_room.Founded):
    number = begun(open_room, made.lead)
    say(open_room, made.lead, number, H05="Will Marigold help to decide?")

    stored = b"".join(path.read_bytes() for path in open_room.locked.folder.glob("protection.db*"))
    assert b"Marigold" not in stored
    assert b"not_chosen" not in stored


def test_entries_are_added_changed_and_taken_out_on_pages(app: Flask, open_room: Room, made: make_room.Founded):
    number = begun(open_room, made.lead)
    lead = RoomVisitor(app, made.lead)
    home = f"/support/questions/{number}"

    page = lead.send(f"{home}/item/new", {"entry": "[[item"}, status=422)
    assert "You need to" in page
    assert "H30" not in lead.see(home)
    block = '[[item]]\nid = "H30"\npage = "choices"\ndomain = "CTRL"\ntype = "select_one"\nsensitivity = 2\nasked_of = "recipient"\noptions = [{ id = "a", points = 1 }, { id = "b", points = 0 }]\n'
    lead.send(f"{home}/item/new", {"entry": block})
    page = lead.see(f"{home}/points/H30")
    assert "move it to the private page" in page
    lead.send(f"{home}/points/H30", {"page": "private", "p0": "2", "p1": "0"})
    assert "en.toml: translate items.H30.wording" in lead.see(f"{home}/item/H30")
    with open_room.read() as reading:
        assert editing.points(instruments.draft(reading, number).package, "H30") == {"a": 2, "b": 0}
    lead.send(f"{home}/item/H30/remove", {}, page=f"{home}/item/H30")
    assert "Nothing to put right" in lead.see(home)
    lead.send(f"{home}/languages", {"code": "fr"}, page=home)
    assert "fr.toml" in lead.see(home)
    lead.send(f"{home}/languages", {"code": "fr"}, page=home, status=422)
    lead.send(f"{home}/discard", {}, page=home)
    lead.see(home, status=404)


@pytest.mark.parametrize("path", ["9.9", "0.2/words/xx", "0.2/item/H99", "0.2/points/R1", "0.2/thing/H05", "0.1-draft/words/en"])
def test_what_is_not_there_is_not_there(app: Flask, open_room: Room, made: make_room.Founded, path: str):
    begun(open_room, made.lead)

    RoomVisitor(app, made.lead).see(f"/support/questions/{path}", status=404)


def test_only_the_lead_edits_and_officers_read(app: Flask, open_room: Room, made: make_room.Founded, second: Insider):
    number = begun(open_room, made.lead)
    officer = RoomVisitor(app, second)

    assert "Begin the next version" not in officer.see("/support/questions")
    officer.see(f"/support/questions/{number}/words/en", status=404)
    officer.see(f"/support/questions/{number}/approve")
