"""Taking in households by the file: looked at first, saved once, and what needs somebody handed back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cbi.errors import Refused
from cbi.people import imports_files, imports_run, imports_work
from cbi.people.imports_files import choose, open_sheets
from cbi.people.imports_kept import Back, collect, kept_of
from cbi.people.imports_map import ImportMap, NotSure
from cbi.people.imports_parts import SMALL, Plan, entries_of, survey
from cbi.people.imports_undo import BuiltUpon, refuse_built_upon
from cbi.people.tables import ImportStatus
from cbi.people.tables_imports import ImportStep
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.web.words import _
from reconciliation.payout import RowProblem
from reconciliation.sheets import Sheets

__all__ = ["BuiltUpon", "ImportResult", "NotSure", "import_file", "look", "open_sheets", "rows_needing", "save", "undo"]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of a file, or would. rows = saved + again + back.

    households, members: registered with it, people counted.  alike: of the saved, those held because they look like another.
    again: taken before.  back: rows that need somebody, as `problems` says.  import_id: None in a dry run.
    """

    import_id: UUID | None
    rows: int
    members: int
    saved: int
    alike: int
    again: int
    back: int
    problems: tuple[RowProblem, ...]

    @property
    def households(self) -> int:
        """The same as `saved`: one entry, one household."""
        return self.saved


def import_file(
    records: Records, actor: Actor, path: Path | str, mapping: Mapping[str, object] | None = None, *, dry_run: bool = False
) -> ImportResult:
    """Take in a file of households while the caller waits: xlsx, xls, ods or csv, flat or with a sheet of members.

    mapping: as `imports_map.to_json` writes it; None for the one used before for files of this shape, else the proposed one.
    The same file again, or the same rows, change nothing.  Raises Refused for a file that cannot be read, NotSure when only a person can say
    what its columns hold.
    """
    sheets, chosen = _opened(records, path, mapping)
    if dry_run:
        return _result(None, _survey(records, sheets, chosen))
    import_id = imports_files.receive(records, actor, Path(path).read_bytes())
    if _is_saved(records, import_id):
        return _result(import_id, _survey(records, sheets, chosen))
    imports_files.confirm(records, actor, import_id, sheets, chosen)
    del sheets  # saving opens the file for itself: a long one is not held twice
    turn = imports_work.begin(records, actor, import_id, ImportStep.SAVE, waits=False)
    if turn is None:
        raise Refused(_("wait until this very file is taken in: somebody else is doing it"))
    imports_run.save(records, actor, import_id, turn)
    with records.read() as reading:
        row = imports_files.by_id(reading, import_id)
        problems = tuple(RowProblem(one.sheet, one.cell, one.fix) for one in kept_of(reading, row).needed)
    return ImportResult(row.id, row.rows, row.people, row.saved, row.alike, row.again, row.taken_back, problems)


def rows_needing(records: Records, path: Path | str, mapping: Mapping[str, object] | None = None) -> Back:
    """The rows of a file that need somebody, for a workbook of only these."""
    sheets, chosen = _opened(records, path, mapping)
    return collect(sheets, chosen, _survey(records, sheets, chosen).back)


def look(records: Records, actor: Actor, import_id: UUID) -> None:
    """Look through a file that waits, now when it is short, else in the office's long work."""
    _step(records, actor, import_id, ImportStep.LOOK, quick=imports_files.is_quick(records, import_id))


def save(records: Records, actor: Actor, import_id: UUID) -> None:
    """Register what a file that waits holds; sent twice, it happens once. Now when it is short, else in the office's long work. Raises Refused."""
    if not _is_saved(records, import_id):
        _step(records, actor, import_id, ImportStep.SAVE, quick=imports_files.is_quick(records, import_id))


def undo(records: Records, actor: Actor, import_id: UUID) -> None:
    """Take a saved file back; sent twice, it happens once. Now when it is short, else in the office's long work. Raises BuiltUpon."""
    with records.read() as reading:
        row = imports_files.by_id(reading, import_id)
        if row.status is not ImportStatus.SAVED:
            return
        refuse_built_upon(reading, import_id)
    _step(records, actor, import_id, ImportStep.UNDO, quick=row.saved <= SMALL)


def _step(records: Records, actor: Actor, import_id: UUID, step: ImportStep, *, quick: bool) -> None:
    turn = imports_work.begin(records, actor, import_id, step, waits=not quick)
    if quick and turn is not None:
        imports_run.STEPS[step](records, actor, import_id, turn)


def _is_saved(records: Records, import_id: UUID) -> bool:
    with records.read() as reading:
        return imports_files.by_id(reading, import_id).status is ImportStatus.SAVED


def _opened(records: Records, path: Path | str, mapping: Mapping[str, object] | None) -> tuple[Sheets, ImportMap]:
    sheets = open_sheets(path)
    with records.read() as reading:
        return sheets, choose(reading, sheets, None if mapping is None else dict(mapping))


def _survey(records: Records, sheets: Sheets, chosen: ImportMap) -> Plan:
    with records.read() as reading:
        return survey(reading, entries_of(reading, sheets, chosen, country=records.operation.country))


def _result(import_id: UUID | None, plan: Plan) -> ImportResult:
    return ImportResult(import_id, plan.rows, plan.people, plan.new, plan.alike, plan.again, len(plan.back), plan.problems)
