"""The services people can be told about, and the history of what was found at a place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from cbi.access import Role
from cbi.clock import Clock
from cbi.errors import NotThere
from cbi.sites import checking, directory, history, service
from cbi.sites.directory import Entry
from cbi.sites.standing import Element
from cbi.sites.tables import Service, ServiceKind
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make, make_sites

TODAY = date(2026, 11, 23)
Visitors = Callable[..., make.Visitor]


def reached(records: Records, service_id: UUID) -> date | None:
    with records.read() as reading:
        return reading.session.get_one(Service, service_id).verified_on


@pytest.mark.parametrize(
    ("entry", "left"),
    [
        (Entry(ServiceKind.HEALTH, "Lantern Clinic", "0700 000 100", "Mornings"), TODAY),
        (Entry(ServiceKind.HEALTH, "Lantern Clinic", "0700 000 200", "Every day 08:00 to 17:00"), None),
        (Entry(ServiceKind.HEALTH, "Lantern Hospital", "0700 000 100", "Every day 08:00 to 17:00"), None),
    ],
)
def test_a_new_name_or_contact_waits_until_somebody_reached_it(records: Records, entry: Entry, left: date | None):
    clinic = make_sites.contact(records, make_sites.site(records))
    with records.work(Actor(uuid4())) as work:
        directory.verify_service(work, clinic)

    with records.work(Actor(uuid4())) as work:
        directory.correct_service(work, clinic, entry)

    assert reached(records, clinic) == left


def test_nobody_is_told_about_a_service_that_was_taken_out(records: Records, visitor: Visitors):
    site = make_sites.site(records)
    clinic = make_sites.contact(records, site)
    lead = visitor(Role.LEAD)

    lead.send(f"/services/{clinic}/retired", {}, page=f"/services/{clinic}")

    assert "Lantern Clinic" not in lead.see(f"/sites/{site}")
    assert "Lantern Clinic" not in visitor(Role.INTERVIEWER).see(f"/visits/at/{site}/card")
    assert lead.client.get(f"/services/{clinic}").status_code == 404
    with pytest.raises(NotThere), records.work(Actor(uuid4())) as work:
        directory.verify_service(work, clinic)


@pytest.mark.parametrize(("days", "old"), [(30, False), (31, True)])
def test_a_service_nobody_reached_for_thirty_days_is_marked_in_words(records: Records, visitor: Visitors, days: int, old: bool):
    site = make_sites.site(records)
    clinic = make_sites.contact(records, site)
    with records.work(Actor(uuid4())) as work:
        directory.verify_service(work, clinic)
    records.clock = Clock(records.clock.now() + timedelta(days=days))

    lead = visitor(Role.LEAD)

    assert ("More than 30 days ago, or never" in lead.see("/services")) is old
    assert ("Service to reach again" in lead.see("/")) is old


def test_a_lead_corrects_an_entry(records: Records, visitor: Visitors):
    site = make_sites.site(records)
    clinic = make_sites.contact(records, site)
    lead = visitor(Role.LEAD)

    saved = lead.send(f"/services/{clinic}", {"kind": "health", "name": "Lantern Hospital", "contact": "0700 000 200", "hours": ""})
    missing = lead.post(f"/services/{clinic}", {"kind": "health", "name": "", "contact": "0700 000 200", "hours": ""})

    assert "Lantern Hospital" in saved
    assert missing.status_code == 422
    assert "enter the organisation" in missing.text


def test_others_read_the_directory_and_change_nothing(records: Records, visitor: Visitors):
    clinic = make_sites.contact(records, make_sites.site(records))
    registrar = visitor(Role.REGISTRAR)

    assert "Lantern Clinic" in registrar.see("/services")
    assert registrar.client.get(f"/services/{clinic}").status_code == 404


def test_every_fix_keeps_when_it_was_found_planned_and_put_right(records: Records):
    site = make_sites.site(records)
    make_sites.check(records, site, S08="no", S06="partly")
    with records.read() as reading:
        [lists] = [fix for fix in service.open_fixes(reading, [site]) if fix.item == "S08"]
    records.clock = Clock(records.clock.now() + timedelta(days=2))
    with records.work(Actor(uuid4())) as work:
        checking.plan_fix(work, lists.id, owner="Site team Bahari", due_on=None)
    records.clock = Clock(records.clock.now() + timedelta(days=1))
    make_sites.check(records, site, S08="no", S06="partly")
    with records.work(Actor(uuid4())) as work:
        checking.close_fix(work, lists.id)

    with records.read() as reading:
        trail = history.trail(reading, site)
        checks = history.checks_at(reading, site)

    [closed] = trail[Element.SAFETY]
    [still_open] = trail[Element.ACCESS]
    assert (closed.found_on, closed.planned_on, closed.closed_on) == (TODAY, TODAY + timedelta(days=2), TODAY + timedelta(days=3))
    assert (still_open.found_on, still_open.closed_on) == (TODAY, None)
    assert [(one.answered_on, one.in_place) for one in checks] == [(TODAY + timedelta(days=3), 11), (TODAY, 11)]


def test_the_history_shows_open_and_closed_by_the_four_elements(records: Records, visitor: Visitors):
    site = make_sites.site(records)
    make_sites.check(records, site, S08="no", S06="partly")
    make_sites.check(records, site, S06="partly")

    page = visitor(Role.MANAGER).see(f"/sites/{site}/history")

    for words in ("Safety and dignity", "0 open of 1", "1 open of 1", "Remove posted lists", "Staggered slots", "12 of 13"):
        assert words in page


@pytest.mark.parametrize(
    ("line", "holds"),
    [
        ({"S02": "dk"}, ["Holds days up", "Keeps private questions closed"]),
        ({"S08": "no"}, ["Holds days up"]),
        ({"S10": "no"}, ["Holds days up"]),
        ({"S03": "dk"}, ["Holds days up"]),
        ({"S01": "no"}, ["Keeps private questions closed"]),
        ({"S13": "dk"}, ["Keeps private questions closed"]),
        ({"S05": "no"}, ["Holds nothing up"]),
        ({"S04": "no"}, ["Holds nothing up"]),
    ],
)
def test_what_was_found_says_what_it_holds_up(records: Records, visitor: Visitors, line: dict[str, str], holds: list[str]):
    site = make_sites.site(records)
    make_sites.check(records, site, **line)

    page = visitor(Role.LEAD).see(f"/sites/{site}")

    assert [words for words in ("Holds days up", "Keeps private questions closed", "Holds nothing up") if words in page] == holds


def test_a_place_whose_contacts_are_said_to_be_reached_and_are_not_is_told_to_reach_them(records: Records, visitor: Visitors):
    site = make_sites.site(records)
    clinic = make_sites.contact(records, site)
    make_sites.check(records, site)
    lead = visitor(Role.LEAD)
    words = "Line S01 says that every contact was reached"

    assert words in lead.see(f"/sites/{site}")
    with records.work(Actor(uuid4())) as work:
        directory.verify_service(work, clinic)
    assert words not in lead.see(f"/sites/{site}")
