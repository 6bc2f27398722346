"""What is typed in the room. There is no field for a story anywhere: choices, days and hours only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Self
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields import TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from cbi.access import Role
from cbi.protection.cases import Dossier
from cbi.protection.history import Choice, Outcome
from cbi.protection.officers import OFFERED, NewOfficer
from cbi.protection.practice import Ruling
from cbi.protection.setup import Notice, SecondPerson
from cbi.protection.snapshot import Office
from cbi.protection.wording import CHOICES, DAYS, HELPS, MECHANISMS, MESSAGES, OUTCOMES, TIMES
from cbi.transfers.receiving import SLOTS
from cbi.transfers.tables import ArrangementKind
from cbi.web.forms import PlainForm, key_of
from cbi.web.frame import ROLE_NAMES
from cbi.web.words import _, _l

_LONGEST = 128


class SignInForm(PlainForm):
    """Name, passphrase, code."""

    name = StringField(_l("Sign-in name"), [DataRequired(_l("enter your sign-in name")), Length(max=60)])
    passphrase = PasswordField(_l("Passphrase"), [DataRequired(_l("enter your passphrase")), Length(max=4 * _LONGEST)])
    code = StringField(
        _l("Code"), [DataRequired(_l("enter the six digits your authenticator shows now, or a recovery code")), Length(max=60)]
    )


class KeyedForm(PlainForm):
    """A form that counts once, however often it is sent, and only while what it was drawn from still stands."""

    client_key = HiddenField()
    revision = HiddenField()

    def begin(self, revision: int | None = None) -> Self:
        """Give a fresh form its key and the revision it is drawn from; one that was sent keeps its own."""
        if not self.client_key.data:
            self.client_key.data = str(uuid4())
        if not self.is_submitted():
            self.revision.data = "" if revision is None else str(revision)
        return self

    @property
    def seen(self) -> int | None:
        """The revision it was drawn from; None when it names none."""
        told = self.revision.data or ""
        return int(told) if told.isdecimal() else None

    @property
    def key(self) -> UUID | None:
        """The form's own key; None when it was tampered with."""
        return key_of(self.client_key.data)


class ContactForm(KeyedForm):
    """Whether the person was reached, and when to come back."""

    outcome = RadioField(
        _l("What happened"),
        [InputRequired(_l("choose what happened"))],
        choices=[SelectChoice(outcome.value, words) for outcome, words in OUTCOMES.items()],
    )
    back_on = DateField(_l("Come back on"), [Optional()])
    back_at = TimeField(_l("At"), [Optional()])

    def came(self) -> Outcome:
        """What happened."""
        return Outcome(self.outcome.data)

    def back(self, zone: str) -> datetime | None:
        """When to come back, in the office's zone."""
        day: date | None = self.back_on.data
        hour: time | None = self.back_at.data
        return None if day is None else datetime.combine(day, hour or time(9), ZoneInfo(zone))


class DecideForm(KeyedForm):
    """What was decided with the person; the arrangement is the same as at any desk."""

    choice = RadioField(
        _l("Decision"),
        [InputRequired(_l("choose what was decided"))],
        choices=[SelectChoice(choice.value, words) for choice, words in CHOICES.items()],
        default=Choice.CONTINUE.value,
    )
    agreed = BooleanField(_l("The person agreed to exactly this, aloud"))
    next_check = DateField(_l("Next date"), [Optional()])
    service = SelectField(_l("Service"), [Optional()], choices=())
    site = SelectField(_l("Place"), [Optional()], choices=())
    mechanism = SelectField(_l("Way to pay"), [Optional()], choices=())
    account = StringField(_l("New account or phone number"), [Optional(), Length(max=40)])
    recipient = SelectField(_l("Recipient"), [Optional()], choices=())
    collector = SelectField(_l("A member who collects"), [Optional()], choices=())
    collector_name = StringField(_l("Or another adult: full name"), [Optional(), Length(max=80)])
    collector_contact = StringField(_l("Their phone number"), [Optional(), Length(max=40)])
    shares = SelectMultipleField(_l("Separate transfers to"), [Optional()], choices=())
    parts = SelectField(
        _l("Smaller parts"), [Optional()], choices=[SelectChoice("", _l("No change")), *(SelectChoice(str(n), str(n)) for n in (2, 3, 4))]
    )
    messages = SelectField(_l("Messages"), [Optional()], choices=())
    keep = BooleanField(_l("Keep it until the person asks"))
    day = SelectMultipleField(_l("Days and hours that suit"), [Optional()], choices=[SelectChoice(slot, slot) for slot in SLOTS])
    help = SelectMultipleField(
        _l("Help at the place"), [Optional()], choices=[SelectChoice(kind.value, words) for kind, words in HELPS.items()]
    )

    def offer(self, known: Dossier, office: Office) -> None:
        """Fill the lists with what this household and office have."""
        nothing = SelectChoice("", _("No change"))
        members = known.card.members if known.card else ()
        adults = [SelectChoice(str(one.id), one.name) for one in members if one.adult]
        self.site.choices = [nothing, *(SelectChoice(str(site_id), name) for site_id, name in office.sites.items())]
        self.mechanism.choices = [nothing, *(SelectChoice(kind.value, words) for kind, words in MECHANISMS.items())]
        self.recipient.choices = [nothing, *adults]
        self.shares.choices = adults
        self.collector.choices = [nothing, *adults]
        self.messages.choices = [nothing, *(SelectChoice(kind.value, words) for kind, words in MESSAGES.items())]
        mine = [one for one in office.services if known.about.site_id is None or one.site_id == known.about.site_id]
        self.service.choices = [SelectChoice("", _("None")), *(SelectChoice(str(one.id), one.name) for one in mine)]

    def ruling(self) -> Ruling:
        """What was decided."""
        choice = Choice(self.choice.data)
        return Ruling(
            choice=choice,
            agreed=bool(self.agreed.data),
            changes=self._changes() if choice is Choice.CHANGE else {},
            service_id=UUID(self.service.data) if choice is Choice.REFER and self.service.data else None,
            next_check=self.next_check.data,
        )

    def _changes(self) -> dict[ArrangementKind, object]:
        collector = {
            "member": self.collector.data or "",
            "name": self.collector_name.data or "",
            "contact": self.collector_contact.data or "",
        }
        wished: dict[ArrangementKind, object] = {
            ArrangementKind.SITE: self.site.data,
            ArrangementKind.DAY: self.day.data,
            ArrangementKind.MECHANISM: {"mechanism": self.mechanism.data, "account": self.account.data or ""}
            if self.mechanism.data
            else "",
            ArrangementKind.COLLECTOR: collector if collector["member"] or collector["name"] else "",
            ArrangementKind.RECIPIENT: self.recipient.data,
            ArrangementKind.SHARES: self.shares.data,
            ArrangementKind.PARTS: self.parts.data,
            ArrangementKind.MESSAGES: self.messages.data,
            ArrangementKind.KEEP: True if self.keep.data else "",
            ArrangementKind.HELP: self.help.data,
        }
        return {kind: value for kind, value in wished.items() if value}


class SecondForm(KeyedForm):
    """The second officer's answer."""

    answer = RadioField(
        _l("Your answer"),
        [InputRequired(_l("choose your answer"))],
        choices=[
            SelectChoice("stand_by", _l("I talked about it and stand by it")),
            SelectChoice("again", _l("Talk it over with the person again")),
        ],
    )


class WithdrawForm(KeyedForm):
    """The person takes back what she said."""

    plan = RadioField(
        _l("What was arranged with the person"),
        [InputRequired(_l("choose what the person wishes"))],
        choices=[SelectChoice("keep", _l("Keep it")), SelectChoice("drop", _l("Drop what was not sent yet"))],
        default="keep",
    )


class SecondPersonFields(PlainForm):
    """Who stands by: another officer, or the holder of the recovery sheet."""

    second_name = StringField(_l("Second officer's sign-in name"), [Optional(), Length(max=60)])
    second_passphrase = PasswordField(_l("Their passphrase"), [Optional(), Length(max=4 * _LONGEST)])
    second_code = StringField(_l("Their code"), [Optional(), Length(max=60)])
    sheet = PasswordField(_l("Or the recovery sheet"), [Optional(), Length(max=200)])

    def second(self) -> SecondPerson:
        """Who stands by, as typed."""
        return SecondPerson(
            self.second_name.data or "", self.second_passphrase.data or "", self.second_code.data or "", self.sheet.data or ""
        )


class OfficerForm(SecondPersonFields):
    """Somebody who is to join."""

    sign_in_name = StringField(_l("Sign-in name"), [DataRequired(_l("enter a sign-in name, for example t.halfmoon")), Length(max=60)])
    name = StringField(_l("Name"), [DataRequired(_l("enter the name")), Length(max=120)])
    role = SelectField(
        _l("Seat"), [DataRequired(_l("choose a seat"))], choices=[SelectChoice(role.value, ROLE_NAMES[role]) for role in OFFERED]
    )
    sites = SelectMultipleField(_l("Places (none ticked: everywhere)"), [Optional()], choices=())
    passphrase = PasswordField(
        _l("Their new passphrase, typed by themselves"), [DataRequired(_l("let them type a passphrase")), Length(max=4 * _LONGEST)]
    )

    def offer(self, office: Office) -> None:
        """The places of this office."""
        self.sites.choices = [SelectChoice(str(site_id), name) for site_id, name in office.sites.items()]

    def new(self) -> NewOfficer:
        """Who is to join."""
        return NewOfficer(
            sign_in_name=self.sign_in_name.data or "",
            name=self.name.data or "",
            role=Role(self.role.data),
            passphrase=self.passphrase.data or "",
            sites=tuple(UUID(site) for site in self.sites.data or ()),
        )


class ResetForm(SecondPersonFields):
    """A new passphrase for somebody."""

    passphrase = PasswordField(
        _l("Their new passphrase, typed by themselves"), [DataRequired(_l("let them type a passphrase")), Length(max=4 * _LONGEST)]
    )


class NoticeForm(PlainForm):
    """Where, when and how many in a week, and who is on call."""

    week = DateField(_l("The Monday it begins on"), [DataRequired(_l("choose the Monday on which the week begins"))])
    days = SelectMultipleField(_l("Days at each place"), [Optional()], choices=())
    interviews = IntegerField(
        _l("At most so many talks"),
        [
            InputRequired(_l("enter how many talks are possible in the week, for example 40")),
            NumberRange(0, 10_000, _l("enter a number up to 10,000")),
        ],
    )
    on_call = StringField(_l("On call"), [Length(max=120)])
    on_call_phone = StringField(_l("Their phone"), [Length(max=40)])

    def offer(self, sites: Sequence[UUID]) -> None:
        """Seven days of every place."""
        self.days.choices = [SelectChoice(f"{site_id}/{number}", f"{number}") for site_id in sites for number in range(7)]

    def read(self) -> Notice:
        """The notice as typed."""
        days: dict[UUID, list[date]] = {}
        for ticked in self.days.data or ():
            site, number = ticked.split("/")
            days.setdefault(UUID(site), []).append(date.fromordinal(self.week.data.toordinal() + int(number)))
        return Notice(self.week.data, days, self.interviews.data, self.on_call.data or "", self.on_call_phone.data or "")


class PlainPost(PlainForm):
    """A form of one button."""


SLOT_DAYS = tuple(DAYS.items())
SLOT_TIMES = tuple(TIMES.items())
