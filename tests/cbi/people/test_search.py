from __future__ import annotations

import pytest

from cbi.people.registered import open_household
from cbi.people.search import FoundBy, find
from cbi.people.service import register
from cbi.people.tables import DocumentKind
from cbi.people.values import NewDocument
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.web.listing import ListingArgs
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
