"""Letters that wait for an officer, and one of them opened. Nothing here can stop, lessen or delay what a household is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from cbi.errors import NotThere
from cbi.protection import letters
from cbi.protection.deadlines import Deadlines, deadlines
from cbi.protection.dossier import About, Stage, State, about_of, each, keep_state, state_of
from cbi.protection.facts import CaseRead
from cbi.protection.history import Decided, Outcome, Reader, Tried, contacts_of, counted, decisions_of, officer_names, readers_of
from cbi.protection.hours import Window, window
from cbi.protection.instruments import Library
from cbi.protection.intake import letter_of, letters_of
from cbi.protection.letters import Letter
from cbi.protection.snapshot import HouseholdCard, MemberCard, Office
from cbi.protection.tables import Case, Decision
from cbi.store.work import Reading, Work
from screening import Assessment, Band, Instrument

WAITING = frozenset({Stage.QUEUED, Stage.OPENED, Stage.ASSIGNED, Stage.TRIED, Stage.TALKED, Stage.SECOND, Stage.REOPENED})
GOING_ON = frozenset(Stage) - {Stage.FILED, Stage.CLOSED}
Sites = frozenset[UUID]  # where an officer works; empty for everywhere


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One line of the start page: neither a name nor a reason.

    asked_by: who asks for a second officer, None when nobody does.  holder_id, holder: whose case it is.
    offered_to, offered_by: a hand-over that waits.  again: not reached in an earlier cycle, to be offered again in this one.
    """

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
    holder_id: UUID | None = None
    holder: str = ""
    offered_to: UUID | None = None
    offered_by: str = ""
    again: bool = False

    @property
    def is_waiting(self) -> bool:
        """Whether an officer has to do something about it."""
        return self.stage in WAITING or self.again

    def is_late(self, now: datetime) -> bool:
        """Whether it passed one of its two clocks."""
        return self.is_waiting and (self.due.decide < now or (self.last_try is None and self.due.contact < now))


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
    holder: str = ""
    offered_to: str = ""
    readers: tuple[Reader, ...] = ()

    @property
    def decision(self) -> Decided | None:
        """The last decision."""
        return self.decisions[-1] if self.decisions else None

    @property
    def was_reached(self) -> bool:
        """Whether somebody talked with the person."""
        return any(one.outcome is Outcome.REACHED for one in self.contacts)


def every_line(reading: Reading, office: Office, sites: Sites) -> list[CaseLine]:
    """Every letter of these sites that is or was before an officer, unordered."""
    return _lines(reading, office, sites)


def by_due(lines: Iterable[CaseLine]) -> list[CaseLine]:
    """Letters by decide-by."""
    return sorted(lines, key=lambda line: (line.due.decide, line.due.contact, line.id))


def waiting(reading: Reading, office: Office, sites: Sites) -> list[CaseLine]:
    """What waits for an officer of these sites, by decide-by."""
    return by_due(line for line in _lines(reading, office, sites) if line.is_waiting)


def read_ones(reading: Reading, office: Office, sites: Sites) -> list[CaseLine]:
    """Every letter that is or was before an officer, the latest first."""
    return sorted(_lines(reading, office, sites), key=lambda line: (line.due.decide, line.id), reverse=True)


def filed(reading: Reading, sites: Sites) -> int:
    """How many letters were filed: their people have already chosen for themselves."""
    return sum(state.stage is Stage.FILED for _, _, state in _mine(reading, sites))


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
    """A case an officer of these sites may work on; whoever changes it holds the row meanwhile. Raises NotThere."""
    row = reading.session.get(Case, case_id, with_for_update=True if isinstance(reading, Work) else None)
    if row is None or state_of(reading, row).stage is Stage.FILED:
        raise NotThere
    if sites and about_of(reading, row).site_id not in sites:
        raise NotThere
    return row


def dossier(reading: Reading, office: Office, row: Case) -> Dossier:
    """All that the room knows of one case."""
    about, state = about_of(reading, row), state_of(reading, row)
    card = _card(office, about)
    private, choices = letter_of(reading, row.letter_id), letter_of(reading, about.choices_id)
    hours, names = safe_hours(card, choices), officer_names(reading)
    instrument = Library(reading).find(private.version) if private else None
    return Dossier(
        id=row.id,
        about=about,
        state=state,
        card=card,
        member=card.member(about.member_id) if card else None,
        site=_site(office, about, card),
        due=_due(reading, office, about, state),
        reach=_reach(reading, hours, state),
        hours=hours,
        interviewer=office.staff.get(private.interviewer_id, "") if private and private.interviewer_id else "",
        private=private,
        choices=choices,
        instrument=instrument,
        assessment=_assessment(instrument, private, choices, card),
        contacts=contacts_of(reading, [row.id])[row.id],
        decisions=decisions_of(reading, row.id, office),
        holder=names.get(state.holder, "") if state.holder else "",
        offered_to=names.get(state.offered_to, "") if state.offered_to else "",
        readers=readers_of(reading, row.id),
    )


def _card(office: Office, about: About) -> HouseholdCard | None:
    card = office.households.get(about.household_id)
    return card.about(about.member_id) if card else None


def _site(office: Office, about: About, card: HouseholdCard | None) -> str:
    site_id = card.site_id if card and about.member_id in card.elsewhere else about.site_id
    return office.site(site_id) if site_id else ""


def safe_hours(card: HouseholdCard | None, choices: Letter | None) -> tuple[str, ...]:
    """The hours that suit: as told at the choices, else as arranged before."""
    if choices is not None and choices.hours:
        return choices.hours
    return card.hours if card else ()


def _lines(reading: Reading, office: Office, sites: Sites) -> list[CaseLine]:
    mine = [(row, about, state) for row, about, state in _mine(reading, sites) if state.stage is not Stage.FILED]
    tries = contacts_of(reading, [row.id for row, _, _ in mine])
    choices = letters_of(reading, (about.choices_id for _, about, _ in mine if about.choices_id))
    names = officer_names(reading)
    return [_line(reading, office, kept, choices.get(kept[1].choices_id or kept[0].id), tries[kept[0].id], names) for kept in mine]


def _line(
    reading: Reading,
    office: Office,
    kept: tuple[Case, About, State],
    choices: Letter | None,
    tries: Sequence[Tried],
    names: Mapping[UUID, str],
) -> CaseLine:
    row, about, state = kept
    card = _card(office, about)
    return CaseLine(
        id=row.id,
        number=card.number if card else "",
        site=_site(office, about, card),
        language=card.language if card else "",
        band=about.band,
        stage=state.stage,
        due=_due(reading, office, about, state),
        reach=_reach(reading, safe_hours(card, choices), state),
        has_phone=bool(card and card.phones),
        tries=counted(tries, state.begun_at),
        last_try=max((one.at for one in tries if state.begun_at is None or one.at >= state.begun_at), default=None),
        next_check=state.next_check,
        asked_by=_asked_by(reading, row) if state.stage is Stage.SECOND else None,
        holder_id=state.holder,
        holder=names.get(state.holder, "") if state.holder else "",
        offered_to=state.offered_to,
        offered_by=names.get(state.offered_by, "") if state.offered_by else "",
        again=next_offer(office, about, state, reading.today, reading.zone) is not None,
    )


def next_offer(office: Office, about: About, state: State, today: date, zone: str) -> date | None:
    """When a person nobody reached is offered a talk again: the first cycle that began since. None while there is none yet."""
    if state.stage is not Stage.UNREACHABLE or about.site_id is None or state.since is None:
        return None
    gave_up = state.since.astimezone(ZoneInfo(zone)).date()
    begun = (one.starts_on for one in office.rounds.get(about.site_id, ()) if gave_up < one.starts_on <= today)
    return min(begun, default=None)


def _mine(reading: Reading, sites: Sites) -> list[tuple[Case, About, State]]:
    rows = reading.session.exec(select(Case).order_by(col(Case.id))).all()
    read = ((row, about_of(reading, row)) for row in each(reading, rows))
    return [(row, about, state_of(reading, row)) for row, about in read if not sites or about.site_id in sites]


def _asked_by(reading: Reading, row: Case) -> UUID | None:
    made = select(Decision.officer_id).where(col(Decision.case_id) == row.id).order_by(col(Decision.at).desc(), col(Decision.id).desc())
    return reading.session.exec(made).first()


def _due(reading: Reading, office: Office, about: About, state: State) -> Deadlines:
    card = office.households.get(about.household_id)
    again = next_offer(office, about, state, reading.today, reading.zone)
    begun = datetime.combine(again, time(8), ZoneInfo(reading.zone)) if again else state.begun_at or about.sealed_at
    return deadlines(about.band, begun, zone=reading.zone, submit_on=card.submit_on if card else None)


def _reach(reading: Reading, hours: tuple[str, ...], state: State) -> Window:
    found = window(hours, reading.now, zone=reading.zone)
    back = state.come_back_at
    return Window(found.reach, found.until, back) if back and back > reading.now else found


def _assessment(
    instrument: Instrument | None, private: Letter | None, choices: Letter | None, card: HouseholdCard | None
) -> Assessment | None:
    if private is None or instrument is None:
        return None
    mechanism = private.mechanism or (card.mechanism if card else None)
    return letters.assess(instrument, private, choices, mechanism=mechanism, available=None)
