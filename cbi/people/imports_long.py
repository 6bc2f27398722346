"""Long files of households are worked on in the office's long work: begun once, gone on with after a kill, never counted twice."""

from __future__ import annotations

from contextlib import suppress

from cbi.errors import Refused
from cbi.jobs import marks
from cbi.jobs.durable import Job
from cbi.people import imports_run, imports_work
from cbi.people.tables_imports import ImportWork
from cbi.store.records import Records
from cbi.store.work import Actor

NAME = "households"
_GAVE_UP = "upload the file again, or split it: working on it stopped several times before its end"


def due(records: Records) -> list[str]:
    """Keys of what is to be done now: the file's id and its turn. Steps whose page died are taken over."""
    with records.read() as reading:
        left = imports_work.silent(reading)
    for import_id in left:
        imports_work.take_over(records, import_id)
    with records.read() as reading:
        return [marks.key_of(mark) for mark in imports_work.waiting(reading)]


def run(records: Records, key: str) -> None:
    """One step on one file in its turn. Running it again goes on where it stood, and ends the same."""
    with records.read() as reading:
        mark = marks.of_key(reading, ImportWork, key)
    if mark is None:
        return
    try:
        imports_run.STEPS[mark.step](records, Actor(mark.begun_by), mark.id, mark.turn)
    except Refused:
        return  # said on the file's page, or somebody else does it


def give_up(records: Records, key: str) -> None:
    """The step failed again and again: it ends with a sentence, so that nobody waits for it for ever."""
    with records.read() as reading:
        mark = marks.of_key(reading, ImportWork, key)
    if mark is None:
        return
    with suppress(marks.Overtaken), records.work(Actor(mark.begun_by)) as work:
        imports_work.end(work, mark.id, mark.turn, _GAVE_UP)


TAKE_IN_LONG_FILES = Job(NAME, due, run, give_up)
