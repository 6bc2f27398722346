"""The only module of the room that opens the office: one reading at each unlock, and the two doors through which something goes back."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.access import Role
from cbi.checks import apart
from cbi.checks.apart import Reader
from cbi.checks.box import INTAKE_KEY, intake_key
from cbi.checks.service import publish_week
from cbi.checks.tables import Letter, WeeklyNotice
from cbi.paths import private_folder
from cbi.people.history import homes_of
from cbi.people.tables import Household, HouseholdStatus, Member, Phone
from cbi.protection.keys import Published
from cbi.protection.snapshot import Home, HouseholdCard, LetterIn, MemberCard, NoticeCard, Office, Round, ServiceCard
from cbi.settings import Settings
from cbi.sites import instrument
from cbi.sites.approval import QUESTIONS_KEY, questions_key
from cbi.sites.tables import Service, Site
from cbi.staff.tables import Staff, StaffRole
from cbi.store.ids import Ids
from cbi.store.parts import in_parts
from cbi.store.records import Operation, Records, open_office
from cbi.store.sealed import Erased
from cbi.store.work import Actor, Reading, write_setting
from cbi.transfers.arrangements import current_for, propose_arrangement
from cbi.transfers.receiving import Reach
from cbi.transfers.tables import Arrangement, ArrangementKind, Cycle, CycleStatus, ProgrammeSite, Provider

ADULT = 18
_WITHOUT_CYCLE = timedelta(days=30)
_DOOR_STREAM = 0x0D00

# Which households the room needs, told from the new letters while the office is still being read.
Wanted = Callable[[Sequence[LetterIn]], Iterable[UUID]]


@dataclass(frozen=True)
class Swept:
    """What one reading of the office brought. erased: households whose key the office destroyed."""

    office: Office
    letters: tuple[LetterIn, ...]
    erased: frozenset[UUID]


@contextmanager
def opened(settings: Settings) -> Iterator[Records]:
    """The office's records room, closed afterwards.

    Its ids come from a stream of the room's own: reading the office must not move the streams the office itself draws from.
    """
    records = open_office(settings.model_copy(update={"seed": None}))
    if settings.seed is not None and records.operation.demo:
        records.ids = Ids(settings.seed ^ _DOOR_STREAM, folder=private_folder(settings.folder("protection")))
    try:
        yield records
    finally:
        records.close()


def operation_of(settings: Settings) -> Operation:
    """The operation the room belongs to."""
    with opened(settings) as records:
        return records.operation


def published(settings: Settings) -> Published:
    """What the office publishes of the room's keys now."""
    with opened(settings) as records, records.read() as reading:
        return Published(intake_key(reading), questions_key(reading))


def publish(settings: Settings, keys: Published) -> None:
    """Put the public halves where interviewers' pages and `cbi instrument install` find them: both, or neither."""
    with opened(settings) as records, records.work(Actor(name="the room")) as work:
        write_setting(work.session, work.system, INTAKE_KEY, keys.intake.hex())
        write_setting(work.session, work.system, QUESTIONS_KEY, keys.questions.hex())


def roles_of(settings: Settings, sign_in_name: str) -> frozenset[Role]:
    """The seats somebody of this sign-in name holds in the office, compared without case."""
    with opened(settings) as records, records.read() as reading:
        return _roles(reading, sign_in_name)


def site_codes(settings: Settings) -> dict[str, UUID]:
    """Sites by the code people write."""
    with opened(settings) as records, records.read() as reading:
        return dict(reading.session.exec(select(Site.code, Site.id).order_by(col(Site.code))).all())


def letters_in(settings: Settings, seen: frozenset[UUID]) -> tuple[LetterIn, ...]:
    """The letters that lie in the box, without those seen before: for somebody who tries her own key on them."""
    with opened(settings) as records, records.read() as reading:
        return _new_letters(reading, seen)


def published_readers(settings: Settings) -> tuple[Reader, ...]:
    """Whose keys the office seals past the desk to."""
    with opened(settings) as records, records.read() as reading:
        return apart.readers(reading)


def publish_readers(settings: Settings, people: Iterable[Reader]) -> None:
    """Put their public halves where the desk finds them. Raises Refused when there are too many."""
    with opened(settings) as records, records.work(Actor(name="the room")) as work:
        apart.publish(work, people)


def sweep(settings: Settings, seen: frozenset[UUID], wanted: Wanted) -> Swept:
    """Read the office once, in one transaction that is closed before anybody sees a page.

    seen: letters taken before.  wanted: called with the new ones; says of which households the room needs to know.
    """
    with opened(settings) as records, records.read() as reading:
        letters = _new_letters(reading, seen)
        households = sorted(set(wanted(letters)))
        return Swept(_office(reading, households), letters, _erased(reading))


def glance(settings: Settings, sites: frozenset[UUID], *, young: bool) -> Office:
    """What a seat without letters may know: places, services, notices. young: also households of these sites whose head is a child.

    sites: () for everywhere.
    """
    with opened(settings) as records, records.read() as reading:
        found = _young(reading, sites) if young else []
        return replace(_office(reading, found), young=tuple(found))


def send_arrangement(
    settings: Settings, officer_id: UUID, *, household_id: UUID, changes: Mapping[ArrangementKind, object], client_key: UUID
) -> None:
    """The first door. The same client key a second time changes nothing. Raises Refused as at any desk."""
    with opened(settings) as records, records.work(Actor(officer_id)) as work:
        propose_arrangement(work, household_id=household_id, changes=changes, agreed=True, client_key=client_key)


def check_arrangement(settings: Settings, *, household_id: UUID, changes: Mapping[ArrangementKind, object]) -> None:
    """Ask the office whether a change is possible, and leave nothing behind. Raises Refused as at any desk."""
    with opened(settings) as records:
        work = records.work(Actor())
        try:
            propose_arrangement(work, household_id=household_id, changes=changes, agreed=True, client_key=None)
        finally:
            work.session.rollback()
            work.session.close()


def send_notice(
    settings: Settings,
    officer_id: UUID,
    *,
    week: date,
    sites: Mapping[UUID, Sequence[date]],
    interviews: int,
    on_call: str,
    on_call_phone: str,
) -> None:
    """The second door: the weekly notice. Raises Refused as the office does."""
    with opened(settings) as records, records.work(Actor(officer_id)) as work:
        publish_week(work, week, sites, interviews, on_call, on_call_phone)


def _roles(reading: Reading, sign_in_name: str) -> frozenset[Role]:
    found = reading.session.exec(
        select(Staff.sign_in_name, StaffRole.role)
        .join(StaffRole, col(StaffRole.staff_id) == col(Staff.id))
        .where(col(Staff.left_on).is_(None))
    )
    wanted = sign_in_name.casefold()
    return frozenset(Role(role) for name, role in found if name.casefold() == wanted)


def _new_letters(reading: Reading, seen: frozenset[UUID]) -> tuple[LetterIn, ...]:
    rows = reading.session.connection().execute(sa.select(col(Letter.id), col(Letter.day), col(Letter.body)))
    return tuple(sorted((LetterIn(id, day, body) for id, day, body in rows if id not in seen), key=lambda one: (one.day, one.id)))  # noqa: A001


def _erased(reading: Reading) -> frozenset[UUID]:
    keys = reading.system.subject_key
    return frozenset(reading.session.exec(select(keys.id).where(col(keys.destroyed_at).is_not(None))))


def _office(reading: Reading, households: Sequence[UUID]) -> Office:
    sites = dict(reading.session.exec(select(Site.id, Site.name).order_by(col(Site.name))).all())
    return Office(
        read_at=reading.now,
        intake_key=intake_key(reading),
        sites=sites,
        households=_households(reading, households),
        staff=dict(reading.session.exec(select(Staff.id, Staff.name)).all()),
        directory=_directory(reading),
        notices=_notices(reading),
        changes={site_id: _changes(reading, site_id) for site_id in sites},
        rounds=_rounds(reading),
        staff_of=_staff_of(reading),
        asked={one.version: one.digest for one in instrument.installed(reading)},
        asks_with=instrument.package(reading).version,
    )


def _young(reading: Reading, sites: frozenset[UUID]) -> list[UUID]:
    """Households whose head is a child, in registration order."""
    wanted = (
        select(Household.id)
        .join(Member, (col(Member.household_id) == col(Household.id)) & (col(Member.position) == 1))
        .where(col(Member.birth_year) > reading.today.year - ADULT, col(Household.status) == HouseholdStatus.REGISTERED)
        .order_by(col(Household.number), col(Household.id))
    )
    return list(reading.session.exec(wanted.where(col(Household.site_id).in_(sites)) if sites else wanted))


def _households(reading: Reading, wanted: Sequence[UUID]) -> dict[UUID, HouseholdCard]:
    cards: dict[UUID, HouseholdCard] = {}
    mechanisms, dates = _mechanisms(reading), _submissions(reading)
    for chunk in in_parts(wanted):
        # Somebody who split off, or whose household joined another, is still reached by the letter they wrote before: where they live now.
        moved = {one: sorted(homes - {one}) for one, homes in homes_of(reading, chunk).items()}
        everywhere = sorted({*chunk, *(home for homes in moved.values() for home in homes)})
        members, homes_now = _members(reading, everywhere), _homes(reading, everywhere)
        published = _published_days(reading, chunk)
        for row in reading.session.exec(select(Household).where(col(Household.id).in_(chunk))):
            own = homes_now[row.id]
            cards[row.id] = HouseholdCard(
                id=row.id,
                number=row.number,
                language=own.language,
                site_id=own.site_id,
                recipient_id=row.recipient_id,
                members=tuple(member for home in (row.id, *moved[row.id]) for member in members[home]),
                phones=own.phones,
                hours=own.hours,
                mechanism=mechanisms.get(row.site_id),
                submit_on=dates.get(row.site_id),
                published=tuple(published[row.id]),
                elsewhere={member.id: homes_now[home] for home in moved[row.id] for member in members[home]},
            )
    return cards


def _homes(reading: Reading, households: Sequence[UUID]) -> dict[UUID, Home]:
    rows = reading.session.exec(select(Household.id, Household.language, Household.site_id).where(col(Household.id).in_(households)))
    phones, hours = _phones(reading, households), _hours(reading, households)
    return {one: Home(language, site_id, tuple(phones[one]), hours.get(one, ())) for one, language, site_id in rows}


def _members(reading: Reading, households: Sequence[UUID]) -> dict[UUID, list[MemberCard]]:
    rows = reading.session.exec(
        select(Member).where(col(Member.household_id).in_(households)).order_by(col(Member.household_id), col(Member.position))
    ).all()
    reading.vault.prefetch(reading.session, rows)
    found: dict[UUID, list[MemberCard]] = defaultdict(list)
    for row in rows:
        given = _told(reading, row, "given")
        name = f"{given} {_told(reading, row, 'family')}".strip()
        found[row.household_id].append(MemberCard(row.id, row.position, name, reading.today.year - row.birth_year >= ADULT, given))
    return found


def _phones(reading: Reading, households: Sequence[UUID]) -> dict[UUID, list[str]]:
    rows = reading.session.exec(select(Phone).where(col(Phone.household_id).in_(households)).order_by(col(Phone.id))).all()
    reading.vault.prefetch(reading.session, rows)
    found: dict[UUID, list[str]] = defaultdict(list)
    for row in rows:
        found[row.household_id].append(_told(reading, row, "number"))
    return found


def _hours(reading: Reading, households: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    arranged = current_for(reading, households)
    reaches = {household_id: kinds.get(ArrangementKind.MESSAGES) for household_id, kinds in arranged.items()}
    return {household_id: reach.hours for household_id, reach in reaches.items() if isinstance(reach, Reach)}


def _published_days(reading: Reading, households: Sequence[UUID]) -> dict[UUID, list[date]]:
    rows = reading.session.exec(
        select(col(Arrangement.household_id), col(Arrangement.published_on))
        .where(col(Arrangement.household_id).in_(households))
        .distinct()
        .order_by(col(Arrangement.household_id), col(Arrangement.published_on))
    )
    found: dict[UUID, list[date]] = defaultdict(list)
    for household_id, day in rows:
        found[household_id].append(day)
    return found


def _told(reading: Reading, row: Member | Phone, column: str) -> str:
    try:
        return reading.open(row, column)
    except Erased:
        return ""


def _directory(reading: Reading) -> tuple[ServiceCard, ...]:
    rows = reading.session.exec(select(Service).order_by(col(Service.name), col(Service.id)))
    return tuple(
        ServiceCard(row.id, row.site_id, row.kind.value, row.name, row.contact, row.hours, row.verified_on, row.retired_on is not None)
        for row in rows
    )


def _notices(reading: Reading) -> tuple[NoticeCard, ...]:
    rows = reading.session.exec(select(WeeklyNotice).order_by(col(WeeklyNotice.week).desc(), col(WeeklyNotice.id)).limit(8))
    return tuple(
        NoticeCard(
            week=row.week,
            days={UUID(site): tuple(date.fromisoformat(day) for day in days) for site, days in json.loads(row.sites).items()},
            interviews=row.interviews,
            on_call=row.on_call,
            on_call_phone=row.on_call_phone,
            effective_at=row.effective_at,
        )
        for row in rows
    )


def _mechanisms(reading: Reading) -> dict[UUID, str]:
    rows = reading.session.exec(
        select(ProgrammeSite.site_id, Provider.mechanism)
        .join(Provider, col(Provider.id) == col(ProgrammeSite.provider_id))
        .order_by(col(ProgrammeSite.id))
    )
    found: dict[UUID, set[str]] = defaultdict(set)
    for site_id, mechanism in rows:
        found[site_id].add(str(mechanism))
    # Two programmes that pay in different ways: nobody knows which one the person meant, so nothing becomes irrelevant by it.
    return {site_id: next(iter(ways)) for site_id, ways in found.items() if len(ways) == 1}


def _submissions(reading: Reading) -> dict[UUID, date]:
    rows = reading.session.exec(
        select(ProgrammeSite.site_id, sa.func.min(col(Cycle.submit_on)))
        .join(Cycle, col(Cycle.programme_id) == col(ProgrammeSite.programme_id))
        .where(col(Cycle.submit_on) >= reading.today, col(Cycle.status) != CycleStatus.CLOSED)
        .group_by(col(ProgrammeSite.site_id))
    )
    return dict(rows.all())


def _rounds(reading: Reading) -> dict[UUID, tuple[Round, ...]]:
    rows = reading.session.exec(
        select(col(ProgrammeSite.site_id), col(Cycle.starts_on), col(Cycle.submit_on), col(Cycle.ends_on))
        .join(Cycle, col(Cycle.programme_id) == col(ProgrammeSite.programme_id))
        .order_by(col(Cycle.starts_on), col(Cycle.id))
    )
    found: dict[UUID, list[Round]] = defaultdict(list)
    for site_id, starts_on, submit_on, ends_on in rows:
        found[site_id].append(Round(starts_on, submit_on, ends_on))
    return {site_id: tuple(rounds) for site_id, rounds in found.items()}


def _staff_of(reading: Reading) -> dict[str, UUID]:
    rows = reading.session.exec(
        select(col(Staff.sign_in_name), col(Staff.site_id)).where(col(Staff.site_id).is_not(None), col(Staff.left_on).is_(None))
    )
    return {name.casefold(): site_id for name, site_id in rows if site_id is not None}


def _changes(reading: Reading, site_id: UUID) -> int:
    began = reading.session.exec(
        select(sa.func.max(col(Cycle.starts_on)))
        .join(ProgrammeSite, col(ProgrammeSite.programme_id) == col(Cycle.programme_id))
        .where(col(ProgrammeSite.site_id) == site_id, col(Cycle.starts_on) <= reading.today)
    ).one()
    since = began or reading.today - _WITHOUT_CYCLE
    return reading.session.exec(
        select(sa.func.count(sa.distinct(col(Arrangement.household_id))))
        .join(Household, col(Household.id) == col(Arrangement.household_id))
        .where(col(Household.site_id) == site_id, col(Arrangement.published_on) >= since)
    ).one()
