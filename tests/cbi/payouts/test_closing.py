"""A list ends only when every open line has a named decision."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import select

from cbi.access import Role
from cbi.errors import Refused, SameHands, SomebodyWasFirst
from cbi.payouts import answers, closing, cycles_account, decisions, posting, reading, statements
from cbi.payouts.answers import Said
from cbi.payouts.posting import UndoReason
from cbi.payouts.standing import LineKind
from cbi.payouts.tables import Answer, FileStatus, LedgerEntry, LedgerPosting, PayoutFile, PayoutFinding, PostingKind
from cbi.payouts.tables_money import Ending, OpenLine
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers.tables import Cycle, CycleStatus, Instruction, ListStatus, PaymentList
from reconciliation.findings import FindingKind
from reconciliation.ledger import Account
from tests import make, make_payouts
from tests.cbi.payouts.test_posting import _balances, _mixed
from tests.make_payouts import Released, row


@pytest.fixture
def given(records: Records) -> Released:
    found = make_payouts.released(records)
    make_payouts.posted(records, found, _mixed(found))
    return found


@pytest.fixture
def closer(records: Records) -> Actor:
    return Actor(make.staff(records, Role.APPROVER, name="Bo Closer"))


def _decide(records: Records, given: Released, line: OpenLine, ending: Ending, reason: str = "") -> None:
    with records.work(Actor(given.finance)) as work:
        closing.decide(work, given.list_id, line, "KES", ending, reason)


def _decide_all(records: Records, given: Released) -> None:
    _decide(records, given, OpenLine.PAID_IN_PART, Ending.CANCEL, "the rest was given in kind")
    _decide(records, given, OpenLine.FAILED, Ending.INSTRUCT_AGAIN)
    _decide(records, given, OpenLine.WITH_THE_WRONG_HAND, Ending.CARRY_OVER)
    _decide(records, given, OpenLine.MISSING, Ending.CANCEL, "moved away, and was told")
    _decide(records, given, OpenLine.SUSPENSE, Ending.ASK_BACK)


def _close(records: Records, given: Released, closer: Actor) -> None:
    with records.read() as look:
        shown = statements.of_list(look, given.list_id).open_minor
    with records.work(closer) as work:
        closing.close(work, given.list_id, shown_minor=shown)


def _statement(records: Records, given: Released) -> statements.ListStatement:
    with records.read() as look:
        return statements.of_list(look, given.list_id)


def test_a_list_is_not_closed_while_a_line_has_no_decision(records: Records, given: Released, closer: Actor):
    _decide(records, given, OpenLine.MISSING, Ending.CARRY_OVER)

    with pytest.raises(Refused, match="decide first what becomes of every open line"):
        _close(records, given, closer)


def test_closing_gives_up_what_was_decided_so_and_the_statement_still_foots(records: Records, given: Released, closer: Actor):
    _decide_all(records, given)
    before = _statement(records, given)

    _close(records, given, closer)

    after = _statement(records, given)
    lines = {line.kind: line for line in after.lines}
    gone = sum(line.open_minor for line in before.lines if line.kind in {LineKind.PAID_IN_PART, LineKind.FAILED, LineKind.MISSING})
    assert after.foots
    assert (after.cancelled_minor, after.open_minor) == (gone, before.open_minor - gone)
    assert lines[LineKind.GIVEN_UP].count == 2
    assert lines[LineKind.WITH_THE_WRONG_HAND].open_minor == after.open_minor
    assert sum(_balances(records).values()) == 0
    with records.read() as look:
        assert look.session.get_one(PaymentList, given.list_id).status is ListStatus.CLOSED


def test_who_decided_a_line_does_not_close_the_list(records: Records, given: Released):
    _decide_all(records, given)

    with pytest.raises(SameHands, match="somebody else"):
        _close(records, given, Actor(given.finance))


@pytest.mark.parametrize("seat", ["manager", "approver", "releaser"])
def test_a_lists_own_hands_do_not_close_it(records: Records, given: Released, closer: Actor, seat: str):
    _decide_all(records, given)

    with pytest.raises(SameHands, match="leave this to somebody else"):
        _close(records, given, Actor(getattr(given.made, seat)))

    assert _statement(records, given).closed_at is None
    _close(records, given, closer)


def test_a_list_is_closed_at_the_instant_its_turn_came(records: Records, given: Released, closer: Actor):
    """A file posted while somebody waits to close is in the last statement: it did not arrive late."""
    _decide_all(records, given)

    with records.work(closer) as work:
        make_payouts.posted(records, given, [row(given.lines[5], 60)], "meanwhile.csv")
        closing.close(work, given.list_id, shown_minor=_statement(records, given).open_minor)

    closed = _statement(records, given)
    with records.read() as look:
        posted_at = look.session.exec(select(PayoutFile.posted_at).order_by(sa.desc(PayoutFile.posted_at))).first()
    assert closed.closed_at > posted_at
    assert closed.late == {}


def test_a_lists_own_hands_decide_nothing(records: Records, given: Released):
    with pytest.raises(SameHands), records.work(Actor(given.made.manager)) as work:
        closing.decide(work, given.list_id, OpenLine.MISSING, "KES", Ending.CARRY_OVER)


def test_giving_up_needs_a_reason(records: Records, given: Released):
    with pytest.raises(Refused, match="say why"):
        _decide(records, given, OpenLine.MISSING, Ending.CANCEL)


def test_what_was_paid_in_part_is_never_instructed_again_as_a_whole(records: Records, given: Released):
    with pytest.raises(Refused, match="choose one of the answers"):
        _decide(records, given, OpenLine.PAID_IN_PART, Ending.INSTRUCT_AGAIN)


def test_a_decision_lapses_when_its_line_changes(records: Records, given: Released, closer: Actor):
    _decide_all(records, given)
    make_payouts.posted(records, given, [row(given.lines[5], 60)], name="more.csv")

    with records.read() as look:
        found = closing.readiness(look, given.list_id)

    assert not [item for item in found.items if item.line is OpenLine.MISSING]
    assert found.is_ready
    make_payouts.posted(records, given, [row(given.lines[2], 61)], name="third.csv")
    with pytest.raises(SomebodyWasFirst), records.work(closer) as work:
        closing.close(work, given.list_id, shown_minor=found.statement.open_minor)


def test_what_is_given_up_cannot_be_promised_again_and_what_is_to_be_instructed_again_can(records: Records, given: Released, closer: Actor):
    _decide_all(records, given)

    _close(records, given, closer)

    with records.engine.connect() as connection:
        live = dict(connection.execute(sa.select(Instruction.reference, Instruction.live)).all())
    assert live[given.lines[5].reference] is True
    assert live[given.lines[2].reference] is False


def test_a_closed_list_is_settled_and_cannot_be_closed_twice(records: Records, given: Released, closer: Actor):
    _decide_all(records, given)
    _close(records, given, closer)

    with pytest.raises(SomebodyWasFirst, match="closed already"):
        _close(records, given, closer)


def test_a_result_after_closing_is_posted_on_its_own_and_shows_on_the_closed_statement(records: Records, given: Released, closer: Actor):
    _decide_all(records, given)
    _close(records, given, closer)
    before = _balances(records)
    late = given.lines[5]

    file_id = make_payouts.posted(records, given, [row(late, 70)], name="late.csv")

    statement = _statement(records, given)
    assert statement.foots
    assert statement.late == {Account.DELIVERED: late.amount.minor, Account.CANCELLED: -late.amount.minor}
    with records.engine.connect() as connection:
        kinds = connection.execute(sa.select(LedgerPosting.kind).where(LedgerPosting.file_id == file_id)).scalars().all()
    assert set(kinds) == {PostingKind.PAYOUT, PostingKind.LATE}

    posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE)

    assert _balances(records) == before
    assert _statement(records, given).late == {}


def test_money_that_comes_back_after_closing_has_to_be_settled_again(records: Records, given: Released, closer: Actor):
    _decide_all(records, given)
    _close(records, given, closer)
    first = given.lines[0]

    make_payouts.posted(records, given, [row(first, 71, status="REVERSED")], name="back.csv")

    with records.read() as look:
        found = closing.readiness(look, given.list_id)
    [item] = [one for one in found.items if one.line is OpenLine.RETURNED]
    assert (item.count, item.minor, item.decided) == (1, first.amount.minor, None)
    _decide(records, given, OpenLine.RETURNED, Ending.CANCEL, "the household asked to leave the programme")
    _close(records, given, closer)
    assert _statement(records, given).foots
    with records.engine.connect() as connection:
        per_transfer = (
            sa.select(sa.func.sum(LedgerEntry.minor)).where(LedgerEntry.account == Account.OPEN).group_by(LedgerEntry.instruction_id)
        )
        assert min(connection.execute(per_transfer).scalars()) >= 0


def _cycle_id(records: Records, given: Released):
    with records.read() as look:
        return look.session.get_one(PaymentList, given.list_id).cycle_id


def test_a_cycle_foots_at_every_moment_of_its_life(records: Records, given: Released, closer: Actor):
    one, two, three, four, five, six = (line.amount.minor for line in given.lines)
    cycle_id = _cycle_id(records, given)

    with records.read() as look:
        before = cycles_account.of_cycle(look, cycle_id)
    _decide_all(records, given)
    _close(records, given, closer)
    with records.read() as look:
        after = cycles_account.of_cycle(look, cycle_id)

    assert before.foots
    assert after.foots
    assert (before.paid_minor, before.failed_minor, before.pending_minor) == (one + two - 50_000 + four, three, 50_000 + five + six)
    # The failed one, to be instructed again, is due again; the given-up ones are not.
    assert (after.given_up_minor, after.failed_minor + after.held_minor, after.pending_minor) == (50_000 + six, three, five)


def test_a_cycle_closes_when_its_lists_are_and_what_is_left_has_a_reason(records: Records, given: Released, closer: Actor):
    cycle_id = _cycle_id(records, given)
    with pytest.raises(Refused, match="list that is still open"):
        _close_cycle(records, cycle_id, closer)
    _decide_all(records, given)
    _close(records, given, closer)
    with pytest.raises(Refused, match="say why something due is left unpaid"):
        _close_cycle(records, cycle_id, closer)

    _close_cycle(records, cycle_id, closer, "one household left the district")

    with records.read() as look:
        assert look.session.get_one(Cycle, cycle_id).status is CycleStatus.CLOSED
        found = cycles_account.closing_of(look, cycle_id)
        assert found is not None
        reason = look.open(found, "reason")
    assert reason == "one household left the district"
    with pytest.raises(SomebodyWasFirst):
        _close_cycle(records, cycle_id, closer, "again")


def _close_cycle(records: Records, cycle_id, closer: Actor, reason: str = "") -> None:
    with records.read() as look:
        paid = cycles_account.of_cycle(look, cycle_id).paid_minor
    with records.work(closer) as work:
        cycles_account.close_cycle(work, cycle_id, shown_paid_minor=paid, reason=reason)


def _none_is_negative(records: Records) -> None:
    with records.engine.connect() as connection:
        for account in (Account.OPEN, Account.CANCELLED):
            sums = sa.select(sa.func.sum(LedgerEntry.minor)).where(LedgerEntry.account == account).group_by(LedgerEntry.instruction_id)
            assert min(connection.execute(sums).scalars(), default=0) >= 0


def _line(records: Records, given: Released, kind: LineKind) -> tuple[int, int, int]:
    [found] = [line for line in _statement(records, given).lines if line.kind is kind]
    return found.count, found.open_minor, found.cancelled_minor


def test_undoing_a_return_whose_promise_was_given_up_since_takes_the_promise_up_again(records: Records, given: Released, closer: Actor):
    _decide_all(records, given)
    _close(records, given, closer)
    before = _balances(records)
    file_id = make_payouts.posted(records, given, [row(given.lines[0], 71, status="REVERSED")], name="back.csv")
    _decide(records, given, OpenLine.RETURNED, Ending.CANCEL, "the household asked to leave the programme")
    _close(records, given, closer)

    posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE)

    assert _statement(records, given).foots
    assert _balances(records) == before
    assert _line(records, given, LineKind.PAID)[1:] == (0, 0)
    _none_is_negative(records)


def test_a_file_undone_twice_around_closings_leaves_no_promise_below_zero(records: Records, given: Released, closer: Actor):
    _decide_all(records, given)
    _close(records, given, closer)
    before = _balances(records)
    file_id = make_payouts.posted(records, given, [row(given.lines[0], 71, status="REVERSED")], name="back.csv")
    for _round in range(2):
        _decide(records, given, OpenLine.RETURNED, Ending.CANCEL, "the household asked to leave the programme")
        _close(records, given, closer)
        posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE)
        assert reading.read(records, Actor(given.finance), file_id) is FileStatus.PREVIEWED
        posting.post(records, Actor(given.finance), file_id)

    posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE)

    assert _balances(records) == before
    _none_is_negative(records)


def test_taking_back_a_decision_whose_promise_was_given_up_since_takes_the_promise_up_again(
    records: Records, given: Released, closer: Actor
):
    other = make.staff(records, Role.FINANCE, name="Bettina Drizzle")
    file_id = make_payouts.posted(records, given, [row(given.lines[0], 72, status="FAILED")], name="later.csv")
    before = _line(records, given, LineKind.PAID)
    with records.read() as look:
        finding_id = look.session.exec(
            select(PayoutFinding.id).where(PayoutFinding.file_id == file_id, PayoutFinding.kind == FindingKind.CONTRADICTS)
        ).one()
    for person_id in (given.finance, other):
        answers.give(records, Actor(person_id), file_id, finding_id, Said(Answer.NEWER))
    _decide_all(records, given)
    _decide(records, given, OpenLine.FAILED, Ending.CANCEL, "moved away, and was told")
    _close(records, given, closer)
    with records.read() as look:
        [decision] = decisions.of_file(look, file_id)

    decisions.take_back(records, Actor(given.finance), decision.id)

    assert _line(records, given, LineKind.PAID) == before
    assert _statement(records, given).foots
    _none_is_negative(records)
