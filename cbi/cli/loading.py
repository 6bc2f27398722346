"""Loading what a command needs without looking through it for garbage: it is none, and looking took a quarter of a command's time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# A page makes and drops ten thousand objects, nearly all of them counted away at once: looking after each seven hundred finds nothing.
_BETWEEN_LOOKS = (50_000, 20, 20)


def serve_pages() -> None:
    """Look for garbage seldom enough for a process that draws pages: what it makes for one is gone with it."""
    gc.set_threshold(*_BETWEEN_LOOKS)


@contextmanager
def loading() -> Iterator[None]:
    """What is loaded meanwhile is kept for good: the collector neither runs now nor ever looks through it again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
