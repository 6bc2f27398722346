"""A rule over every household of an office, tried out and applied in the long work: `python -m tests.bench.enrolment FOLDER` with an office's folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

from sqlmodel import col, select

from cbi.people.tables import Household
from cbi.settings import Settings
from cbi.store.records import Records, open_office
from cbi.store.work import Actor
from cbi.transfers import enrolment, enrolment_long, enrolment_work, population, programmes
from cbi.transfers.rules import Rule
from cbi.transfers.tables_enrolment import EnrolmentRun
from tests import make, make_enrolment, make_transfers
from tests.bench import measure
from tests.bench.goals import Line
from tests.bench.watched import Spent, spent

_MEMORY = 300  # MiB over an idle process


def lines(data: Path) -> Iterator[Line]:
    """What each step takes a process of its own: long work of which the page tells how far it is."""
    said = measure.watch(sys.executable, "-m", "tests.bench.enrolment", str(data)).said
    households = int(str(said["households"]))
    for what in ("a rule by size tried out on", "that rule applied to", "a rule that asks the six questions tried out on"):
        seconds, memory = (float(str(said[f"{what} {unit}"])) for unit in ("seconds", "memory"))
        measured = f"{seconds:.1f} s, {households / seconds:,.0f} a second; {memory:,.0f} MiB over idle"
        yield Line(f"{what} {households:,} households: processor time", measured, f"≤ {_MEMORY} MiB", memory <= _MEMORY)


def main(data: Path) -> None:
    """Take every household of the office through the steps, and print what each took."""
    records = open_office(Settings(data=data, clock=make.NOW, seed=7))
    made = make_transfers.setting(records, ())
    manager = Actor(made.manager)
    with records.work(manager) as work:
        sites = work.session.exec(select(Household.site_id).distinct()).all()
        everywhere = make_transfers.programme(made.grant_id, dict.fromkeys(sites, made.provider_id), code="ALL")
        programme_id = programmes.add_programme(work, everywhere)
    by_size = make_enrolment.rule(make_enrolment.MANY)
    asking = make_enrolment.rule(make_enrolment.MANY, make_enrolment.DIFFICULTY)
    steps: dict[str, Callable[[], None]] = {
        "a rule by size tried out on": lambda: _try(records, manager, programme_id, by_size),
        "that rule applied to": lambda: _apply(records, manager, programme_id),
        "a rule that asks the six questions tried out on": lambda: _try(records, manager, programme_id, asking),
    }
    with records.read() as reading:
        told: dict[str, float] = {"households": population.count(reading, programme_id)}
    for what, step in steps.items():
        took: Spent = spent(step)
        with records.read() as reading:
            mark = enrolment_work.mark_of(reading, programme_id)
        assert mark is not None
        assert (mark.running, mark.fix, mark.done) == (False, "", mark.total), what
        told |= {f"{what} seconds": took.seconds, f"{what} memory": took.memory_mib}
    with records.read() as reading:
        runs = reading.session.exec(select(EnrolmentRun).where(EnrolmentRun.programme_id == programme_id)).all()
        assert [run.households for run in runs] == [told["households"]] * 2
        assert sum(run.applied_at is not None for run in runs) == 1
    print(json.dumps(told))  # noqa: T201 -- what the process is asked for


def _try(records: Records, manager: Actor, programme_id: UUID, one: Rule) -> None:
    with records.work(manager) as work:
        enrolment_work.begin_trying(work, programme_id, enrolment.write_rule(work, programme_id, one))
    _long_work(records)


def _apply(records: Records, manager: Actor, programme_id: UUID) -> None:
    with records.work(manager) as work:
        run = work.session.exec(select(EnrolmentRun).order_by(col(EnrolmentRun.made_at).desc())).first()
        assert run is not None
        enrolment_work.begin_applying(work, programme_id, run.id, shown=run.digest)
    _long_work(records)


def _long_work(records: Records) -> None:
    for key in enrolment_long.due(records):
        enrolment_long.run(records, key)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
