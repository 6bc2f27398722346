"""Forms of the import pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice

from cbi.people.forms_people import choices
from cbi.people.imports_headings import headings, is_of_the_tool
from cbi.people.imports_map import Everybody, ImportMap, SheetMap
from cbi.people.imports_targets import PERSON, Target
from cbi.people.imports_words import TARGETS
from cbi.people.tables import Consent, PopulationGroup
from cbi.web.evidence import Cell, MapColumn
from cbi.web.forms import PlainForm
from cbi.web.words import _, _l
from reconciliation.cells import at, column_letter, text_of
from reconciliation.sheets import Sheets

_SHOWN_ROWS = 3
_LONGEST_CELL = 60


class FileForm(PlainForm):
    """A file of households."""

    file = FileField(_l("File"), validators=[FileRequired(_l("choose a file, for example households.xlsx"))])


_FOR_EVERYBODY = {Target.SITE: "site", Target.CONSENT: "consent"}
"""What must be known and can be said once for a whole file."""


class NothingForm(PlainForm):
    """A form of one button."""


class MapView:
    """The columns of a file with what each holds, for the person who says it once; one select over each column."""

    def __init__(self, sheets: Sheets, proposed: ImportMap, places: Sequence[tuple[UUID, str]]) -> None:
        self._sheets = sheets
        self._proposed = proposed
        fields: dict[str, Any] = {}  # Any: wtforms has no types
        for prefix, where, targets in self._parts():
            offered = [SelectChoice("", _l("Not used")), *(SelectChoice(target.value, TARGETS[target]) for target in targets)]
            for place in self._places(where):
                chosen = next((target.value for target, at_place in where.columns.items() if at_place == place), "")
                fields[f"{prefix}{place}"] = SelectField(column_letter(place), choices=offered, default=chosen)
        said, none = proposed.everybody, _l("The file says it")
        fields["site"] = SelectField(
            _l("Everybody lives at"),
            choices=[SelectChoice("", none), *(SelectChoice(str(each), name) for each, name in places)],
            default=str(said.site_id or ""),
        )
        agreed = SelectChoice(Consent.AGREES.value, _l("Everybody agreed when the file was collected"))
        fields["consent"] = SelectField(
            _l("Consent of everybody"), choices=[SelectChoice("", none), agreed], default=said.consent.value if said.consent else ""
        )
        fields["group"] = SelectField(
            _l("Everybody belongs to"), choices=choices(PopulationGroup, first=none), default=said.group.value if said.group else ""
        )
        fields["unchecked"] = BooleanField(
            _l("Take in phones and documents that cannot be right, and hold those households until somebody looked"),
            default=proposed.unchecked,
        )
        self.form: Any = type("MapForm", (PlainForm,), fields)()
        for target, name in _FOR_EVERYBODY.items():
            self.form[name].flags.needed = target in proposed.lacking()

    def _parts(self) -> list[tuple[str, SheetMap, list[Target]]]:
        households, members = self._proposed.households, self._proposed.members
        everything: list[Target] = [target for target in Target if target is not Target.PARENT]
        if members is None:
            return [("h", households, everything)]
        of_people: list[Target] = [target for target in Target if target in PERSON or target is Target.PARENT]
        return [("h", households, [target for target in everything if target not in PERSON]), ("m", members, of_people)]

    def _names(self, where: SheetMap) -> list[str]:
        return headings(self._sheets.named(where.sheet), where.header_row)

    def _places(self, where: SheetMap) -> list[int]:
        """The columns worth asking about: those in use, and those that the collecting tool did not add; where it added all, every named one."""
        named = [(place, name) for place, name in enumerate(self._names(where)) if name or place in where.columns.values()]
        worth = [place for place, name in named if place in where.columns.values() or not is_of_the_tool(name)]
        return worth or [place for place, _name in named]

    def parts(self) -> list[tuple[str, list[MapColumn], tuple[int, ...]]]:
        """Each sheet: its name, its columns, and the numbers of the rows shown."""
        shown = []
        for prefix, where, _targets in self._parts():
            numbers = tuple(range(where.header_row, where.header_row + _SHOWN_ROWS))
            columns = [self._column(prefix, where, place, numbers) for place in self._places(where)]
            shown.append((where.sheet, columns, numbers))
        return shown

    def _column(self, prefix: str, where: SheetMap, place: int, numbers: Sequence[int]) -> MapColumn:
        rows = self._sheets.named(where.sheet).rows
        cells = tuple(
            Cell(text_of(at(rows[number - 1], place))[:_LONGEST_CELL] if number <= len(rows) else "", right=False) for number in numbers
        )
        field = self.form[f"{prefix}{place}"]
        return MapColumn(column_letter(place), field, cells, "" if field.data else "unused")

    def chosen(self) -> ImportMap | None:
        """What the person said; None with words on the form when something is said twice or missing."""
        read = [self._read(prefix, where) for prefix, where, _targets in self._parts()]
        form = self.form
        everybody = Everybody(
            UUID(form.site.data) if form.site.data else None,
            Consent(form.consent.data) if form.consent.data else None,
            PopulationGroup(form.group.data) if form.group.data else None,
        )
        chosen = ImportMap(read[0], read[1] if len(read) > 1 else None, everybody, form.unchecked.data)
        twice = any(len(self._said(prefix, where)) != len(set(self._said(prefix, where))) for prefix, where, _targets in self._parts())
        problems = [_("choose each meaning for one column only")] if twice else []
        lacking = [target for target in chosen.lacking() if target not in _FOR_EVERYBODY]
        for target in set(chosen.lacking()) & _FOR_EVERYBODY.keys():
            self.form[_FOR_EVERYBODY[target]].errors = [_("choose it here for everybody, or say above which column holds it")]
        if lacking:
            problems.append(_("say which column holds this: %(names)s", names=", ".join(str(TARGETS[target]) for target in lacking)))
        self.form.form_errors = problems
        return None if problems or chosen.lacking() else chosen

    def _said(self, prefix: str, where: SheetMap) -> list[str]:
        return [said for place in self._places(where) if (said := self.form[f"{prefix}{place}"].data)]

    def _read(self, prefix: str, where: SheetMap) -> SheetMap:
        columns = {Target(said): place for place in self._places(where) if (said := self.form[f"{prefix}{place}"].data)}
        return SheetMap(
            where.sheet, where.header_row, columns, {target: boxes for target, boxes in where.boxes.items() if target not in columns}
        )
