"""What the floors above may ask of transfers: released lists, what was instructed, whose hands, and what may be instructed again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import Refused
from cbi.sites.tables import Site
from cbi.store.work import Reading, Work
from cbi.transfers import facts
from cbi.transfers.approvals import Hands, hands_of
from cbi.transfers.lists import list_by_id, make_list
from cbi.transfers.marking import opened_lines
from cbi.transfers.release import FINAL, after_release
from cbi.transfers.tables import Entitlement, Instruction, PaymentList, Provider
from cbi.web.words import _
from reconciliation import instruction as counted
from reconciliation.money import Money

__all__ = [
    "Hands",
    "after_release",
    "hands_of",
    "instruction_ids",
    "instructions_of",
    "known_references",
    "list_by_id",
    "list_by_reference",
    "make_list",
    "released_lists",
    "retire_instructions",
    "revive_instructions",
]
_CHUNK = 500


def list_by_reference(reading: Reading, reference: str) -> PaymentList | None:
    """The list people call "L-2026-031", or None."""
    return reading.session.exec(select(PaymentList).where(col(PaymentList.reference) == reference.strip().upper())).first()


def released_lists(reading: Reading) -> list[PaymentList]:
    """Every list that was released, closed ones included, in the order of release."""
    return list(
        reading.session.exec(
            select(PaymentList)
            .where(col(PaymentList.status).in_(FINAL))
            .order_by(col(PaymentList.released_at), col(PaymentList.reference), col(PaymentList.id))
        )
    )


def instructions_of(reading: Reading, list_id: UUID) -> list[counted.Instruction]:
    """What the provider was asked to pay, in the list's order, with the payees as approved."""
    payment_list = list_by_id(reading, list_id)
    provider = reading.session.get_one(Provider, payment_list.provider_id)
    sites = dict(reading.session.exec(select(col(Site.id), col(Site.name))).all())
    return [
        counted.Instruction(
            reference=line.instruction.reference,
            amount=Money(line.instruction.amount_minor, line.instruction.currency),
            name=line.name,
            phone=line.phone,
            account=line.account,
            token=line.instruction.token,
            provider=provider.code,
            site=sites[line.instruction.site_id],
        )
        for line in opened_lines(reading, list_id)
    ]


def instruction_ids(reading: Reading, list_id: UUID) -> dict[str, UUID]:
    """The id of every line of a list by its reference."""
    return dict(reading.session.exec(select(Instruction.reference, Instruction.id).where(col(Instruction.list_id) == list_id)).all())


def known_references(reading: Reading, *, besides: Collection[UUID] = ()) -> frozenset[str]:
    """Every transfer reference ever given by this operation; `besides`: without those of these lists."""
    return frozenset(reading.session.exec(select(Instruction.reference).where(col(Instruction.list_id).not_in(besides))))


def retire_instructions(work: Work, instruction_ids: Sequence[UUID]) -> int:
    """What these lines promised did not arrive: their entitlements may be instructed again on a new list. Returns how many changed."""
    changed = _set_live(work, instruction_ids, live=False)
    if changed:
        work.remember(facts.InstructionsRetired(count=changed))
    return changed


def revive_instructions(work: Work, instruction_ids: Sequence[UUID]) -> int:
    """These lines count again as under way, because what said otherwise was undone. Returns how many changed.

    Raises Refused when one of them was instructed again meanwhile: two live lines would pay twice.
    """
    if _instructed_again(work, instruction_ids):
        raise Refused(_("settle the newer list first: some of these transfers were instructed again since"))
    changed = _set_live(work, instruction_ids, live=True)
    if changed:
        work.remember(facts.InstructionsRevived(count=changed))
    return changed


def _set_live(work: Work, instruction_ids: Sequence[UUID], *, live: bool) -> int:
    changed = 0
    for start in range(0, len(instruction_ids), _CHUNK):
        chunk = instruction_ids[start : start + _CHUNK]
        statement = sa.update(Instruction).where(col(Instruction.id).in_(chunk), col(Instruction.live).is_(not live)).values(live=live)
        changed += work.bulk(Instruction, statement).rowcount
    return changed


def _instructed_again(work: Work, instruction_ids: Sequence[UUID]) -> bool:
    """Whether reviving these lines would promise more than their entitlements hold, or a part twice."""
    for start in range(0, len(instruction_ids), _CHUNK):
        chunk = instruction_ids[start : start + _CHUNK]
        mine = sa.select(col(Instruction.entitlement_id)).where(col(Instruction.id).in_(chunk))
        promised = (
            sa.select(col(Entitlement.id))
            .join(Instruction, col(Instruction.entitlement_id) == col(Entitlement.id))
            .where(col(Entitlement.id).in_(mine), sa.or_(col(Instruction.live), col(Instruction.id).in_(chunk)))
            .group_by(col(Entitlement.id), col(Entitlement.amount_minor))
            .having(sa.func.sum(col(Instruction.amount_minor)) > col(Entitlement.amount_minor))
        )
        if work.session.connection().execute(promised).first():
            return True
    return False
