from __future__ import annotations

from collections.abc import Callable

import pytest

from cbi.access import Role
from cbi.store.records import Records
from tests import make_people
from tests.make import Visitor

FILLED = {
    "shelter": "C, tent 31",
    "group": "displaced",
    "head-given": "Juniper",
    "head-family": "Moonbeam",
    "head-sex": "female",
    "head-told": "year",
    "head-born": "1987",
    "phone": "+999 555 0142",
    "document": "KH-118271",
    "members-0-name": "Tumble Moonbeam",
    "members-0-born": "14/02/2014",
    "members-0-sex": "female",
    "members-0-relation": "child",
    "recipient": "0",
    "alternate": "1",
    "consent_language": "en",
    "consent": "agrees",
    "then": "stay",
}


@pytest.fixture
def registrar(visitor: Callable[..., Visitor], records: Records) -> Visitor:
    return visitor(Role.REGISTRAR, site_id=make_people.site(records))


@pytest.fixture
def filled(records: Records) -> dict[str, object]:
    return {**FILLED, "site": str(make_people.site(records))}


def test_a_household_is_registered_and_its_number_shown(registrar: Visitor, filled: dict[str, object]):
    page = registrar.send("/households/new", filled)

    assert "The household is saved" in page
    assert "BH-1000" in page
