"""The room in this process: locked, or open for those who opened it, for at most fifteen idle minutes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Lock, RLock
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from cbi.clock import Clock
from cbi.errors import NotThere, UnsafeSettings
from cbi.protection.facts import RoomLocked
from cbi.protection.keys import Cost, NoKeyring, RoomKeys, keyring_of
from cbi.protection.snapshot import Office
from cbi.settings import Settings
from cbi.store import chain
from cbi.store.engines import checkpoint_wal, connect
from cbi.store.folders import room_folder
from cbi.store.ids import Ids
from cbi.store.migrate import is_current, upgrade
from cbi.store.records import Operation, Records, demo_only
from cbi.store.system import System
from cbi.store.work import Actor, Reading, Work, read_setting, write_setting

IDLE = timedelta(minutes=15)
# The public half of the letter box's present key, as the room itself knows it.
LETTER_BOX = "letter_box"


@dataclass
class Opened:
    """An open room: its keys, its records, the office as it was read, and who is inside since when."""

    keys: RoomKeys = field(repr=False)
    records: Records = field(repr=False)
    office: Office = field(repr=False)
    seen: dict[UUID, datetime] = field(default_factory=dict)


@dataclass
class Guest:
    """Somebody whose seat opens no letters: her own key, what her seat may know of the office, and since when she is here."""

    private: bytes = field(repr=False)
    office: Office = field(repr=False)
    seen: datetime


class Room:
    """One process's room. `locked` records work without keys: sign-in, refusals, purges by age.

    cost: of a guess at passphrases that are set from now on.
    """

    def __init__(self, settings: Settings, engine: sa.Engine, *, operation: Operation, clock: Clock, ids: Ids, folder: Path) -> None:
        self.settings = settings
        self.operation = operation
        self.clock = clock
        self.locked = Records("protection", engine, keyring=NoKeyring(), clock=clock, ids=ids, operation=operation, folder=folder)
        self._opened: Opened | None = None
        self._guests: dict[UUID, Guest] = {}
        self._guard = RLock()
        self.closing = Event()
        self.opening = Lock()
        self.cost = Cost()

    @property
    def engine(self) -> sa.Engine:
        """The room's own database."""
        return self.locked.engine

    def enter(self, officer_id: UUID, keys: RoomKeys, office: Office) -> None:
        """An officer opened the room: keep the keys in memory and note that she is inside."""
        with self._guard:
            seen = {} if self._opened is None else self._opened.seen
            self._opened = Opened(keys, self.records_with(keys), office, {**seen, officer_id: self.clock.now()})

    def records_with(self, keys: RoomKeys) -> Records:
        """The room's records, readable with these keys."""
        base = self.locked
        return Records(
            "protection",
            base.engine,
            keyring=keyring_of(keys),
            clock=base.clock,
            ids=base.ids,
            operation=base.operation,
            folder=base.folder,
        )

    def admit(self, officer_id: UUID, private: bytes, office: Office) -> None:
        """Somebody whose seat opens no letters came in."""
        with self._guard:
            self._guests[officer_id] = Guest(private, office, self.clock.now())

    def guest(self, officer_id: UUID) -> Guest:
        """What the seat of this guest opens. Raises NotThere when she is none."""
        with self._guard:
            if officer_id not in self._guests:
                raise NotThere
            return self._guests[officer_id]

    def office_for(self, officer_id: UUID) -> Office:
        """The office as this person's seat may know it. Raises NotThere when she is not inside."""
        with self._guard:
            return self._guests[officer_id].office if officer_id in self._guests else self.office

    def is_inside(self, officer_id: UUID) -> bool:
        """Whether this person came in and was not idle since."""
        with self._guard:
            self.lock_idle()
            return self._seen_at(officer_id) is not None

    def touch(self, officer_id: UUID) -> None:
        """She did something: her fifteen minutes begin again."""
        with self._guard:
            if officer_id in self._guests:
                self._guests[officer_id].seen = self.clock.now()
            elif self._seen_at(officer_id) is not None:
                self._need().seen[officer_id] = self.clock.now()

    def minutes_left(self, officer_id: UUID) -> int:
        """How long the room stays open for her, in whole minutes, never less than one while it is."""
        with self._guard:
            since = self._seen_at(officer_id)
            return 0 if since is None else max(1, int((since + IDLE - self.clock.now()).total_seconds()) // 60)

    def leave(self, officer_id: UUID) -> None:
        """Lock the room for one officer; the keys are dropped with the last one."""
        with self._guard:
            if self._seen_at(officer_id) is None:
                return
            if self._guests.pop(officer_id, None) is None:
                del self._need().seen[officer_id]
            self._drop_if_empty()
        with self.locked.work(Actor(officer_id)) as work:
            work.remember(RoomLocked(officer_id=officer_id))

    def lock_idle(self) -> None:
        """Lock the room for everybody who was idle for fifteen minutes."""
        with self._guard:
            limit = self.clock.now() - IDLE
            seen = {**(self._opened.seen if self._opened else {}), **{one: guest.seen for one, guest in self._guests.items()}}
            idle = [officer_id for officer_id, since in seen.items() if since < limit]
        for officer_id in idle:
            self.leave(officer_id)

    def lock_all(self) -> None:
        """Drop the keys whoever is inside: after they changed, or when the process ends."""
        with self._guard:
            self._guests.clear()
            if self._opened is not None:
                self._opened.seen.clear()
                self._drop_if_empty()

    def lock_outdated(self, reading: Reading) -> None:
        """Lock it for everybody when another process gave the room new keys, a command for example: those in memory open nothing any more."""
        with self._guard:
            current = read_setting(reading.session, reading.system, LETTER_BOX)
            if current is not None and self._opened is not None and current != self._opened.keys.intake_public.hex():
                self.lock_all()

    def refresh(self, office: Office) -> None:
        """Put a newer reading of the office in place of the old one."""
        with self._guard:
            self._need().office = office

    @property
    def is_open(self) -> bool:
        """Whether the keys are in memory."""
        return self._opened is not None

    @property
    def keys(self) -> RoomKeys:
        """The room's keys. Raises NotThere while it is locked."""
        return self._need().keys

    @property
    def records(self) -> Records:
        """The room's records. Raises NotThere while it is locked."""
        return self._need().records

    @property
    def office(self) -> Office:
        """The office as it was read. Raises NotThere while the room is locked."""
        return self._need().office

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """A consistent look at the open room."""
        with self.records.read() as reading:
            yield reading

    def work(self, officer_id: UUID) -> Work:
        """A change in the open room by this officer."""
        return self.records.work(Actor(officer_id))

    def settle(self) -> None:
        """After something was deleted: let it leave the disk as well."""
        checkpoint_wal(self.engine)

    def locked_verdict(self, against: tuple[int, bytes] | None = None) -> chain.Verdict:
        """Read the room's chain again. While the room is locked the hashes are read, not the signatures: their key is inside."""
        with Session(self.engine) as session:
            seed = self._opened.keys.signing if self._opened else None
            return chain.verify(session, self.locked.system, seed=seed, against=against)

    def close(self) -> None:
        """Let go of keys and connections."""
        self.closing.set()
        self.lock_all()
        self.locked.close()

    def _seen_at(self, officer_id: UUID) -> datetime | None:
        if officer_id in self._guests:
            return self._guests[officer_id].seen
        return self._opened.seen.get(officer_id) if self._opened else None

    def _need(self) -> Opened:
        if self._opened is None:
            raise NotThere
        return self._opened

    def _drop_if_empty(self) -> None:
        if self._opened is not None and not self._opened.seen:
            self._opened = None


def found(settings: Settings, operation: Operation) -> Room:
    """Make an empty room: folder, database, the operation's name. Raises UnsafeSettings when one is there already."""
    engine = connect(settings.url("protection"), kept=room_folder(settings))
    upgrade(engine, "protection")
    system = System("protection")
    with Session(engine.execution_options(writing=True)) as session:
        if read_setting(session, system, "operation"):
            raise UnsafeSettings(f"choose an empty data folder: {settings.folder('protection')} already holds a room")
        write_setting(session, system, "operation", {**operation.__dict__, "id": str(operation.id)})
        session.commit()
    engine.dispose()
    return open_room(settings)


def open_room(settings: Settings) -> Room:
    """Open the room's database; the room itself stays locked. Raises UnsafeSettings when there is none."""
    folder = settings.folder("protection")
    if settings.protection_url is None and not (folder.exists() and (room_folder(settings) / "protection.db").exists()):
        raise UnsafeSettings(f"make the room first with `cbi room init`: there is none in {settings.data}")
    engine = connect(settings.url("protection"), kept=room_folder(settings))
    if not is_current(engine, "protection"):
        upgrade(engine, "protection")
    with Session(engine) as session:
        kept = read_setting(session, System("protection"), "operation")
    if kept is None:
        engine.dispose()
        raise UnsafeSettings("make the room first with `cbi room init`: this database holds none")
    operation = Operation(**{**kept, "id": UUID(kept["id"])})
    clock, ids = demo_only(settings, folder, demo=operation.demo)
    return Room(settings, engine, operation=operation, clock=clock, ids=ids, folder=folder)
