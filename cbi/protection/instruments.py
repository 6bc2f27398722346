"""Versions of the check as the room keeps them: begun from another, changed, approved by a second pair of eyes, and then never changed again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.protection.facts import (
    InstrumentApproved,
    InstrumentBegun,
    InstrumentDiscarded,
    InstrumentEdited,
    InstrumentHandedOut,
)
from cbi.protection.letters import INSTRUMENT, Letter
from cbi.protection.tables import InstrumentVersion
from cbi.store.work import Reading, Work
from cbi.web.words import _
from screening import Instrument, Mistake, Package, editing, open_package
from screening.succession import unfit
from screening.versions import next_after, order


class State(StrEnum):
    """Where a version stands. SHIPPED: it comes with the program, and nobody here approved it."""

    SHIPPED = "shipped"
    DRAFT = "draft"
    APPROVED = "approved"
    USED = "used"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the check. editors: who changed it.  used_on: the day its first letter came."""

    version: str
    state: State
    package: Package = field(repr=False)
    revision: int = 0
    editors: frozenset[UUID] = frozenset()
    made_at: datetime | None = None
    approved_at: datetime | None = None
    approved_by: UUID | None = None
    used_on: date | None = None

    def problems(self) -> tuple[Mistake, ...]:
        """Everything that stands in the way of using it."""
        return unfit(self.package, Package.shipped(INSTRUMENT))


class Library:
    """The versions that letters may name: the shipped one, and every one that was ever approved here."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._found: dict[str, Instrument | None] = {}

    def find(self, version: str) -> Instrument | None:
        """A version as it was approved; None when this room never approved it."""
        if version not in self._found:
            self._found[version] = self._look(version)
        return self._found[version]

    def of(self, letter: Letter) -> Instrument:
        """The version a letter was asked with. Raises NotThere."""
        found = self.find(letter.version)
        if found is None:
            raise NotThere
        return found

    def _look(self, version: str) -> Instrument | None:
        shipped = Package.shipped(INSTRUMENT)
        if version == shipped.version:
            return open_package(shipped)
        row = _row(self._reading, version)
        return None if row is None or row.approved_at is None else open_package(_package(self._reading, row))


def note_use(work: Work, letters: Iterable[Letter]) -> None:
    """Letters came: a version that none was asked with before shows from now on that it is in use. The caller remembers the fact."""
    first: dict[str, date] = {}
    for letter in letters:
        first[letter.version] = min(letter.day, first.get(letter.version, letter.day))
    for number, day in first.items():
        unused = (col(InstrumentVersion.version) == number, col(InstrumentVersion.used_on).is_(None))
        work.bulk(InstrumentVersion, sa.update(InstrumentVersion).where(*unused).values(used_on=day))


def versions(reading: Reading) -> list[Version]:
    """Every version, the newest first; the shipped one is always among them."""
    shipped = Package.shipped(INSTRUMENT)
    rows = reading.session.exec(select(InstrumentVersion)).all()
    found = [Version(shipped.version, State.SHIPPED, shipped), *(_version(reading, row) for row in rows)]
    return sorted(found, key=lambda one: order(one.version), reverse=True)


def version(reading: Reading, wanted: str) -> Version:
    """One version. Raises NotThere."""
    shipped = Package.shipped(INSTRUMENT)
    if wanted == shipped.version:
        return Version(shipped.version, State.SHIPPED, shipped)
    row = _row(reading, wanted)
    if row is None:
        raise NotThere
    return _version(reading, row)


def draft(reading: Reading, wanted: str) -> Version:
    """A version that may still be changed. Raises NotThere for every other."""
    found = version(reading, wanted)
    if found.state is not State.DRAFT:
        raise NotThere
    return found


def begin(work: Work, base: str) -> str:
    """Begin a version from another one; it gets the next number. Returns it."""
    number = next_after(*(one.version for one in versions(work)))
    package = editing.put_version(version(work, base).package, number)
    row = InstrumentVersion(id=work.new_id("instrument"), version=number, content=b"", made_at=work.now)
    row.editors = json.dumps([str(work.actor.id)])
    work.seal(row, "content", json.dumps(package.texts(), ensure_ascii=False, sort_keys=True))
    work.add(row)
    work.remember(InstrumentBegun(version_id=row.id, version=number))
    return number


def save(work: Work, wanted: str, package: Package, *, seen: int | None) -> None:
    """Keep a changed draft. seen: the revision the change was made to. Raises SomebodyWasFirst when there is a newer one."""
    row = _draft_row(work, wanted, seen)
    if package == _package(work, row):
        return
    work.seal(row, "content", json.dumps(package.texts(), ensure_ascii=False, sort_keys=True))
    row.editors = json.dumps(sorted({*json.loads(row.editors), str(work.actor.id)}))
    row.revision += 1
    work.add(row)
    work.remember(InstrumentEdited(version_id=row.id, version=wanted))


def discard(work: Work, wanted: str, *, seen: int | None) -> None:
    """Throw a draft away; nobody was ever asked with it."""
    row = _draft_row(work, wanted, seen)
    work.session.delete(row)
    work.remember(InstrumentDiscarded(version_id=row.id, version=wanted))


def approve(work: Work, wanted: str, *, seen: int | None) -> None:
    """Approve a draft: from now on it never changes. The caller made sure that the officer is who she says.

    Raises Refused while anything stands in the way, and for whoever changed the draft: two pairs of eyes read every question.
    """
    row = _draft_row(work, wanted, seen)
    found = _version(work, row)
    if work.actor.id in found.editors:
        raise Refused(_("ask another officer to approve it: whoever changed it does not"))
    problems = found.problems()
    if problems:
        raise Refused(_("put everything right that the check found: %(number)s", number=len(problems)))
    row.approved_at, row.approved_by = work.now, work.actor.id
    row.revision += 1
    work.add(row)
    work.remember(InstrumentApproved(version_id=row.id, version=wanted, digest=found.package.digest))


def hand_out(work: Work, wanted: str) -> bytes:
    """An approved version as a file for the office. Raises Refused for a draft, NotThere for the one the office has anyway."""
    row = _row(work, wanted)
    if row is None:
        raise NotThere
    if row.approved_at is None:
        raise Refused(_("let another officer approve it first: nobody is asked with a draft"))
    package = _package(work, row)
    work.remember(InstrumentHandedOut(version_id=row.id, version=wanted, digest=package.digest))
    return package.to_bytes()


def _draft_row(work: Work, wanted: str, seen: int | None) -> InstrumentVersion:
    row = work.session.exec(select(InstrumentVersion).where(col(InstrumentVersion.version) == wanted).with_for_update()).first()
    if row is None or row.approved_at is not None:
        raise NotThere
    if row.revision != seen:
        raise SomebodyWasFirst(_("read it again and repeat your change: somebody changed this version meanwhile"))
    return row


def _row(reading: Reading, wanted: str) -> InstrumentVersion | None:
    return reading.session.exec(select(InstrumentVersion).where(col(InstrumentVersion.version) == wanted)).first()


def _version(reading: Reading, row: InstrumentVersion) -> Version:
    state = State.DRAFT if row.approved_at is None else State.APPROVED if row.used_on is None else State.USED
    return Version(
        row.version,
        state,
        _package(reading, row),
        row.revision,
        frozenset(UUID(one) for one in json.loads(row.editors)),
        row.made_at,
        row.approved_at,
        row.approved_by,
        row.used_on,
    )


def _package(reading: Reading, row: InstrumentVersion) -> Package:
    return Package.from_texts(json.loads(reading.open(row, "content")))
