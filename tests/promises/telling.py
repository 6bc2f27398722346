"""Everything an office tells anybody, to the byte: answers with what is made once masked, what it keeps, and what it writes into its log.

Masked with its length kept: CSRF tokens, the session's id, the nonce of a content policy, Date and the value of Set-Cookie. Nothing else.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from uuid import UUID

import structlog
from flask.testing import FlaskClient
from sqlmodel import select
from werkzeug.test import TestResponse

from cbi.store.bases import OfficeBase
from tests.promises.walking import shape_of, walk
from tests.promises.worlds import FORM_WORDS, World

MOST_MASKED = Fraction(5, 1000)
NOBODY = "nobody"
# Of a token made of words that every world shares, only the time and the signature are new.
_SHARED = re.escape(b64encode(json.dumps(FORM_WORDS).encode()).rstrip(b"="))
_TOKEN = re.compile(rb'((?:name="csrf_token"[^>]*value|name="csrf-token"[^>]*content)="(?:' + _SHARED + rb'\.)?)([^"]+)')
_NONCE = re.compile(rb"""(nonce[-=]["']?)([\w+/=-]{8,})""")
_COOKIE = re.compile(rb"^(Set-Cookie: [^=]+=)([^;]+)", re.MULTILINE)
_DATE = re.compile(rb"^(Date: )(.+)$", re.MULTILINE)
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_UNKNOWN = "0d0d0d0d-0d0d-4d0d-8d0d-0d0d0d0d0d0d"
# What cannot be the same and is on no page: ids the database draws for ledger lines, wishes on their way (a door gives them the id of
# whatever form they were written on), and browsers' sessions.
_DRAWN = {"ledgerentry": {"id"}, "ledgersum": {"id"}, "arrangementrequest": {"id"}, "answered_form": {"key"}}
_NUMBERS = frozenset({"position", "seq"})
_NOT_KEPT = frozenset({"web_session"})


@dataclass(frozen=True)
class Told:
    """One answer, masked. masked: how many of its bytes."""

    content: bytes
    masked: int

    @classmethod
    def by(cls, answer: TestResponse) -> Told:
        """All of an answer: status, headers in their order, body."""
        headers = "".join(f"{name}: {value}\n" for name, value in answer.headers)
        head, in_head = _masked(f"{answer.status}\n{headers}".encode(), (_COOKIE, _DATE, _NONCE))
        content = answer.get_data()
        answer.close()
        body, in_body = _masked(content, (_TOKEN, _NONCE)) if answer.mimetype == "text/html" else (content, 0)
        return cls(head + b"\n" + body, in_head + in_body)


Address = tuple[str, str]
"""Who asks, and for what."""


@dataclass
class Compared:
    """What comparing two worlds came to, over as many looks as one likes. pairs: answers that were laid side by side."""

    pairs: int = 0
    bytes_told: int = 0
    bytes_masked: int = 0
    differing: list[str] = field(default_factory=list)
    addresses: set[Address] = field(default_factory=set)

    def add(self, left: Mapping[Address, Told], right: Mapping[Address, Told]) -> None:
        """Lay two worlds' answers side by side."""
        for address in sorted(left.keys() | right.keys()):
            one, other = left.get(address), right.get(address)
            self.addresses.add(address)
            self.pairs += 1
            if one is None or other is None or one.content != other.content:
                self.differing.append(f"{address[0]} {address[1]}: {_where(one, other)}")
            for told in (one, other):
                self.bytes_told += len(told.content) if told else 0
                self.bytes_masked += told.masked if told else 0

    def same(self, what: str, left: object, right: object) -> None:
        """Compare something else that an office keeps or says."""
        if left != right:
            self.differing.append(f"{what}: {_first_difference(left, right)}")

    @property
    def share_masked(self) -> Fraction:
        """Which part of everything told was masked."""
        return Fraction(self.bytes_masked, max(1, self.bytes_told))

    def holds(self) -> None:
        """Say what differs, if anything does; and that not too much was left out of the comparison."""
        assert self.differing == []
        assert self.share_masked <= MOST_MASKED, f"{float(self.share_masked):.4f} of {self.bytes_told} bytes is masked"


def everything(world: World, *, each: int = 1, seats: Iterable[str] = ()) -> dict[Address, Told]:
    """Every route of the url map as every seat: what it may open by walking, and what it may not, or is not there, by asking for it.

    seats: only these; none for all of them and nobody.
    """
    told: dict[Address, Told] = {}
    known: dict[str, str] = {}
    asking = tuple(seats) or (*world.known.seats, NOBODY)
    for seat in asking:
        client = world.app.test_client() if seat == NOBODY else client_of(world, seat)
        for url, answer in walk(world.app, client, each=each).items():
            told[seat, url] = Told.by(answer)
            known.setdefault(endpoint_of(world, url), url)
    for seat in asking:
        client = client_of(world, seat)
        for url in _asked_besides([*known.values(), *_filled(world, known)]):
            if (seat, url) not in told:
                told[seat, url] = Told.by(client.get(url))
    told |= {(NOBODY, url): Told.by(client_of(world, NOBODY).get(url)) for url in _files(world)}
    return told


def some(world: World, addresses: Iterable[Address]) -> dict[Address, Told]:
    """What these seats are told at these addresses."""
    return {(seat, url): Told.by(client_of(world, seat).get(url)) for seat, url in addresses}


def client_of(world: World, seat: str) -> FlaskClient:
    """The browser of a seat, or of somebody who was here before and did not sign in."""
    return world.visitor(seat).client


def endpoint_of(world: World, url: str) -> str:
    """The route an address belongs to."""
    shape = shape_of(world.app, url)
    return shape[0] if shape else ""


def kept_by(world: World) -> dict[str, list[str]]:
    """Every row of the office's database, by table; of what is sealed or drawn at random its length only."""
    found = {}
    with world.records.read() as reading:
        for table in sorted(OfficeBase.metadata.tables.values(), key=lambda one: one.name):
            if table.name in _NOT_KEPT:
                continue
            columns = [column for column in table.columns if column.name not in _DRAWN.get(table.name, ())]
            rows = reading.session.connection().execute(select(*columns))
            found[table.name] = sorted(repr([_plain(value) for value in row]) for row in rows)
    return found


def files_of(world: World) -> list[tuple[str, int]]:
    """Every file of the office but its database, with its size."""
    folder = world.records.folder
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("office.db"))
    return [(path.relative_to(folder).as_posix(), path.stat().st_size) for path in paths]


@contextmanager
def logged() -> Iterator[list[str]]:
    """The lines the office writes into its log meanwhile."""
    lines: list[str] = []
    with structlog.testing.capture_logs() as captured:
        yield lines
    lines += [repr(sorted(line.items())) for line in captured]


def _plain(value: object) -> object:
    return f"{len(value)} bytes" if isinstance(value, bytes) else value


def _masked(content: bytes, once: Iterable[re.Pattern[bytes]]) -> tuple[bytes, int]:
    count = 0
    for pattern in once:
        for found in pattern.finditer(content):
            count += len(found[2])
        content = pattern.sub(lambda found: found[1] + b"x" * len(found[2]), content)
    return content, count


def _asked_besides(known: Iterable[str]) -> Iterator[str]:
    """The same addresses for whoever may not open them, and those of things that never were."""
    for url in sorted(known):
        yield url
        if _ID.search(url):
            yield _ID.sub(_UNKNOWN, url)


def _filled(world: World, known: Mapping[str, str]) -> list[str]:
    """An address of every route nobody came to by walking, with ids of things that are there."""
    adapter = world.app.url_map.bind("localhost")
    values: dict[str, object] = {}
    for url in known.values():
        values = {**adapter.match(url.split("?")[0], "GET")[1], **values}
    rules = [rule for rule in world.app.url_map.iter_rules() if "GET" in (rule.methods or ()) and rule.endpoint not in known]
    filled = {
        name: values.get(name, UUID(_UNKNOWN) if name.endswith("_id") else 1 if name in _NUMBERS else "x")
        for rule in rules
        for name in rule.arguments
    }
    return [adapter.build(rule.endpoint, {name: filled[name] for name in rule.arguments}) for rule in rules]


def _files(world: World) -> list[str]:
    folder = Path(world.app.static_folder or "")
    return [f"/static/{path.relative_to(folder).as_posix()}" for path in sorted(folder.rglob("*")) if path.is_file()]


def _where(one: Told | None, other: Told | None) -> str:
    return "only one of the two can open it" if one is None or other is None else _first_difference(one.content, other.content)


def _first_difference(left: object, right: object) -> str:
    one, other = (side if isinstance(side, bytes) else repr(side).encode() for side in (left, right))
    place = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"at {place}: {one[max(0, place - 60) : place + 60]!r} and {other[max(0, place - 60) : place + 60]!r}"
