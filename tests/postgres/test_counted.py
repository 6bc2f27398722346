"""The database's own counts of households once more on PostgreSQL, where they are kept by functions of its own."""

from __future__ import annotations

import pytest

from cbi.people.tables import HouseholdStatus, ReviewReason
from cbi.store.records import Records
from tests import make_people
from tests.cbi.people.test_households_counted import HIDDEN, anew, change, kept, of_all_kinds

pytestmark = pytest.mark.postgres


def test_the_counts_are_those_of_the_households_whatever_happens_to_them(records: Records):
    first = of_all_kinds(records)[0]
    assert kept(records) == anew(records) != []

    for values in (
        {"site_id": make_people.site(records, "PQ", "Paper Quay")},
        {"status": HouseholdStatus.VERIFIED, "review": ReviewReason.DUPLICATE},
        {"review": None, "consent_version": 2, "size": 7},
        {"restricted_on": HIDDEN},
    ):
        change(records, first, **values)
        assert kept(records) == anew(records), values
