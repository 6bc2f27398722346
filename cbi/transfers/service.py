"""What the floors above may ask of transfers: released lists, what was instructed, whose hands, and what may be instructed again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from sqlmodel import col, select

from cbi.sites.tables import Site
from cbi.store.work import Reading
from cbi.transfers.approvals import Hands, hands_of
from cbi.transfers.lists import list_by_id, make_list
from cbi.transfers.marking import opened_lines
from cbi.transfers.promises import replacement_of, retire_instructions, revive_instructions, superseded, superseded_of
from cbi.transfers.reissuing import reissue
from cbi.transfers.release import FINAL, after_release
from cbi.transfers.tables import Instruction, PaymentList, Provider
from reconciliation import instruction as counted
from reconciliation.money import Money

__all__ = [
    "Hands",
    "after_release",
    "expected_of",
    "hands_of",
    "instruction_ids",
    "instructions_of",
    "known_references",
    "list_by_id",
    "list_by_reference",
    "make_list",
    "reissue",
    "released_lists",
    "replacement_of",
    "retire_instructions",
    "revive_instructions",
    "superseded",
    "superseded_of",
]


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


def expected_of(reading: Reading, list_id: UUID) -> tuple[list[counted.Instruction], frozenset[str]]:
    """What the provider may still answer about a list, and the references of lines whose whole promise another line has taken over.

    Of a line that was replaced after a part of it arrived only that part is expected: what is paid beyond it is too much.
    """
    asked = instructions_of(reading, list_id)
    over = superseded(reading, list_id)
    if not over:
        return asked, frozenset()
    ids = instruction_ids(reading, list_id)
    settled = {reference: over[one] for reference, one in ids.items() if one in over}
    expected = [
        replace(each, amount=Money(settled[each.reference], each.amount.currency)) if each.reference in settled else each
        for each in asked
        if settled.get(each.reference) != 0
    ]
    return expected, frozenset(reference for reference, minor in settled.items() if minor == 0)


def instruction_ids(reading: Reading, list_id: UUID) -> dict[str, UUID]:
    """The id of every line of a list by its reference."""
    return dict(reading.session.exec(select(Instruction.reference, Instruction.id).where(col(Instruction.list_id) == list_id)).all())


def known_references(reading: Reading, *, besides: Collection[UUID] = ()) -> frozenset[str]:
    """Every transfer reference ever given by this operation; `besides`: without those of these lists."""
    return frozenset(reading.session.exec(select(Instruction.reference).where(col(Instruction.list_id).not_in(besides))))
