from __future__ import annotations

from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from cbi.errors import Refused
from cbi.payouts.lives import Payouts
from cbi.people import alike_queue, duplicates, merging, sweep
from cbi.people.registered import open_household
from cbi.people.tables import Household, HouseholdStatus, LikenessDecision, SearchToken
from cbi.people.tables import Likeness as Answer
from cbi.people.tables_alike import LikenessPair
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.web.listing import ListingArgs
from tests import make_people
from tests.make_people import member, new

QUEUE = ListingArgs(sort="certainty")


def tokens(records: Records, household_id: UUID) -> set[tuple[bytes, UUID]]:
    with records.read() as reading:
        rows = reading.session.exec(select(SearchToken).where(SearchToken.household_id == household_id))
        return {(row.token, row.member_id) for row in rows}


def searched(records: Records) -> None:
    with records.work(Actor()) as work:
        search = sweep.ask(work)
    sweep.run(records, str(search))


def waiting(records: Records) -> list[set[UUID]]:
    with records.read() as reading:
        return [{pair.earlier.id, pair.later.id} for pair in alike_queue.queue(reading, QUEUE)[0].rows]


def decide(records: Records, one: UUID, other: UUID, answer: Answer) -> None:
    with records.work(Actor()) as work:
        duplicates.decide(work, one, other, answer)


def test_a_closed_entry_is_found_by_no_name_any_more(records: Records):
    first, second = make_people.household(records), make_people.household(records)

    decide(records, second, first, Answer.SAME)

    assert tokens(records, second) == set()
    with records.read() as reading:
        assert [each.registered.id for each in duplicates.look_alikes(reading, new(make_site(records), member()))] == [first]


def make_site(records: Records) -> UUID:
    return make_people.site(records)


names = st.text(st.characters(whitelist_categories=("Lu", "Ll")), min_size=1, max_size=12)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_name=names, family=names, year=st.integers(1930, 2024), people=st.integers(1, 4))
def test_an_entry_closed_and_opened_again_is_what_it_was_to_the_letter(
    records: Records, given_name: str, family: str, year: int, people: int
):
    first, second = (make_people.household(records, given=given_name, family=family, year=year, people=people) for _ in range(2))
    with records.read() as reading:
        before = open_household(reading, second)
    found_by = tokens(records, second)

    decide(records, second, first, Answer.SAME)
    with records.work(Actor()) as work:
        other = merging.open_again(work, second)

    with records.read() as reading:
        assert open_household(reading, second) == before
    assert (tokens(records, second), other) == (found_by, first)


def test_opening_again_is_told_and_the_pair_is_asked_about_again(records: Records):
    first, second = make_people.household(records), make_people.household(records)
    searched(records)
    decide(records, second, first, Answer.SAME)
    assert waiting(records) == []

    with records.work(Actor()) as work:
        merging.open_again(work, second)

    assert waiting(records) == [{first, second}]


def test_an_open_entry_cannot_be_opened_again(records: Records):
    household = make_people.household(records)

    with pytest.raises(Refused, match="it is open already"), records.work(Actor()) as work:
        merging.open_again(work, household)


def test_an_objection_from_above_keeps_both_open(records: Records, monkeypatch: pytest.MonkeyPatch):
    first, second = make_people.household(records), make_people.household(records)

    def object_to(*_: object) -> None:
        raise Refused("settle the payment first")

    monkeypatch.setattr(Payouts, "refuse_closing", object_to)

    with pytest.raises(Refused, match="settle the payment first"):
        decide(records, second, first, Answer.SAME)

    with records.read() as reading:
        assert {row.status for row in reading.session.exec(select(Household))} == {HouseholdStatus.REGISTERED}
        assert reading.session.exec(select(LikenessDecision)).all() == []


def test_nothing_is_closed_while_nobody_asks_about_money(records: Records, monkeypatch: pytest.MonkeyPatch):
    first, second = make_people.household(records), make_people.household(records)
    monkeypatch.setattr("cbi.people.above.stands_above", [])

    with pytest.raises(RuntimeError, match=r"import cbi\.payouts\.lives first"):
        decide(records, second, first, Answer.SAME)


def test_a_search_through_everybody_puts_the_most_certain_pair_first(records: Records):
    site = make_people.site(records)
    alone = [make_people.household(records, site, given="Pumpkin", family="Lanternlight", year=year) for year in (1990, 1991)]
    family = [make_people.household(records, site, given="Juniper", people=4) for _ in range(2)]
    make_people.household(records, site, given="Oswin", family="Paperkite", year=1950)

    searched(records)

    assert waiting(records) == [set(family), set(alone)]


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=st.lists(st.sampled_from(list(Answer)), min_size=1, max_size=3))
def test_what_was_decided_stays_decided_when_everybody_is_searched_again(records: Records, answers: list[Answer]):
    pairs = []
    for answer in answers:
        family = f"Moon{uuid4().hex}"  # nobody of an earlier example
        pair = [make_people.household(records, given=family[4:], family=family) for _ in range(2)]
        pairs.append((pair, answer))
    searched(records)
    for pair, answer in pairs:
        decide(records, pair[1], pair[0], answer)

    searched(records)

    open_ones = waiting(records)
    assert all((set(pair) in open_ones) is (answer is Answer.CANNOT_TELL) for pair, answer in pairs)


def test_a_search_that_was_made_is_not_made_again(records: Records):
    make_people.household(records), make_people.household(records)
    with records.work(Actor()) as work:
        search = sweep.ask(work)
        assert sweep.ask(work) == search
    assert sweep.due(records) == [str(search)]
    sweep.run(records, str(search))
    sweep.run(records, str(search))

    assert sweep.due(records) == []
    with records.read() as reading:
        assert reading.session.execute(sa.select(sa.func.count()).select_from(LikenessPair)).scalar_one() == 1


def test_the_chain_of_the_audit_holds_no_name_of_a_pair(records: Records):
    first, second = make_people.household(records), make_people.household(records)
    searched(records)
    decide(records, second, first, Answer.SAME)

    with records.read() as reading:
        said = "".join(str(entry.model_dump()) for entry in reading.session.exec(select(records.system.audit_entry)))
    assert str(second) in said
    assert "Juniper" not in said
    assert "Moonbeam" not in said
