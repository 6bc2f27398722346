"""What people type about places, their checks, days and services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wtforms import DateField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

import screening
from cbi.sites.checking import NewCheck
from cbi.sites.directory import Entry
from cbi.sites.overrides import Asked
from cbi.sites.standing import ELEMENTS, Element
from cbi.sites.tables import OverrideReason, ServiceKind, Site
from cbi.web.forms import PlainForm
from cbi.web.words import _l

SERVICE_WORDS = {
    ServiceKind.HEALTH: _l("Health"),
    ServiceKind.PSYCHOSOCIAL: _l("Someone to talk to"),
    ServiceKind.SHELTER: _l("A place to stay"),
    ServiceKind.LEGAL: _l("Legal advice"),
    ServiceKind.CHILD: _l("Children and families"),
    ServiceKind.ANTI_TRAFFICKING: _l("Help for people on the move"),
    ServiceKind.DISABILITY: _l("Disability and older people"),
    ServiceKind.DOCUMENTS: _l("Documents"),
    ServiceKind.FEEDBACK: _l("Feedback and complaints"),
    ServiceKind.OTHER: _l("Other help"),
}
REASON_WORDS = {
    OverrideReason.READY_ON_THE_DAY: _l("What is open will be put right before people come"),
    OverrideReason.WAITING_IS_WORSE: _l("Waiting, or going elsewhere, would be harder on people"),
    OverrideReason.URGENT_NEED: _l("People need the money before it can be put right"),
    OverrideReason.ACCESS_ENDS: _l("The place can be reached only until then"),
}


class SiteForm(PlainForm):
    """A place."""

    name = StringField(_l("Name"), [DataRequired(_l("enter the name people use, for example Bahari Field")), Length(max=80)])
    code = StringField(
        _l("Code"),
        [
            DataRequired(_l("enter a code of two to four letters, for example BH")),
            Regexp(r"^\s*[A-Za-z]{2,4}\s*$", message=_l("enter a code of two to four letters, for example BH")),
        ],
    )
    area = StringField(_l("Area"), [Length(max=120)])
    pcode = StringField(_l("Area code"), [Length(max=20)])


class SiteCheckForm(PlainForm):
    """Who answered, and when. The lines are added by `check_form`."""

    answered_on = DateField(_l("Answered on"), [InputRequired(_l("enter the day on which it was answered, for example 2026-11-23"))])
    with_protection = StringField(
        _l("For protection"), [DataRequired(_l("write who answered for protection, for example Marigold Quill")), Length(max=120)]
    )
    with_programme = StringField(
        _l("For the programme"), [DataRequired(_l("write who answered for the programme, for example Basil Cartwheel")), Length(max=120)]
    )

    def lines(self, element: Element) -> list[RadioField]:
        """The lines of one of the four panels."""
        return [self[item] for item in ELEMENTS[element]]

    def missing(self) -> int:
        """How many lines wait for an answer."""
        return sum(not self[item].data for items in ELEMENTS.values() for item in items)

    def new_check(self) -> NewCheck:
        """What was typed, for the service."""
        answers = {item: str(self[item].data) for items in ELEMENTS.values() for item in items}
        return NewCheck(answers, self.answered_on.data, self.with_protection.data, self.with_programme.data)


def check_form(instrument: screening.Instrument, **given: object) -> SiteCheckForm:
    """The check's form with its lines in the reader's language. Nothing is answered beforehand."""
    answers = [SelectChoice(phrase.id, phrase.text) for phrase in instrument.site_answers]
    lines = {
        item.id: RadioField(item.wording, [InputRequired(_l("answer this line"))], choices=answers, default=None)
        for item in instrument.site_items
    }
    return type("WholeSiteCheckForm", (SiteCheckForm,), lines)(**given)  # type: ignore[no-any-return]  # a form class made from data


class FixForm(PlainForm):
    """Who puts something right, by when, and whether it is done."""

    owner = StringField(
        _l("Who puts it right"), [DataRequired(_l("write who puts it right, for example Site team Bahari")), Length(max=120)]
    )
    due_on = DateField(_l("By"), [Optional()])


class OverrideForm(PlainForm):
    """Leave to confirm days although something is open: why, until when, and who answered for protection."""

    reason = RadioField(
        _l("Why"), [InputRequired(_l("choose why"))], choices=[SelectChoice(reason.value, words) for reason, words in REASON_WORDS.items()]
    )
    note = StringField(_l("How the day is arranged"), [Length(max=140)])
    with_protection = StringField(
        _l("For protection"), [DataRequired(_l("write who answered for protection, for example Marigold Quill")), Length(max=120)]
    )
    until = DateField(_l("Last day"), [InputRequired(_l("enter the last day it counts, at most 14 days from now"))])

    def asked(self) -> Asked:
        """What was typed, for the service."""
        return Asked(OverrideReason(self.reason.data), self.note.data or "", self.with_protection.data, self.until.data)


class DayForm(PlainForm):
    """A distribution day."""

    site = SelectField(_l("Place"), [InputRequired(_l("choose a place from the list"))])
    day = DateField(_l("Day"), [InputRequired(_l("enter the day, for example 2026-12-01"))])

    def offer(self, sites: Iterable[Site], chosen: str = "") -> DayForm:
        """The same, with these places to choose from."""
        self.site.choices = [SelectChoice("", _l("Choose a place")), *(SelectChoice(str(site.id), site.name) for site in sites)]
        self.site.data = self.site.data or chosen
        return self


class ServiceForm(PlainForm):
    """A service people can be told about."""

    kind = SelectField(_l("What it is for"), [InputRequired(_l("choose what it is for"))])
    name = StringField(_l("Organisation"), [DataRequired(_l("enter the organisation's name, for example Lantern Clinic")), Length(max=120)])
    contact = StringField(
        _l("Contact"), [DataRequired(_l("enter a number or place of the organisation, for example 0700 000 100")), Length(max=120)]
    )
    hours = StringField(_l("Hours"), [Length(max=80)])

    def offer(self) -> ServiceForm:
        """The same, with the kinds of service to choose from."""
        self.kind.choices = [SelectChoice("", _l("Choose")), *(SelectChoice(kind.value, words) for kind, words in SERVICE_WORDS.items())]
        return self

    def entry(self) -> Entry:
        """What was typed, for the service."""
        return Entry(ServiceKind(self.kind.data), self.name.data, self.contact.data, self.hours.data or "")


def answer_words(instrument: screening.Instrument) -> Mapping[str, str]:
    """What each answer is called in the reader's language."""
    return {phrase.id: phrase.text for phrase in instrument.site_answers}
