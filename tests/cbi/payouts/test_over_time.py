"""Statements of providers, cycles and grants, up to a day, month by month, and in the grant's own currency."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest

from cbi.access import Role
from cbi.errors import Refused
from cbi.payouts import in_grant, journal, over_time, statements
from cbi.payouts.scope import Scope, after, begin
from cbi.payouts.standing import LineKind
from cbi.payouts.tables_money import MoneyKind
from cbi.payouts.words_money import CODE_WORDS
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import programmes, rates
from cbi.transfers.service import list_by_id
from reconciliation.ledger import Account
from reconciliation.money import Money
from tests import make, make_payouts
from tests.cbi.payouts.test_money import entered, new
from tests.cbi.payouts.test_posting import _mixed
from tests.make_payouts import Released
from tests.make_transfers import programme

NAIROBI = "Africa/Nairobi"
TODAY = date(2026, 11, 23)


@pytest.fixture
def given(records: Records) -> Released:
    found = make_payouts.released(records)
    make_payouts.posted(records, found, _mixed(found))
    return found


@pytest.mark.parametrize("key", ["provider_id", "cycle_id", "grant_id", "budget_line_id"])
def test_whatever_it_is_summed_by_a_statement_foots_and_says_the_same(records: Records, given: Released, key: str):
    with records.read() as look:
        of_list = statements.of_list(look, given.list_id)
        cycle_id = list_by_id(look, given.list_id).cycle_id
        ids = {
            "provider_id": given.made.provider_id,
            "cycle_id": cycle_id,
            "grant_id": given.made.grant_id,
            "budget_line_id": given.made.line_id,
        }
        [found] = statements.of_scope(look, Scope(NAIROBI, **{key: ids[key]}))

    assert found.foots
    assert found.lines == of_list.lines
    assert (found.count, found.total_minor) == (of_list.count, of_list.total_minor)


def test_before_the_first_day_there_is_nothing_and_on_the_last_there_is_everything(records: Records, given: Released):
    with records.read() as look:
        assert statements.of_scope(look, Scope(NAIROBI, until=date(2026, 11, 22))) == []
        [found] = statements.of_scope(look, Scope(NAIROBI, until=TODAY))

    assert found.foots
    assert {line.kind for line in found.lines if line.count} >= {LineKind.PAID, LineKind.FAILED, LineKind.MISSING}


def test_a_day_is_the_offices_own_day():
    assert begin(date(2026, 11, 23), NAIROBI) == datetime(2026, 11, 22, 21, tzinfo=UTC)
    assert after(date(2026, 11, 23), NAIROBI) == datetime(2026, 11, 23, 21, tzinfo=UTC)


def test_each_month_begins_where_the_last_one_ended(records: Records, given: Released):
    with records.read() as look:
        found = over_time.months(look, Scope(NAIROBI))
        [statement] = statements.of_scope(look, Scope(NAIROBI))

    [month] = found
    assert (month.first, month.opening_minor, month.closing_minor) == (date(2026, 11, 1), 0, statement.open_minor)
    assert month.instructed_minor == statement.total_minor


def _grant_in_euro(records: Records, given: Released) -> UUID:
    with records.work(Actor(given.made.manager)) as work:
        return programmes.add_grant(work, code="E1", donor="Moon Fund", title="Euro grant", currency="EUR")


def test_a_rate_of_a_day_holds_until_the_next_and_the_last_one_entered_counts(records: Records, given: Released):
    grant_id = _grant_in_euro(records, given)
    with records.work(Actor(given.finance)) as work:
        rates.add_rate(work, grant_id, currency="KES", day=date(2026, 11, 1), rate="140", source="Bank advice 11/1")
        rates.add_rate(work, grant_id, currency="KES", day=date(2026, 11, 20), rate="150", source="Bank advice 11/20")
        rates.add_rate(work, grant_id, currency="KES", day=date(2026, 11, 20), rate="141.25", source="Bank advice 11/20, corrected")

    with records.read() as look:
        found = rates.rates_of(look, grant_id)

    assert found.on("KES", date(2026, 10, 31)) is None
    assert found.on("KES", date(2026, 11, 19)) == 140
    assert found.on("KES", TODAY) == Fraction("141.25")
    assert found.of_grant(14_125, "KES", TODAY) == 100


@pytest.mark.parametrize(
    ("more", "fix"),
    [
        ({"rate": "1e9"}, "above zero"),
        ({"rate": "0"}, "above zero"),
        ({"currency": "EUR"}, "another currency"),
        ({"currency": "QQQ"}, "three letters"),
        ({"day": date(2026, 11, 24)}, "later than today"),
    ],
)
def test_a_rate_that_cannot_be_is_refused(records: Records, given: Released, more: dict[str, object], fix: str):
    grant_id = _grant_in_euro(records, given)
    asked = {"currency": "KES", "day": TODAY, "rate": "141.25", "source": "Bank"} | more

    with pytest.raises(Refused, match=fix), records.work(Actor(given.finance)) as work:
        rates.add_rate(work, grant_id, **asked)


def test_a_programme_pays_in_another_currency_once_its_rate_is_known(records: Records, given: Released):
    grant_id = _grant_in_euro(records, given)
    new = programme(grant_id, {given.made.site_id: given.made.provider_id}, currency="KES", code="EUP")
    with pytest.raises(Refused, match="ask finance to enter what one EUR is worth in KES"), records.work(Actor(given.made.manager)) as work:
        programmes.add_programme(work, new)
    with records.work(Actor(given.finance)) as work:
        rates.add_rate(work, grant_id, currency="KES", day=date(2026, 11, 1), rate="140", source="Bank advice")

    with records.work(Actor(given.made.manager)) as work:
        programmes.add_programme(work, new)
        line_id = programmes.add_budget_line(work, grant_id=grant_id, code="E1.1", title="Transfers", amount_minor=1_000)
        assert programmes.budget(work, line_id, "KES") == 140_000


def test_a_grant_in_another_currency_is_told_exactly_with_its_rounding_on_a_line_of_its_own(records: Records):
    found = make_payouts.released_abroad(records, rate="141.25")
    make_payouts.posted(records, found, _mixed(found))

    with records.read() as look:
        [account] = in_grant.accounts(look, Scope(NAIROBI, grant_id=found.made.grant_id))
        [statement] = statements.of_scope(look, Scope(NAIROBI, grant_id=found.made.grant_id))

    exact = Fraction(statement.delivered_minor) / Fraction("141.25")
    assert account.is_exchanged
    assert account.wanting == ()
    assert abs(account.totals[Account.DELIVERED] - exact) <= Fraction(1, 2)
    for one in in_grant.SHOWN:
        parts = sum(line.rounded for line in account.lines if line.account is one)
        assert parts + account.differences.get(one, 0) == account.totals[one]


def test_a_day_without_a_rate_is_named_and_nothing_is_guessed(records: Records):
    found = make_payouts.released_abroad(records, rate="141.25")
    second = Actor(make.staff(records, Role.APPROVER, name="Ivo Second"))
    entered(records, found, second, new(found, MoneyKind.FEE, 1_000, amount=Money(1_000, "USD")))

    with records.read() as look:
        [account] = in_grant.accounts(look, Scope(NAIROBI, grant_id=found.made.grant_id))

    assert account.wanting == (("USD", TODAY),)
    assert account.totals[Account.FEES] == 0


def test_the_journal_sums_to_zero_in_every_currency_and_in_the_grants_own(records: Records):
    found = make_payouts.released_abroad(records, rate="141.25")
    make_payouts.posted(records, found, _mixed(found))
    second = Actor(make.staff(records, Role.APPROVER, name="Ivo Second"))
    entered(records, found, second, new(found, MoneyKind.FEE, 333))

    with records.read() as look:
        text = "".join(journal.lines(look))
        again = "".join(journal.lines(look))

    entries = list(csv.DictReader(io.StringIO(text)))
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for one in entries:
        sums["paid", one["currency"]] += Decimal(one["debit"] or 0) - Decimal(one["credit"] or 0)
        sums["grant", one["grant_currency"]] += Decimal(one["grant_debit"] or 0) - Decimal(one["grant_credit"] or 0)
    assert text == again
    assert set(sums.values()) == {Decimal(0)}
    assert {one["rate"] for one in entries if one["grant"]} == {"141.25"}
    assert {one["code"] for one in entries if one["account"] == "fees"} == {"5200"}


def test_the_journal_keeps_the_offices_own_days(records: Records, given: Released):
    with records.read() as look:
        assert len(list(journal.lines(look, until=date(2026, 11, 22)))) == 1
        assert len(list(journal.lines(look, since=TODAY, until=TODAY))) > 1
        assert len(list(journal.lines(look, since=date(2026, 11, 24)))) == 1


def test_every_account_has_a_code_and_words():
    assert set(journal.DEFAULT_CODES) == {*Account, journal.ROUNDING} == set(CODE_WORDS)


def test_codes_of_the_finance_system_are_the_offices_own(records: Records, given: Released):
    with pytest.raises(Refused, match="give every account a code"), records.work(Actor(given.finance)) as work:
        journal.set_codes(work, {})
    with records.work(Actor(given.finance)) as work:
        journal.set_codes(work, dict(journal.DEFAULT_CODES) | {Account.DELIVERED: "=7100"})

    with records.read() as look:
        lines = "".join(journal.lines(look))

    assert "delivered,'=7100," in lines
