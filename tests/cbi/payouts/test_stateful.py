"""Months of files, decisions, undoing and restarting, in orders nobody thought of, against a small ledger written once more from the rules."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, reject, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlmodel import col, select

from cbi.access import Role
from cbi.errors import Refused
from cbi.payouts import answers, decisions, files, posting, reading, strangers
from cbi.payouts.answers import Said as Answered
from cbi.payouts.answers import State
from cbi.payouts.choices import CHOICES, Choice, Moves
from cbi.payouts.posting import UndoReason
from cbi.payouts.tables import Answer, FileStatus, FindingDecision, PayoutFinding, PayoutRow
from cbi.settings import Settings
from cbi.store.records import Records, open_office
from cbi.store.work import Actor
from cbi.transfers import approvals, lists, release
from cbi.transfers.service import instructions_of
from reconciliation import sandbox, workbook
from reconciliation.instruction import Instruction as Line
from tests import make, make_payouts, make_transfers
from tests.cbi.payouts import laws
from tests.cbi.payouts.model import Event, Ledger, Said, replayed
from tests.cbi.payouts.test_laws import LAYOUT
from tests.make_payouts import Released

SIZES = (4, 1, 2)
STEPS, LONG_STEPS = 500, 10_000
BY_EXAMPLE = 25
WHEN = date(2026, 11, 20)
_DECIDED_ON = [kind for kind, offered in CHOICES.items() if any(one.moves is not Moves.NOTHING for one in offered)]
ROWS = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from(["whole", "whole", "half", "failed", "back", "half back", "elsewhere", "stray", "near"])),
    min_size=2,
    max_size=6,
)


@pytest.fixture(scope="module", autouse=True)
def read_here() -> Iterator[None]:
    """These files are our own: they need no process of their own to be read in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "messages", workbook.read_here)
        yield


@pytest.fixture(scope="module")
def ready(office_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Released, UUID]:
    """An office with a released list, and two finance officers."""
    folder = tmp_path_factory.mktemp("released")
    records = make.office(folder, office_template)
    released = make_payouts.released(records, SIZES)
    second = make.staff(records, Role.FINANCE, name="Bettina Drizzle")
    records.close()
    return folder, released, second


class Months(RuleBasedStateMachine):
    """Everything that may happen to a few transfers, and the same in the model."""

    ready: tuple[Path, Released, UUID]
    steps: Counter[str]

    @initialize()
    def begin(self) -> None:
        template, self.given, self.second = self.ready
        self.folder = Path(mkdtemp())
        self.records: Records = make.office(self.folder / "data", template)
        self.lines: list[Line] = list(self.given.lines)
        self.list_ids = [self.given.list_id]
        self.events: list[Event] = []
        self.sent: list[Said] = []
        self.files: list[tuple[int, UUID]] = []
        self.decided: dict[UUID, Event] = {}
        self.again: set[int] = set()
        self.number = self.restarts = 0
        self.seen: tuple[object, Ledger] | None = None

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.records.close()
            shutil.rmtree(self.folder)

    @property
    def model(self) -> Ledger:
        now = (len(self.lines), tuple(self.events))
        if self.seen is None or self.seen[0] != now:
            self.seen = (now, replayed([line.amount.minor for line in self.lines], self.events))
        return self.seen[1]

    @rule(what=ROWS)
    def a_new_file(self, what: list[tuple[int, str]]) -> None:
        self._send([self._row(place % len(self.lines), kind) for place, kind in what])

    @precondition(lambda self: self.sent)
    @rule(seed=st.integers(0, 999), share=st.sampled_from([1, 2, 3]))
    def rows_of_earlier_files_again(self, seed: int, share: int) -> None:
        """The same rows renamed, shuffled, in part."""
        chance = random.Random(seed)
        self._send(chance.sample(self.sent, max(1, len(self.sent) // share)))

    @precondition(lambda self: self.sent)
    @rule(seed=st.integers(0, 999))
    def one_payment_told_otherwise(self, seed: int) -> None:
        """The same id with another amount, or for another transfer: a contradiction."""
        one = random.Random(seed).choice(self.sent)
        other = one.whose if isinstance(one.whose, str) or seed % 3 else (one.whose + 1) % len(self.lines)
        if one.outcome == "SUCCESS" and not isinstance(other, str):
            self._send([Said(one.txn, other, "SUCCESS", one.minor + 100 * (seed % 2))], keep=False)
        elif one.outcome == "SUCCESS":
            self._send([replace(one, minor=one.minor + 50)], keep=False)

    @precondition(lambda self: self.files)
    @rule(newest=st.booleans(), seed=st.integers(0, 999))
    def undo(self, newest: bool, seed: int) -> None:
        number, file_id = self.files[-1] if newest else random.Random(seed).choice(self.files)
        left = [event for event in self.events if event.file != number]
        try:
            posting.undo(self.records, Actor(self.given.finance), file_id, UndoReason.WRONG_FILE)
        except Refused:
            assert self._builds_on(number, left) or self._weighs_the_same(number)
            self.steps["undo refused"] += 1
            return
        assert not self._builds_on(number, left)
        self.events, self.files = left, [one for one in self.files if one[0] != number]
        self.decided = {one: event for one, event in self.decided.items() if event.file != number}
        self.steps["undo"] += 1

    @precondition(lambda self: self.files)
    @rule(seed=st.integers(0, 9_999))
    def decide(self, seed: int) -> None:
        """Two people say the same about some finding of a posted file; of a suggestion one says which row."""
        chance = random.Random(seed)
        for number, file_id in chance.sample(self.files, len(self.files)):  # noqa: B007 -- the first with something to decide
            offered = self._offered(file_id)
            if offered:
                break
        else:
            return
        finding, choice, left, places = chance.choice(offered)
        said = Answered(choice.answer, amount_minor=chance.choice([left, max(left // 2, 1)]) if choice.asks_amount else 0)
        said = Answered(
            said.answer,
            amount_minor=said.amount_minor,
            on=WHEN if choice.asks_amount else None,
            place=places[0] if choice.asks_row else None,
        )
        try:
            for person_id in (self.given.finance, self.second)[: choice.people]:
                state = answers.give(self.records, Actor(person_id), file_id, finding.id, said)
        except Refused:
            self.steps["decision refused"] += 1
            return
        assert state is State.DECIDED
        self._happened(number, file_id, finding, said, left)

    @precondition(lambda self: self.decided)
    @rule(seed=st.integers(0, 999))
    def take_a_decision_back(self, seed: int) -> None:
        decision_id = random.Random(seed).choice(sorted(self.decided))
        try:
            decisions.take_back(self.records, Actor(self.given.finance), decision_id)
        except Refused:
            self.steps["taking back refused"] += 1
            return
        event = self.decided.pop(decision_id)
        self.events.remove(event)
        self.steps["taken back"] += 1

    @precondition(lambda self: any(self.model.is_dead(place) and place not in self.again for place in range(len(self.lines))))
    @rule()
    def instruct_again(self) -> None:
        """Everything that may be instructed again is, on a new list."""
        dead = [place for place in range(len(self.lines)) if self.model.is_dead(place) and place not in self.again]
        made = self.given.made
        with self.records.work(Actor(made.manager)) as work:
            cycle_id = lists.list_by_id(work, self.list_ids[0]).cycle_id
            list_id = lists.make_list(work, cycle_id, made.provider_id)
            lists.submit(work, list_id)
        with self.records.read() as look:
            wanted = approvals.needed(look, lists.list_by_id(look, list_id))
        make_transfers.approve(self.records, list_id, *(made.approver, made.second_approver)[:wanted])
        with self.records.work(Actor(made.releaser)) as work:
            release.release(work, list_id, releaser_id=made.releaser, shown=make_transfers.mark_of(self.records, list_id))
        with self.records.read() as look:
            new = instructions_of(look, list_id)
        assert sorted(line.amount.minor for line in new) == sorted(self.lines[place].amount.minor for place in dead)
        self.again.update(dead)
        self.events += [Event("again", 0, whose=place) for place in dead]
        self.lines += new
        self.list_ids.append(list_id)
        self.steps["instructed again"] += 1

    @precondition(lambda self: len(self.events) > 4 * self.restarts + 3)
    @rule()
    def restart(self) -> None:
        self.records.close()
        self.restarts += 1
        later = make.NOW + timedelta(hours=self.restarts)
        self.records = open_office(Settings(data=self.folder / "data", clock=later, seed=7))
        self.steps["restart"] += 1

    @invariant()
    def the_model_says_the_same(self) -> None:
        if not hasattr(self, "records"):
            return
        self.steps["all"] += 1
        laws.check(self.records)
        model = self.model
        if any(model.kept(place) != (0, 0) and self._is_last(place) for place in self.again):
            reject()  # a replaced transfer lives again: `test_reissue_laws` and `test_passed_back` hold what is so from here on
        with self.records.engine.connect() as connection:
            entered = {
                (row.reference, row.account): int(row.minor)
                for row in connection.execute(
                    sa.text(
                        "SELECT i.reference, e.account, sum(e.minor) AS minor FROM ledgerentry e LEFT JOIN instruction i"
                        " ON i.id = e.instruction_id GROUP BY i.reference, e.account"
                    )
                )
            }
            live = {row.reference: bool(row.live) for row in connection.execute(sa.text("SELECT reference, live FROM instruction"))}
        # Of a replaced transfer it waits as a stranger's, or as its own when people decided about what a file said of it before.
        waits = sum(model.kept(whose)[1] for whose in model.rows if isinstance(whose, str) or whose in self.again)
        replaced = [self.lines[place].reference for place in self.again]
        assert sum(entered.get((reference, "suspense"), 0) for reference in (None, *replaced)) == waits
        for place, line in enumerate(self.lines):
            delivered, suspense = (0, 0) if place in self.again else model.kept(place)
            told = {account: entered.get((line.reference, account), 0) for account in ("delivered", "open", "suspense", "extra")}
            extra = model.extra[place] if place not in self.again else 0
            if place in self.again:
                told["suspense"] = 0
            assert told == {"delivered": delivered, "open": line.amount.minor - delivered, "suspense": suspense - extra, "extra": extra}
            assert live[line.reference] == (place not in self.again and not model.is_dead(place))

    def _row(self, place: int, kind: str) -> Said:
        self.number += 1
        txn, whole = f"SP{self.number:06d}", self.lines[place].amount.minor
        if kind in {"stray", "near"}:
            return Said(txn, f"{'NEAR' if kind == 'near' else 'STRAY'}{self.number:06d}:{place}", "SUCCESS", whole - 100, kind != "near")
        outcome = {"failed": "FAILED", "back": "REVERSED", "half back": "REVERSED"}.get(kind, "SUCCESS")
        return Said(txn, place, outcome, whole // 200 * 100 if kind.startswith("half") else whole, kind == "elsewhere")

    def _send(self, said: list[Said], *, keep: bool = True) -> None:
        chosen = [one for one in said if not self._may_live_again(one.whose) and not self._may_pass_back(one)]
        rows = list({(one.txn, one.outcome): one for one in chosen}.values())
        if not rows:
            return
        actor = Actor(self.given.finance)
        content = make_payouts.csv_file(self._written(one) for one in rows)
        self.number += 1
        try:
            file_id = files.receive(self.records, actor, self.list_ids, f"{self.number}.csv", content)
        except Refused:
            self.steps["the same bytes"] += 1
            return
        if reading.read(self.records, actor, file_id, chosen=LAYOUT) is not FileStatus.PREVIEWED:
            raise AssertionError("the file was not previewed")
        posting.post(self.records, actor, file_id)
        self.files.append((self.number, file_id))
        self.events.append(Event("post", self.number, tuple(rows), number=self.number))
        self.sent += [one for one in rows if keep and one not in self.sent]
        self.steps["post"] += 1

    def _may_live_again(self, whose: int | str) -> bool:
        """Whether a row is about a replaced transfer whose newer one failed as well: paid now, the old one lives. `test_reissue_laws` holds that."""
        place = self._place_of(whose)
        return place in self.again and self._is_last(place)

    def _is_last(self, place: int) -> bool:
        """Whether every newer transfer to the same household may be instructed again as well."""
        same = [other for other, line in enumerate(self.lines) if line.name == self.lines[place].name and other not in self.again]
        return all(self.model.is_dead(other) for other in same)

    def _place_of(self, whose: int | str) -> int:
        """Of a transfer, or of the one that a stranger is like."""
        return whose if isinstance(whose, int) else int(whose.split(":")[1])

    def _may_pass_back(self, said: Said) -> bool:
        """Whether a row may end a newer transfer while money came on the one it replaced, which then lives again. `test_reissue_laws` holds that too."""
        place = self._place_of(said.whose)
        older = [other for other in self.again if other != place and self.lines[other].name == self.lines[place].name]
        return said.outcome != "SUCCESS" and any(self.model.kept(other) != (0, 0) for other in older)

    def _written(self, said: Said) -> list[str]:
        whose, place = said.whose.split(":")[0] if isinstance(said.whose, str) else "", self._place_of(said.whose)
        line = self.lines[place]
        other = {"name": "Somebody Completely Else", "phone": f"+2547999{said.txn[-5:]}"} if said.elsewhere else {}
        named = {"reference": whose} if whose else {}
        return make_payouts.row(line, 0, minor=said.minor, status=said.outcome, txn=said.txn, **other, **named)

    def _offered(self, file_id: UUID) -> list[tuple[PayoutFinding, Choice, int, tuple[tuple[str, int], ...]]]:
        """Every answer that would move something, of every finding of a file."""
        found = []
        with self.records.read() as look:
            for finding in look.session.exec(
                select(PayoutFinding)
                .where(PayoutFinding.file_id == file_id, col(PayoutFinding.kind).in_(_DECIDED_ON))
                .order_by(col(PayoutFinding.position))
            ).all():
                asked = answers.question(look, file_id, finding.id, self.second)
                offered = [one for one in asked.choices if one.people > 1 or one.asks_row]
                if any(self._may_live_again(place) for place, line in enumerate(self.lines) if line.reference == finding.reference):
                    continue
                found += [(finding, one, asked.left_minor, asked.places) for one in offered]
        return found

    def _happened(self, number: int, file_id: UUID, finding: PayoutFinding, said: Answered, left: int) -> None:
        whose = self._whose(file_id, finding)
        minor = {Answer.RECOVERED: said.amount_minor}.get(said.answer, left)
        what = {Answer.RECOVERED: "back", Answer.CHARGED: "back"}.get(said.answer, said.answer.value)
        self.number += 1
        rows = ()
        if said.answer is Answer.MATCH and said.place:
            rows = tuple(one for one in self.sent if one.txn == self._txn(file_id, said.place))
        event = Event(what, number, rows, whose, minor, self.number)
        with self.records.read() as look:
            newest = look.session.exec(select(FindingDecision).order_by(col(FindingDecision.decided_at).desc())).first()
        assert newest is not None
        self.events.append(event)
        self.decided[newest.id] = event
        self.steps[said.answer.value] += 1

    def _whose(self, file_id: UUID, finding: PayoutFinding) -> int | str:
        ours = [place for place, line in enumerate(self.lines) if line.reference == finding.reference]
        if ours:
            return ours[0]
        with self.records.read() as look:
            names = {strangers.kept(look.vault, one.whose.split(":")[0]): one.whose for one in self.sent if isinstance(one.whose, str)}
        return names[finding.reference]

    def _txn(self, file_id: UUID, place: tuple[str, int]) -> str:
        with self.records.read() as look:
            return look.session.exec(
                select(PayoutRow.provider_ref).where(PayoutRow.file_id == file_id, PayoutRow.sheet == place[0], PayoutRow.row == place[1])
            ).one()

    def _builds_on(self, number: int, left: list[Event]) -> bool:
        """Whether a later file or something final stands on this one, or a transfer it let go was instructed again: then it stays."""
        later = self.events[self._place(number) + 1 :]
        if any(event.what == "post" or (event.what == "extra" and event.file == number) for event in later):
            return True
        after = replayed([line.amount.minor for line in self.lines], left)
        asked_since = [event.whose for event in later if event.what == "again" and isinstance(event.whose, int)]
        return any(self.model.is_dead(place) and not after.is_dead(place) for place in asked_since)

    def _weighs_the_same(self, number: int) -> bool:
        """Whether a later decision about another file is about the same money."""
        later = [event for event in self.events[self._place(number) + 1 :] if event.what not in {"post", "again"} and event.file != number]
        mine = {event.whose for event in later} | {one.whose for event in later for one in event.rows}
        return bool(mine & {one.whose for one in self.events[self._place(number)].rows})

    def _place(self, number: int) -> int:
        return next(place for place, event in enumerate(self.events) if event.what == "post" and event.file == number)


def _run(ready: tuple[Path, Released, UUID], steps: int) -> Counter[str]:
    Months.ready, Months.steps = ready, Counter()
    found = settings(
        max_examples=steps // BY_EXAMPLE * 3 // 2,  # some end early
        stateful_step_count=BY_EXAMPLE,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    run_state_machine_as_test(Months, settings=found)
    return Months.steps


def test_whatever_happens_in_whatever_order_the_ledger_is_what_the_rules_say(ready: tuple[Path, Released, UUID]):
    taken = _run(ready, STEPS)

    assert taken["all"] >= STEPS
    assert not {"post", "undo", "restart"} - set(taken)


def test_what_came_back_is_not_the_money_that_went_astray_later(ready: tuple[Path, Released, UUID]):
    Months.ready, Months.steps = ready, Counter()
    months = Months()
    months.begin()
    try:
        months.a_new_file([(1, "whole"), (1, "back")])

        months.a_new_file([(1, "elsewhere"), (2, "whole")])

        months.the_model_says_the_same()
    finally:
        months.teardown()


def test_nobody_is_asked_again_while_what_went_astray_after_the_rest_came_back_is_out(ready: tuple[Path, Released, UUID]):
    Months.ready, Months.steps = ready, Counter()
    months = Months()
    months.begin()
    try:
        for what in ([(0, "whole")], [(0, "failed"), (1, "whole")], [(0, "back"), (2, "whole")], [(0, "elsewhere")]):
            months.a_new_file(what)
        number, file_id = months.files[1]
        [(finding, left)] = [(one, left) for one, choice, left, _ in months._offered(file_id) if choice.answer is Answer.NEWER]
        said = Answered(Answer.NEWER)
        for person_id in (months.given.finance, months.second):
            answers.give(months.records, Actor(person_id), file_id, finding.id, said)
        months._happened(number, file_id, finding, said, left)

        months.the_model_says_the_same()
        assert not months.model.is_dead(0)
        assert months.model.kept(0) == (0, months.lines[0].amount.minor)
    finally:
        months.teardown()


@pytest.mark.long
def test_ten_thousand_steps_show_no_difference(ready: tuple[Path, Released, UUID]):
    taken = _run(ready, LONG_STEPS)

    assert taken["all"] >= LONG_STEPS
    decided = {answer.value for answer in (Answer.MATCH, Answer.SAME_PERSON, Answer.RECOVERED, Answer.CHARGED, Answer.EXTRA, Answer.NEWER)}
    assert not {"instructed again", "undo refused", "taken back", *decided} - set(taken)
