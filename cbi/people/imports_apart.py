"""Long files of households are worked on in a process of their own: `python -m cbi.people.imports_apart`."""

from __future__ import annotations

import sys

from cbi.jobs import apart
from cbi.jobs.durable import Job
from cbi.people import imports_long
from cbi.settings import Settings


def take_in_long_files(settings: Settings) -> Job:
    """The office's long work on files of households, each in a process of its own."""
    return apart.apart(settings, imports_long.TAKE_IN_LONG_FILES, __name__)


if __name__ == "__main__":
    apart.main(sys.stdin.buffer, imports_long.run)
