"""What can happen to a file of households: ids and counts, never what stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from cbi.people.tables import Account, Document, Household, Import, Member, Phone, SearchToken
from cbi.store.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ImportReceived(Fact):
    """A file of households was uploaded; nothing of it is registered yet."""

    explains: ClassVar[tuple[type, ...]] = (Import,)
    import_id: UUID
    digest: bytes
    size: int


@dataclass(frozen=True, kw_only=True)
class ImportMapped(Fact):
    """A person said what the columns of a file hold."""

    explains: ClassVar[tuple[type, ...]] = (Import,)
    import_id: UUID


@dataclass(frozen=True, kw_only=True)
class HouseholdsImported(Fact):
    """A file of households was registered at once. rows = saved + again + back; alike: of the saved, those held because they look like another."""

    explains: ClassVar[tuple[type, ...]] = (Import, Household, Member, Document, Phone, Account, SearchToken)
    import_id: UUID
    digest: bytes
    rows: int
    people: int
    saved: int
    alike: int
    again: int
    back: int


@dataclass(frozen=True, kw_only=True)
class RowsSettled(Fact):
    """Rows that came back from an earlier file were registered with a later one. left: how many still need somebody."""

    explains: ClassVar[tuple[type, ...]] = (Import,)
    import_id: UUID
    left: int


@dataclass(frozen=True, kw_only=True)
class RowsSetAside(Fact):
    """A person said that rows of a file which still needed somebody are not wanted any more."""

    explains: ClassVar[tuple[type, ...]] = (Import,)
    import_id: UUID
    count: int
