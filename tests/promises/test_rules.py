"""Rules of asking that hold for the whole office, each by its number: what may be kept, sent out, counted and used again."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

import cbi.checks.tables
import screening
from cbi.access import GRANTS, Permission, Role
from cbi.checks.card import card_of, paper_of
from cbi.errors import Refused
from cbi.payouts.journal import HEADER
from cbi.people.tables import ReviewReason
from cbi.settings import Settings, UnsafeSettings
from cbi.store.bases import metadata_of
from cbi.store.records import Records, found_office, open_office
from cbi.store.work import Actor
from cbi.transfers.arrangements import propose_arrangement
from cbi.transfers.payees import Wait
from cbi.transfers.programmes import ExportField
from cbi.transfers.tables import ArrangementKind
from cbi.web.guard import declared
from screening.kinds import ItemType
from tests import make, make_checks, make_people, make_sites
from tests.cbi.checks.pages import choices_url, private_url
from tests.cbi.checks.test_card import words_on
from tests.make import Visitor
from tests.promises.offices import Office
from tests.promises.test_words import found_in
from tests.promises.walking import walk

HOUSE = Path(__file__).resolve().parents[2]
# Columns of the tables of asking in which words or bytes could be written down, and why each of them may exist.
MAY_HOLD_WORDS = {
    ("letter", "body"): "sealed for the room, always one size",
    ("weeklynotice", "sites"): "ids of places and days",
    ("weeklynotice", "on_call"): "who is on call, for everybody to see",
    ("weeklynotice", "on_call_phone"): "the same",
    ("interpreter", "name"): "sealed",
    ("interpreter", "languages"): "of an interpreter, not of a household",
    ("interpreter", "sex"): "of an interpreter, not of a household",
}
# What people may take along as a file, by the page that gives it. A new one is thought about before it stands here.
FILES = {
    "checks.own_card_paper": "what an interviewer carries; names nobody who is visited",
    "transfers.export": "the provider's file",
    "transfers.checkpoint": "a square that a camera reads",
    "payouts.statement_workbook": "counts and sums",
    "payouts.statement_paper": "the same on paper",
    "payouts.journal_csv": "postings",
    "payouts.chart": "bars of one statement's sums",
    "people.sheet": "the consent or information text, of nobody",
    "people.cards_paper": "codes of paper cards, with the registration number on the strip that the desk keeps",
    "people.card_paper": "the same for one household",
    "people.held_as_paper": "what the office holds about a household, for that household",
    "transfers.roll_file": "who is expected on a day: numbers and codes, and at the counter who collects",
    "people.import_form": "the empty form of a registration, for Kobo and ODK",
    "people.import_rows": "the office's own import, with what to put right",
}
PROVIDER_MAY_SEE = {
    "reference", "name", "phone", "phone_digits", "phone_local", "account", "token", "amount", "currency", "site", "list", "date", "fixed",
}  # fmt: skip
JOURNAL = (
    "date", "posting", "kind", "account", "code", "debit", "credit", "currency", "grant", "budget_line", "provider", "list", "reference",
    "grant_currency", "rate", "grant_debit", "grant_credit",
)  # fmt: skip
WAITS_FOR = {"payee_changed", "review", "consent", "left", "account", "provider", "kept", "recipient", "shares"}


def test_e02_no_table_of_asking_has_room_for_words_pictures_or_a_place_on_a_map():
    tables = {table.name for table in metadata_of("office").tables.values()} & {
        kind.__tablename__ for kind in vars(cbi.checks.tables).values() if hasattr(kind, "__tablename__")
    }
    roomy = {
        (name, column.name)
        for name in tables
        for column in metadata_of("office").tables[name].columns
        if isinstance(kind := getattr(column.type, "impl", column.type), sa.String | sa.LargeBinary | sa.JSON | sa.Float)
        and not isinstance(kind, sa.Enum)
    }

    assert roomy == set(MAY_HOLD_WORDS)
    assert set(ItemType) == {ItemType.ONE, ItemType.MULTIPLE}, "a question is answered by choosing, never in somebody's own words"


def test_e02_the_pages_may_use_no_camera_microphone_or_position(records: Records, visitor: Callable[..., Visitor]):
    made = make_checks.opened(records)
    page = visitor(person_id=made.interviewer).client.get(choices_url(made.households[0]))

    assert page.headers["Permissions-Policy"] == "camera=(), geolocation=(), microphone=()"
    assert 'type="file"' not in page.text
    assert "<textarea" not in page.text


@pytest.mark.parametrize("language", ["en", "ar"])
def test_e11_the_visit_card_on_paper_holds_no_word_that_tells_why(language: str, app: Flask, records: Records):
    made = make_checks.opened(records)
    make_sites.contact(records, made.site_id)
    with app.test_request_context(headers={"Accept-Language": language}), records.read() as reading:
        text = words_on(paper_of(card_of(reading, made.site_id, language), office="Kharwa", language=language, right_to_left=False))

    assert len(text) > 1_000
    assert found_in(text) == []


def test_e15_whoever_administers_the_office_finds_no_answer_in_its_database_or_on_its_pages(
    app: Flask, records: Records, visitor: Callable[..., Visitor]
):
    made = make_checks.opened(records)
    make_checks.limits(records)
    mine = visitor(person_id=made.interviewer)
    answers = make_checks.private_answers(3)
    mine.post(private_url(mine, made.households[0]), make_checks.private_fields(answers), follow=False)

    with records.engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        kept = "".join(repr(connection.execute(sa.text(f'SELECT * FROM "{name}"')).all()) for name in names)
    shown = "".join(answer.text for answer in walk(app, visitor(Role.ADMINISTRATOR).client).values() if answer.mimetype == "text/html")

    asked = [item for item in answers.chosen if answers.of(item)]
    assert len(asked) > 5
    assert not [item for item in asked if item in kept or item in shown]
    assert make_checks.read_letters(records)[0]["answers"], "the room would find them"


def test_e16_nothing_is_arranged_without_the_persons_word(records: Records):
    household = make_people.household(records, make_sites.site(records))

    with pytest.raises(Refused, match="ask the person"), records.work(Actor(uuid4())) as work:
        propose_arrangement(work, household_id=household, changes={ArrangementKind.PARTS: 2}, agreed=False, client_key=None)


def test_e23_a_providers_file_can_hold_these_columns_and_no_other():
    assert {field.value for field in ExportField} == PROVIDER_MAY_SEE


def test_e23_the_journal_has_these_columns_and_no_other():
    assert HEADER == JOURNAL


def test_e23_every_file_that_leaves_the_office_is_on_the_list(office: Office):
    given = set()
    for seat in ("registrar", "interviewer", "manager", "finance", "releaser", "donor", "monitoring", "auditor", "lead"):
        for url, answer in walk(office.app, office.visitor(seat).client, each=1).items():
            if answer.status_code == 200 and answer.mimetype != "text/html" and not url.startswith("/static"):
                given.add(office.app.url_map.bind("localhost").match(url.partition("?")[0])[0])

    assert given <= set(FILES)
    # The provider's file and the rows of a payout file are only sent for a form with password and code: a walk does not meet them.
    assert {"payouts.journal_csv", "payouts.statement_workbook", "checks.own_card_paper"} <= given


def test_e24_a_transfer_waits_for_reasons_of_the_office_only():
    assert {reason.value for reason in Wait} == WAITS_FOR
    assert not [reason.value for reason in ReviewReason if found_in(reason.value)]


def test_e25_numbers_of_people_are_shown_to_the_outside_on_one_page_and_never_small_ones(records: Records, visitor: Callable[..., Visitor]):
    site = make_sites.site(records)
    for year in (1980, 1985, 1990):
        make_people.household(records, site, year=year)

    for role in (Role.DONOR, Role.MONITORING, Role.AUDITOR):
        page = visitor(role).see("/counts")
        cells = [cell.strip() for cell in _cells(page)]
        assert not [cell for cell in cells if cell.isdigit() and 0 < int(cell) < 10], role


def test_e25_no_other_page_counts_people_for_those_who_only_look_from_outside(app: Flask):
    outside = GRANTS[Role.DONOR] | GRANTS[Role.MONITORING]

    assert outside == {Permission.HOME, Permission.COUNTS_READ, Permission.STATEMENT_READ}
    assert [route["rule"] for route in declared(app) if route["permission"] == "counts_read"] == ["/counts"]


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((HOUSE / "cbi").rglob("*.py")):
        yield path.relative_to(HOUSE).as_posix(), ast.parse(path.read_text("utf-8"))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def test_e27_letters_and_judgements_are_touched_by_the_asking_and_the_room_alone():
    letters = {path for path, tree in _modules() if "cbi.checks.tables.Letter" in set(_imported(tree))}
    judged = {
        path
        for path, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name) and (getattr(node, "attr", None) or getattr(node, "id", "")) == "assess_household"
    }

    assert letters <= {"cbi/checks/box.py", "cbi/checks/service.py", "cbi/checks/facts.py", "cbi/protection/office.py"}
    assert all(path.startswith("cbi/protection/") for path in judged)


def test_e27_nothing_here_learns_from_people():
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))["project"]
    needed = " ".join(
        [*project["dependencies"], *(one for many in project.get("optional-dependencies", {}).values() for one in many)]
    ).lower()

    assert not [name for name in ("scikit", "torch", "tensorflow", "xgboost", "lightgbm", "transformers", "statsmodels") if name in needed]


def test_e27_no_page_gives_answers_out(app: Flask):
    asked = {item.id.lower() for item in screening.load().items}

    for route in declared(app):
        assert not {str(word).lower() for word in str(route["rule"]).strip("/").split("/")} & asked
        assert "letter" not in str(route["rule"]).lower()


def test_e32_an_example_says_so_on_every_page_and_a_real_office_takes_no_invented_clock(office: Office, tmp_path: Path):
    assert "every person and amount is invented" in office.visitor("registrar").see("/")
    assert "every person and amount is invented" in office.app.test_client().get("/sign-in").text

    real = replace(make.OPERATION, demo=False)
    found_office(Settings(data=tmp_path), real).close()
    with pytest.raises(UnsafeSettings, match="CBI_CLOCK"):
        open_office(Settings(data=tmp_path, clock=office.at))
    with pytest.raises(UnsafeSettings, match="CBI_SEED"):
        open_office(Settings(data=tmp_path, seed=7))


def _cells(page: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", page, re.DOTALL)]


def test_each_rule_of_asking_has_a_test_of_its_number():
    written = {
        name[5:8] for path in (HOUSE / "tests").rglob("test_*.py") for name in _tests(path) if name[5:6] == "e" and name[6:8].isdigit()
    }

    assert written == {f"e{number:02}" for number in range(1, 33)}


def _tests(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name
