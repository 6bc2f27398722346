from __future__ import annotations

from uuid import UUID

from cbi.people import duplicates
from cbi.people.likeness import Sign, compare
from cbi.people.registered import open_household
from cbi.people.service import register
from cbi.people.tables import DocumentKind, Household, HouseholdStatus, Relation, ReviewReason, Sex
from cbi.people.tables import Likeness as Answer
from cbi.people.values import Born, NewDocument
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make_people
from tests.make_people import member, new

PHONE = "+9995550142"


def alike(records: Records, told) -> list[duplicates.LookAlike]:
    with records.read() as reading:
        return duplicates.look_alikes(reading, told)


def test_a_name_in_another_script_and_a_year_apart_is_found(records: Records):
    site = make_people.site(records)
    registered = make_people.household(records, site, given="Zahra", family="Khayaliya", year=1986)

    [found] = alike(records, new(site, member("زهرة", "الخيالية", 1987)))

    assert found.registered.id == registered
    assert Sign.BORN_ONE_APART in found.seen.reasons


def test_a_name_in_bengali_is_found_by_its_latin_spelling(records: Records):
    site = make_people.site(records)
    registered = make_people.household(records, site, given="নীলা", family="কাল্পনিক", year=1990)

    [found] = alike(records, new(site, member("Nila", "Kalponik", 1990)))

    assert found.registered.id == registered


def test_the_order_of_a_name_does_not_hide_a_household(records: Records):
    site = make_people.site(records)
    make_people.household(records, site, given="Juniper", family="Moonbeam")

    [found] = alike(records, new(site, member("Moonbeam", "Juniper")))

    assert Sign.SAME_NAME in found.seen.signs


def test_another_site_does_not_hide_a_household(records: Records):
    make_people.household(records, make_people.site(records, "OM", "Old Mill"))

    assert len(alike(records, new(make_people.site(records), member()))) == 1


def test_a_name_alike_with_births_far_apart_is_not_shown(records: Records):
    site = make_people.site(records)
    make_people.household(records, site, year=1950)

    assert alike(records, new(site, member(year=1987))) == []


def test_a_shared_phone_alone_makes_nobody_alike_and_is_counted_instead(records: Records):
    site = make_people.site(records)
    make_people.household(records, site, phones=(PHONE,))

    found = alike(records, new(site, member("Tumble", "Imaginarium", 1950, sex=Sex.MALE), phones=(PHONE,)))

    assert found == []
    with records.read() as reading:
        assert duplicates.sharing(reading, PHONE) == 1


def test_the_same_document_is_shown_whatever_else_differs(records: Records):
    site = make_people.site(records)
    card = (NewDocument(DocumentKind.OTHER, "KH-118271"),)
    with records.work(Actor()) as work:
        register(work, new(site, member(documents=card)))

    [found] = alike(records, new(site, member("Tumble", "Imaginarium", 1950, sex=Sex.MALE, documents=card)))

    assert found.seen.reasons[0] is Sign.SAME_DOCUMENT


def test_of_many_that_look_alike_the_most_alike_are_shown(records: Records):
    site = make_people.site(records)
    exact = [make_people.household(records, site, given="Zinnia", family="Moonbeam") for _each in range(2)]
    for _each in range(4):
        make_people.household(records, site, given="Zinia", family="Moonbeem", year=1988)

    with records.read() as reading:
        found = duplicates.look_alikes(reading, new(site, member("Zinnia")), most=2)

    assert {one.registered.id for one in found} == set(exact)


def test_a_closed_entry_is_not_shown_for_its_document(records: Records):
    site = make_people.site(records)
    card = (NewDocument(DocumentKind.OTHER, "KH-118271"),)
    with records.work(Actor()) as work:
        first, second = (register(work, new(site, member(documents=card), review=why)) for why in (None, ReviewReason.DUPLICATE))
    with records.work(Actor()) as work:
        duplicates.decide(work, second, first, Answer.SAME)

    assert [one.registered.id for one in alike(records, new(site, member(documents=card)))] == [first]


def test_strangers_are_not_shown(records: Records):
    site = make_people.site(records)
    make_people.household(records, site, given="Pumpkin", family="Lanternlight")

    assert alike(records, new(site, member("Juniper", "Moonbeam"))) == []


def test_comparing_is_the_same_either_way_round():
    site = UUID(int=9)
    one = new(site, member(), member("Tumble", "Moonbeam", 2010, relation=Relation.CHILD), phones=(PHONE,))
    other = new(site, member("Junipar", "Moonbeem", 1988), member("Tumble", "Moonbeam", 2010, relation=Relation.CHILD), phones=(PHONE,))

    there, back = compare(one, other), compare(other, one)

    assert (there.signs, there.weight, there.shared) == (back.signs, back.weight, back.shared)
    assert there.shared == 1


def pair(records: Records) -> tuple[UUID, UUID]:
    """A registered household, and one that looks like it and waits."""
    site = make_people.site(records)
    first = make_people.household(records, site)
    with records.work(Actor()) as work:
        second = register(work, new(site, member(), review=ReviewReason.DUPLICATE))
        duplicates.remember(work, second, {first: Answer.CANNOT_TELL}, {first: (Sign.SAME_NAME,)})
    return first, second


def test_two_households_told_apart_wait_no_longer_and_are_not_shown_again(records: Records):
    first, second = pair(records)

    with records.work(Actor()) as work:
        duplicates.decide(work, second, first, Answer.DIFFERENT)

    with records.read() as reading:
        assert reading.session.get(Household, second).review is None
        assert duplicates.waiting_for(reading, second) == []


def test_a_household_registered_twice_is_closed_in_favour_of_the_other(records: Records):
    first, second = pair(records)

    with records.work(Actor()) as work:
        duplicates.decide(work, second, first, Answer.SAME)

    with records.read() as reading:
        assert reading.session.get(Household, second).status is HouseholdStatus.MERGED
        assert reading.session.get(Household, first).status is HouseholdStatus.REGISTERED
        assert duplicates.look_alikes(reading, open_household(reading, first).told, leave_out={first}) == []


def test_a_pair_nobody_can_tell_goes_on_waiting(records: Records):
    first, second = pair(records)

    with records.work(Actor()) as work:
        duplicates.decide(work, second, first, Answer.CANNOT_TELL)

    with records.read() as reading:
        assert [each.registered.id for each in duplicates.waiting_for(reading, second)] == [first]
        assert reading.session.get(Household, second).review is ReviewReason.DUPLICATE


def test_a_birth_known_only_as_an_age_still_meets_its_year(records: Records):
    site = make_people.site(records)
    make_people.household(records, site, year=1955)

    assert len(alike(records, new(site, member(born=Born("~1954", 1954))))) == 1
