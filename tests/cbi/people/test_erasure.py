from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cbi.access import Role
from cbi.people import erasure
from cbi.people.tables import Household
from cbi.settings import Settings
from cbi.store.engines import checkpoint_wal
from cbi.store.records import Records, open_office
from cbi.store.sealed import Erased
from cbi.store.work import Actor
from tests import make_people
from tests.make import Visitor


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


def test_a_page_that_showed_a_household_shows_nothing_of_it_once_another_process_erased_it(
    records: Records, visitor: Callable[..., Visitor], tmp_path: Path
):
    household_id = make_people.household(records, make_people.site(records))
    reader = visitor(Role.REGISTRAR)
    assert "Moonbeam" in reader.see(f"/households/{household_id}")

    beside = open_office(Settings(data=tmp_path / "data"))
    with beside.work(Actor()) as work:
        erasure.erase(work, household_id)
    beside.close()

    assert "Moonbeam" not in reader.see(f"/households/{household_id}", status=404)
