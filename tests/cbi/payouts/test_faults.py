"""A kill, a full disk or a failing one at every write of posting, deciding and undoing: nothing of it stays, and the next try counts once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from cbi.access import Role
from cbi.payouts import answers, decisions, posting
from cbi.payouts.answers import Said
from cbi.payouts.posting import UndoReason
from cbi.payouts.tables import Answer, PayoutFinding
from cbi.store.records import Records
from cbi.store.work import Actor
from reconciliation import sandbox, workbook
from reconciliation.findings import FindingKind
from tests import make, make_payouts
from tests.cbi.payouts import faults, laws
from tests.cbi.payouts.faults import Killed
from tests.cbi.payouts.test_decisions import ELSEWHERE, finding_of, posted, previewed
from tests.cbi.payouts.test_posting import _balances
from tests.make_payouts import Released, row

AT_LEAST = 200
WHEN = date(2026, 11, 20)


@pytest.fixture(scope="module", autouse=True)
def read_here() -> Iterator[None]:
    """These files are our own: they need no process of their own to be read in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "messages", workbook.read_here)
        yield


@dataclass(frozen=True)
class Act:
    """One thing that is done under faults, and may be tried again with the same key."""

    records: Records
    do: Callable[[], object]


def _given(records: Records) -> tuple[Released, UUID]:
    return make_payouts.released(records), make.staff(records, Role.FINANCE, name="Bettina Drizzle")


def _say(records: Records, person_id: UUID, file_id: UUID, kind: FindingKind, said: Said, key: UUID | None = None) -> None:
    answers.give(records, Actor(person_id), file_id, finding_of(records, file_id, kind), said, key)


def _rows(given: Released) -> list[list[str]]:
    one, two, three, four, five, six = given.lines
    return [
        row(one, 11, minor=100),  # contradicts
        row(two, 2, **ELSEWHERE),
        row(three, 3),
        row(three, 33),
        row(four, 4, reference="LOST4", minor=four.amount.minor - 100),
        row(five, 5, status="FAILED"),
        row(six, 6),
    ]


def posting_with_everything_decided(records: Records) -> Act:
    given, second = _given(records)
    first = [row(given.lines[0], 11), row(given.lines[5], 66, status="FAILED")]
    posted(records, given, first, "first.csv")
    file_id = previewed(records, given, _rows(given))
    for person_id in (given.finance, second):
        _say(records, person_id, file_id, FindingKind.CONTRADICTS, Said(Answer.NEWER))
        _say(records, person_id, file_id, FindingKind.WRONG_PAYEE, Said(Answer.SAME_PERSON))
        _say(records, person_id, file_id, FindingKind.PAID_TWICE, Said(Answer.EXTRA))
    with records.read() as look:
        suggested = finding_of(records, file_id, FindingKind.SUGGESTED)
        [place] = answers.places_of(look.session.get_one(PayoutFinding, suggested))
    answers.give(records, Actor(given.finance), file_id, suggested, Said(Answer.MATCH, place=place))
    key = uuid4()
    return Act(records, lambda: posting.post(records, Actor(given.finance), file_id, key))


def deciding_that_the_newer_result_is_right(records: Records) -> Act:
    given, second = _given(records)
    posted(records, given, [row(given.lines[0], 11)], "first.csv")
    file_id = posted(records, given, [row(given.lines[0], 12, status="FAILED")], "second.csv")
    _say(records, given.finance, file_id, FindingKind.CONTRADICTS, Said(Answer.NEWER))
    key = uuid4()
    return Act(records, lambda: _say(records, second, file_id, FindingKind.CONTRADICTS, Said(Answer.NEWER), key))


def recovering_money_from_the_wrong_hand(records: Records) -> Act:
    given, second = _given(records)
    file_id = posted(records, given, [row(given.lines[0], 11, **ELSEWHERE)], "first.csv")
    said = Said(Answer.RECOVERED, amount_minor=given.lines[0].amount.minor, on=WHEN)
    _say(records, given.finance, file_id, FindingKind.WRONG_PAYEE, said)
    key = uuid4()
    return Act(records, lambda: _say(records, second, file_id, FindingKind.WRONG_PAYEE, said, key))


def undoing_a_file_and_what_was_decided_on_it(records: Records) -> Act:
    given, second = _given(records)
    posted(records, given, [row(given.lines[0], 11)], "first.csv")
    rows = [row(given.lines[0], 11, minor=100), row(given.lines[1], 2, **ELSEWHERE), row(given.lines[2], 3, status="FAILED")]
    file_id = posted(records, given, rows, "second.csv")
    for person_id in (given.finance, second):
        _say(records, person_id, file_id, FindingKind.CONTRADICTS, Said(Answer.NEWER))
        _say(records, person_id, file_id, FindingKind.WRONG_PAYEE, Said(Answer.SAME_PERSON))
    key = uuid4()
    return Act(records, lambda: posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE, key))


def taking_a_decision_back(records: Records) -> Act:
    given, second = _given(records)
    file_id = posted(records, given, [row(given.lines[0], 11, **ELSEWHERE)], "first.csv")
    said = Said(Answer.RECOVERED, amount_minor=given.lines[0].amount.minor, on=WHEN)
    for person_id in (given.finance, second):
        _say(records, person_id, file_id, FindingKind.WRONG_PAYEE, said)
    with records.read() as look:
        [decision] = decisions.of_file(look, file_id)
    key = uuid4()
    return Act(records, lambda: decisions.take_back(records, Actor(given.finance), decision.id, key))


ACTS = (
    posting_with_everything_decided,
    deciding_that_the_newer_result_is_right,
    recovering_money_from_the_wrong_hand,
    undoing_a_file_and_what_was_decided_on_it,
    taking_a_decision_back,
)


def _fails_at_every_point(act: Act, fault: str, *, also_reading: bool = False) -> int:
    """Let it fail at the first write, then at the second, and so on until it gets through; returns how many points failed."""
    before = faults.content(act.records)
    at = 0
    while True:
        at += 1
        with faults.failing(act.records, at, fault, also_reading=also_reading) as reached:
            try:
                act.do()
            except (DBAPIError, Killed):
                assert faults.content(act.records) == before, f"something stayed after {reached[-1][:80]}"
                continue
        assert len(reached) == at - 1
        return at - 1


def _counts_once(act: Act) -> None:
    """It happened; sent again with its key nothing more happens, and the laws hold."""
    laws.check(act.records)
    done, answer = _balances(act.records), act.do()
    assert _balances(act.records) == done
    assert act.do() == answer
    assert act.records.verify_chain().verified


def test_a_fault_at_every_write_and_commit_leaves_nothing_and_the_next_try_counts_once(office_template: Path, tmp_path: Path):
    points = 0
    for number, make_act in enumerate(ACTS):
        for turn, fault in enumerate(faults.FAULTS):
            act = make_act(make.office(tmp_path / f"{number}-{turn}", office_template))
            points += _fails_at_every_point(act, fault)
            _counts_once(act)
            act.records.close()

    assert points >= AT_LEAST


@pytest.mark.parametrize(
    "make_act", [posting_with_everything_decided, undoing_a_file_and_what_was_decided_on_it], ids=lambda one: one.__name__
)
def test_a_disk_that_is_full_after_any_number_of_pages_leaves_nothing_and_room_lets_it_count_once(
    make_act: Callable[[Records], Act], records: Records
):
    act = make_act(records)
    faults.put_in_small_pages(records)
    before, pages, failed = faults.content(records), 0, 0
    while True:
        with faults.small_disk(records, pages):
            try:
                act.do()
                break
            except OperationalError as problem:
                words = str(problem.orig)
        assert words == "database or disk is full"
        assert faults.content(records) == before
        pages, failed = pages + 1, failed + 1

    assert failed
    _counts_once(act)


@pytest.mark.long
@pytest.mark.parametrize("fault", faults.FAULTS)
@pytest.mark.parametrize("make_act", ACTS, ids=lambda one: one.__name__)
def test_every_fault_at_every_point_of_every_act(make_act: Callable[[Records], Act], fault: str, records: Records):
    act = make_act(records)

    assert _fails_at_every_point(act, fault, also_reading=True)

    _counts_once(act)
