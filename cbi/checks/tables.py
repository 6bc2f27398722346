"""What asking leaves in the office: letters nobody here can open, the weekly notice, counts of pages opened; and who may interpret."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from cbi.store.bases import Moment, OfficeBase, OfficeTable, sealed_field


class Letter(OfficeBase, table=True):
    """A sealed letter: always one size, no word of whom it is about. Written and purged here, never selected by a page."""

    __table_args__ = (sa.CheckConstraint("length(body) = 4144", name="one_size"),)
    audited: ClassVar[bool] = False

    id: UUID = Field(primary_key=True)
    day: date = Field(index=True)
    body: bytes


class WeeklyNotice(OfficeTable, table=True):
    """Where private pages may be opened in a week, and how many. sites: JSON {site id: ["2026-11-23", …]}."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "week"),)
    audited: ClassVar[bool] = False

    week: date
    sites: str = Field(sa_type=sa.Text)
    interviews: int
    on_call: str = Field(max_length=120)
    on_call_phone: str = Field(max_length=40)
    effective_at: datetime = Field(sa_type=Moment)


class OpenedPages(OfficeTable, table=True):
    """How many private pages were opened at a site on a day by one interviewer: shown to her alone, summed for the week's number."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "site_id", "day", "staff_id"),)
    audited: ClassVar[bool] = False

    site_id: UUID = Field(foreign_key="site.id", index=True)
    day: date = Field(index=True)
    staff_id: UUID
    opened: int


class Interpreter(OfficeTable, table=True):
    """Somebody who may interpret at visits: never a relative, neighbour, leader or child of those who are visited.

    name: sealed.  languages: as people write them.  vetted_on: when somebody last made sure of all that.
    """

    name: bytes = sealed_field()
    languages: str = Field(max_length=60)
    sex: str = Field(default="", max_length=1)
    vetted_on: date
    vetted_by: UUID
    left_on: date | None = Field(default=None)
