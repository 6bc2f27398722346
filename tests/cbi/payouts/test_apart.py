"""Large files are read in a process of their own: it does what the office's would, and never outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

import pytest

from cbi.jobs import apart as processes
from cbi.payouts import apart, background, files, queries, turns
from cbi.payouts.tables import FileStatus
from cbi.settings import Settings
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make, make_payouts
from tests.make_payouts import Released, csv_file, row

ROOT = Path(__file__).parents[3]


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def _waits(records: Records, given: Released, rows: int = 0) -> UUID:
    actor = Actor(given.finance)
    strangers = [row(given.lines[0], number, reference=f"STRANGER{number:06d}", minor=100) for number in range(100, 100 + rows)]
    content = csv_file([*(row(line, number) for number, line in enumerate(given.lines, start=1)), *strangers])
    file_id = files.receive(records, actor, given.list_id, "large.csv", content)
    turns.begin(records, actor, file_id, waits=True)
    return file_id


def _settings(records: Records) -> Settings:
    return Settings(data=records.folder.parent, clock=make.NOW, seed=7)


def test_a_file_read_apart_is_previewed_as_if_it_were_read_here(records: Records, given: Released):
    file_id = _waits(records, given)
    job = apart.read_large_files(_settings(records))
    [key] = job.due(records)

    job.run(records, key)

    with records.read() as look:
        file = queries.file_by_id(look, file_id)
        assert (file.status, file.rows) == (FileStatus.PREVIEWED, len(given.lines))
    assert job.due(records) == []


def test_a_process_that_ends_too_early_is_told_apart_from_one_that_is_done(records: Records, given: Released, tmp_path: Path):
    _waits(records, given)
    [key] = background.due(records)

    with pytest.raises(processes.WorkEnded):
        apart.read_large_files(Settings(data=tmp_path / "nowhere")).run(records, key)


def test_a_reader_ends_with_the_process_that_asked_for_it(records: Records, given: Released):
    file_id = _waits(records, given)
    [key] = background.due(records)
    asks = (
        "import sys; from pathlib import Path; from cbi.jobs import apart as processes; from cbi.payouts import apart; from cbi.store.records import open_office; from cbi.settings import Settings;"
        "from tests import make; settings = Settings(data=Path(sys.argv[1]), clock=make.NOW, seed=7);"
        "processes.subprocess.Popen = lambda *given, env, Popen=processes.subprocess.Popen, **more: Popen("
        "[sys.executable, '-c', 'import os, sys, threading; from cbi.jobs import apart; print(os.getpid(), flush=True); apart.end_with(0)'],"
        "stdin=processes.subprocess.PIPE, env=env);"
        "apart.read_large_files(settings).run(open_office(settings), sys.argv[2])"
    )
    office = subprocess.Popen([sys.executable, "-c", asks, records.folder.parent, key], stdout=subprocess.PIPE)
    assert office.stdout is not None
    reader = int(office.stdout.readline())

    office.kill()
    office.wait()

    assert _is_gone(reader)
    with records.read() as look:
        assert queries.file_by_id(look, file_id).status is FileStatus.READING
    office.stdout.close()


def _is_gone(process: int) -> bool:
    for _ in range(200):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    os.kill(process, signal.SIGKILL)
    return False
