"""The files of households taken in, and how many rows still need somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.people.imports_kept import kept_of
from cbi.people.tables import Import, ImportStatus
from cbi.store.work import Reading
from cbi.web.listing import Listing, ListingArgs


@dataclass(frozen=True, slots=True)
class RowsBack:
    """Rows that still need somebody, each once. newest: the file they came back from last, with its day; files: how many there are."""

    count: int
    files: int
    newest: UUID
    at: datetime


def saved_files(reading: Reading, args: ListingArgs) -> Listing[Import]:
    """The files that were saved, and those taken back again, newest first."""
    fits = (col(Import.operation_id) == reading.operation_id, col(Import.status).in_([ImportStatus.SAVED, ImportStatus.UNDONE]))
    total = int(reading.session.connection().execute(sa.select(sa.func.count()).select_from(Import).where(*fits)).scalar_one())
    paged = args.within(total)
    order = col(Import.made_at).desc() if paged.descending else col(Import.made_at).asc()
    rows = reading.session.exec(select(Import).where(*fits).order_by(order, col(Import.id)).limit(paged.size).offset(paged.offset))
    return Listing(list(rows), total, paged)


def rows_back(reading: Reading) -> RowsBack | None:
    """What still needs somebody; None when nothing does."""
    asked = select(Import).where(Import.operation_id == reading.operation_id, Import.back > 0, Import.status == ImportStatus.SAVED)
    rows = reading.session.exec(asked.order_by(col(Import.made_at).desc(), col(Import.id))).all()
    return RowsBack(_different(reading, rows), len(rows), rows[0].id, rows[0].made_at) if rows else None


def _different(reading: Reading, rows: Sequence[Import]) -> int:
    """How many rows these files still need somebody for: one that was sent again and came back again is one."""
    if len(rows) == 1:
        return rows[0].back
    return len({key for row in rows for key in kept_of(reading, row).keys})
