"""What the office does on the clock: publish arrangements, sign checkpoints, purge what is old. Exactly one process does it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import IO

import structlog

from cbi.cli.common import ask_every_floor
from cbi.errors import Refused, UnsafeSettings
from cbi.settings import Settings
from cbi.store.engines import checkpoint_wal
from cbi.store.records import Records
from cbi.store.scratch import sweep
from cbi.store.sessions import Shelf

_EVERY_SECONDS = 20.0


class Clockwork:
    """Runs the office's timed tasks, each safe to run again at any moment.

    Raises UnsafeSettings when another process of this data folder already runs them.
    """

    def __init__(self, settings: Settings, records: Records) -> None:
        self._records = records
        self._files_kept = timedelta(days=settings.files_kept_days)
        self._emptied = False
        self._stop = Event()
        self._lock = _hold(settings)
        self._thread: Thread | None = None
        self._signed_in: datetime | None = None

    def start(self) -> None:
        """Run in the background of a serving process."""
        self._thread = Thread(target=self.run, name="clockwork", daemon=True)
        self._thread.start()

    def run(self) -> None:
        """Run until stopped."""
        while True:
            self.tick()
            if self._stop.wait(_EVERY_SECONDS):
                return

    def tick(self) -> None:
        """Everything that is due now."""
        for task in self._tasks():
            try:
                task()
            except Refused:
                continue
            except Exception as problem:  # noqa: BLE001 -- the worker loop: one failed task must not stop the others
                structlog.get_logger().error("clock", task=getattr(task, "__name__", "task"), problem=type(problem).__name__)

    def stop(self) -> None:
        """Stop after the present task, and let another process have the clock."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=30)
        self._lock.close()

    def _tasks(self) -> tuple[Callable[[], object], ...]:
        from cbi.checks.service import purge
        from cbi.feedback.entries import let_go
        from cbi.transfers.inbox import publish_due

        records = self._records
        shelf = Shelf(records.engine, records.system, records.clock)
        return (
            lambda: publish_due(records),
            lambda: purge(records),
            lambda: let_go(records),
            self._hourly,
            shelf.sweep,
            lambda: sweep(records),
            self._empty_log,
        )

    def _hourly(self) -> None:
        """Sign the audit trail once an hour, whether anything happened or not, and end what reached its age: files, and households that took their consent back."""
        from cbi.payouts import files
        from cbi.people import imports_files, retention

        ask_every_floor()
        hour = self._records.clock.now().replace(minute=0, second=0, microsecond=0)
        if hour != self._signed_in:
            self._records.sign_checkpoint()
            self._signed_in = hour
            self._emptied = False
            files.sweep(self._records)
            files.forget(self._records, self._files_kept)
            imports_files.forget_old(self._records)
            retention.run(self._records)

    def _empty_log(self) -> None:
        """What was deleted leaves SQLite's log too, once an hour; while a reader is in the way it is tried again at the next turn."""
        if not self._emptied:
            self._emptied = checkpoint_wal(self._records.engine)


def _hold(settings: Settings) -> IO[str]:
    path = settings.folder("office") / "clock.lock"
    file = path.open("a+")
    with contextlib.suppress(ImportError):
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as busy:
            file.close()
            raise UnsafeSettings("stop the other process first: one already runs this office's clock") from busy
    os.set_inheritable(file.fileno(), False)
    return file
