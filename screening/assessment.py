"""What an assessment holds, and the form of it that other programs rely on."""

from dataclasses import dataclass
from typing import TypedDict

from screening.kinds import Band
from screening.measures import Blocked
from screening.rules import Concern


class ConcernJson(TypedDict):
    """A concern as other programs read it."""

    id: str
    because: list[str]
    track: str


class BlockedJson(TypedDict):
    """A blocked measure as other programs read it."""

    measure: str
    by: str


class AssessmentJson(TypedDict):
    """A household's assessment as other programs read it."""

    band: str
    total: int
    risk_total: int
    concerns: list[ConcernJson]
    measures: list[str]
    blocked: list[BlockedJson]
    ignored: list[str]


class SiteConcernJson(TypedDict):
    """A site's concern as other programs read it."""

    id: str
    because: list[str]
    reason: str


class SiteAssessmentJson(TypedDict):
    """A site's assessment as other programs read it."""

    band: str
    total: int
    concerns: list[SiteConcernJson]
    fixes: list[str]
    ignored: list[str]


@dataclass(frozen=True, slots=True)
class Context:
    """What the office plans for this household.

    mechanism: the planned way of paying (None: unknown, nothing becomes irrelevant by it).
    available: measures that can be had at the site (None: all); see measures.available_at.
    """

    mechanism: str | None = None
    available: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class DomainScore:
    """The points of one topic: as given, and as counted under its cap."""

    domain: str
    given: int
    counted: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a household's answers come to, with everything it was made from.

    total, risk_total: T and R. reasons: plain sentences, never empty. ignored: items skipped, refused or irrelevant.
    unavailable: measures left out because the site cannot offer them. version: of the instrument.
    """

    version: str
    band: Band
    total: int
    risk_total: int
    scores: tuple[DomainScore, ...]
    concerns: tuple[Concern, ...]
    measures: tuple[str, ...]
    blocked: tuple[Blocked, ...]
    unavailable: tuple[str, ...]
    ignored: tuple[str, ...]
    reasons: tuple[str, ...]

    def to_json(self) -> AssessmentJson:
        """The form that other programs rely on."""
        return {
            "band": self.band.value,
            "total": self.total,
            "risk_total": self.risk_total,
            "concerns": [{"id": one.id, "because": list(one.because), "track": str(one.track or "")} for one in self.concerns],
            "measures": list(self.measures),
            "blocked": [{"measure": one.measure, "by": one.by} for one in self.blocked],
            "ignored": list(self.ignored),
        }


@dataclass(frozen=True, slots=True)
class SiteAssessment:
    """What a site check comes to.

    fixes: what to put right, the gravest first. blocking: those that hold up a distribution until done.
    unanswered: lines still to be answered; until there are none the check is not finished.
    """

    version: str
    band: Band
    total: int
    concerns: tuple[Concern, ...]
    fixes: tuple[str, ...]
    blocking: tuple[str, ...]
    unanswered: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def blocks_confirmation(self) -> bool:
        """Whether a distribution at this place cannot be confirmed yet."""
        return bool(self.blocking or self.unanswered)

    def to_json(self) -> SiteAssessmentJson:
        """The form that other programs rely on."""
        return {
            "band": self.band.value,
            "total": self.total,
            "concerns": [{"id": one.id, "because": list(one.because), "reason": one.reason} for one in self.concerns],
            "fixes": list(self.fixes),
            "ignored": list(self.unanswered),
        }
