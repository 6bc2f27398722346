"""The figures the engine is held to, each measured beside what it is compared with."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.bench import files, measure
from tests.bench.office import Office

_ROUNDS = {10_000: 5, 100_000: 3, 1_000_000: 1}


@dataclass(frozen=True)
class Line:
    """One line of the table of goals."""

    what: str
    measured: str
    goal: str
    held: bool


@dataclass(frozen=True)
class Size:
    """The engine and python-calamine over one file, the median of some rounds, taken in turns so that both meet the same machine.

    shared: the file keeps its texts in a list of their own, as Excel does.
    """

    rows: int
    shared: bool
    engine_seconds: float
    calamine_seconds: float
    whole_seconds: float
    memory_mib: float
    processor_times: float


def measure_size(folder: Path, rows: int, *, rounds: int = 0, shared: bool = False) -> Size:
    """Measure one size, and see that every outcome was found as often as it was put into the file."""
    made = files.make(folder, rows, shared=shared)
    turns = []
    for _ in range(rounds or _ROUNDS.get(rows, 1)):
        iterated, compared = measure.iterate(made), measure.engine(made, folder / "exceptions.xlsx")
        assert iterated.said["rows"] == made.rows + 1
        assert measure.outcomes(compared.said) == made.outcomes, (measure.outcomes(compared.said), made.outcomes)
        assert compared.said["foots"]
        assert compared.said["problems"] == []
        turns.append((compared, iterated))
    return Size(
        made.rows,
        shared,
        statistics.median(measure.engine_seconds(compared) for compared, _ in turns),
        statistics.median(measure.calamine_seconds(iterated) for _, iterated in turns),
        statistics.median(compared.seconds for compared, _ in turns),
        max(compared.memory_mib for compared, _ in turns),
        statistics.median(compared.processor_seconds / iterated.processor_seconds for compared, iterated in turns),
    )


def against_calamine(size: Size) -> Iterator[Line]:
    """Goal 1: at most twice the time of iterating alone, in at most 1.5 GiB."""
    ratio = size.engine_seconds / size.calamine_seconds
    what = f"{size.rows:,} rows{', texts shared as Excel writes them,' if size.shared else ''} read, matched and exceptions written"
    yield Line(f"{what}: time against iterating with python-calamine", _times(size, ratio), "≤ 2 ×", ratio <= 2)
    yield Line(f"{what}: memory of the engine and its reader", f"{size.memory_mib:,.0f} MiB", "≤ 1,536 MiB", size.memory_mib <= 1536)


def _times(size: Size, ratio: float) -> str:
    seconds = f"{size.engine_seconds:.1f} s against {size.calamine_seconds:.1f} s"
    return f"{ratio:.2f} × ({seconds}; processor time of all processes: {size.processor_times:.1f} ×)"


def against_the_analyst(folder: Path, rows: int) -> Line:
    """Goal 2: whole commands, from start to end, with the same outcomes."""
    made = files.make(folder, rows)
    script = measure.analyst(made, folder / "analyst.xlsx")
    compared = [measure.engine(made, folder / "exceptions.xlsx") for _ in range(3)]
    assert measure.outcomes(script.said) == measure.outcomes(compared[0].said) == made.outcomes
    seconds = statistics.median(run.seconds for run in compared)
    ratio = script.seconds / seconds
    processor = script.processor_seconds / statistics.median(run.processor_seconds for run in compared)
    measured = f"{ratio:.1f} × ({seconds:.2f} s against {script.seconds:.1f} s; processor time {processor:.1f} ×)"
    return Line(f"{rows:,} rows: times as fast as an analyst's script, whole commands", measured, "≥ 15 ×, at least 10 ×", ratio >= 10)


def growth(sizes: list[Size]) -> Line:
    """Goal 3: the time grows as the rows do."""
    powers = [measure.exponent((a.rows, a.engine_seconds), (b.rows, b.engine_seconds)) for a, b in pairwise(sizes)]
    steps = " → ".join(f"{size.rows:,}" for size in sizes)
    shown = ", ".join(f"{power:.2f}" for power in powers)
    return Line(f"growth {steps} rows: power of the time, step by step", shown, "≤ 1.05", max(powers) <= 1.05)


def of_the_office(office: Office) -> Iterator[Line]:
    """Goal 4: from upload to posted in at most three times the engine alone, and at most 300 MiB over an idle office."""
    what = f"the office, {office.rows:,} rows from upload to posted (SQLite, audit included)"
    measured = f"{office.times:.2f} × ({office.seconds:.1f} s, {office.read_seconds:.1f} s of them until the preview, against {office.engine_seconds:.1f} s)"
    yield Line(f"{what}: processor time against the engine alone", measured, "≤ 3 ×", office.times <= 3)
    yield Line("the same: memory of the office's process over idle", f"{office.memory_mib:,.0f} MiB", "≤ 300 MiB", office.memory_mib <= 300)
