"""The example operation's two weeks, step by step, each on its own day: from the first household to a statement that foots."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import TypeVar
from uuid import UUID, uuid4

import sqlalchemy as sa

from cbi.cli.example import SHIPPED_HOUSEHOLDS, asking, desk, money, places, support
from cbi.cli.example.people import Login, seat_everybody
from cbi.clock import Clock
from cbi.paths import bundled
from cbi.people.imports import import_file
from cbi.people.tables import Household, Member
from cbi.settings import Settings
from cbi.store.records import Operation, Records, found_office
from cbi.store.work import Actor

SHIPPED = "kobo_households.xlsx"
_T = TypeVar("_T")


@dataclass(frozen=True)
class Told:
    """What the story came to. findings: by kind; seconds: by step."""

    households: int
    members: int
    checks: int
    cases: int
    list_reference: str
    instructions: int
    findings: dict[str, int]
    statement_foots: bool
    audit_verified: bool
    seconds: dict[str, float]
    logins: tuple[Login, ...] = field(repr=False)

    def to_json(self) -> dict[str, object]:
        """The figures, without how to sign in."""
        return {name: value for name, value in self.__dict__.items() if name != "logins"}


class Story:
    """Tells the story into an empty data folder. say: one sentence for each step, for the person who waits."""

    def __init__(self, settings: Settings, say: Callable[[str], None], *, households: int = SHIPPED_HOUSEHOLDS) -> None:
        self._settings = settings
        self._say = say
        self._wanted = households
        self._now = settings.clock or Clock().now()
        self._seconds: dict[str, float] = {}

    def tell(self) -> Told:
        """All of it. Raises Refused where a service would refuse a person."""
        operation = Operation(id=uuid4(), name="Kharwa", code="KW", country="KE", zone="Africa/Nairobi", currency="KES", demo=True)
        records = found_office(self._settings.model_copy(update={"clock": None, "seed": None}), operation)
        try:
            return self._told(records)
        finally:
            records.close()

    def _told(self, records: Records) -> Told:
        self._go_to(records, days=14)
        sites = self._step("places", "Three places, their services and everybody’s seat", lambda: places.found(records))
        logins = self._step("people", "", lambda: seat_everybody(records, sites["BH"]))
        set_up = self._step("programme", "A programme with its grant and providers", lambda: money.set_up(records, logins, sites))
        self._step("import", "Households from a Kobo export", lambda: self._import(records, logins))
        self._go_to(records, days=9)
        self._step(
            "site_checks",
            "Site checks and distribution days",
            lambda: places.check(records, logins["lead"].id, sites, self._today(records)),
        )
        room = self._step(
            "room", "The room, its officers and the weekly notice", lambda: support.found_room(self._settings, records, self._now, sites)
        )
        list_id = self._money(records, logins, set_up)
        self._go_to(records, days=0)
        asked = self._step(
            "visits", "Delivery choices for all, private pages at one place", lambda: asking.visit_everybody(records, logins, sites)
        )
        self._step("desk", "Feedback at the desk, and some that went past it", lambda: desk.hear_people(records, logins, sites["BH"]))
        cases = self._step(
            "letter",
            "One letter decided with the person, one brought to a service and closed",
            lambda: support.work_on_letters(self._settings, room, self._now),
        )
        self._step("publish", "Arrangements published", lambda: asking.publish(records, logins["manager"].id))
        return self._count(records, logins, room, list_id=list_id, checks=asked, cases=cases)

    def _money(self, records: Records, logins: dict[str, Login], set_up: money.SetUp) -> UUID:
        self._go_to(records, days=6)
        cycle_id = self._step("cycle", "A cycle with its formula", lambda: money.freeze_cycle(records, logins["manager"].id, set_up))
        self._go_to(records, days=5)
        list_id = self._step(
            "list",
            "A payment list, approved by two and released by a third",
            lambda: money.release_list(records, logins, cycle_id, set_up.provider_id),
        )
        self._go_to(records, days=1)
        self._step(
            "payout", "The provider’s report, previewed and posted", lambda: money.post_report(records, logins["finance"].id, list_id)
        )
        return list_id

    def _count(
        self, records: Records, logins: dict[str, Login], room: support.FoundedRoom, *, list_id: UUID, checks: int, cases: int
    ) -> Told:
        from cbi.payouts.statements import of_list, whole_ledger_foots

        records.sign_checkpoint()
        with records.read() as reading:
            connection = reading.session.connection()
            households, members = (
                int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()) for table in (Household, Member)
            )
            statement = of_list(reading, list_id)
            foots = statement.foots and whole_ledger_foots(reading)
            findings = money.findings(reading, list_id)
        verified = records.verify_chain().verified and support.chain_verified(self._settings)
        return Told(
            households=households,
            members=members,
            checks=checks,
            cases=cases,
            list_reference=statement.reference,
            instructions=statement.count,
            findings=findings,
            statement_foots=foots,
            audit_verified=verified,
            seconds=self._seconds,
            logins=(*logins.values(), *room.logins),
        )

    def _import(self, records: Records, logins: dict[str, Login]) -> None:
        with self._export() as path:
            import_file(records, Actor(logins["registrar"].id), path)

    @contextmanager
    def _export(self) -> Iterator[Path]:
        if self._wanted == SHIPPED_HOUSEHOLDS:
            yield bundled("sample_data") / SHIPPED
            return
        from cbi.cli.samples import write_households

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / SHIPPED
            write_households(path, households=self._wanted)
            yield path

    def _step(self, name: str, words: str, work: Callable[[], _T]) -> _T:
        if words:
            self._say(words)
        started = perf_counter()
        result = work()
        self._seconds[name] = round(perf_counter() - started, 2)
        return result

    def _go_to(self, records: Records, *, days: int) -> None:
        records.clock = Clock(self._now - timedelta(days=days))

    def _today(self, records: Records) -> date:
        return records.clock.today(records.operation.zone)
