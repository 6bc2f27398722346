"""Does every id in an instrument lead somewhere, can everything be reached, and is the gate whole?"""

from collections.abc import Iterator

from screening.fields import Mistake
from screening.instrument import Clause, Instrument, Item, Rule
from screening.kinds import Effect, GateFact, ItemType, OnStop, Owner

_FEWEST_OPTIONS, _MOST_OPTIONS = 2, 23  # as many as the fixed form has letters for


def mistakes(instrument: Instrument) -> Iterator[Mistake]:
    """Every id that leads nowhere, everything that cannot be reached, every missing precondition."""
    yield from _items(instrument)
    yield from _relevance(instrument)
    yield from _rules(instrument)
    yield from _site(instrument)
    yield from _measures(instrument)
    yield from _gates(instrument)
    yield from _session(instrument)


def _at(kind: str, name: str) -> str:
    return f"instrument.toml: {kind} {name}"


def _items(instrument: Instrument) -> Iterator[Mistake]:
    domains = {domain.id for domain in instrument.domains}
    held = {one.id for one in instrument.held_back}
    if not instrument.items:
        yield Mistake("instrument.toml", "add at least one item")
    for item in instrument.items:
        place = _at("item", item.id)
        if item.domain not in domains:
            yield Mistake(place, f'name a domain that exists instead of "{item.domain}"')
        if item.id in held:
            yield Mistake(place, "leave it out: it is held back until its answers have a reader of their own")
        if item.sensitivity not in (1, 2, 3):
            yield Mistake(place, "give the sensitivity as 1, 2 or 3")
        yield from _options(instrument, item, place)
    used = {item.domain for item in instrument.items}
    yield from (Mistake(_at("domain", one), "remove it or give it an item: nothing can reach it") for one in sorted(domains - used))


def _options(instrument: Instrument, item: Item, place: str) -> Iterator[Mistake]:
    measures = {measure.id for measure in instrument.measures}
    if not _FEWEST_OPTIONS <= len(item.options) <= _MOST_OPTIONS:
        yield Mistake(place, f"give it between {_FEWEST_OPTIONS} and {_MOST_OPTIONS} options")
    for option in item.options:
        if option.id in instrument.implicit_ids():
            yield Mistake(place, f'leave out the option "{option.id}": every item has it already, worth nothing')
        if option.exclusive and item.type is ItemType.ONE:
            yield Mistake(place, f'remove "exclusive" from "{option.id}": only one option can be chosen here anyway')
        if option.exclusive and (option.points or option.measures):
            yield Mistake(place, f'give "{option.id}" neither points nor measures: it stands for nothing needed')
        for measure in option.measures:
            if measure not in measures:
                yield Mistake(place, f'name a measure that exists instead of "{measure}"')


def _relevance(instrument: Instrument) -> Iterator[Mistake]:
    for number, item in enumerate(instrument.items):
        if item.relevance is None:
            continue
        place = _at("item", item.id)
        for mechanism in item.relevance.mechanisms:
            if mechanism not in instrument.mechanisms:
                yield Mistake(place, f'name a mechanism of this instrument instead of "{mechanism}": it would never be reached')
        after = item.relevance.after
        if after is None:
            continue
        earlier = [one for one in instrument.items[:number] if one.id == after.item and one.page == item.page]
        if not earlier:
            yield Mistake(place, f'let it follow an earlier item of its own page; "{after.item}" is none, so it would never be reached')
        yield from _clause(instrument, after, place)
        if earlier and _never_together(item, earlier[0]):
            yield Mistake(place, f"let it share a mechanism with {after.item}, which it follows: it would never be reached")


def _never_together(item: Item, leader: Item) -> bool:
    own = set(item.relevance.mechanisms) if item.relevance else set()
    others = set(leader.relevance.mechanisms) if leader.relevance else set()
    return bool(own and others) and not own & others


def _clause(instrument: Instrument, clause: Clause, place: str) -> Iterator[Mistake]:
    item = next((one for one in instrument.items if one.id == clause.item), None)
    if item is None:
        yield Mistake(place, f'name an item that exists instead of "{clause.item}"')
        return
    if not clause.any_of:
        yield Mistake(place, f"say which options of {clause.item} it means")
    for option in clause.any_of:
        if option in instrument.implicit_ids():
            yield Mistake(place, f'leave "{option}" out: a refusal never means anything')
        elif item.option(option) is None:
            yield Mistake(place, f'name an option of {clause.item} that exists instead of "{option}"')


def _rules(instrument: Instrument) -> Iterator[Mistake]:
    measures = {measure.id for measure in instrument.measures}
    singles = {item.id for item in instrument.items if item.type is ItemType.ONE}
    for rule in instrument.rules:
        place = _at("rule", rule.id)
        yield from _shape(rule, singles, place)
        for clause in rule.clauses:
            yield from _clause(instrument, clause, place)
        if rule.track is None:
            yield Mistake(place, "say which track it belongs to, for example support")
        yield from _known(rule.suggests, measures, place, "measure")


def _shape(rule: Rule, singles: set[str], place: str) -> Iterator[Mistake]:
    if not rule.clauses:
        yield Mistake(place, "say when it fires; without a clause it never does")
    for item in singles:
        sets = [set(clause.any_of) for clause in rule.clauses if clause.item == item]
        if len(sets) > 1 and not set.intersection(*sets):
            yield Mistake(place, f"change its clauses: {item} has one answer only, so they never hold together")


def _known(names: tuple[str, ...], known: set[str], place: str, kind: str) -> Iterator[Mistake]:
    for name in names:
        if name not in known:
            yield Mistake(place, f'name {"an" if kind[0] in "aeiou" else "a"} {kind} that exists instead of "{name}"')


def _site(instrument: Instrument) -> Iterator[Mistake]:
    answers = {answer for answer, _ in instrument.site_points}
    fixes, items = {fix.id for fix in instrument.site_fixes}, {item.id for item in instrument.site_items}
    for item in instrument.site_items:
        if not item.fixes:
            yield Mistake(_at("site item", item.id), "say how to put it right")
        yield from _known(item.fixes, fixes, _at("site item", item.id), "fix")
    for rule in instrument.site_rules:
        place = _at("site rule", rule.id)
        yield from _shape(rule, items, place)
        yield from _known(rule.suggests, fixes, place, "fix")
        for clause in rule.clauses:
            yield from _known((clause.item,), items, place, "site item")
            yield from _known(clause.any_of, answers, place, "site answer")
    reached = {fix for item in instrument.site_items for fix in item.fixes} | {
        fix for rule in instrument.site_rules for fix in rule.suggests
    }
    yield from (Mistake(_at("site fix", one), "remove it or name it at an item: nothing can reach it") for one in sorted(fixes - reached))


def _measures(instrument: Instrument) -> Iterator[Mistake]:
    rules = {rule.id for rule in instrument.rules}
    reached = {measure for item in instrument.items for option in item.options for measure in option.measures}
    reached |= {measure for rule in instrument.rules for measure in rule.suggests}
    for measure in instrument.measures:
        place = _at("measure", measure.id)
        yield from _known(measure.blocked_by, rules, place, "rule")
        if measure.id not in reached:
            yield Mistake(place, "remove it or name it at an option: nothing can reach it")
        if measure.effect is Effect.RECIPIENT and measure.owner is not Owner.PROTECTION:
            yield Mistake(place, "give it to protection: another recipient needs a second pair of eyes there")
        if measure.effect is not Effect.NONE and not measure.agree:
            yield Mistake(place, "ask for agreement: an arrangement changes only with the person's word")


def _gates(instrument: Instrument) -> Iterator[Mistake]:
    items, answers = {item.id for item in instrument.site_items}, {answer for answer, _ in instrument.site_points}
    for one in instrument.gates:
        place = _at("gate", one.id)
        if one.site_item is not None:
            yield from _known((one.site_item,), items, place, "site item")
            yield from _known(one.any_of, answers, place, "site answer")
            if not one.any_of:
                yield Mistake(place, "say which answers open it")
        dated = one.site_item is not None or one.fact is GateFact.INTERVIEWER_CERTIFIED
        if dated and one.max_age_days is None:
            yield Mistake(place, "say for how many days it stays true, for example max_age_days = 30")
    present = {one.fact for one in instrument.gates}
    for fact in GateFact:
        if fact not in present:
            yield Mistake("instrument.toml: gates", f"add a gate for {fact}: do not ask if you cannot act")
    if not any(one.site_item for one in instrument.gates):
        yield Mistake("instrument.toml: gates", "add a gate on the site check: do not ask where there is nobody to turn to")


def _session(instrument: Instrument) -> Iterator[Mistake]:
    for one in instrument.session_gates:
        place = _at("session gate", one.id)
        if one.ask not in ("interviewer", "respondent"):
            yield Mistake(place, "say who answers it: interviewer or respondent")
        yield from _known(one.stop_if, set(one.answers), place, "answer")
        if not one.stop_if and not one.same_sex:
            yield Mistake(place, "say which answer stops; a line that cannot stop protects nobody")
    stops = {one.on_stop for one in instrument.session_gates}
    for stop in (OnStop.DECLINED, OnStop.CHILD):
        if stop not in stops:
            yield Mistake(
                "instrument.toml: session gates", f"add a line that leads to {stop}: consent and age come before any private question"
            )
