"""Finding a household by whatever a person brings: its number, its paper card, a phone, a document, or a name in any script.

Only indexed columns are asked; names are opened for the page that is shown, never for all that match.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from rapidfuzz import fuzz
from sqlmodel import col

from cbi.errors import Refused
from cbi.people.cards import Card, open_cards
from cbi.people.contact import read_document, read_phone
from cbi.people.lists import site_choices
from cbi.people.names import fold, key_of, sounds
from cbi.people.numbers import read_number, read_token
from cbi.people.tables import Account, Document, Household, Phone, SearchToken
from cbi.people.tokens import seal_codes
from cbi.store.work import Reading
from cbi.web.listing import Listing, ListingArgs

_LONGEST = 120
_SPELLED, _HEARD = 3, 2


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
    """A household and why it is shown."""

    card: Card
    by: FoundBy


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
    shown = col(Household.restricted_on).is_(None)
    ordered = sa.select(col(Household.id)).where(col(Household.id).in_(found), shown).order_by(col(Household.number))
    ids = list(reading.session.connection().execute(ordered).scalars())
    paged = args.within(len(ids))
    page = open_cards(reading, ids[paged.offset : paged.offset + paged.size])
    return Listing([Found(card, found[card.id]) for card in page], len(ids), paged)


def _by_name(reading: Reading, typed: str, args: ListingArgs, near: UUID | None) -> Listing[Found]:
    """Names by what they share with the typed one: spelled parts before sounds, the own site before others, then by number."""
    tokens = _weighted(reading, typed)
    if not tokens:
        return Listing((), 0, args.within(0))
    total, paged, met = _met(reading, tokens, args, near)
    cards = open_cards(reading, met, looked_for=met)
    asked = key_of(typed)
    alike = sorted(cards, key=lambda card: -_likeness(card, asked))
    return Listing([Found(card, FoundBy.NAME) for card in alike], total, paged)


def _weighted(reading: Reading, typed: str) -> dict[bytes, int]:
    """The tokens to look for at every site, with what each is worth: a spelled part tells more than its sound."""
    heard, spelled = {f"s:{code}" for code in sounds(typed)}, {f"p:{part}" for part in fold(typed)}
    tokens: dict[bytes, int] = {}
    for site_id, _name in site_choices(reading):
        tokens |= dict.fromkeys(seal_codes(reading, site_id, heard), _HEARD)
        tokens |= dict.fromkeys(seal_codes(reading, site_id, spelled), _SPELLED)
    return tokens


def _met(reading: Reading, tokens: dict[bytes, int], args: ListingArgs, near: UUID | None) -> tuple[int, ListingArgs, dict[UUID, UUID]]:
    """How many households fit, and one page of them in order, each with the member who fits best."""
    asked = {
        "operation_id": reading.operation_id,
        "tokens": list(tokens),
        "spelled": [token for token, worth in tokens.items() if worth == _SPELLED],
        "near": near,
    }
    rows = _page(reading, asked, args)
    if not rows and args.page > 1:
        args = ListingArgs(sort=args.sort, size=args.size)
        rows = _page(reading, asked, args)
    return (int(rows[0].total) if rows else 0), args, {row.household_id: row.member_id for row in rows}


def _page(reading: Reading, asked: dict[str, object], args: ListingArgs) -> Sequence[sa.Row[Any]]:
    paged = {"size": args.size, "before": args.offset, "wanted": args.offset + args.size}
    return reading.session.connection().execute(_ranked(), {**asked, **paged}).all()


@cache  # put together once: that takes as long as asking it
def _ranked() -> sa.Select[Any]:
    """One page of households by how much of them fits, the own site before others, then by number.

    Only those fitting enough to stand on the page or before it are looked up: a common sound is shared by thousands.
    """
    token = col(SearchToken.token)
    spelled: sa.BindParameter[bytes] = sa.bindparam("spelled", expanding=True)
    tokens: sa.BindParameter[bytes] = sa.bindparam("tokens", expanding=True)
    people = (
        sa.select(
            col(SearchToken.household_id).label("household_id"),
            col(SearchToken.member_id).label("member_id"),
            sa.func.sum(sa.case((token.in_(spelled), _SPELLED), else_=_HEARD)).label("score"),
        )
        .where(col(SearchToken.operation_id) == sa.bindparam("operation_id"), token.in_(tokens))
        .group_by(col(SearchToken.household_id), col(SearchToken.member_id))
        .cte("people")
    )
    best = sa.select(people.c.household_id, sa.func.max(people.c.score).label("score")).group_by(people.c.household_id).cte("best")
    count, upto = sa.func.count(), sa.func.sum(sa.func.count()).over(order_by=best.c.score.desc()).label("upto")
    levels = sa.select(best.c.score, count.label("households"), upto).group_by(best.c.score).cte("levels")
    least = sa.select(sa.func.max(levels.c.score)).where(levels.c.upto >= sa.bindparam("wanted")).scalar_subquery()
    top = sa.select(best.c.household_id).where(best.c.score >= sa.func.coalesce(least, 0)).cte("top")
    order = people.c.score.desc(), people.c.member_id
    place = sa.func.row_number().over(partition_by=people.c.household_id, order_by=order).label("place")
    ranked = sa.select(people, place).join(top, top.c.household_id == people.c.household_id).subquery()
    total = sa.select(sa.func.sum(levels.c.households)).scalar_subquery().label("total")
    own = sa.case((col(Household.site_id) == sa.bindparam("near", type_=sa.Uuid()), 1), else_=0)
    return (
        sa.select(ranked.c.household_id, ranked.c.member_id, total)
        .join(Household, col(Household.id) == ranked.c.household_id)
        .where(ranked.c.place == 1)
        .order_by(ranked.c.score.desc(), own.desc(), col(Household.number))
        .limit(sa.bindparam("size"))
        .offset(sa.bindparam("before"))
    )


def _likeness(card: Card, asked: str) -> float:
    """How alike the name that fits is to the one that was asked for, of 100."""
    return max(fuzz.token_set_ratio(asked, key_of(name)) for name in (card.who or card.head, card.latin) if name)
