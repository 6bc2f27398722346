"""What a case keeps, sealed: whom it is about, what its letter came to and where it stands. Padded, so that lengths tell nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from cbi.protection.tables import Case
from cbi.store.bases import ProtectionTable
from cbi.store.work import Reading, Work
from screening import Band

_LENGTH = 384
_AT_ONCE = 2000
_R = TypeVar("_R", bound=ProtectionTable)


class Stage(StrEnum):
    """Where a letter stands."""

    FILED = "filed"
    QUEUED = "queued"
    OPENED = "opened"
    TRIED = "tried"
    TALKED = "talked"
    UNREACHABLE = "unreachable"
    SECOND = "second"
    DECIDED = "decided"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class About:
    """Whom a case is about and what its letter came to.

    choices_id: the letter with the copy of the delivery choices, if one came.  sealed_at: when the clocks began.
    """

    household_id: UUID
    member_id: UUID | None
    site_id: UUID | None
    day: date
    sealed_at: datetime
    band: Band
    choices_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Where a case stands. opened_by: who read the letter first.  come_back_at: when the person asked to be reached.  next_check: agreed with her."""

    stage: Stage
    opened_by: UUID | None = None
    opened_at: datetime | None = None
    come_back_at: datetime | None = None
    next_check: date | None = None


def each(reading: Reading, rows: Sequence[_R]) -> Iterator[_R]:
    """Rows one after another, their keys fetched some thousand at a time: more than the vault remembers would be fetched one by one."""
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        reading.vault.prefetch(reading.session, part)
        yield from part


def about_of(reading: Reading, row: Case) -> About:
    """Whom a case is about."""
    kept = json.loads(reading.open(row, "about"))
    return About(
        household_id=UUID(kept["household"]),
        member_id=_id(kept["member"]),
        site_id=_id(kept["site"]),
        day=date.fromisoformat(kept["day"]),
        sealed_at=datetime.fromisoformat(kept["sealed_at"]),
        band=Band(kept["band"]),
        choices_id=_id(kept["choices"]),
    )


def state_of(reading: Reading, row: Case) -> State:
    """Where a case stands."""
    kept = json.loads(reading.open(row, "state"))
    return State(
        stage=Stage(kept["stage"]),
        opened_by=_id(kept["opened_by"]),
        opened_at=_instant(kept["opened_at"]),
        come_back_at=_instant(kept["come_back_at"]),
        next_check=date.fromisoformat(kept["next_check"]) if kept["next_check"] else None,
    )


def keep_state(work: Work, row: Case, state: State) -> None:
    """Write down where a case stands; the caller remembers the fact."""
    work.seal(row, "state", state_text(state))
    work.add(row)


def about_text(about: About) -> str:
    """As it is sealed, padded so that its length tells nothing."""
    return _padded(
        {
            "household": str(about.household_id),
            "member": _text(about.member_id),
            "site": _text(about.site_id),
            "day": about.day.isoformat(),
            "sealed_at": about.sealed_at.isoformat(),
            "band": about.band.value,
            "choices": _text(about.choices_id),
        }
    )


def state_text(state: State) -> str:
    """As it is sealed, padded so that its length tells nothing: filed or waiting, a row looks the same from outside."""
    return _padded(
        {
            "stage": state.stage.value,
            "opened_by": _text(state.opened_by),
            "opened_at": _text(state.opened_at and state.opened_at.isoformat()),
            "come_back_at": _text(state.come_back_at and state.come_back_at.isoformat()),
            "next_check": _text(state.next_check and state.next_check.isoformat()),
        }
    )


def _padded(content: dict[str, object]) -> str:
    return json.dumps(content, sort_keys=True).ljust(_LENGTH)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _id(value: str | None) -> UUID | None:
    return UUID(value) if value else None


def _instant(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
