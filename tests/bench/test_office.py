"""The office beside the engine alone, over the same files in one run: `pytest -m bench -n 0 -s tests/bench/test_office.py`.

Processor time is compared, not the clock on the wall: both sides count every process they start.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from cbi.payouts import files as payout_files
from cbi.payouts import posting, reading
from cbi.payouts.tables import FileStatus
from cbi.store.records import Records
from cbi.store.work import Actor
from reconciliation import profiles
from tests.bench import files, office_lists

pytestmark = pytest.mark.bench
ROWS = int(os.environ.get("CBI_BENCH_ROWS", "100000"))
ROOT = Path(__file__).resolve().parents[2]


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _engine_alone(made: files.Files, out: Path) -> float:
    before = _processor_seconds()
    command = [sys.executable, "-m", "reconciliation", made.instructed, made.report, "--map", made.map, "--out", out, "--json"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, check=False)
    assert out.exists()
    return _processor_seconds() - before


def test_from_upload_to_posted_takes_at_most_three_times_the_engine_alone(records: Records, tmp_path: Path):
    made = files.make(tmp_path, ROWS)
    given = office_lists.released(records, office_lists.read_lines(made.instructed))
    content, profile, actor = made.report.read_bytes(), profiles.from_map(made.map), Actor(given.finance)
    alone = _engine_alone(made, tmp_path / "exceptions.xlsx")

    before = _processor_seconds()
    file_id = payout_files.receive(records, actor, given.list_id, "report.xlsx", content)
    assert reading.read(records, actor, file_id, chosen=profile) is FileStatus.PREVIEWED
    read = _processor_seconds() - before
    posting.post(records, actor, file_id)
    office = _processor_seconds() - before

    print(f"\n{made.rows:,} rows: engine alone {alone:.1f} s, office {office:.1f} s (read {read:.1f} s) = {office / alone:.2f} times")  # noqa: T201 -- a benchmark tells its figures
    assert office <= 3 * alone
