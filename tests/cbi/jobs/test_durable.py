"""Long work under real kills: a process of its own is ended with SIGKILL, and the next one goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from cbi.jobs.durable import Job, Jobs
from cbi.payouts import files, posting, queries, turns
from cbi.payouts.tables import FileStatus, PayoutFinding, PayoutRow
from cbi.store.records import Records
from cbi.store.work import Actor
from reconciliation.ledger import Account
from tests import make_payouts
from tests.cbi.payouts.test_posting import _balances
from tests.make_payouts import Released, csv_file, row

WORKER = Path(__file__).with_name("worker.py")


@contextmanager
def _jobs(records: Records, *kinds: Job) -> Iterator[Jobs]:
    jobs = Jobs(records, kinds)
    jobs.launch()
    try:
        yield jobs
    finally:
        assert jobs.close()


def test_what_is_due_is_done_once_however_often_it_is_looked_for(records: Records):
    done: list[str] = []
    job = Job("count", lambda _: ["one", "two"], lambda _, key: done.append(key), lambda *_: None)

    with _jobs(records, job) as jobs:
        assert jobs.sweep() == 2
        assert jobs.sweep() == 0
        jobs.finish()
    with _jobs(records, job) as jobs:
        jobs.sweep()
        jobs.finish()

    assert sorted(done) == ["one", "two"]


def test_work_that_fails_again_and_again_is_given_up_aloud(records: Records, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cbi.jobs.durable._EVERY_SECONDS", 0.0)
    tried: list[str] = []
    given_up: list[str] = []

    def fails(_: Records, key: str) -> None:
        tried.append(key)
        raise OSError("Juniper Moonbeam")

    with _jobs(records, Job("fail", lambda _: ["one"], fails, lambda _, key: given_up.append(key))) as jobs:
        jobs.sweep()
        jobs.finish()

    assert (tried, given_up) == (["one"] * 3, ["one"])
    assert b"Juniper" not in b"".join(path.read_bytes() for path in records.folder.glob("jobs.db*"))


def test_the_works_own_database_holds_keys_as_json_and_nothing_pickled(records: Records):
    with _jobs(records, Job("count", lambda _: ["abc:def"], lambda *_: None, lambda *_: None)) as jobs:
        jobs.sweep()
        jobs.finish()
    engine = sa.create_engine(f"sqlite:///{records.folder / 'jobs.db'}")

    with engine.connect() as connection:
        inputs = connection.execute(sa.text("SELECT inputs FROM workflow_input")).scalars().all()
    engine.dispose()

    assert [json.loads(one) for one in inputs] == [{"positionalArgs": ["count", "abc:def"], "namedArgs": {}}]


CHUNKS = 5  # of ten findings, of the 42 below
PATIENCE = 300  # seconds for a process that is busy with nothing but us, on a machine that may be busy with others


@pytest.mark.parametrize("chunks", [pytest.param(each, marks=[pytest.mark.long] * (each in {1, 3, 4})) for each in range(CHUNKS + 1)])
def test_a_reading_killed_at_any_chunk_is_gone_on_with_and_counts_once(records: Records, chunks: int):
    given = make_payouts.released(records, (4, 3))
    line = given.lines[0]
    strangers = [row(line, number, reference=f"STRANGER{number:05d}", minor=100) for number in range(10, 50)]
    content = csv_file([row(line, 1), row(given.lines[1], 2), *strangers])
    actor = Actor(given.finance)
    file_id = files.receive(records, actor, given.list_id, "large.csv", content)
    turns.begin(records, actor, file_id, waits=True)

    killed = subprocess.run([sys.executable, WORKER, records.folder.parent, str(chunks)], env=_environment(), check=False, timeout=PATIENCE)
    assert killed.returncode == -signal.SIGKILL
    with records.read() as look:
        assert queries.file_by_id(look, file_id).status is FileStatus.READING
    subprocess.run([sys.executable, WORKER, records.folder.parent, "-1"], env=_environment(), check=True, timeout=PATIENCE)

    with records.read() as look:
        file = queries.file_by_id(look, file_id)
        assert (file.status, file.rows) == (FileStatus.PREVIEWED, 42)
        for table in (PayoutRow, PayoutFinding):
            assert look.session.connection().execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 42
    posting.post(records, actor, file_id)
    assert sum(_balances(records).values()) == 0
    assert _delivered(records) == _asked(given)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}


def _delivered(records: Records) -> int:
    return _balances(records)[Account.DELIVERED]


def _asked(given: Released) -> int:
    return sum(line.amount.minor for line in given.lines)
