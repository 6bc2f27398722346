"""Whose turn it is to read a file. A reading that was overtaken, or whose process was killed, can never mix its rows with another's."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import Refused, SomebodyWasFirst
from cbi.payouts import facts
from cbi.payouts.tables import FileStatus, PayoutFile
from cbi.payouts.tables_reading import ReadingProgress
from cbi.store.records import Records
from cbi.store.work import Actor, Reading, Work
from cbi.web.words import _

SILENT = timedelta(minutes=5)


class Overtaken(SomebodyWasFirst):
    """Somebody began to read the same file anew; this reading writes nothing more."""


def begin(records: Records, actor: Actor, file_id: UUID, *, waits: bool = False, layout: str | None = None) -> int:
    """Begin to read a file anew; returns the turn. Nothing can be posted of it until it is previewed again.

    waits: leave it to the office's long work.  layout: the map a person confirmed, kept for that work; "" proposes one anew.
    Raises Refused when the file counts or was refused.
    """
    with records.work(actor) as work:
        file = work.session.get_one(PayoutFile, file_id, with_for_update=True, populate_existing=True)
        if file.status is FileStatus.POSTED:
            raise Refused(_("undo the file first: it was posted, and counts"))
        if file.status is FileStatus.REFUSED:
            raise Refused(_("upload a better copy of the file: this one could not be read"))
        file.status, file.fix = FileStatus.READING, ""
        if layout is not None:
            file.layout = layout
        work.add(file)
        turn = _next(work, file_id, waits=waits)
        work.remember(facts.ReadingBegun(file_id=file_id, turn=turn))
        return turn


def hold(work: Work, file_id: UUID, turn: int) -> None:
    """Go on only while it is still this turn. Raises Overtaken."""
    mine = sa.and_(col(ReadingProgress.id) == file_id, col(ReadingProgress.turn) == turn)
    if not work.bulk(ReadingProgress, sa.update(ReadingProgress).where(mine).values(beat_at=work.now)).rowcount:
        raise Overtaken(_("look at the file again: somebody began to read it anew"))


def tell(work: Work, file_id: UUID, done: int, total: int) -> None:
    """Say how far reading has come; the first time also when that began."""
    values = {"done": done, "total": total} | ({} if done else {"began_at": work.now})
    work.bulk(ReadingProgress, sa.update(ReadingProgress).where(col(ReadingProgress.id) == file_id).values(values))


def waiting(reading: Reading) -> list[tuple[UUID, int]]:
    """Files that the office's long work has to read, with their turn, the oldest first."""
    rows = reading.session.connection().execute(
        sa.select(col(PayoutFile.id), col(ReadingProgress.turn))
        .join(ReadingProgress, col(ReadingProgress.id) == col(PayoutFile.id))
        .where(col(PayoutFile.status) == FileStatus.READING, col(ReadingProgress.waits))
        .order_by(col(PayoutFile.uploaded_at), col(PayoutFile.id))
    )
    return [(row.id, row.turn) for row in rows]


def silent(reading: Reading) -> list[UUID]:
    """Files that a page began to read and never finished, because its process ended."""
    return list(
        reading.session.exec(
            select(PayoutFile.id)
            .outerjoin(ReadingProgress, col(ReadingProgress.id) == col(PayoutFile.id))
            .where(
                PayoutFile.status == FileStatus.READING,
                sa.func.coalesce(col(ReadingProgress.waits), sa.false()).is_(False),
                sa.func.coalesce(col(ReadingProgress.beat_at), col(PayoutFile.uploaded_at)) < reading.now - SILENT,
            )
            .order_by(col(PayoutFile.uploaded_at), col(PayoutFile.id))
        )
    )


def _next(work: Work, file_id: UUID, *, waits: bool) -> int:
    progress = work.session.get(ReadingProgress, file_id)
    if progress is None:
        progress = ReadingProgress(id=file_id, operation_id=work.operation_id, turn=0, began_at=work.now, beat_at=work.now)
    progress.turn, progress.waits, progress.done, progress.total = progress.turn + 1, waits, 0, 0
    progress.began_at = progress.beat_at = work.now
    work.add(progress)
    return progress.turn
