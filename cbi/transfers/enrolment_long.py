"""Rules of large programmes are tried out and applied in the office's long work: gone on with after a kill, counted once.

The six answers are opened first, while others write; then everything is judged and kept by one commit, which also ends the step.
"""

from __future__ import annotations

from contextlib import suppress

from cbi.errors import Refused
from cbi.jobs import marks
from cbi.jobs.durable import Job
from cbi.store.records import Records
from cbi.store.work import Actor, Work
from cbi.transfers import enrolment, enrolment_work, population
from cbi.transfers.enrolment_pace import OPENING, shares
from cbi.transfers.population import Answers
from cbi.transfers.tables_work import EnrolmentStep, EnrolmentWork

NAME = "enrolment"
_TOLD_EVERY = 2_000  # households
_GAVE_UP = "simulate again: looking at the households stopped several times before its end"


def due(records: Records) -> list[str]:
    """Keys of what is to be done now: the programme's id and its turn."""
    with records.read() as reading:
        return [marks.key_of(mark) for mark in enrolment_work.waiting(reading)]


def run(records: Records, key: str) -> None:
    """One step on one programme in its turn. Running it again begins again, and ends the same."""
    mark = _mark(records, key)
    if mark is None:
        return
    actor = Actor(mark.begun_by)
    try:
        look = _Look(records, actor, mark)
        answers = look.answers()
        with records.work(actor) as work:
            enrolment_work.end(work, mark.id, mark.turn, total=look.total)
            _step(work, mark, answers)
    except marks.Overtaken:
        return
    except Refused as problem:
        _end(records, mark, problem.fix)


def give_up(records: Records, key: str) -> None:
    """The step failed again and again: it ends with a sentence, so that nobody waits for it for ever."""
    mark = _mark(records, key)
    if mark is not None:
        _end(records, mark, _GAVE_UP)


def _mark(records: Records, key: str) -> EnrolmentWork | None:
    with records.read() as reading:
        return marks.of_key(reading, EnrolmentWork, key)


def _step(work: Work, mark: EnrolmentWork, answers: Answers | None) -> None:
    if mark.step is EnrolmentStep.TRY:
        assert mark.rule_id is not None
        enrolment.try_out(work, mark.id, mark.rule_id, answers=answers)
    else:
        assert mark.run_id is not None
        enrolment.apply(work, mark.run_id, shown=mark.shown or b"", answers=answers)


def _end(records: Records, mark: EnrolmentWork, fix: str) -> None:
    with suppress(marks.Overtaken), records.work(Actor(mark.begun_by)) as work:
        enrolment_work.refuse(work, mark.id, mark.turn, fix)


class _Look:
    """Opens the six answers where the rule asks for them, telling how far that is of the whole work."""

    def __init__(self, records: Records, actor: Actor, mark: EnrolmentWork) -> None:
        self._records, self._actor, self._mark = records, actor, mark
        self._told, self._households, self.total = 0, 0, 0

    def answers(self) -> Answers | None:
        """What they came to; None when the rule does not ask. Raises Overtaken."""
        with self._records.read() as reading:
            asks = enrolment_work.asks(reading, self._mark)
            self._households = population.count(reading, self._mark.id)
            self.total = self._households * shares(self._mark.step, asks=asks)
            self._start()
            if not asks:
                return None
            found = population.answers_of(reading, self._mark.id, self._far)
        self._tell(self._households)
        return found

    def _far(self, done: int) -> None:
        if done - self._told >= _TOLD_EVERY:
            self._tell(min(done, self._households))

    def _start(self) -> None:
        with self._records.work(self._actor) as work:
            enrolment_work.start(work, self._mark.id, self._mark.turn, total=self.total)

    def _tell(self, done: int) -> None:
        with self._records.work(self._actor) as work:
            enrolment_work.move(work, self._mark.id, self._mark.turn, done=done * OPENING)
        self._told = done


LOOK_AT_MANY = Job(NAME, due, run, give_up)
