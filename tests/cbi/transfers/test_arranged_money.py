"""Whatever a household arranges, what it is due stays the same to the minor unit: only who, where, how and in how many parts changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from cbi.access import Role
from cbi.clock import Clock
from cbi.errors import Refused
from cbi.people.service import register
from cbi.people.tables import Member, Relation
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import arrangements, drawing, inbox, lists, published, service
from cbi.transfers.receiving import SLOTS, Collector, Help, Messages
from cbi.transfers.tables import ArrangementKind, Entitlement, Instruction, Mechanism
from cbi.transfers.words import WAITS
from cbi.web.listing import listing_args
from tests import make, make_transfers
from tests.cbi.transfers.test_arrangements_pages import choose
from tests.make_people import member, new

K = ArrangementKind


def grown_ups(records: Records, made: make_transfers.Setting) -> tuple[UUID, tuple[UUID, ...]]:
    """A household of three adults and a child; its id and the adults', in order."""
    others = [member("Basil", "Moonbeam", 1985, relation=Relation.SPOUSE), member("Poppy", "Moonbeam", 1990, relation=Relation.SIBLING)]
    child = member("Tumble", "Moonbeam", 2016, relation=Relation.CHILD)
    with records.work(Actor(made.registrar)) as work:
        household = register(work, new(made.site_id, member("Juniper", "Moonbeam", 1980), *others, child))
    with records.read() as reading:
        rows = reading.session.exec(select(Member.id).where(Member.household_id == household).order_by(col(Member.position)))
        return household, tuple(rows)


def arrange(records: Records, household: UUID, changes: dict[ArrangementKind, object]) -> None:
    """Asked for, published, and confirmed by the manager where somebody else is paid."""
    with records.work(Actor(uuid4())) as work:
        arrangements.propose_arrangement(work, household_id=household, changes=changes, agreed=True, client_key=None)
    with records.work(Actor(uuid4())) as work:
        inbox.publish_now(work)
    with records.read() as reading:
        args = listing_args({}, sorts=("number",), size=200)
        open_ones = [one.id for one in published.payees_to_confirm(reading, args).rows]
    if open_ones:
        with records.work(Actor(uuid4())) as work:
            published.confirm_payees(work, open_ones)


def settle(records: Records) -> None:
    """Let the 72 hours pass."""
    records.clock = Clock(records.clock.now() + timedelta(days=4))


def lines_of(records: Records, household: UUID, cycle_id: UUID) -> list[tuple[int, str, int]]:
    """Live lines of a household in a cycle: part, who is paid, how much."""
    with records.read() as reading:
        rows = reading.session.exec(
            select(Instruction)
            .join(Entitlement, col(Entitlement.id) == col(Instruction.entitlement_id))
            .where(Instruction.household_id == household, col(Instruction.live), Entitlement.cycle_id == cycle_id)
            .order_by(col(Instruction.part))
        ).all()
        return [(row.part, reading.open(row, "payee_name"), row.amount_minor) for row in rows]


def entitled(records: Records, household: UUID, cycle_id: UUID) -> int:
    with records.read() as reading:
        return reading.session.exec(
            select(Entitlement.amount_minor).where(Entitlement.household_id == household, Entitlement.cycle_id == cycle_id)
        ).one()


@pytest.fixture
def cash(records: Records) -> make_transfers.Setting:
    """A programme that hands money over."""
    return make_transfers.setting(records, sizes=(2,), mechanism=Mechanism.CASH_AGENT)


def draft(records: Records, made: make_transfers.Setting, cycle_id: UUID | None = None) -> UUID:
    cycle_id = cycle_id or make_transfers.frozen_cycle(records, made)
    with records.work(Actor(made.manager)) as work:
        lists.make_list(work, cycle_id, made.provider_id)
    return cycle_id


def test_each_adult_is_paid_an_equal_share_under_their_own_name_and_the_sum_is_the_same(records: Records, cash: make_transfers.Setting):
    household, adults = grown_ups(records, cash)
    arrange(records, household, {K.SHARES: [str(one) for one in adults[:3]]})
    settle(records)

    cycle_id = draft(records, cash)

    paid = lines_of(records, household, cycle_id)
    assert [part for part, _, _ in paid] == [1, 2, 3]
    assert {name for _, name, _ in paid} == {"Juniper Moonbeam", "Basil Moonbeam", "Poppy Moonbeam"}
    assert sum(minor for *_, minor in paid) == entitled(records, household, cycle_id)
    assert max(minor for *_, minor in paid) - min(minor for *_, minor in paid) <= 1


def test_a_share_that_failed_is_drawn_again_for_the_same_adult(records: Records, cash: make_transfers.Setting):
    household, adults = grown_ups(records, cash)
    arrange(records, household, {K.SHARES: list(adults[:2])})
    settle(records)
    cycle_id = make_transfers.frozen_cycle(records, cash)
    make_transfers.released_list(records, cash, cycle_id)
    before = lines_of(records, household, cycle_id)
    with records.read() as reading:
        [second] = reading.session.exec(select(Instruction.id).where(Instruction.household_id == household, Instruction.part == 2))
    with records.work(Actor(cash.manager)) as work:
        service.retire_instructions(work, [second])

    draft(records, cash, cycle_id)

    assert lines_of(records, household, cycle_id) == before


def test_separate_transfers_wait_for_the_managers_look_like_every_change_of_payee(records: Records, cash: make_transfers.Setting):
    household, adults = grown_ups(records, cash)
    with records.work(Actor(uuid4())) as work:
        arrangements.propose_arrangement(work, household_id=household, changes={K.SHARES: list(adults[:2])}, agreed=True, client_key=None)
    with records.work(Actor(uuid4())) as work:
        inbox.publish_now(work)
    settle(records)

    cycle_id = draft(records, cash)

    assert lines_of(records, household, cycle_id) == []


@pytest.mark.parametrize(
    ("changes", "fix"),
    [
        (lambda adults: {K.SHARES: adults[:1]}, "two to four adults"),
        (lambda adults: {K.SHARES: (adults[0], adults[3])}, "adults only"),
        (lambda adults: {K.SHARES: (adults[0], uuid4())}, "member of the household"),
        (lambda adults: {K.SHARES: adults[:2], K.PARTS: 2}, "either separate transfers"),
        (lambda adults: {K.SHARES: adults[:2], K.RECIPIENT: adults[1]}, "either separate transfers"),
        (lambda adults: {K.SHARES: adults[:2], K.COLLECTOR: Collector("Bramble Teapot")}, "either separate transfers"),
        (lambda adults: {K.SHARES: adults[:2], K.MECHANISM: "mobile_money"}, "cash at a place"),
    ],
)
def test_what_cannot_be_paid_apart_is_refused_with_what_to_do(records: Records, cash: make_transfers.Setting, changes, fix: str):
    household, adults = grown_ups(records, cash)

    with pytest.raises(Refused, match=fix), records.work(Actor(uuid4())) as work:
        arrangements.propose_arrangement(work, household_id=household, changes=changes(adults), agreed=True, client_key=None)


def test_where_the_place_pays_to_accounts_separate_transfers_need_another_way_beside_them(records: Records):
    made = make_transfers.setting(records, sizes=(1,))
    household, adults = grown_ups(records, made)

    with pytest.raises(Refused, match="cash at a place"):
        arrange(records, household, {K.SHARES: adults[:2]})
    arrange(records, household, {K.SHARES: adults[:2], K.MECHANISM: "voucher"})


EITHER = {
    K.COLLECTOR: st.just(Collector("Bramble Teapot", None, "0700")),
    K.RECIPIENT: st.integers(0, 2),
    K.PARTS: st.integers(2, 4),
}
ALWAYS = {
    K.DAY: st.sets(st.sampled_from(SLOTS), min_size=1, max_size=5).map(tuple),
    K.MESSAGES: st.sampled_from([one.value for one in Messages]),
    K.KEEP: st.just(True),
    K.HELP: st.sets(st.sampled_from([one.value for one in Help]), min_size=1).map(tuple),
}
SHARES = {K.SHARES: st.sets(st.integers(0, 2), min_size=2, max_size=3)}
WISHES = st.one_of(st.fixed_dictionaries({}, optional={**EITHER, **ALWAYS}), st.fixed_dictionaries(SHARES, optional=ALWAYS))


def test_whatever_is_arranged_what_is_on_lines_and_what_is_still_due_sum_to_the_entitlement(records: Records, cash: make_transfers.Setting):
    household, adults = grown_ups(records, cash)
    seen: set[ArrangementKind] = set()

    @settings(max_examples=30, deadline=None)
    @given(wished=WISHES)
    def holds(wished: dict[ArrangementKind, object]) -> None:
        named = {
            kind: adults[value] if kind is K.RECIPIENT else tuple(adults[one] for one in value) if kind is K.SHARES else value
            for kind, value in wished.items()
        }
        try:
            arrange(records, household, {**dict.fromkeys(K), **named})
        except Refused:
            return  # what is refused must leave everything as it was: the sum below was so before
        seen.update(named)
        settle(records)
        cycle_id = draft(records, cash)
        with records.read() as reading:
            due = sum(one.left_minor for one in drawing.due_in(reading, cycle_id) if one.household.id == household)
        assert sum(minor for *_, minor in lines_of(records, household, cycle_id)) + due == entitled(records, household, cycle_id)

    holds()

    assert {K.SHARES, K.PARTS, K.KEEP} <= seen
    assert records.verify_chain().broken_at is None


def test_the_desk_writes_separate_transfers_down_and_the_manager_reads_who_shares(
    records: Records, cash: make_transfers.Setting, visitor: Callable[..., make.Visitor]
):
    household, adults = grown_ups(records, cash)
    desk, manager = visitor(Role.HELP_DESK), visitor(Role.MANAGER)

    desk.send(f"/households/{household}/arrangement", choose(shares=[str(adults[0]), str(adults[1])]))
    manager.send("/arrangements/publish", {}, page="/arrangements")

    for page in (manager.see("/arrangements"), desk.see(f"/households/{household}/arrangement")):
        assert "Separate transfers" in page
        assert "equal shares of the same sum" in page
        assert "Basil Moonbeam" in page


def test_every_reason_to_wait_has_words():
    from cbi.transfers.payees import Wait

    assert set(WAITS) == set(Wait)
