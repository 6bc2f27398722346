"""How far files have been read."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlmodel import Field

from cbi.store.bases import Moment, OfficeTable


class ReadingProgress(OfficeTable, table=True):
    """How far a file has been read; its id is the file's. done, total: of the findings that are kept; total is 0 until they are known.

    turn: raised whenever reading begins anew; whoever reads in an older turn may write nothing more.
    waits: whether this turn belongs to the office's long work, and not to somebody's page.
    """

    audited: ClassVar[bool] = False

    done: int = Field(default=0)
    total: int = Field(default=0)
    turn: int = Field(default=1)
    waits: bool = Field(default=False)
    began_at: datetime = Field(sa_type=Moment)
    beat_at: datetime = Field(sa_type=Moment)
