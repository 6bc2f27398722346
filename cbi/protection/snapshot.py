"""What the room knows of the office: read once when an officer opens it, kept in memory only, gone when it is locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class MemberCard:
    """One person of a household, by name. given: without the family's name."""

    id: UUID
    position: int
    name: str
    adult: bool
    given: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """How a household is reached: in its language, at its place, by its phones, in its hours."""

    language: str
    site_id: UUID
    phones: tuple[str, ...]
    hours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HouseholdCard:
    """What an officer needs to reach a household. Neither accounts nor amounts are read.

    phones: as registered.  hours: when messages and visits suit, as arranged; () when nobody said.  mechanism: the planned way of paying.  submit_on: when the next list of this place is submitted, if that is planned.
    published: the days on which an arrangement of theirs was published, whoever asked, in order.
    elsewhere: of the people who live in another household by now, how that one is reached.
    """

    id: UUID
    number: str
    language: str
    site_id: UUID
    recipient_id: UUID | None
    members: tuple[MemberCard, ...]
    phones: tuple[str, ...]
    hours: tuple[str, ...] = ()
    mechanism: str | None = None
    submit_on: date | None = None
    published: tuple[date, ...] = ()
    elsewhere: Mapping[UUID, Home] = field(default_factory=dict)

    def member(self, member_id: UUID | None) -> MemberCard | None:
        """The member with this id; None when there is none."""
        return next((one for one in self.members if one.id == member_id), None)

    def about(self, member_id: UUID | None) -> HouseholdCard:
        """How to reach this person: phones, hours, language and place of the home they live in now, and of no other."""
        home = self.elsewhere.get(member_id) if member_id else None
        if home is None:
            return self
        return replace(self, language=home.language, site_id=home.site_id, phones=home.phones, hours=home.hours)


@dataclass(frozen=True, slots=True)
class ServiceCard:
    """A service of the directory. verified_on: by the office.  retired: taken out; its name stays with what was agreed before."""

    id: UUID
    site_id: UUID
    kind: str
    name: str
    contact: str
    hours: str
    verified_on: date | None
    retired: bool = False


@dataclass(frozen=True, slots=True)
class NoticeCard:
    """A weekly notice as the office holds it. days: per site."""

    week: date
    days: Mapping[UUID, tuple[date, ...]]
    interviews: int
    on_call: str
    on_call_phone: str
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class LetterIn:
    """A letter as it lies in the box."""

    id: UUID
    day: date
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Round:
    """One cycle of payments at a site. submit_on: the day its list is fixed; what is published later waits for the next."""

    starts_on: date
    submit_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Office:
    """The office as one reading found it.

    changes: households whose arrangement was changed in the last cycle, by site; sites without any are 0.
    rounds: cycles that pay at a site, in order.  staff_of: the site each sign-in name of the office is staff of.
    young: households whose head is a child, for the child-protection focal point only; () for everybody else.
    intake_key: the published half of the letter box's key, b"" when none is.
    asked: the digest of every version of the check that the office asks or asked with.  asks_with: the one in use.
    """

    read_at: datetime
    intake_key: bytes
    sites: Mapping[UUID, str]
    households: Mapping[UUID, HouseholdCard]
    staff: Mapping[UUID, str]
    directory: Sequence[ServiceCard]
    notices: Sequence[NoticeCard]
    changes: Mapping[UUID, int]
    rounds: Mapping[UUID, tuple[Round, ...]] = field(default_factory=dict)
    staff_of: Mapping[str, UUID] = field(default_factory=dict)
    young: tuple[UUID, ...] = ()
    asked: Mapping[str, str] = field(default_factory=dict)
    asks_with: str = ""

    @property
    def services(self) -> tuple[ServiceCard, ...]:
        """The services people may be told about: all of the directory but those taken out."""
        return tuple(one for one in self.directory if not one.retired)

    def site(self, site_id: UUID) -> str:
        """A site's name; its absence is an empty word, never a fault."""
        return self.sites.get(site_id, "")
