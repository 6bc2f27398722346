"""No page, address, file name or translation of the office holds a word that would tell a passer-by why somebody is asked."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from cbi.access import OFFICE_ROLES, Role
from cbi.store.records import Records
from tests import make_checks, make_sites
from tests.cbi.checks.pages import private_url
from tests.make import Visitor
from tests.promises.walking import told_by, without_drawn

HOUSE = Path(__file__).resolve().parents[2]
BANNED = re.compile(
    r"\bGBV\b|\bIPV\b|\bSGBV\b|violen|abus(?!ing the)|surviv|victim|exploit|traffick|risk[ _-]?level|at[ _-]risk|screening|\bassault|\brape|harass|perpetrat|"
    r"intimate|disclosure|protection[ _-]?(case|risk|concern)|red[ _-]?flag|vulnerab|\bnot an IOM tool\b",
    re.IGNORECASE,
)


def found_in(text: str) -> list[str]:
    return sorted({hit.group(0).lower() for hit in BANNED.finditer(text)})


def office_templates() -> Iterator[Path]:
    for path in sorted((HOUSE / "templates").rglob("*.html")):
        if "protection" not in path.parts:
            yield path


def said_in(path: Path) -> Iterator[str]:
    """The words a module gives to gettext."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "_l", "_n"}:
            for given in node.args[:2]:
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    yield given.value


def office_modules() -> list[Path]:
    return [path for path in sorted((HOUSE / "cbi").rglob("*.py")) if "protection" not in path.parts and "migrations" not in path.parts]


def test_the_list_of_words_finds_what_it_is_there_for():
    told = "A GBV survivor at risk; domestic violence, exploitation and trafficking; risk level; screening score"

    assert found_in(told) == ["at risk", "exploit", "gbv", "risk level", "screening", "surviv", "traffick", "violen"]


@pytest.mark.parametrize(
    "drawn",
    [
        '<input name="csrf_token" type="hidden" value="IjE-rape.abus">',
        '<input id="client_key" name="client_key" type="hidden" value="-rape-">',
        '<meta name="csrf-token" content="x.survivx">',
        '<script nonce="q2xk-IPV-4rT0aaB9">',
        "Set-Cookie: session=.eJwVjs2-rape-GBV.x-qT; Secure",
    ],
)
def test_what_is_drawn_at_random_spells_no_word_and_hides_none(drawn: str):
    assert found_in(drawn)

    assert found_in(without_drawn(drawn)) == []
    assert found_in(without_drawn(f"{drawn}\n<p>a survivor</p>")) == ["surviv"]


@pytest.mark.parametrize("words", ["Delivery choices", "Visit", "Somebody came", "Not open here this week", "Someone told me something"])
def test_ordinary_words_are_not_on_the_list(words: str):
    assert found_in(words) == []


@pytest.mark.parametrize("path", list(office_templates()), ids=lambda path: path.relative_to(HOUSE / "templates").as_posix())
def test_no_template_of_the_office_holds_such_a_word(path: Path):
    # Comments of the template language are not sent; comments of the page are.
    sent = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)

    assert found_in(sent) == []
    assert found_in(path.name) == []


def test_no_words_of_the_offices_modules_hold_one():
    wrong = {path.relative_to(HOUSE).as_posix(): found_in(words) for path in office_modules() for words in said_in(path) if found_in(words)}

    assert wrong == {}


def test_no_translation_of_the_office_holds_one():
    catalogues = sorted((HOUSE / "cbi" / "translations" / "office").rglob("*.po"))

    assert {path.name: found_in(_spoken(path)) for path in catalogues if found_in(_spoken(path))} == {}


def _spoken(path: Path) -> str:
    return "\n".join(line for line in path.read_text("utf-8").splitlines() if not line.startswith("#"))


def test_no_address_names_one(app: Flask):
    rules = [rule.rule for rule in app.url_map.iter_rules()]

    assert {rule: found_in(rule) for rule in rules if found_in(rule)} == {}


def test_no_file_sent_to_browsers_names_or_holds_one():
    files = [path for path in sorted((HOUSE / "cbi" / "static").rglob("*")) if path.is_file() and "bootstrap" not in path.parts]
    ours = [path for path in files if path.suffix in {".css", ".js", ".svg"} and "htmx" not in path.parts]

    assert {
        path.name: found_in(path.name + path.read_text("utf-8")) for path in ours if found_in(path.name + path.read_text("utf-8"))
    } == {}


def test_no_page_of_any_role_holds_one(app: Flask, records: Records, visitor: Callable[..., Visitor]):
    made = make_checks.opened(records)
    make_checks.limits(records)
    make_sites.contact(records, made.site_id)
    known = {"site_id": made.site_id, "household_id": made.households[0]}
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and rule.arguments <= set(known)]
    urls = [re.sub(r"<(?:\w+:)?(\w+)>", lambda name: str(known[name[1]]), rule.rule) for rule in rules]
    seen: dict[tuple[str, str], list[str]] = {}
    opened = 0

    for role in sorted(OFFICE_ROLES):
        one = visitor(person_id=made.interviewer) if role is Role.INTERVIEWER else visitor(role, site_id=made.site_id)
        private = [private_url(one, made.households[0])] if role is Role.INTERVIEWER else []
        for url in (*urls, *private):
            answer = one.client.get(url)
            opened += answer.status_code == 200
            if found_in(told_by(answer)):
                seen[role, url] = found_in(told_by(answer))

    assert seen == {}
    assert opened > 60
