"""One world's records room, opened: its engine, vault, clock and ids behind two doors, `read` and `work`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from sqlmodel import Session

from cbi.clock import Clock
from cbi.errors import UnsafeSettings
from cbi.paths import private_folder
from cbi.settings import Settings, World
from cbi.store import chain
from cbi.store.engines import connect
from cbi.store.folders import office_folder, reads_as_the_room, share_records
from cbi.store.ids import Ids
from cbi.store.keys import Keyring, office_keyring
from cbi.store.migrate import is_current, upgrade
from cbi.store.sealed import Vault
from cbi.store.system import System
from cbi.store.watched import OneConnection, WatchedSession
from cbi.store.work import Actor, Reading, Work, read_setting, write_setting


@dataclass(frozen=True)
class Operation:
    """The country office everything belongs to. currency: the usual one; zone: the office's time zone by name."""

    id: UUID
    name: str
    code: str
    country: str
    zone: str
    currency: str
    demo: bool = False


class Records:
    """An opened records room. `read()` for pages that only look, `work(actor)` for changes."""

    def __init__(
        self, world: World, engine: sa.Engine, *, keyring: Keyring, clock: Clock, ids: Ids, operation: Operation, folder: Path
    ) -> None:
        self.world = world
        self.engine = engine
        self.keyring = keyring
        self.clock = clock
        self.ids = ids
        self.operation = operation
        self.folder = folder
        self.system = System(world)
        self._writing = engine.execution_options(writing=True)

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """A consistent look; nothing is committed."""
        # Keys are fetched anew for every look: one kept in memory would outlive its subject's erasure, by this process or another.
        vault = Vault(self.keyring, self.system.subject_key)
        with OneConnection(self.engine, expire_on_commit=False) as session:
            yield Reading(session, vault, self.system, now=self.clock.now(), zone=self.operation.zone, operation_id=self.operation.id)

    def work(self, actor: Actor) -> Work:
        """A unit of work by this actor; use it with `with`."""
        session = WatchedSession(self._writing, expire_on_commit=False)
        vault, of = Vault(self.keyring, self.system.subject_key), self.operation
        return Work(session, vault, self.system, clock=self.clock, zone=of.zone, operation_id=of.id, actor=actor, ids=self.ids)

    def sign_checkpoint(self) -> tuple[int, bytes]:
        """Sign where the chain stands; returns (seq, hash)."""
        with Session(self._writing) as session:
            mark = chain.sign(session, self.system, seed=self.keyring.signing_seed, at=self.clock.now())
            found = (mark.seq, mark.hash)
            session.commit()
        return found

    def verify_chain(self, against: tuple[int, bytes] | None = None) -> chain.Verdict:
        """Read the whole chain again."""
        with Session(self.engine) as session:
            return chain.verify(session, self.system, seed=self.keyring.signing_seed, against=against)

    def private(self, name: str) -> Path:
        """A private folder of this world, made if need be."""
        return private_folder(self.folder / name)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def found_office(settings: Settings, operation: Operation) -> Records:
    """Make a new office: folder, key, database, operation. Raises UnsafeSettings when one is already there."""
    folder = office_folder(settings)
    keyring = office_keyring(settings, make=True)
    engine = connect(settings.url("office"), kept=folder)
    upgrade(engine, "office", keyring=keyring)
    system = System("office")
    with Session(engine.execution_options(writing=True)) as session:
        if read_setting(session, system, "operation"):
            raise UnsafeSettings(f"choose an empty data folder: {folder} already holds an operation")
        write_setting(session, system, "operation", {**operation.__dict__, "id": str(operation.id)})
        write_setting(session, system, "key_check", keyring.search.hex()[:16])
        session.commit()
    engine.dispose()
    return open_office(settings)


def open_office(settings: Settings) -> Records:
    """Open the office. Raises UnsafeSettings, in one sentence, when it is not there, not current, or not safe to open."""
    folder = settings.folder("office")
    if settings.database_url is None and not (folder.exists() and (office_folder(settings) / "office.db").exists()):
        raise UnsafeSettings(f"make an operation first with `cbi init` or `cbi demo`: there is none in {settings.data}")
    office_folder(settings)
    keyring = office_keyring(settings)
    engine = connect(settings.url("office"), kept=folder)
    if not is_current(engine, "office"):
        _refuse_upgrading(settings)
        upgrade(engine, "office", keyring=keyring)
    share_records(settings)
    operation = _operation(engine, keyring)
    clock, ids = demo_only(settings, folder, demo=operation.demo)
    return Records("office", engine, keyring=keyring, clock=clock, ids=ids, operation=operation, folder=folder)


def _refuse_upgrading(settings: Settings) -> None:
    if reads_as_the_room(settings):
        raise UnsafeSettings("start the office first: its records are of an older version, and it alone brings them up to this one")


def demo_only(settings: Settings, folder: Path, *, demo: bool) -> tuple[Clock, Ids]:
    """The clock and ids of a world; CBI_CLOCK and CBI_SEED are refused outside an example operation."""
    if not demo and (settings.clock is not None or settings.seed is not None):
        raise UnsafeSettings("take CBI_CLOCK and CBI_SEED away: they work only in an example operation made by `cbi demo` or `cbi sample`")
    start: datetime | None = settings.clock
    return Clock(start), Ids(settings.seed, folder=folder if settings.seed is not None else None)


def _operation(engine: sa.Engine, keyring: Keyring) -> Operation:
    system = System("office")
    with Session(engine) as session:
        kept = read_setting(session, system, "operation")
        check = read_setting(session, system, "key_check")
    if kept is None:
        raise UnsafeSettings("make an operation first with `cbi init` or `cbi demo`: this database holds none")
    if check != keyring.search.hex()[:16]:
        raise UnsafeSettings("give the key this office was made with: the present one opens none of its records")
    try:
        ZoneInfo(kept["zone"])
    except (ZoneInfoNotFoundError, ValueError) as problem:
        raise UnsafeSettings("set the office's time zone by its name, for example Africa/Nairobi") from problem
    return Operation(**{**kept, "id": UUID(kept["id"])})
