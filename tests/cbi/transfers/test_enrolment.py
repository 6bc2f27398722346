from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

import cbi.transfers.lives  # noqa: F401 -- money follows a consent taken back
from cbi.errors import Refused, SameHands, SomebodyWasFirst
from cbi.people import verification
from cbi.people.correction import withdraw_consent
from cbi.people.erasure import erase
from cbi.people.facts import HouseholdRegistered
from cbi.people.tables import Household, HouseholdStatus, PopulationGroup, ReviewReason
from cbi.people.tables_verification import Found, VerificationVisit, VisitReason
from cbi.people.values import Difficulty
from cbi.people.verification import Wanted
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import appeals, cycles, enrolment, enrolment_results, population
from cbi.transfers.rules import facts_of
from cbi.transfers.tables import Entitlement, LeftOut, LeftOutReason
from cbi.transfers.tables_enrolment import Enrolment, EnrolmentRun, EnrolmentState
from tests import make_enrolment, make_transfers
from tests.make_enrolment import DIFFICULTY, MANY, SMALL_CHILDREN, Enrolled, rule

S = EnrolmentState


def states(records: Records, run_id: object) -> dict[object, EnrolmentState]:
    with records.read() as reading:
        query = sa.select(col(Enrolment.household_id), col(Enrolment.state)).where(col(Enrolment.run_id) == run_id)
        return {household_id: EnrolmentState(state) for household_id, state in reading.session.connection().execute(query)}


def status(records: Records, household_id: object) -> HouseholdStatus:
    with records.read() as reading:
        return reading.session.get_one(Household, household_id).status


def run_of(records: Records, run_id: object) -> EnrolmentRun:
    with records.read() as reading:
        return reading.session.get_one(EnrolmentRun, run_id)


def due(records: Records) -> dict[object, int]:
    with records.read() as reading:
        return dict(reading.session.connection().execute(sa.select(Entitlement.household_id, Entitlement.amount_minor)).all())


def test_amounts_that_together_are_more_than_can_be_kept_are_refused_in_a_sentence(records: Records, monkeypatch: pytest.MonkeyPatch):
    here = make_enrolment.setting(records)
    monkeypatch.setattr(enrolment.Rule, "lets_in", lambda _rule, _facts: True)
    most = rule(due='base = "999999999999.99"\nat_most = "999999999999.99"')
    everybody = enrolment.judged

    def a_hundred_thousand(*args: object) -> list[enrolment.Result]:
        return everybody(*args) * 25_000

    monkeypatch.setattr(enrolment, "judged", a_hundred_thousand)
    with pytest.raises(Refused, match="lower the amounts"):
        make_enrolment.tried(records, here, most)


def amend(records: Records, household_id: object, change: Callable[[Household], None]) -> None:
    with records.work(Actor()) as work:
        row = work.session.get_one(Household, household_id)
        change(row)
        work.add(row)
        work.remember(
            HouseholdRegistered(
                household_id=row.id, site_id=row.site_id, number=row.number, people=row.size, consent=row.consent, review=row.review
            )
        )


def allowed_appeal(records: Records, here: Enrolled, household_id: object) -> None:
    with records.work(Actor(here.made.registrar)) as work:
        appeal_id = appeals.ask(work, here.programme_id, household_id, "Two children were born since")
    with records.work(Actor(here.second_manager)) as work:
        appeals.decide(work, appeal_id, allowed=True, answer="The card of the clinic was seen")


def test_a_simulation_enrols_nobody_and_is_replaced_by_the_next(records: Records):
    here = make_enrolment.setting(records)

    make_enrolment.tried(records, here)
    again = make_enrolment.tried(records, here, rule(MANY))

    with records.read() as reading:
        assert reading.session.exec(select(EnrolmentRun.id)).all() == [again]
        assert enrolment.current(reading, here.programme_id) is None
    assert {status(records, one) for one in here.made.households} == {HouseholdStatus.REGISTERED}


def test_the_sum_of_the_simulation_is_what_applying_and_freezing_come_to(records: Records):
    here = make_enrolment.setting(records)

    run_id = make_enrolment.applied(records, here, rule(MANY))
    make_transfers.frozen_cycle(records, here.made)

    run = run_of(records, run_id)
    assert (run.households, run.enrolled, run.not_eligible) == (4, 2, 2)
    assert due(records) == {here.made.households[0]: 950_000, here.made.households[3]: 1_450_000}
    assert run.total_minor == sum(due(records).values())


def test_applying_says_who_is_enrolled_on_every_household(records: Records):
    here = make_enrolment.setting(records)

    make_enrolment.applied(records, here, rule(MANY))

    yes, no = HouseholdStatus.ENROLLED, HouseholdStatus.REGISTERED
    assert [status(records, one) for one in here.made.households] == [yes, no, no, yes]


def test_who_is_no_longer_enrolled_is_registered_or_verified_again(records: Records):
    here = make_enrolment.setting(records, sizes=(4, 4))
    verify(records, here, here.made.households[0])
    make_enrolment.applied(records, here, rule(MANY))

    make_enrolment.family(records, here.made, 2025)
    make_enrolment.applied(records, here, rule(SMALL_CHILDREN))

    assert [status(records, one) for one in here.made.households] == [HouseholdStatus.VERIFIED, HouseholdStatus.REGISTERED]


def verify(records: Records, here: Enrolled, household_id: object, found: Found = Found.VERIFIED) -> None:
    with records.work(Actor(here.made.manager)) as work:
        verification.draw(work, Wanted(site_id=None, at_random=100))
    with records.read() as reading:
        visit_id = reading.session.exec(select(VerificationVisit.id).where(VerificationVisit.household_id == household_id)).first()
    with records.work(Actor(here.second_manager)) as work:
        verification.enter(work, visit_id, found)


def test_the_cycle_is_frozen_with_the_rule_and_its_amounts_whatever_was_typed(records: Records):
    here = make_enrolment.setting(records)
    run_id = make_enrolment.applied(records, here, rule(MANY))

    cycle_id = make_transfers.frozen_cycle(records, here.made, base_minor=1, per_member_minor=1, ceiling_minor=2)

    with records.read() as reading:
        cycle = cycles.cycle_by_id(reading, cycle_id)
    assert (cycle.rule_id, cycle.base_minor, cycle.ceiling_minor) == (run_of(records, run_id).rule_id, 450_000, 1_450_000)


def test_a_frozen_cycle_keeps_its_rule_when_another_is_applied(records: Records):
    here = make_enrolment.setting(records)
    make_enrolment.applied(records, here, rule(MANY))
    cycle_id = make_transfers.frozen_cycle(records, here.made)
    before = due(records)
    make_enrolment.family(records, here.made, 2025)
    make_enrolment.applied(records, here, rule(SMALL_CHILDREN))

    with pytest.raises(Refused, match="nobody else"), records.work(Actor(here.made.manager)) as work:
        cycles.add_late(work, cycle_id)

    assert due(records) == before


def test_who_the_same_rule_enrols_later_is_counted_late_in_a_frozen_cycle(records: Records):
    here = make_enrolment.setting(records)
    make_enrolment.applied(records, here, rule(MANY))
    cycle_id = make_transfers.frozen_cycle(records, here.made)
    late = make_transfers.household(records, here.made.site_id, 5, 50)
    make_enrolment.applied(records, here, rule(MANY))

    with records.work(Actor(here.made.manager)) as work:
        assert cycles.add_late(work, cycle_id) == 1

    assert due(records)[late] == 1_075_000


def test_a_cycle_frozen_without_a_rule_stays_without_one(records: Records):
    here = make_enrolment.setting(records)
    cycle_id = make_transfers.frozen_cycle(records, here.made)
    make_enrolment.applied(records, here, rule(MANY))
    small = make_transfers.household(records, here.made.site_id, 1, 60)

    with records.work(Actor(here.made.manager)) as work:
        cycles.add_late(work, cycle_id)

    assert small in due(records)


def test_who_is_not_enrolled_is_left_out_of_the_cycle_with_that_reason(records: Records):
    here = make_enrolment.setting(records)
    make_enrolment.applied(records, here, rule(MANY))

    make_transfers.frozen_cycle(records, here.made)

    with records.read() as reading:
        reasons = dict(reading.session.connection().execute(sa.select(LeftOut.household_id, LeftOut.reason)).all())
    assert reasons == dict.fromkeys(here.made.households[1:3], LeftOutReason.NOT_ENROLLED)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE enrolmentrun SET enrolled = 3",
        "DELETE FROM enrolmentrun",
        "UPDATE enrolment SET amount_minor = amount_minor + 1 WHERE amount_minor > 0",
        "DELETE FROM enrolment",
        "UPDATE enrolmentrule SET version = 9",
        "DELETE FROM enrolmentrule",
        "UPDATE cycle SET rule_id = NULL",
    ],
)
def test_the_database_itself_keeps_what_was_applied(records: Records, change: str):
    here = make_enrolment.setting(records)
    make_enrolment.applied(records, here, rule(MANY))
    make_transfers.frozen_cycle(records, here.made)

    with pytest.raises(sa.exc.IntegrityError, match="never changes|keeps its rules"), records.engine.begin() as connection:
        connection.execute(sa.text(change))


def test_a_household_that_came_while_the_page_was_open_stops_the_applying(records: Records):
    here = make_enrolment.setting(records)
    run_id = make_enrolment.tried(records, here)
    make_enrolment.family(records, here.made, 2025)

    with pytest.raises(SomebodyWasFirst, match="simulate again"), records.work(Actor(here.made.manager)) as work:
        enrolment.apply(work, run_id, shown=enrolment.run_by_id(work, run_id).digest)


def test_a_simulation_is_applied_once_and_only_as_shown(records: Records):
    here = make_enrolment.setting(records)
    run_id = make_enrolment.applied(records, here, rule(MANY))
    digest = run_of(records, run_id).digest

    for shown in (digest, b"other"):
        with pytest.raises(SomebodyWasFirst), records.work(Actor(here.made.manager)) as work:
            enrolment.apply(work, run_id, shown=shown)


def test_a_rule_that_enrols_nobody_is_not_applied(records: Records):
    here = make_enrolment.setting(records)

    with pytest.raises(Refused, match="nobody would be enrolled"):
        make_enrolment.applied(records, here, rule(SMALL_CHILDREN))


def test_a_rule_by_which_people_come_only_for_the_six_questions_is_not_even_tried(records: Records):
    here = make_enrolment.setting(records)
    make_enrolment.family(records, here.made, difficulty=Difficulty.A_LOT)

    with pytest.raises(Refused, match="never keep out"):
        make_enrolment.tried(records, here, rule(DIFFICULTY, MANY.replace("at_least = 4", "at_least = 59")))

    assert make_enrolment.tried(records, here, rule(DIFFICULTY, MANY))


def test_the_same_rule_run_again_comes_to_the_same_digest(records: Records):
    here = make_enrolment.setting(records)

    first, second = (make_enrolment.applied(records, here, rule(MANY)) for _ in range(2))

    assert run_of(records, first).digest == run_of(records, second).digest
    assert (run_of(records, first).number, run_of(records, second).number) == (1, 2)


def test_the_order_of_households_changes_nothing(records: Records):
    here = make_enrolment.setting(records, sizes=(1, 2, 3, 4, 5, 6, 7))
    with records.read() as reading:
        results = enrolment_results.judged(reading, here.programme_id, rule(MANY))

    shuffled = random.Random(3).sample(results, len(results))

    assert shuffled != results
    assert enrolment_results.digest_of(shuffled) == enrolment_results.digest_of(results)


def test_ages_and_difficulty_are_counted_as_they_were_registered(records: Records):
    here = make_enrolment.setting(records, sizes=())
    made = [
        make_enrolment.family(records, here.made, 2025, 2021, 2020, 2008, 1966, 1940),
        make_enrolment.family(records, here.made, difficulty=Difficulty.A_LOT, group=PopulationGroup.HOST),
        make_enrolment.family(records, here.made, difficulty=Difficulty.SOME),
    ]

    run_id = make_enrolment.tried(records, here, rule(DIFFICULTY, SMALL_CHILDREN))

    with records.read() as reading:
        rows = {
            row.household_id: facts_of(json.loads(reading.open(row, "facts")))
            for row in reading.session.exec(select(Enrolment).where(Enrolment.run_id == run_id))
        }
    assert (rows[made[0]].under_5, rows[made[0]].under_18, rows[made[0]].from_60, rows[made[0]].difficulty) == (2, 4, 2, None)
    assert [rows[one].difficulty for one in made[1:]] == [1, 0]
    assert states(records, run_id) == {made[0]: S.ENROLLED, made[1]: S.ENROLLED, made[2]: S.NOT_ELIGIBLE}
    assert run_of(records, run_id).host == 1


def test_answers_read_a_moment_ago_are_read_again_of_whoever_changed_since(records: Records):
    here = make_enrolment.setting(records)
    goes, stays = (make_enrolment.family(records, here.made, difficulty=Difficulty.A_LOT) for _ in range(2))
    with records.read() as reading:
        answers = population.answers_of(reading, here.programme_id)
    with records.work(Actor()) as work:
        withdraw_consent(work, goes)
    comes = make_enrolment.family(records, here.made, difficulty=Difficulty.CANNOT)

    with records.read() as reading:
        results = enrolment_results.judged(reading, here.programme_id, rule(DIFFICULTY, MANY), answers)
        again = enrolment_results.judged(reading, here.programme_id, rule(DIFFICULTY, MANY))

    assert results == again
    found = {one.candidate.household: one.candidate.facts.difficulty for one in results}
    assert (found[goes.hex], found[stays.hex], found[comes.hex]) == (None, 1, 1)


def test_who_takes_the_consent_back_leaves_no_answer_in_a_simulation(records: Records):
    here = make_enrolment.setting(records)
    goes, stays = (make_enrolment.family(records, here.made, difficulty=Difficulty.A_LOT) for _ in range(2))
    applied = make_enrolment.applied(records, here, rule(DIFFICULTY, MANY))
    tried = make_enrolment.tried(records, here, rule(DIFFICULTY, MANY))

    with records.work(Actor()) as work:
        withdraw_consent(work, goes)

    with records.read() as reading:
        rows = reading.session.exec(select(Enrolment).where(col(Enrolment.household_id).in_((goes, stays)))).all()
        kept = {(row.run_id, row.household_id): facts_of(json.loads(reading.open(row, "facts"))).difficulty for row in rows}
    assert (kept[tried, goes], kept[tried, stays]) == (None, 1)
    assert kept[applied, goes] == 1, "what was applied never changes: docs/promises.md says so"


def test_what_enrolment_waits_for_is_the_programmes_setting(records: Records):
    here = make_enrolment.setting(records, sizes=(4, 4, 4, 4))
    verified, missing, held, fresh = here.made.households
    verify(records, here, verified)
    with records.read() as reading:
        visit = reading.session.exec(select(VerificationVisit.id).where(VerificationVisit.household_id == missing)).one()
    with records.work(Actor(here.second_manager)) as work:
        verification.enter(work, visit, Found.NOT_FOUND)
    amend(records, held, lambda row: setattr(row, "review", ReviewReason.DOCUMENT))

    strict = make_enrolment.applied(records, here, rule(MANY, terms='waits_for = ["unverified", "not_found", "review"]'))
    lenient = make_enrolment.tried(records, here, rule(MANY))

    assert states(records, strict) == {verified: S.ENROLLED, missing: S.NOT_FOUND, held: S.REVIEW, fresh: S.UNVERIFIED}
    assert set(states(records, lenient).values()) == {S.ENROLLED}


def test_an_erased_household_is_looked_at_no_more(records: Records):
    here = make_enrolment.setting(records)
    with records.work(Actor()) as work:
        erase(work, here.made.households[0])

    assert here.made.households[0] not in states(records, make_enrolment.tried(records, here))


def test_an_allowed_appeal_enrols_as_an_exception_counted_apart(records: Records):
    here = make_enrolment.setting(records)
    make_enrolment.applied(records, here, rule(MANY))
    left_out = here.made.households[1]

    allowed_appeal(records, here, left_out)
    now = status(records, left_out)
    make_transfers.frozen_cycle(records, here.made)
    again = make_enrolment.tried(records, here, rule(MANY))

    assert now is HouseholdStatus.ENROLLED
    assert due(records)[left_out] == 825_000
    assert states(records, again)[left_out] is S.EXCEPTION
    assert (run_of(records, again).enrolled, run_of(records, again).exceptions) == (2, 1)


def test_nobody_answers_an_appeal_they_wrote_down_or_a_rule_of_their_own(records: Records):
    here = make_enrolment.setting(records)
    make_enrolment.applied(records, here, rule(MANY))
    with records.work(Actor(here.second_manager)) as work:
        appeal_id = appeals.ask(work, here.programme_id, here.made.households[1], "We are five")

    for person, words in ((here.made.manager, "wrote or applied the rule"), (here.second_manager, "wrote this appeal down")):
        with pytest.raises(SameHands, match=words), records.work(Actor(person)) as work:
            appeals.decide(work, appeal_id, allowed=True, answer="Because")


def test_a_refused_appeal_keeps_the_household_out_and_may_be_asked_again(records: Records):
    here = make_enrolment.setting(records)
    make_enrolment.applied(records, here, rule(MANY))
    household = here.made.households[1]
    with records.work(Actor(here.made.registrar)) as work:
        first = appeals.ask(work, here.programme_id, household, "We are five")
    with records.work(Actor(here.second_manager)) as work:
        appeals.decide(work, first, allowed=False, answer="The visit counted three")

    with records.work(Actor(here.made.registrar)) as work:
        second = appeals.ask(work, here.programme_id, household, "My sister came")

    assert status(records, household) is HouseholdStatus.REGISTERED
    with records.read() as reading:
        assert {one.id for one in appeals.appeals_of(reading, household)} == {first, second}
        assert reading.open(appeals.appeal_by_id(reading, first), "answer") == "The visit counted three"


@pytest.mark.parametrize("place", [0, 1])
def test_an_appeal_is_only_asked_for_whom_the_rule_leaves_out_and_once(records: Records, place: int):
    here = make_enrolment.setting(records)
    make_enrolment.applied(records, here, rule(MANY))
    household = here.made.households[place]
    if place == 1:
        with records.work(Actor(here.made.registrar)) as work:
            appeals.ask(work, here.programme_id, household, "We are five")

    with pytest.raises(Refused), records.work(Actor(here.made.registrar)) as work:
        appeals.ask(work, here.programme_id, household, "Again")


def test_a_rule_in_another_currency_is_refused(records: Records):
    here = make_enrolment.setting(records)

    with pytest.raises(Refused, match="KES"), records.work(Actor(here.made.manager)) as work:
        enrolment.write_rule(work, here.programme_id, replace(rule(), currency="USD"))


def test_the_same_rule_written_twice_is_one_version(records: Records):
    here = make_enrolment.setting(records)

    with records.work(Actor(here.made.manager)) as work:
        first = enrolment.write_rule(work, here.programme_id, rule())
        assert enrolment.write_rule(work, here.programme_id, rule()) == first
        assert enrolment.write_rule(work, here.programme_id, rule(MANY)) != first


def test_verification_reasons_are_only_the_offices_own(records: Records):
    assert set(verification.OFFICE_REASONS) == set(VisitReason) - {VisitReason.RANDOM}
