"""What a registration brings: plain values, checked and cleaned before they come here, without any database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from cbi.people.tables import AccountKind, Consent, DocumentKind, PopulationGroup, Relation, ReviewReason, Sex

CONSENT_VERSION = 1


class Activity(StrEnum):
    """The six activities of the Washington Group Short Set on Functioning, in its order."""

    SEEING = "seeing"
    HEARING = "hearing"
    WALKING = "walking"
    REMEMBERING = "remembering"
    CARING = "caring"
    COMMUNICATING = "communicating"


class Difficulty(StrEnum):
    """The four answers of the Washington Group Short Set, in its order."""

    NONE = "none"
    SOME = "some"
    A_LOT = "a_lot"
    CANNOT = "cannot"


def answers_kept(answers: Sequence[tuple[Activity, Difficulty]]) -> str:
    """What was answered to the six questions, as the JSON that is sealed; "" where nobody asked.

    As long whatever was answered: what is sealed shows its length, and a longer word would say who has difficulty.
    """
    text = json.dumps({activity.value: difficulty.value for activity, difficulty in answers})
    return text.ljust(_LONGEST_ANSWERS) if answers else ""


_LONGEST_ANSWERS = len(json.dumps(dict.fromkeys(Activity, max(Difficulty, key=len))))


@dataclass(frozen=True, slots=True)
class Born:
    """When a person was born, as well as anybody knows.

    text: "1987", "1987-04", "1987-04-05", or "~1955" when told as an age.  year: exact, or computed from the age.
    """

    text: str
    year: int

    @property
    def is_estimate(self) -> bool:
        """Whether the year was computed from an age."""
        return self.text.startswith("~")


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document somebody showed or told. number: cleaned by `contact.read_document`."""

    kind: DocumentKind
    number: str


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Where the household asks to be paid. number: cleaned by `contact.read_account`."""

    kind: AccountKind
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """One person to register. difficulties: what was answered of the six questions; what was not asked is not there."""

    given: str
    sex: Sex
    born: Born
    relation: Relation
    family: str = ""
    latin: str = ""
    documents: tuple[NewDocument, ...] = ()
    difficulties: tuple[tuple[Activity, Difficulty], ...] = ()

    @property
    def name(self) -> str:
        """The whole name as it was told."""
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHousehold:
    """People to register as one household.

    members: the head first, and nobody else is head.  phones: international form ("+254712345678").
    recipient, alternate: places in `members`, from 0; alternate_name: a collector who is not a member.
    consent_on, registered_on: today when None.  review: an office reason to hold it at once.
    source_key, import_id: for imports, so that the same row is not taken twice.
    """

    site_id: UUID
    members: tuple[NewMember, ...]
    consent: Consent
    group: PopulationGroup = PopulationGroup.DISPLACED
    shelter: str = ""
    language: str = "en"
    phones: tuple[str, ...] = ()
    recipient: int | None = 0
    alternate: int | None = None
    alternate_name: str = ""
    account: NewAccount | None = None
    consent_version: int = CONSENT_VERSION
    consent_language: str = "en"
    consent_on: date | None = None
    registered_on: date | None = None
    review: ReviewReason | None = None
    source_key: bytes | None = None
    import_id: UUID | None = None

    @property
    def head(self) -> NewMember:
        """Who speaks for the household."""
        return self.members[0]


def same_person(member: NewMember) -> tuple[str, str, Sex]:
    """What two entries of one household have in common when they are one person: the same name, birth and sex."""
    return " ".join(member.name.casefold().split()), member.born.text, member.sex
