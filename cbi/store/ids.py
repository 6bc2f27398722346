"""Random ids made by the application, repeatable in an example operation."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from uuid import UUID, uuid4

_OWN_BYTES = 10
_OWN_DIGITS = 2 * _OWN_BYTES


class Ids:
    """Makes version-4 UUIDs; with a seed, one independent stream per subject.

    An example operation is opened more than once, so its streams also depend on how often: a file beside the data counts.
    """

    def __init__(self, seed: int | None = None, *, folder: Path | None = None) -> None:
        self._seed = None if seed is None else f"{seed}:{_opened(folder)}"
        self._streams: dict[str, random.Random] = {}
        self._lock = Lock()

    def new(self, subject: str = "") -> UUID:
        """A new id; `subject` names the stream it comes from."""
        if self._seed is None:
            return uuid4()
        with self._lock:
            stream = self._streams.setdefault(subject, random.Random(f"{self._seed}:{subject}"))  # noqa: S311 -- only in example operations
            return UUID(bytes=stream.randbytes(16), version=4)

    def chooser(self, subject: str) -> random.Random:
        """A random generator for samples and numbers that people see; the system's own outside examples."""
        if self._seed is None:
            return random.SystemRandom()
        with self._lock:
            return self._streams.setdefault(subject, random.Random(f"{self._seed}:{subject}"))  # noqa: S311 -- only in example operations


def id_of(text: object) -> UUID | None:
    """An id as somebody sends it: in a form, an address or an entry; None for anything that is none."""
    try:
        return UUID(str(text or ""))
    except ValueError:
        return None


def numbered(series: UUID, number: int) -> UUID:
    """The id with this number in a series: the first ten bytes of a random id, then the number.

    For rows that are made by the hundred thousand and only reached through others: in order they are appended to an index, at random
    each lands in a page of its own.
    """
    return UUID(bytes=series.bytes[:_OWN_BYTES] + number.to_bytes(16 - _OWN_BYTES, "big"))


def numbered_hexes(series: UUID, numbers: Iterable[int]) -> list[str]:
    """The same for many, as the hexadecimal digits a driver takes: for ids that nobody else looks at."""
    digits = series.hex[:_OWN_DIGITS]
    return [f"{digits}{number:012x}" for number in numbers]


def _opened(folder: Path | None) -> int:
    if folder is None:
        return 0
    counter = folder / "opened"
    times = int(counter.read_text("ascii")) + 1 if counter.exists() else 0
    counter.write_text(str(times), "ascii")
    return times
