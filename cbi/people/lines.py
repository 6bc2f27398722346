"""The rows of lists of households: what each cell says, and where its link leads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cbi.people.cards import Card
from cbi.people.search import Found
from cbi.people.tables import HouseholdStatus, ReviewReason
from cbi.people.words import FOUND, REVIEWS, WORDS
from cbi.web.cells import Line
from cbi.web.filters import day, reference
from cbi.web.listing import links
from cbi.web.words import _


def found_lines(found: Iterable[Found]) -> Iterator[Line]:
    """Number and state; who fits, the site, how many people, by what it was found."""
    states, reviews = _states(), _reviews()
    by = {one: str(words) for one, words in FOUND.items()}
    opened, head, household_url = _("Open %(n)s"), _("head: %(name)s"), links("people.household", "household_id")
    for one in found:
        card = one.card
        who = (card.who, head % {"name": card.head}) if card.who else card.head
        yield Line(
            what=(reference(card.number), reviews[card.review] if card.review else states[card.status]),
            cells=(who, card.site_name, card.people, by[one.by]),
            url=household_url(card.id),
            words=opened % {"n": card.number},
        )


def listed_lines(cards: Iterable[Card], *, answering: bool) -> Iterator[Line]:
    """Number; head, place, how many people, since when, state. answering: a household that looks like another is opened beside that one."""
    states, reviews = _states(), _reviews()
    opened, household_url, alike_url = _("Open %(n)s"), links("people.household", "household_id"), links("people.alike", "household_id")
    for card in cards:
        state = states[card.status]
        address = alike_url if answering and card.review is ReviewReason.DUPLICATE else household_url
        yield Line(
            what=reference(card.number),
            cells=(
                card.head,
                ", ".join(filter(None, (card.site_name, card.shelter))),
                card.people,
                day(card.registered_on),
                (state, reviews[card.review]) if card.review else state,
            ),
            url=address(card.id),
            words=opened % {"n": card.number},
        )


def _states() -> dict[HouseholdStatus, str]:
    """In the reader's language: once for a list, not for each row."""
    return {one: str(WORDS[one]) for one in HouseholdStatus}


def _reviews() -> dict[ReviewReason, str]:
    return {one: str(words) for one, words in REVIEWS.items()}
