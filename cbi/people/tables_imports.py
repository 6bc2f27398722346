"""How far the long work on a file of households has come."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlmodel import Field

from cbi.store.bases import Moment, OfficeTable, words


class ImportStep(StrEnum):
    """What is done with a file."""

    LOOK = "look"
    SAVE = "save"
    UNDO = "undo"


class ImportWork(OfficeTable, table=True):
    """One step on one file; its id is the file's. done, total: households of the file; total is 0 until they are counted.

    turn: raised whenever a step begins; whoever works in an older turn may write nothing more.  waits: left to the office's long work.
    running: False once the step ended, with `fix` saying what to do where it could not be done.
    """

    __tablename__ = "household_import_work"
    audited: ClassVar[bool] = False

    step: ImportStep = Field(sa_type=words(ImportStep))
    turn: int = Field(default=1)
    waits: bool = Field(default=False)
    running: bool = Field(default=True)
    done: int = Field(default=0)
    total: int = Field(default=0)
    fix: str = Field(default="", max_length=400)
    begun_by: UUID
    began_at: datetime = Field(sa_type=Moment)
    beat_at: datetime = Field(sa_type=Moment)
