from __future__ import annotations

import io
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from cbi.access import Role
from cbi.errors import Refused, SameHands
from cbi.payouts import answers, files, posting, queries, statements
from cbi.payouts.about import about_of, offers
from cbi.payouts.answers import Said, State
from cbi.payouts.posting import UndoReason
from cbi.payouts.tables import Answer, LedgerEntry, LedgerSum, PayoutFile, PayoutFinding
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers.tables import BudgetLine, Instruction, PayeeEditor, PaymentList
from reconciliation.findings import FindingKind
from reconciliation.ledger import Account
from tests import make, make_payouts
from tests.cbi.payouts.test_posting import _balances
from tests.make import Visitor
from tests.make_payouts import Several, row

Visit = Callable[..., Visitor]


@pytest.fixture
def given(records: Records) -> Several:
    return make_payouts.several(records)


def _all_paid(given: Several) -> list[list[str]]:
    return [row(line, number) for number, line in enumerate(given.lines, start=1)]


def _kinds(records: Records, file_id: UUID) -> dict[FindingKind, int]:
    with records.read() as look:
        return {kind: sums.count for kind, sums in queries.sums_by_kind(look, file_id, "KES").items() if sums.count}


def test_one_file_over_several_lists_pays_each_of_them(records: Records, given: Several):
    make_payouts.posted(records, given, _all_paid(given))

    with records.read() as look:
        for one in given.lists:
            statement = statements.of_list(look, one.list_id)
            assert statement.foots
            assert statement.delivered_minor == sum(line.amount.minor for line in one.lines)
        assert queries.waiting_lists(look) == []


def test_a_list_a_file_is_not_about_is_neither_missing_nor_paid_by_it(records: Records, given: Several):
    one, other = given.lists

    file_id = make_payouts.posted(records, one, _all_paid(given))

    assert _kinds(records, file_id) == {FindingKind.PAID: len(one.lines), FindingKind.NOT_INSTRUCTED: len(other.lines)}
    with records.read() as look:
        assert [each.payment_list.id for each in queries.waiting_lists(look)] == [other.list_id]
        assert statements.of_list(look, other.list_id).delivered_minor == 0


def test_several_files_pay_one_list_between_them(records: Records, given: Several):
    one = given.lists[0]
    rows = [row(line, number) for number, line in enumerate(one.lines, start=1)]

    make_payouts.posted(records, one, rows[:1], "first.csv")
    second = make_payouts.posted(records, given, rows[1:], "second.csv")

    assert _kinds(records, second)[FindingKind.MISSING] == len(given.lists[1].lines)
    with records.read() as look:
        assert statements.of_list(look, one.list_id).delivered_minor == sum(line.amount.minor for line in one.lines)


def test_every_entry_of_a_file_carries_the_list_cycle_grant_and_line_of_its_own_transfer(records: Records, given: Several):
    file_id = make_payouts.posted(records, given, _all_paid(given))

    with records.read() as look:
        entries = look.session.exec(select(LedgerEntry).where(col(LedgerEntry.finding_id).is_not(None))).all()
        own = {
            row.id: (row.list_id, row.cycle_id, row.grant_id, row.line_id)
            for row in look.session.connection().execute(
                sa.select(
                    col(Instruction.id),
                    col(Instruction.list_id),
                    col(PaymentList.cycle_id),
                    col(BudgetLine.grant_id),
                    col(BudgetLine.id).label("line_id"),
                )
                .join(PaymentList, col(PaymentList.id) == col(Instruction.list_id))
                .join(BudgetLine, col(BudgetLine.id) == col(Instruction.budget_line_id))
            )
        }
        assert len({cycle for _, cycle, _, _ in own.values()}) == 2
        assert len(entries) == 2 * len(given.lines)
        for entry in entries:
            assert entry.instruction_id
            assert (entry.list_id, entry.cycle_id, entry.grant_id, entry.budget_line_id) == own[entry.instruction_id]
        for one in given.lists:
            assert [each.file_id for each in statements.postings(look, one.list_id)] == [None, file_id]


def test_a_stranger_in_a_file_over_several_lists_is_the_providers_and_no_lists(records: Records, given: Several):
    stranger = row(given.lines[0], 99, reference="NOTOURS99", name="A Stranger", phone="+254788888888")
    make_payouts.posted(records, given, [*_all_paid(given), stranger])

    with records.read() as look:
        strange = look.session.exec(select(PayoutFinding).where(PayoutFinding.kind == FindingKind.NOT_OURS)).one()
        held = look.session.exec(select(LedgerEntry).where(LedgerEntry.account == Account.SUSPENSE)).one()
        assert (strange.list_id, held.list_id, held.cycle_id) == (None, None, None)
        assert held.provider_id == given.made.provider_id
        for one in given.lists:
            assert statements.of_list(look, one.list_id).suspense_minor == 0
        [provider] = [each for each in statements.summed_by(look, "provider_id") if each.currency == "KES"]
        assert provider.suspense_minor == given.lines[0].amount.minor


def test_a_stranger_in_a_file_about_one_list_stays_with_that_list(records: Records, given: Several):
    one = given.lists[0]
    make_payouts.posted(records, one, [row(one.lines[0], 99, reference="NOTOURS99", name="A Stranger", phone="+254788888888")])

    with records.read() as look:
        assert statements.of_list(look, one.list_id).suspense_minor == one.lines[0].amount.minor


def test_money_of_a_transfer_in_another_currency_stays_with_the_transfers_own_list(records: Records, given: Several):
    line = given.lists[1].lines[0]
    rows = [[*row(line, 1), "KES"], [*row(line, 2, minor=5_000), "USD"], [*row(line, 3, minor=7_000), "EUR"]]
    header = [*make_payouts.HEADER, "Currency"]
    content = ("\n".join(",".join(one) for one in [header, *rows]) + "\n").encode()
    actor = Actor(given.finance)
    file_id = files.receive(records, actor, given.list_ids, "three.csv", content)

    make_payouts.reading.read(records, actor, file_id)

    with records.read() as look:
        found = look.session.exec(select(PayoutFinding).where(PayoutFinding.kind == FindingKind.WRONG_CURRENCY)).all()
    assert len(found) > 1
    assert {one.list_id for one in found} == {given.lists[1].list_id}


def test_who_had_a_part_in_any_of_the_lists_may_not_post_a_file_over_them(records: Records, given: Several):
    editor = make.staff(records, Role.FINANCE, name="Hazel Teacup")
    with records.engine.execution_options(writing=True).begin() as connection:
        mine = {"id": uuid4(), "operation_id": make.OPERATION.id, "list_id": given.lists[-1].list_id, "staff_id": editor}
        connection.execute(sa.insert(PayeeEditor), mine)
    alone = make_payouts.previewed(records, given.lists[0], _all_paid(given)[:1], "one.csv")
    together = make_payouts.previewed(records, given, _all_paid(given), "both.csv")

    with pytest.raises(SameHands):
        posting.post(records, Actor(editor), together)
    posting.post(records, Actor(editor), alone)


def test_undoing_a_file_over_several_lists_opens_all_of_them_again(records: Records, given: Several):
    before = _balances(records)
    file_id = make_payouts.posted(records, given, _all_paid(given))

    posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_LIST)

    assert {account: minor for account, minor in _balances(records).items() if minor} == before
    with records.read() as look:
        assert {each.payment_list.id for each in queries.waiting_lists(look)} == set(given.list_ids)
        assert all(statements.of_list(look, one).delivered_minor == 0 for one in given.list_ids)


def test_the_kept_sums_of_the_ledger_are_the_sums_of_its_entries(records: Records, given: Several):
    stranger = row(given.lines[0], 99, reference="NOTOURS99", name="A Stranger", phone="+254788888888")
    file_id = make_payouts.posted(records, given, [*_all_paid(given), stranger])
    posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE)
    keys = ("posting_id", "account", "currency", "list_id", "cycle_id", "grant_id", "budget_line_id", "provider_id")

    with records.read() as look:
        entered = look.session.connection().execute(
            sa.select(*(getattr(LedgerEntry, key) for key in keys), sa.func.count(), sa.func.sum(LedgerEntry.minor)).group_by(
                *(getattr(LedgerEntry, key) for key in keys)
            )
        )
        kept = look.session.connection().execute(
            sa.select(*(getattr(LedgerSum, key) for key in keys), col(LedgerSum.entries), col(LedgerSum.minor))
        )
        assert sorted(map(str, entered)) == sorted(map(str, kept))


def test_lists_of_one_provider_are_offered_together_and_others_are_refused(records: Records, given: Several):
    with records.read() as look:
        [offer] = offers(look)
    assert (offer.provider.code, {one.id for one in offer.lists}) == ("SMM", set(given.list_ids))

    with pytest.raises(Refused, match="choose the list"):
        files.receive(records, Actor(given.finance), [], "none.csv", b"a,b\n")


def test_the_upload_page_offers_every_open_list_of_a_provider_as_one_choice(visitor: Visit, records: Records, given: Several):
    finance = visitor(person_id=given.finance)
    value = f"{given.made.provider_id}:KES"
    assert f'value="{value}"' in finance.see("/payouts/new")

    content = io.BytesIO(make_payouts.csv_file(_all_paid(given)))
    preview = finance.send("/payouts/new", {"list": value, "file": (content, "both.csv")})

    assert "Nothing posted yet" in preview
    with records.read() as look:
        file_id = look.session.exec(select(PayoutFile.id)).one()
        assert about_of(look, file_id).ids == given.list_ids


def test_the_same_bytes_about_other_lists_are_another_file(records: Records, given: Several):
    content = make_payouts.csv_file(_all_paid(given))
    actor = Actor(given.finance)

    first = files.receive(records, actor, given.list_ids, "a.csv", content)
    again = files.receive(records, actor, tuple(reversed(given.list_ids)), "b.csv", content)
    other = files.receive(records, actor, given.list_ids[0], "c.csv", content)

    assert first == again != other
    with records.read() as look:
        assert about_of(look, first).file_name.endswith("-and-1-more")


def test_a_lists_own_hands_do_not_decide_that_its_payment_was_another_lists(records: Records, given: Several):
    one, other = given.lists
    make_payouts.posted(records, one, [row(one.lines[0], 1)])
    file_id = make_payouts.posted(records, other, [row(other.lines[0], 1)], name="claims.csv")
    editor, helper = make.staff(records, Role.FINANCE, name="Corin Umbrella"), make.staff(records, Role.FINANCE, name="Bettina Drizzle")
    with records.engine.begin() as connection:
        operation_id = connection.execute(sa.select(PaymentList.operation_id).where(PaymentList.id == one.list_id)).scalar_one()
        mine = {"id": uuid4(), "operation_id": operation_id, "list_id": one.list_id, "staff_id": editor}
        connection.execute(sa.insert(PayeeEditor), mine)
    with records.read() as look:
        finding_id = look.session.exec(
            select(PayoutFinding.id).where(PayoutFinding.file_id == file_id, PayoutFinding.kind == FindingKind.CONTRADICTS)
        ).one()
    answers.give(records, Actor(helper), file_id, finding_id, Said(Answer.NEWER))
    before = _balances(records)

    with pytest.raises(SameHands):
        answers.give(records, Actor(editor), file_id, finding_id, Said(Answer.NEWER))

    assert _balances(records) == before
    assert answers.give(records, Actor(given.finance), file_id, finding_id, Said(Answer.NEWER)) is State.DECIDED
    with records.read() as look:
        assert [statements.of_list(look, each.list_id).delivered_minor for each in (one, other)] == [0, other.lines[0].amount.minor]
