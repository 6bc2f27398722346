"""Corrected rows that come back alone: which unreadable row of a posted file each of them says again, so that it counts once and closes its gap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from cbi.payouts import sheet_names, strangers
from cbi.payouts.kinds import is_one_of
from cbi.payouts.tables import FileStatus, PayoutFile, PayoutFinding, PayoutRow
from cbi.store.parts import in_parts
from cbi.store.work import Reading
from reconciliation.cells import at, cell_name, text_of
from reconciliation.findings import FindingKind
from reconciliation.headings import headings
from reconciliation.identity import row_keys
from reconciliation.payout import Outcome, Payout, RowProblem
from reconciliation.profile import Located, PayoutRows, Profile, locate
from reconciliation.sheets import Sheets

ROW_MARK = "CBI row"  # heads the column that says where a row stood; never translated, so that it is known again
_COUNTS_ALREADY = "leave this row as it was: it could be read and counts already; undo the file to change it"
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Unread:
    """How many rows of a posted file could not be read. places: of those that a posted correction says again.

    Any: the preview's JSON.
    """

    rows: int = 0
    places: frozenset[Place] = frozenset()

    @property
    def corrected(self) -> int:
        """How many of them were corrected since."""
        return len(self.places)

    @property
    def left(self) -> int:
        """Still to be corrected."""
        return self.rows - self.corrected

    def gaps_left(self, gaps: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """What still keeps a file from footing, of its gaps as they were previewed, each with sheet and row."""
        return [gap for gap in gaps if (gap["sheet"], gap["row"]) not in self.places]

    def problems_left(self, problems: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The cells that still need a person, of those of the preview, each with sheet and cell."""
        return [one for one in problems if (one["sheet"], _row_of(one["cell"])) not in self.places]


@dataclass(frozen=True, slots=True)
class _Original:
    """One row of the file that is corrected. counts_as: the key under which it counts, of itself or of the row that corrected it."""

    id: UUID
    place: Place
    reference: str
    provider_ref: str
    unreadable: bool
    counts_as: bytes | None


def unread(reading: Reading, file_id: UUID) -> Unread:
    """What of a posted file still waits for a correction: rows read = rows counted + corrected + left."""
    rows = list(_unreadable(reading, file_id))
    return Unread(len(rows), frozenset(row.place for row in rows if row.counts_as is not None))


def _row_of(cell: str) -> int:
    """The number of the row that a cell such as "F12" stands in; 0 for none."""
    number = cell.lstrip(ascii_uppercase)
    return int(number) if number.isdecimal() else 0


def is_corrected() -> sa.ColumnElement[bool]:
    """The condition on PayoutRow that a posted file says it again, readably, or that it is itself such a try."""
    again, finding, file = aliased(PayoutRow), aliased(PayoutFinding), aliased(PayoutFile)
    said = (
        sa.select(sa.literal(1))
        .select_from(again)
        .join(finding, col(finding.id) == col(again.finding_id))
        .join(file, col(file.id) == col(again.file_id))
        .where(
            col(again.corrects_id) == col(PayoutRow.id),
            col(file.status) == FileStatus.POSTED,
            col(finding.kind) != FindingKind.UNREADABLE,
        )
    )
    return sa.or_(col(PayoutRow.corrects_id).is_not(None), said.correlate(PayoutRow).exists())


def fitting(profile: Profile, sheets: Sheets) -> Profile:
    """The layout of the corrected file for what came back of it: rows may have been taken out above and below, and sheets left out."""
    names = {sheet.name for sheet in sheets.visible()}
    kept = tuple(name for name in profile.sheets if name in names)
    return replace(profile, sheets=kept, header_row=0)


def sort_out(
    reading: Reading, corrects_id: UUID, said: PayoutRows, sheets: Sheets, profile: Profile
) -> tuple[PayoutRows, dict[Place, UUID]]:
    """What of the rows that came back may count, and which unreadable row each of them says again.

    A row that could be read before, or was corrected before, counts only as it did: changed, it becomes a problem and counts nothing.
    Rows that the file did not have are new, and count.
    """
    marks = {place: (sheet_names.key_of(reading.vault, name), row) for place, (name, row) in marks_of(sheets, profile).items()}
    unreadable = list(_unreadable(reading, corrects_id))
    named = [replace(payout, reference=strangers.kept(reading.vault, payout.reference)) for payout in said.payouts]
    by_place = {row.place: row for row in (*unreadable, *_readable(reading, corrects_id, named, marks))}
    known = _by_identity(unreadable)
    repeats = _identities(named)
    payouts, problems, corrects, said_again = list[Payout](), list(said.problems), dict[Place, UUID](), dict[UUID, bytes]()
    for payout, as_kept, key in zip(said.payouts, named, row_keys(said.payouts), strict=True):
        place = (payout.sheet, payout.row)
        original = _original(as_kept, marks.get(place), by_place, known, repeats)
        counts_as = None if original is None else original.counts_as or said_again.setdefault(original.id, key)
        if counts_as not in {None, key}:
            problem = RowProblem(payout.sheet, cell_name(payout.row, 0), _COUNTS_ALREADY)
            problems.append(problem)
            payout = replace(payout, amount=None, outcome=Outcome.PAID, problems=(problem,))  # noqa: PLW2901 -- the row as it may count
        if original is not None and original.unreadable:
            corrects[place] = original.id
        payouts.append(payout)
    return PayoutRows(payouts, problems, said.rows), corrects


def marks_of(sheets: Sheets, profile: Profile) -> dict[Place, Place]:
    """Where each row says that it stood in the corrected file, from the column that came back with it."""
    found: dict[Place, Place] = {}
    for table in locate(sheets, profile):
        column = _mark_column(table, profile)
        for number, row in enumerate(table.sheet.rows, start=1) if column is not None else ():
            name, parted, place = text_of(at(row, column or 0)).rpartition("!")
            if parted and place.isascii() and place.isdigit():
                found[table.sheet.name, number] = (name, int(place))
    return found


def _mark_column(table: Located, profile: Profile) -> int | None:
    names = headings(table.sheet, table.header_row, 1) + headings(table.sheet, table.header_row, profile.header_rows)
    width = len(headings(table.sheet, table.header_row, 1))
    return next((place if place < width else place - width for place, name in enumerate(names) if name == ROW_MARK), None)


def _original(
    payout: Payout,
    mark: Place | None,
    by_place: Mapping[Place, _Original],
    known: Mapping[tuple[str, str], _Original],
    repeats: Counter[tuple[str, str]],
) -> _Original | None:
    """The row that a row says again: by its mark, else by an identity that points at one only, else by standing where it stood."""
    if mark is not None and mark in by_place:
        return by_place[mark]
    for identity in _identity(payout.reference, payout.provider_id):
        if identity in known and repeats[identity] == 1:
            return known[identity]
    there = by_place.get((payout.sheet, payout.row))
    if there is None or mark is not None:
        return None
    same = (there.reference or payout.reference) == payout.reference and (there.provider_ref or payout.provider_id) == payout.provider_id
    return there if same and (there.reference or there.provider_ref or there.unreadable) else None


def _identity(reference: str, provider_ref: str) -> list[tuple[str, str]]:
    return [(kind, text) for kind, text in (("id", provider_ref), ("reference", reference)) if text]


def _identities(payouts: Iterable[Payout]) -> Counter[tuple[str, str]]:
    return Counter(identity for payout in payouts for identity in _identity(payout.reference, payout.provider_id))


def _by_identity(originals: Iterable[_Original]) -> dict[tuple[str, str], _Original]:
    """Originals by what names them; what names two names none."""
    found: dict[tuple[str, str], list[_Original]] = {}
    for one in originals:
        for identity in _identity(one.reference, one.provider_ref):
            found.setdefault(identity, []).append(one)
    return {identity: ones[0] for identity, ones in found.items() if len(ones) == 1}


def _unreadable(reading: Reading, file_id: UUID) -> Iterable[_Original]:
    again, finding, file = aliased(PayoutRow), aliased(PayoutFinding), aliased(PayoutFile)
    counted = (
        sa.select(col(again.row_key))
        .join(finding, col(finding.id) == col(again.finding_id))
        .join(file, col(file.id) == col(again.file_id))
        .where(
            col(again.corrects_id) == col(PayoutRow.id),
            col(file.status) == FileStatus.POSTED,
            col(finding.kind) != FindingKind.UNREADABLE,
        )
        .order_by(col(file.posted_at))
        .limit(1)
        .correlate(PayoutRow)
        .scalar_subquery()
    )
    query = _rows(file_id, counted).where(is_one_of(FindingKind.UNREADABLE))
    for row in reading.session.connection().execute(query):
        yield _Original(row.id, (row.sheet, row.row), row.reference, row.provider_ref, unreadable=True, counts_as=row.counts_as)


def _readable(reading: Reading, file_id: UUID, payouts: Sequence[Payout], marks: Mapping[Place, Place]) -> Iterable[_Original]:
    """Rows of the corrected file that could be read and stand where these rows stand, or say that they stood."""
    places = {*marks.values(), *((payout.sheet, payout.row) for payout in payouts)}
    numbers = sorted({number for _, number in places})
    for part in in_parts(numbers):
        query = _rows(file_id, col(PayoutRow.row_key)).where(
            col(PayoutFinding.kind) != FindingKind.UNREADABLE, col(PayoutRow.row).in_(part)
        )
        for row in reading.session.connection().execute(query):
            if (row.sheet, row.row) in places:
                yield _Original(row.id, (row.sheet, row.row), row.reference, row.provider_ref, unreadable=False, counts_as=row.counts_as)


def _rows(file_id: UUID, counts_as: Any) -> sa.Select[Any]:  # Any: a column of keys
    return (
        sa.select(
            col(PayoutRow.id),
            col(PayoutRow.sheet),
            col(PayoutRow.row),
            col(PayoutRow.reference),
            col(PayoutRow.provider_ref),
            counts_as.label("counts_as"),
        )
        .join(PayoutFinding, col(PayoutFinding.id) == col(PayoutRow.finding_id))
        .where(col(PayoutRow.file_id) == file_id, col(PayoutFinding.file_id) == file_id)
    )
