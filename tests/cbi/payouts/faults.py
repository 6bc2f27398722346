"""Breaks a database on purpose: at a chosen statement or commit, or when its disk has only so many pages left."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from cbi.store.records import Records

_WRITES = ("INSERT", "UPDATE", "DELETE")


class Killed(BaseException):
    """The process ends here, as far as the program can tell."""


FAULTS = {
    "the disk fails": lambda: OperationalError("…", {}, sqlite3.OperationalError("disk I/O error")),
    "the disk is full": lambda: OperationalError("…", {}, sqlite3.OperationalError("database or disk is full")),
    "the process dies": Killed,
}


@contextmanager
def failing(records: Records, at: int, fault: str, *, also_reading: bool = False, only_commits: bool = False) -> Iterator[list[str]]:
    """Raise the fault instead of the at-th write or commit (or statement of any kind, or commit), counted from 1. Yields what reached the database."""
    reached: list[str] = []

    def count(words: str) -> None:
        reached.append(words)
        if len(reached) == at:
            problem = FAULTS[fault]()
            raise problem

    def statement(_connection: Any, _cursor: Any, words: str, *_more: Any) -> None:
        if not only_commits and (also_reading or words.startswith(_WRITES)):
            count(words)

    def commit(_connection: Any) -> None:
        count("COMMIT")

    sa.event.listen(records.engine, "before_cursor_execute", statement)
    sa.event.listen(records.engine, "commit", commit)
    try:
        yield reached
    finally:
        sa.event.remove(records.engine, "before_cursor_execute", statement)
        sa.event.remove(records.engine, "commit", commit)


def put_in_small_pages(records: Records) -> None:
    """Pages of 4 KiB instead of the office's own, so that a few rows are written on many of them."""
    records.engine.dispose()
    with closing(sqlite3.connect(str(records.engine.url.database))) as database:
        for pragma in ("journal_mode=DELETE", "page_size=4096"):
            database.execute(f"PRAGMA {pragma}").fetchall()
        database.execute("VACUUM")
        [(size,)] = database.execute("PRAGMA page_size").fetchall()
    assert size == 4096


@contextmanager
def small_disk(records: Records, pages: int) -> Iterator[None]:
    """SQLite itself finds no room for more than so many further pages."""

    def limit(connection: Any, _record: Any) -> None:
        [(now,)] = connection.execute("PRAGMA page_count").fetchall()
        connection.execute(f"PRAGMA max_page_count={now + pages}")

    records.engine.dispose()
    sa.event.listen(records.engine, "connect", limit)
    try:
        yield
    finally:
        sa.event.remove(records.engine, "connect", limit)
        records.engine.dispose()


def content(records: Records) -> str:
    """A digest of every row of every table."""
    found = hashlib.sha256()
    with records.engine.connect() as connection:
        for table in sorted(sa.inspect(connection).get_table_names()):
            rows = connection.execute(sa.text(f'SELECT * FROM "{table}"'))
            found.update("\n".join([table, *sorted(repr(tuple(row)) for row in rows)]).encode())
    return found.hexdigest()
