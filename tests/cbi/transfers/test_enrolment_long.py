"""Rules of large programmes: looked at in the long work, gone on with after a kill, counted once, and told on the same pages."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import select

import cbi.transfers.lives  # noqa: F401 -- money follows a consent taken back
from cbi.access import Role
from cbi.errors import SomebodyWasFirst
from cbi.people.correction import withdraw_consent
from cbi.people.tables import HouseholdStatus
from cbi.people.values import Difficulty
from cbi.settings import Settings
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import enrolment, enrolment_long, enrolment_work, population
from cbi.transfers.enrolment_apart import look_at_many
from cbi.transfers.rules import Rule
from cbi.transfers.tables_enrolment import Enrolment, EnrolmentRun
from cbi.transfers.tables_work import EnrolmentWork
from tests import make, make_enrolment
from tests.cbi.transfers.test_enrolment import status
from tests.cbi.transfers.test_enrolment_pages import RULE, rule_url
from tests.make import Visitor
from tests.make_enrolment import DIFFICULTY, MANY, SMALL_CHILDREN, Enrolled, rule

KILLED = Path(__file__).with_name("enroller.py")
PATIENCE = 300  # seconds for a process that is busy with nothing but us, on a machine that may be busy with others


@pytest.fixture(autouse=True)
def every_programme_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrolment_work, "LARGE", 0)


def begun(records: Records, here: Enrolled, one: Rule | None = None, *, by: UUID | None = None) -> None:
    with records.work(Actor(by or here.made.manager)) as work:
        enrolment_work.begin_trying(work, here.programme_id, enrolment.write_rule(work, here.programme_id, one or rule(MANY)))


def applying(records: Records, here: Enrolled, run: EnrolmentRun) -> None:
    with records.work(Actor(here.made.manager)) as work:
        enrolment_work.begin_applying(work, here.programme_id, run.id, shown=run.digest)


def work(records: Records) -> None:
    for key in enrolment_long.due(records):
        enrolment_long.run(records, key)


def mark_of(records: Records, here: Enrolled) -> EnrolmentWork:
    with records.read() as reading:
        mark = enrolment_work.mark_of(reading, here.programme_id)
    assert mark is not None
    return mark


def runs(records: Records) -> list[EnrolmentRun]:
    with records.read() as reading:
        return list(reading.session.exec(select(EnrolmentRun)))


def results(records: Records) -> set[tuple[UUID, str, int, str]]:
    with records.read() as reading:
        rows = reading.session.exec(select(Enrolment)).all()
        return {(row.household_id, row.state, row.amount_minor, reading.open(row, "facts")) for row in rows}


def facts_named(records: Records, kind: str) -> int:
    with records.read() as reading:
        entry = reading.system.audit_entry
        return reading.session.execute(sa.select(sa.func.count()).select_from(entry).where(entry.kind.endswith(f".{kind}"))).scalar_one()


def test_the_long_work_comes_to_the_same_as_a_page_that_waits(records: Records):
    here = make_enrolment.setting(records)
    make_enrolment.family(records, here.made, 2025, difficulty=Difficulty.CANNOT)
    one = rule(MANY, SMALL_CHILDREN, DIFFICULTY)
    make_enrolment.tried(records, here, one)
    [waited], expected = runs(records), results(records)

    begun(records, here, one)
    work(records)

    [run] = runs(records)
    assert run.id != waited.id
    assert (run.digest, run.total_minor, results(records)) == (waited.digest, waited.total_minor, expected)
    mark = mark_of(records, here)
    assert (mark.running, mark.fix, mark.done, mark.total) == (False, "", 25, 25)


@pytest.mark.parametrize(("ways", "total"), [((MANY, DIFFICULTY), 20), ((MANY,), 12)])
def test_the_answers_are_a_part_of_the_whole_work_and_only_where_the_rule_asks(
    records: Records, monkeypatch: pytest.MonkeyPatch, ways: tuple[str, ...], total: int
):
    here = make_enrolment.setting(records)
    told: list[int] = []
    move = enrolment_work.move
    monkeypatch.setattr(enrolment_work, "move", lambda *given, done: (told.append(done), move(*given, done=done)))
    monkeypatch.setattr(enrolment_long, "_TOLD_EVERY", 1)
    monkeypatch.setattr(population, "_CHUNK", 3)

    begun(records, here, rule(*ways))
    work(records)

    assert told == sorted(told)
    assert (len(told) > 2, told[-1:]) == ((True, [8]) if DIFFICULTY in ways else (False, []))
    mark = mark_of(records, here)
    assert (mark.done, mark.total) == (total, total)


def _killed(records: Records, moment: str) -> None:
    ended = subprocess.run(
        [sys.executable, KILLED, records.folder.parent, moment],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        check=not moment,
        timeout=PATIENCE,
    )
    assert ended.returncode == (-signal.SIGKILL if moment else 0)


@pytest.mark.parametrize("moment", ["counted", "ending", "tried"])
def test_trying_out_that_is_killed_is_gone_on_with_and_comes_to_the_same(records: Records, moment: str):
    here = make_enrolment.setting(records)
    one = rule(MANY, DIFFICULTY)
    make_enrolment.tried(records, here, one)
    [before], expected = runs(records), results(records)
    begun(records, here, one)

    _killed(records, moment)
    [still] = runs(records)
    under_way = mark_of(records, here).running
    _killed(records, "")

    [after] = runs(records)
    assert (still.id, under_way) == (before.id, True)
    assert after.id != before.id
    assert (after.digest, results(records)) == (before.digest, expected)
    assert not mark_of(records, here).running
    assert records.verify_chain().verified


@pytest.mark.parametrize("moment", ["counted", "ending", "applied"])
def test_applying_that_is_killed_is_gone_on_with_and_counts_once(records: Records, moment: str):
    here = make_enrolment.setting(records)
    make_enrolment.tried(records, here, rule(MANY))
    [run] = runs(records)
    applying(records, here, run)

    _killed(records, moment)
    [still] = runs(records)
    untouched = {status(records, one) for one in here.made.households}
    _killed(records, "")

    [after] = runs(records)
    assert (still.number, untouched) == (None, {HouseholdStatus.REGISTERED})
    assert (after.number, after.digest, after.applied_by) == (1, run.digest, here.made.manager)
    assert facts_named(records, "RuleApplied") == 1
    yes, no = HouseholdStatus.ENROLLED, HouseholdStatus.REGISTERED
    assert [status(records, one) for one in here.made.households] == [yes, no, no, yes]


def test_it_is_done_in_a_process_of_its_own(records: Records):
    here = make_enrolment.setting(records)
    begun(records, here)
    job = look_at_many(Settings(data=records.folder.parent, clock=make.NOW, seed=7))

    [key] = job.due(records)
    job.run(records, key)

    assert job.due(records) == []
    assert runs(records)[0].enrolled == 2


def test_two_people_who_ask_the_same_wait_for_one_answer(records: Records):
    here = make_enrolment.setting(records)
    begun(records, here)
    begun(records, here, by=here.second_manager)

    work(records)

    [run] = runs(records)
    assert run.made_by == here.made.manager
    assert facts_named(records, "RuleTried") == 1


def test_whoever_asks_for_another_rule_meanwhile_is_told_to_wait_and_writes_nothing(records: Records):
    here = make_enrolment.setting(records)
    begun(records, here)

    with pytest.raises(SomebodyWasFirst, match="wait a little"):
        begun(records, here, rule(SMALL_CHILDREN), by=here.second_manager)

    assert facts_named(records, "RuleWritten") == 1


def test_nothing_is_applied_twice_or_tried_while_it_is_being_applied(records: Records):
    here = make_enrolment.setting(records)
    make_enrolment.tried(records, here, rule(MANY))
    [run] = runs(records)
    applying(records, here, run)

    for again in (lambda: applying(records, here, run), lambda: begun(records, here)):
        with pytest.raises(SomebodyWasFirst, match="wait a little"):
            again()


def test_a_turn_that_is_over_writes_nothing_more(records: Records):
    here = make_enrolment.setting(records)
    begun(records, here)
    [key] = enrolment_long.due(records)
    work(records)
    before = runs(records)

    enrolment_long.run(records, key)

    assert [run.id for run in runs(records)] == [run.id for run in before]


def test_work_that_stops_again_and_again_ends_in_a_sentence(records: Records):
    here = make_enrolment.setting(records)
    begun(records, here)

    for key in enrolment_long.due(records):
        enrolment_long.give_up(records, key)

    assert enrolment_long.due(records) == []
    assert mark_of(records, here).fix.startswith("simulate again")


def test_who_takes_the_consent_back_while_the_answers_are_opened_leaves_none(records: Records, monkeypatch: pytest.MonkeyPatch):
    here = make_enrolment.setting(records)
    goes = make_enrolment.family(records, here.made, difficulty=Difficulty.A_LOT)
    begun(records, here, rule(MANY, DIFFICULTY))
    read = population.answers_of

    def read_and_withdraw(*given: object) -> object:
        answers = read(*given)  # type: ignore[arg-type]
        assert answers[goes.hex].people == 1
        with records.work(Actor()) as undoing:
            withdraw_consent(undoing, goes)
        return answers

    monkeypatch.setattr(population, "answers_of", read_and_withdraw)
    work(records)

    assert ['"difficulty":null' in kept for household, _state, _minor, kept in results(records) if household == goes] == [True]


def test_households_that_came_meanwhile_stop_the_applying_in_a_sentence(records: Records, visitor: Callable[..., Visitor]):
    here = make_enrolment.setting(records)
    make_enrolment.tried(records, here, rule(MANY))
    applying(records, here, runs(records)[0])
    make_enrolment.family(records, here.made, 2025)

    work(records)

    assert runs(records)[0].number is None
    page = visitor(person_id=here.made.manager).see(f"/programmes/{here.programme_id}/enrolment")
    assert "You need to simulate again: households changed since this was made." in page


def test_a_manager_without_javascript_goes_the_whole_way_on_the_same_pages(records: Records, visitor: Callable[..., Visitor]):
    here = make_enrolment.setting(records)
    one = visitor(person_id=here.made.manager)
    working = f"/programmes/{here.programme_id}/enrolment/work"

    waiting = one.send(rule_url(here), RULE)
    linked = one.see(f"/programmes/{here.programme_id}/enrolment")
    work(records)
    shown = one.see(one.client.get(working).headers["Location"])
    run_id = re.search(r'action="/programmes/enrolment/([0-9a-f-]{36})/apply"', shown)[1]  # type: ignore[index]
    applied = one.send(f"/programmes/enrolment/{run_id}/apply", {}, page=f"/programmes/enrolment/{run_id}")
    work(records)
    after = one.see(one.client.get(working).headers["Location"])

    assert "The households are being looked at" in waiting
    assert "<progress" in waiting
    assert f'href="{working}"' in waiting, "look again"
    assert f'href="{working}"' in linked
    assert "Enrol 2 households" in shown
    assert "The rule is being applied" in applied
    assert "2 households enrolled" in after


def test_a_rule_by_which_people_come_only_for_the_six_questions_ends_in_a_sentence(records: Records, visitor: Callable[..., Visitor]):
    here = make_enrolment.setting(records)
    make_enrolment.family(records, here.made, difficulty=Difficulty.A_LOT)
    begun(records, here, rule(DIFFICULTY, MANY.replace("at_least = 4", "at_least = 59")))

    work(records)

    page = visitor(person_id=here.made.manager).see(f"/programmes/{here.programme_id}/enrolment")
    assert "never keep out" in page
    assert runs(records) == []


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.FINANCE, Role.HELP_DESK, Role.LEAD])
def test_nobody_but_who_plans_programmes_sees_that_there_is_work(records: Records, visitor: Callable[..., Visitor], role: Role):
    here = make_enrolment.setting(records)
    begun(records, here)
    other = visitor(role)

    there = other.client.get(f"/programmes/{here.programme_id}/enrolment/work")
    nowhere = other.client.get(f"/programmes/{UUID(int=7)}/enrolment/work")

    assert there.status_code == nowhere.status_code == 404
    assert len(there.data) == len(nowhere.data)


def under_way(records: Records, here: Enrolled, *, done: int, seconds: int = 10) -> None:
    """A step that began so long ago has come so far, of four households with a rule that asks."""
    with records.work(Actor()) as work:
        enrolment_work.start(work, here.programme_id, 1, total=20)
        enrolment_work.move(work, here.programme_id, 1, done=done)
        mark = work.session.get_one(EnrolmentWork, here.programme_id, populate_existing=True)
        mark.began_at -= timedelta(seconds=seconds)
        work.session.add(mark)


def test_the_page_of_the_work_says_no_more_of_the_answers_than_how_many_households_there_are(
    records: Records, visitor: Callable[..., Visitor]
):
    here = make_enrolment.setting(records)
    begun(records, here, rule(MANY, DIFFICULTY))
    under_way(records, here, done=4)
    one = visitor(person_id=here.made.manager)
    bare = one.see(f"/programmes/{here.programme_id}/enrolment/work")

    make_enrolment.family(records, here.made, difficulty=Difficulty.CANNOT)
    asked = one.see(f"/programmes/{here.programme_id}/enrolment/work")

    assert "4 households." in bare
    assert "4 households." in asked


def test_the_time_left_is_that_of_the_whole_work(records: Records, visitor: Callable[..., Visitor]):
    here = make_enrolment.setting(records)
    begun(records, here, rule(MANY, DIFFICULTY))
    under_way(records, here, done=8, seconds=40)

    page = visitor(person_id=here.made.manager).see(f"/programmes/{here.programme_id}/enrolment/work")

    [left] = re.findall(r"About (\d+) seconds left", page)
    assert 55 <= int(left) <= 60, "40 s for two of five parts"
    assert 'max="20" value="8"' in page


def test_a_rule_that_does_not_ask_tells_how_long_it_is_under_way_and_no_rate(records: Records, visitor: Callable[..., Visitor]):
    here = make_enrolment.setting(records)
    begun(records, here)
    under_way(records, here, done=0, seconds=40)

    page = visitor(person_id=here.made.manager).see(f"/programmes/{here.programme_id}/enrolment/work")

    assert re.search(r"Under way for 4\d seconds", page)
    assert "a second" not in page
    assert '<progress class="w-100" max="20" aria-label' in page


def test_a_refused_rule_is_said_to_be_tried_and_not_applied(records: Records, visitor: Callable[..., Visitor]):
    here = make_enrolment.setting(records)
    make_enrolment.applied(records, here, rule(MANY))
    make_enrolment.family(records, here.made, difficulty=Difficulty.A_LOT)
    begun(records, here, rule(DIFFICULTY, MANY.replace("at_least = 4", "at_least = 59")))
    one = visitor(person_id=here.made.manager)
    before = one.see(rule_url(here))

    work(records)

    for page in (one.see(rule_url(here)), one.see(rule_url(here).replace("/rule", "/text"))):
        assert "Version 2 was tried, not applied." in page
        assert "Version 1 is in force." in page
        assert "never keep out" in page
    assert "never keep out" not in before
    assert "was tried, not applied" not in before, "it was not looked at yet"


def test_the_rule_in_force_is_shown_without_a_word_about_trying(records: Records, visitor: Callable[..., Visitor]):
    here = make_enrolment.setting(records)
    make_enrolment.applied(records, here, rule(MANY))

    assert "was tried" not in visitor(person_id=here.made.manager).see(rule_url(here))
