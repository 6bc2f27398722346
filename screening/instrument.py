"""What a delivery check is made of: frozen values that every other module reads and none may change."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from screening.kinds import (
    Band,
    Collect,
    DomainKind,
    Effect,
    GateFact,
    ItemType,
    Need,
    OnStop,
    Owner,
    Page,
    SiteEffect,
    Track,
)


class _Named(Protocol):
    """Anything that is looked up by its id."""

    @property
    def id(self) -> str:
        """The id, unique among its kind."""
        ...


_N = TypeVar("_N", bound=_Named)


def _by_id(things: Iterable[_N], wanted: str) -> _N:
    for thing in things:
        if thing.id == wanted:
            return thing
    raise KeyError(wanted)


@dataclass(frozen=True, slots=True)
class Domain:
    """A topic whose points are capped, so that no one topic decides alone."""

    id: str
    kind: DomainKind
    cap: int
    title: str


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to an item, with the measures it suggests.

    exclusive: stands alone ("Nothing needed"); dropped when anything else is chosen with it.
    collect: the structured detail asked beside it, on the choices page only.
    """

    id: str
    label: str
    points: int
    measures: tuple[str, ...] = ()
    exclusive: bool = False
    collect: Collect | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition of a rule: this item was answered with any of these options."""

    item: str
    any_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relevance:
    """When an item counts: for these planned mechanisms, or after this earlier answer."""

    mechanisms: tuple[str, ...] = ()
    after: Clause | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One question to a household.

    cap: most points its options give together (None: no cap of its own).
    sensitivity: 1 may be asked at a desk, 2 in a private place only, 3 with privacy confirmed again.
    needs: the office setting without which nobody is asked; see Need.
    """

    id: str
    page: Page
    domain: str
    type: ItemType
    sensitivity: int
    wording: str
    options: tuple[Option, ...]
    cap: int | None = None
    asked_of: str = "recipient"
    read_options: bool = True
    relevance: Relevance | None = None
    needs: Need | None = None
    prefill: str | None = None
    sources: tuple[str, ...] = ()

    def option(self, option_id: str) -> Option | None:
        """The option with this id; None for an implicit one ("prefers not to answer")."""
        return next((option for option in self.options if option.id == option_id), None)

    def words(self, mechanism_label: str) -> str:
        """The question with the planned mechanism named in it."""
        return self.wording.replace("{mechanism}", mechanism_label)


@dataclass(frozen=True, slots=True)
class Rule:
    """A concern that fires when every clause holds, with its reason in plain words.

    suggests: measures (household) or fixes (site) that the concern itself brings.
    """

    id: str
    band: Band
    clauses: tuple[Clause, ...]
    reason: str
    suggests: tuple[str, ...] = ()
    track: Track | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A change of arrangement open to every household, never a judgement of one.

    agree: the person must agree first.
    blocked_by: rules that stop it from being suggested until an officer has talked with the person.
    """

    id: str
    effect: Effect
    agree: bool
    owner: Owner
    title: str
    description: str
    caution: str
    blocked_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteItem:
    """One statement about a place, answered jointly by programme and protection."""

    id: str
    domain: str
    wording: str
    fixes: tuple[str, ...]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteFix:
    """Something to put right at a place, and what it holds up until then."""

    id: str
    effect: SiteEffect
    title: str


@dataclass(frozen=True, slots=True)
class Gate:
    """A precondition of the private page, read from office facts; the same for every household.

    Either a site item with its accepted answers, or a fact; max_age_days: how long it stays true.
    """

    id: str
    reason: str
    site_item: str | None = None
    any_of: tuple[str, ...] = ()
    fact: GateFact | None = None
    max_age_days: int | None = None


@dataclass(frozen=True, slots=True)
class SessionGate:
    """A line of "Before we start": passed or stopped in one interview, never scored.

    ask: "interviewer" or "respondent"; answers: the ids that may be given; stop_if: those that stop.
    same_sex: the answer names whom the person would rather talk with and is compared with the interviewer.
    """

    id: str
    ask: str
    wording: str
    answers: tuple[str, ...]
    stop_if: tuple[str, ...]
    on_stop: OnStop
    same_sex: bool = False


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the bands begin.

    medium_total: T from which a household is medium; high_risk_total: R from which it is high.
    site_medium, site_high: the same for a site's total.
    """

    medium_total: int
    high_risk_total: int
    site_medium: int
    site_high: int


@dataclass(frozen=True, slots=True)
class HeldBack:
    """An item that is designed but not asked, with the reason in the instrument's comments and documents."""

    id: str
    until: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence of the engine in the instrument's language, with {placeholders}."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """A whole delivery check in one language.

    notice: what must be said wherever the instrument is described; not for the pages of the office.
    mechanisms: the ways of paying that relevance may name. implicit: options every household item has, worth nothing.
    """

    name: str
    version: str
    language: str
    title: str
    notice: str
    mechanisms: tuple[str, ...]
    implicit: tuple[Phrase, ...]
    thresholds: Thresholds
    band_names: tuple[Phrase, ...]
    domains: tuple[Domain, ...]
    items: tuple[Item, ...]
    rules: tuple[Rule, ...]
    measures: tuple[Measure, ...]
    site_points: tuple[tuple[str, int], ...]
    site_answers: tuple[Phrase, ...]
    site_items: tuple[SiteItem, ...]
    site_rules: tuple[Rule, ...]
    site_fixes: tuple[SiteFix, ...]
    gates: tuple[Gate, ...]
    session_gates: tuple[SessionGate, ...]
    held_back: tuple[HeldBack, ...]
    phrases: tuple[Phrase, ...]

    def page(self, page: str) -> tuple[Item, ...]:
        """The items of one page ("private" or "choices"), in the order they are asked."""
        return tuple(item for item in self.items if item.page == Page(page))

    def item(self, item_id: str) -> Item:
        """The household item with this id. Raises KeyError."""
        return _by_id(self.items, item_id)

    def site_item(self, item_id: str) -> SiteItem:
        """The site item with this id. Raises KeyError."""
        return _by_id(self.site_items, item_id)

    def measure(self, measure_id: str) -> Measure:
        """The measure with this id. Raises KeyError."""
        return _by_id(self.measures, measure_id)

    def fix(self, fix_id: str) -> SiteFix:
        """The site fix with this id. Raises KeyError."""
        return _by_id(self.site_fixes, fix_id)

    def domain(self, domain_id: str) -> Domain:
        """The domain with this id. Raises KeyError."""
        return _by_id(self.domains, domain_id)

    def band_name(self, band: Band) -> str:
        """The word the room shows for a band ("Review"), so that none hangs on a person."""
        return _by_id(self.band_names, band.value).text

    def implicit_ids(self) -> tuple[str, ...]:
        """Ids of the options every household item has besides its own."""
        return tuple(phrase.id for phrase in self.implicit)

    def phrase(self, phrase_id: str, **values: object) -> str:
        """A sentence of the engine with its places filled in. Raises KeyError."""
        text = _by_id(self.phrases, phrase_id).text
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def wording(self, item_id: str, option_id: str | None = None) -> str:
        """The words of an item, or of one of its options. Raises KeyError."""
        if any(item.id == item_id for item in self.site_items):
            return self.site_item(item_id).wording if option_id is None else _by_id(self.site_answers, option_id).text
        item = self.item(item_id)
        if option_id is None:
            return item.wording
        option = item.option(option_id)
        return option.label if option else _by_id(self.implicit, option_id).text
