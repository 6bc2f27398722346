"""Two people at the same instant, as two threads of one office would be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cbi.store.records import Records
from tests.cbi.payouts import races


@pytest.mark.parametrize("race", races.RACES, ids=lambda one: one.__name__)
def test_at_the_same_instant(race: Callable[[races.Two], None], records: Records):
    race([records, records])
