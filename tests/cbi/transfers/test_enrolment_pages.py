from __future__ import annotations

import re
from collections.abc import Callable

import sqlalchemy as sa
from sqlmodel import select

from cbi.access import Role
from cbi.people.erasure import restrict
from cbi.people.tables import Household
from cbi.people.values import Difficulty
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import appeals, enrolment
from cbi.transfers.tables_enrolment import Appeal, AppealStatus, EnrolmentRun
from tests import make_enrolment
from tests.make import Visitor
from tests.make_enrolment import DIFFICULTY, MANY, SMALL_CHILDREN, Enrolled, rule

RULE = {
    "reason": "Assessment of October",
    "ways-0-reason": "Large families run out first",
    "ways-0-needs": "all",
    "ways-0-when-0-what": "size",
    "ways-0-when-0-at_least": "4",
    "base": "4,500.00",
    "per_member": "1250.00",
    "members_at_most": "8",
    "at_most": "14500.00",
    "waits_for": ["review"],
    "host_percent": "30",
}


def rule_url(here: Enrolled) -> str:
    return f"/programmes/{here.programme_id}/enrolment/rule"


def manager(records: Records, visitor: Callable[..., Visitor]) -> tuple[Enrolled, Visitor]:
    here = make_enrolment.setting(records)
    return here, visitor(person_id=here.made.manager)


def test_a_manager_writes_a_rule_sees_what_it_does_and_applies_it(records: Records, visitor: Callable[..., Visitor]):
    here, one = manager(records, visitor)

    shown = one.send(rule_url(here), RULE)
    run_id = re.search(r'action="/programmes/enrolment/([0-9a-f-]{36})/apply"', shown)[1]
    after = one.send(f"/programmes/enrolment/{run_id}/apply", {}, page=f"/programmes/enrolment/{run_id}")

    assert "Enrol 2 households" in shown
    assert "KES 24,000.00" in shown
    assert "Before it no rule was in force" in shown
    assert "2 households enrolled" in after
    assert "agreed: 30 % and 70 %" in after


def test_the_rule_is_shown_again_as_it_was_written(records: Records, visitor: Callable[..., Visitor]):
    here, one = manager(records, visitor)
    one.send(rule_url(here), RULE)

    page = one.see(rule_url(here))

    assert 'value="Large families run out first"' in page
    assert 'value="4500.00"' in page


def test_every_mistake_stands_at_its_field_and_nothing_typed_is_lost(records: Records, visitor: Callable[..., Visitor]):
    here, one = manager(records, visitor)

    page = one.send(
        rule_url(here),
        {**RULE, "reason": "", "ways-0-when-0-at_least": "seven", "at_most": "1.00", "ways-0-when-1-what": "group"},
        status=422,
    )

    assert "You need to put 4 things right" in page
    assert 'value="seven"' in page
    assert "name at least one, for example displaced" in page


def test_a_rule_that_asks_everybody_for_the_six_questions_is_refused_in_words(records: Records, visitor: Callable[..., Visitor]):
    here, one = manager(records, visitor)

    page = one.send(rule_url(here), {**RULE, "ways-0-when-0-what": "difficulty", "ways-0-when-0-at_least": "1"}, status=422)

    assert "and never keep out" in page


def test_a_rule_by_which_people_come_only_for_their_sex_is_refused_on_its_page(records: Records, visitor: Callable[..., Visitor]):
    here, one = manager(records, visitor)
    way = {
        "ways-1-reason": "Daily life costs more",
        "ways-1-needs": "any",
        "ways-1-when-0-what": "head_sex",
        "ways-1-when-0-among": "female",
    }

    page = one.send(rule_url(here), {**RULE, "ways-0-when-0-at_least": "59", **way}, status=422)

    assert "add a way that asks neither for the six questions nor for the sex of the head" in page
    assert 'value="59"' in page


def test_the_numbers_of_a_condition_say_what_they_mean(records: Records, visitor: Callable[..., Visitor]):
    here, one = manager(records, visitor)

    page = one.see(rule_url(here))

    for name, hint in (("at_least", "This many people, or years of age, or more."), ("at_most", "This many or fewer.")):
        field = re.search(rf'<input[^>]*name="ways-0-when-0-{name}"[^>]*>', page)[0]
        described = re.search(r'aria-describedby="([^"]+)"', field)[1]
        assert re.search(rf'id="{described}"[^>]*>{re.escape(hint)}', page)


def test_a_button_adds_a_line_without_judging_what_is_there(records: Records, visitor: Callable[..., Visitor]):
    here, one = manager(records, visitor)

    more = one.send(rule_url(here), {**RULE, "add": "0"})
    way = one.send(rule_url(here), {**RULE, "add": "way"})

    assert 'name="ways-0-when-1-what"' in more
    assert 'name="ways-1-reason"' in way


def test_words_of_groups_are_read_as_pages_show_them(records: Records, visitor: Callable[..., Visitor]):
    here, one = manager(records, visitor)

    page = one.send(
        rule_url(here), {**RULE, "must-reason": "Agreed", "must-when-0-what": "group", "must-when-0-among": "Displaced, host community"}
    )

    assert "Population group: Displaced, Host community" in page


def test_a_rule_pasted_as_text_does_the_same(records: Records, visitor: Callable[..., Visitor]):
    here, one = manager(records, visitor)
    url = f"/programmes/{here.programme_id}/enrolment/text"

    bad = one.send(url, {"body": "reason = 3"}, status=422)
    good = one.send(url, {"body": make_enrolment.text(MANY)})

    assert "You need to put" in bad
    assert "Enrol 2 households" in good


def test_an_old_page_does_not_apply_a_newer_simulation(records: Records, visitor: Callable[..., Visitor]):
    here, one = manager(records, visitor)
    make_enrolment.tried(records, here, rule(MANY))
    with records.read() as reading:
        run_id = reading.session.exec(select(EnrolmentRun.id)).one()

    page = one.send(f"/programmes/enrolment/{run_id}/apply", {"shown": "00" * 32}, page=f"/programmes/enrolment/{run_id}")

    assert "look at the simulation again" in page


def test_who_changes_is_listed_by_registration_number_and_narrowed(records: Records, visitor: Callable[..., Visitor]):
    here, one = manager(records, visitor)
    make_enrolment.applied(records, here, rule(MANY))
    make_enrolment.family(records, here.made, 2025)
    run_id = make_enrolment.tried(records, here, rule(SMALL_CHILDREN))

    everybody, left = one.see(f"/programmes/enrolment/{run_id}"), one.see(f"/programmes/enrolment/{run_id}?change=left")

    assert "Would enter: 1" in everybody
    assert "Would leave: 2" in everybody
    assert "Rows 1 to 3 of 3" in everybody
    assert "Rows 1 to 2 of 2" in left


def test_the_households_own_page_says_why_in_words(records: Records, visitor: Callable[..., Visitor]):
    here, _one = manager(records, visitor)
    run_id = make_enrolment.applied(records, here, rule(MANY, SMALL_CHILDREN))
    desk = visitor(Role.HELP_DESK)

    in_, out = (desk.see(f"/households/{one}/enrolment/{run_id}") for one in here.made.households[:2])

    assert "Eligible because" in in_
    assert "Not because" in in_
    assert "Not eligible because" in out
    assert "People in the household: at least 4. Found: 3" in out


def test_only_who_registers_reads_how_many_have_difficulty(records: Records, visitor: Callable[..., Visitor]):
    here, _one = manager(records, visitor)
    household = make_enrolment.family(records, here.made, difficulty=Difficulty.A_LOT)
    run_id = make_enrolment.applied(records, here, rule(MANY, DIFFICULTY))
    url = f"/households/{household}/enrolment/{run_id}"

    registrar, desk, manager_ = (visitor(role).see(url) for role in (Role.REGISTRAR, Role.HELP_DESK, Role.MANAGER))

    condition = "People with difficulty (six questions): at least 1."
    assert f"{condition} Found: 1" in registrar
    for page in (desk, manager_):
        assert condition in page
        assert "Met" in page.split(condition)[1]
        assert "Found" not in page.split(condition)[1].split("</li>")[0]


def test_who_answers_an_appeal_reads_of_the_six_questions_only_whether_they_are_met(records: Records, visitor: Callable[..., Visitor]):
    here, _one = manager(records, visitor)
    make_enrolment.applied(records, here, rule(MANY, DIFFICULTY))
    visitor(Role.HELP_DESK).send(f"/households/{here.made.households[1]}/appeal/{here.programme_id}", {"said": "A sister came"})
    with records.read() as reading:
        appeal_id = reading.session.exec(select(Appeal.id)).one()

    page = visitor(Role.LEAD).see(f"/appeals/{appeal_id}")

    assert "Found: 3" in page
    assert "People with difficulty (six questions): at least 1." in page
    assert "nobody was asked" not in page


def test_a_simulation_does_not_say_whom_the_six_questions_let_in(records: Records, visitor: Callable[..., Visitor]):
    here, one = manager(records, visitor)
    household = make_enrolment.family(records, here.made, difficulty=Difficulty.A_LOT)
    with records.read() as reading:
        number = reading.session.get_one(Household, household).number
    run_id = make_enrolment.tried(records, here, rule(MANY, DIFFICULTY))
    pages = (f"/programmes/enrolment/{run_id}/households", f"/households/{household}/enrolment/{run_id}")

    simulated = one.see(f"/programmes/enrolment/{run_id}")
    for page in pages:
        one.see(page, status=404)
    with records.work(Actor(here.made.manager)) as work:
        enrolment.apply(work, run_id, shown=enrolment.run_by_id(work, run_id).digest)

    assert "Would enter: 3" in simulated
    assert number not in simulated
    assert pages[0] not in simulated
    assert number in one.see(f"/programmes/enrolment/{run_id}")
    assert number in one.see(pages[0])


def test_the_page_of_a_household_shows_its_result(records: Records, visitor: Callable[..., Visitor]):
    here, _one = manager(records, visitor)
    make_enrolment.applied(records, here, rule(MANY))

    page = visitor(Role.REGISTRAR).see(f"/households/{here.made.households[1]}")

    assert "Food through the lean season" in page
    assert "Not eligible" in page


def test_an_appeal_goes_from_the_desk_to_a_reviewer_and_back(records: Records, visitor: Callable[..., Visitor]):
    here, one = manager(records, visitor)
    run_id = make_enrolment.applied(records, here, rule(MANY))
    household = here.made.households[1]
    url = f"/households/{household}/appeal/{here.programme_id}"
    visitor(Role.HELP_DESK).send(url, {"said": "A sister came with two children"})
    with records.read() as reading:
        appeal_id = reading.session.exec(select(Appeal.id)).one()
    lead = visitor(Role.LEAD)

    writer, reviewer = one.see(f"/appeals/{appeal_id}"), lead.see(f"/appeals/{appeal_id}")
    lead.send(f"/appeals/{appeal_id}", {"answer": "yes", "reason": "A visit counted five"})
    told = visitor(Role.HELP_DESK).see(f"/households/{household}/enrolment/{run_id}")

    assert "you wrote or applied the rule" in writer
    assert "A sister came with two children" in reviewer
    assert "A visit counted five" in told
    assert "Enrolled by appeal" in told
    with records.read() as reading:
        assert appeals.appeal_by_id(reading, appeal_id).status is AppealStatus.ALLOWED
        assert household in enrolment.enrolled_in(reading, enrolment.run_by_id(reading, run_id))


def test_a_hidden_household_is_on_no_page_of_results_or_appeals(records: Records, visitor: Callable[..., Visitor]):
    here, one = manager(records, visitor)
    run_id = make_enrolment.applied(records, here, rule(MANY))
    household = here.made.households[1]
    visitor(Role.HELP_DESK).send(f"/households/{household}/appeal/{here.programme_id}", {"said": "A sister came with two children"})
    with records.read() as reading:
        appeal_id = reading.session.exec(select(Appeal.id)).one()
        number = reading.session.get_one(Household, household).number
    assert number in visitor(Role.LEAD).see("/appeals")
    assert number in one.see(f"/programmes/enrolment/{run_id}/households")
    with records.work(Actor()) as work:
        restrict(work, household)

    lead, desk = visitor(Role.LEAD), visitor(Role.HELP_DESK)

    assert number not in lead.see("/appeals")
    assert number not in one.see(f"/programmes/enrolment/{run_id}/households")
    lead.see(f"/appeals/{appeal_id}", status=404)
    desk.see(f"/households/{household}/enrolment/{run_id}", status=404)
    desk.see(f"/households/{household}/appeal/{here.programme_id}", status=404)
    with records.read() as reading:
        assert appeals.open_count(reading) == 0


def test_a_household_that_would_enter_or_leave_is_not_named_while_it_is_hidden(records: Records, visitor: Callable[..., Visitor]):
    here, one = manager(records, visitor)
    make_enrolment.applied(records, here, rule(MANY))
    with records.work(Actor()) as work:
        restrict(work, here.made.households[0])
        number = work.session.get_one(Household, here.made.households[0]).number

    run_id = make_enrolment.tried(records, here, rule(MANY))

    page = one.see(f"/programmes/enrolment/{run_id}")
    assert number not in page
    assert "Would leave: 0" in page
    with records.read() as reading:
        assert enrolment.run_by_id(reading, run_id).households == 3


def test_an_answer_without_a_reason_changes_nothing(records: Records, visitor: Callable[..., Visitor]):
    here, _one = manager(records, visitor)
    make_enrolment.applied(records, here, rule(MANY))
    with records.work(Actor(here.made.registrar)) as work:
        appeal_id = appeals.ask(work, here.programme_id, here.made.households[1], "Five")

    page = visitor(Role.LEAD).send(f"/appeals/{appeal_id}", {"answer": "yes", "reason": ""}, status=422)

    assert "say why" in page


def test_pages_ask_the_database_as_often_for_many_households_as_for_few(records: Records, visitor: Callable[..., Visitor]):
    here, one = manager(records, visitor)
    said: list[str] = []
    sa.event.listen(records.engine, "before_cursor_execute", lambda _c, _k, statement, *_r: said.append(statement))
    counted = []
    for _round in range(3):
        for _each in range(6):
            make_enrolment.family(records, here.made, 2025)
        run_id = make_enrolment.tried(records, here)
        said.clear()
        one.see(f"/programmes/enrolment/{run_id}")
        counted.append(len([statement for statement in said if statement.startswith("SELECT")]))

    assert counted[1] == counted[2]
    assert max(counted) < 40


def test_a_cycle_of_a_programme_with_a_rule_has_no_amounts_to_type(records: Records, visitor: Callable[..., Visitor]):
    here, one = manager(records, visitor)
    make_enrolment.applied(records, here, rule(MANY))
    url = f"/programmes/{here.programme_id}/cycles/new"
    days = {
        "name": "December",
        "starts_on": "2026-12-01",
        "ends_on": "2026-12-31",
        "submit_on": "2026-12-05",
        "budget_line": str(here.made.line_id),
    }

    page = one.send(url, {**days, "act": "show"})
    frozen = one.send(url, {**days, "act": "freeze", "shown_total": "2400000"})

    assert 'name="base"' not in page
    assert "KES 24,000.00" in page
    assert "Not enrolled in the programme" in page
    assert "Frozen with version 1" in frozen
