"""How a person confirms the columns of a file: the proposal as selects over its own first rows, and back to a profile."""

from __future__ import annotations

import json
from functools import cached_property

from cbi.payouts.forms import FIELD_WORDS, LayoutForm, layout_form
from cbi.payouts.reading import Look
from cbi.payouts.tables import PayoutFile
from cbi.web.evidence import Cell, MapColumn
from cbi.web.words import _
from reconciliation import profiles
from reconciliation.cells import column_letter, text_of
from reconciliation.profile import Profile
from reconciliation.proposal import SURE, About, Question, SheetLook
from reconciliation.sheets import Sheet, UnreadableFile

_SHOWN_ROWS = 8
_MOST_COLUMNS = 40
_MOST_HEADER_ROWS = 40


class LayoutView:
    """One file's layout page: the bound form, the columns with their cells, and what must be asked."""

    def __init__(self, look: Look, fix: str = "") -> None:
        self._look = look
        self.fix = fix  # why the layout kept before did not fit this file
        self.form: LayoutForm = layout_form(self.width, range(1, min(len(self.sheet.rows), _MOST_HEADER_ROWS) + 1))()
        if not self.form.is_submitted():
            self._propose()

    @cached_property
    def found(self) -> SheetLook | None:
        """The sheet whose table was found, the longest first."""
        tables = [one for one in self._look.proposal.sheets if one.header_row and not one.hidden]
        return max(tables, key=lambda one: one.rows, default=None)

    @cached_property
    def sheet(self) -> Sheet:
        """The sheet shown: the one with the table, else the first visible one. Raises UnreadableFile for a file without any."""
        name = self.found.name if self.found else None
        for sheet in self._look.sheets.visible():
            if name is None or sheet.name == name:
                return sheet
        raise UnreadableFile("upload a file with at least one visible sheet")

    @property
    def width(self) -> int:
        """How many columns the page shows."""
        return min(max((len(row) for row in self.sheet.rows[:200]), default=1), _MOST_COLUMNS)

    @property
    def header_row(self) -> int:
        """The heading's row, from 1: as chosen, else as found."""
        chosen = str(self.form.header_row.data or "")
        return int(chosen) if chosen.isdigit() else (self.found.header_row if self.found else 1)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The rows the page shows: the heading and the first ones below."""
        first = self.header_row + (self.found.header_rows if self.found else 1)
        last = min(first + _SHOWN_ROWS, len(self.sheet.rows) + 1)
        return (self.header_row, *range(first, last))

    @property
    def questions(self) -> tuple[Question, ...]:
        """What only a person can say."""
        return self._look.proposal.questions

    @property
    def missing(self) -> tuple[str, ...]:
        """Needed columns that were not found."""
        return self._look.proposal.missing()

    def columns(self) -> list[MapColumn]:
        """Every column with its select and its cells."""
        doubtful = {question.cell.rstrip("0123456789") for question in self.questions if question.about is About.COLUMN}
        return [self._column(place, doubtful) for place in range(self.width)]

    def chosen(self) -> Profile:
        """The profile a person confirmed. Raises Refused through the engine's own words when something is missing."""
        chosen = {field: place for place in range(self.width) if (field := str(self.form[f"column_{place}"].data or ""))}
        kept = profiles.to_map(self._look.proposal.profile) if self._look.proposal.profile else {}
        columns = {field: {"header": self._heading(place), "column": column_letter(place)} for field, place in chosen.items()}
        named = {
            **kept,
            "name": "",
            "known_by": "",
            "headings": [self._heading(place) for place in range(self.width)],
            "sheets": [self.sheet.name],
            "header_row": self.header_row,
            "header_rows": self.found.header_rows if self.found and self.found.header_row == self.header_row else 1,
            "columns": columns,
            "decimal": self.form.decimal.data or kept.get("decimal"),
            "thousands": {".": ",", ",": "."}.get(str(self.form.decimal.data or ""), kept.get("thousands")),
            "date_order": self.form.date_order.data or kept.get("date_order"),
            **{key: self._words(key, kept) for key in ("paid_words", "failed_words", "returned_words")},
        }
        return profiles.from_mapping({key: value for key, value in named.items() if value not in (None, "")})

    def _propose(self) -> None:
        self.form.header_row.data = str(self.found.header_row if self.found else 1)
        for guess in self.found.columns if self.found else ():
            if guess.column < self.width and guess.certainty > 0:
                self.form[f"column_{guess.column}"].data = guess.field.value
        profile = self._look.proposal.profile
        if profile is not None:
            self.form.decimal.data, self.form.date_order.data = profile.decimal, profile.date_order

    def _column(self, place: int, doubtful: set[str]) -> MapColumn:
        letter = column_letter(place)
        field = self.form[f"column_{place}"]
        guess = next((one for one in (self.found.columns if self.found else ()) if one.column == place), None)
        cells = tuple(Cell(self._text(row, place)) for row in self.numbers)
        if letter in doubtful or (guess and guess.certainty < SURE):
            return MapColumn(letter, field, cells, "doubt", _("Please say"))
        return MapColumn(letter, field, cells, "" if field.data else "unused", _("Sure") if guess else "")

    def _text(self, row: int, place: int) -> str:
        values = self.sheet.rows[row - 1] if row <= len(self.sheet.rows) else ()
        return text_of(values[place])[:60] if place < len(values) else ""

    def _heading(self, place: int) -> str:
        found = self.found
        if found and found.header_row == self.header_row and place < len(found.headings):
            return found.headings[place]
        return self._text(self.header_row, place)

    def _words(self, key: str, kept: dict[str, object]) -> object:
        typed = [word.strip() for word in str(self.form[key].data or "").split(",") if word.strip()]
        return [*(kept.get(key) or []), *typed] or None  # type: ignore[misc]


def kept(file: PayoutFile) -> Profile | None:
    """The layout this file was read with, when it was read before."""
    return profiles.from_mapping(json.loads(file.layout)) if file.layout else None


def words_of(file: PayoutFile) -> list[tuple[str, str]]:
    """The layout in words: what, and the heading it was read from."""
    if not file.layout:
        return []
    columns = json.loads(file.layout).get("columns", {})
    named = {field.value: words for field, words in FIELD_WORDS.items()}
    return [
        (str(named.get(field, field)), heading["header"] if isinstance(heading, dict) else str(heading))
        for field, heading in columns.items()
    ]
