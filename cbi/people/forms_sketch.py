"""What an unfinished household form already tells: for the look at who is alike while somebody types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cbi.people.born import age_on, read_born
from cbi.people.clean import clean
from cbi.people.contact import read_document, read_phone
from cbi.people.forms import HouseholdForm
from cbi.people.forms_people import documents_of, read_field
from cbi.people.latin import needs_latin, propose
from cbi.people.tables import Consent, Relation, Sex
from cbi.people.values import Born, NewHousehold, NewMember
from cbi.store.ids import id_of

GROWN, OLDER = 18, 60


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


def sketch(form: HouseholdForm, today: date, country: str) -> Sketch:
    """What can be said of a form that is still being filled in."""
    phone = read_field(form.phone, lambda text: read_phone(text, country), optional=True)
    document = read_field(form.document, read_document, optional=True)
    head = form.head
    born = read_field(head["born"], lambda text: read_born(text, today), optional=True)
    sex = Sex(head["sex"].data) if head["sex"].data in set(Sex) else Sex.FEMALE
    name = clean(f"{head['given'].data or ''} {head['family'].data or ''}")
    people, _lines, _places = form.people(today, {})
    site = id_of(form.site.data)
    told = None
    if name and site:
        birth = born or Born("~1", 1)
        latin = clean(head["latin"].data)
        first = NewMember(
            given=name, latin=latin, sex=sex, born=birth, relation=Relation.HEAD, documents=documents_of(document or "", None)
        )
        told = NewHousehold(
            site_id=site,
            members=(first, *people),
            consent=Consent.THINKING,
            shelter=clean(form.shelter.data),
            phones=(phone,) if phone else (),
        )
    everyone = [member for member in (told.members if told else ()) if member.born.year > 1]
    ages = [age_on(member.born, today) for member in everyone]
    return Sketch(
        told=told,
        phone=phone or "",
        phone_fix=form.phone.errors[0] if form.phone.errors else "",
        document_fix=form.document.errors[0] if form.document.errors else "",
        latin=propose(name) if name and needs_latin(name) else "",
        ages=age_on(born, today) if born else None,
        people=len(told.members) if told else 0,
        female=sum(member.sex is Sex.FEMALE for member in told.members) if told else 0,
        children=sum(oldest < GROWN for _youngest, oldest in ages),
        older=sum(youngest >= OLDER for youngest, _oldest in ages),
    )
