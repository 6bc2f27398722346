"""Large payout files are read in a process of their own: `python -m cbi.payouts.apart`."""

from __future__ import annotations

import sys

from cbi.jobs import apart
from cbi.jobs.durable import Job
from cbi.payouts import background
from cbi.settings import Settings


def read_large_files(settings: Settings) -> Job:
    """The office's long work on payout files, each in a process of its own."""
    return apart.apart(settings, background.READ_LARGE_FILES, __name__)


if __name__ == "__main__":
    apart.main(sys.stdin.buffer, background.run)
