"""How each provider lays out its files, as people confirmed it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from cbi.store.bases import Moment, OfficeTable


class ProviderProfile(OfficeTable, table=True):
    """One version of a layout that a person confirmed for a provider; never changed, a change is a new version.

    fingerprint: of the whole heading, by which a file of this layout is known again.  layout: its JSON map.
    """

    __table_args__ = (sa.UniqueConstraint("operation_id", "provider_id", "name", "version"),)

    provider_id: UUID = Field(foreign_key="provider.id", index=True)
    name: str = Field(max_length=60)
    version: int = Field(default=1)
    fingerprint: str = Field(default="", max_length=64)
    layout: str = Field(sa_type=sa.Text)
    confirmed_by: UUID
    confirmed_at: datetime = Field(sa_type=Moment)
