"""Enrolment on PostgreSQL: amounts as wide as the columns they stand in."""

from __future__ import annotations

import pytest

from cbi.store.records import Records
from cbi.transfers import enrolment_changes
from cbi.transfers.enrolment import run_by_id
from cbi.transfers.tables_enrolment import EnrolmentState
from cbi.web.listing import ListingArgs
from tests import make_enrolment
from tests.cbi.transfers.test_enrolment import allowed_appeal
from tests.make_enrolment import MANY, rule

pytestmark = pytest.mark.postgres


def test_what_a_rule_of_large_amounts_changes_is_counted(records: Records):
    due = 'base = "30000000.00"\nper_member = "1000000.00"\nmembers_at_most = 8\nat_most = "90000000.00"'
    here = make_enrolment.setting(records)
    make_enrolment.applied(records, here, rule(MANY, due=due))
    allowed_appeal(records, here, here.made.households[1])
    run_id = make_enrolment.applied(records, here, rule(MANY))

    with records.read() as reading:
        run = run_by_id(reading, run_id)
        rows = enrolment_changes.changed(reading, run, ListingArgs(sort="number")).rows

    assert {3_300_000_000, 3_800_000_000} <= {one.was_minor for one in rows}


def test_who_an_appeal_let_in_is_listed_with_what_is_due(records: Records):
    here = make_enrolment.setting(records)
    run_id = make_enrolment.applied(records, here, rule(MANY))
    allowed_appeal(records, here, here.made.households[1])

    with records.read() as reading:
        args = ListingArgs(sort="number", filters=(("state", "exception"),))
        rows = enrolment_changes.households(reading, run_by_id(reading, run_id), args).rows

    assert [(one.household_id, one.state, one.amount_minor) for one in rows] == [
        (here.made.households[1], EnrolmentState.EXCEPTION, 825_000)
    ]
