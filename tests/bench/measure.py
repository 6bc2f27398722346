"""Runs commands and watches them: how long each takes, and how much memory it and its children hold together at the most."""

from __future__ import annotations

import compileall
import json
import math
import os
import resource
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.bench.files import Files

_ROOT = Path(__file__).resolve().parents[2]
_PAGE = os.sysconf("SC_PAGE_SIZE")
_EVERY_SECONDS = 0.02
ITERATE = """
import json, sys, time
from python_calamine import CalamineWorkbook
started = time.perf_counter()
rows = sum(1 for _ in CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).iter_rows())
print(json.dumps({"rows": rows, "seconds": time.perf_counter() - started}))
"""


@dataclass(frozen=True)
class Run:
    """One command that ended: its wall-clock and its processor time, the most memory in MiB, and what it printed as JSON."""

    seconds: float
    processor_seconds: float
    memory_mib: float
    said: dict[str, object]


def watch(*command: str) -> Run:
    """Run a command in the project's folder. Raises AssertionError when it prints nothing."""
    started, used = time.perf_counter(), _processor_seconds()
    child = subprocess.Popen(  # our own commands
        command, cwd=_ROOT, env={**os.environ, "PYTHONPATH": str(_ROOT)}, stdout=subprocess.PIPE, text=True
    )
    most = [0]
    ended = threading.Event()
    watcher = threading.Thread(target=_sample, args=(child.pid, most, ended))
    watcher.start()
    printed, _ = child.communicate()
    seconds = time.perf_counter() - started
    ended.set()
    watcher.join()
    assert printed, f"{command[1:4]} said nothing"
    return Run(seconds, _processor_seconds() - used, most[0] * _PAGE / 1024**2, json.loads(printed))


def _processor_seconds() -> float:
    """What all children that ended have used so far, with theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _sample(pid: int, most: list[int], ended: threading.Event) -> None:
    while not ended.wait(_EVERY_SECONDS):
        most[0] = max(most[0], sum(map(_resident, _family(pid))))


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(each for child in children for each in _family(int(child)))]


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0


def iterate(files: Files) -> Run:
    """python-calamine opening the report and iterating over its rows, doing nothing with them."""
    return watch(sys.executable, "-c", ITERATE, str(files.report))


def engine(files: Files, out: Path) -> Run:
    """The command that compares the two files and writes the workbook of exceptions."""
    _install()
    return watch(
        sys.executable,
        "-m",
        "reconciliation",
        str(files.instructed),
        str(files.report),
        "--map",
        str(files.map),
        "--out",
        str(out),
        "--json",
    )


@cache
def _install() -> None:
    """Leave the engine as an installed program is, and as pandas is: with its sources translated to bytecode."""
    compileall.compile_dir(_ROOT / "reconciliation", quiet=1)


def analyst(files: Files, out: Path) -> Run:
    """The analyst's script over the same files."""
    return watch(sys.executable, str(Path(__file__).with_name("analyst.py")), str(files.instructed), str(files.report), str(out))


def engine_seconds(run: Run) -> float:
    """What the engine spent on both files: reading them side by side, matching and writing; its start aside, as is python-calamine's."""
    spent = run.said["seconds"]
    assert isinstance(spent, dict)
    return float(sum(spent.values()))


def calamine_seconds(run: Run) -> float:
    """What python-calamine spent, its start aside."""
    return float(str(run.said["seconds"]))


def outcomes(said: dict[str, object]) -> dict[str, int]:
    """The counts that are not zero, of either side."""
    counts = said.get("counts", said)
    assert isinstance(counts, dict)
    return {kind: count for kind, count in counts.items() if count}


def exponent(smaller: tuple[int, float], larger: tuple[int, float]) -> float:
    """By which power of the rows the time grows between two sizes."""
    return math.log(larger[1] / smaller[1]) / math.log(larger[0] / smaller[0])
