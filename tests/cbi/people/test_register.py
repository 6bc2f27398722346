from __future__ import annotations

from cbi.people.tables import Household
from cbi.store.records import Records
from tests import make_people


def test_a_household_is_kept_with_its_members_counted(records: Records):
    household_id = make_people.household(records, people=4, phones=("+254712123456",))

    with records.read() as reading:
        kept = reading.session.get(Household, household_id)
        assert kept.size == 4
        assert kept.number.startswith("BH-100")
    assert records.verify_chain().broken_at is None
