from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from cbi.access import Role
from cbi.errors import Refused
from cbi.payouts.lives import Payouts
from cbi.people import sweep
from cbi.people.tables import Household, HouseholdStatus, LikenessDecision
from cbi.people.tables import Likeness as Answer
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make, make_people
from tests.make import Visitor


@pytest.fixture
def registrar(records: Records) -> Visitor:
    return Visitor(make.app_of(records), records, make.staff(records, Role.REGISTRAR))


@pytest.fixture
def twice(records: Records) -> tuple[UUID, UUID]:
    """A household and the same one registered again, found by a search."""
    pair = tuple(make_people.household(records, people=3) for _ in range(2))
    with records.work(Actor()) as work:
        search = sweep.ask(work)
    sweep.run(records, str(search))
    return pair


def url_of(pair: tuple[UUID, UUID]) -> str:
    return f"/households/duplicates/{pair[1]}/{pair[0]}"


def statuses(records: Records) -> dict[UUID, HouseholdStatus]:
    with records.read() as reading:
        return {row.id: row.status for row in reading.session.exec(select(Household))}


def test_the_queue_says_what_looks_alike_and_how_sure_it_is(registrar: Visitor, twice: tuple[UUID, UUID]):
    page = registrar.see("/households/duplicates")

    assert "Almost certain" in page
    assert "Same name. Born in the same year." in page
    assert url_of(twice) in page


def test_an_office_without_pairs_says_what_will_be_here(registrar: Visitor):
    assert "No pair waits." in registrar.see("/households/duplicates")


def test_each_piece_of_evidence_stands_in_words_with_its_weight(registrar: Visitor, twice: tuple[UUID, UUID]):
    page = registrar.see(url_of(twice))

    assert "Speaks strongly for one household" in page
    assert "Two are called the same and are about as old" in page
    assert f"{url_of(twice)}/evidence.svg" in page


def test_both_entries_say_since_when_and_as_what_they_are_registered(registrar: Visitor, twice: tuple[UUID, UUID]):
    page = registrar.see(url_of(twice))

    assert page.count("23 November 2026</bdi>") == 2
    assert page.index("Now</th>") < page.index("After asking, what is true?") < page.index("What speaks for and against")


def test_the_chart_holds_no_name_and_nothing_that_runs(registrar: Visitor, twice: tuple[UUID, UUID]):
    chart = registrar.client.get(f"{url_of(twice)}/evidence.svg")

    assert (chart.status_code, chart.mimetype) == (200, "image/svg+xml")
    assert "Given name" in chart.text
    assert not any(word in chart.text for word in ("Juniper", "Moonbeam", "<script", "style="))


def test_a_number_is_never_broken_in_two_where_one_of_two_entries_is_kept(registrar: Visitor, twice: tuple[UUID, UUID]):
    page = registrar.see(url_of(twice))

    answers = page[page.index('value="keep_earlier"') : page.index('value="cannot_tell"')]
    assert answers.count('<bdi class="ref">') == 4


@pytest.mark.parametrize(("said", "closed"), [("keep_earlier", 1), ("keep_later", 0)])
def test_the_entry_that_is_not_kept_is_closed_and_its_page_opens_it_again(
    registrar: Visitor, records: Records, twice: tuple[UUID, UUID], said: str, closed: int
):
    registrar.send(url_of(twice), {"answer": said})
    assert statuses(records)[twice[closed]] is HouseholdStatus.MERGED
    assert "Undo: open this entry again" in registrar.see(f"/households/{twice[closed]}")

    page = registrar.send(f"/households/{twice[closed]}/open-again", {}, page=f"/households/{twice[closed]}")

    assert "Open again, as it was" in page
    assert set(statuses(records).values()) == {HouseholdStatus.REGISTERED}


def test_two_different_households_are_not_shown_again(registrar: Visitor, records: Records, twice: tuple[UUID, UUID]):
    page = registrar.send(url_of(twice), {"answer": "different"})

    assert "No pair waits." in page
    with records.read() as reading:
        [decision] = reading.session.exec(select(LikenessDecision)).all()
        assert (decision.answer, decision.decided_by) == (Answer.DIFFERENT, registrar.person_id)


def test_no_answer_asks_again(registrar: Visitor, twice: tuple[UUID, UUID]):
    page = registrar.send(url_of(twice), {}, status=422)

    assert "choose what is true after asking the people" in page


def test_a_pair_put_off_comes_again_marked(registrar: Visitor, twice: tuple[UUID, UUID]):
    page = registrar.send(url_of(twice), {"answer": "cannot_tell"})

    assert "Asked before" in page


def test_asking_for_a_search_leaves_it_to_the_offices_long_work(registrar: Visitor, records: Records):
    page = registrar.send("/households/duplicates/search", {}, page="/households/duplicates")

    assert "Everybody is compared with everybody" in page
    assert len(sweep.due(records)) == 1


def test_a_pair_of_nobody_is_not_there(registrar: Visitor, twice: tuple[UUID, UUID]):
    assert registrar.client.get(f"/households/duplicates/{uuid4()}/{twice[0]}").status_code == 404
    assert registrar.client.get(f"/households/duplicates/{twice[0]}/{twice[0]}").status_code == 404


def test_payments_keep_an_entry_open_until_they_are_settled(registrar: Visitor, records: Records, twice: tuple[UUID, UUID], monkeypatch):
    def object_to(*_: object) -> None:
        raise Refused("settle the payment of one of the two first")

    monkeypatch.setattr(Payouts, "refuse_closing", object_to)

    page = registrar.send(url_of(twice), {"answer": "keep_earlier"}, status=422)

    assert "settle the payment of one of the two first" in page
    assert set(statuses(records).values()) == {HouseholdStatus.REGISTERED}
