"""Letters that wait for an officer, and one of them opened. Nothing here can stop, lessen or delay what a household is due."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import col, select

from cbi.errors import NotThere
from cbi.protection import letters
from cbi.protection.deadlines import Deadlines, deadlines
from cbi.protection.dossier import About, Stage, State, about_of, each, keep_state, state_of
from cbi.protection.facts import CaseRead
from cbi.protection.hours import Window, window
from cbi.protection.intake import letter_of, letters_of
from cbi.protection.letters import Letter
from cbi.protection.snapshot import HouseholdCard, MemberCard, Office
from cbi.protection.tables import Case, Contact, Decision, Officer, Outbox
from cbi.store.work import Reading, Work
from screening import Assessment, Band, Instrument

WAITING = frozenset({Stage.QUEUED, Stage.OPENED, Stage.TRIED, Stage.TALKED, Stage.SECOND})
Sites = frozenset[UUID]  # where an officer works; empty for everywhere


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
    sent: bool | None = None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One line of the start page: neither a name nor a reason. asked_by: who asks for a second officer, None when nobody does."""

    id: UUID
    number: str
    site: str
    language: str
    band: Band
    stage: Stage
    due: Deadlines
    reach: Window
    has_phone: bool
    tries: int
    last_try: datetime | None
    next_check: date | None
    asked_by: UUID | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """One letter, opened."""

    id: UUID
    about: About
    state: State
    card: HouseholdCard | None
    member: MemberCard | None
    site: str
    due: Deadlines
    reach: Window
    hours: tuple[str, ...]
    interviewer: str
    private: Letter | None = field(repr=False)
    choices: Letter | None = field(repr=False)
    instrument: Instrument | None = field(repr=False)
    assessment: Assessment | None = field(repr=False)
    contacts: tuple[Tried, ...]
    decisions: tuple[Decided, ...]

    @property
    def decision(self) -> Decided | None:
        """The last decision."""
        return self.decisions[-1] if self.decisions else None

    @property
    def was_reached(self) -> bool:
        """Whether somebody talked with the person."""
        return any(one.outcome is Outcome.REACHED for one in self.contacts)


def waiting(reading: Reading, office: Office, sites: Sites) -> list[CaseLine]:
    """What waits for an officer of these sites, by decide-by."""
    lines = [line for line in _lines(reading, office, sites) if line.stage in WAITING]
    return sorted(lines, key=lambda line: (line.due.decide, line.due.contact, line.id))


def read_ones(reading: Reading, office: Office, sites: Sites) -> list[CaseLine]:
    """Every letter that is or was before an officer, the latest first."""
    lines = [line for line in _lines(reading, office, sites) if line.stage is not Stage.FILED]
    return sorted(lines, key=lambda line: (line.due.decide, line.id), reverse=True)


def filed(reading: Reading, sites: Sites) -> int:
    """How many letters were filed: their people have already chosen for themselves."""
    return sum(state.stage is Stage.FILED for _, _, state in _mine(reading, sites))


def overdue(lines: Iterable[CaseLine], now: datetime) -> int:
    """How many of these passed one of their two clocks."""
    return sum(line.due.decide < now or (line.tries == 0 and line.due.contact < now) for line in lines)


def open_case(work: Work, office: Office, sites: Sites, case_id: UUID) -> Dossier:
    """Open a letter; that it was read becomes an entry of the room's chain. Raises NotThere for filed ones and those of other sites."""
    row = the_case(work, sites, case_id)
    state = state_of(work, row)
    if state.stage is Stage.QUEUED:
        state = replace(state, stage=Stage.OPENED, opened_by=work.actor.id, opened_at=work.now)
        keep_state(work, row, state)
    work.remember(CaseRead(case_id=case_id))
    return dossier(work, office, row)


def the_case(reading: Reading, sites: Sites, case_id: UUID) -> Case:
    """A case an officer of these sites may work on. Raises NotThere."""
    row = reading.session.get(Case, case_id)
    if row is None or state_of(reading, row).stage is Stage.FILED:
        raise NotThere
    if sites and about_of(reading, row).site_id not in sites:
        raise NotThere
    return row


def dossier(reading: Reading, office: Office, row: Case) -> Dossier:
    """All that the room knows of one case."""
    about, state = about_of(reading, row), state_of(reading, row)
    card = office.households.get(about.household_id)
    private, choices = letter_of(reading, row.letter_id), letter_of(reading, about.choices_id)
    hours = safe_hours(card, choices)
    return Dossier(
        id=row.id,
        about=about,
        state=state,
        card=card,
        member=card.member(about.member_id) if card else None,
        site=office.site(about.site_id) if about.site_id else "",
        due=_due(reading, about, card),
        reach=_reach(reading, hours, state),
        hours=hours,
        interviewer=office.staff.get(private.interviewer_id, "") if private and private.interviewer_id else "",
        private=private,
        choices=choices,
        instrument=letters.instrument_of(private) if private else None,
        assessment=_assessment(private, choices, card),
        contacts=contacts_of(reading, [row.id])[row.id],
        decisions=decisions_of(reading, row.id, office),
    )


def safe_hours(card: HouseholdCard | None, choices: Letter | None) -> tuple[str, ...]:
    """The hours that suit: as told at the choices, else as arranged before."""
    if choices is not None and choices.hours:
        return choices.hours
    return card.hours if card else ()


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
    services = {str(one.id): one.name for one in office.services}
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
                sent=out[row.id] is not None if row.id in out else None,
            )
        )
    return tuple(found)


def officer_names(reading: Reading) -> dict[UUID, str]:
    """Everybody who is or was an officer, by id."""
    return dict(reading.session.exec(select(Officer.id, Officer.name)).all())


def _lines(reading: Reading, office: Office, sites: Sites) -> list[CaseLine]:
    mine = [(row, about, state) for row, about, state in _mine(reading, sites) if state.stage is not Stage.FILED]
    cards = {about.household_id: office.households.get(about.household_id) for _, about, _ in mine}
    tries = contacts_of(reading, [row.id for row, _, _ in mine])
    choices = letters_of(reading, (about.choices_id for _, about, _ in mine if about.choices_id))
    return [
        _line(
            reading,
            office,
            row,
            about,
            state,
            safe_hours(cards[about.household_id], choices.get(about.choices_id or row.id)),
            tries[row.id],
        )
        for row, about, state in mine
    ]


def _line(
    reading: Reading, office: Office, row: Case, about: About, state: State, hours: tuple[str, ...], tries: Sequence[Tried]
) -> CaseLine:
    card = office.households.get(about.household_id)
    return CaseLine(
        id=row.id,
        number=card.number if card else "",
        site=office.site(about.site_id) if about.site_id else "",
        language=card.language if card else "",
        band=about.band,
        stage=state.stage,
        due=_due(reading, about, card),
        reach=_reach(reading, hours, state),
        has_phone=bool(card and card.phones),
        tries=counted(tries),
        last_try=tries[-1].at if tries else None,
        next_check=state.next_check,
        asked_by=_asked_by(reading, row) if state.stage is Stage.SECOND else None,
    )


def counted(tries: Iterable[Tried]) -> int:
    """Attempts that count towards giving up: in the safe hours, since the person was last reached."""
    number = 0
    for one in tries:
        number = 0 if one.outcome is not Outcome.NOT_REACHED else number + one.safe
    return number


def _mine(reading: Reading, sites: Sites) -> list[tuple[Case, About, State]]:
    rows = reading.session.exec(select(Case).order_by(col(Case.id))).all()
    read = ((row, about_of(reading, row)) for row in each(reading, rows))
    return [(row, about, state_of(reading, row)) for row, about in read if not sites or about.site_id in sites]


def _asked_by(reading: Reading, row: Case) -> UUID | None:
    made = select(Decision.officer_id).where(col(Decision.case_id) == row.id).order_by(col(Decision.at).desc(), col(Decision.id).desc())
    return reading.session.exec(made).first()


def _due(reading: Reading, about: About, card: HouseholdCard | None) -> Deadlines:
    return deadlines(about.band, about.sealed_at, zone=reading.zone, submit_on=card.submit_on if card else None)


def _reach(reading: Reading, hours: tuple[str, ...], state: State) -> Window:
    found = window(hours, reading.now, zone=reading.zone)
    back = state.come_back_at
    return Window(found.reach, found.until, back) if back and back > reading.now else found


def _assessment(private: Letter | None, choices: Letter | None, card: HouseholdCard | None) -> Assessment | None:
    if private is None:
        return None
    return letters.assess(private, choices, mechanism=private.mechanism or (card.mechanism if card else None), available=None)
