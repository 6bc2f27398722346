"""What leaves the room towards people, as it is kept: referrals to services and hand-overs to focal points.

Never: what happened, when, where, who did it, of what kind, a story, an attachment. There is no field for any of it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlmodel import col, select

from cbi.access import Role
from cbi.errors import Refused
from cbi.protection.dossier import each
from cbi.protection.purge import Others
from cbi.protection.tables import Handover, Referral
from cbi.store.work import Reading
from cbi.transfers.receiving import Help
from cbi.web.words import _

_LENGTH, _CONTACT_LENGTH, _STUB_LENGTH = 1536, 512, 512
# Letters and figures that are not mistaken for one another on paper or on the telephone.
SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP = 4
_DIGITS, _PHONE_SIGNS = range(6, 16), frozenset("+0123456789 -()")
# How soon a service has to say that it takes the person.
ANSWER_IN = timedelta(hours=48)
ANSWER_IN_URGENT = timedelta(hours=24)

# What a service can do about: not where and how somebody is paid.
NEEDS = (Help.FIRST, Help.HELPER, Help.WOMEN_STAFF, Help.TRANSPORT, Help.HOME, Help.CARE, Help.FORMAT, Help.OTHER_ID)


class Consent(StrEnum):
    """What the person said about being brought to a service. INFO_ONLY: they take the information and go themselves, or not."""

    GIVEN = "given"
    REFUSED = "refused"
    INFO_ONLY = "info_only"


class ConsentBy(StrEnum):
    """Who said it: the person, or for a child the caregiver with the child's own assent."""

    SELF = "self"
    CAREGIVER = "caregiver_assent"


class Scope(StrEnum):
    """What the service may be told. There is nothing else to tell it."""

    FIRST_NAME = "first_name"
    FULL_NAME = "full_name"
    PHONE = "phone"
    SAFE_HOURS = "safe_hours"
    LANGUAGE = "language"
    ACCESS_NEEDS = "access_needs"


class Urgency(StrEnum):
    """How soon the service has to answer."""

    ROUTINE = "routine"
    URGENT = "urgent"


class Way(StrEnum):
    """How the person comes to the service."""

    CARD = "card"
    PHONE = "phone"
    ACCOMPANIED = "accompanied"


class Status(StrEnum):
    """Where a referral stands."""

    IN_PROGRESS = "in_progress"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DONE = "done"
    REVOKED = "revoked"


class Rejected(StrEnum):
    """Why a service does not take the person."""

    FULL = "full"
    OUT_OF_AREA = "out_of_area"
    NOT_ELIGIBLE = "not_eligible"
    OTHER = "other"


class Satisfied(StrEnum):
    """What the person said afterwards."""

    YES = "yes"
    NO = "no"
    NOT_ASKED = "not_asked"


class Ground(StrEnum):
    """Why a referral may go without consent. Nothing else is one."""

    LIFE = "life"
    CHILD = "child"
    LAW = "law"


class Told(StrEnum):
    """Whether a person who did not consent was told."""

    YES = "yes"
    NOT_SAFE = "not_safe"


@dataclass(frozen=True, slots=True)
class SafeContact:
    """How the service may reach the person."""

    phone: str = field(default="", repr=False)
    hours: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferralRecord:
    """One referral, opened.

    ref_no, alias: random; neither leads to the household.  service: its name as it was, kind: of the directory's list.
    scope: what may be told.  ground: why it goes without consent, None for every ordinary one; second_id: who stands by that.
    """

    id: UUID
    case_id: UUID
    household_id: UUID
    member_id: UUID | None
    site_id: UUID | None
    ref_no: str
    alias: str
    made_at: datetime
    by_id: UUID
    service_id: UUID
    service: str
    kind: str
    urgency: Urgency
    consent: Consent
    consent_by: ConsentBy
    scope: tuple[Scope, ...]
    needs: tuple[str, ...]
    way: Way
    status: Status
    responded_at: datetime | None = None
    rejected: Rejected | None = None
    satisfied: Satisfied | None = None
    ground: Ground | None = None
    told: Told | None = None
    second_id: UUID | None = None
    closed_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still waits for its end."""
        return self.closed_on is None

    @property
    def may_leave(self) -> bool:
        """Whether its paper may be given to the service: with consent, or when two officers stand by a ground. Never once it ended."""
        return self.is_open and (self.consent is Consent.GIVEN or (self.ground is not None and self.second_id is not None))

    @property
    def waits_for_second(self) -> bool:
        """Whether another officer is asked to stand by it."""
        return self.is_open and self.ground is not None and self.second_id is None

    @property
    def answer_by(self) -> datetime | None:
        """By when the service has to say that it takes the person; None when nobody waits for that."""
        if self.status is not Status.IN_PROGRESS or not self.may_leave:
            return None
        return self.made_at + (ANSWER_IN_URGENT if self.urgency is Urgency.URGENT else ANSWER_IN)


@dataclass(frozen=True, slots=True)
class Stub:
    """What the room keeps of a hand-over: whose, to whom, and never what the focal point is told.

    sealed_to: the focal point's public key, in hexadecimal; "" in those from before it was noted.
    """

    household_id: UUID
    member_id: UUID | None
    site_id: UUID | None
    to_id: UUID
    by_id: UUID
    track: Role
    ref_no: str
    sealed_to: str = ""


def refuse_empty(scope: Sequence[Scope], contact: SafeContact, needs: Sequence[str] = ()) -> None:
    """Raise Refused when something may be told that nobody filled in. A telephone number is figures: no field takes words."""
    digits = sum(sign.isdigit() for sign in contact.phone)
    if Scope.PHONE in scope and (digits not in _DIGITS or not set(contact.phone) <= _PHONE_SIGNS):
        raise Refused(_("enter a phone number that is safe, in figures, for example 0700 000 111"))
    if Scope.SAFE_HOURS in scope and not contact.hours:
        raise Refused(_("tick the hours that are safe, or leave them out of what is told"))
    if Scope.ACCESS_NEEDS in scope and not needs:
        raise Refused(_("tick what the person needs at the service, or leave it out of what is told"))


def new_number(letter: str) -> str:
    """A random number such as "R-7K2M-9QXD"."""
    return f"{letter}-{random_groups(2)}"


def random_groups(number: int) -> str:
    """Random signs in groups of four."""
    return "-".join("".join(secrets.choice(SIGNS) for _ in range(GROUP)) for _ in range(number))


def record_of(reading: Reading, row: Referral) -> ReferralRecord:
    """A referral from its row."""
    kept = json.loads(reading.open(row, "content"))
    return ReferralRecord(
        id=row.id,
        case_id=row.case_id,
        household_id=UUID(kept["household_id"]),
        member_id=_id(kept["member_id"]),
        site_id=_id(kept["site_id"]),
        ref_no=kept["ref_no"],
        alias=kept["alias"],
        made_at=datetime.fromisoformat(kept["made_at"]),
        by_id=UUID(kept["by_id"]),
        service_id=UUID(kept["service_id"]),
        service=kept["service"],
        kind=kept["kind"],
        urgency=Urgency(kept["urgency"]),
        consent=Consent(kept["consent"]),
        consent_by=ConsentBy(kept["consent_by"]),
        scope=tuple(Scope(one) for one in kept["scope"]),
        needs=tuple(kept["needs"]),
        way=Way(kept["way"]),
        status=Status(kept["status"]),
        responded_at=datetime.fromisoformat(kept["responded_at"]) if kept["responded_at"] else None,
        rejected=Rejected(kept["rejected"]) if kept["rejected"] else None,
        satisfied=Satisfied(kept["satisfied"]) if kept["satisfied"] else None,
        ground=Ground(kept["ground"]) if kept["ground"] else None,
        told=Told(kept["told"]) if kept["told"] else None,
        second_id=_id(kept["second_id"]),
        closed_on=date.fromisoformat(kept["closed_on"]) if kept["closed_on"] else None,
    )


def record_text(record: ReferralRecord) -> str:
    """As it is sealed, padded so that its length tells nothing."""
    kept = {name: _plain(getattr(record, name)) for name in ReferralRecord.__dataclass_fields__ if name not in ("id", "case_id")}
    return json.dumps(kept, sort_keys=True).ljust(_LENGTH)


def safe_contact_of(reading: Reading, row: Referral) -> SafeContact:
    """How the person may be reached; empty after a revocation."""
    if row.safe_contact is None:
        return SafeContact()
    kept = json.loads(reading.open(row, "safe_contact"))
    return SafeContact(kept["phone"], tuple(kept["hours"]))


def safe_contact_text(contact: SafeContact) -> str:
    """As it is sealed, padded so that its length tells nothing."""
    return json.dumps({"phone": contact.phone, "hours": list(contact.hours)}).ljust(_CONTACT_LENGTH)


def referrals_of(reading: Reading, case_id: UUID) -> tuple[ReferralRecord, ...]:
    """The referrals of a case, in order."""
    rows = reading.session.exec(select(Referral).where(col(Referral.case_id) == case_id)).all()
    return tuple(sorted((record_of(reading, row) for row in rows), key=lambda one: (one.made_at, one.id)))


def all_referrals(reading: Reading) -> list[ReferralRecord]:
    """Every referral the room keeps, the earliest first."""
    rows = reading.session.exec(select(Referral)).all()
    return sorted((record_of(reading, row) for row in each(reading, rows)), key=lambda one: (one.made_at, one.id))


def told_where(reading: Reading, is_meant: Callable[[UUID, UUID, UUID | None], bool]) -> Others:
    """Referrals and hand-overs that are meant, by their case, household and person: what has to go when somebody's case does."""
    told = [one.id for one in all_referrals(reading) if is_meant(one.case_id, one.household_id, one.member_id)]
    rows = reading.session.exec(select(Handover).order_by(col(Handover.id))).all()
    stubs = ((row, stub_of(reading, row)) for row in each(reading, rows))
    handed = [row.id for row, stub in stubs if is_meant(row.case_id, stub.household_id, stub.member_id)]
    return [(Referral, told), (Handover, handed)]


def stub_of(reading: Reading, row: Handover) -> Stub:
    """What the room keeps of a hand-over."""
    kept = json.loads(reading.open(row, "stub"))
    return Stub(
        UUID(kept["household_id"]),
        _id(kept["member_id"]),
        _id(kept["site_id"]),
        UUID(kept["to_id"]),
        UUID(kept["by_id"]),
        Role(kept["track"]),
        kept["ref_no"],
        kept.get("sealed_to", ""),
    )


def stub_text(stub: Stub) -> str:
    """As it is sealed, padded so that its length tells nothing."""
    return json.dumps({name: _plain(getattr(stub, name)) for name in Stub.__dataclass_fields__}, sort_keys=True).ljust(_STUB_LENGTH)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, UUID) else value


def _id(value: str | None) -> UUID | None:
    return UUID(value) if value else None
