"""What happened in a case so far: who tried to reach the person, what was decided with her, and who read the letter."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.protection.snapshot import Office
from cbi.protection.tables import Contact, Decision, Officer, Outbox
from cbi.store.work import Reading

# What is older is shown to nobody. It stays in the chain, which would break without it, as ids of what is long gone and moments.
SHOWN_DAYS = 730


class Outcome(StrEnum):
    """What an attempt to reach somebody came to."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    COME_BACK = "come_back"


class Choice(StrEnum):
    """What can be decided with the person. There is no other decision: nothing here excludes, holds or lessens."""

    CONTINUE = "continue_as_planned"
    CHANGE = "change_arrangement"
    REFER = "refer"
    NO_ACTION = "no_action_at_request"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt to reach the person. safe: whether it lay in the hours she gave."""

    at: datetime
    by: str
    outcome: Outcome
    safe: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as it was taken. changes: by kind of arrangement, in plain form.  second: who stood by it, None while that is awaited or not needed.

    sent: whether the change went to be published, None when there is none to send.
    """

    id: UUID
    at: datetime
    by_id: UUID
    by: str
    choice: Choice
    changes: Mapping[str, object]
    next_check: date | None
    needs_second: bool
    second: str | None
    service: str = ""
    service_id: UUID | None = None
    sent: bool | None = None


def contacts_of(reading: Reading, cases: Sequence[UUID]) -> Mapping[UUID, tuple[Tried, ...]]:
    """Every attempt of these cases, in order."""
    rows = reading.session.exec(select(Contact).where(col(Contact.case_id).in_(cases)).order_by(col(Contact.at), col(Contact.id))).all()
    reading.vault.prefetch(reading.session, rows)
    names = officer_names(reading) if rows else {}
    found: dict[UUID, list[Tried]] = defaultdict(list)
    for row in rows:
        told = json.loads(reading.open(row, "outcome"))
        found[row.case_id].append(Tried(row.at, names.get(row.officer_id, ""), Outcome(told["outcome"]), bool(told["safe"])))
    return defaultdict(tuple, {case_id: tuple(tries) for case_id, tries in found.items()})


def decisions_of(reading: Reading, case_id: UUID, office: Office) -> tuple[Decided, ...]:
    """Every decision of a case, in order."""
    rows = reading.session.exec(select(Decision).where(col(Decision.case_id) == case_id).order_by(col(Decision.at), col(Decision.id))).all()
    names = officer_names(reading) if rows else {}
    services = {str(one.id): one.name for one in office.directory}
    out = dict(reading.session.exec(select(col(Outbox.decision_id), col(Outbox.sent_at)).where(col(Outbox.case_id) == case_id)).all())
    found = []
    for row in rows:
        told = json.loads(reading.open(row, "content"))
        stood_by = json.loads(reading.open(row, "second")) if row.second else None
        found.append(
            Decided(
                id=row.id,
                at=row.at,
                by_id=row.officer_id,
                by=names.get(row.officer_id, ""),
                choice=Choice(told["choice"]),
                changes=told["changes"],
                next_check=date.fromisoformat(told["next_check"]) if told["next_check"] else None,
                needs_second=bool(told["needs_second"]),
                second=names.get(UUID(stood_by["officer"]), "") if stood_by else None,
                service=services.get(told["service"] or "", ""),
                service_id=UUID(told["service"]) if told["service"] else None,
                sent=out[row.id] is not None if row.id in out else None,
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who opened a letter: how often, and when last."""

    name: str
    times: int
    last: datetime


def readers_of(reading: Reading, case_id: UUID) -> tuple[Reader, ...]:
    """Who opened this letter, the latest first: the room's own chain, shown to the other officers of the same case and sites."""
    entry = reading.system.audit_entry
    rows = reading.session.exec(
        select(col(entry.actor), sa.func.count(), sa.func.max(col(entry.at)))
        .where(
            col(entry.kind) == "protection.CaseRead",
            col(entry.body).contains(str(case_id)),
            col(entry.at) >= reading.now - timedelta(days=SHOWN_DAYS),
        )
        .group_by(col(entry.actor))
    ).all()
    names = {str(officer_id): name for officer_id, name in officer_names(reading).items()}
    found = [Reader(names.get(actor, ""), times, last) for actor, times, last in rows]
    return tuple(sorted(found, key=lambda one: (one.last, one.name), reverse=True))


def officer_names(reading: Reading) -> dict[UUID, str]:
    """Everybody who is or was an officer, by id."""
    return dict(reading.session.exec(select(Officer.id, Officer.name)).all())


def officer_name(reading: Reading, officer_id: UUID) -> str:
    """An officer's name, also of one who left; "" for nobody."""
    return officer_names(reading).get(officer_id, "")


def counted(tries: Iterable[Tried], begun_at: datetime | None = None) -> int:
    """Attempts that count towards giving up: in the safe hours, since the person was last reached or the clocks began anew."""
    number = 0
    for one in tries:
        if begun_at is None or one.at >= begun_at:
            number = 0 if one.outcome is not Outcome.NOT_REACHED else number + one.safe
    return number
