"""Rows without a transfer that a person tied to one: the money of such a row waits for nobody any more."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from cbi.payouts.tables import Answer, FindingAnswer, FindingDecision, PayoutFinding, PayoutRow
from cbi.store.work import Reading


@dataclass(frozen=True, slots=True)
class Tied:
    """The suggestion that a row was tied to. counts: whether it counts already."""

    finding_id: UUID
    reference: str
    counts: bool


def tied(reading: Reading, finding: PayoutFinding) -> Tied | None:
    """What the row of a finding was tied to; None for one that nobody tied."""
    suggestion = aliased(PayoutFinding)
    query = (
        sa.select(suggestion.id, suggestion.reference, FindingAnswer.decision_id)  # type: ignore[call-overload]
        .select_from(PayoutRow)
        .join(FindingAnswer, _same_place())
        .join(suggestion, col(suggestion.id) == col(FindingAnswer.finding_id))
        .where(col(PayoutRow.finding_id) == finding.id, col(FindingAnswer.finding_id) != finding.id)
    )
    one = reading.session.connection().execute(query).first()
    return Tied(one[0], one[1], one[2] is not None) if one else None


def is_tied() -> sa.ColumnElement[bool]:
    """The condition on PayoutFinding that a person tied its row to a transfer: asked of each finding by its own rows, never of a whole file."""
    rows = sa.select(col(PayoutRow.id)).join(FindingAnswer, _same_place())
    return rows.where(col(PayoutRow.finding_id) == col(PayoutFinding.id), col(FindingAnswer.finding_id) != col(PayoutFinding.id)).exists()


def _same_place() -> sa.ColumnElement[bool]:
    live = sa.select(col(FindingDecision.id)).where(col(FindingDecision.live))
    return sa.and_(
        col(FindingAnswer.file_id) == col(PayoutRow.file_id),
        col(FindingAnswer.sheet) == col(PayoutRow.sheet),
        col(FindingAnswer.row) == col(PayoutRow.row),
        col(FindingAnswer.answer) == Answer.MATCH,
        sa.or_(col(FindingAnswer.decision_id).is_(None), col(FindingAnswer.decision_id).in_(live)),
    )
