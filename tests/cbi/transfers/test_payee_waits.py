"""Whoever writes down, by whatever page, that somebody else is paid: it waits for a second person and three days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import pytest

import cbi.transfers.lives  # what is arranged stands above
from cbi.people import lives_homes, lives_people, undoing
from cbi.people.correction import correct
from cbi.people.history import changes_of
from cbi.people.lives_homes import Split
from cbi.people.lives_people import NewHead
from cbi.people.registered import open_household
from cbi.people.tables import Consent, Relation
from cbi.people.tables_lives import ChangeKind
from cbi.people.values import NewHousehold
from cbi.store.records import Records
from cbi.store.work import Actor, Work
from cbi.transfers import settling
from cbi.transfers.tables import ArrangementKind, Mechanism
from tests import make_people, make_transfers
from tests.cbi.transfers.test_arranged_money import arrange, grown_ups, settle

K = ArrangementKind
CLERK, SECOND = UUID(int=71), UUID(int=72)


@dataclass(frozen=True)
class Family:
    """Three adults and a child; the head is paid."""

    id: UUID
    adults: tuple[UUID, ...]
    registrar: UUID


@pytest.fixture
def family(records: Records) -> Family:
    made = make_transfers.setting(records, sizes=(2,), mechanism=Mechanism.CASH_AGENT)
    return Family(*grown_ups(records, made), made.registrar)


def waits(records: Records, household_id: UUID) -> bool:
    with records.read() as reading:
        return household_id in settling.unsettled_payees(reading, [household_id])


def live(records: Records, household_id: UUID, act: Callable[[Work, int], object]) -> None:
    with records.work(Actor(CLERK)) as work:
        act(work, open_household(work, household_id).version)


def confirm(records: Records, household_id: UUID) -> None:
    with records.work(Actor(SECOND)) as work:
        undoing.confirm_payee(work, changes_of(work, household_id)[0].id)


def leaves(records: Records, family: Family, member_id: UUID) -> None:
    live(records, family.id, lambda work, version: lives_people.went(work, family.id, member_id, ChangeKind.LEFT, seen_version=version))


def put_right(
    records: Records, household_id: UUID, change: Callable[[NewHousehold], NewHousehold], without: Sequence[UUID] = (), by: UUID = CLERK
) -> None:
    """Correct a household on the ordinary page; `without` are taken out."""
    with records.work(Actor(by)) as work:
        before = open_household(work, household_id)
        stay = [place for place, one in enumerate(before.member_ids) if one not in without]
        told = replace(change(before.told), members=tuple(change(before.told).members[place] for place in stay))
        correct(work, household_id, told, [before.member_ids[place] for place in stay], seen_version=before.version)


@pytest.mark.parametrize("asked", [lambda family: {K.RECIPIENT: family.adults[1]}, lambda family: {K.SHARES: family.adults[:2]}])
def test_when_who_is_paid_by_an_arrangement_leaves_it_waits(records: Records, family: Family, asked: Callable[[Family], dict]):
    arrange(records, family.id, asked(family))
    settle(records)
    leaves(records, family, family.adults[2])
    assert not waits(records, family.id)

    leaves(records, family, family.adults[1])

    assert waits(records, family.id)


def test_and_when_they_are_back(records: Records, family: Family):
    arrange(records, family.id, {K.RECIPIENT: family.adults[1]})
    leaves(records, family, family.adults[1])
    confirm(records, family.id)
    settle(records)
    assert not waits(records, family.id)

    def back(work: Work, version: int) -> None:
        [gone] = lives_people.gone_from(work, family.id)
        lives_people.returned(work, family.id, gone.change_id, Relation.SPOUSE, seen_version=version)

    live(records, family.id, back)

    assert waits(records, family.id)


def test_and_when_they_split_off_and_come_back_with_their_household(records: Records, family: Family):
    arrange(records, family.id, {K.RECIPIENT: family.adults[1]})
    settle(records)
    new = Split(
        leaving=[family.adults[1]],
        head_id=family.adults[1],
        recipient_id=family.adults[1],
        consent=Consent.AGREES,
        consent_version=1,
        consent_language="en",
    )
    made: list[UUID] = []
    live(records, family.id, lambda work, version: made.append(lives_homes.split(work, family.id, new, seen_version=version)))
    assert waits(records, family.id)
    confirm(records, family.id)
    settle(records)
    assert not waits(records, family.id)

    relations = {family.adults[1]: Relation.SPOUSE}
    live(records, family.id, lambda work, version: lives_homes.join(work, family.id, made[0], relations, seen_version=version))

    assert waits(records, family.id)


def test_and_when_the_head_dies_who_shared_though_the_recipient_stays(records: Records, family: Family):
    put_right(records, family.id, lambda told: replace(told, recipient=1), by=family.registrar)
    arrange(records, family.id, {K.SHARES: (family.adults[0], family.adults[2])})
    settle(records)
    everybody: list[UUID] = []
    live(records, family.id, lambda work, _version: everybody.extend(open_household(work, family.id).member_ids))
    relations = {one: Relation.SIBLING for one in everybody if one not in family.adults[:2]}
    new = NewHead(head_id=family.adults[1], why="died", recipient_id=family.adults[1], relations=relations)

    live(records, family.id, lambda work, version: lives_people.new_head(work, family.id, new, seen_version=version))

    assert waits(records, family.id)
