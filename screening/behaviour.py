"""Tries an instrument out and finds where it would mark somebody wrongly: one answer, a refusal or an access need is never enough."""

from collections.abc import Iterator

from screening.answers import Answers
from screening.assess import assess_household, most_points
from screening.fields import Mistake
from screening.instrument import Clause, Instrument, Item, Rule
from screening.kinds import Band, DomainKind, ItemType, Page


def mistakes(instrument: Instrument) -> Iterator[Mistake]:
    """Everything the instrument would do that it must not, tried with its own engine."""
    yield from _thresholds(instrument)
    yield from _single_answers(instrument)
    yield from _refusals(instrument)
    yield from _access_needs(instrument)


def _thresholds(instrument: Instrument) -> Iterator[Mistake]:
    limits, place = instrument.thresholds, "instrument.toml: thresholds"
    risk = frozenset({DomainKind.RISK})
    if limits.medium_total < 1 or limits.site_medium < 1:
        yield Mistake(place, "start medium at 1 or more: nothing needed must stay low")
    if not limits.site_medium < limits.site_high:
        yield Mistake(place, "start a site's high above its medium")
    if limits.high_risk_total > most_points(instrument, risk):
        yield Mistake(place, f"lower high_risk_total: the risk domains reach {most_points(instrument, risk)} at most")
    for domain in instrument.domains:
        if domain.kind is DomainKind.RISK and domain.cap >= limits.high_risk_total:
            yield Mistake(f"instrument.toml: domain {domain.id}", "cap it below high_risk_total: no one topic decides alone")


def _single_answers(instrument: Instrument) -> Iterator[Mistake]:
    for item in instrument.items:
        for options in _ways_to_answer(item):
            assessment = assess_household(instrument, Answers({**_lead_in(instrument, item), item.id: options}))
            if assessment.band.needs_a_person and not assessment.concerns:
                yield Mistake(
                    f"instrument.toml: item {item.id}",
                    f"give {', '.join(sorted(options))} fewer points: alone it reaches high without a rule",
                )


def _ways_to_answer(item: Item) -> Iterator[frozenset[str]]:
    yield from (frozenset({option.id}) for option in item.options)
    if item.type is ItemType.MULTIPLE:
        yield frozenset(option.id for option in item.options if not option.exclusive)


def _lead_in(instrument: Instrument, item: Item) -> dict[str, frozenset[str]]:
    after = item.relevance.after if item.relevance else None
    if after is None:
        return {}
    leader = instrument.item(after.item)
    return {**_lead_in(instrument, leader), leader.id: frozenset(after.any_of[:1])}


def _refusals(instrument: Instrument) -> Iterator[Mistake]:
    for refusal in (None, *instrument.implicit_ids()):
        answers = Answers({item.id: frozenset({refusal}) for item in instrument.items} if refusal else {})
        assessment = assess_household(instrument, answers)
        if assessment.band is not Band.LOW or assessment.total or assessment.concerns or assessment.measures:
            yield Mistake("instrument.toml", f"let {refusal or 'saying nothing'} mean nothing: refusing everything must read low")


def _access_needs(instrument: Instrument) -> Iterator[Mistake]:
    for rule in instrument.rules:
        if rule.band.needs_a_person and _rests_on_access_alone(instrument, rule):
            yield Mistake(
                f"instrument.toml: rule {rule.id}", "rest it on more than access needs, which lead to adaptations and never to a review"
            )
    needs = {item.id: _greatest_need(item) for item in instrument.items if instrument.domain(item.domain).kind is DomainKind.ACCESS}
    if assess_household(instrument, Answers(needs)).band.needs_a_person:
        yield Mistake("instrument.toml", "keep access needs at medium or lower, also when all come together")


def _rests_on_access_alone(instrument: Instrument, rule: Rule) -> bool:
    return all(_is_access(instrument, clause) for clause in rule.clauses)


def _is_access(instrument: Instrument, clause: Clause) -> bool:
    # A wish to talk (no points, private page) is not a need of access, whatever its domain.
    item = instrument.item(clause.item)
    chosen = [option for option in item.options if option.id in clause.any_of]
    is_need = item.page is Page.CHOICES or any(option.points for option in chosen)
    return is_need and instrument.domain(item.domain).kind is DomainKind.ACCESS


def _greatest_need(item: Item) -> frozenset[str]:
    if item.type is ItemType.MULTIPLE:
        return frozenset(option.id for option in item.options if not option.exclusive)
    return frozenset({max(item.options, key=lambda option: option.points).id})
