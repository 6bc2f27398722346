"""How far the long work on a file of households has come."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from sqlmodel import Field

from cbi.jobs.marks import Mark
from cbi.store.bases import OfficeTable, words


class ImportStep(StrEnum):
    """What is done with a file."""

    LOOK = "look"
    SAVE = "save"
    UNDO = "undo"


class ImportWork(OfficeTable, Mark, table=True):
    """One step on one file; its id is the file's. done, total: households of the file. waits: left to the office's long work."""

    __tablename__ = "household_import_work"
    audited: ClassVar[bool] = False

    step: ImportStep = Field(sa_type=words(ImportStep))
    waits: bool = Field(default=False)
