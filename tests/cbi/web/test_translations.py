"""The catalogues say what the code says, keep its blanks, and hold nothing a passer-by should not read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from gettext import c2py
from pathlib import Path

import grimp
import pytest
from babel.messages.catalog import Catalog, Message
from flask import Flask
from markupsafe import escape

import screening
from cbi.access import Role
from cbi.store.records import Records
from cbi.translations.catalogues import WORLDS, belongs, compiled, extracted, languages, po_file, read, refresh, untranslated, written
from cbi.web.filters import said as said_in_page
from tests import make_room, make_sites
from tests.make import Visitor

CATALOGUES = [(world, language) for world in WORLDS for language in languages(world)]
BLANK = re.compile(r"%\((\w+)\)[sd]|%%|</?\w[^>]*>|&\w+;")
# Forms for one and for two may say the number as a word: "أسرتان" is two households.
COUNTED = {"%(n)s", "%(num)s", "%(num)d", "%(count)s", "%(entries)s", "%(rows)s", "%(people)s"}
BANNED_ARABIC = re.compile(
    r"عنف|عنيف|اعتداء|اعتدى|إساءة|يسيء|ناجي|ناجٍ|ضحية|ضحايا|استغلال|الاتجار|اغتصاب|تحرش|جنسي|انتهاك|معتد|معرضة? للخطر|معرّضة? للخطر|مستوى الخطر|"
    r"حالة|حالات|إفصاح|هشاشة|مستضعف|عوامل الخطر|تقييم المخاطر|نوع الاجتماعي"
)

both = pytest.mark.parametrize(("world", "language"), CATALOGUES)


@cache
def said(world: str) -> Catalog:
    return extracted(world)


def ids(catalogue: Catalog) -> set[object]:
    return {(message.context, message.id) for message in catalogue if message.id}


def forms(words: str | Sequence[str]) -> Sequence[str]:
    return [words] if isinstance(words, str) else list(words)


def blanks(words: str) -> list[str]:
    return sorted(found.group(0) for found in BLANK.finditer(words))


def wrong_blanks(message: Message) -> bool:
    wanted = blanks(forms(message.id)[-1])
    for number, words in enumerate(forms(message.string)):
        may_lack = COUNTED if message.pluralizable and number in (1, 2) else set()
        if blanks(words) != wanted and [one for one in wanted if one not in may_lack] != blanks(words):
            return True
    return False


def test_both_worlds_are_in_arabic():
    assert CATALOGUES == [("office", "ar"), ("protection", "ar")]


@both
def test_every_word_of_the_pages_is_in_the_catalogue_and_no_other(world: str, language: str):
    assert ids(read(world, language)) == ids(said(world)), "run `python -m cbi.translations`, and translate what it names"


@both
def test_every_word_is_translated(world: str, language: str):
    assert untranslated(read(world, language)) == []


@both
def test_a_translation_keeps_the_blanks_and_the_markup_of_what_it_translates(world: str, language: str):
    assert [message.id for message in read(world, language) if message.id and wrong_blanks(message)] == []


@both
def test_what_the_program_reads_is_what_is_written(world: str, language: str):
    po = po_file(world, language)

    assert po.with_suffix(".mo").read_bytes() == compiled(read(world, language))
    assert po.read_bytes() == written(read(world, language))


@both
def test_the_catalogue_says_that_people_have_to_read_it_over(world: str, language: str):
    head = po_file(world, language).read_text("utf-8")[:400]

    assert "Draft translation; needs review by a native speaker" in head


@both
def test_plural_forms_are_those_of_arabic(world: str, language: str):
    head = read(world, language)
    counts = {0: 0, 1: 1, 2: 2, 3: 3, 10: 3, 11: 4, 99: 4, 100: 5, 102: 5, 103: 3, 111: 4}

    assert head.num_plurals == 6
    assert "n%100>=11" in head.plural_expr
    assert {count: c2py(head.plural_expr)(count) for count in counts} == counts


def test_a_missing_word_a_lost_blank_and_a_lost_tag_are_noticed():
    assert wrong_blanks(Message("%(num)s of %(all)s", "%(num)s"))
    assert wrong_blanks(Message("by <em>day</em>", "حسب اليوم"))
    assert wrong_blanks(Message(("%(num)s row", "%(num)s rows"), ("صف",) * 6))
    assert not wrong_blanks(Message(("%(num)s row", "%(num)s rows"), ("%(num)s", "صف", "صفان", "%(num)s", "%(num)s", "%(num)s")))
    missing = Catalog(locale="ar")
    missing.add("Save")
    assert untranslated(missing) == ["Save"]


def test_refreshing_keeps_what_is_translated_and_adds_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cbi.translations.catalogues.FOLDER", tmp_path)
    monkeypatch.setattr("cbi.translations.catalogues.extracted", lambda _world: _words("Save", "Leave"))
    old = Catalog(locale="ar")
    old.add("Save", "حفظ")
    old.add("Gone", "ذهب")
    po_file("office", "ar").parent.mkdir(parents=True)
    po_file("office", "ar").write_bytes(written(old))

    refresh("office", "ar")

    assert {message.id: message.string for message in read("office", "ar") if message.id} == {"Save": "حفظ", "Leave": ""}
    assert po_file("office", "ar").with_suffix(".mo").is_file()


def _words(*words: str) -> Catalog:
    found = Catalog()
    for one in words:
        found.add(one, locations=[("cbi/x.py", 0)])
    return found


def test_the_office_never_holds_the_words_of_the_room():
    assert not belongs("cbi/protection/wording.py", "office")
    assert not belongs("templates/protection/letter.html", "office")
    assert belongs("templates/protection/letter.html", "protection")
    assert {"The person's wish", "Read a letter", "Letters"} & {message.id for message in read("office", "ar")} == set()


def test_the_room_has_the_words_of_every_module_it_uses():
    graph = grimp.build_graph("cbi", cache_dir=None)
    # Forms of the office, and pages reached through them, are not the room's; what its services refuse with is.
    used = {name for name in graph.find_upstream_modules("cbi.protection.wiring") if name.startswith("cbi.")}
    sources = {f"{name.replace('.', '/')}.py" for name in used}
    said_there = {place for message in said("office") for place, _line in message.locations}

    assert {source for source in sources & said_there if not belongs(source, "protection")} == set()


@pytest.mark.parametrize("language", languages("office"))
def test_no_arabic_word_of_the_office_tells_why_somebody_is_asked(language: str):
    wrong = [words for message in read("office", language) if message.id for words in forms(message.string) if BANNED_ARABIC.search(words)]

    assert wrong == []


@pytest.mark.parametrize("words", ["ناجية من العنف", "حالة حماية", "تقييم المخاطر", "التحرش"])
def test_the_arabic_list_finds_what_it_is_there_for(words: str):
    assert BANNED_ARABIC.search(words)


@pytest.mark.parametrize(("role", "url"), [(Role.REGISTRAR, "/"), (Role.REGISTRAR, "/households/new"), (Role.AUDITOR, "/audit")])
def test_a_page_in_arabic_runs_from_right_to_left(visitor: Callable[..., Visitor], role: Role, url: str):
    one = visitor(role)
    one.client.get("/language/ar", follow_redirects=True)

    page = one.see(url)

    assert '<html lang="ar" dir="rtl"' in page
    assert "اليوم" in page


def test_the_sign_in_page_offers_arabic_and_is_then_in_arabic(app: Flask, records: Records):
    stranger = Visitor(app, records, None)
    stranger.client.get("/language/ar", follow_redirects=True)

    page = stranger.see("/sign-in")

    assert '<html lang="ar" dir="rtl"' in page
    assert "كلمة المرور" in page


def test_figures_stay_in_european_digits(visitor: Callable[..., Visitor]):
    one = visitor(Role.AUDITOR)
    one.client.get("/language/ar", follow_redirects=True)

    pages = one.see("/audit") + one.see("/counts") + one.see("/")

    assert re.findall("[٠-٩۰-۹]", pages) == []


def test_the_room_speaks_arabic_too(records: Records):
    made = make_room.founded(records)
    lead = make_room.RoomVisitor(make_room.app_of(made), made.lead)
    lead.client.get("/language/ar", follow_redirects=True)

    page = lead.see("/support/")

    assert '<html lang="ar" dir="rtl"' in page
    assert "الرسائل" in page


def test_the_lines_of_the_site_check_are_read_in_ones_own_language(visitor: Callable[..., Visitor], records: Records):
    site_id = make_sites.site(records)
    lead = visitor(Role.LEAD)
    lines = [item.wording for item in screening.load().site_items]
    english = lead.see(f"/sites/{site_id}/check")
    lead.client.get("/language/ar", follow_redirects=True)

    arabic = lead.see(f"/sites/{site_id}/check")

    assert all(str(escape(line)) in english for line in lines)
    assert not [line for line in lines if str(escape(line)) in arabic]
    assert all(str(escape(item.wording)) in arabic for item in screening.load(language="ar").site_items)


@pytest.mark.parametrize(
    ("words", "is_english"),
    [
        ("Nothing needed", True),
        ("We plan to pay by نقود عبر الهاتف. Is that fine, or would another way be better?", True),
        ("Bahari Field، كما هو مخطط", False),
        ("نقود عبر الهاتف", False),
        ("–", False),
        ("G1", False),
    ],
)
def test_what_is_mostly_english_is_told_from_what_only_names_a_place(app: Flask, words: str, is_english: bool):
    with app.test_request_context(headers={"Accept-Language": "ar"}):
        assert ('lang="en"' in said_in_page(words)) is is_english


def test_words_that_stay_in_english_are_escaped(app: Flask):
    with app.test_request_context(headers={"Accept-Language": "ar"}):
        assert said_in_page("A <b>closer</b> place") == '<span lang="en" dir="ltr">A &lt;b&gt;closer&lt;/b&gt; place</span>'
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert said_in_page("A <b>closer</b> place") == "A &lt;b&gt;closer&lt;/b&gt; place"
