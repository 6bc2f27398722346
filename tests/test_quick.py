"""What makes these tests quick changes nothing they look at."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from cbi.app import create_app
from cbi.settings import Settings
from cbi.store import engines, migrate, records
from cbi.store.records import Records


def schema(engine: sa.Engine) -> list[tuple[object, ...]]:
    """Everything a database is made of, and every row a migration wrote. A table's constraints stand in no order."""
    with engine.connect() as connection:
        found = connection.exec_driver_sql("select type, name, coalesce(sql, '') from sqlite_master order by type, name").all()
        made = [(kind, name, *sorted(line.strip(", ") for line in sql.splitlines())) for kind, name, sql in found]
        tables = [name for kind, name, _ in found if kind == "table" and not name.startswith("sqlite_")]
        return made + [(name, *row) for name in tables for row in connection.exec_driver_sql(f'select * from "{name}"')]


@pytest.mark.parametrize("world", ["office", "protection"])
def test_a_database_that_was_copied_is_the_one_the_migrations_make(world: str, tmp_path: Path):
    migrated, copied = (engines.connect(f"sqlite:///{tmp_path / name}") for name in ("migrated.db", "copied.db"))

    migrate.upgrade(migrated, world)
    records.upgrade(copied, world)

    assert records.upgrade is not migrate.upgrade
    assert schema(copied) == schema(migrated)
    assert len(schema(copied)) > 10
    assert migrate.is_current(copied, world)


def test_a_database_with_anything_in_it_is_migrated_and_not_copied_over(tmp_path: Path):
    engine = engines.connect(f"sqlite:///{tmp_path / 'old.db'}")
    migrate.upgrade(engine, "protection", "0001")
    with engine.begin() as connection:
        connection.exec_driver_sql("create table kept (word text)")

    records.upgrade(engine, "protection")

    assert migrate.is_current(engine, "protection")
    assert sa.inspect(engine).has_table("kept")


def test_two_offices_share_what_was_written_in_sql_and_nothing_that_was_read(tmp_path: Path):
    engines_of_two = [engines.connect(f"sqlite:///{tmp_path / name}") for name in ("one.db", "other.db")]
    table = sa.Table("word", sa.MetaData(), sa.Column("word", sa.Text))
    for word, engine in zip(("lantern", "kettle"), engines_of_two, strict=True):
        table.create(engine)
        with engine.begin() as connection:
            connection.execute(table.insert().values(word=word))

    found = []
    for engine in engines_of_two:
        with engine.connect() as connection:
            found.append(connection.execute(sa.select(table)).scalar_one())

    assert found == ["lantern", "kettle"]
    assert engines_of_two[0].dialect is engines_of_two[1].dialect


def test_two_applications_have_addresses_of_their_own_from_the_same_words(records: Records):
    apps = [create_app(Settings(data=records.folder.parent), "office", records=records) for _ in range(2)]

    built = [
        [(rule.endpoint, rule.rule, rule.build(dict.fromkeys(rule.arguments, "1"))) for rule in app.url_map.iter_rules()] for app in apps
    ]

    assert built[0] == built[1]
    assert apps[0].url_map is not apps[1].url_map
