"""The pages of registration over an office of any size, each beside a bare Flask page that does the least of the same kind."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
from sqlmodel import select

from cbi.access import Role
from cbi.cli.loading import loading, serve_pages
from cbi.people.registered import open_households
from cbi.people.search import find
from cbi.people.tables import Household
from cbi.people.values import Activity, NewHousehold
from cbi.sites.tables import Site
from cbi.store.records import Records
from cbi.web.listing import ListingArgs
from tests import make
from tests.bench.bare_pages import bare_app

ROUNDS, _WARM = 200, 10
ROWS_SHOWN = 50
_SAMPLE = 40
# As a browser asks, so that pages travel packed.
_ASKED = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin", "Accept-Encoding": "gzip"}


@dataclass(frozen=True)
class Took:
    """Seconds of one answer: of the processor, which other work on the machine leaves alone, and by the clock, waiting for the disk included."""

    processor: float
    clock: float


@dataclass(frozen=True)
class Turns:
    """How long each of two pages took, taken in turns so that both meet the same machine. size: bytes of ours as a browser is sent them."""

    ours: Sequence[Took]
    bare: Sequence[Took]
    size: int = 0

    @property
    def times(self) -> float:
        """Our 95th percentile of processor time against that of the bare page."""
        return p95(one.processor for one in self.ours) / p95(one.processor for one in self.bare)

    @property
    def times_by_clock(self) -> float:
        """The same by the clock."""
        return p95(one.clock for one in self.ours) / p95(one.clock for one in self.bare)


def p95(seconds: Iterable[float]) -> float:
    """The time within which nineteen of twenty answers came."""
    return statistics.quantiles(seconds, n=20)[-1]


class Pages:
    """A registrar's browser over an office, beside the bare pages."""

    def __init__(self, records: Records, folder: Path) -> None:
        self._records = records
        with loading():  # as `cbi serve` does, for both
            self._visitor = make.Visitor(make.app_of(records), records, make.staff(records, Role.REGISTRAR))
            self._bare = bare_app(folder / "bare-pages.db").test_client()
        serve_pages()
        self._chance, self._places = random.Random(7), count(1_000_000)

    def register(self) -> Turns:
        """One household of five people: checked, looked for among those registered, sealed, indexed, audited, committed."""
        form = make.hidden_fields(self._visitor.see("/households/new"), "/households/new")
        with self._records.read() as reading:
            site = str(reading.session.exec(select(Site.id).order_by(Site.code)).first())

        def typed() -> dict[str, str]:
            return {**form, **self._household(site), "client_key": str(uuid4())}

        return self._turns(lambda: self._send("/households/new", typed(), 302), lambda: self._sent_bare(typed()))

    def listed(self) -> Turns:
        """The list of households, fifty on a page."""
        return self._turns(self._list, self._bare_list)

    def searched(self) -> Turns:
        """The page that finds a name."""
        csrf = make.hidden_fields(self._visitor.see("/households/find"), "/households/find")
        names = iter(self._names())
        return self._turns(lambda: self._send("/households/find", {**csrf, "q": next(names)}, 200), self._bare_list)

    def searches(self) -> Iterator[tuple[str, Sequence[float]]]:
        """Each way of finding a household, in seconds, without its page."""
        told = self._some_households()
        ways: dict[str, Callable[[NewHousehold, str], str]] = {
            "number": lambda _told, number: number,
            "name": lambda one, _number: one.head.name,
            "one part of a name": lambda one, _number: one.head.given,
            "a name in Arabic letters": lambda _told, _number: "محمد أمينا",
            "phone": lambda one, _number: one.phones[0],
            "document": lambda one, _number: one.head.documents[0].number,
        }
        for name, asked in ways.items():
            yield name, [self._find(asked(one, number)) for number, one in told]

    def _find(self, text: str) -> float:
        begun = time.perf_counter()
        with self._records.read() as reading:
            find(reading, text, ListingArgs(sort="likeness", size=50), country="KE")
        return time.perf_counter() - begun

    def _some_households(self) -> list[tuple[str, NewHousehold]]:
        with self._records.read() as reading:
            count = reading.session.execute(sa.select(sa.func.count()).select_from(Household)).scalar_one()
            step = max(1, count // _SAMPLE)
            ids = reading.session.exec(select(Household.id).where(Household.source_key.is_not(None)).order_by(Household.number)).all()[
                ::step
            ]  # type: ignore[union-attr]
            return [(one.number, one.told) for one in open_households(reading, ids).values()]

    def _names(self) -> list[str]:
        told = self._some_households()
        return [told[place % len(told)][1].head.name for place in range(ROUNDS + _WARM)]

    def _list(self) -> int:
        answer = self._visitor.client.get("/households", headers=_ASKED)
        assert answer.status_code == HTTPStatus.OK
        return len(answer.data)

    def _send(self, url: str, fields: dict[str, str], status: int) -> int:
        answer = self._visitor.client.post(url, data=fields, headers=_ASKED)
        assert answer.status_code == status, answer.status
        return len(answer.data) if status == HTTPStatus.OK else 0

    def _bare_list(self) -> int:
        answer = self._bare.get("/", headers=_ASKED)
        assert answer.text.count("<tr>") == ROWS_SHOWN + 1
        return len(answer.data)

    def _sent_bare(self, fields: dict[str, str]) -> int:
        answer = self._bare.post("/", data=fields, headers=_ASKED)
        assert answer.status_code == HTTPStatus.FOUND
        return len(answer.data)

    def _household(self, site: str) -> dict[str, str]:
        """Every field of the form as a browser sends it: five people, each asked the six questions."""
        name, family = _new_name(self._chance), _new_name(self._chance)
        place = next(self._places)
        head = {"given": name, "family": family, "latin": "", "sex": "female", "told": "year", "born": str(1950 + place % 50)}
        fields = {"site": site, "group": "displaced", "shelter": "B 7-12", "phone": f"+999 56{place:07}", "document": f"ZZ-{place}"}
        fields |= {f"head-{field}": value for field, value in head.items()} | self._six("head")
        for line in range(4):
            own = {"line": "", "name": f"{_new_name(self._chance)} {family}", "born": str(2008 + line), "sex": "male", "relation": "child"}
            fields |= {f"members-{line}-{field}": value for field, value in own.items()} | self._six(f"members-{line}")
        collectors = {"recipient": "0", "alternate": "1", "alternate_name": ""}
        return {**fields, **collectors, "consent_language": "en", "consent": "agrees", "then": "next"}

    def _six(self, person: str) -> dict[str, str]:
        return {f"{person}-six-{activity}": self._chance.choice(("none", "some")) for activity in Activity}

    @staticmethod
    def _turns(ours: Callable[[], int], bare: Callable[[], int]) -> Turns:
        mine, least, size = list[Took](), list[Took](), 0
        for turn in range(ROUNDS + _WARM):
            took, sent = _timed(ours)
            beside, _sent = _timed(bare)
            if turn >= _WARM:
                mine.append(took)
                least.append(beside)
                size = max(size, sent)
        return Turns(mine, least, size)


def _timed(page: Callable[[], int]) -> tuple[Took, int]:
    processor, clock = time.process_time(), time.perf_counter()
    sent = page()
    return Took(time.process_time() - processor, time.perf_counter() - clock), sent


def _new_name(chance: random.Random) -> str:
    """A name that looks like nobody's, so that no question is asked before the household is saved."""
    return "".join(chance.choice("bcdfgklmnprstvz") + chance.choice("aeiou") for _ in range(6)).title()
