"""The proof that a household is erased: what was there, that none of it opens any more, and that nothing finds it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.people.erasure import left_to_find
from cbi.people.tables import Household
from cbi.people.tables_lives import HouseholdChange
from cbi.people.traces import kept_of
from cbi.store.bases import OfficeTable, Sealed, office_registry
from cbi.store.records import Records
from cbi.store.sealed import Unsealable, Vault
from cbi.store.work import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was tried after the erasing, in a reading of its own with no key remembered.

    numbers: of every entry that is gone.  sealed: sealed values about it that still lie in rows, also in what households its people
    came from kept of their changes; opened: how many of those opened.
    findable: rows by which it could be found; digests: keyed digests left; destroyed_at: when the keys were destroyed.
    """

    numbers: tuple[str, ...]
    destroyed_at: tuple[datetime, ...]
    sealed: int
    opened: int
    findable: int
    digests: int
    chain_whole: bool

    @property
    def holds(self) -> bool:
        """Whether everything is as it must be."""
        gone = len(self.destroyed_at) == len(self.numbers)
        return gone and self.chain_whole and not (self.opened or self.findable or self.digests)


def prove(records: Records, household_ids: Sequence[UUID]) -> Proof:
    """Try to open everything that is left of these households, and say what came of it."""
    with records.read() as reading:
        fresh = Vault(records.keyring, reading.system.subject_key)
        tried = [_opens(reading, fresh, row, column) for row, column in _sealed_values(reading, household_ids)]
        keys = [reading.session.get(reading.system.subject_key, one) for one in household_ids]
        return Proof(
            numbers=tuple(reading.session.get_one(Household, one).number for one in household_ids),
            destroyed_at=tuple(
                key.destroyed_at for key in keys if key is not None and key.wrapped is None and key.destroyed_at is not None
            ),
            sealed=len(tried),
            opened=sum(tried),
            findable=sum(sum(left_to_find(reading, one).values()) for one in household_ids),
            digests=sum(_digests(reading, one) for one in household_ids),
            chain_whole=records.verify_chain().broken_at is None,
        )


def _subject_tables() -> Iterator[type[OfficeTable]]:
    """Every table whose rows are about a household, however far above people it stands."""
    for mapper in sorted(office_registry.mappers, key=lambda one: str(one.class_.__tablename__)):
        table = mapper.class_
        if issubclass(table, OfficeTable) and (table is Household or "household_id" in table.model_fields):
            yield table


def _sealed_values(reading: Reading, household_ids: Sequence[UUID]) -> Iterator[tuple[OfficeTable, str]]:
    for table in _subject_tables():
        sealed = [column.name for column in table.__table__.columns if isinstance(column.type, Sealed)]  # type: ignore[attr-defined]
        about = table.__table__.c["id" if table is Household else "household_id"]  # type: ignore[attr-defined]
        rows = reading.session.exec(select(table).where(about.in_(list(household_ids)))).all() if sealed else []
        rows = [*rows, *_kept_elsewhere(reading, household_ids)] if table is HouseholdChange else rows
        yield from ((row, name) for row in rows for name in sealed if getattr(row, name) is not None)


def _kept_elsewhere(reading: Reading, household_ids: Sequence[UUID]) -> Sequence[HouseholdChange]:
    """Changes of other households that keep these people as they were, under keys that live on."""
    others = col(HouseholdChange.household_id).not_in(list(household_ids))
    return reading.session.exec(select(HouseholdChange).where(kept_of(reading, household_ids), others)).all()


def _opens(reading: Reading, vault: Vault, row: OfficeTable, column: str) -> bool:
    try:
        vault.read(reading.session, row, column)
    except Unsealable:  # erased on purpose is one of its kinds
        return False
    return True


def _digests(reading: Reading, household_id: UUID) -> int:
    """Keyed digests in rows about a household: filled columns of plain bytes, wherever they are."""
    count = 0
    for table in _subject_tables():
        columns = table.__table__.columns  # type: ignore[attr-defined]
        plain = [column for column in columns if type(column.type) is sa.LargeBinary]
        about = columns["id" if table is Household else "household_id"]
        for column in plain:
            filled = sa.select(sa.func.count()).select_from(table).where(about == household_id, sa.func.length(column) > 0)
            count += int(reading.session.connection().execute(filled).scalar_one())
    return count
