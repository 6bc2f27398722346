from __future__ import annotations

import pytest
import sqlalchemy as sa

from cbi.access import Role
from cbi.store.records import Records
from tests import make


def _tamper(records: Records, statement: str) -> None:
    with records.engine.execution_options(writing=True).begin() as connection:
        for verb in ("update", "delete"):
            connection.execute(sa.text(f"DROP TRIGGER audit_entry_no_{verb}"))
        connection.execute(sa.text(statement))


@pytest.fixture
def chained(records: Records) -> Records:
    for _ in range(4):
        make.staff(records, Role.REGISTRAR)
    records.sign_checkpoint()
    return records


def test_an_untouched_chain_verifies_to_its_checkpoint(chained: Records):
    verdict = chained.verify_chain()

    assert (verdict.verified, verdict.entries, verdict.checkpoint) == (True, 4, 4)


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit_entry SET body = '{}' WHERE seq = 2", 2),
        ("UPDATE audit_entry SET actor = 'nobody' WHERE seq = 3", 3),
        ("DELETE FROM audit_entry WHERE seq = 2", 3),
        ("DELETE FROM audit_entry WHERE seq = 4", 4),
        ("UPDATE audit_entry SET seq = 9 WHERE seq = 4", 9),
    ],
)
def test_any_tampering_is_found_where_it_happened(chained: Records, statement: str, broken_at: int):
    _tamper(chained, statement)

    verdict = chained.verify_chain()

    assert (verdict.verified, verdict.broken_at) == (False, broken_at)


def test_a_rolled_back_chain_does_not_reach_a_checkpoint_kept_elsewhere(records: Records):
    make.staff(records, Role.REGISTRAR)
    make.staff(records, Role.REGISTRAR)
    kept = records.sign_checkpoint()
    _tamper(records, "DELETE FROM audit_entry WHERE seq = 2")
    with records.engine.execution_options(writing=True).begin() as connection:
        connection.execute(sa.text("DROP TRIGGER checkpoint_no_delete"))
        connection.execute(sa.text("DELETE FROM checkpoint"))

    assert records.verify_chain().verified
    assert not records.verify_chain(against=kept).verified


def test_the_database_itself_refuses_to_change_an_entry(chained: Records):
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), chained.engine.execution_options(writing=True).begin() as connection:
        connection.execute(sa.text("UPDATE audit_entry SET body = '{}'"))
