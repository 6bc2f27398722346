"""Which answers are awaited: second ones asked of a person, and those that count as soon as their file does."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.payouts.answers import State, state_of
from cbi.payouts.choices import TWO_PEOPLE
from cbi.payouts.tables import FindingAnswer, PayoutFinding
from cbi.store.work import Reading
from reconciliation.findings import FindingKind


def asked_of(reading: Reading, person_id: UUID) -> int:
    """How many findings wait for a second answer that this person may be the one to give: somebody else gave the first."""
    return int(reading.session.connection().execute(sa.select(sa.func.count()).select_from(_asked(person_id).subquery())).scalar_one())


def _asked(person_id: UUID) -> sa.Select[Any]:  # Any: a select of ids
    others = sa.select(col(FindingAnswer.finding_id)).where(
        col(FindingAnswer.decision_id).is_(None), col(FindingAnswer.answer).in_(TWO_PEOPLE), col(FindingAnswer.answered_by) != person_id
    )
    mine = sa.select(col(FindingAnswer.finding_id)).where(
        col(FindingAnswer.decision_id).is_(None), col(FindingAnswer.answered_by) == person_id
    )
    return sa.select(col(PayoutFinding.id)).where(col(PayoutFinding.id).in_(others), col(PayoutFinding.id).not_in(mine))


def first_asked_of(reading: Reading, person_id: UUID) -> tuple[UUID, UUID] | None:
    """File and finding of the longest waiting of these; None when there is none."""
    one = reading.session.exec(
        select(FindingAnswer)
        .where(col(FindingAnswer.finding_id).in_(_asked(person_id)), col(FindingAnswer.decision_id).is_(None))
        .order_by(col(FindingAnswer.answered_at), col(FindingAnswer.id))
    ).first()
    return (one.file_id, one.finding_id) if one else None


def ready(reading: Reading, file_id: UUID) -> int:
    """How many findings have all the answers they need, and count as soon as their file does."""
    given: dict[UUID, list[FindingAnswer]] = {}
    query = select(FindingAnswer).where(FindingAnswer.file_id == file_id, col(FindingAnswer.decision_id).is_(None))
    for answer in reading.session.exec(query.order_by(col(FindingAnswer.answered_at), col(FindingAnswer.id))):
        given.setdefault(answer.finding_id, []).append(answer)
    if not given:  # a preview that nobody answered asks for no finding, however many there are
        return 0
    kinds = select(PayoutFinding.id, PayoutFinding.kind).where(col(PayoutFinding.id).in_(_answered(file_id)))
    return sum(state_of(FindingKind(kind), given[finding_id]) is State.READY for finding_id, kind in reading.session.exec(kinds))


def _answered(file_id: UUID) -> sa.Select[Any]:  # Any: a select of ids
    return sa.select(col(FindingAnswer.finding_id)).where(col(FindingAnswer.file_id) == file_id, col(FindingAnswer.decision_id).is_(None))
