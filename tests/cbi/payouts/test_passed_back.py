"""A newer line that dies gives its promise back: what was paid on the older one meanwhile counts, and nobody is asked to pay it once more."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from cbi.access import Role
from cbi.errors import Refused
from cbi.payouts import closing, decisions, posting, statements
from cbi.payouts.answers import Said, give, question
from cbi.payouts.posting import UndoReason
from cbi.payouts.scope import Scope
from cbi.payouts.standing import LineKind
from cbi.payouts.tables import Answer
from cbi.payouts.tables_money import Ending, OpenLine
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import drawing, lists
from cbi.transfers.service import instructions_of
from reconciliation.findings import FindingKind
from reconciliation.ledger import Account
from tests import make
from tests.cbi.payouts.test_pages_finding import the
from tests.cbi.payouts.test_posting import _balances as balances
from tests.cbi.payouts.test_reissue import again, answers, promised_and_due, release
from tests.cbi.payouts.test_reissue_laws import broken
from tests.cbi.transfers.test_lists import lines, payment_list
from tests.make_payouts import Released, posted, previewed, released, row

REST = 50_000


@pytest.fixture
def given(records: Records) -> Released:
    """One transfer of which all but REST arrived."""
    given = released(records, (4,))
    posted(records, given, answers(given, ("SUCCESS", REST)))
    return given


def newer(records: Records, given: Released) -> Released:
    """The rest, asked for again on a released list."""
    list_id = again(records, given, LineKind.PAID_IN_PART)
    release(records, given, list_id)
    with records.read() as look:
        return Released(given.made, list_id, tuple(instructions_of(look, list_id)), given.finance)


def rest_is_paid_on_the_older(records: Records, given: Released) -> UUID:
    return posted(records, given, [row(given.lines[0], 77, minor=REST)], "late.csv")


def fails(records: Records, of: Released) -> UUID:
    return posted(records, of, [row(of.lines[0], 5, status="FAILED")], "failed.csv")


def due(records: Records, given: Released) -> int:
    with records.read() as look:
        cycle_id = payment_list(records, given.list_id).cycle_id
        return sum(one.left_minor for one in drawing.due_in(look, cycle_id))


def test_what_was_paid_on_the_older_line_counts_when_the_newer_fails_and_is_not_asked_for_again(records: Records, given: Released):
    other = newer(records, given)
    rest_is_paid_on_the_older(records, given)
    assert balances(records)[Account.SUSPENSE] == REST

    fails(records, other)

    held = balances(records)
    assert (held[Account.DELIVERED], held.get(Account.SUSPENSE, 0)) == (given.lines[0].amount.minor, 0)
    assert due(records, given) == 0
    with pytest.raises(Refused, match="nothing that is chosen is open"):
        again(records, other)
    with records.work(Actor(given.made.manager)) as work, pytest.raises(Refused):
        lists.make_list(work, payment_list(records, given.list_id).cycle_id, given.made.provider_id)
    assert broken(records) == []


def test_it_comes_to_the_same_in_whichever_order_the_two_are_posted(records: Records, given: Released):
    other = newer(records, given)
    fails(records, other)
    rest_is_paid_on_the_older(records, given)

    assert balances(records)[Account.DELIVERED] == given.lines[0].amount.minor
    assert [(line.live, line.settled_minor) for line in (*lines(records, given.list_id), *lines(records, other.list_id))] == [
        (True, 0),
        (False, 0),
    ]
    assert broken(records) == []


def test_undoing_the_failure_leaves_both_lines_as_they_were(records: Records, given: Released):
    other = newer(records, given)
    rest_is_paid_on_the_older(records, given)
    before = balances(records)
    file_id = fails(records, other)

    posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE)

    assert balances(records) == before
    [old], [new] = lines(records, given.list_id), lines(records, other.list_id)
    assert (old.live, old.settled_minor, new.live) == (False, old.amount_minor - REST, True)
    assert broken(records) == []


def test_everything_is_undone_one_by_one(records: Records, given: Released):
    other = newer(records, given)
    files = [rest_is_paid_on_the_older(records, given), fails(records, other)]

    for file_id in reversed(files):
        posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE)
        assert broken(records) == []

    assert balances(records)[Account.SUSPENSE] == 0
    assert promised_and_due(records) == [0]


def test_a_newer_line_taken_off_its_draft_gives_its_promise_back(records: Records, given: Released):
    list_id = again(records, given, LineKind.PAID_IN_PART)
    late = rest_is_paid_on_the_older(records, given)

    with records.work(Actor(given.made.manager)) as work:
        lists.take_off(work, list_id, lines(records, list_id)[0].id)

    assert balances(records)[Account.DELIVERED] == given.lines[0].amount.minor
    assert due(records, given) == 0
    posting.undo(records, Actor(given.finance), late, UndoReason.WRONG_FILE)
    assert due(records, given) == REST
    assert broken(records) == []


def test_a_preview_from_before_the_newer_line_was_taken_off_counts_within_the_promise(records: Records, given: Released):
    list_id = again(records, given, LineKind.PAID_IN_PART)
    late = previewed(records, given, [row(given.lines[0], 77, minor=REST)], "late.csv")
    with records.work(Actor(given.made.manager)) as work:
        lists.take_off(work, list_id, lines(records, list_id)[0].id)

    posting.post(records, Actor(given.finance), late)

    held = balances(records)
    assert (held[Account.DELIVERED], held[Account.SUSPENSE]) == (given.lines[0].amount.minor, 0)
    assert broken(records) == []


def test_money_that_came_back_meanwhile_is_due_again(records: Records, given: Released):
    other = newer(records, given)
    late = rest_is_paid_on_the_older(records, given)
    agree(records, late, the(records, late, FindingKind.PAID_MORE), Said(Answer.RECOVERED, amount_minor=REST, on=today(records)))

    fails(records, other)

    assert balances(records)[Account.SUSPENSE] == 0
    assert due(records, given) == REST
    assert broken(records) == []


def test_what_two_people_accepted_beyond_the_promise_is_within_it_again(records: Records, given: Released):
    other = newer(records, given)
    late = rest_is_paid_on_the_older(records, given)
    agree(records, late, the(records, late, FindingKind.PAID_MORE), Said(Answer.EXTRA))
    assert balances(records)[Account.EXTRA] == REST
    before = balances(records)

    failed = fails(records, other)

    held = balances(records)
    assert (held[Account.DELIVERED], held[Account.SUSPENSE], held[Account.EXTRA]) == (given.lines[0].amount.minor, 0, 0)
    assert due(records, given) == 0
    assert broken(records) == []
    posting.undo(records, Actor(given.finance), failed, UndoReason.WRONG_FILE)
    assert balances(records) == before


def test_what_a_closed_list_gave_up_is_taken_up_again(records: Records, given: Released):
    other = newer(records, given)
    rest_is_paid_on_the_older(records, given)
    one, two = (make.staff(records, Role.FINANCE) for _ in range(2))
    with records.work(Actor(one)) as work:
        for item in closing.readiness(work, given.list_id).items:
            ending = Ending.CANCEL if item.line is not OpenLine.SUSPENSE else Ending.ASK_BACK
            closing.decide(work, given.list_id, item.line, item.currency, ending, "it is on the newer list")
    with records.work(Actor(two)) as work:
        closing.close(work, given.list_id, shown_minor=closing.readiness(work, given.list_id).statement.open_minor)

    fails(records, other)

    with records.read() as look:
        statement = statements.of_list(look, given.list_id)
        assert statements.of_scope(look, Scope("UTC"))[0].gaps == ()
    assert (statement.open_minor, statement.gaps) == (0, ())
    assert balances(records)[Account.DELIVERED] == given.lines[0].amount.minor
    assert broken(records) == []


@pytest.mark.parametrize("fails_first", [True, False])
def test_what_is_still_open_of_a_line_that_was_replaced_before_is_due_on_an_ordinary_list(
    records: Records, given: Released, *, fails_first: bool
):
    other = newer(records, given)
    half = [row(given.lines[0], 77, minor=REST // 2)]
    if fails_first:
        fails(records, other)
        posted(records, given, half, "late.csv")
    else:
        posted(records, given, half, "late.csv")
        fails(records, other)

    with pytest.raises(Refused, match="nothing that is chosen is open"):
        again(records, given, LineKind.PAID_IN_PART)
    assert due(records, given) == REST // 2
    with records.work(Actor(given.made.manager)) as work:
        made = lists.make_list(work, payment_list(records, given.list_id).cycle_id, given.made.provider_id)
    assert [line.amount_minor for line in lines(records, made)] == [REST // 2]
    assert broken(records) == []


def test_a_decision_about_the_newer_line_passes_its_promise_back_and_on_again(records: Records, given: Released):
    other = newer(records, given)
    rest_is_paid_on_the_older(records, given)
    posted(records, other, [row(other.lines[0], 5, txn="N1")], "newer.csv")
    against = posted(records, other, [row(other.lines[0], 5, txn="N1", status="FAILED")], "against.csv")
    before = balances(records)
    finding_id = the(records, against, FindingKind.CONTRADICTS)

    agree(records, against, finding_id, Said(Answer.NEWER))
    assert balances(records)[Account.SUSPENSE] == 0
    assert due(records, given) == 0
    assert broken(records) == []
    with records.read() as look:
        [decision] = decisions.of_finding(look, finding_id)
    decisions.take_back(records, Actor(given.finance), decision.id)

    assert balances(records) == before
    assert broken(records) == []


@pytest.fixture
def failed_once(records: Records) -> tuple[Released, Released]:
    """A transfer that failed and was asked for again on a newer list, as the older and the newer list."""
    older = released(records, (4,))
    posted(records, older, answers(older, ("FAILED", 0)))
    list_id = again(records, older, LineKind.FAILED)
    release(records, older, list_id)
    with records.read() as look:
        return older, Released(older.made, list_id, tuple(instructions_of(look, list_id)), older.finance)


def paid_late(records: Records, older: Released) -> tuple[UUID, UUID]:
    """The older transfer is paid after all, while the newer is under way: the file and its finding."""
    file_id = posted(records, older, [row(older.lines[0], 77)], "late.csv")
    return file_id, the(records, file_id, FindingKind.NOT_INSTRUCTED)


def offered(records: Records, file_id: UUID, finding_id: UUID) -> set[Answer]:
    with records.read() as look:
        return {one.answer for one in question(look, file_id, finding_id, make.staff(records, Role.FINANCE)).choices}


def test_money_on_a_replaced_transfer_cannot_count_for_it_while_the_newer_one_is_under_way(
    records: Records, failed_once: tuple[Released, Released]
):
    older, _newer = failed_once
    file_id, finding_id = paid_late(records, older)

    assert Answer.SAME_PERSON not in offered(records, file_id, finding_id)
    with pytest.raises(Refused, match="pays nothing that is still open"):
        agree(records, file_id, finding_id, Said(Answer.SAME_PERSON))
    assert broken(records) == []


def test_money_on_a_replaced_transfer_counts_for_it_when_the_newer_one_failed_and_two_people_say_so(
    records: Records, failed_once: tuple[Released, Released]
):
    older, newer = failed_once
    amount = older.lines[0].amount.minor
    file_id, finding_id = paid_late(records, older)
    fails(records, newer)
    before = balances(records)
    assert (before.get(Account.DELIVERED, 0), before[Account.SUSPENSE], due(records, older)) == (0, amount, 0)

    assert Answer.SAME_PERSON in offered(records, file_id, finding_id)
    agree(records, file_id, finding_id, Said(Answer.SAME_PERSON))

    held = balances(records)
    assert (held[Account.DELIVERED], held[Account.SUSPENSE]) == (amount, 0)
    with records.read() as look:
        assert statements.of_list(look, older.list_id).open_minor == 0
        assert [gap for one in statements.of_scope(look, Scope("UTC")) for gap in one.gaps] == []
        [decision] = decisions.of_finding(look, finding_id)
    assert due(records, older) == 0
    assert broken(records) == []

    decisions.take_back(records, Actor(older.finance), decision.id)
    assert balances(records) == before | {Account.DELIVERED: 0}
    assert broken(records) == []


def test_that_the_newer_one_failed_is_undone_after_money_counted_for_the_older(records: Records, failed_once: tuple[Released, Released]):
    older, newer = failed_once
    file_id, finding_id = paid_late(records, older)
    failed = fails(records, newer)
    agree(records, file_id, finding_id, Said(Answer.SAME_PERSON))

    posting.undo(records, Actor(older.finance), failed, UndoReason.WRONG_FILE)

    held = balances(records)
    assert (held[Account.DELIVERED], held[Account.SUSPENSE]) == (0, older.lines[0].amount.minor)
    [old], [new] = lines(records, older.list_id), lines(records, newer.list_id)
    assert (old.live, new.live) == (False, True)
    assert broken(records) == []


def test_money_that_counted_and_came_back_is_due_again(records: Records, failed_once: tuple[Released, Released]):
    older, newer = failed_once
    file_id, finding_id = paid_late(records, older)
    fails(records, newer)
    agree(records, file_id, finding_id, Said(Answer.SAME_PERSON))

    posted(records, older, [row(older.lines[0], 78, status="REVERSED")], "back.csv")

    held = balances(records)
    assert (held[Account.DELIVERED], held[Account.SUSPENSE]) == (0, 0)
    assert due(records, older) == older.lines[0].amount.minor
    assert broken(records) == []


def agree(records: Records, file_id: UUID, finding_id: UUID, said: Said) -> None:
    for _ in range(2):
        give(records, Actor(make.staff(records, Role.FINANCE)), file_id, finding_id, said)
    with records.read() as look:
        assert len(decisions.of_finding(look, finding_id)) == 1


def today(records: Records) -> date:
    with records.read() as look:
        return look.today
