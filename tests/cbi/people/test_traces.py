from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

import cbi.payouts.lives  # noqa: F401 -- money has a say
from cbi.clock import Clock
from cbi.people import erasure, kept_rows, lives_homes, lives_papers, undoing
from cbi.people.correction import correct, withdraw_consent
from cbi.people.facts_lives import ErasureDone
from cbi.people.history import changes_of
from cbi.people.lives_homes import Split
from cbi.people.proof import prove
from cbi.people.registered import open_household
from cbi.people.tables import Consent, Household, Relation
from cbi.people.tables_lives import HouseholdChange
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make_people

CLERK = UUID(int=71)


def an_hour_later(records: Records) -> None:
    records.clock = Clock(records.clock.now() + timedelta(hours=1))


def new_card(records: Records, household_id: UUID) -> None:
    an_hour_later(records)
    with records.work(Actor(CLERK)) as work:
        lives_papers.replace_card(work, household_id, seen_version=version(records, household_id))


def split(records: Records, household_id: UUID, *places: int) -> UUID:
    """Those at these places live on their own from now on."""
    an_hour_later(records)
    with records.work(Actor(CLERK)) as work:
        ids = open_household(work, household_id).member_ids
        who = [ids[place] for place in places]
        others = dict.fromkeys(who[1:], Relation.SIBLING)
        new = Split(
            leaving=who,
            head_id=who[0],
            recipient_id=who[0],
            relations=others,
            consent=Consent.AGREES,
            consent_version=1,
            consent_language="en",
        )
        return lives_homes.split(work, household_id, new, seen_version=open_household(work, household_id).version)


def join(records: Records, household_id: UUID, other_id: UUID) -> UUID:
    an_hour_later(records)
    with records.work(Actor(CLERK)) as work:
        coming = dict.fromkeys(open_household(work, other_id).member_ids, Relation.SIBLING)
        return lives_homes.join(work, household_id, other_id, coming, seen_version=open_household(work, household_id).version).id


def renamed(records: Records, household_id: UUID, place: int, given: str) -> None:
    an_hour_later(records)
    with records.work(Actor(CLERK)) as work:
        kept = open_household(work, household_id)
        members = list(kept.told.members)
        fields = {name: getattr(members[place], name) for name in type(members[place]).__dataclass_fields__}
        members[place] = type(members[place])(**{**fields, "given": given})
        told = {name: getattr(kept.told, name) for name in type(kept.told).__dataclass_fields__}
        correct(work, household_id, type(kept.told)(**{**told, "members": tuple(members)}), kept.member_ids, seen_version=kept.version)


def version(records: Records, household_id: UUID) -> int:
    with records.read() as reading:
        return reading.session.get_one(Household, household_id).version


def readable(records: Records, *household_ids: UUID) -> str:
    """Everything that opens of what these households kept of their changes."""
    with records.read() as reading:
        rows = [change for one in household_ids if not reading.was_erased(one) for change in changes_of(reading, one)]
        mine = [change for change in rows if change.household_id in household_ids]
        return " ".join(reading.open(one, name) for one in mine for name in ("before", "told"))


def taken(records: Records, household_id: UUID, how: str) -> None:
    with records.work(Actor(CLERK)) as work:
        {"erased": erasure.erase, "hidden": erasure.restrict, "withdrawn": withdraw_consent}[how](work, household_id)


@pytest.mark.parametrize("how", ["erased", "hidden", "withdrawn"])
def test_nothing_the_household_they_left_kept_shows_who_split_off(records: Records, how: str):
    household = make_people.household(records, people=3, phones=("+9995550142",))
    new_card(records, household)
    renamed(records, household, 1, "Marigold")
    left = split(records, household, 1)
    assert "Marigold" in readable(records, household)

    taken(records, left, how)

    assert readable(records, household).strip() == ""
    assert how != "erased" or prove(records, [left]).holds


@pytest.mark.parametrize("how", ["erased", "hidden", "withdrawn"])
def test_nor_does_a_household_they_came_from_by_way_of_another(records: Records, how: str):
    first = make_people.household(records, people=4)
    new_card(records, first)
    second = split(records, first, 1, 2)
    new_card(records, second)
    third = split(records, second, 1)
    assert "Tumble 2" in readable(records, first, second)

    taken(records, third, how)

    assert "Tumble 2" not in readable(records, first, second)


def test_nor_one_they_lived_with_before_it_joined_theirs(records: Records):
    closing, staying = make_people.household(records, given="Pumpkin", people=2), make_people.household(records)
    new_card(records, closing)
    join(records, staying, closing)
    with records.read() as reading:
        place = [one.given for one in open_household(reading, staying).told.members].index("Pumpkin")
    left = split(records, staying, place)

    taken(records, left, "erased")

    assert "Pumpkin" not in readable(records, closing, staying)
    assert prove(records, [left]).holds


def test_nor_one_they_had_joined_until_that_was_taken_back(records: Records):
    staying, joined = make_people.household(records, people=2), make_people.household(records, given="Pumpkin")
    new_card(records, staying)
    joining = join(records, staying, joined)
    new_card(records, staying)
    for _again in range(2):
        an_hour_later(records)
        with records.work(Actor(CLERK)) as work:
            newest = next(one for one in changes_of(work, staying) if one.undone_at is None)
            undoing.undo(work, newest.id)
    with records.read() as reading:
        assert reading.session.get_one(HouseholdChange, joining).undone_at is not None
    assert "Pumpkin" in readable(records, staying)

    taken(records, joined, "erased")

    assert "Pumpkin" not in readable(records, staying)
    assert "Tumble 1" in readable(records, staying), "what it kept before they came stays"
    assert prove(records, [joined]).holds


def test_what_was_kept_after_they_left_stays(records: Records):
    household = make_people.household(records, people=2)
    left = split(records, household, 1)
    new_card(records, household)

    taken(records, left, "erased")

    assert "Juniper" in readable(records, household)


def test_the_proof_fails_while_what_another_household_kept_opens(records: Records):
    household = make_people.household(records, people=2)
    left = split(records, household, 1)
    taken(records, left, "erased")
    assert prove(records, [left]).holds

    with records.work(Actor(CLERK)) as work:
        change = next(one for one in changes_of(work, household) if one.other_id == left)
        work.seal(change, "before", kept_rows.as_text([]))
        work.session.add(change)
        work.remember(ErasureDone(household_id=household))

    proof = prove(records, [left])
    assert proof.opened == 1
    assert not proof.holds
