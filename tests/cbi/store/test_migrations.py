from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from cbi.store import wordlists
from cbi.store.engines import connect
from cbi.store.migrate import SUBJECTS, differences, downgrade, is_current, upgrade


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
