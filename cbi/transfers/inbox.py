"""The inbox is emptied at 12:00 and 18:00 office time and when the manager says so, empty or not; only then do arrangements exist."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from cbi.people.tables import Household
from cbi.store.records import Records
from cbi.store.work import HELP_DESK, Actor, Reading, Work
from cbi.transfers.arrangements import collector_mark, current_rows, padded, unfold, value_of, written
from cbi.transfers.facts_arrangements import ArrangementPublished, ArrangementsPublished
from cbi.transfers.receiving import Collector, Plain, Wanted, plain, read
from cbi.transfers.tables import Arrangement, ArrangementKind, ArrangementRequest, Publication

HOURS = (12, 18)
NOW = "now"
STAFF_BYTES = 36


@dataclass(frozen=True, slots=True)
class Slot:
    """A publishing hour of a day, as the office's wall clock shows it."""

    day: date
    hour: int
    at: datetime

    @property
    def name(self) -> str:
        """As people say it: "12:00"."""
        return f"{self.hour}:00"


@dataclass(frozen=True, slots=True)
class _Change:
    """What will be published for one household and kind."""

    household_id: UUID
    number: str
    kind: ArrangementKind
    value: Plain
    staff: str


@dataclass(frozen=True, slots=True)
class _Wish:
    """One request, opened. number: the household's, by which a publication is ordered."""

    request: ArrangementRequest
    number: str
    at: datetime
    staff: str
    changes: dict[ArrangementKind, Plain]


def publish_due(records: Records) -> UUID | None:
    """Publish what was asked up to the last publishing hour, once per hour. Returns the publication, None when it was made already.

    Safe to call at any moment and from anywhere; a request made after the hour waits for the next one.
    """
    with records.read() as reading:
        slot = last_slot(reading)
        if not _is_due(reading, slot):
            return None
    with records.work(Actor()) as work:
        if not _is_due(work, slot):
            return None
        return _publish(work, day=slot.day, name=slot.name, until=slot.at)


def publish_now(work: Work) -> UUID:
    """Publish everything asked so far, at the manager's word, so that the next list knows it."""
    return _publish(work, day=work.today, name=NOW, until=work.now)


def last_slot(reading: Reading) -> Slot:
    """The publishing hour that passed last."""
    return max((slot for slot in _slots(reading) if slot.at <= reading.now), key=lambda slot: slot.at)


def next_slot(reading: Reading) -> Slot:
    """The publishing hour that comes next."""
    return min((slot for slot in _slots(reading) if slot.at > reading.now), key=lambda slot: slot.at)


def last_publication(reading: Reading) -> Publication | None:
    """The newest publication: the one whose changes can still be undone."""
    return reading.session.exec(select(Publication).order_by(col(Publication.number).desc()).limit(1)).first()


def _slots(reading: Reading) -> Iterator[Slot]:
    zone = ZoneInfo(reading.zone)
    for days in (-1, 0, 1):
        day = reading.today + timedelta(days=days)
        for hour in HOURS:
            yield Slot(day, hour, datetime.combine(day, time(hour), tzinfo=zone))


def _is_due(reading: Reading, slot: Slot) -> bool:
    made = reading.session.exec(
        select(Publication.id).where(col(Publication.day) == slot.day, col(Publication.slot) == slot.name).limit(1)
    ).first()
    return made is None and _began(reading) <= slot.at


def _began(reading: Reading) -> datetime:
    """When the office wrote its first fact: nothing is published for hours at which it did not exist."""
    entry = reading.system.audit_entry
    first = reading.session.exec(select(col(entry.at)).order_by(col(entry.seq)).limit(1)).first()
    return first or reading.now


def _publish(work: Work, *, day: date, name: str, until: datetime) -> UUID:
    last = last_publication(work)
    publication = Publication(
        id=work.new_id("transfers.publication"),
        operation_id=work.operation_id,
        number=last.number + 1 if last else 1,
        day=day,
        slot=name,
        count=0,
    )
    work.add(publication)
    work.session.flush()
    changed = _apply(work, _merged(_waiting(work, until)), publication)
    publication.count = len(changed)
    work.remember(ArrangementsPublished(publication_id=publication.id, day=day, slot=name, count=len(changed)))
    for fact in changed:
        work.remember(fact, actor=Actor(name=HELP_DESK))
    return publication.id


def _waiting(work: Work, until: datetime) -> list[_Wish]:
    """Every request made up to this instant, opened, removed from the inbox, in the order of writing."""
    found = work.session.exec(
        select(ArrangementRequest, col(Household.number)).join(Household, col(Household.id) == col(ArrangementRequest.household_id))
    ).all()
    work.vault.prefetch(work.session, [request for request, _number in found])
    opened = [wish for request, number in found if (wish := _open(work, request, number)) is not None and wish.at <= until]
    for wish in opened:
        work.session.add(work.system.answered_form(key=wish.request.id, person_id=UUID(int=0), answer="", at=work.now))
        work.session.delete(wish.request)
    return sorted(opened, key=lambda wish: (wish.at, wish.request.id))


def _open(work: Work, request: ArrangementRequest, number: str) -> _Wish | None:
    text = work.open(request, "body")
    if not text:  # the household was erased
        work.session.delete(request)
        return None
    at, staff, changes = unfold(text)
    return _Wish(request, number, at, staff, changes)


def _merged(wishes: Sequence[_Wish]) -> list[_Change]:
    """One change per household and kind, the one written last; ordered by registration number and kind, so that no order tells who asked."""
    latest = {
        (wish.number, kind): _Change(wish.request.household_id, wish.number, kind, value, wish.staff)
        for wish in wishes
        for kind, value in wish.changes.items()
    }
    order = list(ArrangementKind)
    return [latest[key] for key in sorted(latest, key=lambda key: (key[0], order.index(key[1])))]


def _apply(work: Work, changes: Sequence[_Change], publication: Publication) -> list[ArrangementPublished]:
    """Make arrangements of what differs from what holds; one fact for each, in the given order."""
    holding = {(row.household_id, row.kind): row for row in current_rows(work, {change.household_id for change in changes})}
    work.vault.prefetch(work.session, holding.values())
    new = [
        (change, value, before)
        for change in changes
        if (value := read(change.kind, change.value)) != _value(work, before := holding.get((change.household_id, change.kind)))
    ]
    for *_rest, before in new:
        if before is not None:
            before.current = False
            work.session.add(before)
    work.session.flush()  # the old ones step back before the new ones stand: one per kind, the database keeps it so
    return [_arrange(work, change, value, before, publication) for change, value, before in new]


def _value(work: Work, row: Arrangement | None) -> Wanted:
    return value_of(work, row) if row else None


def _arrange(work: Work, change: _Change, value: Wanted, before: Arrangement | None, publication: Publication) -> ArrangementPublished:
    row = Arrangement(
        id=work.new_id("transfers.arrangement"),
        operation_id=work.operation_id,
        household_id=change.household_id,
        kind=change.kind,
        value=b"",
        staff=b"",
        published_on=publication.day,
        publication_id=publication.id,
        replaces_id=before.id if before else None,
        digest=collector_mark(work, value) if isinstance(value, Collector) else None,
    )
    work.seal(row, "value", written(plain(value)))
    work.seal(row, "staff", padded(change.staff, STAFF_BYTES))
    work.add(row)
    return ArrangementPublished(arrangement_id=row.id, household_id=row.household_id, what=change.kind.value, published_on=row.published_on)
