"""Answers after a file was read anew: those whose finding reads the same stay with it, the others lapse and are asked for again."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.payouts import facts
from cbi.payouts.answers import mark_of
from cbi.payouts.queries import seen
from cbi.payouts.tables import Answer, FindingAnswer, PayoutFinding, PayoutRow
from cbi.store.parts import in_parts
from cbi.store.work import Work


def carry_over(work: Work, file_id: UUID) -> int:
    """Give every answer that does not count yet its place among the new findings; returns how many lapsed. Called when a reading is complete."""
    waiting = list(
        work.session.exec(select(FindingAnswer).where(FindingAnswer.file_id == file_id, col(FindingAnswer.decision_id).is_(None)))
    )
    if not waiting:
        return 0
    found = _findings_of(work, file_id, waiting)
    marks = _marks_of(work, [found[one.id].id for one in waiting if one.id in found and one.answer is not Answer.MATCH])
    lapsed = 0
    for answer in waiting:
        finding = found.get(answer.id)
        if finding is None or (answer.answer is not Answer.MATCH and marks[finding.id] != answer.mark):
            work.session.delete(answer)
            lapsed += 1
        else:
            answer.finding_id = finding.id
            work.add(answer)
    work.remember(facts.AnswersCarriedOver(file_id=file_id, kept=len(waiting) - lapsed, lapsed=lapsed))
    work.session.flush()
    return lapsed


def _marks_of(work: Work, finding_ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """What these findings read now, as the marks their answers bear."""
    return {one.finding.id: mark_of(one) for part in in_parts(sorted(set(finding_ids))) for one in seen(work, part)}


def _findings_of(work: Work, file_id: UUID, answers: Sequence[FindingAnswer]) -> dict[UUID, PayoutFinding]:
    """The new finding at the same transfer, or of strangers at the same row, by the answer's id."""
    waiting = sa.and_(col(FindingAnswer.file_id) == file_id, col(FindingAnswer.decision_id).is_(None))
    transfers = sa.select(col(FindingAnswer.instruction_id)).where(waiting, col(FindingAnswer.instruction_id).is_not(None))
    of_transfers = select(PayoutFinding).where(PayoutFinding.file_id == file_id, col(PayoutFinding.instruction_id).in_(transfers))
    by_transfer = {finding.instruction_id: finding for finding in work.session.exec(of_transfers)}
    rows = sa.select(col(FindingAnswer.row)).where(waiting, col(FindingAnswer.instruction_id).is_(None))
    of_rows = (
        select(PayoutRow.sheet, PayoutRow.row, PayoutFinding)
        .join(PayoutFinding, col(PayoutFinding.id) == col(PayoutRow.finding_id))
        .where(PayoutRow.file_id == file_id, col(PayoutRow.row).in_(rows))
    )
    by_row = {(sheet, row): finding for sheet, row, finding in work.session.exec(of_rows)}
    found = {
        one.id: by_transfer.get(one.instruction_id) if one.instruction_id is not None else by_row.get((one.sheet, one.row))
        for one in answers
    }
    return {answer_id: finding for answer_id, finding in found.items() if finding is not None}
