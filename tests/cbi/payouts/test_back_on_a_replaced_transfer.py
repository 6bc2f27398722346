"""Money that came late on a replaced transfer and was given back: what people said of it can be taken back, as long as nobody was asked again because of it."""

from __future__ import annotations

from uuid import UUID

import pytest

from cbi.errors import Refused
from cbi.payouts import decisions, posting
from cbi.payouts.answers import Said
from cbi.payouts.posting import UndoReason
from cbi.payouts.standing import LineKind
from cbi.payouts.tables import Answer
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import lists
from cbi.transfers.service import instructions_of
from reconciliation.findings import FindingKind
from reconciliation.ledger import Account
from tests.cbi.payouts import test_passed_back
from tests.cbi.payouts.test_pages_finding import the
from tests.cbi.payouts.test_passed_back import agree, due, fails, paid_late, today
from tests.cbi.payouts.test_posting import _balances as balances
from tests.cbi.payouts.test_reissue import again, answers, release
from tests.cbi.payouts.test_reissue_laws import broken
from tests.cbi.transfers.test_lists import lines
from tests.make_payouts import Released, posted, released, row

failed_once = test_passed_back.failed_once


def given_back(records: Records, file_id: UUID, finding_id: UUID, minor: int) -> UUID:
    """Two people say that so much of a finding's money came back: their decision."""
    agree(records, file_id, finding_id, Said(Answer.RECOVERED, amount_minor=minor, on=today(records)))
    with records.read() as look:
        return decisions.of_finding(look, finding_id)[-1].id


def lives(records: Records, *of: Released) -> list[tuple[bool, int]]:
    return [(line.live, line.settled_minor) for one in of for line in lines(records, one.list_id)]


@pytest.mark.parametrize("share", [1, 2])
def test_what_was_said_to_have_come_back_waits_again(records: Records, failed_once: tuple[Released, Released], share: int):
    older, newer = failed_once
    file_id, finding_id = paid_late(records, older)
    before = balances(records)
    decision_id = given_back(records, file_id, finding_id, older.lines[0].amount.minor // share)

    decisions.take_back(records, Actor(older.finance), decision_id)

    assert balances(records) == before
    assert lives(records, older, newer) == [(False, 0), (True, 0)]
    assert (due(records, older), broken(records)) == (0, [])


def test_the_file_is_undone_with_what_was_said_of_it(records: Records, failed_once: tuple[Released, Released]):
    older, newer = failed_once
    before = balances(records)
    file_id, finding_id = paid_late(records, older)
    given_back(records, file_id, finding_id, older.lines[0].amount.minor)

    posting.undo(records, Actor(older.finance), file_id, UndoReason.WRONG_FILE)

    assert balances(records) == before | {Account.SUSPENSE: 0, Account.PROVIDER: 0}
    assert lives(records, older, newer) == [(False, 0), (True, 0)]
    assert (due(records, older), broken(records)) == (0, [])


def test_nobody_is_asked_for_what_waits_again_after_the_newer_one_failed_too(records: Records, failed_once: tuple[Released, Released]):
    older, newer = failed_once
    file_id, finding_id = paid_late(records, older)
    decision_id = given_back(records, file_id, finding_id, older.lines[0].amount.minor)
    fails(records, newer)
    assert due(records, older) == older.lines[0].amount.minor

    decisions.take_back(records, Actor(older.finance), decision_id)

    assert balances(records)[Account.SUSPENSE] == older.lines[0].amount.minor
    assert lives(records, older, newer) == [(True, 0), (False, 0)]
    assert (due(records, older), broken(records)) == (0, [])


@pytest.mark.parametrize("out", [True, False])
def test_what_a_transfer_was_asked_for_again_because_of_stays_said(records: Records, *, out: bool):
    older = released(records, (4,))
    file_id = posted(records, older, [row(older.lines[0], 77, name="Somebody Completely Else", phone="+254799912345")])
    decision_id = given_back(records, file_id, the(records, file_id, FindingKind.WRONG_PAYEE), older.lines[0].amount.minor)
    list_id = again(records, older, LineKind.RETURNED)
    if out:
        release(records, older, list_id)
    before = balances(records)

    with pytest.raises(Refused, match="instructed again since"):
        decisions.take_back(records, Actor(older.finance), decision_id)
    with pytest.raises(Refused, match="instructed again since"):
        posting.undo(records, Actor(older.finance), file_id, UndoReason.WRONG_FILE)

    assert balances(records) == before
    assert [line.live for line in lines(records, list_id)] == [True]
    assert broken(records) == []


def test_the_same_holds_of_what_was_asked_for_on_ordinary_lists_one_after_the_other(records: Records):
    first = released(records, (4,))
    posted(records, first, answers(first, ("FAILED", 0)))
    second = asked_on_an_ordinary_list(records, first)
    fails(records, second)
    third = asked_on_an_ordinary_list(records, second)
    before = balances(records)
    file_id = posted(records, second, [row(second.lines[0], 77)], "late.csv")
    waits = balances(records)
    decision_id = given_back(records, file_id, the(records, file_id, FindingKind.NOT_INSTRUCTED), second.lines[0].amount.minor)

    decisions.take_back(records, Actor(first.finance), decision_id)
    assert balances(records) == waits
    posting.undo(records, Actor(first.finance), file_id, UndoReason.WRONG_FILE)

    assert balances(records) == before | {Account.SUSPENSE: 0, Account.PROVIDER: 0}
    assert lives(records, first, second, third) == [(False, 0), (False, 0), (True, 0)]
    assert (due(records, first), broken(records)) == (0, [])


def asked_on_an_ordinary_list(records: Records, of: Released) -> Released:
    """What failed there, drawn anew with everybody else."""
    with records.work(Actor(of.made.manager)) as work:
        list_id = lists.make_list(work, lists.list_by_id(work, of.list_id).cycle_id, of.made.provider_id)
    release(records, of, list_id)
    with records.read() as look:
        return Released(of.made, list_id, tuple(instructions_of(look, list_id)), of.finance)
