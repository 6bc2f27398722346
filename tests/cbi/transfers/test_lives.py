from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

import cbi.payouts.lives  # the ledger stands above too
from cbi.clock import Clock
from cbi.errors import Refused, SameHands
from cbi.people import erasure, lives_homes, lives_people, undoing
from cbi.people.correction import change_account, withdraw_consent
from cbi.people.history import changes_of
from cbi.people.lives_homes import Split
from cbi.people.lives_people import NewHead
from cbi.people.registered import open_household
from cbi.people.tables import AccountKind, Consent, Household, Relation
from cbi.people.tables_lives import ChangeKind
from cbi.people.values import NewAccount
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import approvals, cycles, lists
from cbi.transfers.arrangements import propose_arrangement
from cbi.transfers.lives import keep_grant_until
from cbi.transfers.tables import (
    Approval,
    Arrangement,
    ArrangementKind,
    ArrangementRequest,
    Entitlement,
    Instruction,
    LeftOut,
    LeftOutReason,
    ListStatus,
    PaymentList,
)
from tests import make_payouts, make_people, make_transfers
from tests.make_payouts import row

CLERK, SECOND = UUID(int=71), UUID(int=72)


def split(records: Records, household_id: UUID, by: UUID = CLERK) -> UUID:
    """The second member lives alone from now on."""
    with records.work(Actor(by)) as work:
        before = open_household(work, household_id)
        goes = before.member_ids[1]
        consent = {"consent": Consent.AGREES, "consent_version": 1, "consent_language": "en"}
        new = Split(leaving=[goes], head_id=goes, recipient_id=goes, **consent)
        return lives_homes.split(work, household_id, new, seen_version=before.version)


def join(records: Records, household_id: UUID, other_id: UUID) -> None:
    with records.work(Actor(CLERK)) as work:
        coming = open_household(work, other_id)
        version = open_household(work, household_id).version
        lives_homes.join(work, household_id, other_id, dict.fromkeys(coming.member_ids, Relation.OTHER_FAMILY), seen_version=version)


def other_head(records: Records, household_id: UUID, by: UUID = CLERK) -> UUID:
    """The head died, the second member leads and receives; returns the change."""
    with records.work(Actor(by)) as work:
        before = open_household(work, household_id)
        second, *others = before.member_ids[1:]
        new = NewHead(head_id=second, why="died", recipient_id=second, relations=dict.fromkeys(others, Relation.SIBLING))
        return lives_people.new_head(work, household_id, new, seen_version=before.version).id


def later(records: Records, **more: int) -> None:
    records.clock = Clock(records.clock.now() + timedelta(**more))


def state(records: Records, list_id: UUID) -> tuple[ListStatus, int]:
    with records.read() as reading:
        approved = reading.session.exec(select(sa.func.count()).select_from(Approval).where(col(Approval.list_id) == list_id)).one()
        return reading.session.get_one(PaymentList, list_id).status, approved


def test_who_split_off_is_due_nothing_more_in_a_cycle_they_were_counted_in(records: Records):
    made = make_transfers.setting(records, (3, 2))
    cycle = make_transfers.frozen_cycle(records, made)

    new = split(records, made.households[0])
    with records.work(Actor(CLERK)) as work:
        change_account(work, new, NewAccount(AccountKind.MOBILE_MONEY, "+254712999999"))

    with pytest.raises(Refused, match="nobody else can be counted"), records.work(Actor(made.manager)) as work:
        cycles.add_late(work, cycle)
    late = make_transfers.household(records, made.site_id, 1, 9)
    with records.work(Actor(made.manager)) as work:
        assert cycles.add_late(work, cycle) == 1
    with records.read() as reading:
        due = set(reading.session.exec(select(Entitlement.household_id)))
        assert due == {*made.households, late}
        assert reading.session.exec(select(LeftOut.reason).where(LeftOut.household_id == new)).one() is LeftOutReason.COUNTED


def test_in_the_next_cycle_both_are_counted_for_themselves(records: Records):
    made = make_transfers.setting(records, (3,))
    make_transfers.frozen_cycle(records, made)
    new = split(records, made.households[0])
    with records.work(Actor(CLERK)) as work:
        change_account(work, new, NewAccount(AccountKind.MOBILE_MONEY, "+254712999999"))

    cycle = make_transfers.frozen_cycle(records, made)

    with records.read() as reading:
        counted = dict(
            reading.session.exec(select(Entitlement.household_id, Entitlement.members).where(Entitlement.cycle_id == cycle)).all()
        )
    assert counted == {made.households[0]: 2, new: 1}


def test_a_list_that_was_approved_goes_back_when_somebody_else_is_paid(records: Records):
    made = make_transfers.setting(records, (3, 2))
    list_id = make_transfers.submitted_list(records, made)
    make_transfers.approve(records, list_id, made.approver)

    with records.work(Actor(CLERK)) as work:
        change_account(work, made.households[0], NewAccount(AccountKind.MOBILE_MONEY, "+254712999999"))

    assert state(records, list_id) == (ListStatus.SENT_BACK, 0)
    with records.read() as reading:
        one = reading.session.get_one(PaymentList, list_id)
        assert "Make the lines again" in reading.open(one, "sent_back_reason")
    assert records.verify_chain().broken_at is None


def test_a_child_born_changes_nothing_of_a_list_that_waits(records: Records):
    made = make_transfers.setting(records, (3, 2))
    list_id = make_transfers.submitted_list(records, made)
    make_transfers.approve(records, list_id, made.approver)

    with records.work(Actor(CLERK)) as work:
        child = make_people.member("Pip", year=2026, relation=Relation.CHILD)
        lives_people.born(work, made.households[0], child, seen_version=1)

    assert state(records, list_id) == (ListStatus.APPROVED, 1)


def test_lists_that_wait_follow_a_household_that_moves_and_released_ones_stay(records: Records):
    made = make_transfers.setting(records, (3, 2))
    released = make_transfers.released_list(records, made)
    waiting = make_transfers.submitted_list(records, made)
    with records.read() as reading:
        before = reading.session.exec(select(Instruction.site_id).where(Instruction.list_id == released)).all()

    with records.work(Actor(CLERK)) as work:
        lives_homes.move(work, made.households[0], make_people.site(records, "OM", "Old Mill"), "", seen_version=1)

    assert state(records, waiting)[0] is ListStatus.SENT_BACK
    assert state(records, released)[0] is ListStatus.RELEASED
    with records.read() as reading:
        assert reading.session.exec(select(Instruction.site_id).where(Instruction.list_id == released)).all() == before


def test_a_new_recipient_is_paid_after_a_second_person_said_so_and_three_days(records: Records):
    made = make_transfers.setting(records, (3, 2))
    change = other_head(records, made.households[0])
    cycle = make_transfers.frozen_cycle(records, made)

    def on_the_list() -> int:
        list_id = make_transfers.draft_list(records, made, cycle)
        with records.read() as reading:
            return len(reading.session.exec(select(Instruction.id).where(Instruction.list_id == list_id)).all())

    assert on_the_list() == 1
    with records.work(Actor(SECOND)) as work:
        undoing.confirm_payee(work, change)
    with pytest.raises(Refused):
        on_the_list()
    later(records, hours=73)
    assert on_the_list() == 1


def test_who_wrote_down_a_new_recipient_does_not_approve_the_list(records: Records):
    made = make_transfers.setting(records, (3, 2))
    change = other_head(records, made.households[0], by=made.approver)
    with records.work(Actor(SECOND)) as work:
        undoing.confirm_payee(work, change)
    later(records, hours=73)
    list_id = make_transfers.submitted_list(records, made)

    with pytest.raises(SameHands):
        make_transfers.approve(records, list_id, made.approver)
    with records.read() as reading:
        assert approvals.seat_of(reading, lists.list_by_id(reading, list_id), made.second_approver) is None


def test_a_household_that_is_still_due_something_does_not_close_into_another(records: Records):
    made = make_transfers.setting(records, (2, 2))
    make_transfers.frozen_cycle(records, made)

    with pytest.raises(Refused, match="put on a list first"):
        join(records, *made.households)


def test_nor_while_its_transfer_is_under_way(records: Records):
    made = make_transfers.setting(records, (2, 2))
    make_transfers.released_list(records, made)

    with pytest.raises(Refused, match="is settled"):
        join(records, *made.households)


def test_once_everything_is_paid_two_families_join_and_the_ledger_does_not_notice(records: Records):
    given = make_payouts.released(records, (2, 2))
    with records.read() as reading:
        from cbi.transfers.service import instructions_of

        asked = instructions_of(reading, given.list_id)
    make_payouts.posted(records, given, [row(one, place) for place, one in enumerate(asked, start=1)])

    join(records, *given.made.households)

    with records.read() as reading:
        assert reading.session.get_one(Household, given.made.households[0]).size == 4
        assert reading.session.exec(select(sa.func.count()).select_from(Entitlement)).one() == 2


def test_a_household_counted_in_an_open_cycle_is_not_closed_into_one_that_was_not(records: Records):
    made = make_transfers.setting(records, (2,))
    make_transfers.frozen_cycle(records, made)
    new = split(records, made.households[0])
    late = make_people.household(records, made.site_id, given="Pumpkin")

    with pytest.raises(Refused, match="join this one instead"):
        join(records, late, new)


def test_while_the_transfer_is_under_way_who_is_paid_by_it_does_not_split_off(records: Records):
    made = make_transfers.setting(records, (3,))
    with records.work(Actor(CLERK)) as work:
        who = open_household(work, made.households[0])
        work.session.get_one(Household, who.id).recipient_id = who.member_ids[1]
        from cbi.people.facts import HouseholdCorrected

        work.remember(HouseholdCorrected(household_id=who.id, fields=("recipient",)))
    make_transfers.released_list(records, made)

    with pytest.raises(Refused, match="paid to one of those who would go"):
        split(records, made.households[0])


def test_a_change_is_not_taken_back_once_a_list_was_released_with_it(records: Records):
    made = make_transfers.setting(records, (3, 2))
    change = other_head(records, made.households[0])
    with records.work(Actor(SECOND)) as work:
        undoing.confirm_payee(work, change)
    later(records, hours=73)
    make_transfers.released_list(records, made)

    with pytest.raises(Refused, match="was released since"), records.work(Actor(CLERK)) as work:
        undoing.undo(work, change)


def test_a_split_is_not_taken_back_once_the_new_household_is_due_something(records: Records):
    made = make_transfers.setting(records, (3,))
    new = split(records, made.households[0])
    with records.work(Actor(CLERK)) as work:
        change_account(work, new, NewAccount(AccountKind.MOBILE_MONEY, "+254712999999"))
    make_transfers.frozen_cycle(records, made)

    with pytest.raises(Refused), records.work(Actor(CLERK)) as work:
        undoing.undo(work, changes_of(work, made.households[0])[0].id)


def test_a_split_that_was_left_out_of_a_cycle_can_still_be_taken_back(records: Records):
    made = make_transfers.setting(records, (3,))
    cycle = make_transfers.frozen_cycle(records, made)
    split(records, made.households[0])
    make_transfers.household(records, made.site_id, 1, 9)
    with records.work(Actor(made.manager)) as work:
        cycles.add_late(work, cycle)

    with records.work(Actor(CLERK)) as work:
        undoing.undo(work, changes_of(work, made.households[0])[0].id)

    with records.read() as reading:
        assert open_household(reading, made.households[0]).told.members[1].given == "Tumble 1"
    assert records.verify_chain().broken_at is None


def test_consent_taken_back_stops_a_list_that_waits(records: Records):
    made = make_transfers.setting(records, (3, 2))
    list_id = make_transfers.submitted_list(records, made)

    with records.work(Actor(CLERK)) as work:
        withdraw_consent(work, made.households[0])

    assert state(records, list_id)[0] is ListStatus.SENT_BACK


def test_erasing_empties_what_could_confirm_a_guess_and_the_released_list_keeps_its_hashes(records: Records):
    made = make_transfers.setting(records, (2, 2))
    list_id = make_transfers.released_list(records, made)
    with records.read() as reading:
        before = reading.session.get_one(PaymentList, list_id)
        hashes = (before.hash, before.export_digest)

    with records.work(Actor()) as work:
        erasure.erase(work, made.households[0])

    with records.read() as reading:
        after = reading.session.get_one(PaymentList, list_id)
        digests = dict(reading.session.exec(select(Instruction.household_id, Instruction.payee_digest)).all())
        assert (after.hash, after.export_digest) == hashes
        assert reading.session.exec(select(Arrangement.id).where(col(Arrangement.digest).is_not(None))).all() == []
    assert digests[made.households[0]] == b""
    assert len(digests[made.households[1]]) == 20


def test_the_database_lets_digests_of_a_released_list_be_emptied_for_the_erased_alone(records: Records):
    made = make_transfers.setting(records, (2, 2))
    make_transfers.released_list(records, made)
    with records.work(Actor()) as work:
        erasure.erase(work, made.households[0])

    for household_id, value in ((made.households[1], b""), (made.households[0], b"other")):
        change = sa.update(Instruction).where(col(Instruction.household_id) == household_id).values(payee_digest=value)
        with pytest.raises(sa.exc.IntegrityError, match="never changes"), records.engine.begin() as connection:
            connection.execute(change)


def test_records_of_a_grant_are_kept_as_long_as_was_said_and_never_shorter(records: Records):
    made = make_transfers.setting(records, (2,))
    with records.work(Actor(made.manager)) as work:
        keep_grant_until(work, made.grant_id, date(2031, 12, 31))

    with pytest.raises(Refused, match="not before"), records.work(Actor(made.manager)) as work:
        keep_grant_until(work, made.grant_id, date(2030, 12, 31))


def test_the_ledger_and_the_lists_tell_their_part_of_a_households_story(records: Records):
    from cbi.people.above import stands_above

    given = make_payouts.released(records, (2, 2))
    with records.read() as reading:
        from cbi.transfers.service import instructions_of

        asked = instructions_of(reading, given.list_id)
    make_payouts.posted(records, given, [row(asked[0], 1)])

    with records.read() as reading:
        told = [
            sorted((one.at, one.words) for floor in stands_above for one in floor.story(reading, household_id))
            for household_id in given.made.households
        ]
    paid = [[words for _at, words in lines if "was paid" in words] for lines in told]
    assert sorted(map(len, paid)) == [0, 1]
    assert all(any("sent to the provider" in words for _at, words in lines) for lines in told)
    assert all((isinstance(at, datetime) and at.tzinfo is UTC) or at.tzinfo for lines in told for at, _words in lines)
    assert cbi.payouts.lives.Payouts().story


def test_a_wish_for_a_household_that_joined_another_holds_for_the_one_its_people_belong_to(records: Records):
    mine, other = make_people.household(records), make_people.household(records, given="Pumpkin")
    join(records, mine, other)

    with records.work(Actor(CLERK)) as work:
        propose_arrangement(work, household_id=other, changes={ArrangementKind.PARTS: 2}, agreed=True, client_key=None)

    with records.read() as reading:
        assert reading.session.exec(select(ArrangementRequest.household_id)).one() == mine


def test_a_household_that_was_closed_keeps_its_money_history(records: Records):
    made = make_transfers.setting(records, (2, 2))
    with records.work(Actor(CLERK)) as work:
        lives_people.went(work, made.households[0], open_household(work, made.households[0]).member_ids[1], ChangeKind.LEFT, seen_version=1)
    cycle = make_transfers.frozen_cycle(records, made)

    with records.read() as reading:
        counted = dict(
            reading.session.exec(select(Entitlement.household_id, Entitlement.members).where(Entitlement.cycle_id == cycle)).all()
        )
    assert counted == {made.households[0]: 1, made.households[1]: 2}
