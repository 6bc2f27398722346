"""Which households of a long file share a document or an account with another, of the file or registered. A shared phone alone holds nobody.

Names are not compared here: over a hundred thousand households that is the work of the search for duplicates over everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlmodel import col

from cbi.people.tables import Account, Document, Household, HouseholdStatus
from cbi.people.values import NewHousehold
from cbi.store.parts import in_parts
from cbi.store.work import Reading

_Table = type[Document] | type[Account]


class Shared:
    """What was met of a file so far, by keyed digests alone."""

    def __init__(self) -> None:
        self._met: dict[_Table, set[bytes]] = {Document: set(), Account: set()}

    def held(self, reading: Reading, told: Sequence[NewHousehold]) -> set[int]:
        """The places of those that share something with an earlier one of the file, or with a registered household."""
        found, wanted = set[int](), dict[_Table, dict[bytes, list[int]]]()
        for table, digest, place in ((*thing, place) for place, one in enumerate(told) for thing in set(_things(reading, one))):
            if digest in self._met[table]:
                found.add(place)
            wanted.setdefault(table, defaultdict(list))[digest].append(place)
        for table, places in wanted.items():
            found |= {later for same in places.values() for later in same[1:]}
            found |= {place for digest in _registered(reading, table, list(places)) for place in places[digest]}
            self._met[table] |= places.keys()
        return found


def _things(reading: Reading, told: NewHousehold) -> Iterator[tuple[_Table, bytes]]:
    yield from ((Document, reading.digest("document", document.number)) for member in told.members for document in member.documents)
    if told.account is not None:
        yield Account, reading.digest("account", told.account.number)


def _registered(reading: Reading, table: _Table, digests: Sequence[bytes]) -> Iterator[bytes]:
    """Those of the digests that a household which still counts has."""
    for part in in_parts(digests):
        asked = (
            sa.select(col(table.digest))
            .join(Household, col(Household.id) == col(table.household_id))
            .where(col(table.operation_id) == reading.operation_id, col(table.digest).in_(part))
            .where(col(Household.status) != HouseholdStatus.MERGED)
        )
        yield from set(reading.session.connection().execute(asked).scalars())
