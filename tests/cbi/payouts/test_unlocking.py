"""Taking a file's own password off, with a fault in between: the database always points at a whole file, and nothing is left lying about."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from cbi.payouts import files, reading
from cbi.payouts.tables import FileStatus, PayoutFile
from cbi.store.records import Records
from cbi.store.work import Actor
from reconciliation.sheets import PasswordNeeded
from tests import make_payouts
from tests.cbi.payouts import faults
from tests.cbi.payouts.faults import Killed
from tests.cbi.payouts.test_reading import _book, _locked, _rows
from tests.make_payouts import Released

PASSWORD = "lantern"


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


@pytest.fixture
def locked(records: Records, given: Released) -> UUID:
    """A workbook behind a password, received and not read yet."""
    content = _locked(_book({"Paid": _rows(given)}), PASSWORD)
    return files.receive(records, Actor(given.finance), given.list_id, "answer.xlsx", content)


def _kept(records: Records) -> set[str]:
    return {path.name for path in records.private("files").glob("*.sealed")}


def _opens_without_password(records: Records, given: Released, file_id: UUID) -> bool:
    try:
        return reading.read(records, Actor(given.finance), file_id) is not None
    except PasswordNeeded:
        return False


def _a_day_passes(records: Records) -> None:
    then = (records.clock.now() - timedelta(hours=25)).timestamp()
    for path in records.private("files").iterdir():
        os.utime(path, (then, then))


def test_an_unlocked_file_takes_the_place_of_the_locked_one(records: Records, given: Released, locked: UUID):
    files.unlock(records, Actor(given.finance), locked, PASSWORD)

    assert _kept(records) == {f"{locked}-1.sealed"}
    assert _opens_without_password(records, given, locked)


def test_a_kill_before_the_commit_leaves_the_locked_file_where_it_was(records: Records, given: Released, locked: UUID):
    before = faults.content(records)

    with faults.failing(records, 1, "the process dies", only_commits=True), pytest.raises(Killed):
        files.unlock(records, Actor(given.finance), locked, PASSWORD)

    assert faults.content(records) == before
    assert not _opens_without_password(records, given, locked)
    files.unlock(records, Actor(given.finance), locked, PASSWORD)
    assert _kept(records) == {f"{locked}-1.sealed"}


def test_a_kill_after_the_commit_leaves_the_unlocked_file_and_the_other_is_swept(
    records: Records, given: Released, locked: UUID, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Path, "unlink", _dies)
        files.unlock(records, Actor(given.finance), locked, PASSWORD)

    assert _opens_without_password(records, given, locked)
    assert f"{locked}.sealed" in _kept(records)
    _a_day_passes(records)
    assert files.sweep(records) == 1
    assert f"{locked}.sealed" not in _kept(records)
    assert _opens_without_password(records, given, locked)


def test_an_upload_that_was_never_committed_is_swept_after_a_day_and_not_before(records: Records, given: Released):
    with faults.failing(records, 1, "the process dies", only_commits=True), pytest.raises(Killed):
        files.receive(records, Actor(given.finance), given.list_id, "answer.csv", make_payouts.csv_file([]))

    assert len(_kept(records)) == 1
    assert files.sweep(records) == 0
    _a_day_passes(records)
    assert files.sweep(records) == 1
    assert _kept(records) == set()


def test_a_wrong_password_changes_nothing(records: Records, given: Released, locked: UUID):
    with pytest.raises(PasswordNeeded):
        files.unlock(records, Actor(given.finance), locked, "not this one")

    assert _kept(records) == {f"{locked}.sealed"}
    with records.read() as look:
        assert look.session.get_one(PayoutFile, locked).status is FileStatus.READING


def _dies(*_given: object, **_more: object) -> None:
    raise Killed
