"""Database connections: SQLite set up so that nothing is lost or left behind, PostgreSQL as it comes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from cbi.paths import private_folder

# Nothing acknowledged is lost in a power cut, nothing deleted stays in a page, nothing spills into a temporary file.  The size of a page holds for a
# database made from now on: a hundred thousand rows are written a quarter faster than in pages of 4 KiB, and one household as fast.  One household
# is a megabyte of the log: copied back every sixteen megabytes, as SQLite would, one registration in fifteen would wait for it.
PRAGMAS = (
    "page_size=16384",
    "journal_mode=WAL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "synchronous=FULL",
    "temp_store=MEMORY",
    "cache_size=-32768",
    "wal_autocheckpoint=4096",
)

_MAPPED = 2**31 - 2**16  # bytes: the most that SQLite maps; what lies beyond in a file is copied

# PostgreSQL's own names: a unique value there already, no serial order, deadlock, lock not available.
_CLASHES = frozenset({"23505", "40001", "40P01", "55P03"})


def connect(url: str, *, kept: Path | None = None) -> sa.Engine:
    """An engine for one world's database; what it says of a failure names no value. A write unit asks for `writing` and takes SQLite's lock at once.

    kept: a folder whose permissions were seen to already; the database's own is closed to all others if it is another one.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, kept)
    return sa.create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True)


def _sqlite(url: sa.URL, kept: Path | None) -> sa.Engine:
    if url.database and Path(url.database).parent != kept:
        private_folder(Path(url.database).parent)
    engine = sa.create_engine(url, connect_args={"timeout": 30, "check_same_thread": False}, hide_parameters=True)
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    sa.event.listen(engine, "handle_error", _give_up_what_is_gone)
    return engine


def read_in_place(engine: sa.Engine) -> None:
    """Have SQLite look at its file where the system holds it in memory, instead of copying each page: for the process that draws pages (decision 0058).

    What is written goes to the file as before.
    """
    if engine.dialect.name == "sqlite" and not sa.event.contains(engine, "connect", _map):
        sa.event.listen(engine, "connect", _map)
        engine.dispose()  # so that every connection is one of these


def _map(connection: Any, _record: ConnectionPoolEntry) -> None:  # Any: as below
    connection.execute(f"PRAGMA mmap_size={_MAPPED}").close()


def _prepare(connection: Any, _record: ConnectionPoolEntry) -> None:  # Any: the driver's own connection
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    # A plain BEGIN loses concurrent read-modify-writes to "database is locked"; IMMEDIATE on reads lets one block everyone.
    if connection.get_execution_options().get("writing", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:  # told the driver itself: it waits for no lock and cannot clash, and every page begins three times
        connection.connection.cursor().execute("BEGIN")


def _give_up_what_is_gone(context: sa.ExceptionContext) -> None:
    """A full or failing disk makes SQLite itself take the whole transaction back, savepoints and all.

    What came next on that connection would count by itself, half of what was meant.  Given up as if it were cut off, it takes nothing more until
    the work is undone, and the error that goes on is this one, not that of a savepoint which is no longer there.
    """
    connection = context.connection
    if connection is None or connection.invalidated or not connection.in_transaction():
        return
    driver = connection.connection.dbapi_connection
    if driver is not None and not driver.in_transaction:
        context.is_disconnect = True
        context.invalidate_pool_on_disconnect = False


def is_clash(problem: DBAPIError) -> bool:
    """Whether somebody else got in first: the same unique value, a deadlock, or a lock that was not given in time."""
    told = str(problem.orig)
    return getattr(problem.orig, "sqlstate", "") in _CLASHES or told.startswith("UNIQUE constraint failed") or told == "database is locked"


def checkpoint_wal(engine: sa.Engine) -> bool:
    """Empty SQLite's write-ahead log so that deleted values leave the disk; False while a reader is in the way."""
    if engine.dialect.name != "sqlite":
        return True
    raw = engine.raw_connection()
    try:
        busy, *_ = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        raw.close()
    return not busy
