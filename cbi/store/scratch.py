"""Private folders in which plain files stand while they are read or made: gone afterwards, and swept away when whoever made one was killed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cbi.store.records import Records

_FOLDER, _MINE = "temporary", "open-"


@contextmanager
def scratch(records: Records, name: str) -> Iterator[Path]:
    """A place for a file of this name in a folder for nobody else's eyes, held while it is used and removed with all that is in it."""
    folder, held = _made(records.private(_FOLDER))
    try:
        yield folder / name
    finally:
        shutil.rmtree(folder)
        _let_go(held)


def sweep(records: Records) -> int:
    """Remove the folders that nobody holds, because their process was killed; returns how many. Those in use stay."""
    swept = 0
    for folder in sorted(records.private(_FOLDER).glob(f"{_MINE}*")):
        try:
            held = _hold(folder, wait=False)
        except OSError:  # in use, or gone meanwhile
            continue
        if held is not None:
            shutil.rmtree(folder, ignore_errors=True)
            _let_go(held)
            swept += 1
    return swept


def _made(within: Path) -> tuple[Path, int | None]:
    """A new folder, held; made again where it was swept away before it could be held."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_MINE, dir=within))
        try:
            held = _hold(folder, wait=True)
        except FileNotFoundError:
            continue
        if folder.exists():
            return folder, held
        _let_go(held)


def _hold(folder: Path, *, wait: bool) -> int | None:
    """A lock that ends with this process, whatever ends it; None where the system has none. Raises OSError when somebody else holds it."""
    try:
        import fcntl
    except ImportError:  # Windows: what a killed process leaves has to be removed by hand
        return None
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        raise
    return held


def _let_go(held: int | None) -> None:
    if held is not None:
        os.close(held)
