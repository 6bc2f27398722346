"""What two people decided about a row is not asked again when a later file repeats that row."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlmodel import select

from cbi.access import Role
from cbi.errors import Refused
from cbi.payouts import decisions, posting, reading
from cbi.payouts.answers import Said, give
from cbi.payouts.tables import Answer, FindingDecision, PayoutFinding
from cbi.store.records import Records
from cbi.store.work import Actor
from reconciliation.findings import FindingKind
from tests import make, make_payouts
from tests.cbi.payouts.test_pages_finding import the
from tests.cbi.payouts.test_posting import _balances as balances
from tests.make_payouts import Released, row


@pytest.fixture
def given(records: Records) -> Released:
    given = make_payouts.released(records, (4, 3))
    make_payouts.posted(records, given, [row(given.lines[0], 1)])
    return given


def decided(records: Records, given: Released, rows: list[list[str]], answer: Answer) -> UUID:
    """A posted file with a contradiction, and what two people said of it."""
    file_id = make_payouts.posted(records, given, rows, "against.csv")
    for _ in range(2):
        give(records, Actor(make.staff(records, Role.FINANCE)), file_id, the(records, file_id, FindingKind.CONTRADICTS), Said(answer))
    return file_id


def kinds(records: Records, file_id: UUID) -> dict[str, FindingKind]:
    with records.read() as look:
        found = look.session.exec(select(PayoutFinding).where(PayoutFinding.file_id == file_id)).all()
    return {one.reference: one.kind for one in found}


def against(given: Released) -> list[list[list[str]]]:
    """Rows that contradict what was posted first: a failure, and another amount under the same id."""
    line = given.lines[0]
    return [[row(line, 2, status="FAILED")], [row(line, 1, minor=line.amount.minor - 100)]]


@pytest.mark.parametrize("which", [0, 1])
def test_a_row_that_two_people_decided_against_is_known_when_a_later_file_repeats_it(records: Records, given: Released, which: int):
    rows = against(given)[which]
    decided(records, given, rows, Answer.EARLIER)
    before = balances(records)

    later = make_payouts.previewed(records, given, [*rows, row(given.lines[1], 9)], "later.csv")

    assert kinds(records, later) == {given.lines[0].reference: FindingKind.PAID_BEFORE, given.lines[1].reference: FindingKind.PAID}
    with records.read() as look:
        finding = look.session.exec(
            select(PayoutFinding).where(PayoutFinding.file_id == later, PayoutFinding.kind == FindingKind.PAID_BEFORE)
        ).one()
        assert finding.because == "decided"
    posting.post(records, Actor(given.finance), later)
    paid = given.lines[1].amount.minor
    assert balances(records) == {**before, "delivered": before["delivered"] + paid, "open": before["open"] - paid}


def test_something_else_about_the_same_transfer_is_asked_all_the_same(records: Records, given: Released):
    decided(records, given, against(given)[1], Answer.EARLIER)

    later = make_payouts.previewed(records, given, [row(given.lines[0], 1, minor=given.lines[0].amount.minor - 200)], "later.csv")

    assert kinds(records, later)[given.lines[0].reference] is FindingKind.CONTRADICTS


def test_the_same_id_and_amount_for_another_transfer_is_asked_all_the_same(records: Records, given: Released):
    one, other = given.lines
    minor = one.amount.minor - 100
    decided(records, given, [row(one, 1, minor=minor)], Answer.EARLIER)

    later = make_payouts.previewed(records, given, [row(other, 1, minor=minor)], "later.csv")

    assert kinds(records, later)[other.reference] is FindingKind.CONTRADICTS


def test_what_nobody_decided_yet_is_asked_again(records: Records, given: Released):
    rows = against(given)[0]
    make_payouts.posted(records, given, rows, "against.csv")

    later = make_payouts.previewed(records, given, [*rows, row(given.lines[1], 9)], "later.csv")

    assert kinds(records, later)[given.lines[0].reference] is FindingKind.CONTRADICTS


def test_a_decision_that_a_later_file_relies_on_is_not_taken_back_before_it(records: Records, given: Released):
    rows = against(given)[0]
    decided(records, given, rows, Answer.EARLIER)
    make_payouts.posted(records, given, [*rows, row(given.lines[1], 9)], "later.csv")
    with records.read() as look:
        decision_id = look.session.exec(select(FindingDecision.id)).one()

    with pytest.raises(Refused, match="undo the newer files"):
        decisions.take_back(records, Actor(given.finance), decision_id)


def test_a_decision_that_was_taken_back_is_asked_about_again(records: Records, given: Released):
    rows = against(given)[0]
    file_id = decided(records, given, rows, Answer.EARLIER)
    with records.read() as look:
        decision_id = look.session.exec(select(FindingDecision.id)).one()
    decisions.take_back(records, Actor(given.finance), decision_id)

    later = make_payouts.previewed(records, given, [*rows, row(given.lines[1], 9)], "later.csv")

    assert kinds(records, later)[given.lines[0].reference] is FindingKind.CONTRADICTS
    with records.read() as look:
        assert reading.decided_against(look, given.made.provider_id) == []
    assert file_id != later
