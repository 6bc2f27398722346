"""What the floors above may ask of transfers: released lists, what was instructed, whose hands, and what may be instructed again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from uuid import UUID

from sqlmodel import col, select

import cbi.transfers.lives  # noqa: F401 -- lists follow households wherever money is at work
from cbi.store.work import Reading
from cbi.transfers.approvals import Hands, hands_of
from cbi.transfers.asked import Named, asked_of
from cbi.transfers.lists import list_by_id, make_list
from cbi.transfers.promises import (
    after_freed,
    replacement_of,
    retire_instructions,
    revive_instructions,
    superseded,
    superseded_before,
    superseded_of,
)
from cbi.transfers.reissuing import reissue
from cbi.transfers.release import FINAL, after_release
from cbi.transfers.tables import Instruction, PaymentList
from reconciliation import instruction as counted
from reconciliation.money import Money

__all__ = [
    "Hands",
    "Named",
    "after_freed",
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
    "superseded_before",
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
    return [each for _, asked in asked_of(reading, list_id) for each in asked]


def expected_of(reading: Reading, list_id: UUID, named: Named | None = None) -> Iterator[tuple[list[str], counted.Instructions, list[str]]]:
    """What the provider may still answer about a list, in parts: the lines' ids as hexadecimal digits, what is asked, and which lines are left out.

    Those are the references of lines whose whole promise another line took over.  Of a line that was replaced after a part of it arrived only that
    part is expected: what is paid beyond it is too much.  named: whom the provider's rows name, as `asked_of` takes it.
    """
    over = {line_id.hex: settled for line_id, settled in superseded(reading, list_id).items()}
    for digits, asked in asked_of(reading, list_id, named):
        yield (digits, asked, []) if over.keys().isdisjoint(digits) else _still(digits, asked, over)


def _still(digits: list[str], asked: counted.Instructions, over: Mapping[str, int]) -> tuple[list[str], counted.Instructions, list[str]]:
    lines = list(zip(digits, asked, strict=True))
    kept = [
        (one, replace(each, amount=Money(over.get(one, each.amount.minor), each.amount.currency)))
        for one, each in lines
        if over.get(one) != 0
    ]
    return (
        [one for one, _ in kept],
        counted.asked_of([each for _, each in kept]),
        [each.reference for one, each in lines if over.get(one) == 0],
    )


def known_references(reading: Reading, *, besides: Collection[UUID] = ()) -> frozenset[str]:
    """Every transfer reference ever given by this operation; `besides`: without those of these lists."""
    # By list: those to leave out are the longest, and not gone through.
    others = select(PaymentList.id).where(col(PaymentList.id).not_in(besides))
    return frozenset(reading.session.exec(select(Instruction.reference).where(col(Instruction.list_id).in_(others))))
