"""What the floors above may ask of transfers: released lists, what was instructed, whose hands, and what may be instructed again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from uuid import UUID

from sqlmodel import col, select

from cbi.store.work import Reading
from cbi.transfers.approvals import Hands, hands_of
from cbi.transfers.asked import asked_of
from cbi.transfers.lists import list_by_id, make_list
from cbi.transfers.promises import replacement_of, retire_instructions, revive_instructions, superseded, superseded_of
from cbi.transfers.reissuing import reissue
from cbi.transfers.release import FINAL, after_release
from cbi.transfers.tables import Instruction, PaymentList
from reconciliation import instruction as counted
from reconciliation.money import Money

__all__ = [
    "Hands",
    "after_release",
    "asked_of",
    "expected_of",
    "hands_of",
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
    return [asked for _, asked in asked_of(reading, list_id)]


def expected_of(reading: Reading, list_id: UUID) -> Iterator[tuple[UUID, counted.Instruction, bool]]:
    """What the provider may still answer about a list: each line's id, what is asked, and whether another line took its whole promise over.

    Of a line that was replaced after a part of it arrived only that part is expected: what is paid beyond it is too much.
    """
    over = superseded(reading, list_id)
    for line_id, each in asked_of(reading, list_id):
        settled = over.get(line_id)
        yield line_id, replace(each, amount=Money(settled, each.amount.currency)) if settled else each, settled == 0


def known_references(reading: Reading, *, besides: Collection[UUID] = ()) -> frozenset[str]:
    """Every transfer reference ever given by this operation; `besides`: without those of these lists."""
    return frozenset(reading.session.exec(select(Instruction.reference).where(col(Instruction.list_id).not_in(besides))))
