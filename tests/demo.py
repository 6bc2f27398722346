"""One finished example operation for all tests of a run that want to look at a whole office at work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

_PATIENCE = 180


def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its data folder, made once by `cbi demo` for all the processes of a test run. Never change it: copy it first."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "finished-demo"
    try:
        shared.mkdir()
    except FileExistsError:
        _wait_for(shared / "done")
    else:
        _make(shared / "data")
        (shared / "done").touch()
    return shared / "data"


def _make(folder: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "cbi", "demo", "--data", str(folder), "--no-serve", "--json"],
        check=False,
        timeout=_PATIENCE,
        capture_output=True,
        env={name: value for name, value in os.environ.items() if name not in {"CBI_CLOCK", "CBI_SEED"}},
    )
    assert told.returncode == 0, told.stderr.decode()[-2000:]


def _wait_for(done: Path) -> None:
    for _ in range(_PATIENCE * 10):
        if done.exists():
            return
        time.sleep(0.1)  # another process of this run is making it
    pytest.fail("the example operation was not finished")


def logins(folder: Path) -> dict[str, dict[str, str]]:
    """How the example's people sign in, by seat."""
    return {person["role"]: person for person in json.loads((folder / "demo-logins.json").read_text("utf-8"))["people"]}
