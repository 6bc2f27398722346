# ruff: noqa: T201 -- a benchmark tells its figures
"""Measure registration against its goals in one run and print the table: `python -m tests.bench.registration [households]`."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cbi.people.imports import import_file
from cbi.settings import Settings
from cbi.store.records import open_office
from cbi.store.work import Actor
from tests import make, make_imports
from tests.bench import bare, enrolment, measure, registrations
from tests.bench.goals import Line
from tests.bench.registration_pages import Pages, Turns, p95
from tests.bench.watched import spent

_USUAL = 100_000
_QUICK = 0.1  # seconds within which a household is found
_PACKED = 15_000  # bytes of a page after the first


def main(households: int) -> int:
    """Print the table; 0 when every goal is held."""
    folder = Path(tempfile.gettempdir()) / "registration-bench"  # a file of a hundred thousand takes minutes to make: it is kept
    folder.mkdir(exist_ok=True)
    path = registrations.make(folder, households)
    with tempfile.TemporaryDirectory() as data:
        records = make.office(Path(data) / "office")
        make_imports.sites(records)
        records.close()
        lines = [*_of_import(Path(data), path, households), *_of_pages(Path(data), households)]
        lines += enrolment.lines(Path(data) / "office")
    print("| what | measured | goal | held |\n|---|---|---|---|")
    for line in lines:
        print(f"| {line.what} | {line.measured} | {line.goal} | {'yes' if line.held else 'no'} |")
    return 0 if all(line.held for line in lines) else 1


def _of_import(data: Path, path: Path, households: int) -> Iterator[Line]:
    """The whole import in a process of its own, beside the bare work on the same rows; processor time of all processes."""
    said = measure.watch(sys.executable, "-m", "tests.bench.registration", "--import", str(data / "office"), str(path)).said
    seconds, memory = float(str(said["seconds"])), float(str(said["memory"]))
    records = open_office(Settings(data=data / "office", clock=make.NOW, seed=7))
    least = bare.seal_and_insert(records, data / "bare.db")
    records.close()
    what = f"import of {households:,} households of {registrations.PEOPLE}"
    measured = f"{seconds / least:.2f} × ({seconds:.0f} s against {least:.0f} s)"
    yield Line(
        f"{what}: processor time against sealing and inserting the same rows with SQLAlchemy Core", measured, "≤ 4 ×", seconds <= 4 * least
    )
    yield Line("the same: memory of its process over idle", f"{memory:,.0f} MiB", "≤ 300 MiB", memory <= 300)


def _of_pages(data: Path, households: int) -> Iterator[Line]:
    records = open_office(Settings(data=data / "office", clock=make.NOW, seed=7))
    pages, over = Pages(records, data), f"at {households:,} households"
    for what, turns, goal in (
        ("registering one household of five: p95 against a bare page that commits a row", pages.register(), 5),
        (f"list page of 50 {over}: p95 against a bare page that selects 50 rows", pages.listed(), 4),
        (f"search page {over}: p95 against a bare page that selects 50 rows", pages.searched(), 4),
    ):
        yield Line(what, _measured(turns), f"≤ {goal} ×", turns.times <= goal)
        if turns.size:
            yield Line("the same: packed bytes", f"{turns.size:,}", f"≤ {_PACKED:,}", turns.size <= _PACKED)
    for way, seconds in pages.searches():
        yield Line(f"search by {way} {over}: p95", f"{p95(seconds) * 1000:.1f} ms", "≤ 100 ms", p95(seconds) <= _QUICK)
    records.close()


def _measured(turns: Turns) -> str:
    ours, bare = (p95(one.processor for one in side) * 1000 for side in (turns.ours, turns.bare))
    return f"{turns.times:.1f} × ({ours:.1f} ms against {bare:.1f} ms of the processor; {turns.times_by_clock:.1f} × by the clock)"


def _import(data: Path, path: Path) -> None:
    """The process that imports: prints what it took."""
    records = open_office(Settings(data=data, clock=make.NOW, seed=7))
    saved: list[tuple[int, int]] = []

    def take_in() -> None:
        result = import_file(records, Actor(), path)
        saved.append((result.saved, result.rows))

    took = spent(take_in)
    assert saved[0][0] == saved[0][1]
    print(json.dumps({"seconds": took.seconds, "memory": took.memory_mib}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--import"]:
        _import(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else _USUAL))
