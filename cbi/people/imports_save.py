"""Registering many households at once: numbers taken in blocks, rows put in by the thousand, all in the caller's one commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from cbi.people.new_rows import NewRows, ids_with_keys
from cbi.people.series import take_numbers
from cbi.people.service import site_of
from cbi.people.values import NewHousehold
from cbi.store.parts import in_parts
from cbi.store.work import Work

_AT_ONCE = 500


def register_many(work: Work, told: Sequence[NewHousehold]) -> None:
    """Register checked households in their order. The caller remembers the fact that explains them."""
    numbers = _numbers(work, told)
    for part in in_parts(told, _AT_ONCE):
        ids = ids_with_keys(work, len(part))
        rows = NewRows(work)
        for one, household_id in zip(part, ids, strict=True):
            rows.put(one, household_id, next(numbers[one.site_id]))
        rows.write()


def _numbers(work: Work, told: Sequence[NewHousehold]) -> Mapping[UUID, Iterator[str]]:
    counts = Counter(one.site_id for one in told)
    return {site_id: iter(take_numbers(work, site_id, site_of(work, site_id).code, count)) for site_id, count in counts.items()}
