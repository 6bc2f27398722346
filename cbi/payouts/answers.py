"""What people say about exceptions. An answer is kept and shown; it moves no money by itself."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import select

from cbi.errors import Refused
from cbi.payouts import facts
from cbi.payouts.queries import finding_by_id
from cbi.payouts.tables import Answer, FindingAnswer
from cbi.store.work import Work
from cbi.web.words import _

LONGEST_NOTE = 140


def answer(work: Work, file_id: UUID, finding_id: UUID, said: Answer, note: str = "") -> None:
    """Keep one person's answer to one finding; a later one of the same person takes its place.

    Raises Refused when the note is too long, NotThere for another file's finding.
    """
    finding_by_id(work, file_id, finding_id)
    if len(note) > LONGEST_NOTE:
        raise Refused(_("make the note shorter: at most %(max)d characters", max=LONGEST_NOTE))
    assert work.actor.id is not None
    kept = work.session.exec(
        select(FindingAnswer).where(FindingAnswer.finding_id == finding_id, FindingAnswer.answered_by == work.actor.id)
    ).first()
    if kept is None:
        kept = FindingAnswer(
            id=work.new_id("payouts"),
            operation_id=work.operation_id,
            file_id=file_id,
            finding_id=finding_id,
            answer=said,
            answered_by=work.actor.id,
            answered_at=work.now,
        )
    kept.answer, kept.note, kept.answered_at = said, note.strip(), work.now
    work.add(kept)
    work.remember(facts.FindingAnswered(answer_id=kept.id, file_id=file_id, finding_id=finding_id, answer=said.value))
