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
class ImportLooked(Fact):
    """A file was read from end to end without registering anything; this is what would become of its rows."""

    explains: ClassVar[tuple[type, ...]] = (Import,)
    import_id: UUID
    rows: int
    new: int
    again: int
    back: int


@dataclass(frozen=True, kw_only=True)
class ImportBegun(Fact):
    """A person let a file of households be saved; its counts begin at nothing."""

    explains: ClassVar[tuple[type, ...]] = (Import,)
    import_id: UUID


@dataclass(frozen=True, kw_only=True)
class ImportPartSaved(Fact):
    """Some households of a file were registered, all of this part or none: saved of them, with so many people. first: how many of the file were done before."""

    explains: ClassVar[tuple[type, ...]] = (Import, Household, Member, Document, Phone, Account, SearchToken)
    import_id: UUID
    first: int
    saved: int
    people: int


@dataclass(frozen=True, kw_only=True)
class HouseholdsImported(Fact):
    """A file of households is registered to its end. rows = saved + again + back; alike: of the saved, those held because they look like another."""

    explains: ClassVar[tuple[type, ...]] = (Import,)
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


@dataclass(frozen=True, kw_only=True)
class ImportPartUndone(Fact):
    """Some households of a file that was taken back were forgotten with everything of theirs: their keys are destroyed."""

    explains: ClassVar[tuple[type, ...]] = (Import, Household, Member, Document, Phone, Account, SearchToken)
    import_id: UUID
    households: int


@dataclass(frozen=True, kw_only=True)
class ImportUndone(Fact):
    """A file of households was taken back. left: households that stay because something was built upon them meanwhile."""

    explains: ClassVar[tuple[type, ...]] = (Import,)
    import_id: UUID
    forgotten: int
    left: int
