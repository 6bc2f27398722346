"""How far the long work on who is enrolled in a programme has come."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlmodel import Field

from cbi.jobs.marks import Mark
from cbi.store.bases import OfficeTable, words


class EnrolmentStep(StrEnum):
    """What is done with a rule."""

    TRY = "try"
    APPLY = "apply"


class EnrolmentWork(OfficeTable, Mark, table=True):
    """One step on one programme; its id is the programme's. done, total: shares of the work, as `enrolment_pace` counts them.

    rule_id: the version to try out.  run_id, shown: the simulation to apply, and its digest on the page of whoever applies it.
    """

    audited: ClassVar[bool] = False

    step: EnrolmentStep = Field(sa_type=words(EnrolmentStep))
    rule_id: UUID | None = Field(default=None)
    run_id: UUID | None = Field(default=None)
    shown: bytes | None = Field(default=None)
