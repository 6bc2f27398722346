"""What a piece of work takes this process and those it starts: processor time, and memory over what was held before."""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_OFTEN = 0.02  # seconds between two looks at the memory


@dataclass(frozen=True)
class Spent:
    """seconds: of the processor, of every process. memory_mib: the most that this process held beyond what it began with."""

    seconds: float
    memory_mib: float


def spent(work: Callable[[], object]) -> Spent:
    """Do it, and say what it took."""
    idle, most, ended = _resident(), [0], threading.Event()
    watcher = threading.Thread(target=_sample, args=(most, ended))
    watcher.start()
    before = processor_seconds()
    try:
        work()
        seconds = processor_seconds() - before
    finally:
        ended.set()
        watcher.join()
    return Spent(seconds, max(most[0] - idle, 0) / 1024**2)


def processor_seconds() -> float:
    """Of this process and of those it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _sample(most: list[int], ended: threading.Event) -> None:
    while not ended.wait(_OFTEN):
        most[0] = max(most[0], _resident())


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
