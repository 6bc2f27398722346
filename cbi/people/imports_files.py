"""An uploaded file of households between the first look and the saving: sealed beside the database, opened only while it is read."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused
from cbi.people import facts_imports as facts
from cbi.people import imports_map
from cbi.people.imports import Plan, choose, new_import, open_sheets, plan_of, save, saved_before
from cbi.people.imports_map import ImportMap
from cbi.people.tables import Import, ImportStatus
from cbi.store.records import Records
from cbi.store.scratch import scratch
from cbi.store.work import Actor, Reading
from cbi.web.words import _
from reconciliation.sheets import Sheets

LARGEST = 20 * 1024 * 1024
_FOLDER = "imports"
_KEPT = timedelta(days=7)


def receive(records: Records, actor: Actor, content: bytes) -> UUID:
    """Keep an uploaded file until it is saved or seven days have passed; the same bytes are the same file. Raises Refused with what to do with it."""
    if not content:
        raise Refused(_("choose a file that is not empty"))
    if len(content) > LARGEST:
        raise Refused(_("split the file: it is larger than 20 MB"))
    digest = sha256(content).digest()
    with scratch(records, "file") as path:
        path.write_bytes(content)
        sheets = open_sheets(path)
    imports_map.propose(sheets)
    with records.work(actor) as work:
        before = saved_before(work, digest) or _waiting(records, work, digest)
        if before is not None:
            return before
        row = new_import(work, digest, imports_map.fingerprint(sheets))
        _path(records, row.id).write_bytes(work.vault.seal_bytes(work.session, row, "file", content))
        work.add(row)
        work.remember(facts.ImportReceived(import_id=row.id, digest=digest, size=len(content)))
        return row.id


def by_id(reading: Reading, import_id: UUID) -> Import:
    """A file of this operation. Raises NotThere."""
    row = reading.session.get(Import, import_id)
    if row is None or row.operation_id != reading.operation_id:
        raise NotThere
    return row


def sheets_of(records: Records, import_id: UUID) -> Sheets:
    """What stands in a file that waits. Raises Refused when it waited too long."""
    with records.read() as reading:
        row = by_id(reading, import_id)
        kept = _path(records, row.id)
        if not kept.exists():
            raise Refused(_("upload the file again: it is kept for seven days only, or was saved in the meantime"))
        content = reading.vault.open_bytes(reading.session, row, "file", kept.read_bytes())
    with scratch(records, "file") as path:
        path.write_bytes(content)
        return open_sheets(path)


def look(records: Records, import_id: UUID) -> tuple[Sheets, ImportMap, Plan]:
    """What saving a file that waits would do. Raises NotSure, Refused."""
    sheets = sheets_of(records, import_id)
    with records.read() as reading:
        chosen = _chosen(reading, by_id(reading, import_id), sheets)
        return sheets, chosen, plan_of(reading, sheets, chosen, country=records.operation.country)


def proposed(records: Records, import_id: UUID, sheets: Sheets) -> ImportMap:
    """How the file is read so far: as confirmed for it or its shape, else as its headings say; it may lack something."""
    with records.read() as reading:
        row = by_id(reading, import_id)
        try:
            return _chosen(reading, row, sheets)
        except Refused:
            return imports_map.propose(sheets)


def confirm(records: Records, actor: Actor, import_id: UUID, sheets: Sheets, chosen: ImportMap) -> None:
    """Keep how a person says the file is read; files of the same shape are read so from now on."""
    with records.work(actor) as work:
        row = by_id(work, import_id)
        if row.status is ImportStatus.RECEIVED:
            row.mapping = json.dumps(imports_map.to_json(chosen, sheets), ensure_ascii=False, sort_keys=True)
            work.add(row)
            work.remember(facts.ImportMapped(import_id=row.id))


def save_received(records: Records, actor: Actor, import_id: UUID) -> None:
    """Register what a file that waits holds; sent twice, it happens once. The file is gone afterwards: only rows that need somebody are kept."""
    with records.read() as reading:
        if by_id(reading, import_id).status is ImportStatus.SAVED:
            return
    sheets, chosen, plan = look(records, import_id)
    with records.work(actor) as work:
        row = by_id(work, import_id)
        if row.status is ImportStatus.RECEIVED:
            save(work, row, sheets, chosen, plan)
    _path(records, import_id).unlink(missing_ok=True)


def _chosen(reading: Reading, row: Import, sheets: Sheets) -> ImportMap:
    return choose(reading, sheets, json.loads(row.mapping) if row.mapping != "{}" else None)


def _waiting(records: Records, reading: Reading, digest: bytes) -> UUID | None:
    asked = select(Import.id).where(
        Import.operation_id == reading.operation_id, Import.digest == digest, Import.status == ImportStatus.RECEIVED
    )
    found = reading.session.exec(asked.order_by(col(Import.made_at).desc(), col(Import.id))).all()
    return next((import_id for import_id in found if _path(records, import_id).exists()), None)


def forget_old(records: Records) -> None:
    """Remove files that waited seven days without being saved. Safe to run at any moment."""
    for path in due(records):
        path.unlink(missing_ok=True)


def due(records: Records, leeway: timedelta = timedelta()) -> list[Path]:
    """Files that still lie here although they waited seven days, and the leeway."""
    with records.read() as reading:
        before = reading.now - _KEPT - leeway
        old = sa.select(col(Import.id)).where(col(Import.status) == ImportStatus.RECEIVED, col(Import.made_at) < before)
        paths = [_path(records, import_id) for import_id in reading.session.connection().execute(old).scalars()]
    return [path for path in paths if path.exists()]


def _path(records: Records, import_id: UUID) -> Path:
    return records.private(_FOLDER) / f"{import_id}.sealed"
