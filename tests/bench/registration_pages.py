"""The pages of registration over an office of any size, each beside a bare Flask page that does the least of the same kind."""

from __future__ import annotations

import gzip
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask, request
from sqlmodel import select

from cbi.access import Role
from cbi.people.registered import open_households
from cbi.people.search import find
from cbi.people.tables import Household
from cbi.people.values import NewHousehold
from cbi.sites.tables import Site
from cbi.store.engines import connect
from cbi.store.records import Records
from cbi.web.listing import ListingArgs
from tests import make

ROUNDS, _WARM = 60, 5
_SAMPLE = 40


@dataclass(frozen=True)
class Turns:
    """How long each of two pages took, in seconds, taken in turns so that both meet the same machine. size: bytes of ours as sent, packed."""

    ours: Sequence[float]
    bare: Sequence[float]
    size: int = 0

    @property
    def times(self) -> float:
        """Our 95th percentile against that of the bare page."""
        return p95(self.ours) / p95(self.bare)


def p95(seconds: Sequence[float]) -> float:
    """The time within which nineteen of twenty answers came."""
    return statistics.quantiles(seconds, n=20)[-1]


def bare_app(path: Path) -> Flask:
    """A Flask application of two pages over SQLite as ours is set up: one selects fifty rows and shows them, one commits a row."""
    engine, app = connect(f"sqlite:///{path}"), Flask("bare")
    table = sa.Table("line", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.String(80)))
    table.metadata.create_all(engine)
    with engine.execution_options(writing=True).begin() as connection:
        connection.execute(sa.insert(table), [{"text": f"line {number}"} for number in range(10_000)])

    @app.get("/")
    def fifty() -> str:
        with engine.connect() as connection:
            rows = connection.execute(sa.select(table).order_by(table.c.id).limit(50)).all()
        return "<table>" + "".join(f"<tr><td>{row.id}</td><td>{row.text}</td></tr>" for row in rows) + "</table>"

    @app.post("/")
    def one() -> str:
        with engine.execution_options(writing=True).begin() as connection:
            connection.execute(sa.insert(table), {"text": request.form["text"]})
        return "saved"

    return app


class Pages:
    """A registrar's browser over an office, beside the bare pages."""

    def __init__(self, records: Records, folder: Path) -> None:
        self._records = records
        self._visitor = make.Visitor(make.app_of(records), records, make.staff(records, Role.REGISTRAR))
        self._bare = bare_app(folder / "bare-pages.db").test_client()
        self._chance = random.Random(7)

    def register(self) -> Turns:
        """One household of five people: checked, looked for among those registered, sealed, indexed, audited, committed."""
        form = make.hidden_fields(self._visitor.see("/households/new"), "/households/new")
        with self._records.read() as reading:
            site = str(reading.session.exec(select(Site.id).order_by(Site.code)).first())

        def ours() -> int:
            fields = {**form, **self._household(site), "client_key": str(uuid4())}
            answer = self._visitor.client.post("/households/new", data=fields, headers={"Origin": "http://localhost"})
            assert answer.status_code == 302, answer.text[:3000]
            return 0

        return self._turns(ours, lambda: self._bare.post("/", data={"text": "line"}))

    def listed(self) -> Turns:
        """The list of households, fifty on a page."""
        return self._turns(lambda: self._size("/households?size=50"), lambda: self._bare.get("/"))

    def searched(self) -> Turns:
        """The page that finds a name."""
        csrf = make.hidden_fields(self._visitor.see("/households/find"), "/households/find")
        names = iter(self._names())

        def ours() -> int:
            fields = {**csrf, "q": next(names)}
            answer = self._visitor.client.post("/households/find", data=fields, headers={"Origin": "http://localhost"})
            assert answer.status_code == 200
            return len(gzip.compress(answer.data))

        return self._turns(ours, lambda: self._bare.get("/"))

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

    def _size(self, url: str) -> int:
        answer = self._visitor.client.get(url)
        assert answer.status_code == 200
        return len(gzip.compress(answer.data))

    def _household(self, site: str) -> dict[str, str]:
        name, family = _new_name(self._chance), _new_name(self._chance)
        place = self._chance.randrange(10_000_000)
        head = {"head-given": name, "head-family": family, "head-sex": "female", "head-told": "year", "head-born": str(1950 + place % 50)}
        fields = {"site": site, "group": "displaced", "phone": f"+999 56{place:07}", "document": f"ZZ-{place}", "consent": "agrees", **head}
        for line in range(4):
            own = {"name": f"{_new_name(self._chance)} {family}", "born": str(2008 + line), "sex": "male", "relation": "child"}
            fields |= {f"members-{line}-{field}": value for field, value in own.items()}
        return {**fields, "recipient": "0", "alternate": "", "consent_language": "en", "then": "next"}

    @staticmethod
    def _turns(ours: Callable[[], int], bare: Callable[[], object]) -> Turns:
        mine, least, size = list[float](), list[float](), 0
        for turn in range(ROUNDS + _WARM):
            begun = time.perf_counter()
            size = max(size, ours())
            between = time.perf_counter()
            bare()
            if turn >= _WARM:
                mine.append(between - begun)
                least.append(time.perf_counter() - between)
        return Turns(mine, least, size)


def _new_name(chance: random.Random) -> str:
    """A name that looks like nobody's, so that no question is asked before the household is saved."""
    return "".join(chance.choice("bcdfgklmnprstvz") + chance.choice("aeiou") for _ in range(6)).title()
