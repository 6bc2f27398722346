"""No plain file outlives whoever opened it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cbi.store.records import Records
from cbi.store.scratch import scratch, sweep

_KILLED = """
import os, sys
from pathlib import Path
from types import SimpleNamespace
from cbi.store.scratch import scratch
records = SimpleNamespace(private=lambda name: Path(sys.argv[1]) / name)
with scratch(records, "file.csv") as path:
    path.write_text("Somebody Invented")
    os._exit(9)
"""


def _left(records: Records) -> list[Path]:
    return sorted(path for path in records.private("temporary").rglob("*") if path.is_file())


def test_a_plain_file_is_gone_when_it_is_done_with_even_after_an_error(records: Records):
    with pytest.raises(ValueError, match="torn"), scratch(records, "file.csv") as path:
        path.write_text("Somebody Invented")
        raise ValueError("torn")

    assert list(records.private("temporary").iterdir()) == []


def test_what_a_killed_process_left_is_swept_away(records: Records):
    records.private("temporary")
    ended = subprocess.run([sys.executable, "-c", _KILLED, str(records.folder)], check=False)
    assert ended.returncode == 9
    assert [path.read_text() for path in _left(records)] == ["Somebody Invented"]

    swept = sweep(records)

    assert swept == 1
    assert _left(records) == []


def test_a_file_in_use_is_not_swept_away(records: Records):
    with scratch(records, "file.csv") as path:
        path.write_text("Somebody Invented")

        swept = sweep(records)

        assert swept == 0
        assert path.read_text() == "Somebody Invented"
