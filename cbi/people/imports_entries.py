"""The households of a file: found once by the numbers of their rows, then read a part at a time, so that a long file needs little room."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from cbi.people.imports_cells import Line
from cbi.people.imports_headings import below
from cbi.people.imports_map import ImportMap, SheetMap
from cbi.people.imports_read import Entry, Reader, entry_of, stray_of
from cbi.people.imports_targets import Target
from cbi.web.words import _
from reconciliation.cells import Row, at, plain, text_of, words
from reconciliation.payout import RowProblem
from reconciliation.sheets import Sheets


class Entries(Sequence[Entry]):
    """Every household of the file in its order, then people who belong to none."""

    def __init__(self, sheets: Sheets, chosen: ImportMap, reader: Reader) -> None:
        self._sheets, self._chosen, self._reader = sheets, chosen, reader
        self._firsts = array("I")  # the row of each household; in a flat file that of its first person
        self._people: dict[int, array[int]] = defaultdict(lambda: array("I"))  # by that row: the rows of its people
        self._strays = array("I")
        ids = self._find_flat() if chosen.members is None else self._find_in_sheets()
        self._contradicted: frozenset[int] = frozenset()
        self._contradicted = self._differing(ids)

    def __len__(self) -> int:
        return len(self._firsts) + len(self._strays)

    def __getitem__(self, place: int | slice) -> Entry | list[Entry]:  # type: ignore[override]  # a part is a list
        if isinstance(place, slice):
            return self.read(range(*place.indices(len(self))))
        return self.read([range(len(self))[place]])[0]

    def part(self, first: int, count: int) -> list[Entry]:
        """So many entries from this place on, fewer at the end."""
        return self.read(range(first, min(first + count, len(self))))

    def read(self, places: Sequence[int]) -> list[Entry]:
        """The entries at these places. Rows are fetched in their order: they lie in parcels that are opened in turn."""
        firsts = [self._firsts[place] for place in places if place < len(self._firsts)]
        strays = [self._strays[place - len(self._firsts)] for place in places if place >= len(self._firsts)]
        people = self._lines(self._chosen.people, [*(number for first in firsts for number in self._people.get(first, ())), *strays])
        heads = people if self._chosen.members is None else self._lines(self._chosen.households, firsts)
        return [self._entry(place, heads, people) for place in places]

    def _entry(self, place: int, heads: dict[int, Line], people: dict[int, Line]) -> Entry:
        if place >= len(self._firsts):
            return stray_of(people[self._strays[place - len(self._firsts)]], self._reader)
        first = self._firsts[place]
        entry = entry_of(heads[first], [people[number] for number in self._people.get(first, ())], self._chosen, self._reader)
        return _contradicting(entry) if place in self._contradicted else entry

    def _lines(self, where: SheetMap, numbers: Iterable[int]) -> dict[int, Line]:
        rows = self._sheets.named(where.sheet).rows
        return {number: self._line(where, number, rows[number - 1]) for number in sorted(set(numbers))}

    def _line(self, where: SheetMap, number: int, row: Row) -> Line:
        return Line(where, number, row, self._reader.country, self._reader.today, self._chosen.unchecked)

    def _find_flat(self) -> dict[str, list[int]]:
        """Rows of one household together, in the order of its first; a row that names none stands for itself. Returns places by submission id."""
        where, groups, ids = self._chosen.households, dict[str, int](), defaultdict[str, list[int]](list)
        for number, row in below(self._sheets.named(where.sheet), where.header_row):
            key = words(_said(row, where, Target.KEY)) or f"\x1f{number}"
            if key not in groups:
                ids[plain(_said(row, where, Target.SOURCE))].append(len(self._firsts))
                groups[key] = number
                self._firsts.append(number)
            self._people[groups[key]].append(number)
        return ids

    def _find_in_sheets(self) -> dict[str, list[int]]:
        """The people of each household row by its number; those who name none, or none of the file, are strays. Returns places by submission id."""
        where, known, ids = self._chosen.households, dict[str, int](), defaultdict[str, list[int]](list)
        for number, row in below(self._sheets.named(where.sheet), where.header_row):
            if key := plain(_said(row, where, Target.KEY)):  # a row without a number is nobody's household
                known.setdefault(key, number)
            ids[plain(_said(row, where, Target.SOURCE))].append(len(self._firsts))
            self._firsts.append(number)
        where = self._chosen.people
        for number, row in below(self._sheets.named(where.sheet), where.header_row):
            parent = known.get(plain(_said(row, where, Target.PARENT)))
            if parent is None:
                self._strays.append(number)
            else:
                self._people[parent].append(number)
        return ids

    def _differing(self, ids: dict[str, list[int]]) -> frozenset[int]:
        """Where two submissions of one id say different things, neither is taken before a person chose; saying the same twice is one."""
        found = set[int]()
        for places in (places for said, places in ids.items() if said and len(places) > 1):
            entries = self.read(places)
            if any(entry.told != entries[0].told for entry in entries):
                found.update(places)
        return frozenset(found)


def _said(row: Row, where: SheetMap, target: Target) -> str:
    return text_of(at(row, where.columns[target])) if target in where.columns else ""


def _contradicting(entry: Entry) -> Entry:
    sheet, row = entry.rows[0]
    problem = RowProblem(sheet, f"A{row}", _("keep one of the rows with this submission id: they say different things"))
    return replace(entry, told=None, problems=(*entry.problems, problem))
