from __future__ import annotations

import html
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
import sqlalchemy as sa

from cbi.access import GRANTS, OFFICE_ROLES, Permission, Role
from cbi.people.tables import Consent, Household, HouseholdStatus, PopulationGroup
from cbi.reading_room.counts import people_counts
from cbi.sites.tables import Site
from cbi.store.records import Records
from cbi.web.marks import mark_words
from tests import make
from tests.cbi.web.page_check import check_page
from tests.make import Visitor

PAGES = {
    "/audit": Permission.AUDIT_READ,
    "/audit/entries": Permission.AUDIT_READ,
    "/audit/entries/1": Permission.AUDIT_READ,
    "/counts": Permission.COUNTS_READ,
}


def words(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def settle(
    records: Records, *, site: str, people: dict[PopulationGroup, int], size: int = 5, status: HouseholdStatus = HouseholdStatus.REGISTERED
) -> None:
    """Households by the number: only what is counted."""
    with records.engine.execution_options(writing=True).begin() as connection:
        site_id, owner = uuid4(), records.operation.id
        connection.execute(sa.insert(Site).values(id=site_id, operation_id=owner, code=site[:2].upper(), name=site, area="", pcode=""))
        common = {
            "consent_version": 1,
            "consent_language": "en",
            "consent_on": records.clock.today("UTC"),
            "registered_on": records.clock.today("UTC"),
        }
        rows = [
            {
                "id": uuid4(),
                "operation_id": owner,
                "number": f"{site[:2]}-{group[:3]}-{n}",
                "site_id": site_id,
                "group": group,
                "status": status,
            }
            | {
                "size": size,
                "language": "en",
                "consent": Consent.AGREES,
                "registered_at": records.clock.now(),
                "registered_by": owner,
                **common,
            }
            for group, count in people.items()
            for n in range(count)
        ]
        connection.execute(sa.insert(Household), rows)


@pytest.mark.parametrize("role", sorted(OFFICE_ROLES))
def test_the_reading_room_opens_for_those_who_check_the_office(visitor: Callable[..., Visitor], role: Role):
    somebody = visitor(role)

    for url, right in PAGES.items():
        somebody.see(url, status=200 if right in GRANTS[role] else 404)


def test_the_verdict_is_one_sentence(visitor: Callable[..., Visitor], records: Records):
    auditor = visitor(Role.AUDITOR)
    records.sign_checkpoint()

    page = words(auditor.send("/audit", {"checkpoint": ""}))

    assert "1 entry , unbroken since 23 November 2026" in page or "1 entry, unbroken since 23 November 2026" in page
    assert "signed" in page


def test_a_printed_checkpoint_is_compared(visitor: Callable[..., Visitor], records: Records):
    auditor = visitor(Role.AUDITOR)
    seq, digest = records.sign_checkpoint()

    same = auditor.send("/audit", {"checkpoint": f"{seq} {' '.join(mark_words(digest))}"})
    other = auditor.send("/audit", {"checkpoint": f"{seq} {' '.join(mark_words(bytes(32)))}"})

    assert "is part of it" in words(same)
    assert "Broken at entry 1: it differs from the checkpoint you gave." in words(other)
    assert 'role="alert"' in other


def test_a_mistyped_checkpoint_stays_and_is_answered_beside_its_field(visitor: Callable[..., Visitor]):
    page = visitor(Role.AUDITOR).send("/audit", {"checkpoint": "4812 lantern orbit"}, status=422)

    check_page(page)
    assert "for example 4812:9c41e7d0" in words(page)
    assert 'value="4812 lantern orbit"' in page


def test_the_page_shows_the_last_checkpoint_in_words_to_keep(visitor: Callable[..., Visitor], records: Records):
    auditor = visitor(Role.AUDITOR)
    _seq, digest = records.sign_checkpoint()

    assert " ".join(mark_words(digest)) in words(auditor.see("/audit"))


def test_entries_name_seats_and_ids_and_no_person(visitor: Callable[..., Visitor], records: Records):
    auditor = visitor(Role.AUDITOR)
    manager = make.staff(records, Role.MANAGER, name="Juniper Moonbeam")

    page = auditor.see("/audit/entries?subject=staff") + auditor.see("/audit/entries/2")

    assert "staff.StaffAdded" in page
    assert str(manager) in page
    assert "Juniper" not in page


def test_entries_are_found_by_an_id_they_name(visitor: Callable[..., Visitor], records: Records):
    auditor = visitor(Role.AUDITOR)
    manager = make.staff(records, Role.MANAGER)

    found = words(auditor.see(f"/audit/entries?id={manager}"))

    assert "1 entry" in found
    assert "No entry is like this" in words(auditor.see(f"/audit/entries?id={uuid4()}"))


@pytest.mark.parametrize("query", ["id=%25", "subject=protection", "subject=%27;--", "sort=actor", "page=0", "page=999999999999", "id=x"])
def test_a_strange_question_about_entries_is_passed_over(visitor: Callable[..., Visitor], query: str):
    visitor(Role.AUDITOR).see(f"/audit/entries?{query}")


def test_an_entry_that_is_not_there_is_not_there(visitor: Callable[..., Visitor]):
    visitor(Role.AUDITOR).see("/audit/entries/4711", status=404)


@pytest.mark.parametrize("number", ["2147483648", "9" * 30])
def test_an_entry_of_an_absurd_number_is_not_there_either(visitor: Callable[..., Visitor], number: str):
    visitor(Role.AUDITOR).see(f"/audit/entries/{number}", status=404)


def test_counts_hide_small_groups_and_who_would_give_them_away(visitor: Callable[..., Visitor], records: Records):
    settle(records, site="Bahari Field", people={PopulationGroup.DISPLACED: 7, PopulationGroup.HOST: 30})
    settle(records, site="Old Mill", people={PopulationGroup.DISPLACED: 40, PopulationGroup.HOST: 25})

    page = words(visitor(Role.DONOR).see("/counts"))

    assert "<10" in page
    assert "kept back" in page
    assert " 7 " not in page.split("Money by grant")[0]
    assert "102" in page


def test_households_that_withdrew_or_were_merged_are_not_counted(records: Records):
    settle(records, site="Bahari Field", people={PopulationGroup.DISPLACED: 20, PopulationGroup.HOST: 20})
    settle(records, site="Old Mill", people={PopulationGroup.DISPLACED: 20}, status=HouseholdStatus.WITHDRAWN)

    with records.read() as reading:
        found = people_counts(reading)

    assert found.sites == ("Bahari Field", "Old Mill")
    assert found.households is not None
    assert found.members is not None
    assert found.households.rows[-1][-1].count == 40
    assert found.members.rows[-1][-1].count == 200


def test_with_almost_nobody_registered_no_number_is_told(visitor: Callable[..., Visitor], records: Records):
    settle(records, site="Bahari Field", people={PopulationGroup.DISPLACED: 3})

    page = words(visitor(Role.DONOR).see("/counts"))

    assert " 3 " not in page
    assert " 15 " not in page


def test_counts_of_an_empty_office_say_what_is_missing(visitor: Callable[..., Visitor]):
    page = words(visitor(Role.DONOR).see("/counts"))

    assert "No site is set up yet" in page
    assert "No grant is set up yet" in page
