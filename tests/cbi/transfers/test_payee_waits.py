"""Whoever writes down, by whatever page, that somebody else is paid: it waits for a second person and three days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import pytest

import cbi.transfers.lives  # noqa: F401 -- what is arranged stands above
from cbi.access import Role
from cbi.errors import Refused, SameHands
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
from cbi.transfers.tables import ArrangementKind, ListStatus, Mechanism, PaymentList
from tests import make_people, make_transfers
from tests.cbi.transfers.test_arranged_money import arrange, grown_ups, settle
from tests.make import Visitor

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


OTHERS = {
    "recipient": lambda told: replace(told, recipient=1),
    "name": lambda told: replace(told, members=(replace(told.head, given="Pumpkin"), *told.members[1:])),
    "phone": lambda told: replace(told, phones=("+9995550142",)),
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_correction_by_which_somebody_else_is_paid_waits_for_a_second_person_and_three_days(records: Records, family: Family, what: str):
    put_right(records, family.id, OTHERS[what])

    assert waits(records, family.id)
    with records.read() as reading:
        assert [one.change.household_id for one in undoing.to_confirm(reading)] == [family.id]
    confirm(records, family.id)
    assert waits(records, family.id)
    settle(records)
    assert not waits(records, family.id)


def test_and_one_by_which_the_recipient_is_taken_out_or_renamed(records: Records, family: Family):
    put_right(records, family.id, lambda told: replace(told, recipient=1), by=family.registrar)
    assert not waits(records, family.id)
    put_right(
        records, family.id, lambda told: replace(told, members=(told.head, replace(told.members[1], family="Fern"), *told.members[2:]))
    )
    assert waits(records, family.id)
    confirm(records, family.id)
    settle(records)

    put_right(records, family.id, lambda told: replace(told, recipient=None), without=[family.adults[1]])

    assert waits(records, family.id)


@pytest.mark.parametrize("by_the_registrar", [True, False])
def test_and_one_that_takes_out_or_renames_who_is_paid_by_an_arrangement(records: Records, family: Family, by_the_registrar: bool):
    arrange(records, family.id, {K.RECIPIENT: family.adults[2]})
    who = family.registrar if by_the_registrar else CLERK
    settle(records)
    put_right(records, family.id, lambda told: told, without=[family.adults[1]], by=who)
    assert not waits(records, family.id)

    put_right(records, family.id, lambda told: told, without=[family.adults[2]], by=who)

    assert waits(records, family.id)


def test_a_correction_by_which_nobody_else_is_paid_does_not_wait(records: Records, family: Family):
    put_right(records, family.id, lambda told: replace(told, shelter="K-41", alternate=1, recipient=0))
    put_right(records, family.id, lambda told: replace(told, members=(*told.members[:3], replace(told.members[3], given="Pip"))))

    assert not waits(records, family.id)


def test_whoever_registered_a_household_puts_their_own_words_right_within_a_day_and_later_waits_like_everybody(
    records: Records, family: Family
):
    put_right(records, family.id, OTHERS["name"], by=family.registrar)
    assert not waits(records, family.id)
    settle(records)

    put_right(records, family.id, OTHERS["phone"], by=family.registrar)

    assert waits(records, family.id)


def test_whoever_corrected_a_payee_neither_confirms_it_nor_approves_the_list(records: Records):
    made = make_transfers.setting(records, (2, 2))
    put_right(records, made.households[0], OTHERS["name"], by=made.approver)
    with records.read() as reading:
        [change] = changes_of(reading, made.households[0])
    with pytest.raises(Refused, match="you wrote the change down"), records.work(Actor(made.approver)) as work:
        undoing.confirm_payee(work, change.id)
    confirm(records, made.households[0])
    settle(records)
    list_id = make_transfers.submitted_list(records, made)

    with pytest.raises(SameHands):
        make_transfers.approve(records, list_id, made.approver)


def test_a_list_that_was_approved_goes_back_when_its_payee_is_corrected(records: Records):
    made = make_transfers.setting(records, (2, 2))
    list_id = make_transfers.submitted_list(records, made)

    put_right(records, made.households[0], OTHERS["name"])

    with records.read() as reading:
        assert reading.session.get_one(PaymentList, list_id).status is ListStatus.SENT_BACK


def test_the_households_page_today_and_the_list_to_confirm_show_what_waits(records: Records, visitor: Callable[..., Visitor]):
    household_id = make_people.household(records, people=2)
    page = visitor(Role.MANAGER).see(f"/households/{household_id}")
    assert "Waits for a second person" not in page

    put_right(records, household_id, OTHERS["recipient"])

    manager = visitor(Role.MANAGER)
    assert "Waits for a second person" in manager.see(f"/households/{household_id}")
    assert "Households where somebody else receives" in manager.see("/")
    assert "Corrected" in manager.see("/households/payees")
    assert "Confirm who receives" in manager.see(f"/households/{household_id}/lives")
    confirm(records, household_id)
    after = manager.see(f"/households/{household_id}")
    assert "Waits for a second person" not in after
    assert "Who receives was confirmed by a second person" in after
