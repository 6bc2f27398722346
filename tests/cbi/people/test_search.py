from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
import sqlalchemy as sa

from cbi.people import erasure
from cbi.people.registered import open_household
from cbi.people.search import Found, FoundBy, find
from cbi.people.service import register
from cbi.people.tables import DocumentKind, Household, Relation
from cbi.people.values import NewDocument
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.web.listing import Listing, ListingArgs
from tests import make_people
from tests.make_people import member, new


def found(records: Records, text: str, near=None) -> list[tuple[str, FoundBy]]:
    with records.read() as reading:
        page = find(reading, text, ListingArgs(sort=""), country="KE", near=near)
        return [(each.card.head, each.by) for each in page.rows]


def test_a_household_is_found_by_everything_a_person_may_bring(records: Records):
    site = make_people.site(records)
    card = (NewDocument(DocumentKind.OTHER, "KH-118271"),)
    with records.work(Actor()) as work:
        household_id = register(work, new(site, member(documents=card), phones=("+254712123456",)))
    with records.read() as reading:
        kept = open_household(reading, household_id)

    typed = {
        kept.number.lower().replace("-", " "): FoundBy.NUMBER,
        kept.token.replace("-", ""): FoundBy.TOKEN,
        "0712 123456": FoundBy.PHONE,
        "kh-118271": FoundBy.DOCUMENT,
        "moonbeam": FoundBy.NAME,
    }

    for text, by in typed.items():
        assert found(records, text) == [("Juniper Moonbeam", by)], by


@pytest.mark.parametrize("typed", ["Zahra", "zohra", "زهرة", "زهره", "জাহরা", "Khayaliya", "الخيالية"])
def test_a_name_is_found_in_any_script(records: Records, typed: str):
    make_people.household(records, given="زهرة", family="الخيالية")

    assert [by for _name, by in found(records, typed)] == [FoundBy.NAME]


def test_names_most_alike_come_first(records: Records):
    site = make_people.site(records)
    for given in ("Junaper", "Juniper"):
        make_people.household(records, site, given=given)

    assert [name for name, _by in found(records, "Juniper Moonbeam")] == ["Juniper Moonbeam", "Junaper Moonbeam"]


def test_among_equal_names_the_own_site_comes_first(records: Records):
    far, near = make_people.site(records, "AA", "Far Hill"), make_people.site(records)
    for site in (far, near):
        make_people.household(records, site, given="Juniper", family="Moonbeam")

    with records.read() as reading:
        [first, second] = find(reading, "Juniper", ListingArgs(sort=""), country="KE", near=near).rows

    assert (first.card.site_name, second.card.site_name) == ("Bahari Field", "Far Hill")


@pytest.mark.parametrize(
    "typed", ["", "   ", "Nobody Atall", "BH-99999-9", "%", "'; DROP TABLE household; --", "\x00", "9" * 500, "🌙", "1e5"]
)
def test_what_is_nobody_finds_nobody(records: Records, typed: str):
    make_people.household(records)

    assert found(records, typed) == []


def pages(records: Records, text: str, *, size: int, near: UUID | None = None) -> list[Listing[Found]]:
    """All pages of what fits, one after the other."""
    with records.read() as reading:
        first = find(reading, text, ListingArgs(sort="", size=size), country="KE", near=near)
        others = [
            find(reading, text, ListingArgs(sort="", size=size, page=page), country="KE", near=near) for page in range(2, first.pages + 1)
        ]
    return [first, *others]


def test_households_that_fit_equally_well_stand_on_one_page_each(records: Records):
    for _place in range(5):
        make_people.household(records, people=2)

    shown = pages(records, "Moonbeam", size=2)

    numbers = [[found.card.number for found in page.rows] for page in shown]
    assert [len(page) for page in numbers] == [2, 2, 1]
    assert len({number for page in numbers for number in page}) == 5
    assert all(page == sorted(page) for page in numbers)
    assert {page.total for page in shown} == {5}


def test_a_page_that_is_no_more_is_answered_with_the_first(records: Records):
    make_people.household(records)

    with records.read() as reading:
        page = find(reading, "Moonbeam", ListingArgs(sort="", size=2, page=7), country="KE")

    assert (len(page.rows), page.total, page.page) == (1, 1, 1)


def test_the_own_site_fills_the_first_page_among_equal_names(records: Records):
    far, near = make_people.site(records, "AA", "Far Hill"), make_people.site(records)
    for site in (far, near, far, near):
        make_people.household(records, site)

    [first, second] = pages(records, "Juniper Moonbeam", size=2, near=near)

    assert [{found.card.site_name for found in page.rows} for page in (first, second)] == [{"Bahari Field"}, {"Far Hill"}]


def test_a_better_name_elsewhere_comes_before_a_worse_one_at_the_own_site(records: Records):
    far, near = make_people.site(records, "AA", "Far Hill"), make_people.site(records)
    make_people.household(records, near, given="Junaper")
    make_people.household(records, far, given="Juniper")

    [first, _second] = pages(records, "Juniper", size=1, near=near)

    assert [found.card.head for found in first.rows] == ["Juniper Moonbeam"]


def test_somebody_who_is_no_head_is_named_beside_their_head(records: Records):
    site = make_people.site(records)
    with records.work(Actor()) as work:
        register(work, new(site, member(), member(given="Oswin", relation=Relation.CHILD), shelter="B 7-12"))

    [[one]] = [page.rows for page in pages(records, "Oswin", size=50)]

    assert (one.card.who, one.card.head) == ("Oswin Moonbeam", "Juniper Moonbeam")
    assert one.card.shelter == ""  # no search shows it


def test_a_hidden_household_is_not_shown_by_a_name_either(records: Records):
    hidden, shown = make_people.household(records), make_people.household(records)
    with records.engine.execution_options(writing=True).begin() as connection:
        connection.execute(
            sa.update(Household.__table__).where(Household.__table__.c.id == hidden).values(restricted_on=date(2026, 11, 23))
        )

    [page] = pages(records, "Juniper Moonbeam", size=50)

    assert [found.card.id for found in page.rows] == [shown]


def test_a_household_that_was_hidden_does_not_count_among_those_found(records: Records):
    hidden, shown = make_people.household(records), make_people.household(records)
    with records.work(Actor()) as work:
        erasure.restrict(work, hidden)

    [page] = pages(records, "Juniper Moonbeam", size=50)

    assert (page.total, [found.card.id for found in page.rows]) == (1, [shown])
