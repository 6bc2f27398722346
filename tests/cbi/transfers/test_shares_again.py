"""A share that did not arrive is asked for again for the adult whose it was, and for nobody else; where nobody can say whose it is, it waits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from sqlmodel import col, select

from cbi.errors import Refused
from cbi.people import correction, undoing
from cbi.people.history import changes_of
from cbi.people.registered import open_household
from cbi.people.tables import Household
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import drawing, lists, service
from cbi.transfers.payees import Wait
from cbi.transfers.tables import ArrangementKind, Cycle, Entitlement, Instruction, Mechanism
from tests import make_transfers
from tests.cbi.transfers.test_arranged_money import arrange, draft, entitled, grown_ups, lines_of, settle

K = ArrangementKind
HEAD, BASIL, POPPY = 0, 1, 2
NAMES = ("Juniper Moonbeam", "Basil Moonbeam", "Poppy Moonbeam")


@dataclass(frozen=True)
class Home:
    """A household of three adults whose transfer is on a released list."""

    made: make_transfers.Setting
    id: UUID
    adults: tuple[UUID, ...]
    cycle_id: UUID

    def share(self, *places: int) -> dict[ArrangementKind, object]:
        return {K.SHARES: tuple(self.adults[place] for place in places)}


@pytest.fixture
def home(records: Records) -> Home:
    made = make_transfers.setting(records, sizes=(2,), mechanism=Mechanism.CASH_AGENT)
    household, adults = grown_ups(records, made)
    return Home(made, household, adults, make_transfers.frozen_cycle(records, made))


def released(records: Records, home: Home, *places: int) -> dict[str, Instruction]:
    """The household's lines on a released list, by who is paid; shared by these adults where any are named."""
    if places:
        arrange(records, home.id, home.share(*places))
        settle(records)
    make_transfers.released_list(records, home.made, home.cycle_id)
    with records.read() as reading:
        rows = reading.session.exec(select(Instruction).where(col(Instruction.household_id) == home.id)).all()
        return {reading.open(row, "payee_name"): row for row in rows}


def again(records: Records, home: Home, *lines: Instruction, arrived: int = 0) -> tuple[UUID, Counter[Wait]]:
    with records.work(Actor(home.made.manager)) as work:
        return service.reissue(work, home.made.provider_id, {line.id: arrived for line in lines})


def failed(records: Records, home: Home, *lines: Instruction) -> None:
    with records.work(Actor(home.made.manager)) as work:
        service.retire_instructions(work, [line.id for line in lines])


def take_out(records: Records, home: Home, place: int) -> None:
    """Somebody is no member of the household any more; a second person confirmed it, and three days are over."""
    with records.work(Actor(home.made.registrar)) as work:
        before = open_household(work, home.id)
        kept = [at for at, member in enumerate(before.member_ids) if member != home.adults[place]]
        told = replace(before.told, members=tuple(before.told.members[at] for at in kept))
        version = work.session.get_one(Household, home.id).version
        correction.correct(work, home.id, told, [before.member_ids[at] for at in kept], seen_version=version)
    with records.work(Actor(home.made.manager)) as work:
        undoing.confirm_payee(work, changes_of(work, home.id)[0].id)
    settle(records)


def waits(records: Records, home: Home) -> Counter[Wait]:
    with records.read() as reading:
        return drawing.waiting(reading, reading.session.get_one(Cycle, home.cycle_id), home.made.provider_id)


def paid(records: Records, home: Home) -> dict[str, int]:
    return {name: minor for _part, name, minor in lines_of(records, home.id, home.cycle_id)}


def test_a_whole_transfer_that_failed_is_not_given_to_one_of_those_who_share_it_now(records: Records, home: Home):
    [line] = released(records, home).values()
    failed(records, home, line)
    arrange(records, home.id, home.share(HEAD, BASIL))
    settle(records)

    with pytest.raises(Refused, match="separate transfers of these households changed"):
        again(records, home, line)
    draft(records, home.made, home.cycle_id)

    due = entitled(records, home.id, home.cycle_id)
    assert paid(records, home) == {NAMES[HEAD]: due // 2, NAMES[BASIL]: due // 2}


def test_the_others_are_asked_for_again_and_the_household_left_off_keeps_its_promise(records: Records, home: Home):
    [line] = released(records, home).values()
    with records.read() as reading:
        other = reading.session.exec(select(Instruction).where(col(Instruction.household_id) == home.made.households[0])).one()
    arrange(records, home.id, home.share(HEAD, BASIL))
    settle(records)

    list_id, waiting = again(records, home, line, other)

    assert +waiting == {Wait.SHARES: 1}
    with records.read() as reading:
        assert [row.replaces_id for row in reading.session.exec(select(Instruction).where(col(Instruction.list_id) == list_id))] == [
            other.id
        ]
    assert paid(records, home) == {NAMES[HEAD]: line.amount_minor}


@pytest.mark.parametrize("gone", [BASIL, POPPY])
@pytest.mark.parametrize("change", ["taken out", "arranged anew"])
def test_a_failed_share_is_asked_for_again_for_the_same_adult_whoever_else_shares_now(records: Records, home: Home, gone: int, change: str):
    same = BASIL + POPPY - gone
    before = released(records, home, HEAD, BASIL, POPPY)
    failed(records, home, before[NAMES[same]])
    if change == "taken out":
        take_out(records, home, gone)
    else:
        arrange(records, home.id, home.share(HEAD, same))
        settle(records)

    list_id, waiting = again(records, home, before[NAMES[same]])

    assert not +waiting
    assert paid(records, home) == {name: line.amount_minor for name, line in before.items()}
    with records.work(Actor(home.made.manager)) as work:
        assert lists.redraw(work, list_id).count == 1
        assert lists.submit(work, list_id).count == 1
    assert paid(records, home) == {name: line.amount_minor for name, line in before.items()}


@pytest.mark.parametrize("gone", [BASIL, POPPY])
def test_the_share_of_somebody_who_is_gone_waits_until_a_recipient_is_named(records: Records, home: Home, gone: int):
    before = released(records, home, HEAD, BASIL, POPPY)
    line, same = before[NAMES[gone]], BASIL + POPPY - gone
    failed(records, home, line)
    take_out(records, home, gone)

    with pytest.raises(Refused, match="arrange who is paid"):
        again(records, home, line)
    assert waits(records, home) == {Wait.SHARES: 1}
    arrange(records, home.id, {K.SHARES: None})
    settle(records)
    assert waits(records, home) == {Wait.SHARES: 1}
    arrange(records, home.id, {K.RECIPIENT: home.adults[same]})
    settle(records)

    again(records, home, line)

    with records.read() as reading:
        new = reading.session.exec(select(Instruction).where(col(Instruction.replaces_id) == line.id)).one()
        assert (reading.open(new, "payee_name"), new.amount_minor) == (NAMES[same], line.amount_minor)
    assert not waits(records, home)


@pytest.mark.parametrize("shares", [(BASIL, POPPY), (HEAD, BASIL)])
def test_a_new_list_does_not_guess_who_is_owed_a_share_among_others(records: Records, home: Home, shares: tuple[int, ...]):
    before = released(records, home, HEAD, BASIL, POPPY)
    failed(records, home, before[NAMES[BASIL]])
    arrange(records, home.id, home.share(*shares))
    settle(records)

    assert waits(records, home) == {Wait.SHARES: 1}
    with pytest.raises(Refused, match="wait for somebody to pay"):
        draft(records, home.made, home.cycle_id)
    arrange(records, home.id, home.share(HEAD, BASIL, POPPY))
    settle(records)
    draft(records, home.made, home.cycle_id)

    assert paid(records, home) == {name: line.amount_minor for name, line in before.items()}


def test_of_a_share_that_arrived_in_part_the_rest_is_asked_for_again_for_the_same_adult(records: Records, home: Home):
    before = released(records, home, HEAD, BASIL)
    line = before[NAMES[BASIL]]

    list_id, _waiting = again(records, home, line, arrived=100)

    assert paid(records, home) == {NAMES[HEAD]: before[NAMES[HEAD]].amount_minor, NAMES[BASIL]: line.amount_minor - 100}
    with records.work(Actor(home.made.manager)) as work:
        lists.take_off(work, list_id, work.session.exec(select(Instruction.id).where(col(Instruction.list_id) == list_id)).one())
    draft(records, home.made, home.cycle_id)
    assert paid(records, home)[NAMES[BASIL]] == line.amount_minor - 100


@pytest.mark.parametrize("shares", [(HEAD, BASIL), (BASIL, POPPY), (HEAD, POPPY), (HEAD, BASIL, POPPY)])
def test_a_draft_whose_shares_changed_is_made_again_before_it_is_handed_in(records: Records, home: Home, shares: tuple[int, ...]):
    arrange(records, home.id, home.share(HEAD, BASIL))
    settle(records)
    list_id = make_transfers.draft_list(records, home.made, home.cycle_id)
    arrange(records, home.id, home.share(*shares))
    settle(records)

    with records.read() as reading:
        changed = lists.changed_since_drawn(reading, lists.list_by_id(reading, list_id))

    assert changed == (0 if shares == (HEAD, BASIL) else 1)


def test_whose_share_it_is_stands_on_the_line_as_a_keyed_digest_that_a_release_freezes(records: Records, home: Home):
    before = released(records, home, HEAD, BASIL)
    with records.read() as reading:
        due = reading.session.exec(select(Entitlement).where(col(Entitlement.household_id) == home.id)).one()

    marks = {line.share_of for line in before.values()}
    assert len(marks) == 2
    assert not {mark for mark in marks if mark is None or any(one.bytes in mark for one in home.adults)}
    assert sum(line.amount_minor for line in before.values()) == due.amount_minor
    with pytest.raises(Exception, match="a released list never changes"), records.work(Actor(home.made.manager)) as work:
        line = work.session.get_one(Instruction, before[NAMES[HEAD]].id)
        line.share_of = None
        work.session.add(line)
        work.session.flush()
