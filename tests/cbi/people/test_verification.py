from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from cbi.access import Role
from cbi.errors import Refused, SomebodyWasFirst
from cbi.people import duplicates, erasure, verification, verification_lists
from cbi.people.correction import correct, withdraw_consent
from cbi.people.registered import open_household
from cbi.people.tables import Household, HouseholdStatus, ReviewReason
from cbi.people.tables_verification import Found, VerificationDraw, VerificationVisit, VisitReason
from cbi.people.verification import Wanted
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make, make_people
from tests.make import Visitor


def drawn(records: Records, at_random: int = 100, *reasons: VisitReason, site_id: UUID | None = None) -> UUID:
    with records.work(Actor(make.staff(records, Role.LEAD))) as work:
        return verification.draw(work, Wanted(site_id=site_id, at_random=at_random, reasons=reasons))


def visits(records: Records, draw_id: UUID) -> dict[UUID, VerificationVisit]:
    with records.read() as reading:
        return {
            one.household_id: one for one in reading.session.exec(select(VerificationVisit).where(VerificationVisit.draw_id == draw_id))
        }


def enter(records: Records, visit_id: UUID, found: Found, by: UUID | None = None) -> None:
    with records.work(Actor(by or make.staff(records, Role.REGISTRAR))) as work:
        verification.enter(work, visit_id, found)


def status(records: Records, household_id: UUID) -> HouseholdStatus:
    with records.read() as reading:
        return reading.session.get_one(Household, household_id).status


def test_an_auditor_draws_the_same_households_from_the_recorded_number(records: Records):
    made = [make_people.household(records, year=1980 + place) for place in range(12)]

    draw_id = drawn(records, 4)

    with records.read() as reading:
        draw = reading.session.get_one(VerificationDraw, draw_id)
        numbers = {reading.session.get_one(Household, one).number: one for one in made}
    again = sorted(numbers, key=lambda number: sha256(f"{draw.seed} {number}".encode()).hexdigest())[:4]
    assert (draw.population, draw.picked) == (12, 4)
    assert set(visits(records, draw_id)) == {numbers[number] for number in again}


@given(st.lists(st.text(min_size=1), unique=True), st.integers(0, 30), st.randoms())
def test_the_order_of_households_draws_no_others(numbers: list[str], wanted: int, chance):
    shuffled = chance.sample(numbers, len(numbers))

    assert verification.at_random("8123", numbers, wanted) == verification.at_random("8123", shuffled, wanted)
    assert len(verification.at_random("8123", numbers, wanted)) == min(wanted, len(numbers))


def test_a_household_that_waits_for_a_visit_or_is_verified_is_not_drawn_again(records: Records):
    first = make_people.household(records, by=make.staff(records, Role.REGISTRAR))
    enter(records, visits(records, drawn(records))[first].id, Found.VERIFIED)
    second = make_people.household(records, year=1950)
    drawn(records)

    with pytest.raises(Refused, match="nobody is left"):
        drawn(records)

    assert status(records, first) is HouseholdStatus.VERIFIED
    assert status(records, second) is HouseholdStatus.REGISTERED


def test_every_office_reason_finds_its_households_and_says_so(records: Records):
    plain = make_people.household(records)
    held = make_people.household(records, year=1950, review=ReviewReason.DUPLICATE)
    sharing = [make_people.household(records, year=1951 + place, phones=("+254712000001",)) for place in range(4)]
    many = make_people.household(records, year=1960, people=12)

    found = visits(records, drawn(records, 0, *verification.OFFICE_REASONS))

    assert plain not in found
    assert {one: found[one].reasons for one in (held, *sharing, many)} == {
        held: "duplicate",
        **dict.fromkeys(sharing, "phone"),
        many: "size",
    }


def test_three_households_that_share_a_phone_are_an_ordinary_family(records: Records):
    for place in range(3):
        make_people.household(records, year=1951 + place, phones=("+254712000001",))

    with records.read() as reading:
        assert verification.office_reason(reading, VisitReason.PHONE) == frozenset()


def test_only_households_of_the_site_are_drawn(records: Records):
    here = make_people.household(records)
    make_people.household(records, make_people.site(records, "OM", "Old Mill"))

    assert set(visits(records, drawn(records, site_id=make_people.site(records)))) == {here}


def test_whoever_registered_a_household_does_not_verify_it(records: Records):
    registrar = make.staff(records, Role.REGISTRAR)
    household = make_people.household(records, by=registrar)
    visit = visits(records, drawn(records))[household]

    with pytest.raises(Refused, match="let somebody else visit"):
        enter(records, visit.id, Found.VERIFIED, registrar)


def test_a_visit_that_found_something_else_is_entered_again_after_the_correction(records: Records):
    household = make_people.household(records)
    visit = visits(records, drawn(records))[household]
    enter(records, visit.id, Found.DIFFERS)
    before = status(records, household)

    enter(records, visit.id, Found.VERIFIED)

    assert (before, status(records, household)) == (HouseholdStatus.REGISTERED, HouseholdStatus.VERIFIED)
    with pytest.raises(SomebodyWasFirst):
        enter(records, visit.id, Found.NOT_FOUND)


def test_a_visit_stands_on_the_work_list_again_once_what_differed_was_corrected(records: Records, visitor: Callable[..., Visitor]):
    household = make_people.household(records)
    visit, one = visits(records, drawn(records))[household], visitor(Role.REGISTRAR)
    enter(records, visit.id, Found.DIFFERS)
    before = one.see("/verification/visits?site=")
    with records.work(Actor()) as work:
        kept = open_household(work, household)
        correct(work, household, replace(kept.told, shelter="K-41"), kept.member_ids, seen_version=kept.version)

    page = one.see("/verification/visits?site=")
    enter(records, visit.id, Found.VERIFIED)

    assert "Nobody is to be visited here now." in before
    assert "K-41" in page
    assert "corrected since" in page
    assert "Nobody is to be visited here now." in one.see("/verification/visits?site=")


def test_a_draw_counts_a_visit_to_make_again_as_the_work_list_does(records: Records, visitor: Callable[..., Visitor]):
    household = make_people.household(records)
    make_people.household(records, year=1950)
    draw_id, lead = drawn(records), visitor(Role.LEAD)
    enter(records, visits(records, draw_id)[household].id, Found.DIFFERS)
    before = to_visit(records, draw_id)
    seen = lead.see(f"/verification/draws/{draw_id}")
    with records.work(Actor()) as work:
        kept = open_household(work, household)
        correct(work, household, replace(kept.told, shelter="K-41"), kept.member_ids, seen_version=kept.version)

    corrected, page = to_visit(records, draw_id), lead.see(f"/verification/draws/{draw_id}")

    assert (before, corrected) == ((1, 1), (2, 2))
    assert "corrected since" not in seen
    assert "corrected since" in page


def to_visit(records: Records, draw_id: UUID) -> tuple[int, int]:
    """How many the draw says, and how many stand on the work list."""
    with records.read() as reading:
        return verification_lists.progress(reading, draw_id).open, verification_lists.open_visits(reading, None)


def test_whoever_registered_a_household_is_told_before_the_visit_that_somebody_else_enters_it(
    records: Records, visitor: Callable[..., Visitor]
):
    registrar = visitor(Role.REGISTRAR)
    household = make_people.household(records, by=registrar.person_id)
    visit = visits(records, drawn(records))[household]

    page = registrar.see(f"/verification/visits/{visit.id}")

    assert "let somebody else visit: you registered this household" in page
    assert "Enter what was found" not in page
    assert "Enter what was found" in visitor(Role.REGISTRAR).see(f"/verification/visits/{visit.id}")


def test_a_later_visit_that_finds_nobody_ends_being_verified(records: Records):
    household = make_people.household(records)
    enter(records, visits(records, drawn(records))[household].id, Found.NOT_FOUND)

    with records.read() as reading:
        assert verification.last_found(reading) == {household: Found.NOT_FOUND}
        assert household in verification.population(reading, None).values()


def test_verification_knows_nothing_of_what_is_asked_in_private():
    import cbi.people.verification as module

    assert not [name for name in vars(module) if name in {"checks", "protection", "screening"}]
    assert duplicates.__name__ == "cbi.people.duplicates"


def test_the_lead_draws_and_sees_how_it_was_done(records: Records, visitor: Callable[..., Visitor]):
    make_people.household(records)
    page = visitor(Role.LEAD).send("/verification", {"site": "", "at_random": "5", "reasons": ["size"]})

    assert "How to draw the same again" in page
    assert "5 of 1 households" in page
    assert "Drawn at random" in page


def test_the_work_list_shows_where_and_neither_who_nor_why(records: Records, visitor: Callable[..., Visitor]):
    make_people.household(records, shelter="Block 7", people=12)
    drawn(records, 5, VisitReason.SIZE)

    page = visitor(Role.REGISTRAR).see("/verification/visits")

    assert "Block 7" in page
    assert "Moonbeam" not in page
    assert "Many people" not in page


def test_a_household_that_is_hidden_or_left_is_on_no_list_of_visits(records: Records, visitor: Callable[..., Visitor]):
    hidden, left = make_people.household(records, shelter="Block 7"), make_people.household(records, shelter="Block 8", year=1950)
    draw_id = drawn(records)
    visit = visits(records, draw_id)[hidden]
    with records.read() as reading:
        number = reading.session.get_one(Household, hidden).number
    with records.work(Actor()) as work:
        erasure.restrict(work, hidden)
        withdraw_consent(work, left)

    work_list, draw = visitor(Role.REGISTRAR).see("/verification/visits"), visitor(Role.LEAD).see(f"/verification/draws/{draw_id}")

    assert "Block" not in work_list
    assert number not in draw
    visitor(Role.REGISTRAR).see(f"/verification/visits/{visit.id}", status=404)
    with records.read() as reading:
        assert verification_lists.open_visits(reading, None) == 0
        assert verification_lists.progress(reading, draw_id).open == 0


def test_a_visit_is_entered_from_its_page_and_told_on_the_households(records: Records, visitor: Callable[..., Visitor]):
    household = make_people.household(records)
    visit = visits(records, drawn(records))[household]
    one = visitor(Role.REGISTRAR)

    differs = one.send(f"/verification/visits/{visit.id}", {"found": "differs"})
    after = one.send(f"/verification/visits/{visit.id}", {"found": "verified"})
    told = one.see(f"/households/{household}")

    assert "Put right what differs" in differs
    assert "Correct household" in differs or "/correct" in differs
    assert "Entered." in after
    assert "Found as registered" in told


def test_an_answer_left_out_is_asked_for(records: Records, visitor: Callable[..., Visitor]):
    household = make_people.household(records)
    visit = visits(records, drawn(records))[household]

    page = visitor(Role.REGISTRAR).send(f"/verification/visits/{visit.id}", {}, status=422)

    assert "choose what you found" in page


@pytest.mark.parametrize(
    ("role", "url"), [(Role.REGISTRAR, "/verification"), (Role.LEAD, "/verification/visits"), (Role.FINANCE, "/verification")]
)
def test_who_draws_does_not_visit_and_who_visits_does_not_draw(visitor: Callable[..., Visitor], role: Role, url: str):
    visitor(role).see(url, status=404)
