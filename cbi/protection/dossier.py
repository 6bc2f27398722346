"""What a case keeps, sealed: whom it is about, what its letter came to and where it stands. Padded, so that lengths tell nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from cbi.protection.tables import Case
from cbi.store.bases import ProtectionTable
from cbi.store.parts import in_parts
from cbi.store.work import Reading, Work
from screening import Band

_ABOUT_LENGTH, _STATE_LENGTH = 384, 1024
_AT_ONCE = 2000
_R = TypeVar("_R", bound=ProtectionTable)


class Stage(StrEnum):
    """Where a letter stands."""

    FILED = "filed"
    QUEUED = "queued"
    OPENED = "opened"
    ASSIGNED = "assigned"
    TRIED = "tried"
    TALKED = "talked"
    UNREACHABLE = "unreachable"
    SECOND = "second"
    DECIDED = "decided"
    MONITORING = "monitoring"
    PSEA_HANDOVER = "psea_handover"
    CP_HANDOVER = "cp_handover"
    CLOSED = "closed"
    REOPENED = "reopened"


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
    """Where a case stands.

    revision: rises at every change, so that of two officers one wins and the other is told.  since: when this stage began.
    opened_by: who read the letter first.  holder: whose case it is; None until somebody takes it.
    offered_to, offered_by: a hand-over between officers that waits for an answer.  come_back_at: when the person asked to be reached.
    next_check: agreed with her.  begun_at: when the clocks began anew, after a reopening or at the next cycle.
    ended, reopened: why it was closed and opened again, from closed lists.  reassess_on: by when everybody there is offered a blank form again.
    """

    stage: Stage
    revision: int = 0
    since: datetime | None = None
    opened_by: UUID | None = None
    opened_at: datetime | None = None
    holder: UUID | None = None
    offered_to: UUID | None = None
    offered_by: UUID | None = None
    come_back_at: datetime | None = None
    next_check: date | None = None
    begun_at: datetime | None = None
    ended: str = ""
    reopened: str = ""
    reassess_on: date | None = None


def each(reading: Reading, rows: Sequence[_R]) -> Iterator[_R]:
    """Rows one after another, their keys fetched some thousand at a time: more than the vault remembers would be fetched one by one."""
    for part in in_parts(rows, _AT_ONCE):
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
        revision=kept["revision"],
        since=_instant(kept["since"]),
        opened_by=_id(kept["opened_by"]),
        opened_at=_instant(kept["opened_at"]),
        holder=_id(kept["holder"]),
        offered_to=_id(kept["offered_to"]),
        offered_by=_id(kept["offered_by"]),
        come_back_at=_instant(kept["come_back_at"]),
        next_check=_day(kept["next_check"]),
        begun_at=_instant(kept["begun_at"]),
        ended=kept["ended"],
        reopened=kept["reopened"],
        reassess_on=_day(kept["reassess_on"]),
    )


def keep_state(work: Work, row: Case, state: State) -> None:
    """Write down where a case stands; the caller remembers the fact."""
    work.seal(row, "state", state_text(state))
    work.add(row)


def move(work: Work, row: Case, before: State, **changed: object) -> State:
    """Write down a change of where a case stands, as its next revision; the caller remembers the fact."""
    stage = changed.get("stage", before.stage)
    since = work.now if stage is not before.stage else before.since
    after = replace(before, revision=before.revision + 1, since=since, **changed)  # type: ignore[arg-type]  # names of State, checked by it
    keep_state(work, row, after)
    return after


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
        },
        _ABOUT_LENGTH,
    )


def state_text(state: State) -> str:
    """As it is sealed, padded so that its length tells nothing: filed or waiting, a row looks the same from outside."""
    return _padded({name: _plain(getattr(state, name)) for name in State.__dataclass_fields__}, _STATE_LENGTH)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _padded(content: dict[str, object], length: int) -> str:
    return json.dumps(content, sort_keys=True).ljust(length)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _id(value: str | None) -> UUID | None:
    return UUID(value) if value else None


def _instant(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
