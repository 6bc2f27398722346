"""Whether the time of an answer tells what its bytes do not: `nice -n -15 python -m pytest -m bench -n 0 -s tests/bench/test_timing.py`.

Two classes of requests are asked in turn, each from the same process; compared are the medians of the processor's time, and how likely
an answer of one class is slower than one of the other: 0.5 says nothing.  A null control asks one class twice.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest

from tests.promises import office_steps, room_steps
from tests.promises.small_office import Known, build
from tests.promises.worlds import World, forked

pytestmark = pytest.mark.bench
REQUESTS = int(os.environ.get("CBI_BENCH_REQUESTS", "2000"))
# A difference that somebody would see in 2,000 requests; a null control stays well inside.
MOST_APART = 0.05
UNKNOWN = "0d0d0d0d-0d0d-4d0d-8d0d-0d0d0d0d0d0d"
Ask = Callable[[], object]


@dataclass(frozen=True)
class Apart:
    """Two classes side by side. slower: how likely the second one's answer takes longer than the first one's."""

    name: str
    first_ms: float
    second_ms: float
    slower: float

    def __str__(self) -> str:
        return f"{self.name}: {self.first_ms:.3f} ms and {self.second_ms:.3f} ms, slower with a chance of {self.slower:.3f}"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Known]:
    folder = tmp_path_factory.mktemp("small") / "data"
    return folder, build(folder)


def timed(ask: Ask) -> int:
    began = time.thread_time_ns()
    ask()
    return time.thread_time_ns() - began


def compared(name: str, first: Ask, second: Ask) -> Apart:
    """Both classes in turn, which of them first changing each time."""
    took: tuple[list[int], list[int]] = ([], [])
    for _ in range(20):
        first()
        second()
    gc.collect()
    gc.disable()
    try:
        for number in range(REQUESTS):
            for which in (0, 1) if number % 2 else (1, 0):
                took[which].append(timed((first, second)[which]))
    finally:
        gc.enable()
    return Apart(name, median(took[0]) / 1e6, median(took[1]) / 1e6, slower(*took))


def slower(first: list[int], second: list[int]) -> float:
    """The chance that one of the second is larger than one of the first (Mann and Whitney's U over all pairs)."""
    ordered = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    rank_sum = sum(rank for rank, (_, which) in enumerate(ordered, start=1) if which)
    return (rank_sum - len(second) * (len(second) + 1) / 2) / (len(first) * len(second))


def asks(world: World, seat: str, url: str) -> Ask:
    client = world.visitor(seat).client

    def ask() -> object:
        return client.get(url).get_data()

    return ask


def visited(world: World, household: int) -> None:
    """A letter of this household lies in the box, and the room has taken it."""
    assert len(office_steps.letter(world, household, 5)) > 4
    room_steps.unlock(world, 0)


def test_no_answer_takes_a_time_that_tells_of_a_letter_or_of_an_id(small: tuple[Path, Known], tmp_path: Path):
    with forked(*small, tmp_path, count=3) as (without, again, with_letter):
        pick = 3
        household = office_steps.household_of(with_letter, pick)
        visited(with_letter, pick)
        pages = {"before": f"/visits/{household}/before", "choices": f"/visits/{household}/choices"}
        found = []
        for name, url in pages.items():
            found.append(compared(f"{name}, null control", asks(without, "interviewer", url), asks(again, "interviewer", url)))
            found.append(
                compared(f"{name}, without and with a letter", asks(without, "interviewer", url), asks(with_letter, "interviewer", url))
            )
        known, unknown = f"/households/{household}", f"/households/{UNKNOWN}"
        found.append(compared("forbidden, null control", asks(without, "finance", known), asks(without, "finance", known)))
        found.append(compared("forbidden, known and unknown id", asks(without, "finance", known), asks(without, "finance", unknown)))

    print()  # noqa: T201 -- the figures are the point
    for one in found:
        print(one)  # noqa: T201 -- as above
    assert [str(one) for one in found if abs(one.slower - 0.5) > MOST_APART] == []
    assert slower([1, 2], [3, 4]) == 1.0
