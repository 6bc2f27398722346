"""An uploaded file of households between the first look and the saving: sealed beside the database, opened only while it is read."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from sqlmodel import col, select

from cbi.errors import NotThere, Refused
from cbi.people import facts_imports as facts
from cbi.people import imports_map, imports_work
from cbi.people.imports_archive import open_tables, tables_in
from cbi.people.imports_map import ImportMap, NotSure
from cbi.people.imports_targets import ROW_KEY
from cbi.people.tables import Import, ImportStatus
from cbi.store.ids import id_of
from cbi.store.records import Records
from cbi.store.scratch import scratch
from cbi.store.work import Actor, Reading, Work
from cbi.web.words import _
from reconciliation.cells import text_of
from reconciliation.sheets import PasswordNeeded, Sheet, Sheets, UnreadableFile
from reconciliation.workbook import open_rows

LARGEST = 80 * 1024 * 1024
QUICK = 512 * 1024  # bytes that are read while a person waits: some two thousand households
_FOLDER, _FIRST_ROWS = "imports", 24
_KEPT = timedelta(days=7)


def open_sheets(path: Path | str) -> Sheets:
    """The sheets of a file. Raises Refused with what to do with it."""
    try:
        tables = tables_in(Path(path))
        return open_tables(Path(path), tables) if tables else open_rows(path)
    except PasswordNeeded:
        raise Refused(
            _("save the file without its password and send that: it is opened more than once here, and a password is never kept")
        ) from None
    except UnreadableFile as problem:
        raise Refused(problem.fix) from None


def receive(records: Records, actor: Actor, content: bytes) -> UUID:
    """Keep an uploaded file until it is saved or seven days have passed; the same bytes are the same file. Raises Refused with what to do with it."""
    if not content:
        raise Refused(_("choose a file that is not empty"))
    if len(content) > LARGEST:
        raise Refused(_("split the file: it is larger than 80 MB"))
    digest, shape = sha256(content).digest(), b""
    if len(content) <= QUICK:
        with scratch(records, "file") as path:
            path.write_bytes(content)
            sheets = open_sheets(path)
        imports_map.propose(sheets)
        shape = imports_map.fingerprint(sheets)
    with records.work(actor) as work:
        before = saved_before(work, digest) or _waiting(records, work, digest)
        if before is not None:
            return before
        row = _new_import(work, digest, shape)
        _path(records, row.id).write_bytes(work.vault.seal_bytes(work.session, row, "file", content))
        work.add(row)
        work.remember(facts.ImportReceived(import_id=row.id, digest=digest, size=len(content)))
        return row.id


def _new_import(work: Work, digest: bytes, shape: bytes) -> Import:
    return Import(
        id=work.new_id("people"),
        operation_id=work.operation_id,
        digest=digest,
        shape=shape,
        made_by=work.actor.id or UUID(int=0),
        made_at=work.now,
    )


def is_quick(records: Records, import_id: UUID) -> bool:
    """Whether a file that waits is short enough to be read while a person waits."""
    return size_of(records, import_id) <= QUICK


def size_of(records: Records, import_id: UUID) -> int:
    """The bytes of a file that waits. Raises Refused when it waited too long."""
    try:
        return _path(records, import_id).stat().st_size
    except FileNotFoundError:
        raise _gone() from None


def _gone() -> Refused:
    return Refused(_("upload the file again: it is kept for seven days only, or was saved in the meantime"))


def by_id(reading: Reading, import_id: UUID) -> Import:
    """A file of this operation. Raises NotThere."""
    row = reading.session.get(Import, import_id)
    if row is None or row.operation_id != reading.operation_id:
        raise NotThere
    return row


def sheets_of(records: Records, import_id: UUID) -> Sheets:
    """What stands in a file that waits. Raises Refused when it waited too long."""
    with scratch(records, "file") as path:
        path.write_bytes(_content(records, import_id, _path(records, import_id), "file"))
        return open_sheets(path)


def _content(records: Records, import_id: UUID, kept: Path, what: str) -> bytes:
    with records.read() as reading:
        row = by_id(reading, import_id)
        if not kept.exists():
            raise _gone()
        return reading.vault.open_bytes(reading.session, row, what, kept.read_bytes())


def keep_first_rows(records: Records, import_id: UUID, sheets: Sheets) -> None:
    """Keep the first rows of a file that is not quickly read, sealed beside it: whoever says what its columns hold waits for no long file."""
    if is_quick(records, import_id):
        return
    shown = [[sheet.name, [[text_of(value) for value in row] for row in sheet.rows[:_FIRST_ROWS]]] for sheet in sheets.visible()]
    with records.work(Actor()) as work:
        row = by_id(work, import_id)
        sealed = work.vault.seal_bytes(work.session, row, "first", json.dumps(shown, ensure_ascii=False).encode())
    _first(records, import_id).write_bytes(sealed)


def first_rows(records: Records, import_id: UUID) -> Sheets:
    """A file by its first rows; a short one whole. Raises Refused when it waited too long."""
    if is_quick(records, import_id) or not _first(records, import_id).exists():
        return sheets_of(records, import_id)
    kept = json.loads(_content(records, import_id, _first(records, import_id), "first"))
    return Sheets("xlsx", tuple(Sheet(name, rows) for name, rows in kept))


def proposed(records: Records, import_id: UUID, sheets: Sheets) -> ImportMap:
    """How the file is read so far: as confirmed for it or its shape, else as its headings say; it may lack something."""
    with records.read() as reading:
        try:
            return chosen(reading, import_id, sheets)
        except Refused:
            return imports_map.propose(sheets)


def confirm(records: Records, actor: Actor, import_id: UUID, sheets: Sheets, said: ImportMap) -> None:
    """Keep how a person says the file is read; files of the same shape are read so from now on.

    Raises Refused while the file is being saved or taken back: what a part was read with, the next is read with too.
    """
    with records.work(actor) as work:
        row = by_id(work, import_id)
        work.session.refresh(row, with_for_update=True)  # `begin` locks the same row
        if imports_work.is_under_way(work, import_id):
            raise Refused(_("wait until this very file is taken in: somebody else is doing it"))
        if row.status is ImportStatus.RECEIVED:
            settle(work, import_id, sheets, said)


def settle(work: Work, import_id: UUID, sheets: Sheets, said: ImportMap) -> None:
    """Keep how a file is read, so that it is read so to its end whatever other files of its shape are read with meanwhile."""
    row = by_id(work, import_id)
    row.mapping = json.dumps(imports_map.to_json(said, sheets), ensure_ascii=False, sort_keys=True)
    work.add(row)
    work.remember(facts.ImportMapped(import_id=row.id))


def chosen(reading: Reading, import_id: UUID, sheets: Sheets) -> ImportMap:
    """How a file that waits is read. Raises NotSure, Refused."""
    row = by_id(reading, import_id)
    return choose(reading, sheets, json.loads(row.mapping) if row.mapping != "{}" else None)


def choose(reading: Reading, sheets: Sheets, told: dict[str, object] | None = None) -> ImportMap:
    """How a file is read: as told, as files of this shape were read before, or as its headings say. Raises NotSure, Refused."""
    said = None if told is None else imports_map.from_json(told, sheets)
    found = said or remembered(reading, sheets) or imports_map.propose(sheets)
    if found.lacking():
        raise NotSure(found.lacking())
    return found


def remembered(reading: Reading, sheets: Sheets) -> ImportMap | None:
    """The map that the last file of this shape was read with; a workbook of corrected rows finds its rows by a column no other file has."""
    kept = select(Import.mapping).where(
        Import.operation_id == reading.operation_id,
        Import.shape == imports_map.fingerprint(sheets),
        Import.mapping != "{}",
        ~col(Import.mapping).contains(f'"{ROW_KEY}"', autoescape=True),
    )
    found = reading.session.exec(kept.order_by(col(Import.made_at).desc(), col(Import.id)).limit(1)).first()
    try:
        return None if found is None else imports_map.from_json(json.loads(found), sheets)
    except Refused:
        return None


def saved_before(reading: Reading, digest: bytes) -> UUID | None:
    """The import that this very file was saved with, unless it was taken back."""
    asked = select(Import.id).where(
        Import.operation_id == reading.operation_id, Import.digest == digest, Import.status == ImportStatus.SAVED
    )
    return reading.session.exec(asked.order_by(col(Import.made_at), col(Import.id))).first()


def _waiting(records: Records, reading: Reading, digest: bytes) -> UUID | None:
    asked = select(Import.id).where(
        Import.operation_id == reading.operation_id, Import.digest == digest, Import.status == ImportStatus.RECEIVED
    )
    found = reading.session.exec(asked.order_by(col(Import.made_at).desc(), col(Import.id))).all()
    return next((import_id for import_id in found if _path(records, import_id).exists()), None)


def remove(records: Records, import_id: UUID) -> None:
    """The file is not needed any more."""
    _path(records, import_id).unlink(missing_ok=True)
    _first(records, import_id).unlink(missing_ok=True)


def forget_old(records: Records) -> None:
    """Remove files that waited seven days without being saved, and what a kill left of saved ones. Safe to run at any moment."""
    for path in due(records):
        path.unlink(missing_ok=True)


def due(records: Records, leeway: timedelta = timedelta()) -> list[Path]:
    """Files that still lie here although they waited seven days and the leeway, or were saved, or belong to nothing."""
    with records.read() as reading:
        return [path for path in sorted(records.private(_FOLDER).iterdir()) if not _is_needed(reading, path, reading.now - _KEPT - leeway)]


def _is_needed(reading: Reading, path: Path, since: object) -> bool:
    row = reading.session.get(Import, id_of(path.name.partition(".")[0]))
    return row is not None and row.status is ImportStatus.RECEIVED and row.made_at >= since  # type: ignore[operator]  # a moment


def _path(records: Records, import_id: UUID) -> Path:
    return records.private(_FOLDER) / f"{import_id}.sealed"


def _first(records: Records, import_id: UUID) -> Path:
    return records.private(_FOLDER) / f"{import_id}.first.sealed"
