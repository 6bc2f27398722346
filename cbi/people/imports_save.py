"""Registering many households at once: sealed rows put in by the thousand, numbers taken in blocks, all in the caller's one commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cbi.people.series import take_numbers
from cbi.people.service import build_rows, site_of
from cbi.people.tables import Account, Document, Household, Member, Phone, SearchToken
from cbi.people.values import NewHousehold
from cbi.store.bases import OfficeTable
from cbi.store.parts import in_parts
from cbi.store.work import Work

_ORDER: tuple[type[OfficeTable], ...] = (Household, Member, Document, Phone, Account, SearchToken)
_AT_ONCE = 200


def register_many(work: Work, told: Sequence[NewHousehold]) -> None:
    """Register checked households in their order. The caller remembers the fact that explains them."""
    numbers = _numbers(work, told)
    for chunk in in_parts(told, _AT_ONCE):
        ids = _with_keys(work, len(chunk))
        rows = [row for one, new_id in zip(chunk, ids, strict=True) for row in build_rows(work, one, next(numbers[one.site_id]), new_id)]
        for table in _ORDER:
            columns = [_columns(row) for row in rows if type(row) is table]
            if columns:
                work.bulk(table, sa.insert(table), columns)


def _with_keys(work: Work, count: int) -> list[UUID]:
    """Ids of new households whose sealing keys are put in by one statement."""
    ids = [work.new_id("people") for _place in range(count)]
    key_table = work.system.subject_key
    work.bulk(key_table, sa.insert(key_table), work.vault.make_keys(ids))
    return ids


def _numbers(work: Work, told: Sequence[NewHousehold]) -> Mapping[UUID, Iterator[str]]:
    counts = Counter(one.site_id for one in told)
    return {site_id: iter(take_numbers(work, site_of(work, site_id), count)) for site_id, count in counts.items()}


def _columns(row: OfficeTable) -> dict[str, Any]:  # Any: whatever its columns hold
    return {name: getattr(row, name) for name in type(row).model_fields}
