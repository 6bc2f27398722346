"""The room's application: its own process, database, templates and words. Whoever is not inside has no person behind the session."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from threading import Event, Thread
from uuid import UUID

import structlog
from flask import Flask

from cbi.access import Permission, rights_of
from cbi.protection import office, views
from cbi.protection.purge import purge
from cbi.protection.room import Room, found, open_room
from cbi.protection.tables import Officer
from cbi.settings import Settings
from cbi.store.chain import Verdict
from cbi.store.sessions import Shelf
from cbi.web.house import House, Person, Section
from cbi.web.words import _l, _n

_EVERY_SECONDS = 20.0
_PURGE_EVERY = 180  # ticks: once an hour

SECTIONS = (
    Section(Permission.ROOM_HOME, _l("Today"), "protection.today"),
    Section(Permission.LETTER_OPEN, _l("Letters"), "protection.letters"),
    Section(Permission.LETTER_OPEN, _l("Cases"), "protection.cases_page"),
    Section(Permission.ROOM_HOME, _l("Services"), "protection.services"),
    Section(Permission.NOTICE_WRITE, _l("Notice"), "protection.notice"),
    Section(Permission.INSTRUMENT_READ, _l("Questions"), "protection.instruments_page"),
    Section(Permission.OFFICERS_KEEP, _l("Officers"), "protection.officers_page"),
    Section(Permission.ROOM_LOG_READ, _l("Log"), "protection.log"),
)


def build(settings: Settings, bare_app: Callable[..., Flask]) -> Flask:
    """The application of the room, locked. bare_app: what both worlds share. Raises UnsafeSettings when there is no room."""
    room = open_room(settings)
    mine = House(
        settings=settings,
        world="protection",
        clock=room.clock,
        operation=room.operation,
        shelf=Shelf(room.engine, room.locked.system, room.clock),
        find_person=lambda person_id: find_person(room, person_id),
        sign_in_endpoint="protection.sign_in",
        sections=SECTIONS,
        home_endpoint="protection.today",
        locks_in=lambda person: _locks_in(room, person),
    )
    # The room keeps no key at rest, not even for forms: after a restart everybody signs in again anyway.
    app = bare_app(mine, secret=secrets.token_bytes(32))
    app.extensions["cbi.room"] = room
    app.register_blueprint(views.blueprint)
    Watch(room, mine.shelf).start()
    return app


def find_person(room: Room, person_id: UUID) -> Person | None:
    """The officer behind a session; None when she left, or when the room locked for her. Being found keeps it open for her."""
    with room.locked.read() as reading:
        officer = reading.session.get(Officer, person_id)
        room.lock_outdated(reading)
    if officer is None or officer.left_on is not None:
        return None
    if not room.is_inside(person_id):
        return None
    room.touch(person_id)
    return Person(officer.id, officer.name, frozenset({officer.role}), rights_of([officer.role]), officer.language)


def found_empty_room(settings: Settings) -> None:
    """A room without people and keys: enough to look at its routes."""
    found(settings, office.operation_of(settings)).close()


def verify_chain(settings: Settings, against: tuple[int, bytes] | None = None) -> Verdict:
    """Read the room's chain again, without opening the room."""
    room = open_room(settings)
    try:
        return room.locked_verdict(against)
    finally:
        room.close()


class Watch:
    """Locks an idle room although nobody asks for a page, and forgets on time although nobody opens it."""

    def __init__(self, room: Room, shelf: Shelf) -> None:
        self._room = room
        self._shelf = shelf
        self._stop: Event = room.closing

    def start(self) -> None:
        """Watch from now on, until the room is closed."""
        Thread(target=self.run, name="room watch", daemon=True).start()

    def run(self) -> None:
        """The loop."""
        ticks = 0
        while not self._stop.wait(_EVERY_SECONDS):
            ticks += 1
            self.tick(hour=ticks % _PURGE_EVERY == 1)

    def tick(self, *, hour: bool) -> None:
        """What is due now."""
        try:
            self._room.lock_idle()
            if hour:
                purge(self._room)
                self._shelf.sweep()
        except Exception as problem:  # noqa: BLE001 -- the worker loop: a failed turn must not end the watch
            structlog.get_logger().error("watch", problem=type(problem).__name__)


def _locks_in(room: Room, person: Person) -> str:
    left = room.minutes_left(person.id)
    return _n("Open, locks in %(num)d min", "Open, locks in %(num)d min", left) if left else ""
