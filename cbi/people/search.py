"""Finding a household by whatever a person brings: its number, its paper card, a phone, a document, or a name in any script.

Only indexed columns are asked; names are opened for the page that is shown, never for all that match.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from rapidfuzz import fuzz
from sqlmodel import col

from cbi.errors import Refused
from cbi.people.cards import Card, cards_of, lines_of, open_cards
from cbi.people.contact import read_document, read_phone
from cbi.people.lists import site_choices
from cbi.people.names import fold, key_of, sounds
from cbi.people.numbers import read_number, read_token
from cbi.people.tables import Account, Document, Household, Phone, SearchToken
from cbi.people.tokens import seal_codes
from cbi.store.system import SubjectKey
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
    """Names by what they share with the typed one: spelled parts before sounds, the own site before others."""
    tokens = _tokens(reading, typed, near)
    if not tokens["tokens"]:
        return Listing((), 0, args.within(0))
    rows = _page(reading, tokens, args)
    if not rows and args.page > 1:
        args = ListingArgs(sort=args.sort, size=args.size)
        rows = _page(reading, tokens, args)
    asked = key_of(typed)
    alike = sorted(cards_of(reading, rows), key=lambda card: -_likeness(card, asked))
    return Listing([Found(card, FoundBy.NAME) for card in alike], int(rows[0].total) if rows else 0, args)


def _tokens(reading: Reading, typed: str, near: UUID | None) -> dict[str, list[bytes]]:
    """What to look for at every site: all tokens, those of spelled parts, and those of the own site."""
    heard, spelled = {f"s:{code}" for code in sounds(typed)}, {f"p:{part}" for part in fold(typed)}
    found: dict[str, list[bytes]] = {"tokens": [], "spelled": [], "own": []}
    for site_id, _name in site_choices(reading):
        parts = seal_codes(reading, site_id, spelled)
        both = [*parts, *seal_codes(reading, site_id, heard)]
        found["spelled"] += parts
        found["tokens"] += both
        if site_id == near:
            found["own"] = both
    return found


def _page(reading: Reading, tokens: Mapping[str, list[bytes]], args: ListingArgs) -> Sequence[sa.Row[Any]]:
    asked = {**tokens, "operation_id": reading.operation_id, "size": args.size, "before": args.offset}
    return reading.session.connection().execute(_ranked(reading.system.subject_key), asked).all()


@cache  # put together once: that takes as long as asking it
def _ranked(keys: type[SubjectKey]) -> sa.Select[Any]:
    """One page of households by how much of them fits, each with the member who fits best, and how many fit in all.

    Ranked from the index of tokens alone, so that of thousands who share a sound only those of the page are looked up.
    """
    token = col(SearchToken.token)
    tokens, spelled, own = (_tokens_named(name) for name in ("tokens", "spelled", "own"))
    # Twice what is shared, so that the own site comes first among equals.
    worth = sa.func.sum(sa.case((token.in_(spelled), 2 * _SPELLED), else_=2 * _HEARD)) + sa.func.max(sa.case((token.in_(own), 1), else_=0))
    household, member = col(SearchToken.household_id), col(SearchToken.member_id)
    people = (
        sa.select(household, member, worth.label("worth"))
        .where(col(SearchToken.operation_id) == sa.bindparam("operation_id"), token.in_(tokens))
        .group_by(household, member)
        .subquery()
    )
    best = sa.func.row_number().over(partition_by=people.c.household_id, order_by=(people.c.worth.desc(), people.c.member_id))
    placed = sa.select(people, best.label("place")).subquery()
    page = (
        sa.select(placed.c.household_id, placed.c.member_id, placed.c.worth, sa.func.count().over().label("total"))
        .where(placed.c.place == 1)
        .order_by(placed.c.worth.desc(), placed.c.household_id)
        .limit(sa.bindparam("size"))
        .offset(sa.bindparam("before"))
        .subquery()
    )
    return lines_of(page, keys).add_columns(page.c.total).order_by(page.c.worth.desc(), col(Household.number))


def _tokens_named(name: str) -> sa.BindParameter[bytes]:
    return sa.bindparam(name, expanding=True)


def _likeness(card: Card, asked: str) -> float:
    """How alike the name that fits is to the one that was asked for, of 100."""
    names = (name for name in (card.who or card.head, card.latin) if name)
    return max((fuzz.token_set_ratio(asked, key_of(name)) for name in names), default=0.0)
