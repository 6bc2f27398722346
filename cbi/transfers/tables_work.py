"""How far the long work on who is enrolled in a programme has come."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlmodel import Field

from cbi.store.bases import Moment, OfficeTable, words


class EnrolmentStep(StrEnum):
    """What is done with a rule."""

    TRY = "try"
    APPLY = "apply"


class EnrolmentWork(OfficeTable, table=True):
    """One step on one programme; its id is the programme's. done, total: households looked at; total is 0 until they are counted.

    turn: raised whenever a step begins; whoever works in an older turn may write nothing more.  rule_id: the version to try out.
    run_id, shown: the simulation to apply, and its digest on the page of whoever applies it.
    running: False once the step ended, with `fix` saying what to do where it could not be done.
    """

    audited: ClassVar[bool] = False

    step: EnrolmentStep = Field(sa_type=words(EnrolmentStep))
    turn: int = Field(default=1)
    running: bool = Field(default=True)
    done: int = Field(default=0)
    total: int = Field(default=0)
    fix: str = Field(default="", max_length=400)
    rule_id: UUID | None = Field(default=None)
    run_id: UUID | None = Field(default=None)
    shown: bytes | None = Field(default=None)
    begun_by: UUID
    began_at: datetime = Field(sa_type=Moment)
    beat_at: datetime = Field(sa_type=Moment)
