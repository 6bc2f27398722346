"""What waits for finance today, and what does not any more."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import SomebodyWasFirst
from cbi.payouts import browse, decisions, files, matches, posting, queries, reading
from cbi.payouts.answers import Said, give, question
from cbi.payouts.files import AwayReason
from cbi.payouts.narrowing import Narrowed, page_of
from cbi.payouts.posting import UndoReason
from cbi.payouts.tables import Answer, FileStatus, FindingDecision, PayoutFinding
from cbi.store.records import Records
from cbi.store.work import Actor
from reconciliation.findings import FindingKind
from tests import make_payouts
from tests.cbi.payouts.test_pages_finding import ids
from tests.cbi.payouts.test_pages_rows import suggested
from tests.make import Visitor
from tests.make_payouts import Released, row

Visit = Callable[..., Visitor]
WAITS = "Released lists without a payout file"


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


def test_a_list_whose_preview_waits_is_not_without_a_file(visitor: Visit, records: Records, given: Released):
    finance = visitor(person_id=given.finance)
    assert WAITS in finance.see("/")

    file_id = make_payouts.previewed(records, given, [row(line, place) for place, line in enumerate(given.lines, 1)])

    page = finance.see("/")
    assert WAITS not in page
    assert "Previews not posted" in page
    posting.post(records, Actor(given.finance), file_id)
    posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE)
    assert WAITS in finance.see("/")


def test_a_list_whose_file_was_put_away_is_without_one_again(records: Records, given: Released):
    file_id = files.receive(records, Actor(given.finance), given.list_id, "odd.csv", b"one,two,three\n1,2,3\n4,5,6\n")
    assert reading.read(records, Actor(given.finance), file_id) is FileStatus.ASKING
    with records.read() as look:
        assert queries.waiting_lists(look) == []

    files.put_away(records, Actor(given.finance), file_id, AwayReason.WRONG_FILE)

    with records.read() as look:
        assert [one.payment_list.id for one in queries.waiting_lists(look)] == [given.list_id]


def test_a_tied_row_counts_as_answered_among_the_strangers(records: Records, given: Released):
    file_id = suggested(records, given)
    strangers = Narrowed((FindingKind.NOT_OURS,))
    first, *others = ids(records, file_id, FindingKind.NOT_OURS)
    with records.read() as look:
        assert browse.around(look, queries.finding_by_id(look, file_id, first).finding, strangers, shown=7).answered == 0
        because = matches.in_bulk(look, file_id)[0].because

    matches.accept_all(records, Actor(given.finance), file_id, because, 3)

    with records.read() as look:
        finding = queries.finding_by_id(look, file_id, first).finding
        around = browse.around(look, finding, strangers, shown=7)
        assert (around.answered, around.total) == (3, 3)
        assert browse.next_unanswered(look, finding, strangers) is None
        answered = page_of(look, file_id, Narrowed((FindingKind.NOT_OURS,), answered=True))
        assert [one.finding.id for one in answered.findings] == [first, *others]
        assert page_of(look, file_id, Narrowed((FindingKind.NOT_OURS,), answered=False)).findings == ()


def test_an_answer_whose_decision_was_taken_back_is_one_no_more(records: Records, given: Released):
    file_id = suggested(records, given)
    posting.post(records, Actor(given.finance), file_id)
    suggestion, other = ids(records, file_id, FindingKind.SUGGESTED)[:2]
    with records.read() as look:
        [place] = question(look, file_id, suggestion, given.finance).places
    give(records, Actor(given.finance), file_id, suggestion, Said(Answer.MATCH, place=place))
    with records.read() as look:
        assert browse.sums(look, file_id, Narrowed((FindingKind.SUGGESTED,), answered=True)).findings == 1
        decision_id = look.session.exec(select(FindingDecision.id)).one()

    decisions.take_back(records, Actor(given.finance), decision_id)

    with records.read() as look:
        assert browse.sums(look, file_id, Narrowed((FindingKind.SUGGESTED,), answered=True)).findings == 0
        assert browse.sums(look, file_id, Narrowed((FindingKind.NOT_OURS,), answered=True)).findings == 0
        assert queries.finding_by_id(look, file_id, suggestion).answers == ()
        assert [one.count for one in matches.in_bulk(look, file_id)] == [3]
    assert other != suggestion


def test_a_row_whose_match_was_taken_back_may_be_tied_to_another_transfer(records: Records, given: Released):
    file_id = suggested(records, given)
    posting.post(records, Actor(given.finance), file_id)
    first, second = ids(records, file_id, FindingKind.SUGGESTED)[:2]
    with records.engine.begin() as both:  # one row that could be either's
        both.execute(
            sa.update(PayoutFinding)
            .where(col(PayoutFinding.id) == second)
            .values(points_at=sa.select(col(PayoutFinding.points_at)).where(col(PayoutFinding.id) == first).scalar_subquery())
        )
    with records.read() as look:
        [place] = question(look, file_id, second, given.finance).places
    give(records, Actor(given.finance), file_id, first, Said(Answer.MATCH, place=place))
    with pytest.raises(SomebodyWasFirst, match="tied to another transfer already"):
        give(records, Actor(given.finance), file_id, second, Said(Answer.MATCH, place=place))
    with records.read() as look:
        decision_id = look.session.exec(select(FindingDecision.id)).one()
    decisions.take_back(records, Actor(given.finance), decision_id)

    give(records, Actor(given.finance), file_id, second, Said(Answer.MATCH, place=place))

    with records.read() as look:
        assert [each.finding_id for each in look.session.exec(select(FindingDecision).where(FindingDecision.live))] == [second]
