from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from cbi.errors import UnsafeSettings
from cbi.store import wordlists
from cbi.store.bases import metadata_of
from cbi.store.engines import connect
from cbi.store.migrate import SUBJECTS, configuration, differences, downgrade, is_current, newest, upgrade


@pytest.mark.parametrize("world", list(SUBJECTS))
def test_migrations_go_up_to_what_the_models_say_and_down_to_nothing(world: str, tmp_path: Path):
    engine = connect(f"sqlite:///{tmp_path / 'world.db'}")

    upgrade(engine, world)
    left = differences(engine, world)
    current = is_current(engine, world)
    downgrade(engine, world)

    assert (left, current) == ([], True)
    assert sa.inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()


@pytest.mark.parametrize("world", list(SUBJECTS))
def test_the_newest_revision_is_the_one_alembic_would_go_up_to(world: str):
    assert newest(world) == ScriptDirectory.from_config(configuration(world)).get_current_head()


def test_a_database_with_nothing_in_it_or_of_an_older_version_is_not_current(tmp_path: Path):
    engine = connect(f"sqlite:///{tmp_path / 'office.db'}")
    empty = is_current(engine, "office")

    upgrade(engine, "office", "0009")

    assert (empty, is_current(engine, "office")) == (False, False)
    engine.dispose()


KEPT = {
    "arrangement": "(id, operation_id, household_id, kind, value, staff, published_on, publication_id, current)"
    " VALUES ('1', 'x', 'x', 'shares', x'', x'', '2026-11-23', 'x', 1)",
    "siteoverride": "(id, operation_id, site_id, check_id, measures, reason, with_protection, until, proposed_by, proposed_at)"
    " VALUES ('1', 'x', 'x', 'x', 'SM_LISTS', 'urgent_need', x'', '2026-11-30', 'x', '2026-11-23 06:00:00')",
    "interpreter": "(id, operation_id, name, languages, sex, vetted_on, vetted_by) VALUES ('1', 'x', x'', 'ar', 'f', '2026-11-23', 'x')",
    "service": "(id, operation_id, site_id, kind, name, contact, hours, retired_on)"
    " VALUES ('1', 'x', 'x', 'health', 'Moon Clinic', 'Moon Clinic', '', '2026-11-23')",
    "sitefix": "(id, operation_id, site_id, check_id, item, measure, owner, found_on, planned_on)"
    " VALUES ('1', 'x', 'x', 'x', 'S08', 'SM_LISTS', '', '2026-11-20', '2026-11-23')",
}


def test_an_older_version_is_refused_what_it_cannot_keep_and_nothing_is_deleted(tmp_path: Path):
    engine = connect(f"sqlite:///{tmp_path / 'office.db'}")
    upgrade(engine, "office", "0009")
    for table, row in KEPT.items():
        _write(tmp_path, f"INSERT INTO {table} {row}")

        with pytest.raises(UnsafeSettings, match="stay with this version"):
            downgrade(engine, "office", "0003")

        with engine.connect() as connection:
            assert connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one() == 1
        _write(tmp_path, f"DELETE FROM {table}")
    downgrade(engine, "office", "0003")
    engine.dispose()


def _write(folder: Path, statement: str) -> None:
    """Past the keys between tables: one row of one table is what is asked about."""
    with closing(sqlite3.connect(folder / "office.db")) as database, database:
        database.execute(statement)


def test_a_closed_list_of_words_grows_and_shrinks_under_rows_that_stand_in_it(tmp_path: Path):
    engine = connect(f"sqlite:///{tmp_path / 'office.db'}")
    upgrade(engine, "office")
    constraint = ("ledgerposting", "kind", "ck_ledgerposting_postingkind")
    row = sa.text(
        "INSERT INTO ledgerposting (id, operation_id, kind, made_by, made_at) VALUES (:id, 'x', :kind, 'x', '2026-11-23 06:00:00')"
    )
    with engine.begin() as connection:
        connection.execute(row, {"id": "1", "kind": "release"})
        with pytest.raises(sa.exc.IntegrityError):
            connection.execute(row, {"id": "2", "kind": "gift"})

    with engine.execution_options(writing=True).begin() as connection:
        wordlists.allow(connection, *constraint, "gift")
    with engine.begin() as connection:
        connection.execute(row, {"id": "3", "kind": "gift"})
        with pytest.raises(sa.exc.IntegrityError, match="append-only"):
            connection.execute(sa.text("DELETE FROM ledgerposting"))
        assert connection.execute(sa.text("PRAGMA integrity_check")).scalar_one() == "ok"

    with engine.execution_options(writing=True).begin() as connection:
        wordlists.forbid(connection, *constraint, "gift")
    with engine.begin() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.execute(row, {"id": "4", "kind": "gift"})


@pytest.mark.parametrize("world", list(SUBJECTS))
def test_every_closed_list_is_checked_by_a_case_and_by_its_own_words(world: str, tmp_path: Path):
    engine = connect(f"sqlite:///{tmp_path / 'world.db'}")
    upgrade(engine, world)
    with engine.connect() as connection:
        tables = dict(connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all())

    said = {
        (table.name, column.name): set(column.type.enums)
        for table in metadata_of(world).sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.Enum) and column.type.create_constraint
    }

    assert said
    for (table, column), words in said.items():
        check = re.search(rf"CHECK \(1 = \(CASE \W?{column}\W? (.*?) ELSE", tables[table])
        assert check, f"{table}.{column} is not checked by a CASE"
        assert set(re.findall(r"'(\w+)'", check[1])) == words
    engine.dispose()


def test_a_closed_list_takes_its_words_and_no_others(tmp_path: Path):
    engine = connect(f"sqlite:///{tmp_path / 'office.db'}")
    upgrade(engine, "office")
    row = "(id, operation_id, kind, made_by, made_at) VALUES ('{0}', 'x', '{1}', 'x', '2026-11-23 06:00:00')"

    _write(tmp_path, "INSERT INTO ledgerposting " + row.format(1, "payout"))
    with pytest.raises(sqlite3.IntegrityError, match="ck_ledgerposting_postingkind"):
        _write(tmp_path, "INSERT INTO ledgerposting " + row.format(2, "Payout"))
    engine.dispose()
