from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import select

from cbi.people.duplicates import look_alikes
from cbi.people.tables import SearchToken, Sex
from cbi.people.tokens import near_tokens, tokens_of
from cbi.people.values import Born, NewMember
from cbi.store.migrate import downgrade, upgrade
from cbi.store.records import Records
from tests import make_people
from tests.make_people import member, new


def met(records: Records, registered: NewMember, asked: NewMember) -> bool:
    """Whether somebody registered at one site is found by what is asked, whatever the site."""
    with records.read() as reading:
        return bool(set(tokens_of(reading, UUID(int=1), registered)) & set(near_tokens(reading, asked)))


def test_two_sounds_meet_in_any_order_and_script_two_years_apart(records: Records):
    assert met(records, member("Zahra", "Khayaliya", 1986), member("الخيالية", "زهرة", 1988))


def test_births_three_years_apart_do_not_meet(records: Records):
    assert not met(records, member(year=1987), member(year=1990))


def test_a_woman_and_a_man_of_one_name_do_not_meet(records: Records):
    assert not met(records, member(), member(sex=Sex.MALE))


def test_one_shared_sound_of_two_does_not_meet(records: Records):
    assert not met(records, member("Juniper", "Moonbeam"), member("Juniper", "Lanternlight"))


def test_what_is_looked_for_does_not_grow_with_the_sites(records: Records):
    with records.read() as reading:
        few = near_tokens(reading, member())
    for number in range(20):
        make_people.site(records, f"S{number}", f"Site {number}")

    with records.read() as reading:
        assert near_tokens(reading, member()) == few
    assert len(few) == 5


def test_spelled_parts_of_a_name_are_another_token_at_another_site(records: Records):
    one = NewMember(given="X", sex=Sex.FEMALE, born=Born("1987", 1987), relation=member().relation)

    with records.read() as reading:
        here, there = (set(tokens_of(reading, UUID(int=site), one)) for site in (1, 2))

    assert len(here & there) == 1  # how it sounds with sex and year, by which the desk finds people everywhere


def kept(records: Records) -> set[tuple[UUID, bytes]]:
    with records.read() as reading:
        return {(row.member_id, row.token) for row in reading.session.exec(select(SearchToken))}


def test_people_of_an_older_version_are_found_after_the_upgrade_and_its_tokens_come_back(records: Records):
    registered = make_people.household(records, make_people.site(records, "OM", "Old Mill"), people=3)
    told = new(make_people.site(records), member())
    now = kept(records)
    downgrade(records.engine, "office", "0017", keyring=records.keyring)
    before = kept_rows(records)
    upgrade(records.engine, "office", keyring=records.keyring)

    with records.read() as reading:
        assert [one.registered.id for one in look_alikes(reading, told)] == [registered]
    assert kept(records) == now
    downgrade(records.engine, "office", "0017", keyring=records.keyring)
    assert kept_rows(records) == before != {(member_id.hex, token) for member_id, token in now}
    upgrade(records.engine, "office", keyring=records.keyring)


def kept_rows(records: Records) -> set[tuple[str, bytes]]:
    """The same of a database that this program's models do not fit."""
    with records.engine.connect() as connection:
        return {(row[0], row[1]) for row in connection.execute(sa.text("SELECT member_id, token FROM searchtoken"))}
