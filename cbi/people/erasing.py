"""Requests to be forgotten: one person writes it down, another agrees, and it is done now, or as soon as nothing stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.people import above
from cbi.people.above import Hindrance
from cbi.people.erasure import erase, restrict, same_people
from cbi.people.facts_lives import ErasureAgreed, ErasureAsked, ErasureEnded
from cbi.people.tables import Household
from cbi.people.tables_lives import ErasureRequest
from cbi.sites.tables import Site
from cbi.store.work import Reading, Work
from cbi.web.listing import Listing, ListingArgs
from cbi.web.words import _


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as its page shows it: no names of the household, only its number and place."""

    request: ErasureRequest
    number: str
    site_name: str
    people: int
    hindrances: Sequence[Hindrance]


def what_stands_in_the_way(reading: Reading, household_id: UUID) -> list[Hindrance]:
    """Everything that keeps a household, or an entry closed in its favour, from being erased now."""
    ids = (household_id, *same_people(reading, household_id))
    return list(dict.fromkeys(one for each in ids for one in above.hindrances(reading, each)))


def ask(work: Work, household_id: UUID) -> UUID:
    """Write down that a household asks to be forgotten; asked twice, it is one request. Raises NotThere, Refused."""
    household = work.session.get(Household, household_id, with_for_update=True)
    if household is None or household.operation_id != work.operation_id or work.was_erased(household_id):
        raise NotThere
    before = open_request(work, household_id)
    if before is not None:
        return before.id
    if work.actor.id is None:
        raise Refused(_("sign in: a request needs a named person"))
    row = ErasureRequest(
        id=work.new_id("people"), operation_id=work.operation_id, household_id=household_id, asked_by=work.actor.id, asked_at=work.now
    )
    work.add(row)
    work.remember(ErasureAsked(household_id=household_id))
    return row.id


def agree(work: Work, request_id: UUID) -> bool:
    """A second person agrees: the household is erased, or hidden until it may be. Returns whether it is erased now."""
    request = _waiting(work, request_id)
    if request.agreed_at is not None:
        raise SomebodyWasFirst(_("look at the requests again: somebody has agreed to this one"))
    if work.actor.id is None or request.asked_by == work.actor.id:
        raise Refused(_("leave this to somebody else: you wrote the request down"))
    request.agreed_by, request.agreed_at = work.actor.id, work.now
    work.session.add(request)
    work.remember(ErasureAgreed(household_id=request.household_id))
    work.session.flush()
    if what_stands_in_the_way(work, request.household_id):
        restrict(work, request.household_id)
        return False
    erase(work, request.household_id)
    return True


def end(work: Work, request_id: UUID) -> UUID:
    """Take a request back, or do not agree to it, while nobody has agreed. Returns the household."""
    request = _waiting(work, request_id)
    if request.agreed_at is not None:
        raise SomebodyWasFirst(_("look at the requests again: somebody has agreed to this one"))
    request.ended_by, request.ended_at = work.actor.id, work.now
    work.session.add(request)
    work.remember(ErasureEnded(household_id=request.household_id))
    return request.household_id


def open_request(reading: Reading, household_id: UUID) -> ErasureRequest | None:
    """The request of a household that is neither done nor ended."""
    mine = select(ErasureRequest).where(ErasureRequest.household_id == household_id)
    return reading.session.exec(mine.where(*_open(reading))).first()


def requests(reading: Reading, args: ListingArgs) -> Listing[Asked]:
    """A page of the requests that are neither done nor ended, the oldest first unless asked otherwise."""
    counted = sa.select(sa.func.count()).select_from(ErasureRequest).where(*_open(reading))
    total = int(reading.session.connection().execute(counted).scalar_one())
    args, order = args.within(total), (col(ErasureRequest.asked_at), col(ErasureRequest.id))
    query = select(ErasureRequest).where(*_open(reading)).order_by(*(one.desc() if args.descending else one for one in order))
    rows = reading.session.exec(query.offset(args.offset).limit(args.size))
    return Listing([asked(reading, row) for row in rows.all()], total, args)


def asked(reading: Reading, request: ErasureRequest) -> Asked:
    """One request with what its page shows."""
    household = reading.session.get_one(Household, request.household_id)
    site = reading.session.get_one(Site, household.site_id)
    return Asked(request, household.number, site.name, household.size, what_stands_in_the_way(reading, household.id))


def request_of(reading: Reading, request_id: UUID) -> ErasureRequest:
    """One request of this operation. Raises NotThere."""
    found = reading.session.get(ErasureRequest, request_id)
    if found is None or found.operation_id != reading.operation_id:
        raise NotThere
    return found


def to_agree(reading: Reading, person_id: UUID) -> int:
    """How many requests wait for this person's word."""
    waiting = (col(ErasureRequest.agreed_at).is_(None), col(ErasureRequest.asked_by) != person_id)
    counted = sa.select(sa.func.count()).select_from(ErasureRequest).where(*_open(reading), *waiting)
    return int(reading.session.connection().execute(counted).scalar_one())


def _waiting(work: Work, request_id: UUID) -> ErasureRequest:
    found = work.session.get(ErasureRequest, request_id, with_for_update=True)
    if found is None or found.operation_id != work.operation_id:
        raise NotThere
    if found.ended_at is not None or found.done_at is not None:
        raise SomebodyWasFirst(_("look at the requests again: this one is settled"))
    return found


def _open(reading: Reading) -> list[sa.ColumnElement[bool]]:
    request = ErasureRequest
    return [col(request.operation_id) == reading.operation_id, col(request.ended_at).is_(None), col(request.done_at).is_(None)]
