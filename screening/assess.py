"""Adds up what was answered, raises it by the concerns, and explains itself: a band never comes without its reasons.

The sum may only add help; only a concern or strain in two risk domains brings a person. Nothing here touches money.
"""

from screening.answers import Answers
from screening.assessment import Assessment, Context, DomainScore, SiteAssessment
from screening.instrument import Domain, Instrument, Item
from screening.kinds import Band, DomainKind, ItemType, SiteEffect, severest
from screening.measures import suggest
from screening.routing import counting
from screening.rules import Concern, concerns


def assess_household(instrument: Instrument, answers: Answers, context: Context | None = None) -> Assessment:
    """Add up, raise by the concerns, suggest measures. The order of the answers changes nothing."""
    plan = context or Context()
    counted = counting(instrument, answers, plan.mechanism)
    scores = tuple(_score(instrument, domain, counted) for domain in instrument.domains)
    total, risk_total = sum(score.counted for score in scores), _risk_total(instrument, scores)
    raised = concerns(instrument.rules, counted)
    suggestions = suggest(instrument, counted, raised, plan.available)
    return Assessment(
        version=instrument.version,
        band=severest((_base_band(instrument, total, risk_total), *(concern.band for concern in raised))),
        total=total,
        risk_total=risk_total,
        scores=scores,
        concerns=raised,
        measures=suggestions.suggested,
        blocked=suggestions.blocked,
        unavailable=suggestions.unavailable,
        ignored=tuple(item.id for item in instrument.items if not counted.of(item.id)),
        reasons=_reasons(instrument, raised, total, risk_total),
    )


def assess_site(instrument: Instrument, answers: Answers) -> SiteAssessment:
    """Add up the gaps of a place and list what to put right. Not knowing counts as a gap; an unanswered line is listed."""
    points = dict(instrument.site_points)
    given = {item.id: next(iter(answers.of(item.id))) for item in instrument.site_items if answers.of(item.id)}
    total = sum(points[answer] for answer in given.values())
    raised = concerns(instrument.site_rules, answers)
    open_fixes = [fix for concern in raised for fix in concern.suggests]
    open_fixes += [fix for item in instrument.site_items if points.get(given.get(item.id, ""), 0) for fix in item.fixes]
    unanswered = tuple(item.id for item in instrument.site_items if item.id not in given)
    return SiteAssessment(
        version=instrument.version,
        band=severest((_site_base_band(instrument, total), *(concern.band for concern in raised))),
        total=total,
        concerns=raised,
        fixes=tuple(dict.fromkeys(open_fixes)),
        blocking=_blocking(instrument, given),
        unanswered=unanswered,
        reasons=_site_reasons(instrument, raised, total, len(unanswered)),
    )


def most_points(instrument: Instrument, kinds: frozenset[DomainKind] = frozenset(DomainKind)) -> int:
    """The highest sum that the items of these kinds of domain can reach under their caps."""
    return sum(
        min(domain.cap, sum(_most_of(item) for item in instrument.items if item.domain == domain.id))
        for domain in instrument.domains
        if domain.kind in kinds
    )


def _most_of(item: Item) -> int:
    points = [option.points for option in item.options]
    most = sum(points) if item.type is ItemType.MULTIPLE else max(points, default=0)
    return most if item.cap is None else min(most, item.cap)


def _score(instrument: Instrument, domain: Domain, answers: Answers) -> DomainScore:
    given = sum(_item_points(item, answers) for item in instrument.items if item.domain == domain.id)
    return DomainScore(domain.id, given=given, counted=min(given, domain.cap))


def _item_points(item: Item, answers: Answers) -> int:
    points = sum(option.points for option in item.options if option.id in answers.of(item.id))
    return points if item.cap is None else min(points, item.cap)


def _risk_total(instrument: Instrument, scores: tuple[DomainScore, ...]) -> int:
    return sum(score.counted for score in scores if instrument.domain(score.domain).kind is DomainKind.RISK)


def _base_band(instrument: Instrument, total: int, risk_total: int) -> Band:
    if risk_total >= instrument.thresholds.high_risk_total:
        return Band.HIGH
    return Band.MEDIUM if total >= instrument.thresholds.medium_total else Band.LOW


def _site_base_band(instrument: Instrument, total: int) -> Band:
    if total >= instrument.thresholds.site_high:
        return Band.HIGH
    return Band.MEDIUM if total >= instrument.thresholds.site_medium else Band.LOW


def _blocking(instrument: Instrument, given: dict[str, str]) -> tuple[str, ...]:
    # "Partly" is being worked on; a whole gap, or one nobody can speak to, holds the distribution up.
    points = dict(instrument.site_points)
    worst = max(points.values(), default=0)
    return tuple(
        dict.fromkeys(
            fix
            for item in instrument.site_items
            if item.id in given and worst and points[given[item.id]] == worst
            for fix in item.fixes
            if instrument.fix(fix).effect is SiteEffect.NO_CONFIRMATION
        )
    )


def _concern_reasons(instrument: Instrument, raised: tuple[Concern, ...]) -> tuple[str, ...]:
    return tuple(instrument.phrase("concern", reason=one.reason, items=", ".join(one.because)) for one in raised)


def _reasons(instrument: Instrument, raised: tuple[Concern, ...], total: int, risk_total: int) -> tuple[str, ...]:
    limits = instrument.thresholds
    whole = instrument.phrase(
        "sum", total=total, most=most_points(instrument), medium=limits.medium_total, medium_name=instrument.band_name(Band.MEDIUM)
    )
    risk = instrument.phrase(
        "risk_sum",
        risk_total=risk_total,
        most=most_points(instrument, frozenset({DomainKind.RISK})),
        high=limits.high_risk_total,
        high_name=instrument.band_name(Band.HIGH),
    )
    return (*_concern_reasons(instrument, raised), whole, risk)


def _site_reasons(instrument: Instrument, raised: tuple[Concern, ...], total: int, unanswered: int) -> tuple[str, ...]:
    limits, lines = instrument.thresholds, len(instrument.site_items)
    gaps = instrument.phrase(
        "site_sum",
        total=total,
        most=lines * max((points for _, points in instrument.site_points), default=0),
        medium=limits.site_medium,
        medium_name=instrument.band_name(Band.MEDIUM),
        high=limits.site_high,
        high_name=instrument.band_name(Band.HIGH),
    )
    missing = (instrument.phrase("site_unanswered", count=unanswered, all=lines),) if unanswered else ()
    return (*_concern_reasons(instrument, raised), gaps, *missing)
