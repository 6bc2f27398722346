"""The rows of a household as they were, as text that is kept sealed, and put back exactly: same ids, same words, found by the same tokens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from cbi.errors import Refused
from cbi.people.service import token_rows
from cbi.people.tables import Account, Document, Household, Member, Phone, SearchToken
from cbi.people.values import Born, NewMember
from cbi.store.bases import Moment, OfficeTable, Sealed
from cbi.store.work import Reading, Work
from cbi.web.words import _

Kept = dict[str, Any]  # Any: JSON, one value per column
_PARTS: tuple[type[Member | Document | Phone | Account], ...] = (Member, Document, Phone, Account)
_HOUSEHOLD = ("site_id", "shelter", "size", "recipient_id", "alternate_id", "alternate_name")
_POSITIONS_APART = 1000


def keep(reading: Reading, household_id: UUID) -> Kept:
    """Everything of a household that a change of its life may touch, opened."""
    household = reading.session.get_one(Household, household_id)
    kept: Kept = {"id": str(household_id), "household": _row_as_kept(reading, household, _HOUSEHOLD)}
    for table in _PARTS:
        rows = reading.session.exec(select(table).where(col(table.household_id) == household_id).order_by(col(table.id)))
        kept[_name(table)] = [_row_as_kept(reading, row, list(type(row).model_fields)) for row in rows]
    return kept


def as_text(kept: Sequence[Kept]) -> str:
    """As it is sealed."""
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)


def from_text(text: str) -> list[Kept]:
    """As it was sealed."""
    return list(json.loads(text))


def member_row_of(kept: Sequence[Kept], member_id: UUID) -> Kept | None:
    """One person as they were; None when they were not there."""
    rows = (row for one in kept for row in one[_name(Member)] if row["id"] == str(member_id))
    return next(rows, None)


def documents_of(kept: Sequence[Kept], member_id: UUID) -> list[Kept]:
    """The documents and phones of one person as they were, each with the table it stands in."""
    tables = (Document, Phone)
    return [
        {**row, "": _name(table)} for table in tables for one in kept for row in one[_name(table)] if row.get("member_id") == str(member_id)
    ]


def put_back(work: Work, kept: Sequence[Kept]) -> None:
    """Make these households what they were when they were kept: rows that came since go, rows that went come back.

    Raises Refused when something else points at a row that would go.
    """
    households = [UUID(one["id"]) for one in kept]
    try:
        _put_back(work, kept, households)
    except IntegrityError as problem:
        raise Refused(_("leave it as it is and correct it instead: something was entered since that builds upon it")) from problem


def _put_back(work: Work, kept: Sequence[Kept], households: Sequence[UUID]) -> None:
    for household_id in households:
        _part_positions(work, household_id)
    wanted = {(table, UUID(row["id"])): row for one in kept for table in _PARTS for row in one[_name(table)]}
    for table in reversed(_PARTS):
        _remove_strangers(work, table, households, {row_id for kind, row_id in wanted if kind is table})
    for (table, row_id), row in wanted.items():
        _write(work, table, row_id, row)
        work.session.flush()
    for one in kept:
        household = work.session.get_one(Household, UUID(one["id"]))
        _fill(work, household, one["household"])
        work.session.add(household)
        work.session.flush()
        index_again(work, household)


def index_again(work: Work, household: Household) -> None:
    """The search tokens of a household, made anew from what is written: rows that stay right are left alone."""
    fresh = {}
    for member in members_of(work, household.id):
        told = NewMember(
            given=work.open(member, "given"),
            family=work.open(member, "family"),
            latin=work.open(member, "latin"),
            sex=member.sex,
            relation=member.relation,
            born=Born("", member.birth_year),
        )
        fresh.update({(row.member_id, row.token): row for row in token_rows(work, household, member.id, told)})
    for known in work.session.exec(select(SearchToken).where(SearchToken.household_id == household.id)).all():
        if fresh.pop((known.member_id, known.token), None) is None:
            work.session.delete(known)
    work.session.add_all(fresh.values())
    work.session.flush()


def members_of(reading: Reading, household_id: UUID) -> list[Member]:
    """The people of a household, the head first."""
    return list(reading.session.exec(select(Member).where(Member.household_id == household_id).order_by(col(Member.position))))


def restore_row(work: Work, table: type[OfficeTable], row: Kept, **other: object) -> OfficeTable:
    """One row again as it was, with these columns otherwise."""
    return _write(work, table, UUID(row["id"]), row, other)


def reseal(work: Work, row: Member | Document | Phone, household_id: UUID) -> None:
    """Give a row to another household: what is sealed in it opens under that one's key from now on."""
    sealed = {name: work.open(row, name) for name in _sealed(type(row)) if getattr(row, name) is not None}
    row.household_id = household_id
    for name, text in sealed.items():
        work.seal(row, name, text)
    work.session.add(row)


def _part_positions(work: Work, household_id: UUID) -> None:
    """Move everybody's position out of the way: while they are put back no two may have the same."""
    for member in members_of(work, household_id):
        member.position += _POSITIONS_APART
        work.session.add(member)
    work.session.flush()


def _remove_strangers(work: Work, table: type[Any], households: Iterable[UUID], wanted: set[UUID]) -> None:
    for row in work.session.exec(select(table).where(table.household_id.in_(list(households)))).all():
        if row.id not in wanted:
            if table is Member:
                _forget_tokens(work, row.id)
            work.session.delete(row)
    work.session.flush()


def _forget_tokens(work: Work, member_id: UUID) -> None:
    for token in work.session.exec(select(SearchToken).where(SearchToken.member_id == member_id)).all():
        work.session.delete(token)
    work.session.flush()


def _write(work: Work, table: type[OfficeTable], row_id: UUID, kept: Kept, other: Mapping[str, object] | None = None) -> OfficeTable:
    row = work.session.get(table, row_id)
    if row is None:
        row = table(**{**_plain_values(table, kept), **dict.fromkeys(_sealed(table), b"")})
    elif table is Member:
        _forget_strange_tokens(work, row_id, UUID(str(kept["household_id"])))
    _fill(work, row, kept, other or {})
    work.session.add(row)
    return row


def _forget_strange_tokens(work: Work, member_id: UUID, household_id: UUID) -> None:
    """Of somebody who goes back to another household: the tokens that say they live here."""
    strange = select(SearchToken).where(SearchToken.member_id == member_id, SearchToken.household_id != household_id)
    for token in work.session.exec(strange).all():
        work.session.delete(token)


def _fill(work: Work, row: OfficeTable, kept: Kept, other: Mapping[str, object] | None = None) -> None:
    for name, value in {**_plain_values(type(row), kept), **(other or {})}.items():
        setattr(row, name, value)
    for name in _sealed(type(row)):
        if name in kept:
            work.seal(row, name, kept[name])


def _plain_values(table: type[OfficeTable], kept: Kept) -> dict[str, Any]:  # Any: one value per column
    columns = _columns(table)
    return {name: _from_kept(columns[name], value) for name, value in kept.items() if name in columns and name not in _sealed(table)}


def _row_as_kept(reading: Reading, row: OfficeTable, names: Sequence[str]) -> Kept:
    sealed = _sealed(type(row))
    return {name: _opened(reading, row, name) if name in sealed else _as_kept(getattr(row, name)) for name in names}


def _opened(reading: Reading, row: OfficeTable, name: str) -> str | None:
    return None if getattr(row, name) is None else reading.open(row, name)


def _as_kept(value: object) -> object:
    match value:
        case None | bool() | int():
            return value
        case bytes():
            return value.hex()
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
    return str(value)


def _from_kept(column: sa.Column[Any], value: Any) -> Any:  # Any: as the column takes it
    kind = column.type
    if value is None:
        return None
    if isinstance(kind, sa.Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    readers = ((sa.Uuid, UUID), (Moment, datetime.fromisoformat), (sa.Date, date.fromisoformat), (sa.LargeBinary, bytes.fromhex))
    read = next((reader for one, reader in readers if isinstance(kind, one)), None)
    return value if read is None else read(value)


def _columns(table: type[OfficeTable]) -> dict[str, sa.Column[Any]]:  # Any: columns of all types
    return {column.name: column for column in table.__table__.columns}  # type: ignore[attr-defined]


def _sealed(table: type[OfficeTable]) -> list[str]:
    return [name for name, column in _columns(table).items() if isinstance(column.type, Sealed)]


def _name(table: type[OfficeTable]) -> str:
    return str(table.__tablename__)
