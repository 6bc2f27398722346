"""The rows of lists of households: what each cell says, and where its link leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import TypeVar

from flask_babel import LazyString

from cbi.people.cards import Card
from cbi.people.search import Found
from cbi.people.tables import ReviewReason
from cbi.people.words import FOUND, REVIEWS, WORDS
from cbi.web.cells import Line
from cbi.web.filters import day, reference
from cbi.web.listing import links
from cbi.web.words import _

_One = TypeVar("_One")  # a word from a closed list


def found_lines(found: Iterable[Found]) -> Iterator[Line]:
    """Number and state; who fits, the site, how many people, by what it was found."""
    state, review, by = _said(WORDS), _said(REVIEWS), _said(FOUND)
    opened, head, household_url = _("Open %(n)s"), _("head: %(name)s"), links("people.household", "household_id")
    for one in found:
        card = one.card
        who = (card.who, head % {"name": card.head}) if card.who else card.head
        yield Line(
            what=(reference(card.number), review(card.review) if card.review else state(card.status)),
            cells=(who, card.site_name, card.people, by(one.by)),
            url=household_url(card.id),
            words=opened % {"n": card.number},
        )


def listed_lines(cards: Iterable[Card], *, answering: bool) -> Iterator[Line]:
    """Number; head, place, how many people, since when, state. answering: a household that looks like another is opened beside that one."""
    said, review = _said(WORDS), _said(REVIEWS)
    opened, household_url, alike_url = _("Open %(n)s"), links("people.household", "household_id"), links("people.alike", "household_id")
    for card in cards:
        state = said(card.status)
        address = alike_url if answering and card.review is ReviewReason.DUPLICATE else household_url
        yield Line(
            what=reference(card.number),
            cells=(
                card.head,
                ", ".join(filter(None, (card.site_name, card.shelter))),
                card.people,
                day(card.registered_on),
                (state, review(card.review)) if card.review else state,
            ),
            url=address(card.id),
            words=opened % {"n": card.number},
        )


def _said(words: Mapping[_One, LazyString]) -> Callable[[_One], str]:
    """These words in the reader's language, each looked up once for a list."""
    return cache(lambda one: str(words[one]))
