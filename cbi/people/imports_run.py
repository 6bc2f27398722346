"""The steps on a file that was uploaded: look through it, save it a part at a time. Each can be begun again at any moment and ends the same."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa

from cbi.errors import Refused
from cbi.people import facts_imports as facts
from cbi.people import imports_files, imports_map, imports_work
from cbi.people.imports_entries import Entries
from cbi.people.imports_kept import keep, settle
from cbi.people.imports_map import ImportMap, NotSure
from cbi.people.imports_parts import Part, Plan, at_once, entries_of, held_of, hold, left_of, parts_of, sorted_out, survey
from cbi.people.imports_read import Entry
from cbi.people.imports_save import register_many
from cbi.people.imports_undo import undo
from cbi.people.tables import Import, ImportStatus
from cbi.people.tables_imports import ImportStep
from cbi.store.records import Records
from cbi.store.work import Actor, Work
from reconciliation.sheets import Sheets

_ONE_IMPORT = 0x0CB2  # PostgreSQL's lock: what one part looked for, no other puts in at the same moment


def look(records: Records, actor: Actor, import_id: UUID, turn: int) -> None:
    """Read a file from end to end and keep what would become of its rows. Raises Overtaken."""
    try:
        sheets, chosen, entries = _opened(records, import_id)
    except NotSure:
        return _end(records, actor, import_id, turn, imports_work.ASKS)
    except Refused as problem:
        return _end(records, actor, import_id, turn, problem.fix)
    with records.read() as reading:
        plan = survey(reading, entries, _Pace(records, actor, import_id, turn, len(entries)).tell)
    with records.work(actor) as work:
        imports_work.end(work, import_id, turn)
        row = imports_files.by_id(work, import_id)
        _write(row, plan)
        row.shape = imports_map.fingerprint(sheets)
        keep(work, row, sheets, chosen, plan.back)
        work.add(row)
        work.remember(facts.ImportLooked(import_id=row.id, rows=plan.rows, new=plan.new, again=plan.again, back=len(plan.back)))
    return None


def _opened(records: Records, import_id: UUID) -> tuple[Sheets, ImportMap, Entries]:
    sheets = imports_files.sheets_of(records, import_id)
    imports_files.keep_first_rows(records, import_id, sheets)
    with records.read() as reading:
        chosen = imports_files.chosen(reading, import_id, sheets)
        return sheets, chosen, entries_of(reading, sheets, chosen, country=records.operation.country)


class _Pace:
    """Tells how far a look has come."""

    def __init__(self, records: Records, actor: Actor, import_id: UUID, turn: int, total: int) -> None:
        self._records, self._actor, self._id, self._turn, self._total = records, actor, import_id, turn, total
        with records.read() as reading:
            mark = imports_work.mark_of(reading, import_id)
        self._done = mark.done if mark else 0
        self.tell(0)

    def tell(self, done: int) -> None:
        """So many entries were looked at. Raises Overtaken."""
        with self._records.work(self._actor) as work:
            imports_work.move(work, self._id, self._turn, done=self._done, to=done, total=self._total)
        self._done = done


def _end(records: Records, actor: Actor, import_id: UUID, turn: int, fix: str) -> None:
    with records.work(actor) as work:
        imports_work.end(work, import_id, turn, fix)


def save(records: Records, actor: Actor, import_id: UUID, turn: int) -> None:
    """Register what a file holds that is new, part by part, each whole or not at all. Raises NotSure, Refused, Overtaken.

    Gone on with where it stood after a kill: the part and the count of what is done are one commit.  The file is gone afterwards.
    """
    try:
        sheets, chosen, entries = _opened(records, import_id)
    except Refused as problem:
        _end(records, actor, import_id, turn, problem.fix)
        raise
    with records.read() as reading:
        mark, is_mapped = imports_work.mark_of(reading, import_id), imports_files.by_id(reading, import_id).mapping != "{}"
    begun = mark.done if mark else 0
    if not is_mapped:
        with records.work(actor) as work:
            imports_work.move(work, import_id, turn, done=begun, to=begun, total=len(entries))
            imports_files.settle(work, import_id, sheets, chosen)
    back = [entry for first in range(0, begun, at_once(entries)) for entry in entries.part(first, at_once(entries)) if entry.told is None]
    held = held_of(entries)
    for first in parts_of(entries, begun):
        with records.read() as reading:
            part = hold(reading, left_of(reading, sorted_out(entries.part(first, at_once(entries)))), held)
        with records.work(actor) as work:
            upto = min(first + at_once(entries), len(entries))
            imports_work.move(work, import_id, turn, done=first, to=upto, total=len(entries))
            _save_part(work, import_id, first, part)
        back += part.back
    with records.work(actor) as work:
        imports_work.end(work, import_id, turn)
        _finish(work, import_id, sheets, chosen, back)
    imports_files.remove(records, import_id)


def _save_part(work: Work, import_id: UUID, first: int, part: Part) -> None:
    """Register a part; less of it where somebody was first."""
    if work.session.get_bind().dialect.name == "postgresql":
        work.session.connection().execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_IMPORT)))
    done = left_of(work, part)
    row = imports_files.by_id(work, import_id)
    row.rows += done.rows
    row.people += done.people
    row.saved += len(done.new)
    row.alike += done.alike
    row.again += len(done.again)
    row.taken_back += len(done.back)
    row.back += len(done.back)
    work.add(row)
    register_many(work, [replace(told, import_id=row.id) for told in done.told])
    work.remember(facts.ImportPartSaved(import_id=row.id, first=first, saved=len(done.new), people=done.people))


def _finish(work: Work, import_id: UUID, sheets: Sheets, chosen: ImportMap, back: list[Entry]) -> None:
    row = imports_files.by_id(work, import_id)
    row.mapping = json.dumps(imports_map.to_json(chosen, sheets), ensure_ascii=False, sort_keys=True)
    row.shape, row.status = imports_map.fingerprint(sheets), ImportStatus.SAVED
    keep(work, row, sheets, chosen, back)
    work.add(row)
    settle(work, besides=row.id)
    counts = {"rows": row.rows, "people": row.people, "saved": row.saved, "alike": row.alike, "again": row.again, "back": row.back}
    work.remember(facts.HouseholdsImported(import_id=row.id, digest=row.digest, **counts))


def _write(row: Import, plan: Plan) -> None:
    row.rows, row.people, row.saved, row.alike, row.again = plan.rows, plan.people, plan.new, plan.alike, plan.again
    row.taken_back = row.back = len(plan.back)


STEPS = {ImportStep.LOOK: look, ImportStep.SAVE: save, ImportStep.UNDO: undo}
