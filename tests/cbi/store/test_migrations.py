from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

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
