"""Nothing in the example's office tells which household its officers decided with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from sqlmodel import col, select

from cbi.transfers.arrangements import value_of
from cbi.transfers.tables import Arrangement, ArrangementKind
from tests.promises.offices import Office

_FEW = 10


def test_no_choice_of_hours_in_the_example_stands_alone(copy_of_demo: Callable[[str], Office]):
    office = copy_of_demo("hours")
    with office.records.read() as reading:
        rows = reading.session.exec(select(Arrangement).where(col(Arrangement.kind) == ArrangementKind.DAY)).all()
        found = Counter(str(value_of(reading, row)) for row in rows)

    assert found
    assert min(found.values()) >= _FEW, found
