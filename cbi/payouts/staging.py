"""Writes what was found into staging, in chunks, so that pages can show every row and posting can be one set-based step."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel, col

from cbi.payouts import turns
from cbi.payouts.grouping import Groups, Places, because_of, difference_of
from cbi.payouts.tables import FindingGroup, PayoutFinding, PayoutRow
from cbi.store.records import Records
from cbi.store.work import Actor, Work
from reconciliation.findings import Finding, FindingKind
from reconciliation.identity import row_keys
from reconciliation.payout import Outcome, Payout

CHUNK = 2_000
NEVER_COUNT = frozenset({FindingKind.PAID_BEFORE, FindingKind.CONTRADICTS, FindingKind.UNREADABLE})
_IN_SUSPENSE = frozenset({FindingKind.WRONG_PAYEE, FindingKind.WRONG_CURRENCY, FindingKind.NOT_OURS, FindingKind.NOT_INSTRUCTED})
_Row = dict[str, Any]  # one row of a bulk insert


def stage(
    records: Records,
    actor: Actor,
    file_id: UUID,
    *,
    turn: int,
    findings: Sequence[Finding],
    payouts: Sequence[Payout],
    places: Places,
) -> None:
    """Replace the file's staging by these findings and their rows; progress is told after each chunk. Raises Overtaken in an older turn."""
    keys = {(payout.sheet, payout.row): key for payout, key in zip(payouts, row_keys(payouts), strict=True)}
    with records.work(actor) as work:
        turns.hold(work, file_id, turn)
        turns.tell(work, file_id, 0, len(findings))
        for table in (PayoutRow, PayoutFinding, FindingGroup):
            work.bulk(table, sa.delete(table).where(col(table.file_id) == file_id))
    groups = Groups()
    for start in range(0, len(findings), CHUNK):
        with records.work(actor) as work:
            turns.hold(work, file_id, turn)
            write = _Staging(work, file_id, keys, places, groups)
            write.chunk(findings[start : start + CHUNK], start)
            turns.tell(work, file_id, min(start + CHUNK, len(findings)), len(findings))
    with records.work(actor) as work:
        turns.hold(work, file_id, turn)
        _insert(work, FindingGroup, [{**_ids(work, file_id), **one} for one in groups.rows()])


class _Staging:
    """Makes the rows of one chunk; one carrier row of each table lends its table and subject to the sealing."""

    def __init__(self, work: Work, file_id: UUID, keys: Mapping[tuple[str, int], bytes], places: Places, groups: Groups) -> None:
        self._work, self._file_id, self._keys, self._places, self._groups = work, file_id, keys, places, groups

    def chunk(self, findings: Sequence[Finding], first: int) -> None:
        """Write these findings, numbered from `first`, and their rows."""
        made, rows = list[_Row](), list[_Row]()
        for position, finding in enumerate(findings, start=first):
            finding_id = self._work.new_id("payouts")
            made.append(self._finding(finding_id, position, finding))
            rows.extend(self._rows(finding_id, finding))
        _insert(self._work, PayoutFinding, made)
        _insert(self._work, PayoutRow, rows)

    def _finding(self, finding_id: UUID, position: int, finding: Finding) -> _Row:
        reference = (
            finding.instruction.reference
            if finding.instruction
            else next((each.reference for each in finding.payouts if each.reference), "")
        )
        list_id, because = self._places.list_id(finding), because_of(finding)
        return {
            "id": finding_id,
            "operation_id": self._work.operation_id,
            "file_id": self._file_id,
            "position": position,
            "group_number": self._groups.put(finding, list_id, because),
            "list_id": list_id,
            "because": because,
            "difference_minor": difference_of(finding),
            "kind": finding.kind,
            "also": ",".join(kind.value for kind in finding.also),
            "instruction_id": self._places.line_id(finding),
            "reference": reference[:80],
            "currency": finding.currency,
            "instructed_minor": finding.instructed_minor,
            "delivered_minor": finding.delivered_minor,
            "suspense_minor": finding.suspense_minor,
            "suspense_currency": finding.suspense_currency,
            "open_minor": finding.open_minor,
            "set_aside_minor": finding.set_aside_minor,
            "paid_minor": finding.paid_minor,
            "taken_back_minor": finding.taken_back_minor,
            "evidence": self._sealed(PayoutFinding, finding_id, "evidence", _evidence(finding)),
            "points_at": ", ".join(f"{each.sheet}!{each.row}" for each in finding.points_at)[:200],
        }

    def _rows(self, finding_id: UUID, finding: Finding) -> Iterator[_Row]:
        passed_over = {(each.sheet, each.row) for each in (*finding.copies, *finding.repeated)}
        for payout in finding.payouts:
            row_id, place = self._work.new_id("payouts"), (payout.sheet, payout.row)
            counts = not _waits(finding) and place not in passed_over and _countable(payout)
            yield {
                "id": row_id,
                "operation_id": self._work.operation_id,
                "file_id": self._file_id,
                "finding_id": finding_id,
                "position": payout.row,
                "sheet": payout.sheet[:80],
                "row": payout.row,
                "reference": payout.reference[:80],
                "provider_ref": payout.provider_id[:80],
                "amount_minor": payout.amount.minor if payout.amount else None,
                "currency": payout.amount.currency if payout.amount else "",
                "outcome": payout.outcome,
                "reason": payout.reason[:40],
                "row_key": self._keys[place],
                "counts": counts,
                "in_suspense": finding.kind in _IN_SUSPENSE,
                "counted_for": (finding.instruction.reference if finding.instruction else payout.reference)[:80],
                "detail": None if finding.kind is FindingKind.PAID else self._sealed(PayoutRow, row_id, "detail", _detail(payout)),
            }

    def _sealed(self, table: type[PayoutFinding | PayoutRow], row_id: UUID, column: str, content: object) -> bytes | None:
        if not content:
            return None
        carrier = table.model_construct(id=row_id, file_id=self._file_id)
        return self._work.vault.seal_bytes(self._work.session, carrier, column, json.dumps(content, ensure_ascii=False).encode())


def _waits(finding: Finding) -> bool:
    """Whether nothing of a finding counts: also a stranger's, or one in a wrong currency, that contradicts what counts already."""
    return finding.kind in NEVER_COUNT or FindingKind.CONTRADICTS in finding.also


def _countable(payout: Payout) -> bool:
    return payout.amount is not None or payout.outcome is Outcome.FAILED


def _evidence(finding: Finding) -> list[dict[str, str]]:
    if finding.kind is FindingKind.PAID:
        return []
    return [{"key": one.key, "approved": one.approved, "found": one.found} for one in finding.evidence]


def _detail(payout: Payout) -> dict[str, str]:
    kept = {
        "name": payout.name,
        "phone": payout.phone,
        "account": payout.account,
        "token": payout.token,
        "narrative": payout.narrative,
        "date": payout.date,
        "raw_reason": payout.raw_reason,
    }
    return {name: text for name, text in kept.items() if text}


def _ids(work: Work, file_id: UUID) -> _Row:
    return {"id": work.new_id("payouts"), "operation_id": work.operation_id, "file_id": file_id}


def _insert(work: Work, table: type[SQLModel], rows: Sequence[_Row]) -> None:
    if rows:
        work.bulk(table, sa.insert(table), rows)
