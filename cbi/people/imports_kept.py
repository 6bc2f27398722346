"""The rows of a file that need somebody: kept sealed until they are corrected or set aside, and given back as a workbook of only these rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlmodel import col, select

from cbi.errors import NotThere
from cbi.people import facts_imports as facts
from cbi.people.imports_map import ImportMap
from cbi.people.imports_parts import taken_keys
from cbi.people.imports_read import Entry, rows_of
from cbi.people.imports_targets import ROW_KEY
from cbi.people.tables import Import, ImportStatus
from cbi.store.work import Reading, Work
from reconciliation.cells import at, column_index, text_of
from reconciliation.report import Formats, new_book
from reconciliation.sheets import Sheets

CORRECT = "What to correct"


@dataclass(frozen=True, slots=True)
class Needed:
    """One thing somebody has to do. held: what the cell holds; may be personal, so it is shown and never logged."""

    sheet: str
    cell: str
    fix: str
    held: str
    row: int


@dataclass(frozen=True, slots=True)
class KeptRow:
    """One row as it was sent, with its number in the file and its key in hexadecimal."""

    number: int
    texts: tuple[str, ...]
    key: str


@dataclass(frozen=True, slots=True)
class KeptSheet:
    """The rows of one sheet that need somebody, under its headings."""

    name: str
    header: tuple[str, ...]
    rows: tuple[KeptRow, ...]


@dataclass(frozen=True, slots=True)
class Back:
    """Everything of a file that needs somebody. keys: one for each household or person that came back."""

    keys: tuple[str, ...]
    needed: tuple[Needed, ...]
    sheets: tuple[KeptSheet, ...]


def collect(sheets: Sheets, chosen: ImportMap, entries: Sequence[Entry]) -> Back:
    """What needs somebody, with the rows it stands in."""
    needed = tuple(_needed(sheets, problem.sheet, problem.cell, problem.fix) for entry in entries for problem in entry.problems)
    kept = tuple(
        KeptSheet(name, tuple(header), tuple(KeptRow(number, tuple(texts), key.hex()) for number, texts, key in rows))
        for name, header, rows in rows_of(sheets, chosen, entries)
    )
    return Back(tuple(entry.key.hex() for entry in entries), needed, kept)


def _needed(sheets: Sheets, sheet: str, cell: str, fix: str) -> Needed:
    letters = cell.rstrip("0123456789")
    row = int(cell[len(letters) :])
    return Needed(sheet, cell, fix, text_of(at(sheets.named(sheet).rows[row - 1], column_index(letters))), row)


def keep(work: Work, row: Import, sheets: Sheets, chosen: ImportMap, entries: Sequence[Entry]) -> None:
    """Keep what needs somebody, sealed; nothing when nothing does."""
    work.seal(row, "kept", _to_json(collect(sheets, chosen, entries)) if entries else None)


def kept_of(reading: Reading, row: Import) -> Back:
    """What of a file needs somebody, by its last look, or still does once it is saved."""
    text = reading.open(row, "kept")
    return _from_json(json.loads(text)) if text else Back((), (), ())


def settle(work: Work, *, besides: UUID) -> None:
    """Take rows that are registered by now off every earlier file they came back from."""
    open_ones = select(Import).where(
        Import.operation_id == work.operation_id, Import.back > 0, Import.id != besides, Import.status == ImportStatus.SAVED
    )
    for row in work.session.exec(open_ones.order_by(col(Import.made_at), col(Import.id))).all():
        back = kept_of(work, row)
        done = {key.hex() for key in taken_keys(work, [bytes.fromhex(key) for key in back.keys])}
        if done:
            left = _without(back, done)
            row.back = len(left.keys)
            work.seal(row, "kept", _to_json(left) if left.keys else None)
            work.session.add(row)
            work.remember(facts.RowsSettled(import_id=row.id, left=row.back))


def _without(back: Back, done: set[str]) -> Back:
    sheets = tuple(KeptSheet(each.name, each.header, tuple(row for row in each.rows if row.key not in done)) for each in back.sheets)
    rows = {(each.name, row.number) for each in sheets for row in each.rows}
    return Back(
        tuple(key for key in back.keys if key not in done), tuple(each for each in back.needed if (each.sheet, each.row) in rows), sheets
    )


def set_aside(work: Work, import_id: UUID) -> int:
    """Forget the rows that still need somebody: they are not wanted any more. Returns how many they were."""
    row = work.session.get(Import, import_id)
    if row is None or row.operation_id != work.operation_id:
        raise NotThere
    count, row.back = row.back, 0
    work.seal(row, "kept", None)
    work.session.add(row)
    work.remember(facts.RowsSetAside(import_id=row.id, count=count))
    return count


def write_back(path: Path | str, back: Back) -> None:
    """A workbook of only these rows: the same sheets and headings, each row with its key and what to correct. Text stays text."""
    fixes: dict[tuple[str, int], list[str]] = {}
    for each in back.needed:
        fixes.setdefault((each.sheet, each.row), []).append(each.fix)
    with new_book(path) as book:
        formats = Formats(book)
        for kept in back.sheets:
            page = book.add_worksheet(kept.name[:31])
            for number, line in enumerate(_lines(kept, fixes)):
                for column, text in enumerate(line):
                    page.write_string(number, column, text, formats.text if number else formats.heading)
            page.freeze_panes(1, 0)


def _lines(kept: KeptSheet, fixes: Mapping[tuple[str, int], list[str]]) -> Iterator[list[str]]:
    yield [*kept.header, ROW_KEY, CORRECT]
    for row in kept.rows:
        yield [*row.texts, row.key, "; ".join(fixes.get((kept.name, row.number), []))]


def _to_json(back: Back) -> str:
    return json.dumps(
        {
            "keys": back.keys,
            "needed": [[each.sheet, each.cell, each.fix, each.held, each.row] for each in back.needed],
            "sheets": [[each.name, each.header, [[row.number, row.texts, row.key] for row in each.rows]] for each in back.sheets],
        },
        ensure_ascii=False,
    )


def _from_json(kept: Mapping[str, list[list[object]]]) -> Back:
    return Back(
        tuple(str(key) for key in kept["keys"]),
        tuple(Needed(*each) for each in kept["needed"]),  # type: ignore[arg-type]  # as _to_json wrote it
        tuple(
            KeptSheet(str(name), tuple(header), tuple(KeptRow(number, tuple(texts), key) for number, texts, key in rows))  # type: ignore[arg-type, attr-defined]
            for name, header, rows in kept["sheets"]
        ),
    )
