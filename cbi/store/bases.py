"""The two registries: every table belongs to the office or to the room, and no foreign key crosses between them."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
office_registry = registry(metadata=sa.MetaData(naming_convention=_NAMES))
protection_registry = registry(metadata=sa.MetaData(naming_convention=_NAMES))


class Moment(sa.TypeDecorator[datetime]):
    """An aware UTC instant; naive ones are refused on the way in."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Convert to UTC; SQLite keeps no zone, so it is given none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Sealed(sa.TypeDecorator[bytes]):
    """A column that refuses plaintext: only what `cbi.store.sealed` made may enter it."""

    impl = sa.LargeBinary
    cache_ok = True
    MARK: ClassVar[bytes] = b"\x01s"

    def process_bind_param(self, value: bytes | None, dialect: sa.Dialect) -> bytes | None:  # noqa: ARG002
        """Refuse anything that is not a sealed value."""
        if value is not None and not (isinstance(value, bytes) and value.startswith(self.MARK)):
            raise ValueError("a sealed column takes only sealed values")
        return value


def words(kind: type[StrEnum]) -> sa.Enum:
    """A column type for a closed list, kept as its words and checked by the database."""
    return sa.Enum(
        kind,
        native_enum=False,
        length=32,
        create_constraint=True,
        validate_strings=True,
        values_callable=lambda members: [member.value for member in members],
        name=kind.__name__.lower(),
    )


class OfficeBase(SQLModel, registry=office_registry):
    """Anything kept in the office's database."""


class RoomBase(SQLModel, registry=protection_registry):
    """Anything kept in the room's database."""


class OfficeTable(OfficeBase):
    """A table of the office. Ids are made by the application; everything belongs to one operation.

    audited: whether a change to a row needs a fact in the same commit.
    subject: the column that says whose sealing key protects the row's sealed columns.
    """

    audited: ClassVar[bool] = True
    subject: ClassVar[str] = "id"

    id: UUID = Field(primary_key=True)
    operation_id: UUID = Field(index=False)


class ProtectionTable(RoomBase):
    """A table of the room, in the room's own database."""

    audited: ClassVar[bool] = True
    subject: ClassVar[str] = "id"

    id: UUID = Field(primary_key=True)


Row = OfficeTable | ProtectionTable


def metadata_of(world: str) -> sa.MetaData:
    """All tables of one world."""
    return office_registry.metadata if world == "office" else protection_registry.metadata


def sealed_field(*, nullable: bool = False, **more: Any) -> Any:  # Any: SQLModel's Field is typed so
    """A field whose column takes only sealed bytes."""
    return Field(sa_type=Sealed, nullable=nullable, default=None if nullable else ..., repr=False, **more)
