"""The duplicate check at the desk, through the real sealed tables of an office."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import select

from cbi.people.duplicates import look_alikes
from cbi.people.match_columns import Told
from cbi.people.tables import Account, Consent, Document, DocumentKind, Household, Member, NumberSeries, Phone, Relation, SearchToken, Sex
from cbi.people.tokens import codes_of, seal_codes
from cbi.people.values import Born, NewDocument, NewHousehold, NewMember
from cbi.store.facts import Fact
from cbi.store.parts import in_parts
from cbi.store.records import Records
from cbi.store.sealed import Place
from cbi.store.work import Actor, Work
from tests import make
from tests.bench import invented

_FIVE = 5
_ASKED = 400
_AT_ONCE = 2_000


@dataclass(frozen=True, kw_only=True)
class Filled(Fact):
    """The bench put people in."""

    explains: ClassVar[tuple[type, ...]] = (Household, Member, Document, Phone, Account, SearchToken, NumberSeries)
    site_id: UUID


@dataclass(frozen=True)
class Desk:
    """What was measured. alerts: share of new households shown another one; shown: share of those registered before that were shown it."""

    people: int
    p95_ms: float
    median_ms: float
    alerts: float
    shown: float


def measure(folder: Path, size: int) -> Desk:
    """Fill an office with so many people; then check households of five: new ones, and some that were registered before."""
    records = make.office(folder)
    made = invented.make(invented.MEASURING, size + size // 10)
    homes = [list(people) for _, people in groupby(made.people, key=lambda person: person.household)]
    who = _identities(made, homes)
    registered, asked = _split(homes, who, size)
    kept = fill(records, registered)
    sites = site_ids(records, registered)
    times, alerts, shown = [], [], []
    with records.read() as reading:
        for home, before in asked:
            told = household(home, sites)
            begun = time.process_time()
            found = look_alikes(reading, told)
            times.append((time.process_time() - begun) * 1000)
            (shown if before else alerts).append(
                bool({one.registered.number for one in found}) if not before else _is_shown(found, before, kept)
            )
    records.close()
    return Desk(size, statistics.quantiles(times, n=20)[-1], statistics.median(times), sum(alerts) / len(alerts), sum(shown) / len(shown))


def _is_shown(found: list, before: list[int], kept: dict[int, str]) -> bool:
    return bool({one.registered.number for one in found} & {kept[home] for home in before})


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


def fill(records: Records, homes: list[list[Told]]) -> dict[int, str]:
    """Register households with everything they are found by, past the objects of the program; returns their registration numbers."""
    sites, numbers = site_ids(records, homes), {}
    for chunk in in_parts(homes, _AT_ONCE):
        with records.work(Actor()) as work:
            rows = _Rows(work)
            ids = [work.new_id("people") for _ in chunk]
            work.bulk(work.system.subject_key, sa.insert(work.system.subject_key), work.vault.make_keys(ids))
            for home, household_id in zip(chunk, ids, strict=True):
                numbers[home[0].household] = rows.put(household(home, sites), household_id, f"B-{home[0].household}")
            rows.done()
            work.session.exec(select(NumberSeries)).all() or [_series(work, site_id) for site_id in sites.values()]
            work.bulk(NumberSeries, sa.update(NumberSeries).values(last=NumberSeries.last + len(chunk) // len(sites)))
            work.remember(Filled(site_id=next(iter(sites.values()))))
    return numbers


def _series(work: Work, site_id: UUID) -> None:
    work.add(NumberSeries(id=work.new_id("people"), operation_id=work.operation_id, site_id=site_id, last=0))
    work.session.flush()


class _Rows:
    """Rows as the driver takes them, sealed for their places."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.rows: dict[type, list[tuple]] = {table: [] for table in _COLUMNS}

    def put(self, told: NewHousehold, home: UUID, number: str) -> str:
        work, operation = self.work, self.work.operation_id.hex
        shelter = self._seal("household", "shelter", home, home, told.shelter) if told.shelter else None
        self.rows[Household].append((home.hex, operation, number, told.site_id.hex, shelter, len(told.members)))
        for place, member in enumerate(told.members, start=1):
            new_id = work.new_id("people")
            sealed = [
                self._seal("member", name, new_id, home, text)
                for name, text in (("given", member.given), ("family", member.family), ("born", member.born.text))
            ]
            self.rows[Member].append((new_id.hex, operation, home.hex, place, *sealed, member.sex.value, member.born.year))
            for token in seal_codes(work, told.site_id, codes_of(member.name, "", member.born.year)):
                self.rows[SearchToken].append((work.new_id("token").hex, operation, token, home.hex, new_id.hex))
            for document in member.documents:
                other = work.new_id("people")
                sealed_number = self._seal("document", "number", other, home, document.number)
                self.rows[Document].append(
                    (other.hex, operation, home.hex, new_id.hex, sealed_number, work.digest("document", document.number))
                )
        for phone in told.phones:
            other = work.new_id("people")
            self.rows[Phone].append(
                (other.hex, operation, home.hex, self._seal("phone", "number", other, home, phone), work.digest("phone", phone))
            )
        return number

    def _seal(self, table: str, column: str, row: UUID, home: UUID, text: str) -> bytes:
        return self.work.vault.seal_at(self.work.session, Place(table, column, row, home), text.encode())

    def done(self) -> None:
        for table, (columns, same) in _COLUMNS.items():
            self.work.bulk_rows(table, columns, self.rows[table], same=same)


_COLUMNS: dict[type, tuple[tuple[str, ...], dict[str, str | int | None]]] = {
    Household: (
        ("id", "operation_id", "number", "site_id", "shelter", "size"),
        {
            "group": "displaced", "language": "en", "status": "registered", "consent": "agrees", "consent_version": 1, "consent_language": "en",
            "consent_on": "2026-11-23", "registered_on": "2026-11-23", "registered_at": "2026-11-23 06:00:00.000000", "registered_by": UUID(int=0).hex,
            "version": 1,
        },
    ),
    Member: (("id", "operation_id", "household_id", "position", "given", "family", "born", "sex", "birth_year"), {"relation": "other_family"}),
    Document: (("id", "operation_id", "household_id", "member_id", "number", "digest"), {"kind": "national_id"}),
    Phone: (("id", "operation_id", "household_id", "number", "digest"), {}),
    SearchToken: (("id", "operation_id", "token", "household_id", "member_id"), {}),
}  # fmt: skip


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
