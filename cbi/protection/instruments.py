"""Versions of the check as the room keeps them: begun from another, changed, approved by a second pair of eyes, and then never changed again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
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
    InstrumentKept,
)
from cbi.protection.keys import RoomKeys
from cbi.protection.letters import INSTRUMENT, Letter
from cbi.protection.tables import InstrumentVersion
from cbi.sites.approval import signed
from cbi.store.work import Reading, Work
from cbi.web.locale import language
from cbi.web.words import _
from screening import Instrument, Mistake, Package, editing, open_package
from screening.succession import unfit
from screening.versions import next_after, order

_FIRST_LANGUAGE = "en"


class State(StrEnum):
    """Where a version stands. SHIPPED: it comes with the program, and nobody here approved it.  EARLIER: it came with an earlier one."""

    SHIPPED = "shipped"
    EARLIER = "earlier"
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
    """The versions that letters may name: every one that ever came with the program, and every one that was ever approved here.

    Their words are in the reader's language, where they were translated into it.

    asked: the digests of what the office asks with, by version. One whose words are others than here is not guessed at: no letter is read with it.
    """

    def __init__(self, reading: Reading, asked: Mapping[str, str] | None = None) -> None:
        self._reading = reading
        self._asked = asked or {}
        self._found: dict[str, Instrument | None] = {}

    def find(self, version: str) -> Instrument | None:
        """A version as it was approved; None when this room does not know it, or not in these words."""
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
        package = _settled(self._reading, version)
        if package is None or self._asked.get(version, package.digest) != package.digest:
            return None
        return open_package(package, language() if language() in package.languages else _FIRST_LANGUAGE)


def keep_shipped(work: Work) -> None:
    """Keep the version that comes with the program, so that its letters are still read when another program brings another one.

    A version of this number that is here already stays as it is: its letters mean its words.
    """
    shipped = Package.shipped(INSTRUMENT)
    if _row(work, shipped.version) is not None:
        return
    row = InstrumentVersion(id=work.new_id("instrument"), version=shipped.version, content=b"", made_at=work.now, shipped=True)
    _seal(work, row, shipped)
    work.remember(InstrumentKept(version_id=row.id, version=row.version))


def unknown_in_use(reading: Reading, asked: Mapping[str, str], in_use: str) -> bool:
    """Whether the office asks with words that this room neither approved nor was given by the program. in_use: its version."""
    package = _settled(reading, in_use)
    return package is None or asked.get(in_use) != package.digest


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
    found = [_version(reading, row) for row in reading.session.exec(select(InstrumentVersion)).all()]
    if shipped.version not in {one.version for one in found}:
        found.append(Version(shipped.version, State.SHIPPED, shipped))
    return sorted(found, key=lambda one: order(one.version), reverse=True)


def version(reading: Reading, wanted: str) -> Version:
    """One version. Raises NotThere."""
    shipped, row = Package.shipped(INSTRUMENT), _row(reading, wanted)
    if row is not None:
        return _version(reading, row)
    if wanted != shipped.version:
        raise NotThere
    return Version(shipped.version, State.SHIPPED, shipped)


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
    _seal(work, row, package)
    work.remember(InstrumentBegun(version_id=row.id, version=number))
    return number


def save(work: Work, wanted: str, package: Package, *, seen: int | None) -> None:
    """Keep a changed draft. seen: the revision the change was made to. Raises SomebodyWasFirst when there is a newer one."""
    row = _draft_row(work, wanted, seen)
    if package == _package(work, row):
        return
    row.editors = json.dumps(sorted({*json.loads(row.editors), str(work.actor.id)}))
    row.revision += 1
    _seal(work, row, package)
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


def hand_out(work: Work, wanted: str, keys: RoomKeys) -> bytes:
    """An approved version as a file for the office, signed: the office takes no other. Raises Refused for a draft, NotThere for one it had from the program."""
    row = _row(work, wanted)
    if row is None or row.shipped:
        raise NotThere
    if row.approved_at is None:
        raise Refused(_("let another officer approve it first: nobody is asked with a draft"))
    package = _package(work, row)
    work.remember(InstrumentHandedOut(version_id=row.id, version=wanted, digest=package.digest))
    return signed(package, keys.questions).to_bytes()


def _draft_row(work: Work, wanted: str, seen: int | None) -> InstrumentVersion:
    row = work.session.exec(select(InstrumentVersion).where(col(InstrumentVersion.version) == wanted).with_for_update()).first()
    if row is None or row.approved_at is not None or row.shipped:
        raise NotThere
    if row.revision != seen:
        raise SomebodyWasFirst(_("read it again and repeat your change: somebody changed this version meanwhile"))
    return row


def _row(reading: Reading, wanted: str) -> InstrumentVersion | None:
    return reading.session.exec(select(InstrumentVersion).where(col(InstrumentVersion.version) == wanted)).first()


def _version(reading: Reading, row: InstrumentVersion) -> Version:
    package = _package(reading, row)
    return Version(
        row.version,
        _state(row, package),
        package,
        row.revision,
        frozenset(UUID(one) for one in json.loads(row.editors)),
        row.made_at,
        row.approved_at,
        row.approved_by,
        row.used_on,
    )


def _state(row: InstrumentVersion, package: Package) -> State:
    if row.shipped:
        return State.SHIPPED if package == Package.shipped(INSTRUMENT) else State.EARLIER
    if row.approved_at is None:
        return State.DRAFT
    return State.APPROVED if row.used_on is None else State.USED


def _settled(reading: Reading, version: str) -> Package | None:
    """A version that letters may name, in the words it had here from the beginning; None for a draft, and when there is none."""
    row = _row(reading, version)
    if row is not None:
        return _package(reading, row) if row.shipped or row.approved_at is not None else None
    shipped = Package.shipped(INSTRUMENT)
    return shipped if version == shipped.version else None


def _seal(work: Work, row: InstrumentVersion, package: Package) -> None:
    work.seal(row, "content", json.dumps(package.texts(), ensure_ascii=False, sort_keys=True))
    work.add(row)


def _package(reading: Reading, row: InstrumentVersion) -> Package:
    return Package.from_texts(json.loads(reading.open(row, "content")))
