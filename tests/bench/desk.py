"""The duplicate check at the desk, through the real sealed tables of an office."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from cbi.people.duplicates import look_alikes
from cbi.people.imports_save import register_many
from cbi.people.match_columns import Told
from cbi.people.tables import Account, Consent, Document, DocumentKind, Household, Member, Phone, Relation, SearchToken, Sex
from cbi.people.values import Born, NewDocument, NewHousehold, NewMember
from cbi.sites.tables import Site
from cbi.store.facts import Fact
from cbi.store.parts import in_parts
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make
from tests.bench import invented

_FIVE = 5
_ASKED = 400
_AT_ONCE = 2_000


@dataclass(frozen=True, kw_only=True)
class Filled(Fact):
    """The bench put people in."""

    explains: ClassVar[tuple[type, ...]] = (Household, Member, Document, Phone, Account, SearchToken)
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
            (shown if before else alerts).append(bool({one.registered.number for one in found}) if not before else _is_shown(found, before, kept))
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
    """Register households as an import does; returns their registration numbers."""
    sites = site_ids(records, homes)
    for chunk in in_parts(homes, _AT_ONCE):
        with records.work(Actor()) as work:
            register_many(work, [replace(household(home, sites), source_key=home[0].household.to_bytes(8, "big")) for home in chunk])
            work.remember(Filled(site_id=next(iter(sites.values()))))
    with records.read() as reading:
        rows = reading.session.connection().execute(Household.__table__.select()).mappings()
        return {int.from_bytes(row["source_key"], "big"): row["number"] for row in rows}


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
