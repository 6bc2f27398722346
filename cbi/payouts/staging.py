"""Writes what was found into staging, in chunks, so that pages can show every row and posting can be one set-based step."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts import strangers, turns
from cbi.payouts.grouping import Groups, Places, because_of, difference_of
from cbi.payouts.tables import FindingGroup, PayoutFinding, PayoutRow
from cbi.store.ids import numbered_hexes
from cbi.store.raw import dashed
from cbi.store.records import Records
from cbi.store.sealed import Vault
from cbi.store.work import Actor, Work
from reconciliation.findings import Finding, FindingKind, Findings, looked_at
from reconciliation.identity import row_keys
from reconciliation.instruction import asked_of
from reconciliation.payout import Outcome, Payout

CHUNK = 10_000
_NAMES = {table: str(table.__tablename__) for table in (PayoutFinding, PayoutRow)}
_JSON = json.JSONEncoder(ensure_ascii=False)  # made once: it is asked ten thousand times
NEVER_COUNT = frozenset({FindingKind.PAID_BEFORE, FindingKind.CONTRADICTS, FindingKind.UNREADABLE})
_IN_SUSPENSE = frozenset({FindingKind.WRONG_PAYEE, FindingKind.WRONG_CURRENCY, FindingKind.NOT_OURS, FindingKind.NOT_INSTRUCTED})
AsSent = Callable[[Payout], dict[str, str]]
_Values = tuple[Any, ...]  # one row as the driver takes it: ids as hexadecimal text, words as text, sealed bytes
_FINDING = (
    "id", "position", "group_number", "list_id", "because", "difference_minor", "kind", "also", "instruction_id",
    "reference", "currency", "instructed_minor", "delivered_minor", "suspense_minor", "suspense_currency", "open_minor", "set_aside_minor",
    "paid_minor", "taken_back_minor", "evidence", "points_at",
)  # fmt: skip
_ROW = (
    "id", "finding_id", "position", "sheet", "row", "reference", "provider_ref", "amount_minor", "currency",
    "outcome", "reason", "row_key", "counts", "in_suspense", "counted_for", "corrects_id", "detail",
)  # fmt: skip
_PLAIN_FINDING = (
    "id", "position", "group_number", "list_id", "instruction_id", "reference", "currency", "instructed_minor", "delivered_minor", "paid_minor",
)  # fmt: skip
_PLAIN_ROW = (
    "id", "finding_id", "position", "row", "sheet", "reference", "provider_ref", "amount_minor", "currency", "row_key", "counted_for",
)  # fmt: skip
_EVERY_PLAIN_FINDING: dict[str, str | int | None] = {
    "kind": FindingKind.PAID.value, "also": "", "because": "", "difference_minor": 0, "suspense_minor": 0, "suspense_currency": "",
    "open_minor": 0, "set_aside_minor": 0, "taken_back_minor": 0, "evidence": None, "points_at": "",
}  # fmt: skip
_EVERY_PLAIN_ROW: dict[str, str | int | None] = {
    "outcome": Outcome.PAID.value, "reason": "", "counts": True, "in_suspense": False, "corrects_id": None, "detail": None,
}  # fmt: skip


def nothing_more(_: Payout) -> dict[str, str]:
    """Keeps nothing of a row beyond what was read from it."""
    return {}


@dataclass(frozen=True, slots=True)
class Found:
    """What is staged: the findings of a file, its rows, where its transfers stand, and what else is known of single rows.

    as_sent: a row's own cells, kept sealed beside what was read from them.  corrects: the unreadable row that a row says again, by sheet and row.
    """

    findings: Sequence[Finding]
    payouts: Sequence[Payout]
    places: Places
    as_sent: AsSent = nothing_more
    corrects: Mapping[tuple[str, int], UUID] = field(default_factory=dict)


def stage(records: Records, actor: Actor, file_id: UUID, found: Found, *, turn: int) -> None:
    """Replace the file's staging by what was found; progress is told after each chunk. Raises Overtaken in an older turn."""
    total = len(found.findings)
    with records.work(actor) as work:
        turns.hold(work, file_id, turn)
        turns.tell(work, file_id, 0, total)
        for table in (PayoutRow, PayoutFinding, FindingGroup):
            work.bulk(table, sa.delete(table).where(col(table.file_id) == file_id))
        write = _Staging(file_id, found, work.vault, series=(work.new_id("payouts"), work.new_id("payouts")))
    for start in range(0, total, CHUNK):
        with records.work(actor) as work:
            turns.hold(work, file_id, turn)
            write.chunk(work, start)
            turns.tell(work, file_id, min(start + CHUNK, total), total)
    with records.work(actor) as work:
        turns.hold(work, file_id, turn)
        groups = [
            {"id": work.new_id("payouts"), "operation_id": work.operation_id, "file_id": file_id, **one} for one in write.groups.rows()
        ]
        if groups:
            work.bulk(FindingGroup, sa.insert(FindingGroup), groups)


class _Staging:
    """Makes the rows of each chunk. Ids run on through the file, so that the database appends them instead of scattering them."""

    def __init__(self, file_id: UUID, found: Found, vault: Vault, *, series: tuple[UUID, UUID]) -> None:
        self.groups = Groups()
        self._file_id, self._found = file_id, found
        findings = found.findings
        self._plain = _Plain(findings, found.places, vault) if isinstance(findings, Findings) and not found.corrects else None
        self._keys = self._plain.other_keys() if self._plain else _keys(found.payouts)
        self._sent = _sent(found)
        self._series = series

    def chunk(self, work: Work, first: int) -> None:
        """Write the findings of one chunk, numbered from `first`, and their rows."""
        last = min(first + CHUNK, len(self._found.findings))
        findings, rows, others = self._plain.chunk(self.groups, self._series, first, last) if self._plain else ([], [], range(first, last))
        own: dict[str, str | int | None] = {"operation_id": work.operation_id.hex, "file_id": self._file_id.hex}
        work.bulk_rows(PayoutFinding, _PLAIN_FINDING, findings, same=own | _EVERY_PLAIN_FINDING)
        work.bulk_rows(PayoutRow, _PLAIN_ROW, rows, same=own | _EVERY_PLAIN_ROW)
        self._others(work, others, own)

    def _others(self, work: Work, positions: Sequence[int], own: Mapping[str, str | int | None]) -> None:
        findings, rows, seals = list[_Values](), list[_Values](), _Seals(work, self._file_id)
        for position, finding_id in zip(positions, numbered_hexes(self._series[0], positions), strict=True):
            finding = self._found.findings[position]
            findings.append((finding_id, position, *self._finding(seals, finding_id, finding)))
            rows.extend((row_id, finding_id, *values) for row_id, values in self._rows(seals, position, finding))
        work.bulk_rows(PayoutFinding, _FINDING, findings, same=own)
        work.bulk_rows(PayoutRow, _ROW, rows, same=own)

    def _finding(self, seals: _Seals, finding_id: str, finding: Finding) -> _Values:
        asked, places = finding.instruction, self._found.places
        reference = asked.reference if asked else next((each.reference for each in finding.payouts if each.reference), "")
        list_id, line_id, because = places.list_id(finding), places.line_id(finding), because_of(finding)
        return (
            self.groups.put(finding, list_id, because),
            list_id,
            because,
            difference_of(finding),
            finding.kind.value,
            ",".join(kind.value for kind in finding.also),
            line_id,
            seals.reference(finding, reference),
            finding.currency,
            finding.instructed_minor,
            finding.delivered_minor,
            finding.suspense_minor,
            finding.suspense_currency,
            finding.open_minor,
            finding.set_aside_minor,
            finding.paid_minor,
            finding.taken_back_minor,
            seals.sealed(PayoutFinding, finding_id, "evidence", _evidence(finding)),
            ", ".join(f"{each.sheet}!{each.row}" for each in finding.points_at)[:200],
        )

    def _rows(self, seals: _Seals, position: int, finding: Finding) -> Iterator[tuple[str, _Values]]:
        passed_over = {(each.sheet, each.row) for each in (*finding.copies, *finding.repeated)}
        in_suspense = finding.kind in _IN_SUSPENSE
        ids = numbered_hexes(self._series[1], [_row_number(position, nth) for nth in range(len(finding.payouts))])
        for row_id, payout in zip(ids, finding.payouts, strict=True):
            place = payout.sheet, payout.row
            corrects = self._found.corrects.get(place)
            reference = seals.reference(finding, payout.reference)
            sent = self._detail(payout) | ({"reference": payout.reference} if strangers.is_sealed(reference) else {})
            yield (
                row_id,
                (
                    payout.row,
                    payout.sheet[:80],
                    payout.row,
                    reference,
                    payout.provider_id[:80],
                    payout.amount.minor if payout.amount else None,
                    payout.amount.currency if payout.amount else "",
                    payout.outcome.value,
                    payout.reason[:40],
                    self._keys[place],
                    not _waits(finding) and place not in passed_over and _countable(payout),
                    in_suspense,
                    seals.reference(finding, finding.instruction.reference if finding.instruction else payout.reference),
                    corrects and corrects.hex,
                    None if finding.kind is FindingKind.PAID else seals.sealed(PayoutRow, row_id, "detail", sent),
                ),
            )

    def _detail(self, payout: Payout) -> dict[str, str]:
        return _detail(payout) | self._sent.get((payout.sheet, payout.row), {})


class _Plain:
    """Transfers that one row paid as instructed: nearly all of a file, made into values straight from its columns."""

    def __init__(self, findings: Findings, places: Places, vault: Vault) -> None:
        self._vault = vault
        self._instructed, self._paid = asked_of(findings.instructed), findings.paid
        self._plain, self._places = findings.plain, places
        self._provider_refs = list(self._paid.texts("provider_id"))
        self._keys = row_keys(self._paid)

    def other_keys(self) -> dict[tuple[str, int], bytes]:
        """The keys of the rows that are not plain, by where they stand."""
        others = bytearray(b"\x01") * len(self._keys)
        for place in (place for place in self._plain if place >= 0):
            others[place] = 0
        return {self._paid.place_of(place): self._keys[place] for place in compress(range(len(self._keys)), others)}

    def chunk(self, groups: Groups, series: tuple[UUID, UUID], first: int, last: int) -> tuple[list[_Values], list[_Values], Sequence[int]]:
        """What is its own of the plain findings from `first` to before `last` and of their rows, as the driver takes it; which are no plain ones."""
        plain, paid = self._plain, self._paid
        chosen = [position for position in range(first, min(last, len(plain))) if plain[position] >= 0]
        places = [plain[position] for position in chosen]
        references = [self._instructed.references[position] for position in chosen]
        amounts = [self._instructed.amounts[position] for position in chosen]
        lists = [self._places.lists[position] for position in chosen]
        lines = [self._places.lines[position] for position in chosen]
        currencies, minors = [amount.currency for amount in amounts], [amount.minor for amount in amounts]
        numbers = _numbers(groups, list(zip(lists, currencies, minors, strict=True)))
        ids, row_ids = numbered_hexes(series[0], chosen), numbered_hexes(series[1], [_row_number(position, 0) for position in chosen])
        sheets, rows = paid.stands(places)
        said_as = [paid.references[place] for place in places]
        findings = zip(ids, chosen, numbers, lists, lines, references, currencies, minors, minors, minors, strict=True)
        staged = zip(
            row_ids,
            ids,
            rows,
            rows,
            [sheet[:80] for sheet in sheets],
            [asked if asked == said else strangers.kept(self._vault, said) for asked, said in zip(references, said_as, strict=True)],
            [self._provider_refs[place][:80] for place in places],
            minors,
            currencies,
            [self._keys[place] for place in places],
            references,
            strict=True,
        )
        return list(findings), list(staged), sorted(set(range(first, last)).difference(chosen))


def _numbers(groups: Groups, alike: Sequence[tuple[str, str, int]]) -> list[int]:
    """The number of the group of each of these plain transfers by list, currency and amount, counted."""
    numbers = {one: groups.plain(*one, count) for one, count in Counter(alike).items()}
    return [numbers[one] for one in alike]


def _row_number(position: int, nth: int) -> int:
    """Where a row's id stands in its series: in the findings' order, with room for sixteen million rows of each."""
    return position << 24 | nth


def _sent(found: Found) -> dict[tuple[str, int], dict[str, str]]:
    """The own cells of every row that somebody may look at, fetched in the file's order: its rows are kept in parcels that are opened in turn."""
    shown = (row for finding in looked_at(found.findings) if finding.kind is not FindingKind.PAID for row in finding.payouts)
    return {(row.sheet, row.row): found.as_sent(row) for row in sorted(shown, key=lambda row: (row.sheet, row.row))}


def _keys(payouts: Sequence[Payout]) -> dict[tuple[str, int], bytes]:
    return {(payout.sheet, payout.row): key for payout, key in zip(payouts, row_keys(payouts), strict=True)}


class _Seals:
    """Seals the personal values of one chunk, all of them the file's own."""

    def __init__(self, work: Work, file_id: UUID) -> None:
        self._vault, self._seals = work.vault, work.vault.seals_of(work.session, file_id)

    def reference(self, finding: Finding, text: str) -> str:
        """A reference as it may stand in clear."""
        asked = finding.instruction
        return text[:80] if asked and asked.reference == text else strangers.kept(self._vault, text)

    def sealed(self, table: type[PayoutFinding | PayoutRow], row_id: str, column: str, content: object) -> bytes | None:
        """The sealed form of what is there, good only in this row and column."""
        return self._seals.text(_NAMES[table], column, dashed(row_id), _JSON.encode(content)) if content else None


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
