"""Where a row stood in its file: the heading over it, its own cells, and its neighbours without anything personal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cbi.web.evidence import Cell, Excerpt, SheetRow
from reconciliation.cells import Row, Value, column_letter, text_of
from reconciliation.payout import Payout
from reconciliation.profile import Located, Profile, locate
from reconciliation.sheets import Sheets
from reconciliation.vocabulary import Field

_MOST_COLUMNS = 16
_LONGEST = 60
_LEFT_OUT = "…"
_BETWEEN = "\x1f"
_IMPERSONAL = frozenset({Field.REFERENCE, Field.PROVIDER_ID, Field.AMOUNT, Field.RETURNED_AMOUNT, Field.CURRENCY, Field.STATUS, Field.DATE})


class Source:
    """A file's own rows while it is staged."""

    def __init__(self, sheets: Sheets, profile: Profile) -> None:
        self._places = {place.sheet.name: place for place in locate(sheets, profile)}
        self._shapes = {name: _Shape(place) for name, place in self._places.items()}
        self._rows = profile.header_rows

    def headings(self) -> dict[str, dict[str, object]]:
        """Where each table stands, as it is kept with the preview: the row of its heading and the place of each column.

        Not the headings themselves: where a person chose a wrong row, names could stand in it.
        """
        return {
            name: {"row": place.header_row, "columns": {field.value: column for field, column in place.columns.items()}}
            for name, place in self._places.items()
        }

    def as_sent(self, payout: Payout) -> dict[str, str]:
        """A row's own cells and its heading, and the rows beside it with names, phones and whatever is not known left out; kept sealed."""
        place, shape = self._places[payout.sheet], self._shapes[payout.sheet]
        kept = {"heading": shape.heading, "cells": _BETWEEN.join(shape.texts(place.sheet.rows[payout.row - 1]))}
        for name, row in (("above", payout.row - 1), ("below", payout.row + 1)):
            if place.header_row + self._rows <= row <= len(place.sheet.rows):
                kept[name] = _BETWEEN.join(shape.impersonal(place.sheet.rows[row - 1]))
        return kept


class _Shape:
    """What is kept of each row of a table: its first columns, in short."""

    def __init__(self, place: Located) -> None:
        self._width = min(len(place.names), _MOST_COLUMNS)
        plain = {column for field, column in place.columns.items() if field in _IMPERSONAL}
        self._is_plain = [column in plain for column in range(self._width)]
        self.heading = _BETWEEN.join(text[:_LONGEST] for text in place.names[: self._width])

    def texts(self, row: Row) -> list[str]:
        """The texts of a row's cells."""
        return self._padded([_in_short(value) for value in row[: self._width]])

    def impersonal(self, row: Row) -> list[str]:
        """The same, but for those that may tell whose row it is."""
        shown = zip(row, self._is_plain, strict=False)
        return self._padded([_in_short(value) if is_plain or value in (None, "") else _LEFT_OUT for value, is_plain in shown])

    def _padded(self, texts: list[str]) -> list[str]:
        return texts + [""] * (self._width - len(texts))


def _in_short(value: Value) -> str:
    return value[:_LONGEST] if isinstance(value, str) else text_of(value)[:_LONGEST]


@dataclass(frozen=True, slots=True)
class Stood:
    """Where the tables of a previewed file stood; empty for one previewed before this was kept."""

    sheets: Mapping[str, Any]  # Any: the preview's JSON, as `Source.headings` made it

    def cell(self, sheet: str, row: int, field: Field) -> str:
        """The cell of a field: "D17"; "" where the file has no such column."""
        column = self.sheets.get(sheet, {}).get("columns", {}).get(field.value)
        return "" if column is None else f"{column_letter(column)}{row}"

    def excerpt(self, sheet: str, row: int, detail: Mapping[str, str], hits: Sequence[Field]) -> Excerpt | None:
        """The row as the provider sent it, its heading above and its neighbours beside it. None where its cells were not kept."""
        table = self.sheets.get(sheet)
        if table is None or "cells" not in detail:
            return None
        marked = {table["columns"].get(field.value) for field in hits}
        figures = {table["columns"].get(field.value) for field in (Field.AMOUNT, Field.RETURNED_AMOUNT)}
        names = detail["heading"].split(_BETWEEN)
        rows = [SheetRow(table["row"], tuple(Cell(name) for name in names))]
        for name, number in (("above", row - 1), ("cells", row), ("below", row + 1)):
            if name in detail:
                cells = enumerate(detail[name].split(_BETWEEN))
                marks = marked if name == "cells" else set()
                rows.append(SheetRow(number, tuple(Cell(text, place in marks, place in figures) for place, text in cells)))
        return Excerpt(tuple(column_letter(place) for place in range(len(names))), tuple(rows))
