"""Measure finding duplicates against its goals and print the table: `python -m tests.bench.people [largest batch] [largest desk]`.

Times are processor times, so that what else the machine does does not count. Each batch runs in a process of its own, whose memory is watched.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from cbi.people import match_blocks, match_columns, match_pairs
from cbi.people.match_model import shipped
from tests.bench import desk, febrl, invented, measure
from tests.bench.goals import Line

_GOALS = {100_000: (10, 0.98), 1_000_000: (60, 0.97)}


@dataclass(frozen=True)
class Batch:
    """One set compared with itself. f1: the best over all bounds; as_shipped: at the bound the program uses.

    memory_mib: the most its process held, with the people it invented.
    """

    people: int
    pairs: int
    seconds: float
    f1: float
    as_shipped: float
    memory_mib: float


def batch(size: int) -> Batch:
    """Find everybody of one set who was registered twice, in a process of its own."""
    run = measure.watch(sys.executable, "-m", "tests.bench.people", "--batch", str(size))
    said: dict[str, Any] = run.said  # Any: numbers of either kind
    return Batch(**said, memory_mib=run.memory_mib)


def _compared(size: int) -> dict[str, float]:
    """What the process of one batch says."""
    made = invented.make(invented.MEASURING, size)
    who = np.array(made.who)
    begun = time.process_time()
    columns = match_columns.columns_of(made.people)
    del made
    left, right = match_blocks.candidates(columns)
    compared = match_pairs.compare(columns, left, right, shipped())
    told = match_pairs.one_to_one(columns, compared.where(match_pairs.is_told(compared, shipped()) & (compared.weight > 0)))
    seconds = time.process_time() - begun
    shown = match_pairs.one_to_one(columns, match_pairs.found(compared, shipped(), len(who)))
    return {"people": len(who), "pairs": len(left), "seconds": seconds, "f1": best_f1(told, who), "as_shipped": f1(shown, who)}


def f1(found: match_pairs.Compared, who: np.ndarray, truth: int | None = None) -> float:
    """How right and how whole the pairs found are, as one figure."""
    true = int((who[found.left] == who[found.right]).sum())
    return 2 * true / (len(found.left) + (truth or _twice(who)))


def best_f1(found: match_pairs.Compared, who: np.ndarray, truth: int | None = None) -> float:
    """The best figure that any bound on the weight gives."""
    order = np.argsort(-found.weight, kind="stable")
    true = np.cumsum((who[found.left] == who[found.right])[order])
    return float((2 * true / (np.arange(1, len(order) + 1) + (truth or _twice(who)))).max())


def _twice(who: np.ndarray) -> int:
    counts = np.unique(who, return_counts=True)[1].astype(np.int64)
    return int((counts * (counts - 1) // 2).sum())


def of_batches(sizes: list[Batch]) -> Iterator[Line]:
    """Time, memory and rightness of each size, and how the pairs grow."""
    for one in sizes:
        seconds, least = _GOALS.get(one.people // 1000 * 1000, (60, 0.97))
        what = f"{one.people:,} people compared with each other"
        yield Line(f"{what}: processor time", f"{one.seconds:.1f} s, {one.pairs:,} pairs", f"≤ {seconds} s", one.seconds <= seconds)
        yield Line(f"{what}: memory", f"{one.memory_mib:,.0f} MiB", "≤ 2,560 MiB", one.memory_mib <= 2560)
        yield Line(f"{what}: best F1 (as shipped {one.as_shipped:.4f})", f"{one.f1:.4f}", f"≥ {least}", one.f1 >= least)
    if len(sizes) > 1:
        first, last = sizes[0], sizes[-1]
        power = math.log(last.pairs / first.pairs) / math.log(last.people / first.people)
        yield Line("growth of the pairs: power of the number of people", f"{power:.2f}", "≤ 1.3", power <= 1.3)


def of_febrl(numbers: Iterable[int]) -> Iterator[Line]:
    """The public sets, when they are there."""
    place = febrl.folder()
    if place is None:
        sys.stderr.write(f"FEBRL is left out: {febrl.HOW}\n")
        return
    for number in numbers:
        people, who, source = (
            np.array(part, dtype=object if kind else np.int64) for part, kind in zip(febrl.read(place, number), (1, 0, 0), strict=True)
        )
        columns = match_columns.columns_of(match_columns.Told(*row) for row in people)
        left, right = match_blocks.candidates(columns)
        between = source[left] != source[right] if number == 4 else np.ones(len(left), dtype=bool)
        compared = match_pairs.compare(columns, left[between], right[between], shipped())
        told = compared.where(match_pairs.is_told(compared, shipped()))
        best = best_f1(told, who, truth=5000 if number == 4 else None)
        yield Line(f"FEBRL {number}: best F1 with the shipped weights", f"{best:.4f}", "≥ 0.995", best >= 0.995)


def of_the_desk(largest: int) -> Iterator[Line]:
    """A household of five against the sealed people of an office, and ten times as many."""
    few, many = desk.measure(largest // 10), desk.measure(largest)
    what = f"a household of five checked against {many.people:,} people, sealed"
    yield Line(f"{what}: p95 of processor time", f"{many.p95_ms:.1f} ms (median {many.median_ms:.1f})", "≤ 20 ms", many.p95_ms <= 20)
    times = many.p95_ms / few.p95_ms
    yield Line(f"{what}: against {few.people:,}", f"{times:.2f} × ({few.p95_ms:.1f} ms)", "≤ 2 ×", times <= 2)
    yield Line(f"{what}: alerts for new households", f"{many.alerts:.1%}", "≤ 5 %", many.alerts <= 0.05)
    yield Line(f"{what}: registered again and shown", f"{many.shown:.1%}", "≥ 97 %", many.shown >= 0.97)


def main(largest: int, largest_desk: int) -> int:
    """Print the table; 0 when every goal is held."""
    lines = [*of_febrl(febrl.FILES), *of_batches([batch(size) for size in _GOALS if size <= largest])]
    if largest_desk:
        lines += of_the_desk(largest_desk)
    table = [f"| {line.what} | {line.measured} | {line.goal} | {'yes' if line.held else 'no'} |" for line in lines]
    sys.stdout.write("\n".join(["| what | measured | goal | held |", "|---|---|---|---|", *table, ""]))
    return 0 if all(line.held for line in lines) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--batch"]:
        sys.stdout.write(json.dumps(_compared(int(sys.argv[2]))))
        sys.exit(0)
    arguments = [int(text) for text in sys.argv[1:]]
    sys.exit(main(arguments[0] if arguments else 1_000_000, arguments[1] if arguments[1:] else 500_000))
