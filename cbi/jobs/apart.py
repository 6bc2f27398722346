"""One piece of long work in a process of its own, so that the office's does not grow with it and goes on serving pages.

The process is told what to do on its standard input and ends with whoever started it: the input stays open as long as that one lives.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import IO

from cbi.jobs.durable import Job
from cbi.settings import Settings
from cbi.store.records import Records, open_office

_DONE = 0


class WorkEnded(Exception):
    """The process that did a piece of work ended before it was done; the work begins again."""


def apart(settings: Settings, job: Job, module: str) -> Job:
    """The job with each piece done by `python -m module`, which ends in `main`."""
    return replace(job, run=lambda records, key: _run(settings, records, key, module))


def _run(settings: Settings, records: Records, key: str, module: str) -> None:
    """One piece of work. Raises WorkEnded when its process was ended."""
    child = subprocess.Popen(  # noqa: S603 -- our own interpreter and module, no shell
        [sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=_environment(settings, records)
    )
    assert child.stdin is not None
    try:
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(json.dumps(key).encode() + b"\n")
            child.stdin.flush()
        if child.wait() != _DONE:
            raise WorkEnded
    finally:
        child.kill()
        child.wait()
        with contextlib.suppress(BrokenPipeError):
            child.stdin.close()


def _environment(settings: Settings, records: Records) -> dict[str, str]:
    """The settings of this office, as its child reads them. What is secret goes the way it came: through the environment, never an argument."""
    given = {"CBI_DATA": str(settings.data), "CBI_WORLD": "office"}
    if settings.database_url is not None:
        given["CBI_DATABASE_URL"] = settings.database_url
    if settings.office_key is not None:
        given["CBI_OFFICE_KEY"] = settings.office_key.get_secret_value()
    if settings.clock is not None:
        given["CBI_CLOCK"] = records.clock.now().isoformat()
    if settings.seed is not None:
        given["CBI_SEED"] = str(settings.seed)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CBI_")}
    return {**kept, **given}


def main(asked: IO[bytes], run: Callable[[Records, str], None]) -> None:
    """The process: do one piece of work, and end at once when whoever asked is gone."""
    key = str(json.loads(asked.readline()))
    threading.Thread(target=end_with, args=(asked.fileno(),), daemon=True).start()
    records = open_office(Settings())
    try:
        run(records, key)
    finally:
        records.close()


def end_with(whoever_asked: int) -> None:
    """End this process when the other end of its input is gone."""
    while os.read(whoever_asked, 1024):
        pass
    os._exit(1)
