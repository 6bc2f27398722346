"""Worlds that begin the same: forks of one office by copying its data folder, each with its room and a clock moved by hand.

What the office is asked it is asked in every world; what happens in the room is each world's own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha1
from pathlib import Path
from uuid import UUID, uuid4

import pyotp
from flask import Flask

from cbi.app import create_app
from cbi.clock import Clock
from cbi.protection import unlock
from cbi.protection.room import Room, open_room
from cbi.settings import Settings
from cbi.store.records import Records, open_office
from cbi.store.sessions import Held, Shelf
from tests import make
from tests.make_room import CHEAP
from tests.promises.small_office import BEGIN, Insider, Known

SEED = 7
FORM_WORDS = sha1(b"the words a form token is made of").hexdigest()


@dataclass
class Hands:
    """Where the hands of a world's clock stand: nothing but a test moves them, so that no page differs by a second."""

    at: datetime

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self.at += by


@dataclass(frozen=True)
class StoppedClock(Clock):
    """A clock that shows where its hands were put."""

    hands: Hands = field(default_factory=lambda: Hands(BEGIN))

    def now(self) -> datetime:
        """The present instant of this world."""
        return self.hands.at


@dataclass
class World:
    """One office and its room."""

    folder: Path
    known: Known
    hands: Hands
    records: Records
    app: Flask
    room: Room
    _visitors: dict[str, tuple[datetime, make.Visitor]] = field(default_factory=dict)
    _turns: dict[str, int] = field(default_factory=dict)

    def visitor(self, seat: str) -> make.Visitor:
        """Somebody of the office, signed in; the same browser until it would have gone idle."""
        kept = self._visitors.get(seat)
        if kept is None or self.hands.at - kept[0] > timedelta(minutes=10):
            kept = (self.hands.at, signed_in(self, seat))
            self._visitors[seat] = kept
        return kept[1]

    def inside(self, who: str = "officer") -> UUID:
        """The officer of this seat, with the room open for her."""
        insider = self.known.insiders[who]
        self.told_the_time()
        if not self.room.is_inside(insider.id):
            unlock.sign_in(self.room, insider.name, insider.passphrase, self.code(insider))
        self.room.touch(insider.id)
        return insider.id

    def code(self, insider: Insider) -> str:
        """A code this officer has not used yet: each world's clock moves on by at least the half minute one is good for."""
        step = max(int(self.hands.at.timestamp()) // 30, self._turns.get(insider.name, 0) + 1)
        self._turns[insider.name] = step
        return pyotp.TOTP(insider.totp_secret).at(step * 30)

    def told_the_time(self) -> None:
        """The room opens the office with settings of its own: they say what time it is."""
        self.room.settings = self.room.settings.model_copy(update={"clock": self.hands.at})


def signed_in(world: World, seat: str) -> make.Visitor:
    """A new browser of this seat, or of nobody's, in a session whose form token is made of the same words in every world."""
    browser = make.Visitor(world.app, world.records, None)
    browser.person_id = world.known.seats.get(seat)
    token = f"{seat}-{uuid4().hex}"
    Shelf(world.records.engine, world.records.system, world.records.clock).keep(Held(token, browser.person_id, {"csrf_token": FORM_WORDS}))
    browser.client.set_cookie("cbi-office", token)
    return browser


@contextmanager
def opened(folder: Path, known: Known, *, at: datetime = BEGIN) -> Iterator[World]:
    """The world in this folder; its ids are repeatable, so that two copies that are asked the same do the same."""
    settings = Settings(data=folder, clock=at, seed=SEED)
    hands = Hands(at)
    with ExitStack() as stack:
        records = open_office(settings)
        stack.callback(records.close)
        records.clock = StoppedClock(at, hands=hands)
        app = create_app(settings, "office", records=records)
        app.testing = True
        room = open_room(settings)
        stack.callback(room.close)
        room.cost = CHEAP
        room.clock = room.locked.clock = records.clock
        yield World(folder, known, hands, records, app, room)


@contextmanager
def forked(template: Path, known: Known, into: Path, *, count: int = 2, at: datetime = BEGIN) -> Iterator[tuple[World, ...]]:
    """So many worlds that begin with the same bytes."""
    with ExitStack() as stack:
        worlds = []
        for number in range(count):
            folder = into / f"world-{number}"
            shutil.copytree(template, folder)
            worlds.append(stack.enter_context(opened(folder, known, at=at)))
        yield tuple(worlds)
