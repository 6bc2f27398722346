"""What people type into the household form, read into a registration; whatever cannot be read says at its field what to do."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from wtforms import Field, FieldList, Form, FormField, HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from cbi.errors import Refused
from cbi.people.born import Told, age_on, read_born
from cbi.people.contact import read_document, read_phone
from cbi.people.latin import needs_latin, propose
from cbi.people.spoken import consent_texts, six_questions
from cbi.people.tables import Consent, DocumentKind, PopulationGroup, Relation, Sex
from cbi.people.values import Activity, Born, Difficulty, NewDocument, NewHousehold, NewMember
from cbi.people.words import WORDS
from cbi.web.forms import PlainForm, PlainPart
from cbi.web.words import _, _l

BLANK_LINES = 3
LARGEST = 60
GROWN, OLDER = 18, 60
_NAME = Length(max=120, message=_l("make the name shorter: at most 120 letters"))
_SHORT = Length(max=60, message=_l("make this shorter: at most 60 characters"))
OTHER_PERSON = "other"


def choices(kind: type[StrEnum], *, leave_out: Sequence[StrEnum] = (), first: str | None = None) -> list[SelectChoice]:
    """The answers of a closed list in words; first: words for no answer."""
    none = [] if first is None else [SelectChoice("", first)]
    return none + [SelectChoice(one.value, WORDS[one]) for one in kind if one not in leave_out]


class SixPart(PlainPart, Form):  # type: ignore[misc]  # wtforms has no types
    """The six questions of one person; an empty answer means that nobody asked."""

    def read(self) -> tuple[tuple[Activity, Difficulty], ...]:
        """What was answered, in order."""
        answered = ((activity, self[activity.value].data) for activity in Activity)
        return tuple((activity, Difficulty(answer)) for activity, answer in answered if answer in set(Difficulty))

    def fill(self, member: NewMember) -> None:
        """Show what was answered before."""
        for activity, difficulty in member.difficulties:
            self[activity.value].data = difficulty.value


for _activity, _question in six_questions().questions:
    _answers = [SelectChoice("", _l("Not asked")), *(SelectChoice(answer.value, words) for answer, words in six_questions().answers)]
    setattr(SixPart, _activity.value, SelectField(_question, choices=_answers, default=""))


class HeadPart(PlainPart, Form):  # type: ignore[misc]  # wtforms has no types
    """Who speaks for the household."""

    given = StringField(_l("Given names"), [_NAME])
    family = StringField(_l("Family name"), [_NAME])
    latin = StringField(_l("In Latin letters"), [_NAME])
    sex = RadioField(_l("Sex"), [InputRequired(_l("choose a sex, for example Female"))], choices=choices(Sex), validate_choice=False)
    told = RadioField(
        _l("Born"),
        choices=[SelectChoice("date", _l("Date")), SelectChoice("year", _l("Year")), SelectChoice("age", _l("Age"))],
        default="year",
    )
    born = StringField(_l("Date, year or age"), [_SHORT])
    six = FormField(SixPart)

    def read(self, today: date, document: str, kept: NewMember | None) -> NewMember | None:
        """The head; None when something needs the person."""
        given = _name(self.given)
        born = _read(self.born, lambda text: read_born(text, today, _told(self.told)))
        sex = _chosen(self.sex, Sex, _("choose a sex, for example Female"))
        if given is None or born is None or sex is None:
            return None
        return NewMember(
            given=given,
            family=_clean(self.family.data),
            latin=_clean(self.latin.data),
            sex=sex,
            born=_same_birth(born, kept),
            relation=Relation.HEAD,
            documents=_documents(document, kept),
            difficulties=self.six.form.read(),
        )

    def fill(self, member: NewMember) -> None:
        """Show a person as registered."""
        self.given.data, self.family.data, self.latin.data, self.sex.data = member.given, member.family, member.latin, member.sex.value
        self.told.data, self.born.data = _as_told(member.born)
        self.six.form.fill(member)


class MemberPart(PlainPart, Form):  # type: ignore[misc]  # wtforms has no types
    """One more person, on one line. line: the id of a member who is already registered."""

    line = HiddenField()
    name = StringField(_l("Name"), [_NAME])
    born = StringField(_l("Born, or age"), [_SHORT])
    sex = SelectField(_l("Sex"), choices=choices(Sex, first="–"), default="")
    relation = SelectField(_l("To the head"), choices=choices(Relation, leave_out=(Relation.HEAD,), first="–"), default="")
    six = FormField(SixPart)

    @property
    def is_blank(self) -> bool:
        """Whether nothing was entered."""
        return not (_clean(self.name.data) or _clean(self.born.data) or self.line.data)

    def read(self, today: date, kept: NewMember | None) -> NewMember | None:
        """The person; None when something needs the registrar."""
        name = _name(self.name)
        born = _read(self.born, lambda text: read_born(text, today))
        sex = _chosen(self.sex, Sex, _("choose a sex for this member"))
        relation = _chosen(self.relation, Relation, _("choose who this member is to the head"))
        if name is None or born is None or sex is None or relation is None:
            return None
        same = kept is not None and kept.name == name
        return NewMember(
            given=kept.given if same and kept else name,
            family=kept.family if same and kept else "",
            latin=kept.latin if same and kept else "",
            sex=sex,
            born=_same_birth(born, kept),
            relation=relation,
            documents=kept.documents if kept else (),
            difficulties=self.six.form.read(),
        )

    def fill(self, member: NewMember) -> None:
        """Show a person as registered."""
        self.name.data, self.sex.data, self.relation.data = member.name, member.sex.value, member.relation.value
        self.born.data = _in_line(member.born)
        self.six.form.fill(member)


@dataclass(frozen=True, slots=True)
class Read:
    """What the form says. lines: beside its members, the ids of those already registered."""

    told: NewHousehold
    lines: tuple[UUID | None, ...]


@dataclass(frozen=True, slots=True)
class Sketch:
    """What an unfinished form already tells. told: None until there is a name; phone: when it is readable; latin: a proposal."""

    told: NewHousehold | None
    phone: str
    phone_fix: str
    document_fix: str
    latin: str
    ages: tuple[int, int] | None
    people: int
    female: int
    children: int
    older: int


class HouseholdForm(PlainForm):
    """A household, for registering and for putting right."""

    place_is_kept = False
    client_key = HiddenField()
    version = HiddenField(default="1")
    site = SelectField(_l("Site"), [InputRequired(_l("choose a site"))], choices=[])
    shelter = StringField(_l("Block, shelter"), [_SHORT])
    group = SelectField(_l("Population group"), choices=choices(PopulationGroup))
    head = FormField(HeadPart)
    phone = StringField(_l("Phone"), [_SHORT])
    document = StringField(_l("Document"), [_SHORT])
    members = FieldList(FormField(MemberPart), max_entries=LARGEST - 1)
    recipient = SelectField(_l("Recipient"), choices=[], default="0", validate_choice=False)
    alternate = SelectField(_l("Alternate collector"), choices=[], default="", validate_choice=False)
    alternate_name = StringField(_l("Name of somebody outside the household"), [_NAME])
    consent_language = SelectField(_l("Read in"), choices=[SelectChoice(text.language, text.own_name) for text in consent_texts().values()])
    consent = RadioField(_l("Does the person agree?"), choices=choices(Consent), validate_choice=False)

    def add_lines(self, count: int) -> None:
        """More empty lines for members."""
        for _line in range(min(count, LARGEST - 1 - len(self.members))):
            self.members.append_entry()

    def prepare(self, sites: Sequence[tuple[UUID, str]]) -> None:
        """Give the selects their answers: the sites, and the people of the form by name or line."""
        self.site.choices = [SelectChoice(str(site_id), name) for site_id, name in sites]
        people = [SelectChoice("0", _clean(f"{self.head.given.data or ''} {self.head.family.data or ''}") or _("The head of household"))]
        for place, line in enumerate(self.members, start=1):
            people.append(SelectChoice(str(place), _clean(line.form.name.data) or _("Member %(number)s", number=place + 1)))
        self.recipient.choices = people
        self.alternate.choices = [
            SelectChoice("", _("Nobody yet")),
            *people,
            SelectChoice(OTHER_PERSON, _("Somebody outside the household")),
        ]

    def read(self, today: date, country: str, *, kept: dict[UUID, NewMember] | None = None, head_id: UUID | None = None) -> Read | None:
        """What was typed, as a registration; None when something needs the registrar, with the words at each field.

        kept: the registered members by id, when putting right.
        """
        known = kept or {}
        document = _read(self.document, read_document, optional=True)
        phone = _read(self.phone, lambda text: read_phone(text, country), optional=True)
        head = self.head.form.read(today, document or "", known.get(head_id) if head_id else None)
        people, lines, places = self._people(today, known)
        consent = _chosen(self.consent, Consent, _("ask whether the person agrees, and choose the answer"))
        recipient = self._collector(self.recipient, places, needed=True)
        alternate = self._collector(self.alternate, places)
        other = self._other_person()
        if self.errors_anywhere() or head is None or consent is None:
            return None
        told = NewHousehold(
            site_id=UUID(self.site.data),
            members=(head, *people),
            consent=consent,
            group=PopulationGroup(self.group.data),
            shelter=_clean(self.shelter.data),
            language=self.consent_language.data,
            phones=(phone,) if phone else (),
            recipient=recipient,
            alternate=alternate,
            alternate_name=other,
            consent_version=consent_texts()[self.consent_language.data].version,
            consent_language=self.consent_language.data,
        )
        return Read(told, (head_id, *lines))

    def fill(self, told: NewHousehold, member_ids: Sequence[UUID], version: int) -> None:
        """Show a household as registered. member_ids: beside its members."""
        self.version.data, self.site.data, self.shelter.data, self.group.data = (
            str(version),
            str(told.site_id),
            told.shelter,
            told.group.value,
        )
        self.head.form.fill(told.head)
        self.phone.data = told.phones[0] if told.phones else ""
        self.document.data = told.head.documents[0].number if told.head.documents else ""
        for member_id, member in zip(member_ids[1:], told.members[1:], strict=True):
            line = self.members.append_entry().form
            line.line.data = str(member_id)
            line.fill(member)
        self.recipient.data = "0" if told.recipient is None else str(told.recipient)
        self.alternate.data = OTHER_PERSON if told.alternate_name else "" if told.alternate is None else str(told.alternate)
        self.alternate_name.data = told.alternate_name

    @property
    def seen_version(self) -> int:
        """Which state of the household the form was drawn from; 0, which none has, when that was tampered with."""
        text = str(self.version.data)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0  # noqa: PLR2004 -- a count of corrections

    def sketch(self, today: date, country: str) -> Sketch:
        """What can be said of a form that is still being filled in."""
        phone = _read(self.phone, lambda text: read_phone(text, country), optional=True)
        document = _read(self.document, read_document, optional=True)
        head = self.head.form
        born = _read(head.born, lambda text: read_born(text, today, _told(head.told)), optional=True)
        sex = Sex(head.sex.data) if head.sex.data in set(Sex) else Sex.FEMALE
        name = _clean(f"{head.given.data or ''} {head.family.data or ''}")
        people, _lines, _places = self._people(today, {})
        site = _id(self.site.data)
        told = None
        if name and site:
            birth = born or Born("~1", 1)
            latin = _clean(head.latin.data)
            first = NewMember(
                given=name, latin=latin, sex=sex, born=birth, relation=Relation.HEAD, documents=_documents(document or "", None)
            )
            told = NewHousehold(
                site_id=site,
                members=(first, *people),
                consent=Consent.THINKING,
                shelter=_clean(self.shelter.data),
                phones=(phone,) if phone else (),
            )
        everyone = [member for member in (told.members if told else ()) if member.born.year > 1]
        ages = [age_on(member.born, today) for member in everyone]
        return Sketch(
            told=told,
            phone=phone or "",
            phone_fix=self.phone.errors[0] if self.phone.errors else "",
            document_fix=self.document.errors[0] if self.document.errors else "",
            latin=propose(name) if name and needs_latin(name) else "",
            ages=age_on(born, today) if born else None,
            people=len(told.members) if told else 0,
            female=sum(member.sex is Sex.FEMALE for member in told.members) if told else 0,
            children=sum(oldest < GROWN for _youngest, oldest in ages),
            older=sum(youngest >= OLDER for youngest, _oldest in ages),
        )

    def errors_anywhere(self) -> bool:
        """Whether any field, however deep, has something to say."""
        return bool({name: said for name, said in self.errors.items() if said})

    def _people(self, today: date, known: dict[UUID, NewMember]) -> tuple[list[NewMember], list[UUID | None], dict[int, int]]:
        """The members read, their ids, and which line became which member: blank lines are passed over."""
        people: list[NewMember] = []
        lines: list[UUID | None] = []
        places = {0: 0}
        for number, line in enumerate((entry.form for entry in self.members), start=1):
            line_id = _id(line.line.data)
            if line.is_blank and line_id is None:
                continue
            places[number] = len(people) + 1
            member = line.read(today, known.get(line_id) if line_id else None)
            if member is not None:
                people.append(member)
                lines.append(line_id if line_id in known else None)
        return people, lines, places

    def _collector(self, field: Field, places: dict[int, int], *, needed: bool = False) -> int | None:
        if field.data in {"", None, OTHER_PERSON} and not needed:
            return None
        line = int(field.data) if str(field.data).isascii() and str(field.data).isdigit() else -1
        if line not in places:
            _say(field, _("choose somebody who is on the form, for example the head of household"))
            return None
        if not needed and field.data == self.recipient.data:
            _say(field, _("choose somebody else, or nobody yet: the recipient already collects"))
        return places[line]

    def _other_person(self) -> str:
        name = _clean(self.alternate_name.data)
        if self.alternate.data == OTHER_PERSON and not name:
            _say(self.alternate_name, _("write who may collect, for example Juniper Moonbeam, or choose nobody yet"))
        return name if self.alternate.data == OTHER_PERSON else ""


def _clean(text: str | None) -> str:
    """Without marks nobody sees and spaces nobody meant; joiners that shape letters stay."""
    kept = (character for character in text or "" if unicodedata.category(character) not in {"Cc", "Cs"} or character.isspace())
    return " ".join("".join(kept).split())


def _name(field: Field) -> str | None:
    name = _clean(field.data)
    if not any(unicodedata.category(character).startswith("L") for character in name):
        _say(field, _("enter the name as the person says it, for example Juniper"))
        return None
    return name


def _read(field: Field, read: Any, *, optional: bool = False) -> Any:  # Any: whatever the reader makes of the text
    text = _clean(field.data)
    if optional and not text:
        return None
    try:
        return read(text)
    except Refused as problem:
        _say(field, problem.fix)
        return None


def _chosen(field: Field, kind: type[Any], fix: str) -> Any:  # Any: a member of the closed list, or None
    if field.data in {one.value for one in kind}:
        return kind(field.data)
    _say(field, fix)
    return None


def _told(field: Field) -> Told | None:
    """What the segment says the birth is; None when it says nothing we know."""
    return Told(field.data) if field.data in set(Told) else None


def _say(field: Field, fix: str) -> None:
    if not field.errors:
        field.errors = [fix]


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _documents(number: str, kept: NewMember | None) -> tuple[NewDocument, ...]:
    """The document of the form, beside those it does not show."""
    others = kept.documents[1:] if kept else ()
    if not number:
        return others
    same = kept.documents[0] if kept and kept.documents and kept.documents[0].number == number else None
    return (same or NewDocument(DocumentKind.OTHER, number), *others)


def _same_birth(born: Born, kept: NewMember | None) -> Born:
    """An age that was registered before stays the year it meant then, unless it was changed."""
    return kept.born if kept and kept.born.year == born.year and kept.born.is_estimate and born.is_estimate else born


def _as_told(born: Born) -> tuple[str, str]:
    if born.is_estimate:
        return "year", _in_line(born)
    return ("year", born.text) if born.text.isdigit() else ("date", born.text)


def _in_line(born: Born) -> str:
    return f"about {born.year}" if born.is_estimate else born.text
