from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts import queries, underway
from cbi.payouts.kinds import is_one_of
from cbi.payouts.tables import PayoutFinding
from cbi.store.records import Records
from cbi.store.work import Reading
from reconciliation.findings import FindingKind
from tests import make_payouts
from tests.make_payouts import row


def found(look: Reading, *kinds: FindingKind) -> Counter[FindingKind]:
    return Counter(look.session.connection().execute(sa.select(col(PayoutFinding.kind)).where(is_one_of(*kinds))).scalars())


@pytest.mark.parametrize(
    "kinds",
    [
        (FindingKind.MISSING,),
        (FindingKind.PAID,),
        (FindingKind.FAILED, FindingKind.MISSING),
        (FindingKind.PAID, FindingKind.FAILED),
        (FindingKind.NOT_OURS,),
    ],
)
def test_findings_of_any_kinds_are_all_found(records: Records, kinds: tuple[FindingKind, ...]):
    given = make_payouts.released(records)
    rows = [row(line, number) for number, line in enumerate(given.lines[2:])]
    file_id = make_payouts.previewed(records, given, [row(given.lines[1], 90, status="FAILED"), *rows])

    with records.read() as look:
        every = Counter(look.session.connection().execute(sa.select(col(PayoutFinding.kind))).scalars())
        assert found(look, *kinds) == Counter({kind: count for kind, count in every.items() if kind in kinds})
        assert {kind: len(queries.findings_of(look, file_id, kind, limit=50)) for kind in every} == dict(every)
    assert every == {FindingKind.MISSING: 1, FindingKind.FAILED: 1, FindingKind.PAID: len(rows)}


def plan(look: Reading, query: sa.Select[Any]) -> list[str]:
    written = query.compile(look.session.get_bind(), compile_kwargs={"render_postcompile": True})  # type: ignore[arg-type]
    given = (written.params[name] for name in written.positiontup or ())
    asked = tuple(value.hex if isinstance(value, UUID) else value for value in given)
    return [step.detail for step in look.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {written}", asked)]


def test_findings_to_look_at_are_found_in_their_own_index(records: Records):
    given = make_payouts.released(records)
    file_id = make_payouts.previewed(records, given, [row(given.lines[0], 1)])
    unread = sa.select(col(PayoutFinding.id)).where(
        col(PayoutFinding.file_id) == file_id, is_one_of(FindingKind.UNREADABLE), col(PayoutFinding.position) > 3
    )

    with records.read() as look:
        assert plan(look, unread) == ["SEARCH payoutfinding USING INDEX ix_payoutfinding_file_kind (file_id=? AND kind=? AND position>?)"]
        assert "SEARCH payoutfinding USING INDEX ix_payoutfinding_file_kind (file_id=? AND kind=?)" in plan(
            look, underway._reopened(file_id)
        )
