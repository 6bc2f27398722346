from __future__ import annotations

from uuid import uuid4

import pytest
import sqlalchemy as sa

from cbi.access import Role
from cbi.errors import Refused, SameHands, SomebodyWasFirst
from cbi.payouts import files, posting, reading, statements
from cbi.payouts.posting import UndoReason
from cbi.payouts.statements import LineKind
from cbi.payouts.tables import FileStatus, LedgerEntry, PayoutFile, PayoutFinding
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers.arrangements import propose_arrangement
from cbi.transfers.inbox import publish_now
from cbi.transfers.service import instructions_of
from cbi.transfers.tables import ArrangementKind, Mechanism
from reconciliation.ledger import Account
from tests import make, make_payouts, make_transfers
from tests.make_payouts import Released, row


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


def _balances(records: Records) -> dict[Account, int]:
    with records.engine.connect() as connection:
        rows = connection.execute(sa.select(LedgerEntry.account, sa.func.sum(LedgerEntry.minor)).group_by(LedgerEntry.account))
        return {Account(account): minor for account, minor in rows}


def _mixed(given: Released) -> list[list[str]]:
    one, two, three, four, five, _six = given.lines
    return [
        row(one, 1),
        row(two, 2, minor=two.amount.minor - 50_000),
        row(three, 3, status="FAILED"),
        row(four, 4),
        row(four, 44, txn="SP000044"),
        row(five, 5, name="Somebody Completely Else", phone="+254799999999"),
        row(one, 6, reference="NOTOURS99", name="A Stranger", phone="+254788888888"),
    ]


def test_a_released_list_is_an_open_promise_in_the_ledger(records: Records, given: Released):
    total = sum(line.amount.minor for line in given.lines)

    assert _balances(records) == {Account.INSTRUCTED: -total, Account.OPEN: total}


def test_a_posted_file_moves_promises_to_delivered_and_the_rest_to_suspense(records: Records, given: Released):
    make_payouts.posted(records, given, _mixed(given))

    with records.read() as look:
        statement = statements.of_list(look, given.list_id)
        lines = {line.kind: line.count for line in statement.lines if line.count}
    assert lines == {LineKind.PAID: 2, LineKind.PAID_IN_PART: 1, LineKind.FAILED: 1, LineKind.WITH_THE_WRONG_HAND: 1, LineKind.MISSING: 1}
    assert statement.foots
    assert statement.suspense_minor == given.lines[3].amount.minor + given.lines[4].amount.minor + given.lines[0].amount.minor
    assert sum(_balances(records).values()) == 0


def test_the_same_rows_in_another_file_count_once(records: Records, given: Released):
    make_payouts.posted(records, given, _mixed(given))
    before = _balances(records)

    make_payouts.posted(records, given, list(reversed(_mixed(given))), name="again.csv")

    assert _balances(records) == before


def test_the_same_bytes_are_refused_with_the_day_they_were_posted(records: Records, given: Released):
    make_payouts.posted(records, given, _mixed(given))

    with pytest.raises(Refused, match="posted on 23 November 2026, and it counts once"):
        make_payouts.previewed(records, given, _mixed(given))


def test_undo_reverses_exactly_what_was_posted_and_history_stays(records: Records, given: Released):
    before = _balances(records)
    file_id = make_payouts.posted(records, given, _mixed(given))

    posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE)

    after = {account: minor for account, minor in _balances(records).items() if minor}
    assert after == before
    with records.read() as look:
        assert len(statements.postings(look, given.list_id)) == 3


def test_an_undone_file_can_be_read_and_posted_again(records: Records, given: Released):
    file_id = make_payouts.posted(records, given, _mixed(given))
    once = _balances(records)
    posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_LAYOUT)

    again = make_payouts.previewed(records, given, _mixed(given))
    posting.post(records, Actor(given.finance), again)

    assert {account: minor for account, minor in _balances(records).items() if minor} == once


def test_the_lists_own_hands_may_not_post(records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))

    for person in (given.made.manager, given.made.approver, given.made.releaser):
        with pytest.raises(SameHands):
            posting.post(records, Actor(person), file_id)


def test_posting_twice_with_one_key_happens_once_and_answers_the_same(records: Records, given: Released):
    file_id, key = make_payouts.previewed(records, given, _mixed(given)), uuid4()

    first = posting.post(records, Actor(given.finance), file_id, key)
    second = posting.post(records, Actor(given.finance), file_id, key)

    assert first == second
    with pytest.raises(SomebodyWasFirst):
        posting.post(records, Actor(given.finance), file_id, uuid4())


def test_a_preview_is_out_of_date_when_another_file_was_posted_since(records: Records, given: Released):
    older = make_payouts.previewed(records, given, _mixed(given)[:2], name="one.csv")
    make_payouts.posted(records, given, _mixed(given)[2:], name="two.csv")

    with pytest.raises(Refused, match="read the file again"):
        posting.post(records, Actor(given.finance), older)

    reading.read(records, Actor(given.finance), older)
    posting.post(records, Actor(given.finance), older)
    assert sum(_balances(records).values()) == 0


def test_a_failed_transfer_may_be_instructed_again_and_an_undo_takes_that_back(records: Records, given: Released):
    file_id = make_payouts.posted(records, given, _mixed(given))

    def live() -> int:
        with records.engine.connect() as connection:
            return int(connection.execute(sa.text("SELECT count(*) FROM instruction WHERE live")).scalar_one())

    assert live() == len(given.lines) - 1
    posting.undo(records, Actor(given.finance), file_id, UndoReason.PROVIDER_CORRECTED)
    assert live() == len(given.lines)


def test_a_file_split_in_two_counts_the_same(records: Records, given: Released, tmp_path, office_template):
    from tests import make

    other = make.office(tmp_path / "other", office_template)
    whole = make_payouts.released(other)
    make_payouts.posted(other, whole, _mixed(whole))
    make_payouts.posted(records, given, _mixed(given)[:3], name="one.csv")
    make_payouts.posted(records, given, _mixed(given)[3:], name="two.csv")

    assert _balances(records) == _balances(other)
    other.close()


def test_an_unreadable_file_ends_in_a_sentence(records: Records, given: Released):
    actor = Actor(given.finance)
    file_id = files.receive(records, actor, given.list_id, "sparrow.xlsx", b"PK\x03\x04 this is not a workbook")

    status = reading.read(records, actor, file_id)

    assert status is FileStatus.REFUSED
    with records.read() as look:
        assert look.session.get_one(PayoutFile, file_id).fix


def test_names_of_paid_rows_are_nowhere_in_the_database(records: Records, given: Released):
    make_payouts.posted(records, given, [row(line, number) for number, line in enumerate(given.lines, start=1)])
    records.close()

    content = b"".join(path.read_bytes() for path in records.folder.rglob("*") if path.is_file())

    assert b"Juniper" not in content
    assert b"254712" not in content


def test_posting_findings_in_sql_enters_what_the_engine_would(records: Records, given: Released):
    from reconciliation.ledger import FORMULA

    file_id = make_payouts.posted(records, given, _mixed(given))

    with records.read() as look:
        found = look.session.exec(sa.select(PayoutFinding).where(PayoutFinding.file_id == file_id)).scalars().all()
        expected: dict[Account, int] = {}
        for finding in found:
            for leg in FORMULA[finding.kind]:
                expected[leg.account] = expected.get(leg.account, 0) + leg.sign * getattr(finding, leg.amount)
        entered = look.session.connection().execute(
            sa.select(LedgerEntry.account, sa.func.sum(LedgerEntry.minor))
            .where(LedgerEntry.finding_id.is_not(None))
            .group_by(LedgerEntry.account)
        )
        assert {Account(account): minor for account, minor in entered} == {account: minor for account, minor in expected.items() if minor}


def test_who_wrote_down_how_somebody_is_paid_never_posts_the_file(records: Records):
    made = make_transfers.setting(records, (1, 1), mechanism=Mechanism.CASH_AGENT)
    writer = make.staff(records, Role.HELP_DESK, Role.FINANCE, name="Hazel Teacup")
    with records.work(Actor(writer)) as work:
        wish = {ArrangementKind.COLLECTOR: {"name": "Fern Paperboat"}}
        propose_arrangement(work, household_id=made.households[0], changes=wish, agreed=True, client_key=uuid4())
    with records.work(Actor(made.manager)) as work:
        publish_now(work)
    with records.engine.begin() as connection:
        connection.execute(sa.text("UPDATE arrangement SET published_on = '2026-11-01', confirmed_by = :by"), {"by": made.manager.hex})
    list_id = make_transfers.released_list(records, made)
    with records.read() as look:
        lines = tuple(instructions_of(look, list_id))
    file_id = make_payouts.previewed(records, Released(made, list_id, lines, writer), [row(lines[0], 1)])

    with pytest.raises(SameHands):
        posting.post(records, Actor(writer), file_id)
