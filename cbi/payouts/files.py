"""Payout files at rest: kept sealed beside the database, opened only into a private folder and only while they are read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import Refused, SomebodyWasFirst
from cbi.payouts import corrections, facts
from cbi.payouts.about import About, about_lists, about_of, add_lists
from cbi.payouts.queries import file_by_id
from cbi.payouts.tables import FileStatus, PayoutFile
from cbi.store.records import Records
from cbi.store.scratch import scratch
from cbi.store.work import Actor, Reading, Work
from cbi.web.filters import day, in_zone
from cbi.web.words import _
from reconciliation import workbook

LARGEST = 80 * 1024 * 1024
_FOLDER, _CONTENT, _SAMPLE = "files", ".sealed", ".sample"
_ID = 36  # a file's name begins with its id
_FINISHED = (FileStatus.POSTED, FileStatus.UNDONE, FileStatus.REFUSED)
_MAY_BE_UNDER_WAY = timedelta(days=1)
_KNOWN_ENDINGS = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv", ".tsv", ".txt"}


def receive(records: Records, actor: Actor, about: UUID | Sequence[UUID], name: str, content: bytes) -> UUID:
    """Keep an uploaded file about a released list, or several of one provider; returns its id. The same bytes about the same lists are the same file.

    Raises Refused when the file is empty, too large, or already counts.
    """
    _refuse_size(content)
    digest = sha256(content).digest()
    with records.work(actor) as work:
        lists = about_lists(work, [about] if isinstance(about, UUID) else about)
        known = _same(work, lists, digest)
        return known or _keep(records, work, lists, name, content)


def receive_corrections(records: Records, actor: Actor, corrects_id: UUID, name: str, content: bytes) -> UUID:
    """Keep a file of corrected rows, about the same lists as the posted file it corrects; returns its id.

    Raises Refused when that file does not count, holds nothing to correct, or this one was sent before and counts.
    """
    _refuse_size(content)
    with records.work(actor) as work:
        original = file_by_id(work, corrects_id)
        if original.status is not FileStatus.POSTED:
            raise Refused(_("post the file first, without the rows that could not be read; then upload those alone"))
        if not corrections.unread(work, corrects_id).rows:
            raise Refused(_("upload it as a file of its own: every row of this file could be read"))
        about = about_of(work, corrects_id)
        known = _same(work, about, sha256(content).digest(), corrects_id=corrects_id)
        return known or _keep(records, work, about, name, content, corrects_id=corrects_id)


class AwayReason(StrEnum):
    """Why a file is put away unread."""

    WRONG_FILE = "wrong_file"
    WRONG_LIST = "wrong_list"
    SENT_AGAIN = "sent_again"
    NO_PAYMENTS = "no_payments"


def put_away(records: Records, actor: Actor, file_id: UUID, reason: AwayReason) -> None:
    """Put a file away that waits for somebody to say how it is read; its bytes may be uploaded again. Done twice, it is done once.

    Raises SomebodyWasFirst when it does not wait for that any more.
    """
    with records.work(actor) as work:
        file = work.session.get_one(PayoutFile, file_by_id(work, file_id).id, with_for_update=True, populate_existing=True)
        if file.status is FileStatus.REFUSED and file.undo_reason:
            return
        if file.status is not FileStatus.ASKING:
            raise SomebodyWasFirst(_("look at the file again: it does not wait for an answer any more"))
        file.status, file.undo_reason, file.fix = FileStatus.REFUSED, reason.value, ""
        work.add(file)
        work.remember(facts.FilePutAway(file_id=file_id, reason=reason.value))


def _refuse_size(content: bytes) -> None:
    if not content:
        raise Refused(_("choose a file that is not empty"))
    if len(content) > LARGEST:
        raise Refused(_("split the file: it is larger than 80 MB"))


def _keep(records: Records, work: Work, about: About, name: str, content: bytes, *, corrects_id: UUID | None = None) -> UUID:
    assert work.actor.id is not None
    file = PayoutFile(
        id=work.new_id("payouts"),
        operation_id=work.operation_id,
        provider_id=about.provider_id,
        corrects_id=corrects_id,
        digest=sha256(content).digest(),
        name=b"",
        uploaded_by=work.actor.id,
        uploaded_at=work.now,
    )
    work.seal(file, "name", _short(name))
    work.add(file)
    work.session.flush()
    add_lists(work, file.id, about)
    _write(_kept(records, file), work.vault.seal_bytes(work.session, file, "content", content))
    work.remember(facts.FileReceived(file_id=file.id, list_ids=about.ids, corrects_id=corrects_id, digest=file.digest, size=len(content)))
    return file.id


def _same(reading: Reading, about: About, digest: bytes, *, corrects_id: UUID | None = None) -> UUID | None:
    """The same bytes, uploaded before. Raises Refused when they already count."""
    found = reading.session.exec(
        select(PayoutFile).where(PayoutFile.digest == digest).order_by(col(PayoutFile.uploaded_at), col(PayoutFile.id))
    ).all()
    posted = next((file for file in found if file.status is FileStatus.POSTED and file.posted_at), None)
    if posted is not None and posted.posted_at is not None:
        with in_zone(reading.zone):  # also from a shell, where no page says which
            told = day(posted.posted_at)
        raise Refused(_("look for another file: this one was posted on %(day)s, and it counts once", day=told))
    return next(
        (
            file.id
            for file in found
            if file.corrects_id == corrects_id
            and file.status in {FileStatus.ASKING, FileStatus.PREVIEWED, FileStatus.READING}
            and set(about_of(reading, file.id).ids) == set(about.ids)
        ),
        None,
    )


@contextmanager
def opened(records: Records, file_id: UUID) -> Iterator[Path]:
    """The file's own bytes under a neutral name in a private folder, gone again afterwards."""
    try:
        content, ending = _content(records, file_id)
    except FileNotFoundError:  # unlocked while it was looked up: it lies under its next name
        content, ending = _content(records, file_id)
    with scratch(records, "file" + (ending if ending in _KNOWN_ENDINGS else "")) as path:
        path.write_bytes(content)
        yield path


def unlock(records: Records, actor: Actor, file_id: UUID, password: str) -> None:
    """Take the file's own password off, once; the office's seal stays. The password is kept nowhere. Raises PasswordNeeded when it is wrong.

    The new file lies under a name of its own before the database says that it counts, and the old one goes afterwards: whatever happens in
    between, the database points at a whole file.
    """
    with opened(records, file_id) as path, scratch(records, "file") as clear:
        if not workbook.unlock(path, password, clear):
            return
        content = clear.read_bytes()
    with records.work(actor) as work:
        file = work.session.get_one(PayoutFile, file_id, with_for_update=True, populate_existing=True)
        before = _kept(records, file)
        file.writing += 1
        work.add(file)
        _write(_kept(records, file), work.vault.seal_bytes(work.session, file, "content", content))
        work.remember(facts.FileUnlocked(file_id=file_id))
    before.unlink(missing_ok=True)


def sweep(records: Records) -> int:
    """Remove kept files that nothing points at: of an upload or an unlocking that was never finished. Returns how many.

    What is younger than a day stays: it may belong to work that is still to be committed.
    """
    last = (records.clock.now() - _MAY_BE_UNDER_WAY).timestamp()
    old = [path for path in records.private(_FOLDER).glob(f"*{_CONTENT}") if path.stat().st_mtime < last]
    if not old:
        return 0
    with records.read() as reading:
        wanted = {_name(*row) for row in reading.session.exec(select(PayoutFile.id, PayoutFile.writing))}
    gone = [path for path in old if path.name not in wanted]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def forget(records: Records, kept: timedelta) -> int:
    """Remove the bytes and first rows of files that were counted, undone or refused so long ago. What was read of them, and the ledger, stays.

    Safe to run at any moment; returns how many files there were.
    """
    old = due(records, kept)
    if not old:
        return 0
    with records.work(Actor(name="the clock")) as work:
        work.remember(facts.FilesForgotten(before=work.today - kept, files=len(old)))
    for paths in old.values():
        for path in paths:
            path.unlink(missing_ok=True)
    return len(old)


def due(records: Records, kept: timedelta) -> dict[UUID, list[Path]]:
    """What still lies here of files that were finished so long ago."""
    there: dict[str, list[Path]] = {}
    for path in records.private(_FOLDER).iterdir():
        there.setdefault(path.name[:_ID], []).append(path)
    finished = sa.func.coalesce(col(PayoutFile.undone_at), col(PayoutFile.posted_at), col(PayoutFile.uploaded_at))
    with records.read() as reading:
        asked = select(PayoutFile.id).where(col(PayoutFile.status).in_(_FINISHED), finished < reading.now - kept)
        return {file_id: there[str(file_id)] for file_id in reading.session.exec(asked) if str(file_id) in there}


def has_sample(records: Records, file_id: UUID) -> bool:
    """Whether the file's first rows are kept."""
    return _path(records, file_id, _SAMPLE).exists()


def keep_sample(records: Records, reading: Reading, file_id: UUID, content: bytes) -> None:
    """Keep the file's first rows, sealed as the file is."""
    file = reading.session.get_one(PayoutFile, file_id)
    beside = _path(records, file_id, ".new-sample")
    beside.write_bytes(reading.vault.seal_bytes(reading.session, file, "sample", content))
    beside.replace(_path(records, file_id, _SAMPLE))


def sample(records: Records, reading: Reading, file_id: UUID) -> bytes | None:
    """What is kept of the file's first rows; None when nothing is."""
    path = _path(records, file_id, _SAMPLE)
    file = reading.session.get_one(PayoutFile, file_id)
    return reading.vault.open_bytes(reading.session, file, "sample", path.read_bytes()) if path.exists() else None


def size_of(records: Records, file_id: UUID) -> int:
    """The file's size in bytes, as near as its seal tells."""
    with records.read() as reading:
        return _kept(records, file_by_id(reading, file_id)).stat().st_size


def _content(records: Records, file_id: UUID) -> tuple[bytes, str]:
    """The file's own bytes, and the ending of its name."""
    with records.read() as reading:
        file = reading.session.get_one(PayoutFile, file_id)
        content = reading.vault.open_bytes(reading.session, file, "content", _kept(records, file).read_bytes())
        return content, Path(reading.open(file, "name")).suffix.casefold()


def _write(path: Path, sealed: bytes) -> None:
    """Onto the disk itself, before the database says that it is there."""
    with path.open("wb") as kept:
        kept.write(sealed)
        kept.flush()
        os.fsync(kept.fileno())


def _kept(records: Records, file: PayoutFile) -> Path:
    """Where the file's own bytes lie."""
    return records.private(_FOLDER) / _name(file.id, file.writing)


def _name(file_id: UUID, writing: int) -> str:
    return f"{file_id}-{writing}{_CONTENT}" if writing else f"{file_id}{_CONTENT}"


def _path(records: Records, file_id: UUID, ending: str) -> Path:
    return records.private(_FOLDER) / f"{file_id}{ending}"


def _short(name: str) -> str:
    plain = Path(name.replace("\\", "/")).name.strip() or "file"
    return plain[-120:]
