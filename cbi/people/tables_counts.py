"""How many households there are of each kind, for lists that say how many they hold."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from cbi.store.bases import OfficeBase


class HouseholdCount(OfficeBase, table=True):
    """One row for each kind that lists are narrowed by. The database keeps it in step with every row of `household` (`cbi.store.counted`).

    review: "" where none waits.  hidden: whether these asked to be forgotten.  people: members of all of them.
    """

    __table_args__ = (sa.CheckConstraint("households >= 0 AND people >= 0", name="not_negative"),)
    audited: ClassVar[bool] = False

    operation_id: UUID = Field(primary_key=True)
    site_id: UUID = Field(primary_key=True)
    status: str = Field(primary_key=True, max_length=32)
    review: str = Field(primary_key=True, max_length=32)
    consent: str = Field(primary_key=True, max_length=32)
    consent_version: int = Field(primary_key=True)
    hidden: bool = Field(primary_key=True)
    households: int
    people: int
