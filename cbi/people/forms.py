"""What people type into the household form, read into a registration; whatever cannot be read says at its field what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from wtforms import Field, FieldList, HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from cbi.people.clean import clean
from cbi.people.contact import read_document, read_phone
from cbi.people.forms_people import NAME_LENGTH, SHORT, Head, HeadPart, Line, MemberPart, choices, chosen, read_field, say
from cbi.people.spoken import consent_texts
from cbi.people.tables import Consent, PopulationGroup
from cbi.people.values import NewHousehold, NewMember, same_person
from cbi.store.ids import id_of
from cbi.web.forms import PlainForm
from cbi.web.words import _, _l

BLANK_LINES = 3
LARGEST = 60
OTHER_PERSON = "other"


@dataclass(frozen=True, slots=True)
class Read:
    """What the form says. lines: beside its members, the ids of those already registered."""

    told: NewHousehold
    lines: tuple[UUID | None, ...]


class HouseholdForm(PlainForm):
    """A household, for registering and for putting right."""

    place_is_kept = False
    client_key = HiddenField("")
    version = HiddenField("", default="1")
    site = SelectField(_l("Site"), [InputRequired(_l("choose a site"))], choices=[], validate_choice=False)
    shelter = StringField(_l("Block, shelter"), [SHORT])
    group = SelectField(_l("Population group"), choices=choices(PopulationGroup))
    head = Head(HeadPart, "")
    phone = StringField(_l("Phone"), [SHORT])
    document = StringField(_l("Document"), [SHORT])
    members = FieldList(Line(MemberPart, ""), "", max_entries=LARGEST - 1)
    recipient = SelectField(_l("Recipient"), choices=[], default="0", validate_choice=False)
    alternate = SelectField(_l("Alternate collector"), choices=[], default="", validate_choice=False)
    alternate_name = StringField(_l("Name of somebody outside the household"), [NAME_LENGTH])
    consent_language = SelectField(_l("Read in"), choices=[SelectChoice(text.language, text.own_name) for text in consent_texts().values()])
    consent = RadioField(_l("Does the person agree?"), choices=choices(Consent), validate_choice=False)

    def add_lines(self, count: int) -> None:
        """More empty lines for members."""
        for _line in range(min(count, LARGEST - 1 - len(self.members))):
            self.members.append_entry()

    def prepare(self, sites: Sequence[tuple[UUID, str]]) -> None:
        """Give the selects their answers: the sites, one of which it must be from now on, and the people of the form by name or line."""
        self.site.choices = [SelectChoice(str(site_id), name) for site_id, name in sites]
        self.site.validate_choice = True
        people = [
            SelectChoice("0", clean(f"{self.head['given'].data or ''} {self.head['family'].data or ''}") or _("The head of household"))
        ]
        for place, line in enumerate(self.members, start=1):
            people.append(SelectChoice(str(place), clean(line["name"].data) or _("Member %(number)s", number=place + 1)))
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
        document = read_field(self.document, read_document, optional=True)
        phone = read_field(self.phone, lambda text: read_phone(text, country), optional=True)
        head = self.head.read(today, document or "", known.get(head_id) if head_id else None)
        people, lines, places = self.people(today, known)
        consent = chosen(self.consent, Consent, _l("ask whether the person agrees, and choose the answer"))
        site = self._site()
        self._refuse_twice(head, people)
        recipient = self._collector(self.recipient, places, needed=True)
        alternate = self._collector(self.alternate, places)
        other = self._other_person()
        if self.errors_anywhere() or site is None or head is None or consent is None:
            return None
        told = NewHousehold(
            site_id=site,
            members=(head, *people),
            consent=consent,
            group=PopulationGroup(self.group.data),
            shelter=clean(self.shelter.data),
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
        self.head.fill(told.head)
        self.phone.data = told.phones[0] if told.phones else ""
        self.document.data = told.head.documents[0].number if told.head.documents else ""
        for member_id, member in zip(member_ids[1:], told.members[1:], strict=True):
            line = self.members.append_entry()
            line["line"].data = str(member_id)
            line.fill(member)
        self.recipient.data = "0" if told.recipient is None else str(told.recipient)
        self.alternate.data = OTHER_PERSON if told.alternate_name else "" if told.alternate is None else str(told.alternate)
        self.alternate_name.data = told.alternate_name

    @property
    def seen_version(self) -> int:
        """Which state of the household the form was drawn from; 0, which none has, when that was tampered with."""
        text = str(self.version.data)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0  # noqa: PLR2004 -- a count of corrections

    def errors_anywhere(self) -> bool:
        """Whether any field, however deep, has something to say. A list of lines forgets what its lines say after it was validated: each is asked."""
        return any(field.errors for field in self) or any(line.errors for line in self.members)

    def people(self, today: date, known: dict[UUID, NewMember]) -> tuple[list[NewMember], list[UUID | None], dict[int, int]]:
        """The members read, their ids, and which line became which member: blank lines are passed over."""
        people: list[NewMember] = []
        lines: list[UUID | None] = []
        places = {0: 0}
        for number, line in enumerate(self.members, start=1):
            line_id = id_of(line["line"].data)
            if line.is_blank and line_id is None:
                continue
            places[number] = len(people) + 1
            member = line.read(today, known.get(line_id) if line_id else None)
            if member is not None:
                people.append(member)
                lines.append(line_id if line_id in known else None)
        return people, lines, places

    def _refuse_twice(self, head: NewMember | None, people: Sequence[NewMember]) -> None:
        """One person on two lines: the same name and the same birth."""
        filled = [line for line in self.members if not line.is_blank]
        if head is None or len(people) != len(filled):
            return
        seen = {same_person(head)}
        for line, member in zip(filled, people, strict=True):
            if same_person(member) in seen:
                say(line["name"], _("take this person out, or correct the name or birth: the same person is on the form already"))
            seen.add(same_person(member))

    def _site(self) -> UUID | None:
        """The site; whether it is one of this operation's is seen when the household is saved."""
        site = id_of(self.site.data)
        if site is None:
            say(self.site, _("choose a site"))
        return site

    def _collector(self, field: Field, places: dict[int, int], *, needed: bool = False) -> int | None:
        if field.data in {"", None, OTHER_PERSON} and not needed:
            return None
        line = int(field.data) if str(field.data).isascii() and str(field.data).isdigit() else -1
        if line not in places:
            say(field, _("choose somebody who is on the form, for example the head of household"))
            return None
        if not needed and field.data == self.recipient.data:
            say(field, _("choose somebody else, or nobody yet: the recipient already collects"))
        return places[line]

    def _other_person(self) -> str:
        name = clean(self.alternate_name.data)
        if self.alternate.data == OTHER_PERSON and not name:
            say(self.alternate_name, _("write who may collect, for example Juniper Moonbeam, or choose nobody yet"))
        return name if self.alternate.data == OTHER_PERSON else ""
