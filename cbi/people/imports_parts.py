"""A part of a file as it would be saved, and what that comes to over the whole file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa
from sqlmodel import col

from cbi.people.imports_entries import Entries
from cbi.people.imports_map import ImportMap
from cbi.people.imports_read import Entry, Place, Reader
from cbi.people.imports_shared import Shared
from cbi.people.lists import sites
from cbi.people.tables import Household, ReviewReason
from cbi.people.values import NewHousehold
from cbi.store.parts import in_parts
from cbi.store.work import Reading
from reconciliation.payout import RowProblem
from reconciliation.sheets import Sheets

SMALL = 2_000  # households that are compared by name as well, and saved by one commit
AT_ONCE = 500
_Held = Callable[[Reading, Sequence[NewHousehold]], set[int]]


@dataclass(frozen=True, slots=True)
class Part:
    """Some entries of a file: each is new, was taken before, or needs somebody.

    new: with the hold of those that look like another already set.  again: taken before, or twice in this file.
    """

    new: tuple[Entry, ...]
    again: tuple[Entry, ...]
    back: tuple[Entry, ...]

    @property
    def rows(self) -> int:
        """Households of the part, and people who belong to none."""
        return len(self.new) + len(self.again) + len(self.back)

    @property
    def told(self) -> list[NewHousehold]:
        """What the new ones say."""
        return [entry.told for entry in self.new if entry.told]

    @property
    def alike(self) -> int:
        """How many of the new ones look like another."""
        return sum(one.review is ReviewReason.DUPLICATE for one in self.told)

    @property
    def people(self) -> int:
        """How many people the new ones have."""
        return sum(len(one.members) for one in self.told)


@dataclass(slots=True)
class Plan:
    """What saving a file would do. rows = new + again + back.

    new: households that can be saved, with so many people, so many of them looking like another.  back: what needs somebody.
    """

    new: int = 0
    people: int = 0
    alike: int = 0
    again: int = 0
    back: list[Entry] = field(default_factory=list)

    def count(self, part: Part) -> None:
        """Take a part in."""
        self.new += len(part.new)
        self.people += part.people
        self.alike += part.alike
        self.again += len(part.again)
        self.back += part.back

    @property
    def rows(self) -> int:
        """Households of the file, and people who belong to none."""
        return self.new + self.again + len(self.back)

    @property
    def problems(self) -> tuple[RowProblem, ...]:
        """What somebody has to do, in the order of the file."""
        return tuple(problem for entry in self.back for problem in entry.problems)


def entries_of(reading: Reading, sheets: Sheets, chosen: ImportMap, *, country: str) -> Entries:
    """The households of a file. country: where phones without + are dialled."""
    places = [Place(site.id, site.code, site.name, site.pcode) for site in sites(reading)]
    vault = reading.vault
    return Entries(sheets, chosen, Reader(places, country, reading.today, lambda text: vault.digest("import", text)))


def survey(reading: Reading, entries: Entries, tell: Callable[[int], None] = lambda _done: None) -> Plan:
    """What saving would do, registering nothing. tell: told how many entries were looked at."""
    plan, held, seen = Plan(), held_of(entries), set[bytes]()
    for first in parts_of(entries):
        part = sorted_out(entries.part(first, at_once(entries)), seen)
        seen |= {entry.key for entry in part.new}
        plan.count(hold(reading, left_of(reading, part), held))
        tell(min(first + at_once(entries), len(entries)))
    return plan


def at_once(entries: Entries) -> int:
    """How many entries are saved by one commit: all of a short file, so that it is saved whole or not at all."""
    return SMALL if len(entries) <= SMALL else AT_ONCE


def parts_of(entries: Entries, first: int = 0) -> Iterator[int]:
    """Where each part begins."""
    return iter(range(first, len(entries), at_once(entries)))


def held_of(entries: Entries) -> _Held:
    """How it is found which of a part look like another."""
    from cbi.people.imports_alike import alike  # with numpy, which only whoever imports a file waits for

    return alike if len(entries) <= SMALL else Shared().held


def sorted_out(entries: Sequence[Entry], seen: set[bytes] | frozenset[bytes] = frozenset()) -> Part:
    """Entries by what becomes of them. seen: keys of earlier ones of the file."""
    first: dict[bytes, Entry] = {}
    new, again, back = [], [], []
    for entry in entries:
        if entry.told is None:
            back.append(entry)
        elif entry.key not in seen and first.setdefault(entry.key, entry) is entry:
            new.append(entry)
        else:
            again.append(entry)
    return Part(tuple(new), tuple(again), tuple(back))


def left_of(reading: Reading, part: Part) -> Part:
    """The part with whatever is registered already moved to `again`."""
    taken = taken_keys(reading, [entry.key for entry in part.new])
    return Part(
        tuple(entry for entry in part.new if entry.key not in taken),
        (*part.again, *(entry for entry in part.new if entry.key in taken)),
        part.back,
    )


def hold(reading: Reading, part: Part, held: _Held) -> Part:
    """The part with those held that look like another."""
    places = held(reading, part.told)
    return replace(part, new=tuple(_held(entry) if place in places else entry for place, entry in enumerate(part.new)))


def _held(entry: Entry) -> Entry:
    assert entry.told is not None
    return replace(entry, told=replace(entry.told, review=ReviewReason.DUPLICATE))


def taken_keys(reading: Reading, keys: Sequence[bytes]) -> set[bytes]:
    """Which of these keys of rows a registered household was made of."""
    found: set[bytes] = set()
    for part in in_parts(keys):
        asked = sa.select(col(Household.source_key)).where(
            col(Household.operation_id) == reading.operation_id, col(Household.source_key).in_(part)
        )
        found |= {key for key in reading.session.connection().execute(asked).scalars() if key is not None}
    return found
