"""The whole way of money once more on PostgreSQL: the same facts as on SQLite, with real concurrency."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from cbi.access import GRANTS, Role
from cbi.errors import Refused, SomebodyWasFirst
from cbi.payouts import cycles_account, journal, posting, queries, reading, statements, today
from cbi.payouts.posting import UndoReason
from cbi.payouts.tables import LedgerEntry, PayoutFile
from cbi.payouts.tables_money import MoneyKind
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import approvals, lists
from cbi.transfers.asked import asked_of
from cbi.transfers.tables import ListStatus
from cbi.web.house import Person
from reconciliation.findings import FindingKind
from reconciliation.ledger import Account
from reconciliation.money import Money
from tests import make, make_payouts, make_transfers
from tests.cbi.payouts.test_closing import _close, _decide_all
from tests.cbi.payouts.test_money import entered, new
from tests.cbi.payouts.test_posting import _balances, _mixed
from tests.make_payouts import Released, row

pytestmark = pytest.mark.postgres


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


def test_money_goes_from_registration_to_a_statement_that_foots_and_back(records: Records, given: Released):
    before = _balances(records)
    file_id = make_payouts.posted(records, given, _mixed(given))

    with records.read() as look:
        statement = statements.of_list(look, given.list_id)
        assert statement.foots
        assert isinstance(statement.delivered_minor, int)
        assert statements.whole_ledger_foots(look)
    assert sum(_balances(records).values()) == 0

    posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE)
    assert {account: minor for account, minor in _balances(records).items() if minor} == before
    assert records.verify_chain().verified


def test_payees_whom_rows_name_rightly_or_wrongly_are_those_that_were_approved(records: Records, given: Released):
    lines = [replace(given.lines[0], name="Comet Biscuit"), *given.lines[1:]]
    named = {line.reference: (line.name, line.phone, line.account) for line in lines}

    with records.read() as look:
        assert [line for _, part in asked_of(look, given.list_id, named) for line in part] == list(given.lines)


def test_every_page_of_money_can_be_seen(records: Records, given: Released):
    file_id = make_payouts.posted(records, given, _mixed(given))
    finance = make.Visitor(make.app_of(records), records, given.finance)

    for url in (
        "/",
        "/payouts",
        f"/payouts/{file_id}",
        f"/payouts/{file_id}/rows",
        f"/statements/{given.list_id}",
        "/statements",
        "/statements?by=provider",
        "/statements?by=cycle&sort=-sum",
        f"/statements/of?provider={given.made.provider_id}&to=2026-11-30",
        f"/statements/of?grant={given.made.grant_id}",
        f"/statements/{given.list_id}/closing",
        "/money",
        "/rates",
        "/journal",
    ):
        finance.see(url)
    with records.read() as look:
        seen = [one for kind in FindingKind for one in queries.findings_of(look, file_id, kind, limit=50)]
        assert len(list(journal.lines(look))) > len(given.lines)
    for kind in ("xlsx", "pdf"):
        assert finance.client.get(f"/statements/of.{kind}?provider={given.made.provider_id}").status_code == 200
    for one in seen:
        finance.see(f"/payouts/{file_id}/findings/{one.finding.id}")
    finance.see(f"/payouts/{file_id}/exceptions")


def test_a_list_is_closed_and_its_cycle_foots(records: Records, given: Released):
    make_payouts.posted(records, given, _mixed(given))
    closer = Actor(make.staff(records, Role.APPROVER, name="Bo Closer"))
    entered(records, given, closer, new(given, MoneyKind.ADVANCE, 90_000_000))
    _decide_all(records, given)
    _close(records, given, closer)
    make_payouts.posted(records, given, [row(given.lines[5], 70)], name="late.csv")

    with records.read() as look:
        statement = statements.of_list(look, given.list_id)
        assert statement.foots
        assert statement.late == {Account.DELIVERED: given.lines[5].amount.minor, Account.CANCELLED: -given.lines[5].amount.minor}
        assert cycles_account.of_cycle(look, lists.list_by_id(look, given.list_id).cycle_id).foots


def test_the_same_rows_in_another_file_count_once(records: Records, given: Released):
    make_payouts.posted(records, given, _mixed(given))
    before = _balances(records)

    make_payouts.posted(records, given, list(reversed(_mixed(given))), name="again.csv")

    assert _balances(records) == before


def test_two_people_who_post_one_file_at_the_same_instant_post_it_once(
    records: Records, open_again: Callable[[], Records], given: Released
):
    file_id = make_payouts.previewed(records, given, _mixed(given))
    others = [given.finance, make.staff(records, Role.FINANCE, name="Bettina Drizzle")]
    houses = [records, open_again()]

    def post(place: int) -> UUID | None:
        try:
            return posting.post(houses[place], Actor(others[place]), file_id, uuid4())
        except SomebodyWasFirst:
            return None

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(post, (0, 1)))

    assert len([one for one in done if one]) == 1
    assert sum(_balances(records).values()) == 0
    with records.read() as look:
        assert len(statements.postings(look, given.list_id)) == 2


def test_two_files_with_the_same_rows_posted_at_the_same_instant_count_once(
    records: Records, open_again: Callable[[], Records], given: Released
):
    rows = _mixed(given)
    made = [make_payouts.previewed(records, given, chosen, name) for chosen, name in ((rows, "one.csv"), (rows[::-1], "two.csv"))]
    houses = [records, open_again()]

    def post(place: int) -> bool:
        try:
            posting.post(houses[place], Actor(given.finance), made[place], uuid4())
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(post, (0, 1))) == [False, True]
    assert sum(_balances(records).values()) == 0
    delivered = _balances(records)[Account.DELIVERED]
    left = next(one for one in made if _is_not_posted(records, one))
    reading.read(records, Actor(given.finance), left)
    posting.post(records, Actor(given.finance), left)
    assert _balances(records)[Account.DELIVERED] == delivered


def _is_not_posted(records: Records, file_id: UUID) -> bool:
    with records.read() as look:
        return look.session.get_one(PayoutFile, file_id).posted_at is None


@pytest.mark.parametrize(
    "change",
    [
        sa.delete(LedgerEntry),
        sa.update(LedgerEntry).values(minor=1),
        sa.text("UPDATE paymentlist SET total_minor = 1"),
        sa.text("UPDATE instruction SET amount_minor = 1"),
        sa.text("DELETE FROM audit_entry"),
    ],
    ids=["remove entries", "change entries", "change a released list", "change its lines", "remove history"],
)
def test_the_database_refuses_to_rewrite_what_was_promised_or_counted(records: Records, given: Released, change: sa.Executable):
    make_payouts.posted(records, given, _mixed(given))

    with pytest.raises(DatabaseError), records.engine.begin() as connection:
        connection.execute(change)


def test_today_of_finance_can_be_told(records: Records, given: Released):
    make_payouts.previewed(records, given, _mixed(given))
    person = Person(given.finance, "Rana Inkwell", frozenset({Role.FINANCE}), frozenset(GRANTS[Role.FINANCE]))

    with records.read() as look:
        assert [line.count for line in today.today(look, person)]


def test_two_approvers_at_the_same_instant_both_count(records: Records):
    made = make_transfers.setting(records)
    with records.work(Actor()) as work:
        approvals.set_two_from(work, Money(1, "KES"))
    submitted = make_transfers.submitted_list(records, made)
    shown = make_transfers.mark_of(records, submitted)

    def approve(person_id: UUID) -> None:
        with records.work(Actor(person_id)) as work:
            approvals.approve(work, submitted, approver_id=person_id, shown=shown)

    with ThreadPoolExecutor(2) as both:
        list(both.map(approve, (made.approver, made.second_approver)))

    with records.read() as look:
        kept = lists.list_by_id(look, submitted)
        assert (kept.status, len(approvals.standing(look, kept))) == (ListStatus.APPROVED, 2)


def test_two_managers_drafting_at_the_same_instant_put_nobody_on_two_lists(records: Records):
    made = make_transfers.setting(records)
    cycle_id = make_transfers.frozen_cycle(records, made)

    def draft(_place: int) -> str:
        try:
            make_transfers.draft_list(records, made, cycle_id)
        except Refused:
            return "refused"
        return "made"

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(draft, range(2))) == ["made", "refused"]
