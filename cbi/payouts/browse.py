"""What a page of narrowed findings shows beside them: what they come to, where one of them stands, and the next that nobody answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts import narrowing
from cbi.payouts.narrowing import MOST_COUNTED, Narrowed
from cbi.payouts.queries import SeenFinding, seen
from cbi.payouts.tables import FindingGroup, PayoutFinding
from cbi.store.work import Reading

_SUMS = ("instructed_minor", "delivered_minor", "open_minor", "set_aside_minor")


@dataclass(frozen=True, slots=True)
class Sums:
    """What narrowed findings come to, in minor units of the file's currency. suspense: by currency."""

    findings: int
    instructed_minor: int
    delivered_minor: int
    open_minor: int
    set_aside_minor: int
    suspense: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Around:
    """One finding among the narrowed ones. place: from 1, 0 where they are too many to be counted for a page; beside: a few around it, in order.

    answered: how many of them somebody answered.
    """

    before: UUID | None
    after: UUID | None
    place: int
    total: int
    answered: int
    beside: tuple[SeenFinding, ...]


def sums(reading: Reading, file_id: UUID, by: Narrowed) -> Sums:
    """What these findings come to: from the sums of alike ones where those answer it, else from the findings themselves."""
    groups = narrowing.groups_of(reading, file_id, by)
    if by.is_searched or by.differs_minor or by.answered:
        rows = _of_findings(reading, file_id, by, groups)
    else:  # what nobody answered is everything without the few that somebody did: a million rows need not be asked
        answered = _of_findings(reading, file_id, replace(by, answered=True), groups) if by.answered is False else []
        rows = [_of_group(one) for one in groups] + [_taken_out(row) for row in answered]
    suspense: dict[str, int] = {}
    for row in rows:
        code = row["suspense_currency"] or row["currency"]
        suspense[code] = suspense.get(code, 0) + row["suspense_minor"]
    whole = {name: sum(row[name] for row in rows) for name in ("findings", *_SUMS)}
    return Sums(**whole, suspense={code: minor for code, minor in sorted(suspense.items()) if minor})


def _of_group(group: FindingGroup) -> dict[str, Any]:  # Any: two currencies and whole numbers
    names = ("suspense_currency", "currency", "findings", "suspense_minor", *_SUMS)
    return {name: getattr(group, name) for name in names}


def _taken_out(row: dict[str, Any]) -> dict[str, Any]:  # Any: as above
    return {name: value if isinstance(value, str) else -value for name, value in row.items()}


def _of_findings(reading: Reading, file_id: UUID, by: Narrowed, groups: Sequence[FindingGroup]) -> list[dict[str, Any]]:  # Any: as above
    where = narrowing.conditions(file_id, by, groups)
    currencies = (col(PayoutFinding.suspense_currency), col(PayoutFinding.currency))
    summed = [sa.func.sum(col(getattr(PayoutFinding, name))).label(name) for name in (*_SUMS, "suspense_minor")]
    query = sa.select(*currencies, sa.func.count().label("findings"), *summed).where(*where).group_by(*currencies)
    rows = [row._mapping for row in reading.session.connection().execute(query)]  # noqa: SLF001 -- SQLAlchemy's documented accessor
    return [{name: value if isinstance(value, str) else int(value) for name, value in row.items()} for row in rows]


def around(reading: Reading, finding: PayoutFinding, by: Narrowed, *, shown: int) -> Around:
    """Where one finding stands among those it was opened from."""
    before, after = narrowing.beside(reading, finding.file_id, by, finding)
    total = sums(reading, finding.file_id, by).findings
    ids = narrowing.ids_of(reading, finding.file_id, by, most=MOST_COUNTED) if total <= MOST_COUNTED else []
    place = ids.index(finding.id) + 1 if finding.id in ids else 0
    first = max(0, min(place - 1 - shown // 2, len(ids) - shown))
    near = ids[first : first + shown] if place else [one for one in (before, finding.id, after) if one]
    return Around(before, after, place, total, _answered(reading, finding.file_id, by), tuple(seen(reading, near)))


def _answered(reading: Reading, file_id: UUID, by: Narrowed) -> int:
    return sums(reading, file_id, replace(by, answered=True)).findings


def next_unanswered(reading: Reading, finding: PayoutFinding, by: Narrowed) -> UUID | None:
    """The next of these that nobody answered: after this one, else from the beginning; None when every one is answered."""
    waiting = replace(by, answered=False, after=None, before=None)
    after = narrowing.beside(reading, finding.file_id, waiting, finding)[1]
    if after is not None:
        return after
    return next((one for one in narrowing.ids_of(reading, finding.file_id, waiting, most=2) if one != finding.id), None)


def ids(reading: Reading, file_id: UUID, by: Narrowed) -> sa.Select[Any]:  # Any: a select of ids
    """A select of the ids of these findings, to ask more about all of them at once."""
    groups = narrowing.groups_of(reading, file_id, by)
    return sa.select(col(PayoutFinding.id)).where(*narrowing.conditions(file_id, by, groups))
