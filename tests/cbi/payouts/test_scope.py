"""What a scope asks the ledger for, and how the database finds it."""

from __future__ import annotations

from uuid import uuid4

import pytest
import sqlalchemy as sa

from cbi.payouts import standing
from cbi.payouts.scope import Scope, Where, entries_of_lists
from cbi.store.records import Records


@pytest.mark.parametrize("where", [entries_of_lists([uuid4()]), Scope("Africa/Nairobi", list_id=uuid4()).entries()], ids=["lists", "scope"])
def test_where_transfers_of_a_list_stand_is_told_from_its_postings_and_never_from_the_whole_ledger(records: Records, where: Where):
    asked = sa.select(standing.transfers(where)).compile(records.engine, compile_kwargs={"literal_binds": True})

    with records.engine.connect() as connection:
        plan = [row.detail for row in connection.execute(sa.text(f"EXPLAIN QUERY PLAN {asked}"))]

    assert "SEARCH ledgerentry USING INDEX ix_ledgerentry_posting_id (posting_id=?)" in plan
    assert not any(step.startswith("SCAN ledger") for step in plan)
