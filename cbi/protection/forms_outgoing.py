"""What is typed when somebody is brought to a service, a case is handed on, or it ends. Choices only; no field takes a story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from cbi.protection.cases import Dossier
from cbi.protection.closing import Again, Ending
from cbi.protection.forms import KeyedForm
from cbi.protection.outgoing import NEEDS, Consent, ConsentBy, Ground, Rejected, SafeContact, Satisfied, Scope, Status, Told, Urgency, Way
from cbi.protection.packet import is_key
from cbi.protection.referrals import Wish
from cbi.protection.snapshot import Office
from cbi.protection.tables import Officer
from cbi.protection.wording import HELPS
from cbi.protection.wording_outgoing import (
    AGAIN,
    ANSWERS,
    CONSENT_BY,
    CONSENTS,
    ENDINGS,
    FOCAL,
    GROUNDS,
    REJECTIONS,
    SATISFIED,
    SCOPES,
    URGENCIES,
    WAS_TOLD,
    WAYS,
)
from cbi.transfers.receiving import SLOTS
from cbi.web.forms import PlainForm
from cbi.web.words import _, _l

_K = TypeVar("_K", bound=StrEnum)


def _choices(words: Mapping[_K, object]) -> list[SelectChoice]:
    return [SelectChoice(str(value), text) for value, text in words.items()]


class ScopeForm(KeyedForm):
    """What may be told, and how the person is reached safely. Nothing is ticked beforehand."""

    scope = SelectMultipleField(_l("What may be told"), [Optional()], choices=_choices(SCOPES))
    phone = SelectField(_l("Phone number that is safe"), [Optional()], choices=())
    other_phone = StringField(_l("Or another number"), [Optional(), Length(max=24)])
    hours = SelectMultipleField(_l("Hours that are safe"), [Optional()], choices=[SelectChoice(slot, slot) for slot in SLOTS])

    def offer_contact(self, known: Dossier) -> None:
        """The numbers of this household, and the hours that were told."""
        phones = known.card.phones if known.card else ()
        self.phone.choices = [SelectChoice("", _("None")), *(SelectChoice(one, one) for one in phones)]
        if not self.is_submitted():
            self.hours.data = list(known.hours)

    def scoped(self) -> tuple[Scope, ...]:
        """What was ticked."""
        return tuple(Scope(one) for one in self.scope.data or ())

    def contact(self) -> SafeContact:
        """How the person is reached."""
        return SafeContact((self.other_phone.data or "").strip() or self.phone.data or "", tuple(self.hours.data or ()))


class ReferralForm(ScopeForm):
    """A person's word on being brought to a service."""

    consent = RadioField(_l("What the person said"), [InputRequired(_l("choose what the person said"))], choices=_choices(CONSENTS))
    consent_by = RadioField(_l("Who said it"), choices=_choices(CONSENT_BY), default=ConsentBy.SELF.value)
    service = SelectField(_l("Service"), [InputRequired(_l("choose the service"))], choices=())
    person = SelectField(_l("Who is brought"), [Optional()], choices=())
    needs = SelectMultipleField(_l("What they need at the service"), [Optional()], choices=_choices({one: HELPS[one] for one in NEEDS}))
    urgency = RadioField(_l("How soon"), choices=_choices(URGENCIES), default=Urgency.ROUTINE.value)
    way = RadioField(_l("How they come"), choices=_choices(WAYS), default=Way.PHONE.value)

    def offer(self, known: Dossier, office: Office) -> None:
        """The services of this place and the people of this household."""
        self.offer_contact(known)
        mine = [one for one in office.services if known.about.site_id is None or one.site_id == known.about.site_id]
        self.service.choices = [SelectChoice("", _("Choose the service")), *(SelectChoice(str(one.id), one.name) for one in mine)]
        members = known.card.members if known.card else ()
        self.person.choices = [SelectChoice(str(one.id), one.name) for one in members]
        if not self.is_submitted() and known.card:
            self.person.data = str(known.about.member_id or known.card.recipient_id or "")

    def wish(self) -> Wish:
        """What was said."""
        return Wish(
            service_id=UUID(self.service.data),
            person_id=UUID(self.person.data) if self.person.data else None,
            consent=Consent(self.consent.data),
            consent_by=ConsentBy(self.consent_by.data),
            scope=self.scoped(),
            contact=self.contact(),
            needs=tuple(self.needs.data or ()),
            urgency=Urgency(self.urgency.data),
            way=Way(self.way.data),
        )


class WithoutConsentForm(ReferralForm):
    """The exception, with its ground; two officers stand by it."""

    consent = HiddenField(default=Consent.REFUSED.value)
    ground = RadioField(_l("Why it cannot wait for consent"), [InputRequired(_l("choose the ground"))], choices=_choices(GROUNDS))
    told = RadioField(_l("Was the person told"), [InputRequired(_l("choose whether the person was told"))], choices=_choices(WAS_TOLD))

    def wish(self) -> Wish:
        """What two officers are asked to stand by."""
        return Wish(
            service_id=UUID(self.service.data),
            person_id=UUID(self.person.data) if self.person.data else None,
            consent=Consent.REFUSED,
            scope=self.scoped(),
            contact=self.contact(),
            needs=tuple(self.needs.data or ()),
            urgency=Urgency.URGENT,
            way=Way(self.way.data),
            ground=Ground(self.ground.data),
            told=Told(self.told.data),
        )


class ReferralAnswerForm(KeyedForm):
    """What the service said, or how it ended."""

    status = RadioField(_l("What happened"), [InputRequired(_l("choose what happened"))], choices=_choices(ANSWERS))
    rejected = SelectField(_l("Why the service does not take the person"), [Optional()], choices=())
    satisfied = RadioField(_l("Was the person content"), choices=_choices(SATISFIED), default=Satisfied.NOT_ASKED.value)

    def offer(self) -> None:
        """The closed list of reasons."""
        self.rejected.choices = [SelectChoice("", _("None")), *_choices(REJECTIONS)]

    def came(self) -> Status:
        """What happened."""
        return Status(self.status.data)

    def why(self) -> Rejected | None:
        """Why the service does not take the person."""
        return Rejected(self.rejected.data) if self.rejected.data else None

    def content(self) -> Satisfied:
        """What the person said afterwards."""
        return Satisfied(self.satisfied.data)


class LockedPaperForm(PlainForm):
    """The key of a locked paper, as it was shown."""

    paper_key = HiddenField()

    def shown(self) -> str:
        """The key; "" when it is not one of ours."""
        told = self.paper_key.data or ""
        return told if is_key(told) else ""


class OfferForm(KeyedForm):
    """To which officer."""

    to = SelectField(_l("Officer"), [InputRequired(_l("choose an officer"))], choices=())

    def offer(self, officers: Sequence[Officer]) -> None:
        """Those who work there."""
        self.to.choices = [SelectChoice(str(one.id), one.name) for one in officers]


class FocalForm(ScopeForm):
    """To which focal point, and what they may be told."""

    to = RadioField(_l("To whom"), [InputRequired(_l("choose a focal point"))], choices=())
    agreed = BooleanField(_l("The person agreed to exactly this, aloud; for a child the caregiver and the child"))

    def offer(self, known: Dossier, points: Sequence[Officer]) -> None:
        """The focal points who do not work there."""
        self.offer_contact(known)
        self.scope.choices = [one for one in _choices(SCOPES) if one.value != Scope.ACCESS_NEEDS.value]
        self.to.choices = [SelectChoice(str(one.id), f"{one.name}, {FOCAL[one.role]}") for one in points]


class CloseForm(KeyedForm):
    """Why a case ends."""

    ending = RadioField(_l("Why it ends"), [InputRequired(_l("choose why it ends"))], choices=())

    def offer(self, endings: Mapping[Ending, str]) -> None:
        """Those of the closed list that could be meant."""
        self.ending.choices = [SelectChoice(one.value, ENDINGS[one]) for one in endings]


class ReopenForm(KeyedForm):
    """Why a case is opened again."""

    because = RadioField(_l("Why it is opened again"), [InputRequired(_l("choose why it is opened again"))], choices=_choices(AGAIN))

    def why(self) -> Again:
        """The reason of the list."""
        return Again(self.because.data)
