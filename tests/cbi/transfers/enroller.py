"""A process of its own that does the long work of enrolment, and kills itself at a moment it is told."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cbi.jobs.durable import Jobs
from cbi.settings import Settings
from cbi.store.records import open_office
from cbi.transfers import enrolment, enrolment_long, enrolment_work
from tests import make


def main(folder: Path, moment: str) -> None:
    """moment: kill with SIGKILL when the households were counted, inside the last commit before or after everything in it; "" for never."""
    records = open_office(Settings(data=folder, clock=make.NOW, seed=7))
    module, name = {
        "counted": (enrolment_work, "start"),
        "ending": (enrolment_work, "end"),
        "tried": (enrolment, "try_out"),
        "applied": (enrolment, "apply"),
        "": (enrolment, "_run"),
    }[moment]
    setattr(module, name, _then_die(getattr(module, name), now=bool(moment)))
    jobs = Jobs(records, (enrolment_long.LOOK_AT_MANY,))
    jobs.launch()
    jobs.sweep()
    jobs.finish()
    jobs.close()
    records.close()


def _then_die(act: Callable[..., Any], *, now: bool) -> Callable[..., Any]:
    def act_and_die(*given: object, **more: object) -> object:
        done = act(*given, **more)
        if now:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    return act_and_die


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
