"""Whose people were already counted elsewhere in a cycle, so that nobody is due twice in it."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from cbi.store.bases import OfficeTable


class CountedBefore(OfficeTable, table=True):
    """A household that is due nothing more in a cycle: its people were counted with `with_id`, from which they split off. change_id: the split."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "cycle_id", "household_id"),)

    cycle_id: UUID = Field(foreign_key="cycle.id", index=True)
    household_id: UUID = Field(foreign_key="household.id", index=True)
    with_id: UUID
    change_id: UUID = Field(index=True)
