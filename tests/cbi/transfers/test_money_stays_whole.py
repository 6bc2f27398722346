from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from cbi.errors import NotThere, Refused
from cbi.store.records import Records
from cbi.store.work import Actor, Work
from cbi.transfers import approvals, drawing, lists, marking, release, service
from cbi.transfers.tables import Entitlement, Instruction, PaymentList
from tests import make_transfers

MAKER, APPROVER, RELEASER = "manager", "approver", "releaser"
# Who does it, and how; each takes the work, the list and one of its lines.
ACTS: dict[str, tuple[str, Callable[[Work, PaymentList, Instruction], object]]] = {
    "take_off": (MAKER, lambda work, one, line: lists.take_off(work, one.id, line.id)),
    "redraw": (MAKER, lambda work, one, _line: lists.redraw(work, one.id)),
    "submit": (MAKER, lambda work, one, _line: lists.submit(work, one.id)),
    "take_back": (MAKER, lambda work, one, _line: lists.take_back(work, one.id)),
    "approve": (APPROVER, lambda work, one, _line: approvals.approve(work, one.id, approver_id=work.actor.id, shown=one.hash or b"")),
    "send_back": (APPROVER, lambda work, one, _line: approvals.send_back(work, one.id, reason="look again", shown=one.hash or b"")),
    "release": (RELEASER, lambda work, one, _line: release.release(work, one.id, releaser_id=work.actor.id, shown=one.hash or b"")),
    "fail": (MAKER, lambda work, one, line: one.released_at and service.retire_instructions(work, [line.id])),
    "undo": (MAKER, lambda work, one, line: one.released_at and service.revive_instructions(work, [line.id])),
}
# The usual way first, so that examples reach released lists; then anything.
STEPS = st.lists(
    st.tuples(st.sampled_from(["draft", "submit", "approve", "release", "fail", "submit", "approve", "release", *ACTS]), st.integers(0, 7)),
    min_size=8,
    max_size=24,
)
# One programme serves all examples of the test; each works in a cycle of its own.
SETTINGS: dict[object, make_transfers.Setting] = {}


def act(records: Records, made: make_transfers.Setting, cycle_id: UUID, what: str, which: int) -> None:
    """Do one thing to one of the cycle's lists, as far as it lets us."""
    if what == "draft":
        with records.work(Actor(made.manager)) as work:
            lists.make_list(work, cycle_id, made.provider_id)
        return
    with records.read() as reading:
        found = list(
            reading.session.scalars(sa.select(PaymentList).where(PaymentList.cycle_id == cycle_id).order_by(PaymentList.reference))
        )
        one = found[which % len(found)]
        rows = list(reading.session.scalars(sa.select(Instruction).where(Instruction.list_id == one.id).order_by(Instruction.position)))
    seat, do = ACTS[what]
    with records.work(Actor(getattr(made, seat))) as work:
        do(work, one, rows[which % len(rows)] if rows else Instruction(id=UUID(int=0)))


def unbalanced(records: Records, cycle_id: UUID) -> Sequence[str]:
    """Every household whose promises and what is still due do not sum to what it is entitled to."""
    with records.read() as reading:
        due = {one.entitlement.id: one.left_minor for one in drawing.due_in(reading, cycle_id)}
        live = dict(
            reading.session.execute(
                sa.select(Instruction.entitlement_id, sa.func.sum(Instruction.amount_minor))
                .where(Instruction.live)
                .group_by(Instruction.entitlement_id)
            ).all()
        )
        entitled = reading.session.execute(
            sa.select(Entitlement.id, Entitlement.amount_minor).where(Entitlement.cycle_id == cycle_id)
        ).all()
        return [
            f"{minor} is not {live.get(one, 0)} + {due.get(one, 0)}"
            for one, minor in entitled
            if minor != live.get(one, 0) + due.get(one, 0)
        ]


def wrong_sums(records: Records, cycle_id: UUID) -> Sequence[str]:
    """Every list that says another count or sum than its lines."""
    with records.read() as reading:
        found = reading.session.scalars(sa.select(PaymentList).where(PaymentList.cycle_id == cycle_id))
        return [one.reference for one in found if marking.sums(reading, one.id) != (one.count, one.total_minor)]


def test_whatever_happens_to_lists_what_is_promised_and_what_is_due_sum_to_what_people_are_entitled_to(records: Records):
    reached: set[str] = set()

    @settings(max_examples=25, deadline=None)
    @given(steps=STEPS)
    def holds(steps: list[tuple[str, int]]) -> None:
        made = SETTINGS.get(records.folder) or SETTINGS.setdefault(records.folder, make_transfers.setting(records, sizes=(1, 4, 9)))
        cycle_id = make_transfers.frozen_cycle(records, made)
        for what, which in [("draft", 0), *steps]:
            try:
                act(records, made, cycle_id, what, which)
            except (Refused, NotThere):
                continue  # what is refused must leave everything as it was: the sums below say so
            reached.add(what)
            assert not unbalanced(records, cycle_id)
            assert not wrong_sums(records, cycle_id)
        assert not unbalanced(records, cycle_id)

    holds()

    assert {"release", "fail"} <= reached
    assert records.verify_chain().broken_at is None
