"""Where else a household's people stand as they were: in what other households kept of their changes while those people lived there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.people.tables_lives import ChangeKind, HouseholdChange
from cbi.store.work import Reading, Work


class _Stay(NamedTuple):
    """While these people lived in a household. since, until: None where nothing says when."""

    household_id: UUID
    since: datetime | None
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether a moment is in it."""
        return (self.since is None or self.since <= at) and (self.until is None or at <= self.until)


class _Passage(NamedTuple):
    """A split or a joining, as a household's history keeps it."""

    household_id: UUID
    other_id: UUID
    kind: ChangeKind
    at: datetime
    undone_at: datetime | None


def kept_of(reading: Reading, household_ids: Collection[UUID]) -> sa.ColumnElement[bool]:
    """Which changes keep people of these households as they were: their own changes, and those of every household they came from,
    however far back, from the time they lived there; also where they only were until a joining was taken back.
    """
    change, ids = HouseholdChange, list(household_ids)
    lived = [_changes_in(stay) for stay in _stays(_passages(reading), ids)]
    return sa.or_(col(change.household_id).in_(ids), col(change.other_id).in_(ids), *lived)


def empty(work: Work, household_ids: Collection[UUID]) -> None:
    """Let nothing open any more that any household kept of these households' people as they were."""
    work.bulk(HouseholdChange, sa.update(HouseholdChange).where(kept_of(work, household_ids)).values(before=None, told=None))


def _changes_in(stay: _Stay) -> sa.ColumnElement[bool]:
    at = col(HouseholdChange.at)
    bounds = [at >= stay.since] if stay.since else []
    bounds += [at <= stay.until] if stay.until else []
    return sa.and_(col(HouseholdChange.household_id) == stay.household_id, *bounds)


def _passages(reading: Reading) -> list[_Passage]:
    change = HouseholdChange
    columns = (col(change.household_id), col(change.other_id), col(change.kind), col(change.at), col(change.undone_at))
    rows = sa.select(*columns).where(col(change.kind).in_((ChangeKind.SPLIT, ChangeKind.JOINED)), col(change.other_id).is_not(None))
    found = reading.session.connection().execute(rows)
    return [_Passage(here, other, kind, at, undone_at) for here, other, kind, at, undone_at in found if other]


def _stays(passages: Sequence[_Passage], household_ids: Collection[UUID]) -> set[_Stay]:
    """Everywhere else these people lived, found backwards from where they are now."""
    waiting = [_Stay(one, None, None) for one in household_ids]
    found: set[_Stay] = set()
    while waiting:
        stay = waiting.pop()
        fresh = {each for passage in passages if stay.holds(passage.at) for each in _before(passage, stay)} - found
        found |= fresh
        waiting += fresh
    return found


def _before(passage: _Passage, stay: _Stay) -> Iterator[_Stay]:
    """Where people of this stay lived too, by one passage."""
    here, other, kind, at, undone_at = passage
    if kind is ChangeKind.SPLIT and other == stay.household_id:
        yield _Stay(here, None, at)
    if kind is ChangeKind.JOINED and here == stay.household_id and undone_at is None:
        yield _Stay(other, None, at)
    if kind is ChangeKind.JOINED and other == stay.household_id and undone_at is not None:
        yield _Stay(here, at, min(undone_at, stay.until or undone_at))
