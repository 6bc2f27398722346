"""Large programmes are worked on in a process of its own: `python -m cbi.transfers.enrolment_apart`."""

from __future__ import annotations

import sys

from cbi.jobs import apart
from cbi.jobs.durable import Job
from cbi.settings import Settings
from cbi.transfers import enrolment_long


def look_at_many(settings: Settings) -> Job:
    """The office's long work on who is enrolled, each piece in a process of its own."""
    return apart.apart(settings, enrolment_long.LOOK_AT_MANY, __name__)


if __name__ == "__main__":
    apart.main(sys.stdin.buffer, enrolment_long.run)
