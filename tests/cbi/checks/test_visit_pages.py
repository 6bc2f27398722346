"""The three pages of a visit: the first keeps nothing, the second answers the same to everything, the third is asked of everybody."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from cbi.access import OFFICE_ROLES, Role
from cbi.checks.tables import Letter, OpenedPages
from cbi.store.records import Records
from cbi.transfers.tables import Mechanism
from tests import make_checks, make_people, make_sites
from tests.cbi.checks.pages import PASSED, after_first_page, before_url, choices_url, private_url
from tests.make import Visitor, hidden_fields

Visit = tuple[make_checks.Open, Visitor]


@pytest.fixture
def here(records: Records, visitor: Callable[..., Visitor]) -> Visit:
    """An open place, and its interviewer signed in."""
    made = make_checks.opened(records)
    make_checks.limits(records)
    return made, visitor(person_id=made.interviewer)


def rows(records: Records, *leave_out: str) -> dict[str, list[tuple]]:
    """Everything in the office's database but these tables."""
    import sqlalchemy as sa

    with records.engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        return {
            name: sorted(connection.execute(sa.text(f'select * from "{name}"')).all(), key=repr)
            for name in names
            if name not in {"web_session", *leave_out}
        }


def test_the_first_page_keeps_nothing_whatever_is_said(here: Visit, records: Records):
    made, visitor = here
    before = rows(records)

    after_first_page(visitor, made.households[0])
    for line in ("g01", "g03", "g04", "g05", "g06"):
        after_first_page(visitor, made.households[0], **{line: "no"})

    assert rows(records) == before


def test_a_stop_leads_to_the_delivery_choices_by_the_same_button(here: Visit):
    made, visitor = here
    stops = [{"g01": "no"}, {"g02": "man"}, {"g03": "no"}, {"g04": "no"}, {"g05": "no"}, {"g06": "no"}, {"g04": ""}, {"g01": "maybe"}]

    led_to = [after_first_page(visitor, made.households[0], **stop) for stop in stops]

    assert led_to == [choices_url(made.households[0])] * len(stops)


def test_e08_the_private_page_is_not_served_without_passing_the_first(here: Visit):
    made, visitor = here

    after_first_page(visitor, made.households[0], g02="man")

    visitor.see(f"/visits/{made.households[0]}/page/1/{'0' * 32}", 409)


def test_e08_the_word_of_one_household_or_person_opens_no_other(here: Visit, visitor: Callable[..., Visitor]):
    made, mine = here
    url = private_url(mine, made.households[0])

    mine.see(url.replace(str(made.households[0]), str(made.households[1])), 409)
    mine.see(url.replace("/page/1/", "/page/2/"), 409)
    visitor(Role.INTERVIEWER, site_id=made.site_id).see(url, 409)
    mine.see(url)


def test_e29_by_phone_only_the_delivery_choices_are_asked(here: Visit):
    made, visitor = here

    assert after_first_page(visitor, made.households[0], where="phone") == choices_url(made.households[0])


def test_the_first_page_asks_who_answers(here: Visit):
    made, visitor = here

    page = visitor.send(before_url(made.households[0]), {**PASSED, "who": ""}, status=422)

    assert "choose who answers" in page


def test_e09_another_adult_may_answer_and_children_do_not_stand_in_the_list(records: Records, visitor: Callable[..., Visitor], here: Visit):
    made, mine = here
    page = mine.see(before_url(made.households[2]))

    assert re.findall(r'name="who" value="(\d+)"', page) == ["1"]
    assert "Moonbeam" not in page


def test_e19_a_household_without_an_adult_goes_straight_to_the_choices(records: Records, here: Visit):
    made, mine = here
    child_headed = make_people.household(records, made.site_id, year=2010)

    answer = mine.client.get(before_url(child_headed))

    assert answer.status_code == 303
    assert answer.location == choices_url(child_headed)


def test_e19_the_private_page_is_not_served_for_somebody_of_seventeen(records: Records, here: Visit, app):
    from cbi.checks.passing import pass_word

    made, mine = here
    minor = make_people.household(records, made.site_id, year=2009)
    word = pass_word(app.secret_key, household_id=minor, position=1, staff_id=made.interviewer, day=make_checks.WEEK)

    mine.see(f"/visits/{minor}/page/1/{word}", 409)


def test_e20_an_interpreter_who_is_a_relative_stops_the_talk(here: Visit):
    made, visitor = here

    assert "not a relative" in visitor.see(before_url(made.households[0]))
    assert after_first_page(visitor, made.households[0], g05="no") == choices_url(made.households[0])


def test_e12_the_private_page_is_never_stored_and_has_one_neutral_way_out_twice(here: Visit):
    made, visitor = here

    answer = visitor.client.get(private_url(visitor, made.households[0]))

    assert answer.headers["Cache-Control"] == "no-store"
    ways_out = re.findall(r'<a class="btn btn-sm" href="([^"]+)" data-behaviour="leave"', answer.text)
    assert ways_out == ["/calendar", "/calendar"]
    assert 'type="text"' not in answer.text
    assert "<textarea" not in answer.text
    assert set(re.findall(r'autocomplete="([^"]+)"', answer.text)) == {"off"}


def test_every_control_of_the_private_page_is_sent_untouched(here: Visit):
    made, visitor = here

    page = visitor.see(private_url(visitor, made.households[0]))

    fields = make_checks.private_fields(make_checks.private_answers(0))
    checked = dict(re.findall(r'type="radio" name="([^"]+)" value="(.)" checked', page))
    assert set(checked) == set(fields)
    assert set(checked.values()) == {"-", "n"}


def test_the_private_page_repeats_the_first_line_above_the_strain_question_and_draws_its_follower(here: Visit):
    made, visitor = here

    page = visitor.see(private_url(visitor, made.households[0]))

    again, home, follower = (
        page.index(words) for words in ("nobody else can see the screen", "would things at home become", "Which change would help most")
    )
    assert again < home < follower


def test_e22_without_the_limits_written_down_nobody_is_asked_about_home(records: Records, visitor: Callable[..., Visitor]):
    made = make_checks.opened(records)
    mine = visitor(person_id=made.interviewer)

    page = mine.see(private_url(mine, made.households[0]))

    assert 'name="H16"' not in page
    assert 'name="H17' not in page
    assert 'name="H18"' in page


def send_private(visitor: Visitor, url: str, fields: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    answer = visitor.post(url, dict(fields), follow=False)
    return answer.status_code, {name: value for name, value in answer.headers.items() if name != "Set-Cookie"}, answer.data


def test_e13_every_answer_of_the_private_page_is_answered_with_the_same_bytes(here: Visit, records: Records):
    made, visitor = here
    url = private_url(visitor, made.households[0])
    chance = random.Random(11)
    sent = [make_checks.private_fields(make_checks.private_answers(seed)) for seed in range(4)]
    wrong = {name: chance.choice("äQ9") for name in sent[0]}

    answers = [send_private(visitor, url, fields) for fields in (*sent, wrong, {}, {"H05": "a" * 4000})]

    assert len({repr(answer) for answer in answers}) == 1
    assert answers[0][0] == 303
    assert answers[0][1]["Location"] == choices_url(made.households[0])


def test_the_private_page_leaves_one_sealed_letter_and_one_counted_page(here: Visit, records: Records):
    made, visitor = here
    url = private_url(visitor, made.households[0])
    before = rows(records, "letter", "openedpages")

    visitor.post(url, make_checks.private_fields(make_checks.private_answers(3)), follow=False)

    assert rows(records, "letter", "openedpages") == before
    [letter] = make_checks.letters(records)
    assert len(letter) == 4144
    assert str(made.households[0]).encode() not in letter
    assert made.households[0].bytes not in letter


def test_the_letter_says_who_was_asked_by_whom_with_what_and_what_was_answered(here: Visit, records: Records):
    made, visitor = here
    answers = make_checks.private_answers(3)

    visitor.post(private_url(visitor, made.households[0]), make_checks.private_fields(answers), follow=False)

    [letter] = make_checks.read_letters(records)
    assert letter["kind"] == "private"
    assert letter["household"] == str(made.households[0])
    assert UUID(letter["member"])
    assert letter["site"] == str(made.site_id)
    assert letter["interviewer"] == str(made.interviewer)
    assert letter["mechanism"] == "mobile_money"
    assert letter["consent"] == {"version": 1, "language": "en", "agreed": True}
    assert set(letter["answers"]) == {item for item, options in answers.chosen.items() if options}


def test_one_letter_we_do_not_know_spoils_no_other_answer(here: Visit, records: Records):
    made, visitor = here
    fields = make_checks.private_fields(make_checks.private_answers(3)) | {"H04": "?", "H05": "d"}

    visitor.post(private_url(visitor, made.households[0]), fields, follow=False)

    [letter] = make_checks.read_letters(records)
    assert letter["answers"]["H05"] == "no"
    assert "H04" not in letter["answers"]


def test_the_same_page_sent_twice_is_one_letter(here: Visit, records: Records):
    made, visitor = here
    url = private_url(visitor, made.households[0])
    fields = make_checks.private_fields(make_checks.private_answers(5)) | {"client_key": str(uuid4())}

    visitor.post(url, fields, follow=False)
    visitor.post(url, fields, follow=False)

    assert len(make_checks.letters(records)) == 1


def test_e03_a_gate_that_closed_meanwhile_keeps_nothing_of_what_is_sent(here: Visit, records: Records):
    made, visitor = here
    url = private_url(visitor, made.households[0])
    hidden = hidden_fields(visitor.see(url), url)

    make_sites.check(records, made.site_id, S01="no")
    fields = {**hidden, **make_checks.private_fields(make_checks.private_answers(1))}
    answer = visitor.client.post(url, data=fields, headers={"Origin": "http://localhost"})

    visitor.see(url, 409)
    assert answer.status_code == 409
    assert "Nothing was kept" in answer.text
    assert make_checks.letters(records) == []


def test_e03_the_same_gate_restored_opens_again(here: Visit, records: Records):
    made, visitor = here
    url = private_url(visitor, made.households[0])
    make_sites.check(records, made.site_id, S01="no")
    visitor.see(url, 409)

    make_sites.check(records, made.site_id)

    visitor.see(url)


def test_a_closed_gate_says_why_the_same_for_every_household_and_offers_the_choices(records: Records, visitor: Callable[..., Visitor]):
    made = make_checks.opened(records, signed=False)
    mine = visitor(person_id=made.interviewer)

    pages = [mine.see(before_url(one), 409) for one in made.households]

    assert "Not open here this week" in pages[0]
    assert "sign-off" in pages[0]
    assert choices_url(made.households[0]) in pages[0]
    same = {
        re.sub(r'name="csrf_token" value="[^"]+"', "", page.replace(str(one), "HOUSEHOLD"))
        for one, page in zip(made.households, pages, strict=True)
    }
    assert len(same) == 1


def test_e13_nothing_that_was_sent_can_be_asked_for_again(here: Visit, records: Records):
    made, visitor = here
    visitor.post(private_url(visitor, made.households[0]), make_checks.private_fields(make_checks.private_answers(1)), follow=False)
    with records.read() as reading:
        [letter_id] = reading.session.exec(select(Letter.id)).all()

    asked = [visitor.client.get(url) for url in (f"/letters/{letter_id}", f"/visits/{letter_id}/choices", f"/visits/{uuid4()}/choices")]

    assert {answer.status_code for answer in asked} == {404}
    assert len({re.sub(r'value="[^"]+"', "", answer.text) for answer in asked}) == 1


def test_no_page_or_route_reads_letters(app):
    rules = [rule.rule for rule in app.url_map.iter_rules() if "letter" in rule.rule or "letter" in rule.endpoint]

    assert rules == []


def test_e17_the_card_keeps_nothing_and_knows_who_is_on_call(here: Visit, records: Records):
    made, visitor = here
    make_sites.contact(records, made.site_id)
    before = rows(records)

    page = visitor.see(f"/visits/at/{made.site_id}/card")

    assert "Wren Hollowtree" in page
    assert "Lantern Clinic" in page
    assert "Listen" in page
    assert "<form" not in page
    assert rows(records) == before


def test_a_session_that_ended_loses_the_private_page_and_keeps_not_even_its_address(here: Visit, records: Records):
    made, visitor = here
    url = private_url(visitor, made.households[0])
    fields = make_checks.private_fields(make_checks.private_answers(1))

    visitor.client.delete_cookie("cbi-office")
    seen = visitor.client.get(url)
    sent = visitor.client.post(url, data=fields, headers={"Origin": "http://localhost"})

    assert seen.status_code == 302
    assert sent.status_code in {302, 400}
    assert make_checks.letters(records) == []
    assert not any("H05" in content or str(made.households[0]) in content for content in _sessions(records))


def _sessions(records: Records) -> list[str]:
    with records.read() as reading:
        return [row.content for row in reading.session.exec(select(reading.system.web_session))]


@pytest.mark.parametrize(("mechanism", "is_asked"), [(Mechanism.CASH_AGENT, False), (Mechanism.CARD, True)])
def test_who_holds_the_card_is_asked_only_where_the_planned_way_needs_one(
    records: Records, visitor: Callable[..., Visitor], mechanism: Mechanism, is_asked: bool
):
    made = make_checks.opened(records, mechanism=mechanism)
    mine = visitor(person_id=made.interviewer)

    page = mine.see(private_url(mine, made.households[0]))

    assert ('name="H09"' in page) is is_asked


def test_an_erased_household_is_in_no_list_and_has_no_page(records: Records, here: Visit):
    from cbi.store.work import Actor

    made, visitor = here
    with records.work(Actor()) as work:
        work.vault.destroy(work.session, made.households[0], at=work.now)

    assert str(made.households[0]) not in visitor.see(f"/visits/at/{made.site_id}")
    visitor.see(before_url(made.households[0]), 404)
    visitor.see(choices_url(made.households[0]), 404)


def test_pages_opened_are_the_only_trace_of_an_offer(here: Visit, records: Records):
    made, visitor = here

    visitor.see(private_url(visitor, made.households[0]))

    with records.read() as reading:
        [count] = reading.session.exec(select(OpenedPages)).all()
        assert count.opened == 1
        assert "household" not in OpenedPages.model_fields
        assert not any(name.startswith(("household", "member")) for name in OpenedPages.model_fields)


def test_nobody_but_an_interviewer_opens_the_first_two_pages(visitor: Callable[..., Visitor], here: Visit):
    made, mine = here
    urls = (private_url(mine, made.households[0]), before_url(made.households[0]))

    answers = {role: [visitor(role).client.get(url).status_code for url in urls] for role in sorted(OFFICE_ROLES - {Role.INTERVIEWER})}

    assert set(map(tuple, answers.values())) == {(404, 404)}


def test_a_word_in_other_letters_opens_nothing_and_is_no_fault(here: Visit):
    made, visitor = here

    visitor.see(f"/visits/{made.households[0]}/page/1/كلمة", 409)
