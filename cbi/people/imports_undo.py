"""Taking a file of households back: everybody registered with it is forgotten, while nothing was built upon them yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.errors import Refused
from cbi.people import facts_imports as facts
from cbi.people import imports_files, imports_work
from cbi.people.tables import Account, Document, Household, HouseholdStatus, ImportStatus, Member, Phone, SearchToken
from cbi.store.records import Records
from cbi.store.work import Actor, Reading, Work
from cbi.web.words import _n

AT_ONCE = 500
_OWN: tuple[type[SearchToken | Document | Phone | Account | Member], ...] = (SearchToken, Document, Phone, Account, Member)


class BuiltUpon(Refused):
    """Households of the file were corrected, compared, promised or paid something since: they cannot be forgotten. count: how many."""

    def __init__(self, count: int) -> None:
        super().__init__(
            _n(
                "leave this file as it is: something was built upon %(num)s household of it; correct or withdraw single households instead",
                "leave this file as it is: something was built upon %(num)s households of it; correct or withdraw single households instead",
                count,
            )
        )
        self.count = count


def refuse_built_upon(reading: Reading, import_id: UUID) -> None:
    """Raises BuiltUpon when a household of the file is more than what the file said."""
    asked = sa.select(sa.func.count()).select_from(Household).where(_of(reading, import_id), sa.not_(_untouched()))
    count = int(reading.session.connection().execute(asked).scalar_one())
    if count:
        raise BuiltUpon(count)


def undo(records: Records, actor: Actor, import_id: UUID, turn: int) -> None:
    """Forget the households of a file part by part, each whole or not at all; one that something was built upon meanwhile stays. Raises Overtaken."""
    with records.read() as reading:
        row, mark = imports_files.by_id(reading, import_id), imports_work.mark_of(reading, import_id)
    total, done, forgotten = row.saved, mark.done if mark else 0, AT_ONCE
    while forgotten:
        with records.work(actor) as work:
            ids = _next(work, import_id)
            forgotten = len(ids)
            if forgotten:
                imports_work.move(work, import_id, turn, done=done, to=done + forgotten, total=total)
                _forget(work, ids)
                work.remember(facts.ImportPartUndone(import_id=import_id, households=forgotten))
        done += forgotten
    with records.work(actor) as work:
        imports_work.end(work, import_id, turn)
        row = imports_files.by_id(work, import_id)
        row.status, row.back = ImportStatus.UNDONE, 0
        work.seal(row, "kept", None)
        work.add(row)
        work.remember(facts.ImportUndone(import_id=import_id, forgotten=done, left=total - done))


def _of(reading: Reading, import_id: UUID) -> sa.ColumnElement[bool]:
    return sa.and_(col(Household.operation_id) == reading.operation_id, col(Household.import_id) == import_id)


def _untouched() -> sa.ColumnElement[bool]:
    """A household as its file brought it: never corrected, and no row of any subject points at it but those it came with."""
    pointing = (sa.exists().where(column == col(Household.id)) for column in _pointing_at_households())
    return sa.and_(col(Household.version) == 1, col(Household.status) == HouseholdStatus.REGISTERED, *(sa.not_(each) for each in pointing))


def _pointing_at_households() -> Iterator[sa.Column[UUID]]:
    """Every column of the office that names a household, whatever subject it is of; it is found, so that none is forgotten."""
    own = {table.__tablename__ for table in _OWN}
    for table in Household.metadata.sorted_tables:
        for column in table.columns if table.name not in own else ():
            if any(key.target_fullname == "household.id" for key in column.foreign_keys):
                yield column


def _next(work: Work, import_id: UUID) -> Sequence[UUID]:
    """The next households to forget; none when only those are left that something was built upon."""
    asked = sa.select(col(Household.id)).where(_of(work, import_id), _untouched()).order_by(col(Household.id)).limit(AT_ONCE)
    return work.session.connection().execute(asked).scalars().all()


def _forget(work: Work, ids: Sequence[UUID]) -> None:
    for table in _OWN:
        work.bulk(table, sa.delete(table).where(col(table.household_id).in_(ids)))
    work.bulk(Household, sa.delete(Household).where(col(Household.id).in_(ids)))
    keys = work.system.subject_key
    work.bulk(keys, sa.update(keys).where(col(keys.id).in_(ids)).values(wrapped=None, destroyed_at=work.now))
