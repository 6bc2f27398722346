"""Which column of a registration file holds what: proposed by the headings, confirmed by a person once, remembered for files of the same shape."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cbi.errors import Refused
from cbi.web.words import _
from reconciliation.cells import Row, is_blank, plain, text_of, words
from reconciliation.sheets import Sheet, Sheets

_KNOWN = tomllib.loads((Path(__file__).parent / "imports_words.toml").read_text("utf-8"))
_HEADER_WITHIN = 15
ROW_KEY = "_import_row"


class Target(StrEnum):
    """What a column can hold."""

    SITE = "site"
    SHELTER = "shelter"
    GROUP = "group"
    LANGUAGE = "language"
    CONSENT = "consent"
    CONSENT_LANGUAGE = "consent_language"
    PHONE = "phone"
    PHONE_2 = "phone_2"
    ACCOUNT_KIND = "account_kind"
    ACCOUNT = "account"
    ALTERNATE_NAME = "alternate_name"
    DAY = "day"
    NAME = "name"
    GIVEN = "given"
    FAMILY = "family"
    LATIN = "latin"
    SEX = "sex"
    RELATION = "relation"
    BIRTH = "birth"
    BIRTH_DATE = "birth_date"
    BIRTH_YEAR = "birth_year"
    AGE = "age"
    DOCUMENT_KIND = "document_kind"
    DOCUMENT = "document"
    COLLECTS = "collects"
    SEEING = "seeing"
    HEARING = "hearing"
    WALKING = "walking"
    REMEMBERING = "remembering"
    CARING = "caring"
    COMMUNICATING = "communicating"
    SOURCE = "source"
    KEY = "key"
    PARENT = "parent"


PERSON = frozenset(list(Target)[list(Target).index(Target.NAME) : list(Target).index(Target.SOURCE)])
BIRTHS = (Target.BIRTH_DATE, Target.BIRTH_YEAR, Target.AGE, Target.BIRTH)


class NotSure(Refused):
    """Only a person can say what some columns of the file hold. lacking: what no column holds yet."""

    def __init__(self, lacking: Sequence[Target]) -> None:
        from cbi.people.imports_words import TARGETS

        names = ", ".join(str(TARGETS[target]) for target in lacking)
        super().__init__(_("say which column holds this: %(names)s", names=names))
        self.lacking = tuple(lacking)


@dataclass(frozen=True, slots=True)
class SheetMap:
    """How one sheet is read. header_row: as the spreadsheet counts, from 1.  columns: by place, from 0."""

    sheet: str
    header_row: int
    columns: Mapping[Target, int]


@dataclass(frozen=True, slots=True)
class ImportMap:
    """How a whole file is read.

    households: one row per household, or in a flat file one row per person.  members: the repeat sheet, None in a flat file.
    site_id: the place of everybody, for files that do not name it.
    """

    households: SheetMap
    members: SheetMap | None = None
    site_id: UUID | None = None

    @property
    def people(self) -> SheetMap:
        """The sheet in which people stand."""
        return self.members or self.households

    def lacking(self) -> list[Target]:
        """What no import can do without and no column holds, in the order a person would look."""
        people, households = self.people.columns, self.households.columns
        named = Target.NAME in people or Target.GIVEN in people
        needed = {
            Target.NAME: named,
            Target.SEX: Target.SEX in people,
            Target.BIRTH: any(birth in people for birth in BIRTHS),
            Target.CONSENT: Target.CONSENT in households,
            Target.SITE: Target.SITE in households or self.site_id is not None,
            Target.RELATION: Target.RELATION in people or self.members is None,
            Target.KEY: self.members is None or Target.KEY in households,
            Target.PARENT: self.members is None or Target.PARENT in people,
        }
        return [target for target, there in needed.items() if not there]


def propose(sheets: Sheets) -> ImportMap:
    """The likeliest reading of a file. Raises Refused when no sheet has a heading that can be read."""
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
    return ImportMap(_without(households, PERSON), _only(members))


def _without(each: SheetMap, left_out: frozenset[Target]) -> SheetMap:
    return SheetMap(each.sheet, each.header_row, {target: place for target, place in each.columns.items() if target not in left_out})


def _only(each: SheetMap) -> SheetMap:
    return SheetMap(
        each.sheet, each.header_row, {target: place for target, place in each.columns.items() if target in PERSON | {Target.PARENT}}
    )


def _propose_sheet(sheet: Sheet) -> SheetMap | None:
    found = [(number, _columns(headings(row))) for number, row in enumerate(sheet.rows[:_HEADER_WITHIN], start=1)]
    number, columns = max(found, key=lambda each: (len(each[1]), -each[0]), default=(0, {}))
    return SheetMap(sheet.name, number, columns) if len(columns) > 1 else None


def _unknown_sheet(sheet: Sheet) -> SheetMap | None:
    """A sheet of whose headings we know none: its first row of at least two texts, with something below, for a person to say what they hold."""
    for number, row in enumerate(sheet.rows[:_HEADER_WITHIN], start=1):
        if sum(isinstance(value, str) and not is_blank(value) for value in row) > 1:
            return SheetMap(sheet.name, number, {}) if next(below(sheet, number), None) else None
    return None


def headings(row: Row) -> list[str]:
    """The text of every heading of a row."""
    return [plain(text_of(value)) for value in row]


def _columns(names: Sequence[str]) -> dict[Target, int]:
    columns: dict[Target, int] = {}
    for whole in (True, False):
        for place, name in enumerate(names):
            target = _target(name, whole=whole)
            if target is not None and target not in columns and place not in columns.values():
                columns[target] = place
    return columns


def _target(name: str, *, whole: bool) -> Target | None:
    """What a heading says it holds; whole: by all of it, else by the last part of its path."""
    if name == ROW_KEY:
        return Target.SOURCE
    return _headings().get(words(name.replace("_", " ")) if whole else words(name.rpartition("/")[2].replace("_", " ")))


@lru_cache(maxsize=1)
def _headings() -> dict[str, Target]:
    return {words(heading): Target(target) for target, known in _KNOWN["columns"].items() for heading in known}


def is_of_the_tool(name: str) -> bool:
    """Whether a heading is one that the collecting tool adds and nobody needs."""
    return not name or words(name.replace("_", " ")) in _left_out()


@lru_cache(maxsize=1)
def _left_out() -> frozenset[str]:
    return frozenset(words(name) for name in _KNOWN["columns_left_out"]["names"])


@lru_cache(maxsize=32)
def codes(kind: str) -> dict[str, str]:
    """What cells of one kind can say, folded, and the word of ours it stands for."""
    return {words(said): ours for ours, known in _KNOWN["codes"][kind].items() for said in (*known, ours)}


def fingerprint(sheets: Sheets) -> bytes:
    """What tells files of one shape: their headings, sheet by sheet, without what a returned workbook adds."""
    shape = []
    for sheet in sheets.visible():
        read = _propose_sheet(sheet) or _unknown_sheet(sheet)
        if read is not None:
            names = [name for name in headings(sheet.rows[read.header_row - 1]) if name != ROW_KEY and words(name) != "what to correct"]
            shape.append("\x1f".join([sheet.name, *names]))
    return sha256("\x1e".join(shape).encode()).digest()[:20]


def to_json(chosen: ImportMap, sheets: Sheets) -> dict[str, object]:
    """A map by headings, as it is kept and as `cbi households import --map` takes it."""
    return {
        "households": _sheet_json(chosen.households, sheets),
        "members": None if chosen.members is None else _sheet_json(chosen.members, sheets),
        "site": None if chosen.site_id is None else str(chosen.site_id),
    }


def _sheet_json(each: SheetMap, sheets: Sheets) -> dict[str, object]:
    names = headings(sheets.named(each.sheet).rows[each.header_row - 1])
    return {"sheet": each.sheet, "columns": {target.value: names[place] for target, place in each.columns.items()}}


def from_json(kept: Mapping[str, object], sheets: Sheets) -> ImportMap:
    """A kept map on a file. Raises Refused when the file has no such sheet or heading, or the map is not one."""
    households, members, site = kept.get("households"), kept.get("members"), kept.get("site")
    if not isinstance(households, Mapping) or not (members is None or isinstance(members, Mapping)):
        raise Refused(_('write the map as {"households": {"sheet": "Sheet1", "columns": {"given": "First name"}}}'))
    try:
        site_id = UUID(str(site)) if site else None
    except ValueError:
        raise Refused(_("name the site in the map by its id, or leave it out")) from None
    return ImportMap(_on_sheet(households, sheets), None if members is None else _on_sheet(members, sheets), site_id)


def _on_sheet(kept: Mapping[str, object], sheets: Sheets) -> SheetMap:
    try:
        sheet = sheets.named(str(kept.get("sheet")))
    except KeyError:
        raise Refused(_("choose the columns again: the file has no sheet of the name in the map")) from None
    wanted = kept.get("columns")
    named = {Target(target): str(name) for target, name in wanted.items() if target in set(Target)} if isinstance(wanted, Mapping) else {}
    for number, row in enumerate(sheet.rows[:_HEADER_WITHIN], start=1):
        names = headings(row)
        if named and set(named.values()) <= set(names):
            columns = {target: names.index(name) for target, name in named.items()}
            return SheetMap(sheet.name, number, _with_row_key(columns, names))
    raise Refused(_("choose the columns again: the headings of the map are not in the first rows of the file"))


def _with_row_key(columns: dict[Target, int], names: Sequence[str]) -> dict[Target, int]:
    return columns | {Target.SOURCE: names.index(ROW_KEY)} if ROW_KEY in names else columns


def below(sheet: Sheet, header_row: int) -> Iterator[tuple[int, Row]]:
    """The filled rows under a heading, with their numbers in the file, one after the other."""
    for number, row in enumerate(sheet.rows, start=1):
        if number > header_row and any(not is_blank(value) for value in row):
            yield number, row
