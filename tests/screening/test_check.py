"""An unsound instrument is found before it is asked, every mistake at once and each with its place."""

import shutil
from dataclasses import replace

import pytest

from screening import check_instrument, load, unsound
from screening.fields import Mistake
from screening.instrument import Clause
from screening.kinds import OnStop, Page
from screening.lint import fold, unsafe_words
from screening.reading import SHIPPED, UnreadableInstrument

INSTRUMENT = load()


@pytest.fixture
def draft(tmp_path):
    """A copy of the shipped instrument, and a way to change its text."""
    folder = tmp_path / "draft"
    shutil.copytree(SHIPPED / "delivery-safety-check", folder)

    def change(file, old, new):
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text, old
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return [str(mistake) for mistake in check_instrument(str(folder))]

    return change


def test_the_shipped_instrument_is_sound():
    assert check_instrument("delivery-safety-check") == ()


def test_the_shipped_instrument_holds_what_the_design_says():
    assert len(INSTRUMENT.items) == 20
    assert len(INSTRUMENT.site_items) == 13
    assert [item.id for item in INSTRUMENT.page(Page.CHOICES)] == ["H01", "H02", "H03", "H10", "H11", "H12", "H20", "H21"]
    assert [item.id for item in INSTRUMENT.page(Page.PRIVATE)] == [
        "H04",
        "H05",
        "H06",
        "H07",
        "H08",
        "H09",
        "H14",
        "H16",
        "H17",
        "H18",
        "H19",
        "H22",
    ]
    assert [held.id for held in INSTRUMENT.held_back] == ["H13", "H15"]
    assert "not an IOM tool" in INSTRUMENT.notice
    assert "contextualised by a GBV specialist" in INSTRUMENT.notice
    assert [one.text for one in INSTRUMENT.band_names] == ["Standard", "Noted", "Review", "Priority"]


def test_every_source_named_is_explained():
    explained = (SHIPPED.parent / "SOURCES.md").read_text(encoding="utf-8")

    cited = {source for item in (*INSTRUMENT.items, *INSTRUMENT.site_items) for source in item.sources}

    assert cited
    assert not [source for source in cited if f"| {source} |" not in explained]


def test_item_lint_refuses_to_ask_whether_anyone_hurt_the_person(draft):
    """E01: the item bank never asks for violence."""
    mistakes = draft(
        "en.toml", 'wording = "Are there days or hours when coming would be a problem for you?"', 'wording = "Has anyone hurt you?"'
    )

    assert mistakes == ['en.toml: H02: you need to ask about the way of delivery instead; "hurt" must not be asked']


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "Does he HIT you?"),
        ("en", "Are you afraid of your husband?"),
        ("en", "Have you been thr\u00e9atened?"),
        ("en", "Has there been vio\u200blence at home?"),
        ("fr", "Quelqu\u2019un vous a-t-il frapp\u00e9e ?"),
        ("es", "\u00bfAlguien la ha golpeado?"),
        ("ar", "هل ضربك أحد؟"),
        ("ar", "هل يوجد عنف في البيت؟"),
    ],
)
def test_e01_an_unsafe_question_is_found_in_its_language(language, question):
    assert unsafe_words(question, language)


def test_e01_all_shipped_words_that_are_asked_pass():
    asked = [item.wording for item in INSTRUMENT.items] + [option.label for item in INSTRUMENT.items for option in item.options]
    asked += [item.wording for item in INSTRUMENT.site_items]

    assert len(asked) > 33
    assert not [text for text in asked if unsafe_words(text, "en")]


def test_folding_takes_case_accents_and_invisible_characters_away():
    assert fold("Vi\u00d3l\u00e9\u200bnce ") == "violence "


def test_e01_a_language_without_a_list_of_unsafe_words_is_not_sound(tmp_path):
    folder = tmp_path / "draft"
    shutil.copytree(SHIPPED / "delivery-safety-check", folder)
    shutil.copy(folder / "en.toml", folder / "my.toml")

    [mistake] = check_instrument(str(folder))

    assert mistake.place == "my.toml"
    assert "list of unsafe words" in mistake.fix


WRONG = {
    "an unknown measure": ("instrument.toml", 'measures = ["M_TRANSPORT"]', 'measures = ["M_TAXI"]', 'item H01: you need to name a measure that exists instead of "M_TAXI"'),
    "an unknown domain": ("instrument.toml", 'domain = "PREF"', 'domain = "WISH"', 'item H19: you need to name a domain that exists instead of "WISH"'),
    "an unknown option in a rule": ("instrument.toml", 'item = "H16", any_of = ["harder"]', 'item = "H16", any_of = ["worse"]', 'rule R1: you need to name an option of H16 that exists instead of "worse"'),
    "a rule that fires on a refusal": ("instrument.toml", 'item = "H16", any_of = ["harder"]', 'item = "H16", any_of = ["pnta"]', 'rule R1: you need to leave "pnta" out: a refusal never means anything'),
    "a rule on an unknown item": ("instrument.toml", '{ item = "H07", any_of = ["other_keeps"] }', '{ item = "H77", any_of = ["other_keeps"] }', 'rule R4: you need to name an item that exists instead of "H77"'),
    "a rule without a reason": ("en.toml", 'R2 = "Expects no say over the money"', 'R2 = " "', "en.toml: you need to give a reason in plain words at rules.R2: nobody is marked without being told why"),
    "a missing translation": ("en.toml", 'unsure = "Not sure"\nno', "no", "en.toml: you need to translate items.H05.options.unsure"),
    "words that belong to nothing": ("en.toml", "R2 = ", 'R9 = "Something else"\nR2 = ', "en.toml: you need to remove or correct rules.R9, which belongs to nothing in the instrument"),
    "a private item among the choices": ("instrument.toml", 'id = "H08"\npage = "private"', 'id = "H08"\npage = "choices"', "item H08: you need to move it to the private page: it gives points to a risk domain, which only the room may read"),
    "an item nothing reaches": ("instrument.toml", 'mechanisms = ["mobile_money", "card", "bank", "evoucher"] }', 'mechanisms = ["pigeon"] }', 'item H09: you need to name a mechanism of this instrument instead of "pigeon": it would never be reached'),
    "an item that follows a later one": ("instrument.toml", 'item = "H16", any_of = ["harder", "unsure"] }', 'item = "H22", any_of = ["now"] }', 'item H17: you need to let it follow an earlier item of its own page; "H22" is none, so it would never be reached'),
    "a review for an access need": ("instrument.toml", 'when = [{ item = "H22", any_of = ["later"] }]', 'when = [{ item = "H11", any_of = ["cannot"] }]', "item H11: you need to move it to the private page: a concern rests on it, which only the room may read"),
    "a held-back item": ("instrument.toml", 'id = "H13"', 'id = "H14"', "item H14: you need to leave it out: it is held back until its answers have a reader of their own"),
    "a misspelt key": ("instrument.toml", "exclusive = true", "exclusiv = true", 'you need to remove or correct "exclusiv", which means nothing here'),
    "a number that is text": ("instrument.toml", 'points = 2, measures = ["M_MECH", "M_HOME"]', 'points = "2", measures = ["M_MECH", "M_HOME"]', 'option no_travel: you need to give "points" as a whole number of 0 or more'),
    "an unknown effect": ("instrument.toml", 'effect = "split"', 'effect = "hold"', 'measure M_SPLIT: you need to choose "effect" from: none, messaging'),
    "two items with one id": ("instrument.toml", 'id = "H02"', 'id = "H01"', 'you need to give "H01" to one entry only; it stands 2 times'),
    "a gate left open": ("instrument.toml", '[[gate]]\nid = "signoff"\nfact = "programme_protection_signoff"', "", "gates: you need to add a gate for programme_protection_signoff"),
    "a gate for ever": ("instrument.toml", 'any_of = ["yes"]\nmax_age_days = 30', 'any_of = ["yes"]', "gate pathway: you need to say for how many days it stays true"),
    "a topic that decides alone": ("instrument.toml", 'id = "TENS"\nkind = "risk"\ncap = 4', 'id = "TENS"\nkind = "risk"\ncap = 9', "domain TENS: you need to cap it below high_risk_total: no one topic decides alone"),
    "a threshold nobody reaches": ("instrument.toml", "high_risk_total = 7", "high_risk_total = 70", "thresholds: you need to lower high_risk_total: the risk domains reach 14 at most"),
    "a recipient change without protection": ("instrument.toml", 'effect = "change_recipient"\nagree = true\nowner = "protection"', 'effect = "change_recipient"\nagree = true\nowner = "programme"', "measure M_RECIP: you need to give it to protection"),
    "a placeholder nobody fills": ("en.toml", "{mechanism}", "{amount}", "H20: you need to use no other placeholder than {mechanism}"),
    "a file that is not TOML": ("instrument.toml", "[instrument]", "[instrument", "instrument.toml: you need to write it as TOML"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_found_with_its_place(draft, case):
    file, old, new, expected = WRONG[case]

    mistakes = draft(file, old, new)

    assert any(expected in mistake for mistake in mistakes), mistakes


def test_all_mistakes_are_told_at_once(draft):
    draft("en.toml", 'R2 = "Expects no say over the money"\n', "")
    draft("instrument.toml", 'effect = "split"', 'effect = "hold"')

    mistakes = draft("en.toml", "Who would you like to be the named recipient?", "Who hit you?")

    assert len(mistakes) == 3


def _with_option(item_id, option_id, **changes):
    items = []
    for item in INSTRUMENT.items:
        options = tuple(replace(option, **changes) if (item.id, option.id) == (item_id, option_id) else option for option in item.options)
        items.append(replace(item, options=options))
    return replace(INSTRUMENT, items=tuple(items))


def test_a_single_option_that_alone_reaches_high_without_a_rule_is_found():
    domains = tuple(replace(domain, cap=6) if domain.id == "EXPL" else domain for domain in INSTRUMENT.domains)
    lower = replace(INSTRUMENT.thresholds, high_risk_total=5)
    harsh = replace(_with_option("H14", "cannot_refuse", points=6), domains=domains, thresholds=lower)

    found = unsound(harsh)

    assert Mistake("instrument.toml: item H14", "give cannot_refuse fewer points: alone it reaches high without a rule") in found


def test_a_review_that_rests_on_access_needs_alone_is_found():
    private_care = tuple(replace(item, page=Page.PRIVATE) if item.id == "H11" else item for item in INSTRUMENT.items)
    rules = tuple(
        replace(rule, clauses=(replace(rule.clauses[0], item="H11", any_of=("cannot",)),)) if rule.id == "R5" else rule
        for rule in INSTRUMENT.rules
    )

    found = unsound(replace(INSTRUMENT, items=private_care, rules=rules))

    assert any(one.place == "instrument.toml: rule R5" and "access needs" in one.fix for one in found)


def test_an_instrument_in_which_silence_means_something_is_found():
    found = unsound(replace(INSTRUMENT, thresholds=replace(INSTRUMENT.thresholds, medium_total=0)))

    assert Mistake("instrument.toml", "let saying nothing mean nothing: refusing everything must read low") in found


@pytest.mark.parametrize(
    ("gate_id", "changes", "fix"),
    [
        ("G01", {"stop_if": ()}, "say which answer stops"),
        ("G01", {"stop_if": ("never",)}, 'name an answer that exists instead of "never"'),
        ("G01", {"ask": "neighbour"}, "say who answers it"),
        ("G03", {"on_stop": OnStop.CHOICES}, "add a line that leads to child_route"),
        ("G04", {"on_stop": OnStop.CHOICES}, "add a line that leads to declined_no_effect"),
    ],
)
def test_a_first_page_that_protects_nobody_is_found(gate_id, changes, fix):
    gates = tuple(replace(one, **changes) if one.id == gate_id else one for one in INSTRUMENT.session_gates)

    found = unsound(replace(INSTRUMENT, session_gates=gates))

    assert any(one.fix.startswith(fix) for one in found), found


@pytest.mark.parametrize(
    ("kind", "name", "changes", "fix"),
    [
        ("site_items", "S05", {"fixes": ()}, "say how to put it right"),
        ("site_items", "S05", {"fixes": ("SM_ROAD",)}, 'name a fix that exists instead of "SM_ROAD"'),
        ("site_rules", "SC2", {"suggests": ("SM_ROAD",)}, 'name a fix that exists instead of "SM_ROAD"'),
        ("rules", "R1", {"clauses": ()}, "say when it fires"),
        ("rules", "R1", {"track": None}, "say which track it belongs to"),
        ("rules", "R1", {"suggests": ("M_HOLD",)}, 'name a measure that exists instead of "M_HOLD"'),
        ("rules", "R2", {"clauses": (Clause("H05", ("no",)), Clause("H05", ("yes",)))}, "change its clauses: H05 has one answer only"),
        ("measures", "M_JOINT", {"blocked_by": ("R99",)}, 'name a rule that exists instead of "R99"'),
        ("measures", "M_SPLIT", {"agree": False}, "ask for agreement"),
        ("measures", "M_SPLIT", {"id": "M_PARTS"}, "remove it or name it at an option: nothing can reach it"),
        ("gates", "pathway", {"site_item": "S99"}, 'name a site item that exists instead of "S99"'),
        ("gates", "pathway", {"any_of": ()}, "say which answers open it"),
        ("items", "H05", {"sensitivity": 4}, "give the sensitivity as 1, 2 or 3"),
        ("items", "H05", {"options": ()}, "give it between 2 and 23 options"),
    ],
)
def test_an_entry_that_leads_nowhere_is_found(kind, name, changes, fix):
    entries = tuple(replace(one, **changes) if one.id == name else one for one in getattr(INSTRUMENT, kind))

    found = unsound(replace(INSTRUMENT, **{kind: entries}))

    assert any(one.fix.startswith(fix) for one in found), found


@pytest.mark.parametrize("name", ["nowhere", "../delivery-safety-check", "", "a\0b", "/etc/passwd"])
def test_an_instrument_that_does_not_exist_is_a_sentence(name):
    with pytest.raises(UnreadableInstrument, match="you need to name an instrument that exists"):
        load(name)


@pytest.mark.parametrize("language", ["xx", "../en", "", "EN", "instrument"])
def test_a_language_that_does_not_exist_is_a_sentence(language):
    with pytest.raises(UnreadableInstrument, match="you need to"):
        load(language=language)


def test_a_damaged_file_is_a_sentence(tmp_path):
    (tmp_path / "instrument.toml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "en.toml").write_text("a = " + "[" * 5000, encoding="utf-8")

    assert [mistake.place for mistake in check_instrument(str(tmp_path))] == ["instrument.toml", "en.toml"]


def test_an_empty_instrument_is_told_everything_it_lacks(tmp_path):
    (tmp_path / "instrument.toml").write_text("", encoding="utf-8")
    (tmp_path / "en.toml").write_text("", encoding="utf-8")

    mistakes = [str(mistake) for mistake in check_instrument(str(tmp_path))]

    assert len(mistakes) > 10
    assert 'instrument.toml: you need to add the table "thresholds"' in mistakes
