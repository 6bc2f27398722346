"""What a payout file says, kept by column: a million rows in little room, a `Payout` made of one when somebody looks at it."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress, repeat
from typing import overload

from reconciliation.listed import Listed
from reconciliation.money import Money
from reconciliation.payout import Outcome, Payout, RowProblem
from reconciliation.rows import BETWEEN

_TOGETHER = 64
_TEXTS = ("provider_id", "name", "phone", "account", "token", "narrative", "date", "raw_reason")


class TextColumn(Sequence[str]):
    """Texts of which nearly all are read in order or not at all: each 64 are kept as one, in a fifth of the room."""

    __slots__ = ("_last", "_open", "_parcels", "is_blank")

    def __init__(self) -> None:
        self._parcels: list[str | tuple[str, ...]] = []
        self._open: list[str] = []
        self._last: tuple[int, Sequence[str]] = (-1, ())
        self.is_blank = True

    def extend(self, texts: Iterable[str]) -> None:
        """Put texts at the end; is_blank: all of them so far are empty."""
        waiting = self._open
        waiting.extend(texts)
        whole = len(waiting) // _TOGETHER * _TOGETHER
        for start in range(0, whole, _TOGETHER):
            parcel = waiting[start : start + _TOGETHER]
            joined = BETWEEN.join(parcel)
            self._parcels.append(joined if joined.count(BETWEEN) == _TOGETHER - 1 else tuple(parcel))
            self.is_blank = self.is_blank and len(joined) < _TOGETHER
        del waiting[:whole]
        self.is_blank = self.is_blank and not any(waiting)

    def __len__(self) -> int:
        return len(self._parcels) * _TOGETHER + len(self._open)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        which, rest = divmod(place, _TOGETHER)
        if which == len(self._parcels):
            return self._open[rest]
        if which != self._last[0]:
            self._last = which, _opened(self._parcels[which])
        return self._last[1][rest]

    def __iter__(self) -> Iterator[str]:
        return chain(chain.from_iterable(map(_opened, self._parcels)), self._open)


def _opened(parcel: str | tuple[str, ...]) -> Sequence[str]:
    return parcel.split(BETWEEN) if isinstance(parcel, str) else parcel


@dataclass(slots=True)
class Read:
    """Some rows of one sheet, by column. texts: the columns of texts that are not empty, by name; problems: by place among these rows."""

    rows: list[int]
    reference: list[str]
    amount: list[Money | None]
    outcome: list[Outcome]
    reason: list[str]
    texts: dict[str, list[str]]
    problems: dict[int, tuple[RowProblem, ...]] = field(default_factory=dict)

    def put(self, place: int, payout: Payout) -> None:
        """Replace one row."""
        self.reference[place], self.amount[place], self.outcome[place] = payout.reference, payout.amount, payout.outcome
        self.reason[place] = payout.reason
        for name, texts in self.texts.items():
            texts[place] = getattr(payout, name)
        if payout.problems:
            self.problems[place] = payout.problems

    def leave_out(self, places: Sequence[int]) -> None:
        """Take rows away."""
        for place in reversed(places):
            del self.rows[place], self.reference[place], self.amount[place], self.outcome[place], self.reason[place]
            for texts in self.texts.values():
                del texts[place]
        self.problems = {place - bisect_left(places, place): problems for place, problems in self.problems.items()}


class PayoutColumns(Listed[Payout]):
    """The rows of a payout file in file order.

    references, amounts, outcomes: of every row.  problems: by place, of the rows that could not be read.
    """

    def __init__(self) -> None:
        self.references: list[str] = []
        self.amounts: list[Money | None] = []
        self.outcomes: list[Outcome] = []
        self.problems: dict[int, tuple[RowProblem, ...]] = {}
        self._texts = {name: TextColumn() for name in _TEXTS}
        self._reasons: list[str] = []
        self._rows = array("L")
        self._sheets: list[str] = []

    def texts(self, name: str) -> TextColumn:
        """The column of texts of that name: "provider_id", "name", "phone", "account", "token", "narrative", "date" or "raw_reason"."""
        return self._texts[name]

    def extend(self, sheet: str, read: Read) -> None:
        """Put rows of one sheet at the end."""
        count, before = len(read.rows), len(self)
        self.problems.update((before + place, problems) for place, problems in read.problems.items())
        self.references += read.reference
        self.amounts += read.amount
        self.outcomes += read.outcome
        self._reasons += read.reason
        self._rows.extend(read.rows)
        self._sheets.extend(repeat(sheet, count))
        for name, column in self._texts.items():
            column.extend(read.texts.get(name) or repeat("", count))

    def place_of(self, place: int) -> tuple[str, int]:
        """Where a row stands: its sheet, and its number from 1."""
        return self._sheets[place], self._rows[place]

    def stands(self, places: Sequence[int]) -> tuple[list[str], list[int]]:
        """The same of many rows: their sheets, and their numbers."""
        return [self._sheets[place] for place in places], [self._rows[place] for place in places]

    def where(self, name: str, wanted: Collection[str]) -> list[int]:
        """The places of rows whose text of that name is one of these."""
        return [place for place, text in enumerate(self._texts[name]) if text in wanted]

    def __len__(self) -> int:
        return len(self.references)

    def _at(self, place: int) -> Payout:
        return Payout(
            self.references[place],
            self.amounts[place],
            self.outcomes[place],
            self._sheets[place],
            self._rows[place],
            **{name: column[place] for name, column in self._texts.items() if not column.is_blank},
            reason=self._reasons[place],
            problems=self.problems.get(place, ()),
        )

    def chosen(self, places: Sequence[int]) -> Iterator[Payout]:
        """The rows at these places, which rise."""
        wanted = bytearray(len(self))
        for place in places:
            wanted[place] = 1
        facts = [compress(column, wanted) for column in (self.references, self.amounts, self.outcomes, self._sheets, self._rows)]
        texts = [
            repeat("") if column.is_blank else compress(column, wanted) for name, column in self._texts.items() if name != "raw_reason"
        ]
        why = [compress(self._reasons, wanted), compress(self._texts["raw_reason"], wanted)]
        return map(Payout, *facts, *texts, *why, [self.problems.get(place, ()) for place in places])

    def __iter__(self) -> Iterator[Payout]:
        return map(self._at, range(len(self)))


class Looked(Sequence[Payout]):
    """Rows of which some are looked at again and again: the `Payout` of each is made once."""

    __slots__ = ("_made", "columns")

    def __init__(self, columns: PayoutColumns) -> None:
        self.columns = columns
        self._made: dict[int, Payout] = {}

    def look_at(self, places: Sequence[int]) -> None:
        """Make these now, which rise; all at once that is quick."""
        fresh = [place for place in places if place not in self._made]
        self._made.update(zip(fresh, self.columns.chosen(fresh), strict=True))

    def __len__(self) -> int:
        return len(self.columns)

    @overload
    def __getitem__(self, place: int) -> Payout: ...
    @overload
    def __getitem__(self, place: slice) -> list[Payout]: ...
    def __getitem__(self, place: int | slice) -> Payout | list[Payout]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        made = self._made.get(place)
        if made is None:
            made = self._made[place] = self.columns[place]
        return made

    def __iter__(self) -> Iterator[Payout]:
        return iter(self.columns)


@dataclass(frozen=True, slots=True)
class Facts:
    """What ties and counts a row, by column. problems: places of rows that could not be read; stands: the sheet and number of a row."""

    references: Sequence[str]
    amounts: Sequence[Money | None]
    outcomes: Sequence[Outcome]
    problems: Collection[int]
    stands: Callable[[int], tuple[str, int]]


def facts_of(paid: Sequence[Payout]) -> Facts:
    """The facts of rows, however they are kept."""
    if isinstance(paid, Looked):
        paid = paid.columns
    if isinstance(paid, PayoutColumns):
        return Facts(paid.references, paid.amounts, paid.outcomes, paid.problems, paid.place_of)
    rows = paid
    problems = {place for place, payout in enumerate(rows) if payout.problems}
    facts = [payout.reference for payout in rows], [payout.amount for payout in rows], [payout.outcome for payout in rows]
    return Facts(*facts, problems, lambda place: (rows[place].sheet, rows[place].row))


def places_with_id(paid: Sequence[Payout], wanted: Collection[str]) -> list[int]:
    """The places of rows that carry one of these provider ids."""
    if isinstance(paid, Looked):
        return paid.columns.where("provider_id", wanted)
    return [place for place, payout in enumerate(paid) if payout.provider_id in wanted]
