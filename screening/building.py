"""Builds an instrument out of its tables and words, one function per kind of entry."""

from collections import Counter

from screening.fields import Table, Words
from screening.instrument import (
    Clause,
    Domain,
    Gate,
    HeldBack,
    Instrument,
    Item,
    Measure,
    Option,
    Phrase,
    Relevance,
    Rule,
    SessionGate,
    SiteFix,
    SiteItem,
    Thresholds,
)
from screening.kinds import Band, Collect, DomainKind, Effect, GateFact, ItemType, Need, OnStop, Owner, Page, SiteEffect, Track

PHRASES = ("sum", "risk_sum", "concern", "site_sum", "site_unanswered")
_NO_REASON = "give a reason in plain words at {path}: nobody is marked without being told why"


def build(table: Table, words: Words, language: str) -> Instrument:
    """The instrument as far as its tables and words allow; every mistake is noted in them."""
    head = table.table("instrument")
    implicit = head.ids("implicit_options")
    points = table.table("site_points")
    site_points = tuple((answer, points.number(answer)) for answer in points.content)
    instrument = Instrument(
        name=head.text("name"),
        version=head.text("version"),
        language=language,
        title=words.text("about", "title"),
        notice=words.text("about", "notice"),
        mechanisms=head.ids("mechanisms"),
        implicit=tuple(Phrase(one, words.text("implicit_options", one)) for one in implicit),
        thresholds=_thresholds(table.table("thresholds")),
        band_names=tuple(Phrase(band.value, words.text("bands", band.value)) for band in Band),
        domains=tuple(_domain(one, words) for one in table.tables("domain", "domain")),
        items=tuple(_item(one, words) for one in table.tables("item", "item")),
        rules=tuple(_rule(one, words, "rules") for one in table.tables("rule", "rule")),
        measures=tuple(_measure(one, words) for one in table.tables("measure", "measure")),
        site_points=site_points,
        site_answers=tuple(Phrase(answer, words.text("site_answers", answer)) for answer, _ in site_points),
        site_items=tuple(_site_item(one, words) for one in table.tables("site_item", "site item")),
        site_rules=tuple(_rule(one, words, "site_rules") for one in table.tables("site_rule", "site rule")),
        site_fixes=tuple(_site_fix(one, words) for one in table.tables("site_fix", "site fix")),
        gates=tuple(_gate(one, words) for one in table.tables("gate", "gate")),
        session_gates=tuple(_session_gate(one, words) for one in table.tables("session_gate", "session gate")),
        held_back=tuple(_held_back(one) for one in table.tables("held_back", "held back")),
        phrases=tuple(Phrase(one, words.text("explanations", one)) for one in PHRASES),
    )
    head.finish()
    _note_twins(instrument, table)
    return instrument


def _note_twins(instrument: Instrument, table: Table) -> None:
    groups: list[list[str]] = [
        [item.id for item in instrument.items] + [item.id for item in instrument.site_items],
        [rule.id for rule in instrument.rules] + [rule.id for rule in instrument.site_rules],
        [measure.id for measure in instrument.measures] + [fix.id for fix in instrument.site_fixes],
        [gate.id for gate in instrument.gates],
        [gate.id for gate in instrument.session_gates],
        [domain.id for domain in instrument.domains],
    ]
    for group in groups:
        for twin, count in Counter(group).items():
            if count > 1 and twin:
                table.note(f'give "{twin}" to one entry only; it stands {count} times')


def _thresholds(table: Table) -> Thresholds:
    thresholds = Thresholds(
        medium_total=table.number("medium_total"),
        high_risk_total=table.number("high_risk_total"),
        site_medium=table.number("site_medium"),
        site_high=table.number("site_high"),
    )
    table.finish()
    return thresholds


def _domain(table: Table, words: Words) -> Domain:
    name = table.text("id")
    domain = Domain(id=name, kind=table.choice("kind", DomainKind), cap=table.number("cap"), title=words.text("domains", name))
    table.finish()
    return domain


def _item(table: Table, words: Words) -> Item:
    name = table.text("id")
    options = tuple(_option(one, words, name) for one in table.tables("options", "option"))
    item = Item(
        id=name,
        page=table.choice("page", Page),
        domain=table.text("domain"),
        type=table.choice("type", ItemType),
        sensitivity=table.number("sensitivity"),
        wording=words.text("items", name, "wording"),
        options=options,
        cap=table.optional_number("cap"),
        asked_of=table.text("asked_of"),
        read_options=table.flag("read_options", default=True),
        relevance=_relevance(table),
        needs=table.optional_choice("needs", Need),
        prefill=table.optional_text("prefill"),
        sources=table.ids("sources"),
    )
    if len({option.id for option in options}) < len(options):
        table.note("give every option an id of its own")
    table.finish()
    return item


def _option(table: Table, words: Words, item: str) -> Option:
    name = table.text("id")
    option = Option(
        id=name,
        label=words.text("items", item, "options", name),
        points=table.number("points"),
        measures=table.ids("measures"),
        exclusive=table.flag("exclusive", default=False),
        collect=table.optional_choice("collect", Collect),
    )
    table.finish()
    return option


def _relevance(table: Table) -> Relevance | None:
    if not table.has("relevant"):
        return None
    inner = table.table("relevant")
    after = _clause(inner) if inner.has("item") else None
    relevance = Relevance(mechanisms=inner.ids("mechanisms"), after=after)
    if not (relevance.mechanisms or relevance.after):
        inner.note("say for which mechanisms, or after which item, it is relevant")
    inner.finish()
    return relevance


def _clause(table: Table) -> Clause:
    return Clause(item=table.text("item"), any_of=table.ids("any_of"))


def _rule(table: Table, words: Words, group: str) -> Rule:
    name = table.text("id")
    clauses = table.tables("when", "clause")
    rule = Rule(
        id=name,
        band=table.choice("band", Band),
        clauses=tuple(_clause(clause) for clause in clauses),
        reason=words.text(group, name, lacking=_NO_REASON),
        suggests=table.ids("suggests"),
        track=table.optional_choice("track", Track),
    )
    for inner in (*clauses, table):
        inner.finish()
    return rule


def _measure(table: Table, words: Words) -> Measure:
    name = table.text("id")
    measure = Measure(
        id=name,
        effect=table.choice("effect", Effect),
        agree=table.flag("agree", default=True),
        owner=table.choice("owner", Owner),
        title=words.text("measures", name, "title"),
        description=words.text("measures", name, "description"),
        caution=words.text("measures", name, "caution", blank=True),
        blocked_by=table.ids("blocked_by"),
    )
    table.finish()
    return measure


def _site_item(table: Table, words: Words) -> SiteItem:
    name = table.text("id")
    item = SiteItem(
        id=name,
        domain=table.text("domain"),
        wording=words.text("site_items", name),
        fixes=table.ids("fixes"),
        sources=table.ids("sources"),
    )
    table.finish()
    return item


def _site_fix(table: Table, words: Words) -> SiteFix:
    name = table.text("id")
    fix = SiteFix(id=name, effect=table.choice("effect", SiteEffect), title=words.text("site_fixes", name))
    table.finish()
    return fix


def _gate(table: Table, words: Words) -> Gate:
    name = table.text("id")
    gate = Gate(
        id=name,
        reason=words.text("gates", name),
        site_item=table.optional_text("site_item"),
        any_of=table.ids("any_of"),
        fact=table.optional_choice("fact", GateFact),
        max_age_days=table.optional_number("max_age_days"),
    )
    if (gate.site_item is None) == (gate.fact is None):
        table.note("name either a site item or a fact")
    table.finish()
    return gate


def _session_gate(table: Table, words: Words) -> SessionGate:
    name = table.text("id")
    gate = SessionGate(
        id=name,
        ask=table.text("ask"),
        wording=words.text("session_gates", name),
        answers=table.ids("answers"),
        stop_if=table.ids("stop_if"),
        on_stop=table.choice("on_stop", OnStop),
        same_sex=table.flag("same_sex", default=False),
    )
    table.finish()
    return gate


def _held_back(table: Table) -> HeldBack:
    held = HeldBack(id=table.text("id"), until=table.text("until"))
    table.finish()
    return held
