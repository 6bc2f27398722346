"""Decisions about findings on PostgreSQL: the same races with real concurrency, and faults at every write."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cbi.store.records import Records
from tests.cbi.payouts import races, test_faults
from tests.cbi.payouts.test_faults import Act

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("race", races.RACES, ids=lambda one: one.__name__)
def test_at_the_same_instant(race: Callable[[races.Two], None], records: Records, open_again: Callable[[], Records]):
    race([records, open_again()])


@pytest.mark.parametrize("make_act", test_faults.ACTS, ids=lambda one: one.__name__)
def test_what_people_decide_counts_once_and_can_be_sent_again(make_act: Callable[[Records], Act], records: Records):
    act = make_act(records)

    act.do()

    test_faults._counts_once(act)
