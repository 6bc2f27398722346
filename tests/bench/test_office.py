"""The office beside the engine alone, over the same files in one run: `pytest -m bench -n 0 -s tests/bench/test_office.py`.

Processor time is compared, not the clock on the wall: both sides count every process they start.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import make
from tests.bench import files, goals, office

pytestmark = pytest.mark.bench
ROWS = int(os.environ.get("CBI_BENCH_ROWS", "100000"))


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory, office_template: Path) -> office.Office:
    """One report from upload to posted."""
    folder = tmp_path_factory.mktemp("office")
    records = make.office(folder / "data", office_template)
    measured = office.run(records, folder / "data", files.make(folder, ROWS), folder / "exceptions.xlsx")
    for line in goals.of_the_office(measured):
        print(f"\n{line.what}: {line.measured}")  # noqa: T201 -- a benchmark tells its figures
    return measured


def test_from_upload_to_posted_takes_at_most_three_times_the_engine_alone(taken: office.Office):
    assert taken.times <= 3


def test_the_office_holds_at_most_300_mib_more_than_idle(taken: office.Office):
    assert taken.memory_mib <= 300
