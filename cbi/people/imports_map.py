"""Which column of a registration file holds what: proposed by the headings, confirmed by a person once, remembered for files of the same shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

from cbi.errors import Refused
from cbi.people.imports_headings import WITHIN, below, find, headings
from cbi.people.imports_targets import BIRTHS, PERSON, ROW_KEY, Target
from cbi.people.tables import Consent, PopulationGroup
from cbi.web.words import _
from reconciliation.cells import is_blank, words
from reconciliation.sheets import Sheet, Sheets

_Word = TypeVar("_Word", Consent, PopulationGroup)


class NotSure(Refused):
    """Only a person can say what some columns of the file hold. lacking: what no column holds yet."""

    def __init__(self, lacking: Sequence[Target]) -> None:
        from cbi.people.imports_words import TARGETS

        names = ", ".join(str(TARGETS[target]) for target in lacking)
        super().__init__(_("say which column holds this: %(names)s", names=names))
        self.lacking = tuple(lacking)


@dataclass(frozen=True, slots=True)
class SheetMap:
    """How one sheet is read.

    header_row: as the spreadsheet counts, from 1; of two rows of headings the lower.  columns: by place, from 0.
    boxes: of questions whose answers have a column each, the answer by place.
    """

    sheet: str
    header_row: int
    columns: Mapping[Target, int]
    boxes: Mapping[Target, Mapping[int, str]] = field(default_factory=dict)

    def says(self, target: Target) -> bool:
        """Whether a column, or several boxes, hold this."""
        return target in self.columns or target in self.boxes


@dataclass(frozen=True, slots=True)
class Everybody:
    """What a person says of every household of a file that does not say it. site_id, consent, group: None where the file does."""

    site_id: UUID | None = None
    consent: Consent | None = None
    group: PopulationGroup | None = None


@dataclass(frozen=True, slots=True)
class ImportMap:
    """How a whole file is read.

    households: one row per household, or in a flat file one row per person.  members: the repeat sheet, None in a flat file.
    unchecked: take in phones and documents that cannot be right as they stand, and hold their households until somebody looked.
    """

    households: SheetMap
    members: SheetMap | None = None
    everybody: Everybody = Everybody()
    unchecked: bool = False

    @property
    def people(self) -> SheetMap:
        """The sheet in which people stand."""
        return self.members or self.households

    def lacking(self) -> list[Target]:
        """What no import can do without and no column holds, in the order a person would look."""
        people, households = self.people, self.households
        needed = {
            Target.NAME: people.says(Target.NAME) or people.says(Target.GIVEN),
            Target.SEX: people.says(Target.SEX),
            Target.BIRTH: any(people.says(birth) for birth in BIRTHS),
            Target.CONSENT: households.says(Target.CONSENT) or self.everybody.consent is not None,
            Target.SITE: households.says(Target.SITE) or self.everybody.site_id is not None,
            Target.RELATION: people.says(Target.RELATION) or self.members is None,
            Target.KEY: self.members is None or households.says(Target.KEY),
            Target.PARENT: self.members is None or people.says(Target.PARENT),
        }
        return [target for target, there in needed.items() if not there]


def propose(sheets: Sheets) -> ImportMap:
    """The likeliest reading of a file. Raises Refused when no sheet has headings."""
    read = [each for sheet in sheets.visible() if (each := _propose_sheet(sheet)) is not None]
    if not read:
        read = [each for sheet in sheets.visible() if (each := _unknown_sheet(sheet)) is not None]
    if not read:
        raise Refused(_("send a file whose first rows name the columns, for example Given name, Sex, Age"))
    members = next((each for each in read if Target.PARENT in each.columns), None)
    others = [each for each in read if each is not members]
    if members is None or not others:
        return ImportMap(max(read, key=lambda each: len(each.columns)))
    households = max(others, key=lambda each: len(each.columns))
    return ImportMap(_only(households, frozenset(Target) - PERSON), _only(members, PERSON | {Target.PARENT}))


def _only(each: SheetMap, kept: frozenset[Target]) -> SheetMap:
    columns = {target: place for target, place in each.columns.items() if target in kept}
    return replace(each, columns=columns, boxes={target: boxes for target, boxes in each.boxes.items() if target in kept})


def _propose_sheet(sheet: Sheet) -> SheetMap | None:
    found = [(number, find(sheet, number)) for number in range(1, min(WITHIN, len(sheet.rows)) + 1)]
    if not found:
        return None
    number, known = max(found, key=lambda each: (len(each[1]), -each[0]))
    return SheetMap(sheet.name, number, _sorted_names(known.columns), known.boxes) if len(known) > 1 else None


def _sorted_names(columns: Mapping[Target, int]) -> Mapping[Target, int]:
    """Beside a first name, a bare "name" is the family's: so registers of French-speaking offices are headed."""
    if Target.GIVEN in columns and Target.NAME in columns and Target.FAMILY not in columns:
        return {Target.FAMILY if target is Target.NAME else target: place for target, place in columns.items()}
    return columns


def _unknown_sheet(sheet: Sheet) -> SheetMap | None:
    """A sheet of whose headings we know none: its first row of at least two texts, with something below, for a person to say what they hold."""
    for number, row in enumerate(sheet.rows[:WITHIN], start=1):
        if sum(isinstance(value, str) and not is_blank(value) for value in row) > 1:
            return SheetMap(sheet.name, number, {}) if next(below(sheet, number), None) else None
    return None


def fingerprint(sheets: Sheets) -> bytes:
    """What tells files of one shape: their headings, sheet by sheet, without what a returned workbook adds."""
    shape = []
    for sheet in sheets.visible():
        read = _propose_sheet(sheet) or _unknown_sheet(sheet)
        if read is not None:
            names = [name for name in headings(sheet, read.header_row) if name != ROW_KEY and words(name) != "what to correct"]
            shape.append("\x1f".join([sheet.name, *names]))
    return sha256("\x1e".join(shape).encode()).digest()[:20]


def to_json(chosen: ImportMap, sheets: Sheets) -> dict[str, object]:
    """A map by headings, as it is kept and as `cbi households import --map` takes it."""
    said = chosen.everybody
    return {
        "households": _sheet_json(chosen.households, sheets),
        "members": None if chosen.members is None else _sheet_json(chosen.members, sheets),
        "site": None if said.site_id is None else str(said.site_id),
        "consent": said.consent and said.consent.value,
        "group": said.group and said.group.value,
        "unchecked": chosen.unchecked,
    }


def _sheet_json(each: SheetMap, sheets: Sheets) -> dict[str, object]:
    names = headings(sheets.named(each.sheet), each.header_row)
    return {
        "sheet": each.sheet,
        "columns": {target.value: names[place] for target, place in each.columns.items()},
        "boxes": {target.value: {names[place]: code for place, code in boxes.items()} for target, boxes in each.boxes.items()},
    }


def from_json(kept: Mapping[str, object], sheets: Sheets) -> ImportMap:
    """A kept map on a file. Raises Refused when the file has no such sheet or heading, or the map is not one."""
    households, members, site = kept.get("households"), kept.get("members"), kept.get("site")
    if not isinstance(households, Mapping) or not (members is None or isinstance(members, Mapping)):
        raise Refused(_('write the map as {"households": {"sheet": "Sheet1", "columns": {"given": "First name"}}}'))
    try:
        site_id = UUID(str(site)) if site else None
    except ValueError:
        raise Refused(_("name the site in the map by its id, or leave it out")) from None
    everybody = Everybody(site_id, _word(Consent, kept.get("consent")), _word(PopulationGroup, kept.get("group")))
    people = None if members is None else _on_sheet(members, sheets)
    return ImportMap(_on_sheet(households, sheets), people, everybody, kept.get("unchecked") is True)


def _word(kind: type[_Word], said: object) -> _Word | None:
    if said is None:
        return None
    if said not in set(kind):
        raise Refused(_("write one of the words we know in the map, for example %(example)s", example=next(iter(kind)).value))
    return kind(str(said))


def _on_sheet(kept: Mapping[str, object], sheets: Sheets) -> SheetMap:
    try:
        sheet = sheets.named(str(kept.get("sheet")))
    except KeyError:
        raise Refused(_("choose the columns again: the file has no sheet of the name in the map")) from None
    named = {target: str(name) for target, name in _by_target(kept.get("columns")).items()}
    boxes = {target: dict(names) for target, names in _by_target(kept.get("boxes")).items() if isinstance(names, Mapping)}
    wanted = {*named.values(), *(str(name) for names in boxes.values() for name in names)}
    for number in range(1, min(WITHIN, len(sheet.rows)) + 1):
        names = headings(sheet, number)
        if wanted and wanted <= set(names):
            columns = {target: names.index(name) for target, name in named.items()}
            placed = {target: {names.index(name): str(code) for name, code in each.items()} for target, each in boxes.items()}
            return SheetMap(sheet.name, number, _with_row_key(columns, names), placed)
    raise Refused(_("choose the columns again: the headings of the map are not in the first rows of the file"))


def _by_target(said: object) -> dict[Target, object]:
    return {Target(target): value for target, value in said.items() if target in set(Target)} if isinstance(said, Mapping) else {}


def _with_row_key(columns: dict[Target, int], names: Sequence[str]) -> dict[Target, int]:
    return columns | {Target.SOURCE: names.index(ROW_KEY)} if ROW_KEY in names else columns
