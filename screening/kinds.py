"""The closed lists a delivery check is written in: bands, pages, kinds, effects and facts."""

from collections.abc import Iterable
from enum import StrEnum


class Band(StrEnum):
    """How much attention a letter or a site asks for; never a word about the person."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Place in the order of attention: 0 for low, 3 for critical."""
        return list(Band).index(self)

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody has to read it: high and critical only."""
        return self.rank >= Band.HIGH.rank


def severest(bands: Iterable[Band]) -> Band:
    """The band that asks for most attention; low when there is none."""
    return max(bands, key=lambda band: band.rank, default=Band.LOW)


class Page(StrEnum):
    """Where an item stands: on the sealed private page, or among everybody's delivery choices."""

    PRIVATE = "private"
    CHOICES = "choices"


class ItemType(StrEnum):
    """How an item is answered."""

    ONE = "select_one"
    MULTIPLE = "select_multiple"


class DomainKind(StrEnum):
    """Access needs lead to adaptations only; risk domains alone can lead to a review."""

    ACCESS = "access"
    RISK = "risk"


class Effect(StrEnum):
    """What a measure changes in a household's arrangement."""

    NONE = "none"
    MESSAGING = "messaging"
    DATE = "change_date"
    SITE = "change_site"
    MECHANISM = "change_mechanism"
    MODALITY = "change_modality"
    SPLIT = "split"
    ON_REQUEST = "on_request"
    TOP_UP = "top_up"
    COLLECTOR = "change_collector"
    RECIPIENT = "change_recipient"


class SiteEffect(StrEnum):
    """What an open site fix changes for a distribution."""

    NONE = "none"
    DATE = "change_date"
    SITE = "change_site"
    DATE_OR_SITE = "change_date_or_site"
    MECHANISM = "change_mechanism"
    NO_PRIVATE_PAGE = "disable_household_form"
    NO_CONFIRMATION = "block_event_confirmation"


class Owner(StrEnum):
    """Who carries a measure out."""

    INTERVIEWER = "interviewer"
    PROTECTION = "protection"
    PROGRAMME = "programme"
    SITE = "site"
    SYSTEM = "system"


class Track(StrEnum):
    """Which officers a concern goes to; a second track needs an intake key of its own."""

    SUPPORT = "support"


class Collect(StrEnum):
    """A structured detail the choices page asks beside an option; never free text."""

    UNAVAILABLE_SLOTS = "unavailable_slots"
    SAFE_HOURS = "safe_hours"
    PREFERRED_MECHANISM = "preferred_mechanism"
    ALTERNATE_PERSON = "alternate_person"


class Need(StrEnum):
    """An office setting without which an item is not shown to anybody."""

    REPORTING_TEXT = "reporting_text"


class GateFact(StrEnum):
    """What the office must know, besides the site check, before private questions may be asked."""

    DAY_LISTED = "site_and_day_listed"
    INTERVIEWS_LEFT = "interviews_left"
    INTERVIEWER_CERTIFIED = "interviewer_certified"
    PROGRAMME_SIGNED_OFF = "programme_protection_signoff"


class OnStop(StrEnum):
    """What happens when a line of "Before we start" says stop; each leads to the delivery choices."""

    CHOICES = "go_to_choices"
    REASSIGN = "offer_reassignment"
    CHILD = "child_route"
    DECLINED = "declined_no_effect"
