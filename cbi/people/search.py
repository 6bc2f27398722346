"""Finding a household by whatever a person brings: its number, its paper card, a phone, a document, or a name in any script.

Only indexed columns are asked; names are opened for the page that is shown, never for all that match.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from rapidfuzz import fuzz
from sqlmodel import col

from cbi.errors import Refused
from cbi.people.cards import Card, open_cards, open_found
from cbi.people.contact import read_document, read_phone
from cbi.people.lists import site_choices
from cbi.people.names import fold, key_of, sounds
from cbi.people.numbers import read_number, read_token
from cbi.people.tables import Account, Document, Household, Phone, SearchToken
from cbi.people.tokens import seal_codes
from cbi.store.work import Reading
from cbi.web.listing import Listing, ListingArgs

_LONGEST = 120
# What a shared part of a name is worth, and its sound; that somebody is of the own site decides among equals only.
_SPELLED, _HEARD, _NEAR = 6, 4, 1


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
    if not tokens.worth:
        return Listing((), 0, args.within(0))
    found = _ranked(reading, tokens)
    total = len({_household(one) for one in found})
    if args.offset >= total:
        args = ListingArgs(sort=args.sort, size=args.size)
    page = _best(found, args.offset + args.size)[args.offset :]
    cards = open_found(reading, [_member(one) for one in page])
    shown = {one: cards[_member(one)] for one in page if _member(one) in cards}
    asked = key_of(typed)
    alike = sorted(shown, key=lambda one: (-_likeness(shown[one], asked), -found[one], shown[one].number))
    return Listing([Found(shown[one], FoundBy.NAME) for one in alike], total, args)


@dataclass(frozen=True, slots=True)
class _Tokens:
    """What to look for at every site. worth: of each token, how much it says that somebody is under it; own: those of the own site."""

    worth: dict[bytes, int]
    own: set[bytes]


def _tokens(reading: Reading, typed: str, near: UUID | None) -> _Tokens:
    heard, spelled = {f"s:{code}" for code in sounds(typed)}, {f"p:{part}" for part in fold(typed)}
    found = _Tokens({}, set())
    for site_id, _name in site_choices(reading):
        here = dict.fromkeys(seal_codes(reading, site_id, heard), _HEARD) | dict.fromkeys(seal_codes(reading, site_id, spelled), _SPELLED)
        found.worth.update(here)
        if site_id == near:
            found.own.update(here)
    return found


# Somebody found: the ids of household and member in hexadecimal digits, one after the other.
_DIGITS = 32


def _household(one: str) -> str:
    return one[:_DIGITS]


def _member(one: str) -> str:
    return one[_DIGITS:]


def _ranked(reading: Reading, tokens: _Tokens) -> dict[str, int]:
    """Everybody who shares a token, and how much of them fits. Added up here: the database would sort them all three times over."""
    asked = {"operation_id": reading.operation_id, "tokens": list(tokens.worth)}
    found: dict[str, int] = {}
    near: set[str] = set()
    for token, people in reading.session.connection().execute(_UNDER, asked).all():
        worth, everybody = tokens.worth[token], people.replace("-", "").split(" ")
        for one in everybody:
            found[one] = found.get(one, 0) + worth
        if token in tokens.own:
            near.update(everybody)
    for one in near:
        found[one] += _NEAR
    return found


def _best(found: Mapping[str, int], most: int) -> list[str]:
    """Of each of the best households the member who fits best; equal ones by their ids, which are random but stay the same."""
    alike: dict[int, list[str]] = {}
    for one, worth in found.items():
        alike.setdefault(worth, []).append(one)
    best: dict[str, str] = {}
    for worth in sorted(alike, reverse=True):
        for one in sorted(alike[worth]):
            best.setdefault(_household(one), one)
        if len(best) >= most:
            break
    return list(best.values())[:most]


def _text(column: Any) -> sa.ColumnElement[str]:  # Any: SQLModel types a column of a table class as its value
    return sa.cast(column, sa.String())


# Everybody under each token, in the order of the index, as one text: a row for each of thousands would take longer to fetch than to add up.
_UNDER = (
    sa.select(col(SearchToken.token), sa.func.aggregate_strings(_text(SearchToken.household_id) + _text(SearchToken.member_id), " "))
    .where(
        col(SearchToken.operation_id) == sa.bindparam("operation_id"), col(SearchToken.token).in_(sa.bindparam("tokens", expanding=True))
    )
    .group_by(col(SearchToken.token))
)


def _likeness(card: Card, asked: str) -> float:
    """How alike the name that fits is to the one that was asked for, of 100."""
    names = (name for name in (card.who or card.head, card.latin) if name)
    return max((fuzz.token_set_ratio(asked, key_of(name)) for name in names), default=0.0)
