"""How the files of providers are written, version by version."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from cbi.store.bases import Moment, OfficeTable


class ProviderTemplate(OfficeTable, table=True):
    """One version of how a provider's file is written; never changed, only followed by the next version of its name.

    content: JSON of `templates.Template`.  chosen: lists of this provider are drawn with it from now on (at most one, kept by the database).
    """

    __table_args__ = (
        sa.UniqueConstraint("operation_id", "provider_id", "name", "version"),
        sa.CheckConstraint("version > 0", name="version_counts"),
        sa.Index(
            "uq_providertemplate_chosen",
            "operation_id",
            "provider_id",
            unique=True,
            sqlite_where=sa.text("chosen"),
            postgresql_where=sa.text("chosen"),
        ),
    )

    provider_id: UUID = Field(foreign_key="provider.id", index=True)
    name: str = Field(max_length=60)
    version: int
    content: str = Field(sa_type=sa.Text)
    chosen: bool = Field(default=False)
    made_by: UUID
    made_at: datetime = Field(sa_type=Moment)
