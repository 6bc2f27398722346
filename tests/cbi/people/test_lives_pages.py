from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import select

from cbi.access import Role
from cbi.errors import Refused
from cbi.people import undoing, views_leaving
from cbi.people.history import change_of, changes_of
from cbi.people.registered import Registered, open_household
from cbi.people.tables import Household
from cbi.people.tables_lives import ChangeKind
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make_payouts, make_people, make_transfers
from tests.make import Visitor

Sign = Callable[..., Visitor]


@pytest.fixture
def registrar(visitor: Sign, records: Records) -> Visitor:
    return visitor(Role.REGISTRAR, site_id=make_people.site(records))


@pytest.fixture
def family(records: Records) -> UUID:
    return make_people.household(records, people=4)


@pytest.fixture
def proven(monkeypatch: pytest.MonkeyPatch) -> None:
    """The step-up of staff has tests of its own; here the right password is "moon"."""

    def step_up(_work: object, _person_id: UUID, password: str, _code: str) -> None:
        if password != "moon":
            raise Refused("check your password, and type it again")

    monkeypatch.setattr(views_leaving, "step_up", step_up)


def kept(records: Records, household_id: UUID) -> Registered:
    with records.read() as reading:
        return open_household(reading, household_id)


def lines(one: Registered, relations: dict[int, str], goes: tuple[int, ...] = (), first: int = 1) -> dict[str, object]:
    """What a page sends of its lines of people."""
    found: dict[str, object] = {}
    for place, member_id in enumerate(one.member_ids[first:]):
        found[f"people-{place}-member"] = str(member_id)
        found[f"people-{place}-relation"] = relations.get(place + first, "")
        if place + first in goes:
            found[f"people-{place}-goes"] = "y"
    return found


def newest(records: Records, household_id: UUID) -> UUID:
    with records.read() as reading:
        return changes_of(reading, household_id)[0].id


def split_fields(one: Registered) -> dict[str, object]:
    who = str(one.member_ids[1])
    more = {"head": who, "recipient": who, "language": "en", "consent": "agrees", "phone": "+999 555 0199"}
    return {**lines(one, {2: "sibling"}, goes=(1, 2)), **more}


def test_some_of_a_household_become_one_of_their_own_and_it_is_taken_back(records: Records, registrar: Visitor, family: UUID):
    before = kept(records, family)

    page = registrar.send(f"/households/{family}/split", split_fields(before))

    assert "Tumble 1" in page
    assert "2 people" in page
    assert "Split off from another household" in page
    old = registrar.see(f"/households/{family}")
    assert "Some live on their own now" in old
    assert "Tumble 1" not in old
    history = registrar.send(f"/changes/{newest(records, family)}/undo", {}, page=f"/households/{family}/lives")
    assert "Everything is as it was before" in history
    assert kept(records, family).told == before.told


def test_who_split_off_is_led_to_where_that_is_taken_back(records: Records, registrar: Visitor, visitor: Sign, family: UUID):
    registrar.send(f"/households/{family}/split", split_fields(kept(records, family)))
    split_off, change, number = newest_household(records, family), newest(records, family), kept(records, family).number

    own = registrar.see(f"/households/{split_off}/lives")
    there = registrar.see(f"/households/{family}/lives")

    assert f'<a href="/households/{family}/lives#change-{change}">Take it back in household {number}</a>' in own
    assert f'id="change-{change}" method="post" action="/changes/{change}/undo"' in there
    assert "Take it back" not in visitor(Role.HELP_DESK).see(f"/households/{split_off}/lives")


def newest_household(records: Records, other_than: UUID) -> UUID:
    with records.read() as reading:
        return reading.session.exec(select(Household.id).where(Household.id != other_than)).one()


def test_a_split_that_something_was_built_upon_leads_nowhere(records: Records, registrar: Visitor, family: UUID):
    registrar.send(f"/households/{family}/split", split_fields(kept(records, family)))
    split_off = newest_household(records, family)
    before = registrar.see(f"/households/{split_off}/lives")

    registrar.send(f"/households/{split_off}/card", {"sure": "y"})

    assert "Take it back" in before
    assert "Take it back" not in registrar.see(f"/households/{split_off}/lives")


def test_a_history_asks_the_database_as_often_however_many_households_it_is_about(records: Records, registrar: Visitor):
    family = make_people.household(records, people=9)
    asked: list[int] = []
    said: list[str] = []
    sa.event.listen(records.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    for parts in (1, 2):
        for _ in range(parts):
            registrar.send(f"/households/{family}/split", split_fields(kept(records, family)))
        said.clear()
        page = registrar.see(f"/households/{family}/lives")
        asked.append(len(said))
        assert page.count("Some live on their own now") >= 2 * parts - 1

    assert asked[0] == asked[1]


def test_nobody_is_led_to_a_household_that_is_hidden(records: Records, registrar: Visitor, family: UUID):
    registrar.send(f"/households/{family}/split", split_fields(kept(records, family)))
    change = newest(records, family)

    with records.read() as reading:
        shown = undoing.beside(reading, change_of(reading, change))
    with records.engine.execution_options(writing=True).begin() as connection:
        connection.execute(
            sa.update(Household.__table__).values(restricted_on=date(2026, 11, 23)).where(Household.__table__.c.id == family)
        )
    with records.read() as reading:
        one = change_of(reading, change)
        hidden, still = undoing.beside(reading, one), undoing.why_not(reading, one)

    assert shown is not None
    assert still is None, "only that it is hidden keeps it from being shown"
    assert hidden is None


def test_a_split_without_an_answer_keeps_what_was_typed(records: Records, registrar: Visitor, family: UUID):
    fields = {**split_fields(kept(records, family)), "consent": "", "shelter": "B-77"}

    page = registrar.send(f"/households/{family}/split", fields, status=422)

    assert "read the text, ask, and choose the answer" in page
    assert "B-77" in page
    assert re.search(r'name="people-0-goes"[^>]*checked|checked[^>]*name="people-0-goes"', page)
    assert len(kept(records, family).told.members) == 4


def test_a_split_sent_twice_happens_once(records: Records, registrar: Visitor, family: UUID):
    fields = {**split_fields(kept(records, family)), "seen": "1"}
    registrar.send(f"/households/{family}/split", fields)

    again = registrar.send(f"/households/{family}/split", fields, status=409)

    assert "somebody changed it in the meantime" in again
    with records.read() as reading:
        assert len(reading.session.exec(select(Household.id)).all()) == 2


def test_two_households_become_one_in_two_steps(records: Records, registrar: Visitor, family: UUID):
    other = make_people.household(records, given="Pumpkin", family="Lantern", people=2)
    coming = kept(records, other)

    answer = registrar.post(f"/households/{family}/join", {"number": coming.number.lower().replace("-", "")}, follow=False)
    assert answer.location.endswith(f"/join/{other}")
    page = registrar.send(answer.location, lines(coming, {0: "sibling", 1: "other_family"}, first=0))

    assert "6 people" in page
    assert "Pumpkin" in page
    closed = registrar.see(f"/households/{other}")
    assert "its people live with another household now" in closed
    assert "Closed: lives with another household now" in closed
    assert "registered twice" not in closed
    assert "0 people" not in closed
    assert "Pumpkin" not in closed
    assert "Pumpkin" not in registrar.see("/households")
    for path in ("correct", "split", "head"):
        registrar.see(f"/households/{other}/{path}", status=404)


def test_a_number_nobody_has_is_a_sentence_at_the_field(registrar: Visitor, family: UUID):
    page = registrar.send(f"/households/{family}/join", {"number": "BH-99999-9"}, status=422)

    assert "no household has it" in page


def test_a_household_moves(records: Records, registrar: Visitor, family: UUID):
    mill = make_people.site(records, "OM", "Old Mill")

    page = registrar.send(f"/households/{family}/move", {"site": str(mill), "shelter": "M-9"})

    assert "Old Mill, M-9" in page
    assert "Moved to another site" in page


def test_a_new_head_waits_for_a_second_person_who_confirms_it(records: Records, registrar: Visitor, visitor: Sign, family: UUID):
    one = kept(records, family)
    fields = {"why": "died", "head": str(one.member_ids[1]), "recipient": str(one.member_ids[1]), "alternate": ""}

    registrar.send(f"/households/{family}/head", {**fields, **lines(one, {2: "sibling", 3: "sibling"}, first=0)})
    change = newest(records, family)

    assert "Waits for a second person" in registrar.see(f"/households/{family}/lives")
    registrar.send(f"/changes/{change}/confirm", {}, page="/households", status=404)
    manager = visitor(Role.MANAGER)
    assert "Households where somebody else receives" in manager.see("/")
    assert one.number in manager.see("/households/payees")
    page = manager.send(f"/changes/{change}/confirm", {}, page=f"/households/{family}/lives")
    assert "Confirmed by Salma Storybook" in page
    assert "Somebody else is head of the household" in page
    assert "Nothing waits" in manager.see("/households/payees")


def test_a_relation_nobody_gave_is_asked_for(records: Records, registrar: Visitor, family: UUID):
    one = kept(records, family)
    fields = {"why": "stays", "head": str(one.member_ids[1]), "recipient": str(one.member_ids[1]), "alternate": ""}

    page = registrar.send(f"/households/{family}/head", {**fields, **lines(one, {2: "sibling"}, first=0)}, status=422)

    assert "who they are to the new head" in page


def test_somebody_is_born_leaves_and_is_back(records: Records, registrar: Visitor, family: UUID):
    registrar.send(f"/households/{family}/born", {"name": "Pip", "born": "14/11/2026", "sex": "male", "relation": "grandchild"})
    who = str(kept(records, family).member_ids[-1])
    page = registrar.send(f"/households/{family}/gone", {"member": who, "why": "left", "recipient": ""})
    assert "4 people" in page
    assert "A member is back" in registrar.see(f"/households/{family}/lives")

    back = registrar.send(f"/households/{family}/returned", {"who": str(newest(records, family)), "relation": "grandchild"})

    assert "5 people" in back
    assert "Pip" in back


@pytest.mark.parametrize(
    ("path", "fields"), [("born", {"name": "", "born": "2399"}), ("gone", {}), ("head", {}), ("move", {}), ("identified", {})]
)
def test_an_empty_or_impossible_form_comes_back_with_what_to_do(registrar: Visitor, family: UUID, path: str, fields: dict[str, object]):
    page = registrar.send(f"/households/{family}/{path}", fields, status=422)

    assert "You need to put" in page


def test_a_lost_card_is_refused_wherever_it_is_shown(records: Records, registrar: Visitor, visitor: Sign, family: UUID):
    lost = kept(records, family).token

    page = registrar.send(f"/households/{family}/card", {"sure": "y"})

    assert kept(records, family).token in page
    assert lost not in page
    desk = visitor(Role.HELP_DESK)
    assert "This card is refused" in registrar.send("/households/find", {"q": lost}, page="/households/find")
    assert "This card is refused" in desk.send("/help-desk", {"q": lost}, page="/help-desk")


def test_somebody_without_a_document_is_known_and_the_page_says_until_when(records: Records, registrar: Visitor, family: UUID):
    who = str(kept(records, family).member_ids[1])

    page = registrar.send(f"/households/{family}/identified", {"member": who, "means": "neighbours", "until": "2026-12-01"})

    assert "Known without a document until 1 December 2026" in page
    assert "Two neighbours know them" in page


def test_a_correction_shows_from_what_to_what_to_those_who_correct_and_to_nobody_else(
    records: Records, registrar: Visitor, visitor: Sign, family: UUID
):
    from dataclasses import replace

    from cbi.people.correction import correct

    one = kept(records, family)
    with records.work(Actor(registrar.person_id)) as work:
        correct(work, family, replace(one.told, shelter="K-41"), one.member_ids, seen_version=1)

    assert "K-41" in registrar.see(f"/households/{family}/lives")
    assert "K-41" not in visitor(Role.HELP_DESK).see(f"/households/{family}/lives")


def test_the_help_desk_takes_a_consent_back_and_says_what_remains(records: Records, visitor: Sign, family: UUID):
    desk = visitor(Role.HELP_DESK)
    shown = desk.see(f"/households/{family}/withdraw")

    page = desk.send(f"/households/{family}/withdraw", {"sure": "y"})

    assert "For 30 days" in shown
    assert "Everything is deleted for ever" in shown
    assert "Consent taken back" in page
    with records.read() as reading:
        assert reading.session.get_one(Household, family).status.value == "withdrawn"


def test_what_must_be_kept_for_the_money_is_said_with_its_day(records: Records, visitor: Sign):
    made = make_transfers.setting(records, (2,))
    make_transfers.frozen_cycle(records, made)
    manager = visitor(person_id=made.manager)
    manager.send(f"/grants/{made.grant_id}/kept", {"until": "2031-12-31"})

    page = visitor(Role.HELP_DESK).see(f"/households/{made.households[0]}/withdraw")

    assert "31 December 2031" in page
    assert "Kept until 31 December 2031" in manager.see(f"/grants/{made.grant_id}")


@pytest.mark.usefixtures("proven")
def test_a_household_is_forgotten_by_two_people(records: Records, registrar: Visitor, visitor: Sign, family: UUID):
    number = kept(records, family).number
    registrar.send(f"/households/{family}/forget", {"sure": "y"})
    manager = visitor(Role.MANAGER)
    assert "Requests to be forgotten" in manager.see("/")
    [request] = re.findall(r"/households/forget/([0-9a-f-]{36})", manager.see("/households/forget"))
    page = manager.see(f"/households/forget/{request}")
    assert "Juniper" not in page

    wrong = manager.send(f"/households/forget/{request}", {"password": "sun", "code": "123456"}, status=422)
    done = manager.send(f"/households/forget/{request}", {"password": "moon", "code": "123456"})

    assert "type it again" in wrong
    assert "Its key is destroyed" in done
    registrar.see(f"/households/{family}", status=404)
    assert number not in registrar.see("/households")
    manager.see(f"/households/forget/{request}", status=404)


@pytest.mark.usefixtures("proven")
def test_who_must_be_kept_is_hidden_from_every_page(records: Records, visitor: Sign):
    made = make_transfers.setting(records, (2,))
    make_transfers.frozen_cycle(records, made)
    family = made.households[0]
    desk, manager = visitor(Role.HELP_DESK), visitor(Role.MANAGER)
    desk.send(f"/households/{family}/forget", {"sure": "y"})
    [request] = re.findall(r"/households/forget/([0-9a-f-]{36})", manager.see("/households/forget"))

    page = manager.send(f"/households/forget/{request}", {"password": "moon", "code": "123456"})

    assert "Hidden from every page" in page
    assert "Hidden; waits" in page
    for path in ("", "/lives", "/withdraw", "/forget", "/arrangement"):
        desk.see(f"/households/{family}{path}", status=404)


@pytest.mark.usefixtures("proven")
def test_whoever_wrote_a_request_down_does_not_agree_to_it(records: Records, visitor: Sign, family: UUID):
    both = visitor(Role.MANAGER, Role.HELP_DESK)
    both.send(f"/households/{family}/forget", {"sure": "y"})
    [request] = re.findall(r"/households/forget/([0-9a-f-]{36})", both.see("/households/forget"))

    assert "somebody else agrees" in both.see(f"/households/forget/{request}")
    both.send(f"/households/forget/{request}", {"password": "moon", "code": "1"}, page="/households", status=422)
    both.send(f"/households/forget/{request}/end", {}, page="/households")
    with records.read() as reading:
        assert not reading.was_erased(family)


def test_the_story_tells_money_to_who_registers_and_not_to_the_help_desk(records: Records, visitor: Sign):
    given = make_payouts.released(records, (2, 2))
    household = given.made.households[0]

    registrar = visitor(Role.REGISTRAR).see(f"/households/{household}")
    desk = visitor(Role.HELP_DESK).see(f"/households/{household}")

    assert "was sent to the provider" in registrar
    assert "was sent to the provider" not in desk
    assert "Registered" in desk


def test_a_long_story_is_paged(records: Records, registrar: Visitor, family: UUID):
    from cbi.people import lives_papers

    for version in range(1, 28):
        with records.work(Actor(registrar.person_id)) as work:
            lives_papers.replace_card(work, family, seen_version=version)

    first, second = registrar.see(f"/households/{family}"), registrar.see(f"/households/{family}?page=2")

    assert "Rows 1 to 25 of 28" in first
    assert "Registered</strong>" in second
    assert "Registered</strong>" not in first


PAGES = ("split", "join", "move", "head", "gone", "born", "returned", "card", "identified")


@pytest.mark.parametrize("path", PAGES)
def test_only_who_registers_changes_a_household(visitor: Sign, family: UUID, path: str):
    visitor(Role.REGISTRAR).see(f"/households/{family}/{path}")
    for role in (Role.HELP_DESK, Role.MANAGER, Role.FINANCE, Role.AUDITOR):
        visitor(role).see(f"/households/{family}/{path}", status=404)


@pytest.mark.parametrize("path", [*PAGES, "lives", "withdraw", "forget"])
def test_a_household_nobody_has_is_not_there(registrar: Visitor, path: str):
    registrar.see(f"/households/{uuid4()}/{path}", status=404)


def test_no_page_of_a_change_holds_a_name_in_its_address(registrar: Visitor, family: UUID):
    page = registrar.see(f"/households/{family}/lives")

    assert all("Juniper" not in address for address in re.findall(r'href="([^"]+)"', page))
    assert ChangeKind.SPLIT.value in page
