"""Whose turn it is to try out or apply the rule of a large programme. Work that was overtaken, or whose process was killed, counts once."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from cbi.errors import Refused, SomebodyWasFirst
from cbi.jobs import marks
from cbi.store.work import Reading, Work
from cbi.transfers import enrolment, population
from cbi.transfers.enrolment_pace import Progress
from cbi.transfers.tables_work import EnrolmentStep, EnrolmentWork
from cbi.web.words import _

LARGE = 2_000  # households from which on nobody waits for it in front of a page


def is_large(reading: Reading, programme_id: UUID) -> bool:
    """Whether there are so many households that the office's long work looks at them."""
    return population.count(reading, programme_id) > LARGE


def begin_trying(work: Work, programme_id: UUID, rule_id: UUID) -> None:
    """Leave it to the long work to try out a version. Raises SomebodyWasFirst while other work on the programme is under way."""
    known = _locked(work, programme_id)
    if known is not None and known.running and known.step is EnrolmentStep.TRY and known.rule_id == rule_id:
        return  # two people asked the same: they wait for one answer
    mark = _begun(work, programme_id, known, EnrolmentStep.TRY)
    mark.rule_id, mark.run_id, mark.shown = rule_id, None, None


def begin_applying(work: Work, programme_id: UUID, run_id: UUID, *, shown: bytes) -> None:
    """Leave it to the long work to apply a simulation. shown: its digest on the page. Raises SomebodyWasFirst as above, also for the same."""
    mark = _begun(work, programme_id, _locked(work, programme_id), EnrolmentStep.APPLY)
    mark.rule_id, mark.run_id, mark.shown = None, run_id, shown


def _locked(work: Work, programme_id: UUID) -> EnrolmentWork | None:
    return work.session.get(EnrolmentWork, programme_id, with_for_update=True, populate_existing=True)


def _begun(work: Work, programme_id: UUID, known: EnrolmentWork | None, step: EnrolmentStep) -> EnrolmentWork:
    if known is not None and known.running:
        raise SomebodyWasFirst(_("wait a little: somebody else had this programme’s households looked at, and that is under way"))
    if work.actor.id is None:
        raise Refused(_("sign in: a person decides who is enrolled"))
    mark = known or EnrolmentWork(
        id=programme_id, operation_id=work.operation_id, step=step, begun_by=work.actor.id, began_at=work.now, beat_at=work.now
    )
    mark.step = step
    marks.begin(work, mark)
    return mark


def start(work: Work, programme_id: UUID, turn: int, *, total: int) -> None:
    """The work really begins, after all that came before it. Raises Overtaken."""
    marks.go_on(work, EnrolmentWork, programme_id, turn, _overtaken(), began_at=work.now, done=0, total=total)


def move(work: Work, programme_id: UUID, turn: int, *, done: int) -> None:
    """So much is done, and it is still this turn. Raises Overtaken."""
    marks.go_on(work, EnrolmentWork, programme_id, turn, _overtaken(), done=done)


def end(work: Work, programme_id: UUID, turn: int, *, total: int) -> None:
    """The step is done. Raises Overtaken."""
    marks.end(work, EnrolmentWork, programme_id, turn, _overtaken(), "", done=total)


def refuse(work: Work, programme_id: UUID, turn: int, fix: str) -> None:
    """The step could not be done. fix: what to do. Raises Overtaken."""
    marks.end(work, EnrolmentWork, programme_id, turn, _overtaken(), fix)


def _overtaken() -> str:
    return _("look at the simulation again: it is not the one your page showed, or it is applied already")


def mark_of(reading: Reading, programme_id: UUID) -> EnrolmentWork | None:
    """How far the last step on a programme came; None before the first."""
    return reading.session.get(EnrolmentWork, programme_id)


def asks(reading: Reading, mark: EnrolmentWork) -> bool:
    """Whether the rule of a step asks the six questions."""
    rule_id = mark.rule_id or enrolment.run_by_id(reading, mark.run_id or UUID(int=0)).rule_id
    return enrolment.rule_of(reading, rule_id).asks_for_difficulty()


def progress(reading: Reading, mark: EnrolmentWork) -> Progress:
    """How far a step under way has come."""
    return Progress.of(mark, asks=asks(reading, mark), now=reading.now)


def waiting(reading: Reading) -> Sequence[EnrolmentWork]:
    """Steps left to the long work, the oldest first."""
    asked = select(EnrolmentWork).where(col(EnrolmentWork.running))
    return reading.session.exec(asked.order_by(col(EnrolmentWork.began_at), col(EnrolmentWork.id))).all()
