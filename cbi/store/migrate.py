"""Migrations: each world's database has its own tree, applied by the program itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from cbi.store import wordlists
from cbi.store.bases import metadata_of
from cbi.store.keys import Keyring

if TYPE_CHECKING:
    from alembic.config import Config

_TREES = Path(__file__).parent / "migrations"
_REVISION, _DOWN_REVISION = (re.compile(rf'^{name} = "(\w+)"$', re.MULTILINE) for name in ("revision", "down_revision"))
SUBJECTS = {
    "office": ("staff", "sites", "people", "transfers", "payouts", "checks", "feedback"),
    "protection": ("protection",),
}


def load_tables(world: str) -> sa.MetaData:
    """All tables of one world, imported by name so that the records room depends on no subject."""
    import_module("cbi.store.system")
    for subject in SUBJECTS[world]:
        import_module(f"cbi.{subject}.tables")
    return metadata_of(world)


def configuration(world: str) -> Config:
    """Alembic's configuration for one world."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_TREES / world).replace("%", "%%"))
    config.attributes["world"] = world
    return config


def upgrade(engine: sa.Engine, world: str, revision: str = "head", *, keyring: Keyring | None = None) -> None:
    """Bring a database up to a revision. keyring: to seal what stood in clear; without one a migration that has to, refuses."""
    from alembic import command

    _run(engine, world, lambda config: command.upgrade(config, revision), keyring)


def downgrade(engine: sa.Engine, world: str, revision: str = "base", *, keyring: Keyring | None = None) -> None:
    """Take a database back to a revision. Raises UnsafeSettings, in one sentence, when an older program could not hold what it holds by now."""
    from alembic import command

    _run(engine, world, lambda config: command.downgrade(config, revision), keyring)


def is_current(engine: sa.Engine, world: str) -> bool:
    """Whether the database stands at the newest revision."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return False
        stands_at = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return bool(stands_at == newest(world))


@cache
def newest(world: str) -> str:
    """The newest revision this program knows: the one that no other goes on from.

    Read off the files, because every command asks, and Alembic and all migrations take a fifth of a second to load.
    """
    written = [path.read_text("utf-8") for path in (_TREES / world / "versions").glob("*.py")]
    known, gone_on_from = ({found[1] for text in written if (found := line.search(text))} for line in (_REVISION, _DOWN_REVISION))
    [head] = known - gone_on_from
    return head


def differences(engine: sa.Engine, world: str) -> list[object]:
    """What models say and the migrated database does not; empty when they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    metadata = load_tables(world)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        return list(compare_metadata(context, metadata))


def _run(engine: sa.Engine, world: str, step: Callable[[Config], None], keyring: Keyring | None) -> None:
    load_tables(world)
    config = configuration(world)
    with engine.execution_options(writing=True).connect() as connection, _rebuilding(connection), connection.begin():
        config.attributes["connection"], config.attributes["keyring"] = connection, keyring
        step(config)
        wordlists.quicken(connection)
        _refuse_dangling(connection)


@contextmanager
def _rebuilding(connection: sa.Connection) -> Iterator[None]:
    """SQLite changes a table by copying it, and would take the old copy's end for the loss of what points at it."""
    driver: Any = connection.connection.driver_connection  # Any: the driver's own connection, asked before a transaction begins
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        if sqlite:
            driver.execute("PRAGMA foreign_keys=ON")


def _refuse_dangling(connection: sa.Connection) -> None:
    """Raises IntegrityError, which undoes the migration, when a row points at none."""
    if connection.dialect.name == "sqlite" and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
        raise sa.exc.IntegrityError(f"a row of {lost[0]} points at none of {lost[2]}", None, ValueError("foreign key"))
