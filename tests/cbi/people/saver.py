"""A process of its own that saves long files of households, and kills itself inside the next commit after so many parts when asked to."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from cbi.jobs.durable import Jobs
from cbi.people import imports_files, imports_long, imports_parts, imports_run
from cbi.settings import Settings
from cbi.store.records import open_office
from tests import make


def main(folder: Path, parts: int) -> None:
    """parts: kill with SIGKILL once so many parts were committed, inside the commit of the next, or of the end; -1 for never."""
    records = open_office(Settings(data=folder, clock=make.NOW, seed=7))
    imports_files.QUICK, imports_parts.SMALL, imports_parts.AT_ONCE = 0, 5, 10
    done = 0
    register, finish = imports_run.register_many, imports_run._finish

    def counted(*given: object) -> None:
        nonlocal done
        register(*given)  # type: ignore[arg-type]
        _die(done == parts)
        done += 1

    def finished(*given: object) -> None:
        finish(*given)  # type: ignore[arg-type]
        _die(done == parts)

    imports_run.register_many, imports_run._finish = counted, finished
    jobs = Jobs(records, (imports_long.TAKE_IN_LONG_FILES,))
    jobs.launch()
    jobs.sweep()
    jobs.finish()
    jobs.close()
    records.close()


def _die(now: bool) -> None:
    if now:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
