"""What people decide about findings moves money once, by two people where it must, and can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from cbi.access import Role
from cbi.errors import NotThere, Refused, SameHands, SomebodyWasFirst
from cbi.payouts import answers, awaited, choices, decisions, files, matches, posting, queries, reading, statements
from cbi.payouts.about import about_of
from cbi.payouts.answers import Said, State
from cbi.payouts.entered import entered as entered_for
from cbi.payouts.posting import UndoReason
from cbi.payouts.statements import LineKind
from cbi.payouts.tables import Answer, FileStatus, FindingAnswer, FindingDecision, PayoutFile, PayoutFinding, PostingKind
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers.tables import Instruction
from reconciliation.findings import FindingKind
from reconciliation.ledger import Account
from tests import make, make_payouts
from tests.cbi.payouts import laws
from tests.cbi.payouts.test_laws import LAYOUT
from tests.cbi.payouts.test_posting import _balances
from tests.make_payouts import Released, row

TODAY = date(2026, 11, 20)
ELSEWHERE = {"name": "Somebody Completely Else", "phone": "+254799999999"}


@pytest.fixture(autouse=True)
def lawful(records: Records):
    """Whatever a test did, the invariants hold after it."""
    yield
    laws.check(records)
    assert records.verify_chain().verified


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


@pytest.fixture
def others(records: Records) -> tuple[UUID, UUID]:
    return make.staff(records, Role.FINANCE, name="Bettina Drizzle"), make.staff(records, Role.FINANCE, name="Corin Umbrella")


Say = Callable[..., State]


@pytest.fixture
def say(records: Records) -> Say:
    """One person's answer to the only finding of a kind in a file."""

    def give(person_id: UUID, file_id: UUID, kind: FindingKind, answer: Answer, **more) -> State:
        finding_id = finding_of(records, file_id, kind)
        if answer is Answer.MATCH and "place" not in more:
            with records.read() as look:
                [more["place"]] = answers.question(look, file_id, finding_id, person_id).places
        return answers.give(records, Actor(person_id), file_id, finding_id, Said(answer, **more))

    return give


def finding_of(records: Records, file_id: UUID, kind: FindingKind) -> UUID:
    with records.read() as look:
        return look.session.exec(select(PayoutFinding.id).where(PayoutFinding.file_id == file_id, PayoutFinding.kind == kind)).one()


def moved(records: Records, before: dict[Account, int]) -> dict[Account, int]:
    now = _balances(records)
    return {account: now.get(account, 0) - before.get(account, 0) for account in Account if now.get(account, 0) != before.get(account, 0)}


def previewed(records: Records, given: Released, rows: list[list[str]], name: str = "sparrow.csv") -> UUID:
    """Read with a known layout, so that a handful of odd rows is no question."""
    actor = Actor(given.finance)
    file_id = files.receive(records, actor, given.list_id, name, make_payouts.csv_file(rows))
    assert reading.read(records, actor, file_id, chosen=LAYOUT) is FileStatus.PREVIEWED
    return file_id


def posted(records: Records, given: Released, rows: list[list[str]], name: str = "sparrow.csv") -> UUID:
    file_id = previewed(records, given, rows, name)
    posting.post(records, Actor(given.finance), file_id)
    return file_id


def is_live(records: Records, given: Released, place: int = 0) -> bool:
    with records.read() as look:
        return look.session.exec(select(Instruction.live).where(Instruction.reference == given.lines[place].reference)).one()


def decision_of(records: Records, file_id: UUID) -> FindingDecision:
    with records.read() as look:
        [found] = decisions.of_file(look, file_id)
        return found


def test_the_same_person_under_another_name_counts_as_paid_once_two_people_say_so(records: Records, given: Released, others, say: Say):
    asked = given.lines[0].amount.minor
    file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
    before = _balances(records)

    first = say(given.finance, file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)
    still = moved(records, before)
    second = say(others[0], file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)

    assert (first, still, second) == (State.WAITS, {}, State.DECIDED)
    assert moved(records, before) == {Account.OPEN: -asked, Account.DELIVERED: asked, Account.SUSPENSE: -asked, Account.PROVIDER: asked}


def test_one_person_who_says_it_twice_is_still_one_person(records: Records, given: Released, say: Say):
    file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
    before = _balances(records)

    said = [say(given.finance, file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON) for _ in range(2)]

    assert said == [State.WAITS, State.WAITS]
    assert moved(records, before) == {}


def test_the_database_itself_refuses_a_decision_of_one_person_that_needs_two(records: Records, given: Released, others, say: Say):
    file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
    for person_id in (given.finance, others[0]):
        say(person_id, file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)

    for change in ("second_by = NULL", "second_by = first_by"):
        with pytest.raises(IntegrityError), records.engine.begin() as connection:
            connection.execute(sa.text(f"UPDATE findingdecision SET {change}"))


def test_the_lists_own_hands_never_decide(records: Records, given: Released, say: Say):
    file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])

    for person_id in (given.made.manager, given.made.approver, given.made.releaser):
        with pytest.raises(SameHands):
            say(person_id, file_id, FindingKind.WRONG_PAYEE, Answer.OTHER_PERSON)


def test_an_answer_that_is_not_offered_for_a_kind_is_refused(records: Records, given: Released, say: Say):
    file_id = posted(records, given, [row(given.lines[0], 1, status="FAILED")])

    with pytest.raises(Refused, match="one of the answers that are offered"):
        say(given.finance, file_id, FindingKind.FAILED, Answer.EXTRA)


def test_two_people_who_disagree_move_nothing_until_one_of_them_changes_their_mind(records: Records, given: Released, others, say: Say):
    file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
    before = _balances(records)

    first = say(given.finance, file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)
    second = say(others[0], file_id, FindingKind.WRONG_PAYEE, Answer.OTHER_PERSON)
    third = say(others[1], file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)

    assert [first, second, third] == [State.WAITS, State.DISAGREES, State.DISAGREES]
    assert moved(records, before) == {}
    assert say(others[0], file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON) is State.DECIDED


def test_a_second_answer_is_asked_of_everybody_but_the_first_until_it_is_decided(records: Records, given: Released, others, say: Say):
    file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
    say(given.finance, file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)
    with records.read() as look:
        asked = [awaited.asked_of(look, person_id) for person_id in (given.finance, others[0], others[1])]
        first = [awaited.first_asked_of(look, person_id) for person_id in (given.finance, others[0])]
        finding_id = look.session.exec(select(FindingAnswer.finding_id)).one()

    say(others[0], file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)

    assert asked == [0, 1, 1]
    assert first == [None, (file_id, finding_id)]
    with records.read() as look:
        assert awaited.asked_of(look, others[1]) == 0


def test_an_answer_can_be_withdrawn_until_it_counts(records: Records, given: Released, others, say: Say):
    file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
    finding_id = finding_of(records, file_id, FindingKind.WRONG_PAYEE)
    say(given.finance, file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)

    left = answers.withdraw(records, Actor(given.finance), file_id, finding_id)
    alone = say(others[0], file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)
    say(others[1], file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)

    assert (left, alone) == (State.UNANSWERED, State.WAITS)
    with pytest.raises(SomebodyWasFirst, match="no answer of yours"):
        answers.withdraw(records, Actor(others[0]), file_id, finding_id)


def test_an_answer_after_the_decision_is_told_that_somebody_was_first(records: Records, given: Released, others, say: Say):
    file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
    for person_id in (given.finance, others[0]):
        say(person_id, file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)

    with pytest.raises(SomebodyWasFirst, match="decided already"):
        say(others[1], file_id, FindingKind.WRONG_PAYEE, Answer.OTHER_PERSON)


def test_an_answer_sent_twice_with_one_key_counts_once_and_answers_the_same(records: Records, given: Released, others, say: Say):
    file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
    finding_id, key = finding_of(records, file_id, FindingKind.WRONG_PAYEE), uuid4()
    say(given.finance, file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)

    said = [answers.give(records, Actor(others[0]), file_id, finding_id, Said(Answer.SAME_PERSON), key) for _ in range(2)]

    assert said == [State.DECIDED, State.DECIDED]
    assert decision_of(records, file_id).second_by == others[0]


def test_what_two_people_say_of_a_preview_takes_effect_when_it_is_posted(records: Records, given: Released, others, say: Say):
    asked = given.lines[0].amount.minor
    before = _balances(records)
    file_id = previewed(records, given, [row(given.lines[0], 1, **ELSEWHERE)])

    said = [say(person_id, file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON) for person_id in (given.finance, others[0])]
    waits = moved(records, before)
    posting.post(records, Actor(given.finance), file_id)

    assert (said, waits) == ([State.WAITS, State.READY], {})
    assert moved(records, before) == {Account.OPEN: -asked, Account.DELIVERED: asked}


def test_somebody_else_keeps_the_money_in_suspense_until_it_is_back_and_then_the_transfer_may_be_instructed_again(
    records: Records, given: Released, others, say: Say
):
    asked = given.lines[0].amount.minor
    file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
    before = _balances(records)

    say(given.finance, file_id, FindingKind.WRONG_PAYEE, Answer.OTHER_PERSON)
    kept, lived = moved(records, before), is_live(records, given)
    for person_id in (given.finance, others[0]):
        say(person_id, file_id, FindingKind.WRONG_PAYEE, Answer.RECOVERED, amount_minor=asked, on=TODAY)

    assert (kept, lived) == ({}, True)
    assert moved(records, before) == {Account.SUSPENSE: -asked, Account.PROVIDER: asked}
    assert not is_live(records, given)


def test_money_recovered_by_hand_and_told_again_by_a_later_file_came_back_once(records: Records, given: Released, others, say: Say):
    asked = given.lines[0].amount.minor
    first = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
    for person_id in (given.finance, others[0]):
        say(person_id, first, FindingKind.WRONG_PAYEE, Answer.RECOVERED, amount_minor=asked, on=TODAY)
    before = _balances(records)

    posted(records, given, [row(given.lines[0], 2, status="REVERSED", **ELSEWHERE)], "later.csv")

    assert moved(records, before) == {}


def test_what_a_later_file_repeats_of_a_decision_keeps_the_decision(records: Records, given: Released, others, say: Say):
    """Taken back, the money would be out again, though the provider's own file says that it came back."""
    asked = given.lines[0].amount.minor
    first = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
    for person_id in (given.finance, others[0]):
        say(person_id, first, FindingKind.WRONG_PAYEE, Answer.RECOVERED, amount_minor=asked, on=TODAY)
    later = posted(records, given, [row(given.lines[0], 2, status="REVERSED", **ELSEWHERE)], "later.csv")
    decision_id, before = decision_of(records, first).id, _balances(records)

    with pytest.raises(Refused, match="undo the newer files"):
        decisions.take_back(records, Actor(given.finance), decision_id)

    assert moved(records, before) == {}
    posting.undo(records, Actor(given.finance), later, UndoReason.WRONG_FILE)
    decisions.take_back(records, Actor(given.finance), decision_id)
    assert moved(records, before) == {Account.SUSPENSE: asked, Account.PROVIDER: -asked}


def test_two_people_who_name_different_amounts_disagree(records: Records, given: Released, others, say: Say):
    file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])

    say(given.finance, file_id, FindingKind.WRONG_PAYEE, Answer.RECOVERED, amount_minor=100, on=TODAY)

    assert say(others[0], file_id, FindingKind.WRONG_PAYEE, Answer.RECOVERED, amount_minor=101, on=TODAY) is State.DISAGREES


@pytest.mark.parametrize(("minor", "on"), [(0, TODAY), (100, None), (100, date(2027, 1, 1))], ids=["nothing", "no day", "a day to come"])
def test_money_that_came_back_needs_an_amount_and_a_day_that_has_been(records: Records, given: Released, say: Say, minor, on):
    file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])

    with pytest.raises(Refused, match="the amount that came back and the day|still to come"):
        say(given.finance, file_id, FindingKind.WRONG_PAYEE, Answer.RECOVERED, amount_minor=minor, on=on)


def test_more_than_is_in_suspense_cannot_come_back_and_the_first_to_say_so_hears_it(records: Records, given: Released, say: Say):
    asked = given.lines[0].amount.minor
    file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])

    with pytest.raises(Refused, match="at most what is still in suspense"):
        say(given.finance, file_id, FindingKind.WRONG_PAYEE, Answer.RECOVERED, amount_minor=asked + 1, on=TODAY)


def test_money_paid_twice_comes_back_in_part_and_two_people_accept_the_rest_for_good(records: Records, given: Released, others, say: Say):
    line = given.lines[0]
    file_id = posted(records, given, [row(line, 1), row(line, 2)])
    before = _balances(records)

    for person_id in (given.finance, others[0]):
        say(person_id, file_id, FindingKind.PAID_TWICE, Answer.RECOVERED, amount_minor=100, on=TODAY)
    for person_id in (given.finance, others[1]):
        say(person_id, file_id, FindingKind.PAID_TWICE, Answer.EXTRA)

    rest = line.amount.minor - 100
    assert moved(records, before) == {Account.SUSPENSE: -line.amount.minor, Account.PROVIDER: 100, Account.EXTRA: rest}
    with pytest.raises(Refused, match="that is final"):
        posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE)
    with records.read() as look:
        final = next(one for one in decisions.of_file(look, file_id) if one.answer is Answer.EXTRA)
    with pytest.raises(Refused, match="that is final"):
        decisions.take_back(records, Actor(given.finance), final.id)


def test_money_accepted_beyond_the_promise_that_comes_back_after_all_is_extra_no_more(records: Records, given: Released, others, say: Say):
    line = given.lines[0]
    file_id = posted(records, given, [row(line, 1), row(line, 2)])
    for person_id in (given.finance, others[0]):
        say(person_id, file_id, FindingKind.PAID_TWICE, Answer.EXTRA)

    posted(records, given, [row(line, 2, status="REVERSED")], "later.csv")

    left = _balances(records)
    assert (left[Account.EXTRA], left[Account.SUSPENSE], left[Account.DELIVERED]) == (0, 0, line.amount.minor)


def test_only_a_final_choice_is_asked_for_with_password_and_code():
    final = {(kind, one.answer) for kind, offered in choices.CHOICES.items() for one in offered if one.final}

    assert final == {(FindingKind.PAID_TWICE, Answer.EXTRA), (FindingKind.PAID_MORE, Answer.EXTRA)}


def test_every_kind_has_its_closed_list_and_what_moves_money_out_of_suspense_needs_two(records: Records):
    assert set(choices.CHOICES) == set(FindingKind)
    moving = [one for offered in choices.CHOICES.values() for one in offered if one.moves is not choices.Moves.NOTHING]
    assert {one.answer for one in moving if one.people < 2} == {Answer.MATCH}


def test_what_the_provider_bears_leaves_suspense(records: Records, given: Released, others, say: Say):
    line = given.lines[0]
    file_id = posted(records, given, [row(line, 1, reference="NOTOURS99", **ELSEWHERE)])
    before = _balances(records)

    for person_id in (given.finance, others[0]):
        say(person_id, file_id, FindingKind.NOT_OURS, Answer.CHARGED)

    assert moved(records, before) == {Account.SUSPENSE: -line.amount.minor, Account.PROVIDER: line.amount.minor}


def test_a_stranger_without_reference_or_id_is_recovered_and_its_row_still_counts_once(records: Records, given: Released, others, say: Say):
    line = given.lines[0]
    nameless = row(line, 1, reference="", minor=line.amount.minor + 7, **ELSEWHERE)
    nameless[0] = ""
    file_id = posted(records, given, [nameless])
    for person_id in (given.finance, others[0]):
        say(person_id, file_id, FindingKind.NOT_OURS, Answer.RECOVERED, amount_minor=50, on=TODAY)
    before = _balances(records)

    posted(records, given, [nameless, row(given.lines[1], 2)], "again.csv")

    assert moved(records, before) == {Account.OPEN: -given.lines[1].amount.minor, Account.DELIVERED: given.lines[1].amount.minor}


class TestContradictions:
    """An earlier posted result differs from a new one."""

    def test_the_earlier_result_stays_when_two_people_choose_it(self, records: Records, given: Released, others, say: Say):
        posted(records, given, [row(given.lines[0], 1)])
        later = posted(records, given, [row(given.lines[0], 1, minor=100)], "later.csv")
        before = _balances(records)

        said = [say(person_id, later, FindingKind.CONTRADICTS, Answer.EARLIER) for person_id in (given.finance, others[0])]

        assert said == [State.WAITS, State.DECIDED]
        assert moved(records, before) == {}

    def test_the_newer_result_takes_the_place_of_the_earlier_when_two_people_choose_it(
        self, records: Records, given: Released, others, say: Say
    ):
        asked = given.lines[0].amount.minor
        posted(records, given, [row(given.lines[0], 1)])
        later = posted(records, given, [row(given.lines[0], 1, minor=100)], "later.csv")
        before = _balances(records)

        for person_id in (given.finance, others[0]):
            say(person_id, later, FindingKind.CONTRADICTS, Answer.NEWER)

        assert moved(records, before) == {Account.OPEN: asked - 100, Account.DELIVERED: 100 - asked}

    def test_one_says_earlier_the_other_newer_and_nothing_moves(self, records: Records, given: Released, others, say: Say):
        posted(records, given, [row(given.lines[0], 1)])
        later = posted(records, given, [row(given.lines[0], 1, minor=100)], "later.csv")
        before = _balances(records)

        say(given.finance, later, FindingKind.CONTRADICTS, Answer.EARLIER)

        assert say(others[0], later, FindingKind.CONTRADICTS, Answer.NEWER) is State.DISAGREES
        assert moved(records, before) == {}

    def test_a_payment_that_failed_after_all_is_open_again_and_may_be_instructed_again(
        self, records: Records, given: Released, others, say: Say
    ):
        asked = given.lines[0].amount.minor
        posted(records, given, [row(given.lines[0], 1)])
        later = posted(records, given, [row(given.lines[0], 2, status="FAILED")], "later.csv")
        before = _balances(records)

        for person_id in (given.finance, others[0]):
            say(person_id, later, FindingKind.CONTRADICTS, Answer.NEWER)

        assert moved(records, before) == {Account.OPEN: asked, Account.DELIVERED: -asked}
        assert not is_live(records, given)

    def test_one_payment_claimed_for_another_transfer_leaves_the_first(self, records: Records, given: Released, others, say: Say):
        one, two = given.lines[0], given.lines[1]
        posted(records, given, [row(one, 1)])
        later = posted(records, given, [row(two, 1)], "later.csv")

        for person_id in (given.finance, others[0]):
            say(person_id, later, FindingKind.CONTRADICTS, Answer.NEWER)

        with records.engine.connect() as connection:
            rows = connection.execute(
                sa.text(
                    "SELECT i.reference, sum(e.minor) AS minor FROM ledgerentry e JOIN instruction i ON i.id = e.instruction_id"
                    " WHERE e.account = 'delivered' GROUP BY i.reference"
                )
            )
            assert {row.reference: row.minor for row in rows} == {one.reference: 0, two.reference: two.amount.minor}

    def test_undoing_the_newer_file_brings_the_earlier_result_back(self, records: Records, given: Released, others, say: Say):
        posted(records, given, [row(given.lines[0], 1)])
        before = _balances(records)
        later = posted(records, given, [row(given.lines[0], 1, minor=100)], "later.csv")
        for person_id in (given.finance, others[0]):
            say(person_id, later, FindingKind.CONTRADICTS, Answer.NEWER)

        posting.undo(records, Actor(given.finance), later, UndoReason.WRONG_FILE)

        assert moved(records, before) == {}


class TestMatches:
    """A transfer without a row, and a row without a transfer, that may belong together."""

    def near(self, given: Released, place: int, number: int) -> list[str]:
        """Paid under a reference that says nothing, to the same phone and name, a little less: a suggestion."""
        line = given.lines[place]
        return row(line, number, reference=f"LOST{number}", minor=line.amount.minor - 100)

    def test_a_match_accepted_after_posting_moves_suspense_to_delivered(self, records: Records, given: Released, say: Say):
        paid = given.lines[0].amount.minor - 100
        file_id = posted(records, given, [self.near(given, 0, 1)])
        before = _balances(records)

        said = say(given.finance, file_id, FindingKind.SUGGESTED, Answer.MATCH)

        assert said is State.DECIDED
        assert moved(records, before) == {Account.OPEN: -paid, Account.DELIVERED: paid, Account.SUSPENSE: -paid, Account.PROVIDER: paid}

    def test_a_match_accepted_before_posting_is_part_of_the_next_preview(self, records: Records, given: Released, say: Say):
        paid = given.lines[0].amount.minor - 100
        before = _balances(records)
        file_id = previewed(records, given, [self.near(given, 0, 1)])
        said = say(given.finance, file_id, FindingKind.SUGGESTED, Answer.MATCH)

        reading.read(records, Actor(given.finance), file_id)

        assert said is State.READY
        assert finding_of(records, file_id, FindingKind.PAID_LESS)
        posting.post(records, Actor(given.finance), file_id)
        assert moved(records, before) == {Account.OPEN: -paid, Account.DELIVERED: paid}

    def test_a_match_accepted_before_posting_counts_also_without_reading_again(self, records: Records, given: Released, say: Say):
        paid = given.lines[0].amount.minor - 100
        before = _balances(records)
        file_id = previewed(records, given, [self.near(given, 0, 1)])
        say(given.finance, file_id, FindingKind.SUGGESTED, Answer.MATCH)

        posting.post(records, Actor(given.finance), file_id)

        assert moved(records, before) == {Account.OPEN: -paid, Account.DELIVERED: paid}

    def test_a_match_withdrawn_after_the_file_was_read_again_is_not_posted_with_it(self, records: Records, given: Released, say: Say):
        before = _balances(records)
        file_id = previewed(records, given, [self.near(given, 0, 1)])
        say(given.finance, file_id, FindingKind.SUGGESTED, Answer.MATCH)
        reading.read(records, Actor(given.finance), file_id)
        answers.withdraw(records, Actor(given.finance), file_id, finding_of(records, file_id, FindingKind.PAID_LESS))

        with pytest.raises(Refused, match="read the file again"):
            posting.post(records, Actor(given.finance), file_id)

        reading.read(records, Actor(given.finance), file_id)
        posting.post(records, Actor(given.finance), file_id)
        assert Account.DELIVERED not in moved(records, before)

    def test_a_row_that_nobody_suggested_is_not_accepted(self, records: Records, given: Released, say: Say):
        file_id = posted(records, given, [self.near(given, 0, 1), row(given.lines[1], 2)])

        with pytest.raises(Refused, match="choose the row"):
            say(given.finance, file_id, FindingKind.SUGGESTED, Answer.MATCH, place=("elsewhere", 3))

    def test_suggestions_of_one_reason_are_accepted_together_by_their_count(self, records: Records, given: Released):
        file_id = posted(records, given, [self.near(given, place, place + 1) for place in range(3)])
        before = _balances(records)
        with records.read() as look:
            [alike] = matches.in_bulk(look, file_id)
        key = uuid4()

        with pytest.raises(SomebodyWasFirst, match="more or fewer"):
            matches.accept_all(records, Actor(given.finance), file_id, alike.because, alike.count + 1)
        done = [matches.accept_all(records, Actor(given.finance), file_id, alike.because, alike.count, key) for _ in range(2)]

        paid = sum(line.amount.minor - 100 for line in given.lines[:3])
        assert (alike.count, done) == (3, [3, 3])
        assert moved(records, before) == {Account.OPEN: -paid, Account.DELIVERED: paid, Account.SUSPENSE: -paid, Account.PROVIDER: paid}

    def test_a_key_that_points_at_two_is_never_accepted_in_bulk(self, records: Records, given: Released):
        line = given.lines[0]
        twins = [row(line, number, reference="", minor=line.amount.minor) for number in (1, 2)]
        file_id = posted(records, given, twins)

        with records.read() as look:
            assert matches.in_bulk(look, file_id) == []
            assert finding_of(records, file_id, FindingKind.SUGGESTED)


class TestTakingBack:
    """Decisions reversed by themselves, or with their file."""

    def test_undoing_a_file_reverses_what_was_decided_on_it(self, records: Records, given: Released, others, say: Say):
        before = _balances(records)
        file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE), row(given.lines[1], 2)])
        for person_id in (given.finance, others[0]):
            say(person_id, file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)

        posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE)

        assert moved(records, before) == {}
        with records.read() as look:
            assert decisions.of_file(look, file_id) == []
            assert len(decisions.of_file(look, file_id, also_undone=True)) == 1

    def test_a_decision_is_taken_back_by_itself_and_can_be_made_again(self, records: Records, given: Released, others, say: Say):
        asked = given.lines[0].amount.minor
        file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
        before = _balances(records)
        for person_id in (given.finance, others[0]):
            say(person_id, file_id, FindingKind.WRONG_PAYEE, Answer.RECOVERED, amount_minor=asked, on=TODAY)

        decisions.take_back(records, Actor(given.finance), decision_of(records, file_id).id)

        assert moved(records, before) == {}
        assert is_live(records, given)
        for person_id in (given.finance, others[0]):
            say(person_id, file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)
        assert moved(records, before)[Account.DELIVERED] == asked

    def test_a_decision_taken_back_twice_is_told_so_and_with_one_key_happens_once(
        self, records: Records, given: Released, others, say: Say
    ):
        file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
        for person_id in (given.finance, others[0]):
            say(person_id, file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)
        decision_id, key = decision_of(records, file_id).id, uuid4()

        for _ in range(2):
            decisions.take_back(records, Actor(given.finance), decision_id, key)

        with pytest.raises(SomebodyWasFirst, match="taken back already"):
            decisions.take_back(records, Actor(given.finance), decision_id)
        with pytest.raises(NotThere):
            decisions.take_back(records, Actor(given.finance), uuid4())

    def test_a_decision_on_which_a_later_file_builds_is_not_taken_back_before_it(self, records: Records, given: Released, others, say: Say):
        file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
        for person_id in (given.finance, others[0]):
            say(person_id, file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)
        later = posted(records, given, [row(given.lines[0], 1, status="REVERSED")], "later.csv")
        decision_id = decision_of(records, file_id).id

        with pytest.raises(Refused, match="undo the newer files"):
            decisions.take_back(records, Actor(given.finance), decision_id)

        posting.undo(records, Actor(given.finance), later, UndoReason.WRONG_FILE)
        decisions.take_back(records, Actor(given.finance), decision_id)

    def test_a_file_on_which_a_later_decision_builds_is_not_undone_before_it(self, records: Records, given: Released, others, say: Say):
        line = given.lines[0]
        first = posted(records, given, [row(line, 1, **ELSEWHERE)])
        later = posted(records, given, [row(line, 1, minor=100, status="REVERSED", **ELSEWHERE)], "later.csv")
        for person_id in (given.finance, others[0]):
            say(person_id, first, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)

        with pytest.raises(Refused, match="take the newer decisions"):
            posting.undo(records, Actor(given.finance), later, UndoReason.WRONG_FILE)

        decisions.take_back(records, Actor(given.finance), decision_of(records, first).id)
        posting.undo(records, Actor(given.finance), later, UndoReason.WRONG_FILE)


def test_what_undoing_a_file_would_reverse_includes_what_was_decided_on_it(records: Records, given: Released, others, say: Say):
    asked = given.lines[0].amount.minor
    file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
    for person_id in (given.finance, others[0]):
        say(person_id, file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)

    with records.read() as look:
        sums = queries.sums_by_kind(look, file_id, "KES")
        shown = queries.changes(look, about_of(look, file_id), sums, posted=file_id)

    assert {one.account: one.change_minor for one in shown} == {Account.DELIVERED: asked, Account.OPEN: -asked, Account.SUSPENSE: 0}
    assert {one.account: one.before_minor for one in shown}[Account.DELIVERED] == 0


def test_what_was_answered_before_posting_is_told_apart_from_what_the_file_itself_changed(
    records: Records, given: Released, others, say: Say
):
    asked = given.lines[0].amount.minor
    file_id = make_payouts.previewed(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
    for person_id in (given.finance, others[0]):
        say(person_id, file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)
    with records.read() as look:
        ready = awaited.ready(look, file_id)

    posting.post(records, Actor(given.finance), file_id)

    with records.read() as look:
        shown = queries.changes(look, about_of(look, file_id), queries.sums_by_kind(look, file_id, "KES"), posted=file_id)
        entered = entered_for(look, given.list_id)
        assert awaited.ready(look, file_id) == 0
    assert ready == 1
    assert {one.account: (one.file_minor, one.answers_minor) for one in shown} == {
        Account.DELIVERED: (0, asked),
        Account.OPEN: (0, -asked),
        Account.SUSPENSE: (asked, -asked),
    }
    assert [(one.kind, one.count) for one in entered] == [(PostingKind.RELEASE, 1), (PostingKind.PAYOUT, 1), (PostingKind.DECISION, 1)]


class TestStatements:
    """What a statement says of a transfer once it is decided."""

    def line_of(self, records: Records, given: Released) -> set[LineKind]:
        with records.read() as look:
            return {line.kind for line in statements.of_list(look, given.list_id).lines if line.count} - {LineKind.MISSING}

    def test_a_contradiction_settled_by_the_newer_failure_is_a_failure(self, records: Records, given: Released, others, say: Say):
        posted(records, given, [row(given.lines[0], 1)])
        later = posted(records, given, [row(given.lines[0], 2, status="FAILED")], "later.csv")
        for person_id in (given.finance, others[0]):
            say(person_id, later, FindingKind.CONTRADICTS, Answer.NEWER)

        assert self.line_of(records, given) == {LineKind.FAILED}

    def test_a_contradiction_settled_by_the_earlier_result_says_what_that_said(self, records: Records, given: Released, others, say: Say):
        posted(records, given, [row(given.lines[0], 1, status="REVERSED")])
        later = posted(records, given, [row(given.lines[0], 2)], "later.csv")
        waits = self.line_of(records, given)
        for person_id in (given.finance, others[0]):
            say(person_id, later, FindingKind.CONTRADICTS, Answer.EARLIER)

        assert (waits, self.line_of(records, given)) == ({LineKind.WAITING_FOR_AN_ANSWER}, {LineKind.RETURNED})

    def test_money_with_the_wrong_hand_that_is_back_was_returned(self, records: Records, given: Released, others, say: Say):
        asked = given.lines[0].amount.minor
        file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
        for minor in (100, asked - 100):
            waits = self.line_of(records, given)
            for person_id in (given.finance, others[0]):
                say(person_id, file_id, FindingKind.WRONG_PAYEE, Answer.RECOVERED, amount_minor=minor, on=TODAY)

        assert (waits, self.line_of(records, given)) == ({LineKind.WITH_THE_WRONG_HAND}, {LineKind.RETURNED})


class TestReadingAgain:
    """Answers given to a preview when the file is read anew."""

    def test_an_answer_stays_with_a_finding_that_reads_the_same(self, records: Records, given: Released, others, say: Say):
        file_id = previewed(
            records, given, [row(given.lines[0], 1, **ELSEWHERE), row(given.lines[1], 2, reference="NOTOURS99", **ELSEWHERE)]
        )
        say(given.finance, file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)
        say(given.finance, file_id, FindingKind.NOT_OURS, Answer.TO_RECOVER, note="they were rung")

        reading.read(records, Actor(given.finance), file_id)

        with records.read() as look:
            asked = answers.question(look, file_id, finding_of(records, file_id, FindingKind.NOT_OURS), given.finance)
            assert (asked.state, asked.mine.note if asked.mine else "") == (State.KEPT, "they were rung")
        assert say(others[0], file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON) is State.READY

    def test_an_answer_lapses_when_the_finding_reads_otherwise(self, records: Records, given: Released, say: Say):
        line = given.lines[0]
        file_id = previewed(records, given, [row(line, 1, **ELSEWHERE)])
        say(given.finance, file_id, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)
        posted(records, given, [row(line, 2, minor=line.amount.minor - 100)], "meanwhile.csv")

        reading.read(records, Actor(given.finance), file_id)

        with records.read() as look:
            assert look.session.exec(select(FindingAnswer)).all() == []

    def test_a_decision_makes_previews_of_the_provider_out_of_date(self, records: Records, given: Released, others, say: Say):
        first = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
        waiting = previewed(records, given, [row(given.lines[1], 2)], "waiting.csv")
        for person_id in (given.finance, others[0]):
            say(person_id, first, FindingKind.WRONG_PAYEE, Answer.SAME_PERSON)

        with pytest.raises(Refused, match="read the file again"):
            posting.post(records, Actor(given.finance), waiting)


def test_a_transfer_paid_late_after_a_failure_is_not_instructed_again(records: Records, given: Released):
    posted(records, given, [row(given.lines[0], 1, status="FAILED")])
    failed = is_live(records, given)

    late = posted(records, given, [row(given.lines[0], 2)], "late.csv")

    assert (failed, is_live(records, given)) == (False, True)
    posting.undo(records, Actor(given.finance), late, UndoReason.WRONG_FILE)
    assert not is_live(records, given)


def test_undoing_a_second_failure_leaves_what_the_first_one_said(records: Records, given: Released):
    posted(records, given, [row(given.lines[0], 1, status="FAILED")])
    again = posted(records, given, [row(given.lines[0], 2, status="FAILED")], "again.csv")

    posting.undo(records, Actor(given.finance), again, UndoReason.WRONG_FILE)

    assert not is_live(records, given)


def test_a_note_is_nowhere_in_clear(records: Records, given: Released, say: Say):
    file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
    say(given.finance, file_id, FindingKind.WRONG_PAYEE, Answer.OTHER_PERSON, note="Wanda Teaspoon at the market rang")
    records.close()

    content = b"".join(path.read_bytes() for path in records.folder.rglob("*") if path.is_file())

    assert b"Teaspoon" not in content


def test_a_file_that_is_not_previewed_takes_no_answers(records: Records, given: Released, say: Say):
    file_id = posted(records, given, [row(given.lines[0], 1, **ELSEWHERE)])
    finding_id = finding_of(records, file_id, FindingKind.WRONG_PAYEE)
    posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE)

    with pytest.raises(Refused, match="preview the file first"):
        answers.give(records, Actor(given.finance), file_id, finding_id, Said(Answer.NOTED))
    with records.read() as look:
        assert look.session.get_one(PayoutFile, file_id).status is FileStatus.UNDONE
