"""Two people who act at the same instant on one file: written once, run on SQLite here and on PostgreSQL beside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

from cbi.access import Role
from cbi.errors import Refused, SomebodyWasFirst
from cbi.payouts import answers, closing, decisions, posting, statements
from cbi.payouts.answers import Said, State
from cbi.payouts.posting import UndoReason
from cbi.payouts.tables import Answer
from cbi.payouts.tables_money import Ending, OpenLine
from cbi.store.records import Records
from cbi.store.work import Actor
from reconciliation.findings import FindingKind
from reconciliation.ledger import Account
from tests import make, make_payouts
from tests.cbi.payouts import laws
from tests.cbi.payouts.test_decisions import ELSEWHERE, decision_of, finding_of, moved
from tests.cbi.payouts.test_posting import _balances
from tests.make_payouts import Released, row

Two = Sequence[Records]


def together(*acts: Callable[[], object]) -> list[object]:
    """Do all of these as nearly at once as threads can; what each answered, a refusal as the refusal itself."""
    ready = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        ready.wait()
        try:
            return act()
        except Refused as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def two_deciders_who_agree_decide_once(houses: Two) -> None:
    given, file_id, (first, second) = _misdirected(houses[0])
    asked, before = given.lines[0].amount.minor, _balances(houses[0])
    finding_id = finding_of(houses[0], file_id, FindingKind.WRONG_PAYEE)

    said = together(*(_answer(house, person, file_id, finding_id) for house, person in zip(houses, (first, second), strict=True)))

    assert sorted(said) == [State.DECIDED, State.WAITS]
    assert moved(houses[0], before) == {Account.OPEN: -asked, Account.DELIVERED: asked, Account.SUSPENSE: -asked, Account.PROVIDER: asked}
    laws.check(houses[0])


def of_two_second_people_one_decides_and_the_other_is_told(houses: Two) -> None:
    given, file_id, (first, second) = _misdirected(houses[0])
    finding_id, before = finding_of(houses[0], file_id, FindingKind.WRONG_PAYEE), _balances(houses[0])
    _answer(houses[0], given.finance, file_id, finding_id)()

    said = together(*(_answer(house, person, file_id, finding_id) for house, person in zip(houses, (first, second), strict=True)))

    assert [one for one in said if one is State.DECIDED] == [State.DECIDED]
    [told] = [one for one in said if isinstance(one, SomebodyWasFirst)]
    assert told.fix
    assert moved(houses[0], before)[Account.DELIVERED] == given.lines[0].amount.minor
    laws.check(houses[0])


def one_answer_sent_twice_at_once_with_one_key_counts_once(houses: Two) -> None:
    given, file_id, (first, _second) = _misdirected(houses[0])
    finding_id, key = finding_of(houses[0], file_id, FindingKind.WRONG_PAYEE), uuid4()
    _answer(houses[0], given.finance, file_id, finding_id)()

    said = together(*(_answer(house, first, file_id, finding_id, key) for house in houses))

    assert {one for one in said if not isinstance(one, SomebodyWasFirst)} == {State.DECIDED}
    laws.check(houses[0])


def a_decision_and_the_undoing_of_its_file_end_as_one_after_the_other(houses: Two) -> None:
    given, file_id, (first, _second) = _misdirected(houses[0])
    finding_id = finding_of(houses[0], file_id, FindingKind.WRONG_PAYEE)
    _answer(houses[0], given.finance, file_id, finding_id)()

    together(
        _answer(houses[0], first, file_id, finding_id),
        lambda: posting.undo(houses[1], Actor(given.finance), file_id, UndoReason.WRONG_FILE),
    )

    total = sum(line.amount.minor for line in given.lines)
    left = {account: minor for account, minor in _balances(houses[0]).items() if minor}
    assert left == {Account.INSTRUCTED: -total, Account.OPEN: total}
    laws.check(houses[0])


def posting_and_undoing_at_once_never_count_twice(houses: Two) -> None:
    given, file_id, (first, _second) = _misdirected(houses[0])

    together(
        lambda: posting.post(houses[0], Actor(first), file_id, uuid4()),
        lambda: posting.undo(houses[1], Actor(given.finance), file_id, UndoReason.WRONG_FILE),
    )

    assert _balances(houses[0])[Account.SUSPENSE] == 0
    laws.check(houses[0])


def a_decision_taken_back_twice_at_once_is_taken_back_once(houses: Two) -> None:
    given, file_id, (first, second) = _misdirected(houses[0])
    before = _balances(houses[0])
    finding_id = finding_of(houses[0], file_id, FindingKind.WRONG_PAYEE)
    for person in (first, second):
        _answer(houses[0], person, file_id, finding_id)()
    decision_id = decision_of(houses[0], file_id).id

    done = together(*(lambda house=house: decisions.take_back(house, Actor(given.finance), decision_id) for house in houses))

    assert len([one for one in done if isinstance(one, SomebodyWasFirst)]) == 1
    assert moved(houses[0], before) == {}
    laws.check(houses[0])


def two_files_of_one_provider_that_say_the_same_count_once(houses: Two) -> None:
    given = make_payouts.released(houses[0])
    rows = [row(line, number) for number, line in enumerate(given.lines, start=1)]
    file_ids = [make_payouts.previewed(houses[0], given, said, name) for said, name in ((rows, "one.csv"), (rows[::-1], "two.csv"))]

    done = together(*(_post(house, given.finance, file_id) for house, file_id in zip(houses, file_ids, strict=True)))

    assert len([one for one in done if isinstance(one, UUID)]) == 1
    assert [told.fix for told in done if isinstance(told, Refused)]
    assert _balances(houses[0])[Account.DELIVERED] == sum(line.amount.minor for line in given.lines)
    laws.check(houses[0])


def one_file_over_several_lists_sent_twice_at_once_counts_once_on_each(houses: Two) -> None:
    given = make_payouts.several(houses[0])
    file_id = make_payouts.previewed(houses[0], given, [row(line, number) for number, line in enumerate(given.lines, start=1)])

    done = together(*(_post(house, given.finance, file_id) for house in houses))

    assert len([one for one in done if isinstance(one, UUID)]) == 1
    assert len([one for one in done if isinstance(one, SomebodyWasFirst)]) == 1
    with houses[0].read() as look:
        for one in given.lists:
            assert statements.of_list(look, one.list_id).delivered_minor == sum(line.amount.minor for line in one.lines)
    laws.check(houses[0])


def files_over_lists_that_overlap_count_each_transfer_once(houses: Two) -> None:
    """One file is about both lists, the other about the second alone: what both pay is paid by whichever came first."""
    given = make_payouts.several(houses[0])
    rows = [row(line, number) for number, line in enumerate(given.lines, start=1)]
    both = make_payouts.previewed(houses[0], given, rows, "both.csv")
    second = make_payouts.previewed(houses[0], given.lists[1], rows[len(given.lists[0].lines) :], "second.csv")

    done = together(_post(houses[0], given.finance, both), _post(houses[1], given.finance, second))

    assert len([one for one in done if isinstance(one, UUID)]) == 1
    paid = given.lines if isinstance(done[0], UUID) else given.lists[1].lines
    assert _balances(houses[0])[Account.DELIVERED] == sum(line.amount.minor for line in paid)
    laws.check(houses[0])


def a_list_closed_while_a_file_is_posted_holds_it_or_shows_it_as_late(houses: Two) -> None:
    given = make_payouts.released(houses[0])
    make_payouts.posted(houses[0], given, [row(given.lines[0], 1)], "first.csv")
    with houses[0].work(Actor(given.finance)) as work:
        closing.decide(work, given.list_id, OpenLine.MISSING, "KES", Ending.CARRY_OVER)
    file_id = make_payouts.previewed(houses[0], given, [row(given.lines[1], 2)], "second.csv")
    closer, paid = Actor(make.staff(houses[0], Role.APPROVER, name="Bo Closer")), given.lines[1].amount.minor
    shown = sum(line.amount.minor for line in given.lines[1:])

    done = together(lambda: _close(houses[1], closer, given.list_id, shown), _post(houses[0], given.finance, file_id))

    assert isinstance(done[1], UUID)
    with houses[0].read() as look:
        found = statements.of_list(look, given.list_id)
    assert found.foots
    assert found.open_minor == shown - paid
    if isinstance(done[0], Refused):
        assert found.closed_at is None
    else:
        assert found.late[Account.DELIVERED] == paid
    laws.check(houses[0])


RACES = (
    two_files_of_one_provider_that_say_the_same_count_once,
    one_file_over_several_lists_sent_twice_at_once_counts_once_on_each,
    files_over_lists_that_overlap_count_each_transfer_once,
    a_list_closed_while_a_file_is_posted_holds_it_or_shows_it_as_late,
    two_deciders_who_agree_decide_once,
    of_two_second_people_one_decides_and_the_other_is_told,
    one_answer_sent_twice_at_once_with_one_key_counts_once,
    a_decision_and_the_undoing_of_its_file_end_as_one_after_the_other,
    posting_and_undoing_at_once_never_count_twice,
    a_decision_taken_back_twice_at_once_is_taken_back_once,
)


def _misdirected(records: Records) -> tuple[Released, UUID, tuple[UUID, UUID]]:
    given = make_payouts.released(records)
    others = make.staff(records, Role.FINANCE, name="Bettina Drizzle"), make.staff(records, Role.FINANCE, name="Corin Umbrella")
    return given, make_payouts.posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)]), others


def _post(records: Records, person_id: UUID, file_id: UUID) -> Callable[[], UUID]:
    return lambda: posting.post(records, Actor(person_id), file_id, uuid4())


def _close(records: Records, closer: Actor, list_id: UUID, shown_minor: int) -> UUID:
    with records.work(closer) as work:
        return closing.close(work, list_id, shown_minor=shown_minor)


def _answer(records: Records, person_id: UUID, file_id: UUID, finding_id: UUID, key: UUID | None = None) -> Callable[[], State]:
    return lambda: answers.give(records, Actor(person_id), file_id, finding_id, Said(Answer.SAME_PERSON), key)
