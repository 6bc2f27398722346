"""The duplicate check at the desk, through the real sealed tables of an office. The office is made once and kept between runs."""

from __future__ import annotations

import hashlib
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.people import imports_save, names, tables, tokens
from cbi.people.duplicates import look_alikes
from cbi.people.imports_save import register_many
from cbi.people.match_columns import Told
from cbi.people.tables import Account, Consent, Document, DocumentKind, Household, Member, NumberSeries, Phone, Relation, SearchToken, Sex
from cbi.people.values import Born, NewDocument, NewHousehold, NewMember
from cbi.settings import Settings
from cbi.store import migrations
from cbi.store.facts import Fact
from cbi.store.parts import in_parts
from cbi.store.records import Records, open_office
from cbi.store.work import Actor
from tests import make
from tests.bench import invented

_FIVE = 5
_ASKED = 400
_AT_ONCE = 2_000
_TABLES = (Household, Member, Document, Phone, Account, SearchToken)


@dataclass(frozen=True, kw_only=True)
class Filled(Fact):
    """The bench put people in."""

    explains: ClassVar[tuple[type, ...]] = (*_TABLES, NumberSeries)
    site_id: UUID


@dataclass(frozen=True)
class Desk:
    """What was measured. alerts: share of new households shown another one; shown: share of those registered before that were shown it."""

    people: int
    p95_ms: float
    median_ms: float
    alerts: float
    shown: float


def measure(size: int, folder: Path | None = None) -> Desk:
    """Check households of five at the desk of an office of so many people: new ones, and some that were registered before."""
    made = invented.make(invented.MEASURING, size + size // 10)
    homes = [list(people) for _, people in groupby(made.people, key=lambda person: person.household)]
    registered, asked = _split(homes, _identities(made, homes), size)
    records = open_office(Settings(data=_filled(folder or _kept(size), registered), clock=make.NOW, seed=7))
    sites, kept = site_ids(records, registered), _numbers(records)
    times, alerts, shown = [], [], []
    with records.read() as reading:
        for home, before in [*asked[:20], *asked]:  # the first ones warm up
            told = household(home, sites)
            begun = time.process_time()
            found = {one.registered.number for one in look_alikes(reading, told)}
            times.append((time.process_time() - begun) * 1000)
            (shown if before else alerts).append(bool(found & {kept[home] for home in before}) if before else bool(found))
    records.close()
    times = times[20:]
    return Desk(size, statistics.quantiles(times, n=20)[-1], statistics.median(times), sum(alerts) / len(alerts), sum(shown) / len(shown))


def _kept(size: int) -> Path:
    """Where an office of this size is kept: another place when what makes it is written otherwise."""
    modules = [Path(str(one.__file__)) for one in (invented, imports_save, names, tables, tokens)]
    written = b"".join(path.read_bytes() for path in (*modules, *sorted(Path(migrations.__path__[0]).glob("office/versions/*.py"))))
    return Path(tempfile.gettempdir()) / "duplicates-bench" / f"{size}-{hashlib.sha256(written).hexdigest()[:8]}"


def _filled(folder: Path, homes: list[list[Told]]) -> Path:
    """The office of these households, made when it is not there."""
    if not folder.exists():
        fresh = folder.with_name(f"{folder.name}.new-{time.time_ns()}")
        records = make.office(fresh)
        fill(records, homes)
        records.close()
        fresh.rename(folder)
    return folder


def _numbers(records: Records) -> dict[int, str]:
    """The registration number of each household that was put in."""
    with records.read() as reading:
        asked = sa.select(col(Household.source_key), col(Household.number))
        return {int(key or b""): number for key, number in reading.session.connection().execute(asked)}


def _identities(made: invented.Invented, homes: list[list[Told]]) -> dict[int, set[int]]:
    who = iter(made.who)
    return {home[0].household: {next(who) for _ in home} for home in homes}


def _split(homes: list[list[Told]], who: dict[int, set[int]], size: int) -> tuple[list[list[Told]], list[tuple[list[Told], list[int]]]]:
    """Households to register, and households of five to ask about, each with those of the first in which most of it lives."""
    seen: dict[int, int] = {}
    registered, again, new, people = [], [], [], 0
    for home in homes:
        number = home[0].household
        before = [seen[person] for person in who[number] if person in seen]
        if people < size and not (len(home) == _FIVE and len(before) >= 3 and len(again) < _ASKED):
            registered.append(home)
            people += len(home)
            seen |= dict.fromkeys(who[number], number)
        elif len(home) == _FIVE and len(before) >= 3:
            again.append((home, before))
        elif len(home) == _FIVE and not before and len(new) < _ASKED:
            new.append((home, []))
    return registered, [*again[:_ASKED], *new]


def fill(records: Records, homes: list[list[Told]]) -> None:
    """Register households as an import does, with everything they are found by; indexes are made at the end, which is faster."""
    sites = site_ids(records, homes)
    with _without_indexes(records):
        for chunk in in_parts(homes, _AT_ONCE):
            with records.work(Actor()) as work:
                register_many(work, [replace(household(home, sites), source_key=b"%d" % home[0].household) for home in chunk])
                work.remember(Filled(site_id=next(iter(sites.values()))))


@contextmanager
def _without_indexes(records: Records) -> Iterator[None]:
    """Everything on one connection, whose cache holds it all, and nothing waited for: a bench loses nothing by a power cut."""
    names = ", ".join(f"'{table.__tablename__}'" for table in _TABLES)
    raw = records.engine.raw_connection()
    asked = f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({names})"
    indexes = raw.cursor().execute(asked).fetchall()
    for statement in (*(f'DROP INDEX "{name}"' for name, _ in indexes), "PRAGMA synchronous=OFF", "PRAGMA cache_size=-1000000"):
        raw.cursor().execute(statement)
    raw.close()
    yield
    raw = records.engine.raw_connection()
    for _, statement in indexes:
        raw.cursor().execute(statement)
    raw.close()


def site_ids(records: Records, homes: list[list[Told]]) -> dict[str, UUID]:
    """The sites of these people, made when they are not there."""
    from tests import make_people

    names = sorted({home[0].site for home in homes} | {person.site for home in homes for person in home})
    return {name: make_people.site(records, f"S{place}", name) for place, name in enumerate(names)}


def household(home: list[Told], sites: dict[str, UUID]) -> NewHousehold:
    """People as a desk would send them."""
    return NewHousehold(
        site_id=sites.get(home[0].site) or next(iter(sites.values())),
        members=tuple(_member(person, head=place == 0) for place, person in enumerate(home)),
        consent=Consent.AGREES,
        phones=tuple(home[0].phones),
        shelter=home[0].shelter,
        recipient=0,
    )


def _member(person: Told, *, head: bool) -> NewMember:
    return NewMember(
        given=person.given,
        family=person.family,
        sex=Sex(person.sex),
        born=Born(person.born, int(person.born.lstrip("~")[:4])),
        relation=Relation.HEAD if head else Relation.OTHER_FAMILY,
        documents=tuple(NewDocument(DocumentKind.NATIONAL_ID, number) for number in person.documents),
    )
