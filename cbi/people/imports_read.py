"""What the rows of one household say: a household to register, with the rows it stands in and whatever needs a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from cbi.errors import Refused
from cbi.people.imports_cells import Line
from cbi.people.imports_headings import below, headings
from cbi.people.imports_map import ImportMap
from cbi.people.imports_targets import ROW_KEY, Target
from cbi.people.service import check
from cbi.people.tables import Consent, PopulationGroup, Relation, Sex
from cbi.people.values import NewHousehold, NewMember, same_person
from cbi.web.words import _
from reconciliation.cells import is_blank, plain, text_of, words
from reconciliation.payout import RowProblem
from reconciliation.sheets import Sheets

_KEY_BYTES = 20


@dataclass(frozen=True, slots=True)
class Place:
    """A site as a file may name it: by its code, its name, or the P-code of its area where it is the only one there."""

    id: UUID
    code: str
    name: str
    pcode: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One household of a file, or a person in it who belongs to none.

    told: None when something needs a person.  rows: (sheet, row) of everything it is made of.  key: by which it is not taken twice.
    is_household: False for a person without a household.
    """

    told: NewHousehold | None
    rows: tuple[tuple[str, int], ...]
    key: bytes
    problems: tuple[RowProblem, ...] = ()
    is_household: bool = True


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading a file needs besides the file. digest: the keyed digest of a text, for the keys of rows."""

    places: Sequence[Place]
    country: str
    today: date
    digest: Callable[[str], bytes]


def stray_of(line: Line, reader: Reader) -> Entry:
    """A person whose household is not in the file."""
    line.blame(
        Target.PARENT,
        _("correct the number of this person’s household, or add the person to it by hand: no household of the file has this number"),
    )
    return Entry(None, ((line.where.sheet, line.number),), _content_key([line], reader), tuple(line.problems), is_household=False)


def entry_of(line: Line, people: Sequence[Line], chosen: ImportMap, reader: Reader) -> Entry:
    """One household. line: its own row, in a flat file that of its first person; people: the rows of its people."""
    told = _household(line, people, chosen, reader)
    involved = [line, *(each for each in people if each is not line)]
    key = _key(line, involved, reader)
    problems = tuple(problem for each in involved for problem in each.problems)
    rows = tuple((each.where.sheet, each.number) for each in involved)
    return Entry(None if problems or told is None else replace(told, source_key=key), rows, key, problems)


def _household(line: Line, people: Sequence[Line], chosen: ImportMap, reader: Reader) -> NewHousehold | None:
    members = _members(line, people)
    site_id = _site(line, chosen, reader)
    said = chosen.everybody
    consent = said.consent if said.consent and line.is_blank(Target.CONSENT) else line.needed(Target.CONSENT, "consent", Consent, "yes")
    group = line.word(Target.GROUP, "group", PopulationGroup, "displaced") or said.group
    phones = tuple(dict.fromkeys(phone for phone in (line.phone(Target.PHONE), line.phone(Target.PHONE_2)) if phone))
    language, spoken, day = line.language(Target.LANGUAGE), line.language(Target.CONSENT_LANGUAGE), line.day()
    account, shelter, alternate_name = line.account(phones), line.text(Target.SHELTER), line.name(Target.ALTERNATE_NAME)
    if not members or site_id is None or consent is None:
        return None
    recipient, alternate = _collectors(people, members)
    told = NewHousehold(
        site_id=site_id,
        members=tuple(members[place] for place in sorted(members, key=lambda place: (members[place].relation is not Relation.HEAD, place))),
        consent=consent,
        group=group or PopulationGroup.DISPLACED,
        shelter=shelter,
        language=language or "en",
        phones=phones,
        recipient=recipient,
        alternate=alternate,
        alternate_name="" if alternate is not None else alternate_name,
        account=account,
        consent_language=spoken or language or "en",
        consent_on=day,
        registered_on=day,
        review=next((doubt for each in (line, *people) for doubt in each.doubts), None),
    )
    return _checked(told, line)


def _checked(told: NewHousehold, line: Line) -> NewHousehold | None:
    try:
        check(told)
    except Refused as problem:
        line.blame(Target.KEY, problem.fix)
        return None
    return told


def _site(line: Line, chosen: ImportMap, reader: Reader) -> UUID | None:
    if line.is_blank(Target.SITE) and chosen.everybody.site_id is not None:
        return chosen.everybody.site_id
    said = words(line.text(Target.SITE))
    for place in reader.places:
        if said and said in {words(place.code), words(place.name)}:
            return place.id
    by_area = [place.id for place in reader.places if said and said == words(place.pcode)]
    if len(by_area) == 1:
        return by_area[0]
    known = ", ".join(place.code for place in reader.places[:6])
    line.blame(Target.SITE, _("write one of your places by its code or name: %(known)s", known=known))
    return None


def _members(line: Line, people: Sequence[Line]) -> dict[int, NewMember]:
    """The people by their place in the file; nobody at all is a problem of the household."""
    if not people:
        line.blame(Target.KEY, _("add the people of this household: no row of the members names it"))
    read = {place: _member(each, alone=len(people) == 1) for place, each in enumerate(people)}
    members = {place: member for place, member in read.items() if member is not None}
    if len(members) < len(people):
        return {}
    seen = set[tuple[str, str, Sex]]()
    for place, member in members.items():
        if same_person(member) in seen:
            where = people[place].where.columns
            people[place].blame(
                Target.GIVEN if Target.GIVEN in where else Target.NAME,
                _("take this person out, or correct the name or birth: the same person is in the household already"),
            )
        seen.add(same_person(member))
    heads = [place for place, member in members.items() if member.relation is Relation.HEAD]
    if people and len(heads) != 1:
        blamed = people[heads[1] if heads else 0]
        blamed.blame(Target.RELATION, _("choose exactly one head of the household"))
        return {}
    return members


def _member(line: Line, *, alone: bool) -> NewMember | None:
    given, family = line.name(Target.GIVEN) or line.name(Target.NAME), line.name(Target.FAMILY)
    given = f"{given} {line.name(Target.MIDDLE)}".strip()
    if not given and not line.problems:
        line.blame(Target.GIVEN if Target.GIVEN in line.where.columns else Target.NAME, _("enter a name, for example Juniper"))
    sex, born = line.needed(Target.SEX, "sex", Sex, "female"), line.born()
    relation = Relation.HEAD if alone and line.is_blank(Target.RELATION) else line.needed(Target.RELATION, "relation", Relation, "child")
    documents, difficulties, latin = line.documents(), line.difficulties(), line.name(Target.LATIN)
    if not given or sex is None or born is None or relation is None:
        return None
    return NewMember(
        given=given, family=family, latin=latin, sex=sex, born=born, relation=relation, documents=documents, difficulties=difficulties
    )


def _collectors(people: Sequence[Line], members: Mapping[int, NewMember]) -> tuple[int, int | None]:
    """Recipient and alternate by their places once the head comes first; the head receives where nobody was chosen."""
    order = sorted(members, key=lambda place: (members[place].relation is not Relation.HEAD, place))
    said = {place: people[place].collects() for place in order}
    recipient = next((place for place in order if said[place] == "recipient"), order[0])
    alternate = next((place for place in order if said[place] == "alternate" and place != recipient), None)
    return order.index(recipient), None if alternate is None else order.index(alternate)


def _key(line: Line, involved: Sequence[Line], reader: Reader) -> bytes:
    """By what a household is known again: the key a returned workbook carries, the form's own id, or else everything it says."""
    said = plain(text_of(line.value(Target.SOURCE)))
    if not said:
        return _content_key(involved, reader)
    if len(said) == 2 * _KEY_BYTES and all(sign in "0123456789abcdef" for sign in said):
        return bytes.fromhex(said)
    return reader.digest(f"id\x1f{said}")


def _content_key(lines: Sequence[Line], reader: Reader) -> bytes:
    return reader.digest("row\x1f" + "\x1e".join(_content(line) for line in lines))


def _content(line: Line) -> str:
    """What a row says to us; its place in the file, and columns nobody reads, do not count."""
    targets = sorted(set(line.where.columns) - {Target.KEY, Target.PARENT, Target.SOURCE})
    return "\x1f".join(plain(text_of(line.value(target))) for target in targets)


def rows_of(
    sheets: Sheets, chosen: ImportMap, entries: Sequence[Entry]
) -> Iterator[tuple[str, list[str], list[tuple[int, list[str], bytes]]]]:
    """The rows of these entries as text, sheet by sheet: name, headings, and each row with its number and key."""
    keys = {place: entry.key for entry in entries for place in entry.rows}
    for where in dict.fromkeys((chosen.households.sheet, chosen.people.sheet)):
        sheet_map = chosen.households if where == chosen.households.sheet else chosen.people
        sheet = sheets.named(where)
        names = headings(sheet, sheet_map.header_row)
        wanted = [(number, row) for number, row in below(sheet, sheet_map.header_row) if (where, number) in keys]
        left_out = {place for place, name in enumerate(names) if name == ROW_KEY or words(name) == "what to correct"}
        yield (
            where,
            [name for place, name in enumerate(names) if place not in left_out],
            [
                (number, [_shown(row, place) for place in range(len(names)) if place not in left_out], keys[where, number])
                for number, row in wanted
            ],
        )


def _shown(row: Sequence[object], place: int) -> str:
    value = row[place] if place < len(row) else None
    return "" if is_blank(value) else text_of(value)  # type: ignore[arg-type]  # rows hold cell values
