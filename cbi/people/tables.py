"""Households and what is known of them. Names, numbers and dates that identify are sealed; what is counted is not."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

import cbi.people.tables_alike
import cbi.people.tables_counts
import cbi.people.tables_imports
import cbi.people.tables_lives
import cbi.people.tables_verification  # noqa: F401 -- whoever asks for the tables of people gets all of them
from cbi.store.bases import Moment, OfficeTable, sealed_field, words


class HouseholdStatus(StrEnum):
    """How far a household has come."""

    REGISTERED = "registered"
    VERIFIED = "verified"
    ENROLLED = "enrolled"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


class PopulationGroup(StrEnum):
    """Why people are here."""

    DISPLACED = "displaced"
    REFUGEE = "refugee"
    RETURNEE = "returnee"
    HOST = "host"


class Sex(StrEnum):
    """As registered."""

    FEMALE = "female"
    MALE = "male"


class Relation(StrEnum):
    """To the head of the household."""

    HEAD = "head"
    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    SIBLING = "sibling"
    GRANDCHILD = "grandchild"
    OTHER_FAMILY = "other_family"
    NOT_FAMILY = "not_family"


class Consent(StrEnum):
    """What the person said after the consent text was read."""

    AGREES = "agrees"
    DECLINES = "declines"
    THINKING = "thinking"


class ReviewReason(StrEnum):
    """Why a household waits, for office reasons only."""

    DUPLICATE = "duplicate"
    DOCUMENT = "document"
    PHONE = "phone"
    PROVIDER = "provider"


class DocumentKind(StrEnum):
    """What kind of document a number was read from."""

    NATIONAL_ID = "national_id"
    REFUGEE_ID = "refugee_id"
    PASSPORT = "passport"
    BIRTH = "birth"
    TOKEN = "token"  # noqa: S105 -- a paper token of the programme
    OTHER = "other"


class AccountKind(StrEnum):
    """Where money can be sent."""

    MOBILE_MONEY = "mobile_money"
    BANK = "bank"
    CARD = "card"


class Likeness(StrEnum):
    """What a person decided about two households that look alike."""

    SAME = "same"
    DIFFERENT = "different"
    CANNOT_TELL = "cannot_tell"


class Household(OfficeTable, table=True):
    """People who live and eat together, registered as one.

    number: the registration number people see, with a check digit ("BH-20417-6").  size: members, kept in step with the member rows.
    recipient_id, alternate_id: members chosen by the household; alternate_name for a collector who is not a member.
    review: an office hold with its reason; never set for any other cause.  version: rises with every correction, so that two people at once are told.
    restricted_on: since when no page shows it, because it asked to be forgotten and its records must still be kept.
    """

    __table_args__ = (
        sa.UniqueConstraint("operation_id", "number"),
        sa.CheckConstraint("size >= 1", name="size_positive"),
        sa.Index("ix_household_site_number", "operation_id", "site_id", "number"),
        # All that lists are narrowed by, and what they count: counted without opening a hundred thousand rows.
        sa.Index(
            "ix_household_counted", "operation_id", "site_id", "status", "review", "consent", "consent_version", "restricted_on", "size"
        ),
    )

    number: str = Field(max_length=16)
    site_id: UUID = Field(foreign_key="site.id", index=True)
    shelter: bytes | None = sealed_field(nullable=True)
    group: PopulationGroup = Field(sa_type=words(PopulationGroup))
    language: str = Field(default="en", max_length=8)
    status: HouseholdStatus = Field(default=HouseholdStatus.REGISTERED, sa_type=words(HouseholdStatus))
    size: int
    recipient_id: UUID | None = Field(default=None)
    alternate_id: UUID | None = Field(default=None)
    alternate_name: bytes | None = sealed_field(nullable=True)
    consent: Consent = Field(sa_type=words(Consent))
    consent_version: int
    consent_language: str = Field(max_length=8)
    consent_on: date
    review: ReviewReason | None = Field(default=None, sa_type=words(ReviewReason))
    registered_on: date = Field(index=True)
    registered_at: datetime = Field(sa_type=Moment)
    registered_by: UUID
    version: int = Field(default=1)
    import_id: UUID | None = Field(default=None, index=True)
    source_key: bytes | None = Field(default=None, index=True)
    restricted_on: date | None = Field(default=None)


class Member(OfficeTable, table=True):
    """One person. position: the head is 1.

    born: sealed "1987", "1987-04", "1987-04-05", or "~1955" when told as an age; birth_year: for counting ages, exact or computed.
    latin: the whole name.  washington: sealed JSON {"seeing": "some", …} of what was answered, empty when nobody asked.
    """

    __table_args__ = (sa.UniqueConstraint("operation_id", "household_id", "position"),)
    subject: ClassVar[str] = "household_id"

    household_id: UUID = Field(foreign_key="household.id", index=True)
    position: int
    given: bytes = sealed_field()
    family: bytes | None = sealed_field(nullable=True)
    latin: bytes | None = sealed_field(nullable=True)
    sex: Sex = Field(sa_type=words(Sex))
    born: bytes = sealed_field()
    birth_year: int
    relation: Relation = Field(sa_type=words(Relation))
    washington: bytes | None = sealed_field(nullable=True)


class Document(OfficeTable, table=True):
    """A document's number, sealed, found again by its keyed digest."""

    subject: ClassVar[str] = "household_id"

    household_id: UUID = Field(foreign_key="household.id", index=True)
    member_id: UUID = Field(foreign_key="member.id", index=True)
    kind: DocumentKind = Field(sa_type=words(DocumentKind))
    number: bytes = sealed_field()
    digest: bytes = Field(index=True)


class Phone(OfficeTable, table=True):
    """A phone a household can be reached on; sharing is shown, not refused."""

    subject: ClassVar[str] = "household_id"

    household_id: UUID = Field(foreign_key="household.id", index=True)
    member_id: UUID | None = Field(default=None, foreign_key="member.id")
    number: bytes = sealed_field()
    digest: bytes = Field(index=True)


class Account(OfficeTable, table=True):
    """Where a household is paid when not in cash. changed_by/changed_at: for the wait before a changed payee is paid."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "household_id"),)
    subject: ClassVar[str] = "household_id"

    household_id: UUID = Field(foreign_key="household.id", index=True)
    kind: AccountKind = Field(sa_type=words(AccountKind))
    number: bytes = sealed_field()
    digest: bytes = Field(index=True)
    changed_by: UUID
    changed_at: datetime = Field(sa_type=Moment)


class SearchToken(OfficeTable, table=True):
    """A keyed token of one folded name part, its sound, or sound and birth-year band, by which people are found."""

    __table_args__ = (sa.Index("ix_searchtoken_token", "operation_id", "token", "household_id", "member_id"),)

    token: bytes
    household_id: UUID = Field(foreign_key="household.id", index=True)
    member_id: UUID = Field(foreign_key="member.id", index=True)


class NumberSeries(OfficeTable, table=True):
    """How far the running numbers of a site have come; the numbers given out are explained by the households that have them."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "site_id"),)
    audited: ClassVar[bool] = False

    site_id: UUID = Field(foreign_key="site.id", index=True)
    last: int


class EventKind(StrEnum):
    """What happened to a household after it was registered."""

    CORRECTED = "corrected"
    ACCOUNT = "account"
    CONSENT = "consent"
    WITHDRAWN = "withdrawn"
    REVIEW_OPENED = "review_opened"
    REVIEW_CLOSED = "review_closed"
    MERGED = "merged"
    VERIFIED = "verified"
    APPEALED = "appealed"


class HouseholdEvent(OfficeTable, table=True):
    """One line of a household's story, as its page tells it. detail: codes of what changed ("phone, member 2"), never values."""

    __table_args__ = (sa.Index("ix_householdevent_story", "household_id", "at"),)

    household_id: UUID = Field(foreign_key="household.id")
    kind: EventKind = Field(sa_type=words(EventKind))
    detail: str = Field(default="", max_length=400)
    by: UUID
    at: datetime = Field(sa_type=Moment)


class LikenessDecision(OfficeTable, table=True):
    """A person's answer about two households; low_id < high_id so that a pair is decided once."""

    __table_args__ = (sa.UniqueConstraint("operation_id", "low_id", "high_id"),)

    low_id: UUID = Field(foreign_key="household.id", index=True)
    high_id: UUID = Field(foreign_key="household.id", index=True)
    answer: Likeness = Field(sa_type=words(Likeness))
    reasons: str = Field(max_length=200)
    decided_by: UUID
    decided_at: datetime = Field(sa_type=Moment)


class ImportStatus(StrEnum):
    """A file's life: looked at, then saved; or saved and taken back."""

    RECEIVED = "received"
    SAVED = "saved"
    UNDONE = "undone"


class Import(OfficeTable, table=True):
    """One file of households. Until it is saved the file itself lies sealed beside the database; afterwards only the rows that need somebody are kept.

    rows: households of the file and people who belong to none = saved + again + back.  alike: of the saved, those that look like another.
    While it is received these say what would be, and while it is being saved what is done so far.
    again: taken before.  taken_back: rows that needed somebody; back: those that still do.  shape: of its headings, by which `mapping` is used again.
    kept: sealed JSON of those rows with what each needs.
    """

    __tablename__ = "household_import"
    __table_args__ = (
        sa.CheckConstraint("status = 'received' OR rows = saved + again + taken_back", name="counts_add_up"),
        sa.CheckConstraint("back >= 0 AND back <= taken_back AND alike <= saved", name="counts_fit"),
    )

    digest: bytes = Field(index=True)
    shape: bytes = Field(default=b"", index=True)
    status: ImportStatus = Field(default=ImportStatus.RECEIVED, sa_type=words(ImportStatus))
    rows: int = Field(default=0)
    people: int = Field(default=0)
    saved: int = Field(default=0)
    alike: int = Field(default=0)
    again: int = Field(default=0)
    taken_back: int = Field(default=0)
    back: int = Field(default=0)
    mapping: str = Field(default="{}", sa_type=sa.Text)
    kept: bytes | None = sealed_field(nullable=True)
    made_by: UUID
    made_at: datetime = Field(sa_type=Moment)
