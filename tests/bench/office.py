"""The office in a process of its own, from an upload to its posting: `python -m tests.bench.office` with what `run` hands over."""

from __future__ import annotations

import json
import shutil
import statistics
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cbi.payouts import files as payout_files
from cbi.payouts import posting, reading
from cbi.payouts.tables import FileStatus
from cbi.settings import Settings
from cbi.store.records import Records, open_office
from cbi.store.work import Actor
from reconciliation import profiles
from tests import make
from tests.bench import measure, office_lists
from tests.bench.files import Files
from tests.bench.watched import processor_seconds, spent
from tests.make_payouts import Released


@dataclass(frozen=True)
class Office:
    """What it took, in processor time of all processes, beside the engine alone over the same files; memory of the office's process over idle."""

    rows: int
    engine_seconds: float
    read_seconds: float
    seconds: float
    memory_mib: float

    @property
    def times(self) -> float:
        """The office against the engine alone."""
        return self.seconds / self.engine_seconds


def run(records: Records, data: Path, made: Files, out: Path) -> Office:
    """Release the list in the office that `records` has open in this folder, then let a process of its own take the report from upload to posted.

    Both sides are measured three times in turns, the office over a fresh copy each time: what is told is the middle of each.
    """
    given = office_lists.released(records, office_lists.read_lines(made.instructed))
    records.close()
    engine, office = [], []
    for turn in range(3):
        engine.append(measure.engine(made, out).processor_seconds)
        office.append(_once(shutil.copytree(data, data.with_name(f"{data.name}-{turn}")), given, made))
    read, whole, memory = (statistics.median(float(str(said[name])) for said in office) for name in ("read", "office", "memory"))
    return Office(made.rows, statistics.median(engine), read, whole, memory)


def _once(data: Path, given: Released, made: Files) -> Mapping[str, object]:
    """What a process says that took the report from upload to posted in this folder, which is gone afterwards."""
    handed = (data, given.list_id, given.finance, made.report, made.map)
    try:
        return measure.watch(sys.executable, "-m", "tests.bench.office", *map(str, handed)).said
    finally:
        shutil.rmtree(data)


def main(data: Path, list_id: UUID, finance: UUID, report: Path, layout: Path) -> None:
    """Open the office, take the report from upload to posted, and print what that took."""
    records = open_office(Settings(data=data, clock=make.NOW, seed=7))
    actor, profile = Actor(finance), profiles.from_map(layout)
    read = [0.0]

    def take() -> None:
        before = processor_seconds()
        file_id = payout_files.receive(records, actor, list_id, "report.xlsx", report.read_bytes())
        assert reading.read(records, actor, file_id, chosen=profile) is FileStatus.PREVIEWED
        read[0] = processor_seconds() - before
        posting.post(records, actor, file_id)

    took = spent(take)
    print(json.dumps({"read": read[0], "office": took.seconds, "memory": took.memory_mib}))  # noqa: T201 -- what the process is asked for


if __name__ == "__main__":
    main(Path(sys.argv[1]), UUID(sys.argv[2]), UUID(sys.argv[3]), Path(sys.argv[4]), Path(sys.argv[5]))
