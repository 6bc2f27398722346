"""Whose turn it is to work on a file of households. Work that was overtaken, or whose process was killed, can never count a part twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select

from cbi.jobs import marks
from cbi.people import facts_imports as facts
from cbi.people.tables import Import, ImportStatus
from cbi.people.tables_imports import ImportStep, ImportWork
from cbi.store.records import Records
from cbi.store.work import Actor, Reading, Work
from cbi.web.words import _

SILENT = timedelta(minutes=5)
ASKS = "map"  # in `fix`: only a person can say what some columns hold


def begin(records: Records, actor: Actor, import_id: UUID, step: ImportStep, *, waits: bool) -> int | None:
    """Begin a step; returns its turn, None where the file is being saved or taken back already, or that was done. waits: leave it to the long work."""
    with records.work(actor) as work:
        row = work.session.get_one(Import, import_id, with_for_update=True, populate_existing=True)
        known = work.session.get(ImportWork, import_id, populate_existing=True)
        if is_under_way(work, import_id) or row.status is not _BEGINS[step]:
            return None
        if step is ImportStep.SAVE:
            row.rows = row.people = row.saved = row.alike = row.again = row.taken_back = row.back = 0
            work.seal(row, "kept", None)
            work.add(row)
            work.remember(facts.ImportBegun(import_id=import_id))
        mark = known or ImportWork(
            id=import_id, operation_id=work.operation_id, step=step, begun_by=UUID(int=0), began_at=work.now, beat_at=work.now
        )
        mark.step, mark.waits = step, waits
        marks.begin(work, mark)
        return mark.turn


_BEGINS = {ImportStep.LOOK: ImportStatus.RECEIVED, ImportStep.SAVE: ImportStatus.RECEIVED, ImportStep.UNDO: ImportStatus.SAVED}


def is_under_way(reading: Reading, import_id: UUID) -> bool:
    """Whether the file is being saved or taken back, be it that the work waits for its turn."""
    mark = reading.session.get(ImportWork, import_id, populate_existing=True)
    return mark is not None and mark.running and mark.step is not ImportStep.LOOK


def take_over(records: Records, import_id: UUID) -> None:
    """Leave a step that a page began, and whose process ended, to the long work; it goes on where it stood."""
    with records.work(Actor()) as work:
        mark = work.session.get_one(ImportWork, import_id, with_for_update=True, populate_existing=True)
        if mark.running and not mark.waits:
            mark.turn, mark.waits, mark.beat_at = mark.turn + 1, True, work.now
            work.add(mark)


def move(work: Work, import_id: UUID, turn: int, *, done: int, to: int, total: int) -> None:
    """Go on from `done` to `to`, only while it is still this turn and nobody did this part. Raises Overtaken."""
    marks.go_on(work, ImportWork, import_id, turn, _overtaken(), col(ImportWork.done) == done, done=to, total=total)


def end(work: Work, import_id: UUID, turn: int, fix: str = "") -> None:
    """The step is over. fix: what to do where it could not be done. Raises Overtaken."""
    marks.end(work, ImportWork, import_id, turn, _overtaken(), fix)


def _overtaken() -> str:
    return _("look at the file again: somebody began to work on it anew")


def mark_of(reading: Reading, import_id: UUID) -> ImportWork | None:
    """How far the last step on a file came; None before the first."""
    return reading.session.get(ImportWork, import_id)


def waiting(reading: Reading) -> Sequence[ImportWork]:
    """Steps left to the long work, the oldest first."""
    asked = select(ImportWork).where(col(ImportWork.running), col(ImportWork.waits))
    return reading.session.exec(asked.order_by(col(ImportWork.began_at), col(ImportWork.id))).all()


def silent(reading: Reading) -> Sequence[UUID]:
    """Files whose step a page began and never finished, because its process ended."""
    asked = select(ImportWork.id).where(
        col(ImportWork.running), col(ImportWork.waits).is_(False), col(ImportWork.beat_at) < reading.now - SILENT
    )
    return reading.session.exec(asked.order_by(col(ImportWork.id))).all()
