"""The pages of arrangements: the desk's card, the manager's publishing, and that neither tells what waits."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from cbi.access import Role
from cbi.clock import Clock
from cbi.people.tables import Household
from cbi.store.records import Records
from cbi.transfers import inbox
from cbi.transfers.receiving import Collector, Reach, Way
from cbi.transfers.tables import Arrangement, ArrangementKind, ArrangementRequest, Mechanism
from tests import make, make_people
from tests.cbi.transfers.test_arrangements import ask, holds, publish, rows

Visitors = Callable[..., make.Visitor]
K = ArrangementKind
UNTOUCHED = {
    "site": "",
    "mechanism": "",
    "account": "",
    "collector": "",
    "collector_name": "",
    "collector_contact": "",
    "recipient": "",
    "parts": "",
    "messages": "",
}


def card(household: UUID) -> str:
    return f"/households/{household}/arrangement"


def choose(**fields: object) -> dict[str, object]:
    """The card as it is sent: everything as planned but these."""
    return {**UNTOUCHED, "agreed": "y", **fields}


def test_the_desk_finds_a_household_and_writes_down_what_it_chose(records: Records, visitor: Visitors):
    household = make_people.household(records, given="Juniper", family="Moonbeam")
    desk = visitor(Role.HELP_DESK)

    found = desk.send("/help-desk", {"q": "Moonbeam"})
    saved = desk.send(card(household), choose(parts="3", keep="y", help=["first", "device"], day=["mon-morning"]))
    publish(records)
    later = desk.see(card(household))

    assert card(household) in found
    assert "Saved. It is read at the next publishing, 12:00." in saved
    assert "Everything as planned for everybody." in saved
    assert holds(records, household) == {K.DAY: ("mon-morning",), K.PARTS: 3, K.KEEP: True, K.HELP: ("first", "device")}
    assert "3 parts, the same sum" in later


def test_the_households_page_tells_the_day_of_an_arrangement_and_no_hour(records: Records, visitor: Visitors):
    household = make_people.household(records)
    ask(records, household, parts=3)
    publish(records)

    line = re.search(r"How it receives changed: In parts.*?</li>", visitor(Role.MANAGER).see(f"/households/{household}"), re.DOTALL)

    assert line is not None
    assert re.search(r"\d{1,2} [A-Z]\w+ 20\d\d", line[0])
    assert not re.search(r"\d\d:\d\d", line[0])


def test_a_registration_number_opens_its_card_at_once(records: Records, visitor: Visitors):
    household = make_people.household(records)
    number = next(row.number for row in rows(records, Household))

    page = visitor(Role.HELP_DESK).send("/help-desk", {"q": number.lower()})

    assert f"How {number} receives" in page
    assert card(household) in page


def test_nobody_found_says_what_else_to_try(visitor: Visitors):
    page = visitor(Role.HELP_DESK).send("/help-desk", {"q": "Nobody Nowhere"})

    assert "0 households found" in page
    assert "You need to try another way" in page


def test_a_card_sent_back_unchanged_asks_for_a_change(records: Records, visitor: Visitors):
    household = make_people.household(records)

    answer = visitor(Role.HELP_DESK).post(card(household), choose())

    assert answer.status_code == 422
    assert "choose at least one change" in answer.text
    assert rows(records, ArrangementRequest) == []


def test_what_was_not_touched_is_not_asked_for_again(records: Records, visitor: Visitors):
    household = make_people.household(records)
    ask(
        records,
        household,
        mechanism=Way(Mechanism.MOBILE_MONEY, "0712 000 111"),
        collector=Collector("Bramble Teapot", contact="0799 000 222"),
        messages=Reach("neutral", ("sat-morning",)),
    )
    publish(records)
    desk = visitor(Role.HELP_DESK)
    page = desk.see(card(household))

    desk.send(
        card(household),
        choose(
            mechanism="mobile_money",
            collector="someone",
            collector_name="Bramble Teapot",
            collector_contact="0799 000 222",
            messages="neutral",
            hours=["sat-morning"],
            parts="2",
        ),
    )
    publish(records)

    assert "ending with 111" in page
    assert "0712" not in page
    assert [row.kind for row in rows(records, Arrangement)].count(K.MECHANISM) == 1
    assert holds(records, household)[K.MECHANISM] == Way(Mechanism.MOBILE_MONEY, "0712 000 111")
    assert holds(records, household)[K.PARTS] == 2


@pytest.mark.parametrize(
    ("fields", "fix"),
    [
        ({"agreed": "", "parts": "3"}, "ask the person"),
        ({"parts": "9"}, "choose one of the answers shown"),
        ({"collector": "someone"}, "full name"),
        ({"account": "0712 000 111"}, "choose the way to be paid"),
        ({"mechanism": "bank", "account": "=1+1"}, "digits and letters"),
        ({"hours": ["mon-morning"]}, "which messages"),
        ({"day": ["someday"]}, "choose among the answers"),
        ({"site": "elsewhere"}, "choose one of the answers shown"),
        ({"client_key": "again", "parts": "3"}, "open this page again"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(records: Records, visitor: Visitors, fields: dict[str, object], fix: str):
    household = make_people.household(records)

    answer = visitor(Role.HELP_DESK).post(card(household), choose(collector_contact="0799 000 222", **fields))

    assert answer.status_code == 422
    assert fix in answer.text
    assert 'value="0799 000 222"' in answer.text
    assert rows(records, ArrangementRequest) == []


def test_a_card_drawn_before_a_publishing_is_read_again_first(records: Records, visitor: Visitors):
    household = make_people.household(records)
    desk = visitor(Role.HELP_DESK)
    hidden = make.hidden_fields(desk.see(card(household)), card(household))
    ask(records, household, parts=2)
    publish(records)

    answer = desk.client.post(card(household), data={**hidden, **choose(keep="y")}, headers={"Origin": "http://localhost"})
    again = desk.client.post(
        card(household),
        data={**make.hidden_fields(answer.text, card(household)), **choose(keep="y", parts="2")},
        headers={"Origin": "http://localhost"},
    )

    assert answer.status_code == 422
    assert "changes were published meanwhile" in answer.text
    assert again.status_code == 303


def test_the_same_form_sent_twice_answers_the_same_and_counts_once(records: Records, visitor: Visitors):
    household = make_people.household(records)
    desk = visitor(Role.HELP_DESK)
    filled = {**make.hidden_fields(desk.see(card(household)), card(household)), **choose(parts="3")}

    answers = [desk.client.post(card(household), data=filled, headers={"Origin": "http://localhost"}) for _ in range(2)]

    assert [(answer.status_code, answer.location) for answer in answers] == [(303, card(household))] * 2
    assert len(rows(records, ArrangementRequest)) == 1


def test_no_page_of_the_office_tells_what_lies_in_the_inbox(records: Records, visitor: Visitors):
    household = make_people.household(records)
    desk, manager = visitor(Role.HELP_DESK), visitor(Role.MANAGER)
    publish(records)
    pages = [
        (desk, "/"),
        (desk, "/help-desk"),
        (desk, card(household)),
        (manager, "/"),
        (manager, "/arrangements"),
        (manager, "/arrangements/past"),
    ]

    before = [masked(one.see(url)) for one, url in pages]
    for _ in range(3):
        ask(records, household, by=uuid4(), collector=Collector("Bramble Teapot"), parts=2)
    after = [masked(one.see(url)) for one, url in pages]

    assert before == after


def masked(page: str) -> str:
    """The page without what is new each time: the token and the form's key."""
    return re.sub(r'name="(csrf_token|client_key)"[^>]*value="[^"]*"', "", page)


def test_a_manager_publishes_takes_back_and_confirms(records: Records, visitor: Visitors):
    household = make_people.household(records)
    other = make_people.household(records, given="Pickle")
    ask(records, household, collector=Collector("Bramble Teapot"), parts=2)
    ask(records, other, parts=4)
    manager = visitor(Role.MANAGER)

    shown = manager.send("/arrangements/publish", {}, page="/arrangements")
    undo = re.findall(r"/arrangements/[0-9a-f-]{36}/undo", shown)
    undone = manager.send(undo[-1], {}, page="/arrangements")
    today = manager.see("/")
    waiting = manager.see("/arrangements")
    change = re.search(r'type="checkbox" name="change" value="([^"]+)"', waiting)[1]
    confirmed = manager.send("/arrangements/confirm", {"change": change}, page="/arrangements")

    assert "3 changes" in shown
    assert "As planned for everybody" in shown
    assert len(undo) == 3
    assert "Taken back" in undone
    assert "Change of payee to confirm" in today
    assert "Bramble Teapot" in waiting
    assert "1 change of payee is confirmed." in confirmed
    assert "No payee waits for you." in confirmed
    assert holds(records, other) == {}


def test_confirming_nothing_says_to_tick_one(records: Records, visitor: Visitors):
    make_people.household(records)

    page = visitor(Role.MANAGER).send("/arrangements/confirm", {}, page="/arrangements")

    assert "tick at least one change" in page


def test_earlier_publications_are_listed_with_the_empty_ones(records: Records, visitor: Visitors):
    make_people.household(records)
    records.clock = Clock(records.clock.now() + timedelta(hours=3, minutes=1))
    inbox.publish_due(records)
    publish(records)
    manager = visitor(Role.MANAGER)

    page = manager.see("/arrangements/past")
    first = manager.see(re.findall(r"/arrangements/[0-9a-f-]{36}", page)[-1])

    assert "Published at 12:00" in page
    assert "Published at once" in page
    assert "Nobody asked for a change." in first


def test_the_desk_says_the_same_sentences_to_everybody(visitor: Visitors):
    page = visitor(Role.HELP_DESK).see("/help-desk/sentences")

    assert "Any household can." in page


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.LEAD, Role.FINANCE, Role.APPROVER, Role.ADMINISTRATOR, Role.AUDITOR])
def test_for_everybody_else_these_pages_are_not_there(records: Records, visitor: Visitors, role: Role):
    household = make_people.household(records)
    stranger = visitor(role)

    for url in ("/help-desk", "/arrangements", "/arrangements/past", card(household), card(uuid4())):
        stranger.see(url, status=404)


def test_a_desk_that_asks_for_an_unknown_household_gets_the_same_answer_as_a_stranger(visitor: Visitors):
    visitor(Role.HELP_DESK).see(card(uuid4()), status=404)
