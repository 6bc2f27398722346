"""Registered households, opened: the same values a registration brings, with what the office added to them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from sqlmodel import col, select

from cbi.errors import NotThere
from cbi.people.tables import Account, AccountKind, Document, DocumentKind, Household, HouseholdStatus, Member, Phone, ReviewReason
from cbi.people.values import Activity, Born, Difficulty, NewAccount, NewDocument, NewHousehold, NewMember
from cbi.sites.tables import Site
from cbi.store.work import Reading

_Row = TypeVar("_Row", bound=Member | Document | Phone | Account)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A household as it is kept.

    told: everything people said, in the shape of a registration.  member_ids: beside `told.members`.  token: of its paper card.
    """

    id: UUID
    number: str
    site_name: str
    status: HouseholdStatus
    review: ReviewReason | None
    version: int
    registered_at: datetime
    registered_on: date
    registered_by: UUID
    token: str
    account_changed_at: datetime | None
    member_ids: tuple[UUID, ...]
    told: NewHousehold


def open_household(reading: Reading, household_id: UUID) -> Registered:
    """One household of this operation, opened. Raises NotThere, also for one that was erased or is hidden: nothing is left to show."""
    if reading.was_erased(household_id):
        raise NotThere
    found = open_households(reading, [household_id])
    if not found:
        raise NotThere
    return found[household_id]


def open_households(reading: Reading, ids: Iterable[UUID]) -> dict[UUID, Registered]:
    """These households by id, in a fixed number of queries; ids of no household of this operation, and of hidden ones, are left out."""
    wanted = list(dict.fromkeys(ids))
    # The operation is asked of the rows: named in the statement, SQLite takes it for the better index and goes through all its households.
    named = reading.session.exec(select(Household).where(col(Household.id).in_(wanted), col(Household.restricted_on).is_(None))).all()
    households = [row for row in named if row.operation_id == reading.operation_id]
    reading.vault.prefetch(reading.session, households)
    members = _by_household(reading, Member, wanted)
    documents = _by_household(reading, Document, wanted)
    phones, accounts = _by_household(reading, Phone, wanted), _by_household(reading, Account, wanted)
    sites = {site.id: site.name for site in reading.session.exec(select(Site).where(col(Site.id).in_({one.site_id for one in households})))}
    parts = {
        one.id: _Parts(sorted(members[one.id], key=lambda row: row.position), documents[one.id], phones[one.id], accounts[one.id])
        for one in households
    }
    return {
        one.id: _opened(reading, one, sites[one.site_id], parts[one.id]) for one in sorted(households, key=lambda one: wanted.index(one.id))
    }


def _by_household(reading: Reading, table: type[_Row], wanted: Sequence[UUID]) -> dict[UUID, list[_Row]]:
    found: dict[UUID, list[_Row]] = defaultdict(list)
    for row in reading.session.exec(select(table).where(col(table.household_id).in_(wanted)).order_by(col(table.id))):
        found[row.household_id].append(row)
    return found


@dataclass(frozen=True, slots=True)
class _Parts:
    members: list[Member]
    documents: list[Document]
    phones: list[Phone]
    accounts: list[Account]


def _opened(reading: Reading, row: Household, site_name: str, parts: _Parts) -> Registered:
    tokens = [one for one in parts.documents if one.kind is DocumentKind.TOKEN]
    return Registered(
        id=row.id,
        number=row.number,
        site_name=site_name,
        status=row.status,
        review=row.review,
        version=row.version,
        registered_at=row.registered_at,
        registered_on=row.registered_on,
        registered_by=row.registered_by,
        token=reading.open(tokens[-1], "number") if tokens else "",
        account_changed_at=parts.accounts[0].changed_at if parts.accounts else None,
        member_ids=tuple(member.id for member in parts.members),
        told=_told(reading, row, parts),
    )


def _told(reading: Reading, row: Household, parts: _Parts) -> NewHousehold:
    places = {member.id: place for place, member in enumerate(parts.members)}
    account = parts.accounts[0] if parts.accounts else None
    return NewHousehold(
        site_id=row.site_id,
        members=tuple(_member(reading, member, parts.documents) for member in parts.members),
        consent=row.consent,
        group=row.group,
        shelter=reading.open(row, "shelter"),
        language=row.language,
        phones=tuple(reading.open(phone, "number") for phone in parts.phones),
        recipient=places.get(row.recipient_id) if row.recipient_id else None,
        alternate=places.get(row.alternate_id) if row.alternate_id else None,
        alternate_name=reading.open(row, "alternate_name"),
        account=NewAccount(AccountKind(account.kind), reading.open(account, "number")) if account else None,
        consent_version=row.consent_version,
        consent_language=row.consent_language,
        consent_on=row.consent_on,
        registered_on=row.registered_on,
        review=row.review,
        source_key=row.source_key,
        import_id=row.import_id,
    )


def _member(reading: Reading, row: Member, documents: Sequence[Document]) -> NewMember:
    answers = reading.open(row, "washington")
    return NewMember(
        given=reading.open(row, "given"),
        family=reading.open(row, "family"),
        latin=reading.open(row, "latin"),
        sex=row.sex,
        born=Born(reading.open(row, "born"), row.birth_year),
        relation=row.relation,
        documents=tuple(
            NewDocument(one.kind, reading.open(one, "number"))
            for one in documents
            if one.member_id == row.id and one.kind is not DocumentKind.TOKEN
        ),
        difficulties=tuple((Activity(name), Difficulty(value)) for name, value in json.loads(answers).items()) if answers else (),
    )
