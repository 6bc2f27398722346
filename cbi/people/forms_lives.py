"""Forms for what changes in the life of a household: each asks only what its change needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from wtforms import BooleanField, DateField, FieldList, Form, FormField, HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from cbi.errors import Refused
from cbi.people.born import read_born
from cbi.people.clean import clean
from cbi.people.contact import read_phone
from cbi.people.forms_people import NAME_LENGTH, SHORT, choices, chosen, name_in, read_field, say
from cbi.people.lives_homes import Split
from cbi.people.lives_people import STAYS, Gone, NewHead
from cbi.people.registered import Registered
from cbi.people.spoken import consent_texts
from cbi.people.tables import Consent, Relation, Sex
from cbi.people.tables_lives import ChangeKind, Means
from cbi.people.values import NewMember
from cbi.people.words_lives import MEANS, WENT_WORDS
from cbi.store.ids import id_of
from cbi.web.forms import PlainForm, PlainPart
from cbi.web.words import _, _l

_SITE_NEEDED = _l("choose the site where the household lives now")
_SHELTER = Length(max=60, message=_l("make this shorter: at most 60 characters"))


class SeenForm(PlainForm):
    """A form about a household as the person saw it. seen: its version then."""

    seen = HiddenField()

    @property
    def version(self) -> int:
        """The version seen; 0, which no household has, for anything else."""
        text = self.seen.data or ""
        return int(text) if text.isascii() and text.isdigit() else 0


class PersonPart(PlainPart, Form):  # type: ignore[misc]  # wtforms has no types
    """One of a household's people on a line."""

    member = HiddenField()
    goes = BooleanField(_l("Goes"))
    relation = SelectField(_l("To the head"), choices=choices(Relation, leave_out=(Relation.HEAD,), first="–"), default="")


class PeopleForm(SeenForm):
    """A form with a line for each person it is about."""

    people = FieldList(FormField(PersonPart))

    def fill_people(self, people: Iterable[tuple[UUID, str]]) -> None:
        """A line each, with the relation that is kept so far; what was sent stays."""
        if not self.people.entries:
            for member_id, relation in people:
                self.people.append_entry({"member": str(member_id), "relation": relation})

    def relations(self) -> dict[UUID, Relation]:
        """Who each person is to the head, of those who have an answer."""
        lines = ((id_of(line.form.member.data), line.form.relation.data) for line in self.people)
        return {member_id: Relation(answer) for member_id, answer in lines if member_id and answer in set(Relation)}

    def going(self) -> list[UUID]:
        """Those who go."""
        lines = ((id_of(line.form.member.data), line.form.goes.data) for line in self.people)
        return [member_id for member_id, goes in lines if member_id and goes]


class SplitForm(PeopleForm):
    """Who goes, who leads and receives for them, and what they said."""

    head = SelectField(_l("Head of the new household"), [InputRequired(_l("choose who leads the new household"))])
    recipient = SelectField(_l("Who receives for them"), [InputRequired(_l("choose who receives for the new household"))])
    stays_recipient = SelectField(_l("Who receives for those who stay"), default="")
    shelter = StringField(_l("Shelter"), [_SHELTER])
    phone = StringField(_l("Phone"), [SHORT])
    language = SelectField(
        _l("Consent text read in"), choices=[SelectChoice(text.language, text.own_name) for text in consent_texts().values()]
    )
    consent = RadioField(
        _l("What does the new head say?"), [InputRequired(_l("read the text, ask, and choose the answer"))], choices=choices(Consent)
    )

    def offer(self, kept: Registered) -> None:
        """Who may be chosen."""
        others = _people(kept)[1:]
        self.head.choices = [SelectChoice("", "–"), *others]
        self.recipient.choices = [SelectChoice("", "–"), *others]
        self.stays_recipient.choices = [SelectChoice("", _l("As now")), *_people(kept)]
        self.fill_people((member_id, "") for member_id in kept.member_ids[1:])

    def read(self, country: str) -> Split | None:
        """The split; None when something needs the registrar."""
        phone = read_field(self.phone, lambda text: read_phone(text, country), optional=True)
        if self.phone.errors:
            return None
        return Split(
            leaving=self.going(),
            head_id=UUID(self.head.data),
            recipient_id=UUID(self.recipient.data),
            relations=self.relations(),
            stays_recipient_id=id_of(self.stays_recipient.data),
            consent=Consent(self.consent.data),
            consent_version=consent_texts()[self.language.data].version,
            consent_language=self.language.data,
            shelter=clean(self.shelter.data),
            phone=phone or "",
        )


class HeadForm(PeopleForm):
    """Who leads the household from now on, and who receives."""

    why = RadioField(
        _l("What happened to the head?"),
        [InputRequired(_l("say what happened to who was head until now"))],
        choices=[
            SelectChoice(ChangeKind.DIED.value, _l("Died")),
            SelectChoice(ChangeKind.LEFT.value, _l("Left the household")),
            SelectChoice(STAYS, _l("Stays as a member")),
        ],
    )
    head = SelectField(_l("Head from now on"), [InputRequired(_l("choose who leads the household from now on"))])
    recipient = SelectField(_l("Who receives"), [InputRequired(_l("ask the household who receives, and choose"))])
    alternate = SelectField(_l("Alternate collector"), default="")

    def offer(self, kept: Registered) -> None:
        """Who may be chosen."""
        everybody = _people(kept)
        self.head.choices = [SelectChoice("", "–"), *everybody[1:]]
        self.recipient.choices = [SelectChoice("", "–"), *everybody]
        self.alternate.choices = [SelectChoice("", _l("Nobody yet")), *everybody]
        self.fill_people((member_id, "") for member_id in kept.member_ids)

    def read(self) -> NewHead:
        """Who it is."""
        return NewHead(
            head_id=UUID(self.head.data),
            why=self.why.data,
            recipient_id=UUID(self.recipient.data),
            alternate_id=id_of(self.alternate.data),
            relations=self.relations(),
        )


class JoinForm(PeopleForm):
    """Who each of those who come is to the head."""


class OtherForm(SeenForm):
    """Which household comes."""

    number = StringField(
        _l("Number of the household that comes"), [InputRequired(_l("enter its registration number, for example BH-20417-6")), SHORT]
    )


class MoveForm(SeenForm):
    """Where the household lives now."""

    site = SelectField(_l("Site"), [InputRequired(_SITE_NEEDED)])
    shelter = StringField(_l("Shelter"), [_SHELTER])

    def offer(self, sites: Sequence[tuple[UUID, str]], now: UUID) -> None:
        """Every other site."""
        self.site.choices = [SelectChoice("", "–"), *(SelectChoice(str(one), name) for one, name in sites if one != now)]


class GoneForm(SeenForm):
    """Who died or left."""

    member = SelectField(_l("Who?"), [InputRequired(_l("choose who it is"))])
    why = RadioField(
        _l("What happened?"),
        [InputRequired(_l("say whether this person died or left"))],
        choices=[SelectChoice(kind.value, words) for kind, words in WENT_WORDS.items()],
    )
    recipient = SelectField(_l("Who receives now, when it was this person"), default="")

    def offer(self, kept: Registered) -> None:
        """Who may be chosen; the head has a page of their own."""
        self.member.choices = [SelectChoice("", "–"), *_people(kept)[1:]]
        self.recipient.choices = [SelectChoice("", _l("As now")), *_people(kept)]


class BornForm(SeenForm):
    """A child who was born, or who else is new in the household."""

    name = StringField(_l("Name"), [NAME_LENGTH])
    born = StringField(_l("Born"), [SHORT])
    sex = RadioField(_l("Sex"), [InputRequired(_l("choose a sex, for example Female"))], choices=choices(Sex))
    relation = SelectField(
        _l("To the head"),
        [InputRequired(_l("choose who the child is to the head"))],
        choices=choices(Relation, leave_out=(Relation.HEAD,), first="–"),
    )

    def read(self, today: date) -> NewMember | None:
        """The person; None when something needs the registrar."""
        name = name_in(self.name)
        born = read_field(self.born, lambda text: read_born(text, today))
        sex, relation = chosen(self.sex, Sex, _("choose a sex")), chosen(self.relation, Relation, _("choose who the child is to the head"))
        if name is None or born is None or sex is None or relation is None:
            return None
        return NewMember(given=name, sex=sex, born=born, relation=relation)


class ReturnedForm(SeenForm):
    """Who is back."""

    who = RadioField(_l("Who is back?"), [InputRequired(_l("choose who is back"))])
    relation = SelectField(
        _l("To the head"),
        [InputRequired(_l("choose who this person is to the head"))],
        choices=choices(Relation, leave_out=(Relation.HEAD,), first="–"),
    )

    def offer(self, gone: Sequence[Gone]) -> None:
        """Who left and is known."""
        self.who.choices = [SelectChoice(str(one.change_id), one.name) for one in gone]


class IdentifiedForm(SeenForm):
    """How somebody without a document was known, and until when that counts."""

    member = SelectField(_l("Who came?"), [InputRequired(_l("choose who came"))])
    means = RadioField(
        _l("How was the person known?"),
        [InputRequired(_l("choose how the person was known"))],
        choices=[SelectChoice(one.value, words) for one, words in MEANS.items()],
    )
    until = DateField(_l("Counts until"), [InputRequired(_l("enter a date, for example 2026-12-10"))])

    def offer(self, kept: Registered) -> None:
        """Who may be chosen."""
        self.member.choices = [SelectChoice("", "–"), *_people(kept)]

    @property
    def how(self) -> Means:
        """The means that was chosen."""
        return Means(self.means.data)


class SureForm(SeenForm):
    """A step that is asked for once more before it is done."""

    sure = BooleanField(_l("I asked the person, and they want this"), [InputRequired(_l("ask the person, and tick that they want this"))])


def read_other(form: OtherForm, found: Mapping[str, UUID]) -> UUID | None:
    """The household of the number typed; None with words at the field."""
    if len(found) != 1:
        say(form.number, _("check the registration number, for example BH-20417-6: no household has it"))
        return None
    return next(iter(found.values()))


def refused(form: PlainForm, refusal: Refused) -> None:
    """Show why something was not done at the head of the page."""
    form.form_errors = [*form.form_errors, refusal.fix]


def _people(kept: Registered) -> list[SelectChoice]:
    return [SelectChoice(str(member_id), member.name) for member_id, member in zip(kept.member_ids, kept.told.members, strict=True)]
