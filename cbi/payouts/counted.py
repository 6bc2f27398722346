"""Where transfers stand by the rows that count, and the entries that follow when those rows change.

At every commit the ledger holds, for each transfer and currency, what its live rows say together: delivered as far as it was promised, the rest
in suspense.  A decision changes rows; the difference between what they said before and say then is what it enters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.payouts.tables import Answer, FindingDecision, PayoutFile, PostedRow
from cbi.store.work import Reading, Work
from cbi.transfers.service import superseded_of
from cbi.transfers.tables import Instruction
from reconciliation import folding
from reconciliation.folding import Standing
from reconciliation.identity import Earlier
from reconciliation.money import Money
from reconciliation.payout import Outcome


@dataclass(frozen=True, slots=True, order=True)
class Whose:
    """What rows belong to: a transfer by its reference, a stranger by the reference they wrote, else by the provider's own id, else one row."""

    reference: str
    provider_ref: str = ""
    row_key: bytes = b""

    @classmethod
    def of(cls, row: PostedRow) -> Whose:
        """Whom a counted row belongs to."""
        if row.reference:
            return cls(row.reference)
        return cls("", row.provider_ref) if row.provider_ref else cls("", "", row.row_key)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one transfer or stranger stands in one currency, in minor units. suspense: paid, but not on what was promised."""

    delivered: int = 0
    suspense: int = 0


Places = dict[tuple[Whose, str], Place]
References = sa.Select[str] | Sequence[str]
_CAME_BACK = (Answer.RECOVERED, Answer.CHARGED)


def rows_of(reading: Reading, provider_id: UUID, whose: Whose) -> list[PostedRow]:
    """The rows that count for one transfer or stranger, in no order that matters."""
    return list(reading.session.exec(select(PostedRow).where(*_of(provider_id, whose))))


def with_turns(query: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:  # Any: whatever is asked of the rows
    """A query about counted rows, with one more column, `turn`, that sorts them as they came to count (`folding.stand`).

    Rows of a file come when it is posted, also those that a decision read anew; money that people say came back comes when they decided so.
    Any: an instant as the database keeps it, which sorts as it is and is not worth reading a million times.
    """
    by_hand = sa.and_(col(FindingDecision.id) == col(PostedRow.decision_id), col(FindingDecision.answer).in_(_CAME_BACK))
    turn = sa.type_coerce(sa.func.coalesce(col(FindingDecision.decided_at), col(PayoutFile.posted_at)), sa.String())
    joined = query.join(PayoutFile, col(PayoutFile.id) == col(PostedRow.file_id)).outerjoin(FindingDecision, by_hand)
    return joined.add_columns(turn.label("turn"))


def places_in_order(instants: Iterable[Any]) -> dict[Any, int]:  # Any: as the database keeps them
    """For each instant its place among them all."""
    return {instant: place for place, instant in enumerate(sorted(set(instants)), 1)}


def _of(provider_id: UUID, whose: Whose) -> list[sa.SQLColumnExpression[bool]]:
    where = [col(PostedRow.provider_id) == provider_id, col(PostedRow.live), col(PostedRow.reference) == whose.reference]
    if not whose.reference:
        where.append(col(PostedRow.provider_ref) == whose.provider_ref)
        if not whose.provider_ref:
            where.append(col(PostedRow.row_key) == whose.row_key)
    return where


def places(reading: Reading, provider_id: UUID, all_of: Iterable[Whose]) -> Places:
    """Where each of these stands, in every currency it has rows in."""
    found: Places = {}
    for whose in set(all_of):
        rows = _earlier(reading, provider_id, whose)
        asked = instruction_of(reading, whose.reference)
        for currency in {row.amount.currency for row in rows}:
            due = promised(reading, asked) if asked and asked.currency == currency else 0
            found[whose, currency] = place(folding.stand(rows, currency), due)
    return found


def stands(reading: Reading, provider_id: UUID, whose: Whose, currency: str) -> Standing:
    """What the rows that count say of one transfer or stranger in one currency, whatever was promised."""
    return folding.stand(_earlier(reading, provider_id, whose), currency)


def promised(reading: Reading, asked: Instruction) -> int:
    """What a transfer may still be paid: its amount, or what had arrived when another line took over the rest."""
    return superseded_of(reading, [asked.id]).get(asked.id, asked.amount_minor)


def place(stands: Standing, promised_minor: int) -> Place:
    """How a standing counts: delivered up to what was promised, everything else that is out in suspense."""
    delivered = min(max(stands.delivered, 0), promised_minor)
    return Place(delivered, stands.out - delivered)


def instruction_of(reading: Reading, reference: str) -> Instruction | None:
    """The line of ours with this reference."""
    mine = select(Instruction).where(Instruction.operation_id == reading.operation_id, Instruction.reference == reference)
    return reading.session.exec(mine).first() if reference else None


def replace(work: Work, decision_id: UUID, gone: Sequence[PostedRow], come: Sequence[PostedRow]) -> None:
    """Take these rows out and put those in, on account of a decision."""
    for row in gone:
        row.live, row.replaced_by = False, decision_id
        work.add(row)
    work.session.flush()
    for row in come:
        work.add(row)
    work.session.flush()


def put_back(work: Work, decision_id: UUID) -> None:
    """Turn a decision's rows around: what it put in goes, what it took out counts again."""
    mine, theirs = col(PostedRow.decision_id) == decision_id, col(PostedRow.replaced_by) == decision_id
    work.bulk(PostedRow, sa.update(PostedRow).where(mine).values(live=False))
    work.bulk(PostedRow, sa.update(PostedRow).where(theirs).values(live=True, replaced_by=None))


def open_again(reading: Reading, references: References) -> list[UUID]:
    """Those of these transfers whose rows say by name that nothing of them is out: failed, or come back. They may be instructed again."""
    return sorted(one for one, (out, says_so) in _out(reading, references).items() if says_so and out <= 0)


def paid_of(reading: Reading, references: References) -> list[UUID]:
    """Those of these transfers of which money is out."""
    return sorted(one for one, (out, _says_so) in _out(reading, references).items() if out > 0)


def _out(reading: Reading, references: References) -> dict[UUID, tuple[int, bool]]:
    """The most that is out of each transfer in any one currency, to whomever, and whether some row says that it failed or came back."""
    outcome, minor, lost = col(PostedRow.outcome), col(PostedRow.amount_minor), col(PostedRow.in_suspense)
    moved = sa.case((outcome == Outcome.PAID, minor), (outcome == Outcome.RETURNED, -sa.func.abs(minor)), else_=0)
    of = (col(Instruction.id), col(Instruction.reference), col(PostedRow.provider_id), col(PostedRow.currency))
    rows = reading.session.connection().execute(
        sa.select(
            *of,
            sa.func.sum(moved).label("out"),
            sa.func.sum(sa.case((outcome == Outcome.PAID, 0), else_=1)).label("told"),
            sa.func.sum(sa.case((sa.and_(lost, outcome == Outcome.PAID), 1), else_=0)).label("astray"),
        )
        .join(PostedRow, col(PostedRow.reference) == col(Instruction.reference))
        .where(col(Instruction.operation_id) == reading.operation_id, col(Instruction.reference).in_(references), col(PostedRow.live))
        .group_by(*of)
    )
    found: dict[UUID, tuple[int, bool]] = {}
    for row in rows.all():
        out, told = found.get(row.id, (0, False))
        # What came back before money went astray was not that money: only turn by turn is it known whether that is still out.
        here = stands(reading, row.provider_id, Whose(row.reference), row.currency).out if row.astray else int(row.out)
        found[row.id] = (max(out, here), told or bool(row.told))
    return found


def _earlier(reading: Reading, provider_id: UUID, whose: Whose) -> list[Earlier]:
    """The rows that count for one transfer or stranger, as the engine weighs them."""
    found = reading.session.execute(with_turns(sa.select(PostedRow).where(*_of(provider_id, whose)))).all()
    turns = places_in_order(turn for _row, turn in found)
    return [
        Earlier(
            row.reference, row.outcome, Money(row.amount_minor, row.currency), row.provider_ref, row.row_key, row.in_suspense, turns[turn]
        )
        for row, turn in found
    ]
