from __future__ import annotations

import pytest

from cbi.people import erasure
from cbi.people.tables import Household
from cbi.store.engines import checkpoint_wal
from cbi.store.records import Records
from cbi.store.sealed import Erased
from cbi.store.work import Actor
from tests import make_people


def test_an_erased_household_can_never_be_read_or_found_again(records: Records):
    site_id = make_people.site(records)
    household_id = make_people.household(records, site_id)

    with records.work(Actor()) as work:
        erasure.erase(work, household_id)
    emptied = checkpoint_wal(records.engine)

    with records.work(Actor()) as work:
        household = work.session.get_one(Household, household_id)
        assert erasure.is_erased(work, household_id)
        assert work.open(household, "shelter") == ""
        if household.shelter is not None:
            with pytest.raises(Erased):
                work.vault.read(work.session, household, "shelter")
    assert emptied


def test_erasing_twice_changes_nothing_more(records: Records):
    household_id = make_people.household(records, make_people.site(records))

    for _ in range(2):
        with records.work(Actor()) as work:
            erasure.erase(work, household_id)

    with records.work(Actor()) as work:
        assert erasure.is_erased(work, household_id)
