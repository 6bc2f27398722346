"""What was entered for a list, act by act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cbi.payouts.statements import postings
from cbi.payouts.tables import PostingKind
from cbi.store.work import Reading


@dataclass(frozen=True, slots=True)
class Entered:
    """What was entered for one reason in one act. count: how many postings; accepting forty matches at once makes forty."""

    kind: PostingKind
    made_at: datetime
    count: int


def entered(reading: Reading, list_id: UUID) -> list[Entered]:
    """Everything that was entered for a list, in order: a file before what was answered about it, which counts in the same moment."""
    found: dict[tuple[datetime, bool, PostingKind], int] = {}
    for one in postings(reading, list_id):
        key = (one.made_at, one.kind is PostingKind.DECISION, one.kind)
        found[key] = found.get(key, 0) + 1
    return [Entered(kind, made_at, count) for (made_at, _last, kind), count in sorted(found.items())]
