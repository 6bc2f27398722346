"""Whatever happens to a list, in whatever order, its statements foot and the ledger is zero."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from cbi.access import Role
from cbi.errors import Refused
from cbi.payouts import answers, closing, cycles_account, decisions, money, over_time, posting, statements
from cbi.payouts.posting import UndoReason
from cbi.payouts.scope import Scope
from cbi.payouts.tables import FindingDecision, LedgerEntry, LedgerSum, PayoutFinding
from cbi.payouts.tables_money import Ending, MoneyKind
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers.service import list_by_id
from reconciliation.ledger import Account, held
from tests import make
from tests.cbi.payouts.test_laws import ROWS, Rows, _file, _posted, offices, read_here  # noqa: F401 -- fixtures
from tests.cbi.payouts.test_money import new
from tests.make_payouts import Released

WHEN = date(2026, 11, 20)
ENDINGS = st.lists(st.sampled_from(list(Ending)), min_size=4, max_size=4)
SEEDS = st.integers(0, 9_999)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("post"), ROWS),
        st.tuples(st.just("post"), ROWS),
        st.tuples(st.just("undo"), st.none()),
        st.tuples(st.just("decide"), SEEDS),
        st.tuples(st.just("decide"), SEEDS),
        st.tuples(st.just("undecide"), SEEDS),
        st.tuples(st.just("money"), st.tuples(st.sampled_from(list(MoneyKind)), st.integers(1, 2_000_000), st.booleans())),
        st.tuples(st.just("take back"), st.none()),
        st.tuples(st.just("close"), ENDINGS),
        st.tuples(st.just("close"), ENDINGS),
    ),
    min_size=1,
    max_size=9,
)


@dataclass
class _Office:
    """What the steps act on: files posted and money entered so far, the newest last."""

    records: Records
    released: Released
    closer: Actor
    second: Actor
    files: list[UUID] = field(default_factory=list)
    entries: list[UUID] = field(default_factory=list)
    decided: int = 0

    def post(self, said: Rows) -> None:
        readable = [one for one in said if one[1] != "gone fishing"]
        if readable:
            self.files.append(_posted(self.records, self.released, _file(self.released, readable), f"{len(self.files)}.csv"))

    def decide(self, seed: int) -> None:
        """Two people say the same about some finding of a posted file, where that moves money; of a suggestion one says which row."""
        chance = random.Random(seed)
        with self.records.read() as look:
            found = [
                (file_id, finding, choice, asked)
                for file_id in self.files
                for finding in look.session.exec(
                    select(PayoutFinding).where(PayoutFinding.file_id == file_id).order_by(PayoutFinding.position)
                )
                for asked in [answers.question(look, file_id, finding.id, self.second.id or UUID(int=0))]
                for choice in asked.choices
                if choice.people > 1 or choice.asks_row
            ]
        if not found:
            return
        file_id, finding, choice, asked = chance.choice(found)
        said = answers.Said(
            choice.answer,
            amount_minor=chance.choice([asked.left_minor, max(asked.left_minor // 2, 1)]) if choice.asks_amount else 0,
            on=WHEN if choice.asks_amount else None,
            place=asked.places[0] if choice.asks_row else None,
        )
        for person in (Actor(self.released.finance), self.second)[: choice.people]:
            answers.give(self.records, person, file_id, finding.id, said)
        self.decided += 1

    def undecide(self, seed: int) -> None:
        with self.records.read() as look:
            made = look.session.exec(select(FindingDecision.id).where(FindingDecision.live).order_by(FindingDecision.id)).all()
        if made:
            decisions.take_back(self.records, Actor(self.released.finance), random.Random(seed).choice(made))

    def undo(self, _nothing: None) -> None:
        if self.files:
            posting.undo(self.records, Actor(self.released.finance), self.files[-1], UndoReason.WRONG_FILE)
            self.files.pop()

    def money(self, asked: tuple[MoneyKind, int, bool]) -> None:
        kind, minor, about_list = asked
        with self.records.work(Actor(self.released.finance)) as work:
            list_id = self.released.list_id if about_list and kind is not MoneyKind.TO_DONOR else None
            entry_id = money.enter(work, new(self.released, kind, minor, list_id=list_id))
        with self.records.work(self.closer) as work:
            money.confirm(work, entry_id)
        self.entries.append(entry_id)

    def take_back(self, _nothing: None) -> None:
        if self.entries:
            with self.records.work(Actor(self.released.finance)) as work:
                back = money.reverse(work, self.entries.pop())
            with self.records.work(self.closer) as work:
                money.confirm(work, back)

    def close(self, endings: list[Ending]) -> None:
        with self.records.read() as look:
            found = closing.readiness(look, self.released.list_id)
        for number, item in enumerate(found.items):
            offered = closing.ENDINGS[item.line]
            wanted = endings[number % len(endings)]
            ending = wanted if wanted in offered else offered[-1]
            with self.records.work(Actor(self.released.finance)) as work:
                closing.decide(work, self.released.list_id, item.line, item.currency, ending, "as the law says")
        with self.records.work(self.closer) as work:
            closing.close(work, self.released.list_id, shown_minor=found.statement.open_minor)

    def check(self) -> None:
        with self.records.read() as look:
            connection = look.session.connection()
            cycle_id = list_by_id(look, self.released.list_id).cycle_id
            for table in (LedgerEntry, LedgerSum):
                sums = sa.select(sa.func.sum(table.minor)).group_by(table.posting_id, table.currency)
                assert set(connection.execute(sums).scalars()) <= {0}
            for account in (Account.OPEN, Account.CANCELLED, Account.DELIVERED):
                of_each = sa.select(sa.func.sum(LedgerEntry.minor)).where(
                    LedgerEntry.account == account, LedgerEntry.instruction_id.is_not(None)
                )
                assert min(connection.execute(of_each.group_by(LedgerEntry.instruction_id)).scalars(), default=0) >= 0, account
            of_list = statements.of_list(look, self.released.list_id)
            assert of_list.gaps == ()
            lines = of_list.lines
            assert of_list.total_minor == sum(one.delivered_minor + one.cancelled_minor + one.open_minor for one in lines)
            assert sum(one.count for one in lines) == of_list.count
            for scope in (Scope("UTC", provider_id=self.released.made.provider_id), Scope("UTC", cycle_id=cycle_id)):
                [found] = [one for one in statements.of_scope(look, scope) if one.currency == "KES"]
                assert found.gaps == ()
                assert found.lines == lines
                assert over_time.months(look, scope)[-1].closing_minor == found.open_minor
            provider = statements.of_scope(look, Scope("UTC", provider_id=self.released.made.provider_id))[0]
            moved = provider.delivered_minor - provider.of(Account.PROVIDER)
            assert held(provider.balances["KES"]) == provider.of(Account.FLOAT) - moved
            assert cycles_account.of_cycle(look, cycle_id).foots


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_every_statement_foots_whatever_is_posted_decided_undone_entered_taken_back_and_closed(offices: Callable, steps):  # noqa: F811 -- the fixture
    with offices() as (records, released):
        closer, second = make.staff(records, Role.APPROVER, name="Bo Closer"), make.staff(records, Role.FINANCE, name="Bettina Drizzle")
        office = _Office(records, released, Actor(closer), Actor(second))
        office.check()
        for name, asked in steps:
            with suppress(Refused):  # a refusal is an answer too: it must change nothing
                getattr(office, name.replace(" ", "_"))(asked)
            office.check()
