"""A process of its own that does an office's long work, and kills itself after so many chunks when asked to."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from cbi.jobs.durable import Jobs
from cbi.payouts import staging, turns
from cbi.payouts.background import READ_LARGE_FILES
from cbi.settings import Settings
from cbi.store.records import open_office
from tests import make


def main(folder: Path, chunks: int) -> None:
    """chunks: kill with SIGKILL once so many chunks were told, inside the next commit; -1 for never."""
    records = open_office(Settings(data=folder, clock=make.NOW, seed=7))
    staging.CHUNK = 10
    told = 0
    tell = turns.tell

    def counted(*given: object) -> None:
        nonlocal told
        tell(*given)  # type: ignore[arg-type]
        if told == chunks:
            os.kill(os.getpid(), signal.SIGKILL)
        told += 1

    staging.turns.tell = counted  # type: ignore[attr-defined]
    jobs = Jobs(records, (READ_LARGE_FILES,))
    jobs.launch()
    jobs.sweep()
    jobs.finish()
    jobs.close()
    records.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
