"""The running numbers of each site, taken one by one or in blocks; two desks at the same instant never get the same."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from cbi.people.numbers import FIRST, number_of
from cbi.people.tables import NumberSeries
from cbi.store.work import Work


def take_numbers(work: Work, site_id: UUID, code: str, count: int) -> list[str]:
    """The next free registration numbers of a site with this code, in order; `count` of them."""
    numbers: list[str] = []
    while len(numbers) < count:
        last = _advance(work, site_id, count - len(numbers))
        block = range(last - (count - len(numbers)) + 1, last + 1)
        numbers += [number for running in block if (number := number_of(code, running)) is not None]
    return numbers


def _advance(work: Work, site_id: UUID, by: int) -> int:
    """Move the series on in one statement: the row's lock is what makes it race-free. The first registration of a site begins it."""
    last = work.bulk(NumberSeries, _ADVANCE, {"of_site": site_id, "by": by}).scalar()
    if last is None:
        _begin(work, site_id)
        last = work.bulk(NumberSeries, _ADVANCE, {"of_site": site_id, "by": by}).scalar_one()
    return int(last)


def _begin(work: Work, site_id: UUID) -> None:
    """Two first registrations of a site may both come here; one of them inserts nothing."""
    row = {"id": work.new_id("people"), "operation_id": work.operation_id, "site_id": site_id, "last": FIRST - 1}
    dialect = work.session.get_bind().dialect.name
    if dialect == "postgresql":
        work.bulk(NumberSeries, postgresql.insert(NumberSeries).values(row).on_conflict_do_nothing())
    else:
        work.bulk(NumberSeries, sqlite.insert(NumberSeries).values(row).on_conflict_do_nothing())


_ADVANCE = (
    sa.update(NumberSeries)
    .where(col(NumberSeries.site_id) == sa.bindparam("of_site"))
    .values(last=col(NumberSeries.last) + sa.bindparam("by"))
    .returning(col(NumberSeries.last))
)
