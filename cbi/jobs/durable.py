"""Work that outlives the process it began in: DBOS workflows over a small database of their own that holds keys and nothing else.

Exactly one process of an office runs it. What is to be done is written in the office's own tables, in the commit that made it due; this
module only sees to it that everything due is done, begun again after a kill, and given up aloud when it cannot be done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

import structlog

from cbi.store.records import Records

if TYPE_CHECKING:
    from dbos import DBOSConfig

_VERSION = "1"  # raised by hand when a change makes half-done work of older versions unfit to go on with
_EVERY_SECONDS = 1.0
_TRIES = 3
_KEEP = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of long work.

    due: keys of everything to do now, ids and digests only; a key never comes back for other work.
    run: does it; safe to run again from the beginning at any moment.  give_up: ends it in words when `run` failed several times.
    """

    name: str
    due: Callable[[Records], Sequence[str]]
    run: Callable[[Records, str], None]
    give_up: Callable[[Records, str], None]


class Jobs:
    """Runs the long work of one office, one piece at a time."""

    def __init__(self, records: Records, jobs: Sequence[Job]) -> None:
        self._records = records
        self._jobs = {job.name: job for job in jobs}
        self._one_at_a_time = Lock()
        self._begun = set[str]()
        self._stop = Event()
        self._thread: Thread | None = None
        self._workflow: Any = None  # Any: what DBOS's decorator makes of a function

    def launch(self) -> None:
        """Open the workflows' database and go on with what was under way when the last process ended."""
        from dbos import DBOS

        logging.getLogger("dbos").setLevel(logging.ERROR)
        DBOS(config=self._config())

        @DBOS.step(name="run")
        def step(name: str, key: str) -> None:
            self._run(name, key)

        @DBOS.workflow(name="job")
        def workflow(name: str, key: str) -> None:
            step(name, key)

        self._workflow = workflow
        DBOS.launch()
        self._forget_old()

    def start(self) -> None:
        """Launch, and look for due work in the background until closed."""
        self.launch()
        self._thread = Thread(target=self._look, name="jobs", daemon=True)
        self._thread.start()

    def sweep(self) -> int:
        """Begin everything that is due and not yet begun; returns how much that was."""
        from dbos import DBOS, SetWorkflowID

        found = [(f"{job.name}:{key}", job.name, key) for job in self._jobs.values() for key in job.due(self._records)]
        fresh = [one for one in found if one[0] not in self._begun]
        for workflow_id, name, key in fresh:
            with SetWorkflowID(workflow_id):
                DBOS.start_workflow(self._workflow, name, key)
            self._begun.add(workflow_id)
        return len(fresh)

    def finish(self) -> None:
        """Wait until everything begun is done."""
        from dbos import DBOS

        for workflow_id in sorted(self._begun):
            DBOS.retrieve_workflow(workflow_id).get_result()

    def close(self) -> bool:
        """Stop looking and let go. False when a piece of work is still under way: the process may simply end, the next one goes on with it."""
        from dbos import DBOS

        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
        if not self._one_at_a_time.acquire(timeout=5):
            return False
        self._one_at_a_time.release()
        DBOS.destroy(destroy_registry=True)
        return True

    def _look(self) -> None:
        while not self._stop.wait(_EVERY_SECONDS):
            try:
                self.sweep()
            except Exception as problem:  # noqa: BLE001 -- the worker loop: a busy database now must not end all later work
                structlog.get_logger().error("jobs", problem=type(problem).__name__)

    def _run(self, name: str, key: str) -> None:
        job = self._jobs[name]
        with self._one_at_a_time:
            for _ in range(_TRIES):
                try:
                    job.run(self._records, key)
                except Exception as problem:  # noqa: BLE001 -- the worker loop: told by its class only, its text could name a person
                    structlog.get_logger().error("job", job=name, problem=type(problem).__name__)
                    self._stop.wait(_EVERY_SECONDS)
                else:
                    return
            job.give_up(self._records, key)

    def _config(self) -> DBOSConfig:
        from dbos import DBOSPortableJSONSerializer

        return {
            "name": "cbi-office",
            "system_database_url": f"sqlite:///{self._records.folder / 'jobs.db'}",
            "application_version": _VERSION,
            "executor_id": "office",
            "serializer": DBOSPortableJSONSerializer(),  # the default pickles, which runs whatever somebody put there
            "log_level": "ERROR",
            "enable_otlp": False,
            "max_executor_threads": 4,
        }

    def _forget_old(self) -> None:
        from dbos import DBOS

        before = (self._records.clock.now() - _KEEP).isoformat()
        for one in DBOS.list_workflows(status=["SUCCESS", "ERROR"], end_time=before, load_input=False, load_output=False):
            DBOS.delete_workflow(one.workflow_id)
