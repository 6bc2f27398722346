from __future__ import annotations

from collections.abc import Callable

from cbi.access import Role
from cbi.people.tables import ReviewReason
from cbi.store.records import Records
from tests import make_people
from tests.make import Visitor


def test_a_registrar_sees_what_they_registered_today(visitor: Callable[..., Visitor], records: Records):
    registrar = visitor(Role.REGISTRAR, site_id=make_people.site(records))
    make_people.household(records, people=4, by=registrar.person_id)

    page = registrar.see("/")

    assert "Registered by you today" in page
    assert "Juniper Moonbeam" in page
    assert "1 household, 4 people" in page


def test_a_household_that_looks_alike_waits_on_today(visitor: Callable[..., Visitor], records: Records):
    make_people.household(records, review=ReviewReason.DUPLICATE)

    assert "Households that look alike" in visitor(Role.REGISTRAR).see("/")


def test_the_help_desk_may_find_but_not_register(visitor: Callable[..., Visitor]):
    page = visitor(Role.HELP_DESK).see("/")

    assert "Find a household" in page
    assert "Register a household" not in page


def test_who_does_not_work_with_people_sees_neither(visitor: Callable[..., Visitor]):
    page = visitor(Role.FINANCE).see("/")

    assert "Find a household" not in page
