"""Fees, advances and refunds: two people, their own accounts, and only reversing entries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from cbi.access import Role
from cbi.errors import Refused, SameHands, SomebodyWasFirst
from cbi.payouts import money, statements
from cbi.payouts.money import NewMoney
from cbi.payouts.scope import Scope
from cbi.payouts.tables_money import MoneyKind
from cbi.store.records import Records
from cbi.store.work import Actor
from reconciliation.ledger import Account
from reconciliation.money import Money
from tests import make, make_payouts
from tests.cbi.payouts.test_posting import _balances, _mixed
from tests.make_payouts import Released


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


@pytest.fixture
def second(records: Records) -> Actor:
    return Actor(make.staff(records, Role.APPROVER, name="Ivo Second"))


def new(given: Released, kind: MoneyKind, minor: int, **more: object) -> NewMoney:
    provider = None if kind is MoneyKind.TO_DONOR else given.made.provider_id
    made = NewMoney(kind, provider, None, given.made.line_id, Money(minor, "KES"), date(2026, 11, 20), "BANK-0042")
    return replace(made, **more)


def _enter(records: Records, given: Released, what: NewMoney) -> UUID:
    with records.work(Actor(given.finance)) as work:
        return money.enter(work, what)


def entered(records: Records, given: Released, second: Actor, what: NewMoney) -> UUID:
    entry_id = _enter(records, given, what)
    with records.work(second) as work:
        money.confirm(work, entry_id)
    return entry_id


def test_nothing_counts_before_a_second_person_confirms_it(records: Records, given: Released, second: Actor):
    before = _balances(records)
    entry_id = _enter(records, given, new(given, MoneyKind.FEE, 25_000))
    assert _balances(records) == before

    with pytest.raises(SameHands), records.work(Actor(given.finance)) as work:
        money.confirm(work, entry_id)
    with records.work(second) as work:
        money.confirm(work, entry_id)

    assert _balances(records)[Account.FEES] == 25_000
    with pytest.raises(SomebodyWasFirst), records.work(second) as work:
        money.confirm(work, entry_id)


def test_a_provider_holds_what_it_was_given_less_what_it_moved_and_charged(records: Records, given: Released, second: Actor):
    entered(records, given, second, new(given, MoneyKind.ADVANCE, 100_000_000))
    make_payouts.posted(records, given, _mixed(given))
    entered(records, given, second, new(given, MoneyKind.FEE, 25_000, list_id=given.list_id))

    with records.read() as look:
        held = money.holdings(look)[given.made.provider_id]["KES"]
        statement = statements.of_list(look, given.list_id)

    assert statement.foots
    assert statement.of(Account.FEES) == 25_000
    assert held == 100_000_000 - statement.delivered_minor - statement.suspense_minor - 25_000


def test_a_provider_gives_back_no_more_than_it_holds(records: Records, given: Released, second: Actor):
    entered(records, given, second, new(given, MoneyKind.ADVANCE, 500_000))

    with pytest.raises(Refused, match=r"enter at most KES 5,000\.00"):
        _enter(records, given, new(given, MoneyKind.GIVEN_BACK, 500_001))
    entered(records, given, second, new(given, MoneyKind.GIVEN_BACK, 500_000))

    with records.read() as look:
        assert money.holdings(look)[given.made.provider_id]["KES"] == 0


def test_two_refunds_entered_at_once_cannot_both_be_confirmed(records: Records, given: Released, second: Actor):
    entered(records, given, second, new(given, MoneyKind.ADVANCE, 500_000))
    first, other = (_enter(records, given, new(given, MoneyKind.GIVEN_BACK, 400_000)) for _ in range(2))

    with records.work(second) as work:
        money.confirm(work, first)
    with pytest.raises(Refused, match="holds"), records.work(second) as work:
        money.confirm(work, other)


def test_money_for_the_donor_names_its_grant_and_no_provider(records: Records, given: Released, second: Actor):
    entered(records, given, second, new(given, MoneyKind.TO_DONOR, 40_000))

    with records.read() as look:
        [of_grant] = statements.of_scope(look, Scope("UTC", grant_id=given.made.grant_id))
    assert (of_grant.of(Account.DONOR), of_grant.of(Account.ADVANCE)) == (40_000, -40_000)
    with pytest.raises(Refused, match="none for money that goes back"):
        _enter(records, given, new(given, MoneyKind.TO_DONOR, 1, provider_id=given.made.provider_id))


def test_an_entry_is_taken_back_by_reversing_it_once_and_by_two_people(records: Records, given: Released, second: Actor):
    before = _balances(records)
    entry_id = entered(records, given, second, new(given, MoneyKind.FEE, 25_000))

    with records.work(Actor(given.finance)) as work:
        back = money.reverse(work, entry_id)
    with pytest.raises(SomebodyWasFirst), records.work(Actor(given.finance)) as work:
        money.reverse(work, entry_id)
    with records.work(second) as work:
        money.confirm(work, back)

    assert {account: minor for account, minor in _balances(records).items() if minor} == before
    with pytest.raises(Refused, match="not itself taking another back"), records.work(Actor(given.finance)) as work:
        money.reverse(work, back)


def test_what_nobody_confirmed_can_be_dropped_and_then_never_confirmed(records: Records, given: Released, second: Actor):
    entry_id = _enter(records, given, new(given, MoneyKind.FEE, 25_000))

    with records.work(Actor(given.finance)) as work:
        money.drop(work, entry_id)

    with pytest.raises(SomebodyWasFirst), records.work(second) as work:
        money.confirm(work, entry_id)
    with records.read() as look:
        assert money.waiting(look) == 0


def test_a_day_to_come_and_another_providers_list_are_refused(records: Records, given: Released):
    with pytest.raises(Refused, match="cannot be later than today"):
        _enter(records, given, new(given, MoneyKind.FEE, 1, day=date(2026, 11, 24)))
