"""Registering a household: one explained change, with everything by which it is found again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.errors import NotThere, Refused
from cbi.people import facts
from cbi.people.new_rows import NewRows, household_texts, household_values, ids_with_keys, member_texts
from cbi.people.series import take_numbers
from cbi.people.tables import Account, Document, DocumentKind, Household, Member, Phone, Relation, SearchToken
from cbi.people.tokens import tokens_of
from cbi.people.values import NewAccount, NewDocument, NewHousehold, NewMember
from cbi.sites.tables import Site
from cbi.store.bases import OfficeTable
from cbi.store.work import Reading, Work
from cbi.web import sent
from cbi.web.words import _

LARGEST = 60
_FORM = "register"


def register(work: Work, new: NewHousehold, client_key: UUID | None = None) -> UUID:
    """Save a household with its members; returns its id. The same client key again returns the same household.

    Raises Refused when the parts contradict each other, NotThere for a site that is not of this operation.
    """
    before = registered_before(work, client_key)
    return register_at(work, site_of(work, new.site_id), new, client_key) if before is None else before


def register_at(work: Work, site: KnownSite, new: NewHousehold, client_key: UUID | None) -> UUID:
    """The same for a form that is known to be sent for the first time. site: that of the household. Raises Refused."""
    check(new)
    [number] = take_numbers(work, site.id, site.code, 1)
    [household_id] = ids_with_keys(work, 1)
    rows = NewRows(work)
    rows.put(new, household_id, number)
    rows.write()
    work.remember(_registered(household_id, new, number))
    sent.answer(work, client_key, _FORM, str(household_id))
    return household_id


def registered_before(work: Work, client_key: UUID | None) -> UUID | None:
    """The household that this very form already registered, None when it did not."""
    answer = sent.answered(work, client_key, _FORM)
    return None if answer is None else UUID(answer)


def check(new: NewHousehold) -> None:
    """Refuse a household whose parts contradict each other."""
    if not 1 <= len(new.members) <= LARGEST:
        raise Refused(_("enter between 1 and %(most)s people, the head of the household first", most=LARGEST))
    if [member.relation for member in new.members].count(Relation.HEAD) != 1 or new.head.relation is not Relation.HEAD:
        raise Refused(_("choose exactly one head of the household, and enter that person first"))
    if any(place is not None and not 0 <= place < len(new.members) for place in (new.recipient, new.alternate)):
        raise Refused(_("choose the recipient and the alternate collector among the members, or leave them open"))
    if new.alternate is not None and new.recipient == new.alternate:
        raise Refused(_("choose somebody else as alternate collector, or nobody yet: the recipient already collects"))
    if any(not member.given.strip() for member in new.members):
        raise Refused(_("enter a name for every member, for example Juniper"))


@dataclass(frozen=True, slots=True)
class KnownSite:
    """A site of this operation, as households are registered at it."""

    id: UUID
    code: str
    name: str


def site_of(reading: Reading, site_id: UUID) -> KnownSite:
    """A site of this operation. Raises NotThere."""
    row = reading.session.connection().execute(_SITE, {"site_id": site_id, "operation_id": reading.operation_id}).first()
    if row is None:
        raise NotThere
    return KnownSite(row.id, row.code, row.name)


_SITE = sa.select(col(Site.id), col(Site.code), col(Site.name)).where(
    col(Site.id) == sa.bindparam("site_id"), col(Site.operation_id) == sa.bindparam("operation_id")
)


def add_in_order(work: Work, rows: Sequence[OfficeTable]) -> None:
    """Put rows in so that what others point at is there first."""
    for kinds in ((Household,), (Member,), (Document, Phone, Account, SearchToken)):
        work.session.add_all([row for row in rows if isinstance(row, kinds)])
        work.session.flush()


def household_row(work: Work, new: NewHousehold, number: str, household_id: UUID) -> Household:
    """The household itself, without its people."""
    row = Household(**household_values(work, new, household_id, number))
    for column, text in household_texts(new):
        work.seal(row, column, text or None)
    return row


def member_row(work: Work, household_id: UUID, position: int, member: NewMember) -> Member:
    """One person, sealed; position: the head is 1."""
    row = Member(
        id=work.new_id("people"),
        operation_id=work.operation_id,
        household_id=household_id,
        position=position,
        sex=member.sex,
        relation=member.relation,
        birth_year=member.born.year,
        given=b"",
        born=b"",
    )
    fill_member(work, row, member)
    return row


def fill_member(work: Work, row: Member, member: NewMember) -> None:
    """Write what is known of a person into their row."""
    row.sex, row.relation, row.birth_year = member.sex, member.relation, member.born.year
    for column, text in member_texts(member):
        work.seal(row, column, text or None)


def token_rows(work: Work, household: Household, member_id: UUID, member: NewMember) -> list[SearchToken]:
    """The keyed tokens by which one person is found."""
    return [
        SearchToken(id=work.new_id("token"), operation_id=work.operation_id, token=token, household_id=household.id, member_id=member_id)
        for token in tokens_of(work, household.site_id, member)
    ]


def document_row(work: Work, household_id: UUID, member_id: UUID, document: NewDocument) -> Document:
    """A document, sealed, with the digest by which it is found. Tokens are found as tokens, everything else by its number alone."""
    digest = work.digest("token" if document.kind is DocumentKind.TOKEN else "document", document.number)
    row = Document(
        id=work.new_id("people"),
        operation_id=work.operation_id,
        household_id=household_id,
        member_id=member_id,
        kind=document.kind,
        digest=digest,
        number=b"",
    )
    work.seal(row, "number", document.number)
    return row


def phone_row(work: Work, household_id: UUID, phone: str) -> Phone:
    """A phone, sealed, with the digest by which it is found."""
    row = Phone(
        id=work.new_id("people"), operation_id=work.operation_id, household_id=household_id, digest=work.digest("phone", phone), number=b""
    )
    work.seal(row, "number", phone)
    return row


def account_row(work: Work, household_id: UUID, account: NewAccount) -> Account:
    """An account, sealed; who gave it and when are kept for the wait before a changed payee is paid."""
    row = Account(
        id=work.new_id("people"),
        operation_id=work.operation_id,
        household_id=household_id,
        kind=account.kind,
        digest=work.digest("account", account.number),
        changed_by=work.actor.id or UUID(int=0),
        changed_at=work.now,
        number=b"",
    )
    work.seal(row, "number", account.number)
    return row


def _registered(household_id: UUID, new: NewHousehold, number: str) -> facts.HouseholdRegistered:
    return facts.HouseholdRegistered(
        household_id=household_id,
        site_id=new.site_id,
        number=number,
        people=len(new.members),
        consent=new.consent,
        review=new.review,
    )
