from __future__ import annotations

import pytest
import sqlalchemy as sa

from cbi.store.migrate import differences, downgrade, upgrade

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("world", ["office", "protection"])
def test_the_migrated_database_is_what_the_models_say(engine: sa.Engine, world: str):
    upgrade(engine, world)

    assert differences(engine, world) == []


@pytest.mark.parametrize("world", ["office", "protection"])
def test_going_down_leaves_nothing_and_up_again_works(engine: sa.Engine, world: str):
    upgrade(engine, world)
    downgrade(engine, world)

    assert set(sa.inspect(engine).get_table_names()) <= {"alembic_version"}
    upgrade(engine, world)
    assert differences(engine, world) == []


@pytest.mark.parametrize(("world", "table"), [("office", "audit_entry"), ("office", "ledgerentry"), ("protection", "audit_entry")])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_tables_that_only_grow_have_their_guard(engine: sa.Engine, world: str, table: str, change: str):
    upgrade(engine, world)
    verb = change.split()[0]

    with engine.connect() as connection:
        guards = connection.execute(
            sa.text(
                "SELECT event_manipulation FROM information_schema.triggers WHERE event_object_table = :table AND action_timing = 'BEFORE'"
            ),
            {"table": table},
        ).scalars()
        assert verb in set(guards)
