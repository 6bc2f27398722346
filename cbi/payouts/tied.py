"""Rows without a transfer that a person tied to one: the money of such a row waits for nobody any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
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


def stands() -> sa.ColumnElement[bool]:
    """The condition on FindingAnswer that it still says something: not of a decision that was taken back, or of a file that was undone."""
    live = sa.select(col(FindingDecision.id)).where(col(FindingDecision.live))
    return sa.or_(col(FindingAnswer.decision_id).is_(None), col(FindingAnswer.decision_id).in_(live))


def answered_in(file_id: UUID, strangers: Sequence[int] = ()) -> sa.CompoundSelect[Any] | sa.Select[Any]:  # Any: ids
    """The findings of a file that somebody answered: with an answer that stands, or a stranger's whose row was tied to a transfer.

    strangers: numbers of the groups of rows that are not ours; none where they are not asked for.  A file without any row tied asks none of them.
    """
    given = sa.select(col(FindingAnswer.finding_id)).where(col(FindingAnswer.file_id) == file_id, stands())
    if not strangers:
        return given
    matched = sa.select(col(FindingAnswer.id)).where(col(FindingAnswer.file_id) == file_id, col(FindingAnswer.answer) == Answer.MATCH)
    mine = (col(PayoutFinding.file_id) == file_id, col(PayoutFinding.group_number).in_(strangers))
    return sa.union(given, sa.select(col(PayoutFinding.id)).where(matched.exists(), *mine, is_tied()))


def _same_place() -> sa.ColumnElement[bool]:
    return sa.and_(
        col(FindingAnswer.file_id) == col(PayoutRow.file_id),
        col(FindingAnswer.sheet) == col(PayoutRow.sheet),
        col(FindingAnswer.row) == col(PayoutRow.row),
        col(FindingAnswer.answer) == Answer.MATCH,
        stands(),
    )
