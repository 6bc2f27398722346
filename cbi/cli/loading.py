"""Loading what a command needs without looking through it for garbage: it is none, and looking took a quarter of a command's time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """What is loaded meanwhile is kept for good: the collector neither runs now nor ever looks through it again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
