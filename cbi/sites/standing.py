"""How a place stands: what its last site check said, how old that is, and what holds a distribution up. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

import screening
from cbi.web.words import _, _l
from screening.kinds import SiteEffect

VALID_DAYS = 90
CONTACT_VALID_DAYS = 30
CONTACT_ITEMS = frozenset({"S01", "S02"})


class Element(StrEnum):
    """The four elements of a delivery that does no harm."""

    SAFETY = "safety"
    ACCESS = "access"
    ACCOUNTABILITY = "accountability"
    PARTICIPATION = "participation"


ELEMENTS = {
    Element.SAFETY: ("S03", "S08", "S10"),
    Element.ACCESS: ("S05", "S06", "S07", "S09"),
    Element.ACCOUNTABILITY: ("S01", "S02", "S11"),
    Element.PARTICIPATION: ("S04", "S12", "S13"),
}
ELEMENT_WORDS = {
    Element.SAFETY: _l("Safety and dignity"),
    Element.ACCESS: _l("Meaningful access"),
    Element.ACCOUNTABILITY: _l("Accountability"),
    Element.PARTICIPATION: _l("Participation"),
}


class Holds(StrEnum):
    """What something found at a place holds up."""

    DAYS = "days"
    PRIVATE_PAGE = "private_page"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing a site check raised. because: its lines; holds: what waits until it is put right, nothing when it is empty."""

    reason: str
    because: tuple[str, ...]
    holds: tuple[Holds, ...]


class Why(StrEnum):
    """Why a distribution day cannot be confirmed."""

    NO_CHECK = "no_check"
    TOO_OLD = "too_old"
    FIX_OPEN = "fix_open"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Block:
    """One thing that holds a distribution up. measure: the open fix's code; fix: completes "You need to …"."""

    why: Why
    fix: str
    measure: str = ""


@dataclass(frozen=True, slots=True)
class Leave:
    """Agreed leave to confirm days up to a date although these fixes are open. It opens nothing else."""

    override_id: UUID
    measures: frozenset[str]
    until: date

    def lifts(self, block: Block, on: date) -> bool:
        """Whether it lets a day on that date be confirmed in spite of this block."""
        return block.why is Why.FIX_OPEN and block.measure in self.measures and on <= self.until


@dataclass(frozen=True, slots=True)
class SiteStanding:
    """A place's last site check.

    answers: item to "yes", "partly", "no" or "dk".  open_measures: codes of its fixes that are not closed yet.
    asked: the check as it is asked today; every version counts a place's lines alike.  leave: what two people agreed on about this check,
    when it still counts.
    """

    check_id: UUID
    site_id: UUID
    instrument: str
    answers: Mapping[str, str]
    answered_on: date
    confirmed_by: UUID
    asked: screening.Instrument = field(repr=False)
    open_measures: frozenset[str] = frozenset()
    leave: Leave | None = None

    @property
    def assessment(self) -> screening.SiteAssessment:
        """What the answers come to."""
        return screening.assess_site(self.asked, screening.parse_site(self.asked, self.answers))

    def valid_until(self, item: str = "") -> date:
        """The last day on which an answer counts; without an item, the whole check."""
        return self.answered_on + timedelta(days=CONTACT_VALID_DAYS if item in CONTACT_ITEMS else VALID_DAYS)

    def is_old(self, today: date, item: str = "") -> bool:
        """Whether it is too old to rely on."""
        return today > self.valid_until(item)

    def in_place(self, element: Element) -> int:
        """How many lines of an element are fully in place."""
        return sum(self.answers.get(item) == "yes" for item in ELEMENTS[element])


def blocks_of(standing: SiteStanding | None, on: date) -> tuple[Block, ...]:
    """What holds a distribution on that date up, the gravest first; empty when it may be confirmed."""
    leave = standing.leave if standing else None
    return tuple(block for block in findings_of(standing, on) if leave is None or not leave.lifts(block, on))


def findings_of(standing: SiteStanding | None, on: date) -> tuple[Block, ...]:
    """The same without regard to any leave that was agreed on."""
    if standing is None:
        return (Block(Why.NO_CHECK, _("make the site check with the protection team: there is none for this place yet")),)
    assessment = standing.assessment
    found = [
        Block(Why.FIX_OPEN, _fix_words(standing.asked, measure), measure)
        for measure in assessment.blocking
        if measure in standing.open_measures
    ]
    if assessment.unanswered:
        found.append(Block(Why.UNANSWERED, _("answer every line of the site check")))
    if standing.is_old(on):
        found.append(Block(Why.TOO_OLD, _("make the site check again: on that day it is older than 90 days")))
    return tuple(found)


def found_by(standing: SiteStanding | None, instrument: screening.Instrument) -> tuple[Found, ...]:
    """What the last site check raised, in the instrument's language, each with what it holds up."""
    if standing is None:
        return ()
    raised = screening.assess_site(instrument, screening.parse_site(instrument, standing.answers)).concerns
    return tuple(Found(one.reason, one.because, _held_by(instrument, one.because)) for one in raised)


def _held_by(instrument: screening.Instrument, items: tuple[str, ...]) -> tuple[Holds, ...]:
    fixes = [instrument.fix(fix) for item in items for fix in instrument.site_item(item).fixes]
    held = {
        Holds.DAYS: any(fix.effect is SiteEffect.NO_CONFIRMATION for fix in fixes),
        Holds.PRIVATE_PAGE: bool(set(items) & {gate.site_item for gate in instrument.gates}),
    }
    return tuple(what for what, holds in held.items() if holds)


def _fix_words(instrument: screening.Instrument, measure: str) -> str:
    title = instrument.fix(measure).title
    return _("put this right and close it: %(what)s", what=title[:1].lower() + title[1:])
