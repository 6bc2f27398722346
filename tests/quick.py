"""What makes a run of these tests quick without making it blind: work that every test would do again, alike, is done once for a whole process.

Nothing here stands in for the program: what is kept is what the program itself made a moment before.  `tests/test_quick.py` says so.
"""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

import sqlalchemy as sa
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

import cbi.app
from cbi.protection import room
from cbi.store import engines, migrate, records

_STATEMENTS = 5_000


def begin() -> None:
    """Put everything in place; once, before anything is collected."""
    _templates_compiled_once()
    _addresses_compiled_once()
    _statements_compiled_once()
    _migrated_once()
    # Tests of power cuts and kills run in processes of their own, with the real settings; here nobody pulls the plug.
    engines.PRAGMAS = tuple(pragma.replace("synchronous=FULL", "synchronous=OFF") for pragma in engines.PRAGMAS)
    # Programs that tests start find the source compiled, wherever this run was told to leave nothing behind.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def settle() -> None:
    """All is loaded: the collector of garbage need not look through it again and again."""
    gc.collect()
    gc.freeze()


class Compiled(BytecodeCache):
    """Templates compiled once for all applications of a test run: half of a page test was spent compiling the same ones again."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code


def _templates_compiled_once() -> None:
    compiled, bare_app = Compiled(), cbi.app.bare_app

    def quick_app(*given: Any, **named: Any) -> Flask:  # Any: as the program's own
        app = bare_app(*given, **named)
        app.jinja_env.bytecode_cache = compiled
        return app

    cbi.app.bare_app = quick_app


def _addresses_compiled_once() -> None:
    """Every application has two hundred addresses, each with two small functions that Werkzeug writes and compiles."""
    kept: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}
    compile_builder = Rule._compile_builder

    def once(self: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults:
            return compile_builder(self, append_unknown)
        of = (self.rule, tuple(self._trace), append_unknown)
        if of not in kept:
            kept[of] = compile_builder(self, append_unknown)
        return kept[of]

    Rule._compile_builder = once  # type: ignore[method-assign]


def _statements_compiled_once() -> None:
    """Every office has an engine of its own, and every engine would write the same SQL again: SQLite's share one dialect and what it wrote."""
    open_sqlite = engines._sqlite
    written = LRUCache(_STATEMENTS)
    first = open_sqlite(sa.make_url("sqlite://"), None)
    first.connect().close()  # here the dialect learns the driver's version

    def sharing(*given: Any) -> sa.Engine:  # Any: as the program's own
        engine = open_sqlite(*given)
        engine.dialect, engine._compiled_cache = first.dialect, written
        return engine

    engines._sqlite = sharing


def _migrated_once() -> None:
    """A new database is a copy of the first one that all migrations made."""
    migrated = migrate.upgrade

    @cache
    def ready(world: str) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            database = Path(folder) / "ready.db"
            engine = engines.connect(f"sqlite:///{database}")
            migrated(engine, world)
            engine.dispose()
            return database.read_bytes()

    def upgrade(engine: sa.Engine, world: str, revision: str = "head", **named: Any) -> None:
        if revision == "head" and _is_new(engine):
            engine.dispose()
            Path(str(engine.url.database)).write_bytes(ready(world))
        else:
            migrated(engine, world, revision, **named)

    records.upgrade = room.upgrade = upgrade


def _is_new(engine: sa.Engine) -> bool:
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return False
    with engine.connect() as connection:
        return not sa.inspect(connection).get_table_names()
