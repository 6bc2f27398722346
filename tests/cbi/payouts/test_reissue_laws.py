"""Laws of asking again: whatever is posted, undone, asked for again and paid late, nobody is promised or paid twice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cbi.errors import Refused
from cbi.payouts import counted, over_time, posting, reissue, statements
from cbi.payouts.counted import Whose
from cbi.payouts.posting import UndoReason
from cbi.payouts.scope import Scope
from cbi.payouts.tables import FileStatus, LedgerEntry, PayoutFile
from cbi.store.records import Records
from cbi.store.work import Actor, Reading
from cbi.transfers import drawing, lists, service
from cbi.transfers.service import instructions_of, released_lists
from cbi.transfers.tables import Entitlement, Instruction, ListStatus, PaymentList
from reconciliation.ledger import Account
from tests import make_payouts
from tests.cbi.payouts.test_laws import offices, read_here  # noqa: F401 -- fixtures
from tests.cbi.payouts.test_reissue import release
from tests.make_payouts import Released, row

SAID = st.sampled_from(["SUCCESS", "SUCCESS", "FAILED", "FAILED", "REVERSED", "PART", "gone"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("post"), st.integers(0, 3), st.lists(SAID, min_size=6, max_size=6)),
        st.tuples(st.just("undo"), st.just(0), st.just([])),
        st.tuples(st.just("again"), st.integers(0, 3), st.just([])),
        st.tuples(st.just("again"), st.integers(0, 3), st.just([])),
        st.tuples(st.just("release"), st.just(0), st.just([])),
        st.tuples(st.just("take off"), st.integers(0, 5), st.just([])),
        st.tuples(st.just("redraw"), st.just(0), st.just([])),
        st.tuples(st.just("draw"), st.just(0), st.just([])),
    ),
    min_size=4,
    max_size=12,
)


def act(records: Records, given_: Released, what: str, which: int, said: list[str], number: int) -> None:
    """Do one thing, as far as it is let."""
    manager, finance = Actor(given_.made.manager), Actor(given_.finance)
    with records.read() as look:
        out = [one.id for one in released_lists(look)]
        drafts = list(
            look.session.scalars(sa.select(PaymentList.id).where(PaymentList.status == ListStatus.DRAFT).order_by(PaymentList.reference))
        )
        newest = look.session.scalars(
            sa.select(PayoutFile.id).where(PayoutFile.status == FileStatus.POSTED).order_by(PayoutFile.posted_at.desc(), PayoutFile.id)
        ).first()
    list_id = out[which % len(out)]
    match what:
        case "post":
            with records.read() as look:
                asked = instructions_of(look, list_id)
            told = [
                row(
                    line,
                    place,
                    status="SUCCESS" if how == "PART" else how,
                    minor=line.amount.minor // (2 if how == "PART" else 1),
                    txn=f"F{number}-{place}",
                )
                for place, (line, how) in enumerate(zip(asked, said, strict=False))
                if how != "gone"
            ]
            if told:
                make_payouts.posted(records, Released(given_.made, list_id, tuple(asked), given_.finance), told, f"{number}.csv")
        case "undo" if newest:
            posting.undo(records, finance, newest, UndoReason.WRONG_FILE)
        case "again":
            with records.work(manager) as work:
                reissue.reissue(work, list_id, given_.made.provider_id, reissue.GROUNDS, dead=True)
        case "release" if drafts:
            release(records, given_, drafts[0])
        case "take off" | "redraw" if drafts:
            with records.work(manager) as work:
                ids = list(
                    work.session.scalars(sa.select(Instruction.id).where(Instruction.list_id == drafts[0]).order_by(Instruction.position))
                )
                if what == "redraw":
                    lists.redraw(work, drafts[0])
                elif ids:
                    lists.take_off(work, drafts[0], ids[which % len(ids)])
        case "draw":
            with records.read() as look:
                cycle_id = lists.list_by_id(look, list_id).cycle_id
            with records.work(manager) as work:
                lists.make_list(work, cycle_id, given_.made.provider_id)


def broken(records: Records) -> list[str]:
    """Every law that does not hold."""
    found: list[str] = []
    with records.read() as look:
        delivered: dict[UUID, int] = {
            one: int(minor)
            for one, minor in look.session.execute(
                sa.select(LedgerEntry.instruction_id, sa.func.sum(LedgerEntry.minor))
                .where(LedgerEntry.account == Account.DELIVERED)
                .group_by(LedgerEntry.instruction_id)
            )
        }
        rows = list(look.session.scalars(sa.select(Instruction)))
        for one in look.session.scalars(sa.select(Entitlement)):
            mine = [line for line in rows if line.entitlement_id == one.id]
            due = sum(each.left_minor for each in drawing.due_in(look, one.cycle_id) if each.entitlement.id == one.id)
            promised = sum(line.amount_minor if line.live else line.settled_minor for line in mine)
            paid = sum(max(delivered.get(line.id, 0), 0) for line in mine)
            if promised + due != one.amount_minor:
                found.append(f"promised {promised} and due {due} of {one.amount_minor}")
            if paid > one.amount_minor:
                found.append(f"paid {paid} of {one.amount_minor}")
            live = [line.part for line in mine if line.live]
            if len(live) != len(set(live)):
                found.append("two live lines for one part")
            found += [
                f"a dead line of {line.amount_minor} has {delivered.get(line.id, 0)} and is settled at {line.settled_minor}"
                for line in mine
                if not line.live and line.settled_minor != max(delivered.get(line.id, 0), 0)
            ]
        found += [problem for line in rows for problem in _unlike_its_rows(look, line, delivered.get(line.id, 0))]
        found += [gap for one in released_lists(look) for gap in statements.of_list(look, one.id).gaps]
        wide = [Scope("UTC"), *(Scope("UTC", cycle_id=one) for one in {one.cycle_id for one in released_lists(look)})]
        for scope in wide:
            found += [gap for one in statements.of_scope(look, scope) for gap in one.gaps]
            [summed] = statements.summed(look, scope)
            of_scope = statements.of_scope(look, scope)[0]
            if summed.instructed_minor != of_scope.total_minor or summed.open_minor != of_scope.open_minor:
                found.append("the summary and the statement differ")
            if over_time.months(look, scope)[-1].closing_minor != of_scope.open_minor:
                found.append("the months do not end in what is open")
        found += [] if statements.whole_ledger_foots(look) else ["the ledger does not sum to zero"]
    return found


def _unlike_its_rows(look: Reading, line: Instruction, delivered_minor: int) -> list[str]:
    """Where the ledger says otherwise than the rows that count, or money is out of a line whose promise somebody may be asked for again."""
    stands = counted.stands(look, lists.list_by_id(look, line.list_id).provider_id, Whose(line.reference), line.currency)
    over = line.id in service.superseded_of(look, [line.id])
    said = counted.place(stands, line.settled_minor if over else line.amount_minor).delivered
    found = [] if said == max(delivered_minor, 0) else [f"{said} delivered by its rows, and {delivered_minor} in the ledger"]
    if not line.live and not over and stands.out > line.settled_minor:
        found.append(f"{stands.out} is out of a line that may be asked for again, {line.settled_minor} of it settled")
    return found


REACHED: set[str] = set()


@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_whatever_is_asked_for_again_and_paid_late_nobody_is_promised_or_paid_twice(
    offices: Callable[[], object],  # noqa: F811
    steps: list[tuple[str, int, list[str]]],
):
    with offices() as (records, given_):
        for number, (what, which, said) in enumerate([("post", 0, ["SUCCESS", "FAILED", "PART", "gone", "FAILED", "SUCCESS"]), *steps]):
            with suppress(Refused):  # what is refused must leave everything as it was: the laws below say so
                act(records, given_, what, which, said, number)
                REACHED.add(what)
            assert broken(records) == [], (what, which)
