"""Stages a file of any length by SQL alone: one real preview's findings, said again and again with other positions and references."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from cbi.payouts.tables import FindingGroup, PayoutFinding, PayoutRow
from cbi.store.records import Records

_MINTED = "%020x%012x"


def lengthen(records: Records, file_id: UUID, rows: int) -> None:
    """Say the findings of a previewed file again until it has so many, PAID ones most; groups are counted anew."""
    with records.engine.execution_options(writing=True).begin() as connection:
        kinds = connection.execute(
            sa.select(PayoutFinding.kind, sa.func.min(PayoutFinding.position))
            .where(PayoutFinding.file_id == file_id)
            .group_by(PayoutFinding.kind)
        ).all()
        shares = {kind: 0.92 if kind == "PAID" else 0.08 / max(1, len(kinds) - 1) for kind, _ in kinds}
        first = 1_000_000
        for series, (kind, position) in enumerate(kinds, start=1):
            count = int(rows * shares[kind])
            _say_again(connection, file_id, position, count=count, first=first, series=series)
            first += count
        _recount(connection, file_id)


def _say_again(connection: sa.Connection, file_id: UUID, position: int, *, count: int, first: int, series: int) -> None:
    finding = f"SELECT id FROM payoutfinding WHERE file_id = '{file_id.hex}' AND position = {position}"
    numbered = {"position": "n.i", "reference": "CASE WHEN t.reference = '' THEN '' ELSE printf('KW%08d', (n.i * 7919) % 10000000) END"}
    as_findings, as_rows = (f"printf('{_MINTED}', {2 * series + table}, n.i)" for table in (0, 1))
    differs = "CASE WHEN t.difference_minor = 0 THEN 0 ELSE t.difference_minor - n.i % 1000 END"
    # What was sealed opens in its own row only; those said again have none of it.
    findings = {**numbered, "id": as_findings, "difference_minor": differs, "evidence": "NULL"}
    rows = {**numbered, "id": as_rows, "finding_id": as_findings, "detail": "NULL"}
    for model, changed, one in (
        (PayoutFinding, findings, f"t.id = ({finding})"),
        (PayoutRow, rows, f"t.id = (SELECT min(id) FROM payoutrow WHERE finding_id = ({finding}))"),
    ):
        columns = [column.name for column in sa.inspect(model).columns]
        names, chosen = (
            ", ".join(each) for each in zip(*((f'"{name}"', changed.get(name, f't."{name}"')) for name in columns), strict=True)
        )
        connection.exec_driver_sql(
            f"INSERT INTO {model.__tablename__} ({names})"
            f" WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {first + count - 1})"
            f" SELECT {chosen} FROM {model.__tablename__} AS t, n WHERE {one}"
        )


def _recount(connection: sa.Connection, file_id: UUID) -> None:
    """Count the groups anew, as staging would have: every finding said again kept the number of its group."""
    for number in connection.execute(sa.select(FindingGroup.number).where(FindingGroup.file_id == file_id)).scalars().all():
        mine = sa.and_(PayoutFinding.file_id == file_id, PayoutFinding.group_number == number)
        names = ("instructed_minor", "delivered_minor", "suspense_minor", "open_minor", "set_aside_minor", "paid_minor", "taken_back_minor")
        sums = connection.execute(
            sa.select(sa.func.count(), *(sa.func.sum(getattr(PayoutFinding, name)) for name in names)).where(mine)
        ).one()
        connection.execute(
            sa.update(FindingGroup)
            .where(FindingGroup.file_id == file_id, FindingGroup.number == number)
            .values(findings=sums[0], rows=sums[0], **dict(zip(names, sums[1:], strict=True)))
        )
