"""Finding a household by whatever a person brings: its number, its paper card, a phone, a document, or a name in any script.

Only indexed columns are asked; names are opened for the page that is shown, never for all that match.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from rapidfuzz import fuzz
from sqlmodel import col, select

from cbi.errors import Refused
from cbi.people.contact import read_document, read_phone
from cbi.people.names import fold, key_of, sounds
from cbi.people.numbers import read_number, read_token
from cbi.people.registered import Registered, open_households
from cbi.people.tables import Account, Document, Household, Phone, SearchToken
from cbi.people.tokens import seal_codes
from cbi.sites.tables import Site
from cbi.store.work import Reading
from cbi.web.listing import Listing, ListingArgs

_LONGEST = 120


class FoundBy(StrEnum):
    """What of a household fits what was typed."""

    NUMBER = "number"
    TOKEN = "token"  # noqa: S105 -- a paper card
    PHONE = "phone"
    DOCUMENT = "document"
    ACCOUNT = "account"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Found:
    """A household and why it is shown. member: the place of the person whose name fits, 0 (the head) when it is not a name."""

    registered: Registered
    by: FoundBy
    member: int = 0


def find(reading: Reading, text: str, args: ListingArgs, *, country: str, near: UUID | None = None) -> Listing[Found]:
    """One page of what fits. near: the site whose households come first among equal names. Nothing typed, nothing found."""
    typed = text.strip()[:_LONGEST]
    if not typed:
        return Listing((), 0, args.within(0))
    exact = _exact(reading, typed, country)
    if exact:
        return _page_of(reading, exact, args)
    return _by_name(reading, typed, args, near)


def _exact(reading: Reading, typed: str, country: str) -> dict[UUID, FoundBy]:
    """Households whose number, card, phone, document or account is exactly this."""
    found: dict[UUID, FoundBy] = {}
    number, token = read_number(typed), read_token(typed)
    if number:
        rows = sa.select(col(Household.id)).where(col(Household.operation_id) == reading.operation_id, col(Household.number) == number)
        found |= dict.fromkeys(reading.session.connection().execute(rows).scalars(), FoundBy.NUMBER)
    if token:
        found |= _holding(reading, Document, reading.digest("token", token), FoundBy.TOKEN)
    if any(character.isdigit() for character in typed):
        found |= _by_digits(reading, typed, country)
    return found


def _by_digits(reading: Reading, typed: str, country: str) -> dict[UUID, FoundBy]:
    found: dict[UUID, FoundBy] = {}
    try:
        phone = read_phone(typed, country)
        found |= _holding(reading, Account, reading.digest("account", phone), FoundBy.ACCOUNT)
        found |= _holding(reading, Phone, reading.digest("phone", phone), FoundBy.PHONE)
    except Refused:
        pass
    try:
        document = read_document(typed)
        found |= _holding(reading, Account, reading.digest("account", document.replace("-", "")), FoundBy.ACCOUNT)
        found |= _holding(reading, Document, reading.digest("document", document), FoundBy.DOCUMENT)
    except Refused:
        pass
    return found


def _holding(reading: Reading, table: type[Document | Phone | Account], digest: bytes, by: FoundBy) -> dict[UUID, FoundBy]:
    rows = sa.select(col(table.household_id)).where(col(table.operation_id) == reading.operation_id, col(table.digest) == digest).distinct()
    return dict.fromkeys(reading.session.connection().execute(rows).scalars(), by)


def _page_of(reading: Reading, found: dict[UUID, FoundBy], args: ListingArgs) -> Listing[Found]:
    ordered = sa.select(col(Household.id)).where(col(Household.id).in_(found)).order_by(col(Household.number))
    ids = list(reading.session.connection().execute(ordered).scalars())
    paged = args.within(len(ids))
    page = open_households(reading, ids[paged.offset : paged.offset + paged.size])
    return Listing([Found(one, found[one.id]) for one in page.values()], len(ids), paged)


def _by_name(reading: Reading, typed: str, args: ListingArgs, near: UUID | None) -> Listing[Found]:
    """Names by what they share with the typed one: spelled parts before sounds, the own site before others, then by number."""
    tokens = _weighted(reading, typed)
    if not tokens:
        return Listing((), 0, args.within(0))
    met = _met(reading, tokens)
    total = int(reading.session.connection().execute(sa.select(sa.func.count()).select_from(met)).scalar_one())
    paged = args.within(total)
    ordered = (
        sa.select(met.c.household_id)
        .join(Household, col(Household.id) == met.c.household_id)
        .order_by(met.c.score.desc(), (col(Household.site_id) == near).desc() if near else sa.literal(0), col(Household.number))
        .limit(paged.size)
        .offset(paged.offset)
    )
    page = open_households(reading, reading.session.connection().execute(ordered).scalars())
    rows = [_closest(one, typed) for one in page.values()]
    return Listing([found for _likeness, found in sorted(rows, key=lambda row: -row[0])], total, paged)


def _weighted(reading: Reading, typed: str) -> dict[bytes, int]:
    """The tokens to look for at every site, with what each is worth: a spelled part tells more than its sound."""
    sites = reading.session.exec(select(Site.id).where(col(Site.operation_id) == reading.operation_id)).all()
    tokens: dict[bytes, int] = {}
    for site_id in sites:
        tokens |= dict.fromkeys(seal_codes(reading, site_id, {f"s:{code}" for code in sounds(typed)}), 2)
        tokens |= dict.fromkeys(seal_codes(reading, site_id, {f"p:{part}" for part in fold(typed)}), 3)
    return tokens


def _met(reading: Reading, tokens: dict[bytes, int]) -> sa.Subquery:
    """One row per household: the best score of its people."""
    spelled = [token for token, worth in tokens.items() if worth > 2]  # noqa: PLR2004 -- see _weighted
    score = sa.func.sum(sa.case((col(SearchToken.token).in_(spelled), 3), else_=2)).label("score")
    people = (
        sa.select(col(SearchToken.household_id).label("household_id"), score)
        .where(col(SearchToken.operation_id) == reading.operation_id, col(SearchToken.token).in_(list(tokens)))
        .group_by(col(SearchToken.household_id), col(SearchToken.member_id))
        .subquery()
    )
    return sa.select(people.c.household_id, sa.func.max(people.c.score).label("score")).group_by(people.c.household_id).subquery()


def _closest(one: Registered, typed: str) -> tuple[float, Found]:
    """How alike the closest name of a household is, and whose it is."""
    asked = key_of(typed)
    alike = [
        max(fuzz.token_set_ratio(asked, key_of(name)) for name in (person.name, person.latin or person.name)) for person in one.told.members
    ]
    best = max(range(len(alike)), key=lambda place: (alike[place], -place))
    return alike[best], Found(one, FoundBy.NAME, best)
