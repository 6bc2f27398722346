"""What did not arrive is asked for once more: a new draft takes over the open amounts, and the lines it replaces are retired in the same commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import col, select

from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.store.parts import in_parts
from cbi.store.work import Reading, Work
from cbi.transfers import drawing, facts, promises
from cbi.transfers.drawing import Again
from cbi.transfers.lists import draft, locked_list
from cbi.transfers.payees import Wait
from cbi.transfers.release import FINAL
from cbi.transfers.tables import Cycle, CycleStatus, Instruction, PaymentList, Provider
from cbi.web.words import _


def reissue(work: Work, provider_id: UUID, asked: Mapping[UUID, int], *, unreported: Sequence[UUID] = ()) -> tuple[UUID, Counter[Wait]]:
    """Draft a list of what is open of these lines, for this provider, and retire them. Returns the new list's id, and how many wait and why.

    asked: by line of a released list, what of it arrived, in minor units.  unreported: those of them nobody reported, which the maker says are dead.
    A line whose household cannot be paid through this provider now keeps its promise.
    Raises Refused when nobody can be paid or the lines are of several cycles, SomebodyWasFirst when one was asked for again already.
    """
    provider = work.session.get(Provider, provider_id)
    if provider is None:
        raise NotThere
    rows = _rows(work, list(asked))
    cycle = _cycle_of(work, rows)
    if promises.superseded_of(work, list(asked)):
        raise SomebodyWasFirst(_("look at the list again: some of these transfers were asked for again meanwhile"))
    lines, waiting = drawing.again(work, cycle, provider, [Again(row, asked[row.id]) for row in rows])
    if not lines:
        raise Refused(_nobody(waiting))
    replaced = [line.replaces_id for line in lines if line.replaces_id]
    promises.set_aside(work, replaced, {one: asked[one] for one in replaced})
    payment_list = draft(work, cycle, provider, lines, reissue=True)
    if promises.overdrawn(work, sorted({line.due.entitlement.id for line in lines})):
        raise Refused(_("look at the list again: more would be promised to a household than it is due"))
    work.remember(
        facts.ListReissued(
            list_id=payment_list.id,
            from_list_ids=tuple(sorted({row.list_id for row in rows if row.id in set(replaced)})),
            cycle_id=cycle.id,
            provider_id=provider.id,
            reference=payment_list.reference,
            count=payment_list.count,
            total_minor=payment_list.total_minor,
            currency=payment_list.currency,
            waiting=sum(waiting.values()),
            unreported=len(set(unreported) & set(replaced)),
        )
    )
    return payment_list.id, waiting


def _nobody(waiting: Counter[Wait]) -> str:
    """What to do when none of the lines can be asked for again."""
    if waiting[Wait.SHARES]:
        return _(
            "arrange who is paid, the same adults as before or one recipient by name; or make a new list, where nothing of the transfer was paid:"
            " separate transfers of these households changed meanwhile"
        )
    return _("choose another provider: none of these households can be paid through this one now")


def _rows(reading: Reading, instruction_ids: Sequence[UUID]) -> list[Instruction]:
    rows: list[Instruction] = []
    for chunk in in_parts(instruction_ids):
        rows += reading.session.exec(select(Instruction).where(col(Instruction.id).in_(chunk)).order_by(col(Instruction.id)))
    if len(rows) != len(instruction_ids):
        raise NotThere
    if not rows:
        raise Refused(_("choose what to ask for again: nothing is chosen"))
    return rows


def _cycle_of(work: Work, rows: Sequence[Instruction]) -> Cycle:
    """The one cycle whose promises these lines carry; their lists are held still meanwhile."""
    lists: list[PaymentList] = [locked_list(work, one) for one in sorted({row.list_id for row in rows})]
    if any(one.status not in FINAL for one in lists):
        raise Refused(_("choose lines of released lists: the others are still with their maker"))
    if len({one.cycle_id for one in lists}) > 1:
        raise Refused(_("choose lines of one cycle: a payment list pays for one"))
    cycle = work.session.get_one(Cycle, lists[0].cycle_id, with_for_update={"read": True}, populate_existing=True)
    if cycle.status is not CycleStatus.FROZEN:
        raise Refused(_("plan it in the next cycle: this one is closed"))
    return cycle
