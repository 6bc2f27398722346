"""Learns how the rows of an ordinary sheet are written, and reads them by that one pattern: whole blocks at once, and nothing that is not exactly so."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from reconciliation.cells import column_index, column_letter

_MOST_SHAPES = 256
_LEARNT_AT_ONCE = 64
_MOST_LESSONS = 30
_NUMBER = rb"(-?\d{1,20}+(?:\.\d{1,30}+)?(?:[Ee][-+]?\d{1,2}+)?)"
_ROW = re.compile(rb'<row r="(\d{1,7}+)"[^<>/]*+(?:/>|>((?:(?!</?row\b)[\s\S])*+)</row>)')
_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})(\d{1,7}+)"((?: [st]="\w++")*+)'
    rb"(?:(/>|></c>|><is><t/></is></c>|><is><t(?: xml:space=\"preserve\")?></t></is></c>)"
    rb"|(?:(><v>)[^<]++</v></c>|(><is><t(?: xml:space=\"preserve\")?>)[^<]++</t></is></c>))"
)
_ATTRIBUTES = re.compile(rb'(?: s="(\d{1,5})")?(?: t="(n|s|inlineStr)")?')


class NotPlain(Exception):
    """Something in a workbook that the reader of every form has to look at."""


class Holds(StrEnum):
    """What the cells of one shape hold. shared: a number in the list of texts; kept: text with the blanks at its ends."""

    NUMBER = "number"
    SHARED = "shared"
    TEXT = "text"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Group:
    """Where a row's match holds the value of one column, when the cell is of one shape. style: of a number, which may be a date's."""

    column: int
    place: int
    holds: Holds


_Shape = tuple[bytes, bytes]  # a cell's attributes, and what stands before its value; or all of a blank one
Groups = tuple[Group, ...]
Found = tuple[bytes, ...]


class RowPattern:
    """What the rows of one sheet looked like so far. numbers: the styles in which a number is only a number.

    writes_blank: some cell holds nothing.  writes_empty: some of them an empty text.  Every cell names its row and column, in order; a row that is written in another way teaches the pattern, or is not plain.
    """

    def __init__(self, numbers: frozenset[bytes]) -> None:
        self._numbers = numbers
        self._shapes: dict[int, list[_Shape]] = {}
        self._absent: set[int] = set()
        self._lessons, self._rows = 0, 0
        self._pattern = re.compile(rb"()([\s\S]++)")
        self._groups: Groups = ()
        self.writes_blank = self.writes_empty = False

    def read(self, block: bytes, end: int) -> Iterator[tuple[Groups, list[Found]]]:
        """Every row up to `end`, in one list for each way of reading them. Raises NotPlain.

        What was found of a row: its number, then the values of the groups, empty for blank cells.
        """
        start, learnt = 0, False
        while start < end:
            found = self._pattern.findall(block, start, end)
            rest = found[-1][-1]
            if rest:
                found.pop()
            if found:
                yield self._groups, found
            elif learnt:
                raise NotPlain  # what was learnt is no help
            if not rest:
                return
            start, learnt = end - len(rest), True
            self._learn(block, start, end)

    def _learn(self, block: bytes, start: int, end: int) -> None:
        self._lessons += 1
        rows = list(islice(_ROW.finditer(block, start, end), _LEARNT_AT_ONCE))
        if self._lessons > _MOST_LESSONS or not rows or rows[0].start() != start:
            raise NotPlain
        for row in rows:
            self._take(row.group(1), row.group(2) or b"")
            if sum(map(len, self._shapes.values())) > _MOST_SHAPES:
                raise NotPlain
        self._compile()

    def _take(self, number: bytes, body: bytes) -> None:
        seen, at = set[int](), 0
        while at < len(body):
            cell = _CELL.match(body, at)
            if cell is None or cell.group(2) != number:
                raise NotPlain
            column, at = column_index(cell.group(1).decode()), cell.end()
            shape = cell.group(3), cell.group(4) or cell.group(5) or cell.group(6)
            shapes = self._shapes.setdefault(column, [])
            if not shapes and self._rows:
                self._absent.add(column)
            if shape not in shapes:
                shapes.append(shape)
                self.writes_blank = self.writes_blank or cell.group(4) is not None
                self.writes_empty = self.writes_empty or b"<is>" in (cell.group(4) or b"")
            seen.add(column)
        self._absent.update(self._shapes.keys() - seen)
        self._rows += 1

    def _compile(self) -> None:
        pieces = [rb'<row r="(\d{1,7}+)"[^<>/]*+(?:/>|>']
        groups: list[Group] = []
        for column, shapes in sorted(self._shapes.items()):
            ways = []
            for attributes, opening in shapes:
                holds = self._holds(attributes, opening)
                ways.append(_written(attributes, opening, holds))
                if holds:
                    groups.append(Group(column, len(groups) + 1, holds))
            cell = b'<c r="%s\\1"(?>%s)' % (column_letter(column).encode(), b"|".join(ways))
            pieces.append(b"(?:%s)?+" % cell if column in self._absent else cell)
        self._pattern = re.compile(b"".join(pieces) + rb"</row>)|([\s\S]++)")
        self._groups = tuple(groups)

    def _holds(self, attributes: bytes, opening: bytes) -> Holds | None:
        """What stands in such a cell; None for a blank one."""
        found = _ATTRIBUTES.fullmatch(attributes)
        if found is None:
            raise NotPlain
        style, kind = found.groups()
        if opening.endswith((b"/>", b"</c>")):
            return None
        if opening == b"><v>" and kind != b"inlineStr":
            if kind == b"s":
                return Holds.SHARED
            if (style or b"0") in self._numbers:
                return Holds.NUMBER
        elif opening != b"><v>" and kind == b"inlineStr":
            return Holds.KEPT if b"preserve" in opening else Holds.TEXT
        raise NotPlain


def _written(attributes: bytes, opening: bytes, holds: Holds | None) -> bytes:
    before = re.escape(attributes + opening)
    if holds is None:
        return before
    if holds is Holds.NUMBER:
        return before + _NUMBER + b"</v></c>"
    return before + (rb"(\d{1,9}+)</v></c>" if holds is Holds.SHARED else rb"([^<]++)</t></is></c>")


def by_column(groups: Groups) -> dict[int, list[Group]]:
    """The groups of each column, in order."""
    columns: dict[int, list[Group]] = defaultdict(list)
    for group in groups:
        columns[group.column].append(group)
    return columns
