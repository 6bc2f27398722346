"""Our registration form goes out as an XLSForm that pyxform accepts, and what is collected with it comes back without a map."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyxform.xls2xform import convert

from cbi.access import Role
from cbi.people import lists
from cbi.people.imports import import_file, open_sheets
from cbi.people.imports_form import XlsForm, choices_of, form_of, write_form
from cbi.people.imports_headings import headings, is_of_the_tool
from cbi.people.imports_map import propose
from cbi.people.imports_targets import codes, languages
from cbi.people.registered import open_households
from cbi.people.spoken import six_questions
from cbi.people.tables import Household
from cbi.store.records import Records
from cbi.store.work import Actor
from reconciliation.cells import words
from tests.make import Visitor
from tests.make_imports import sites, write_xlsx

ANSWERS = {
    "phone": "+999 555 010001", "phone_2": "+999 555 010002", "given_name": "Juniper", "family_name": "Moonbeam", "latin_name": "Juniper Moonbeam",
    "birth_year": 1987, "document_number": "KH-118271", "shelter": "B 4-12", "account_number": "+999 555 010001", "alternate_name": "Oswin Paperkite",
    "born_as": "year", "relation": "head", "account_kind": "mobile_money", "collects": "recipient", "birth_date": "", "age": "", "today": "2026-11-02",
}  # fmt: skip
ADDED = {"_id": 1, "_uuid": "u-1", "_submission_time": "2026-11-02T08:00:00", "_validation_status": "", "__version__": "001", "_index": 1}


@pytest.fixture
def form(records: Records) -> XlsForm:
    sites(records)
    with records.read() as reading:
        return form_of(lists.sites(reading))


def test_pyxform_accepts_the_form_without_a_word(form: XlsForm, tmp_path: Path):
    write_form(tmp_path / "form.xlsx", form)

    made = convert(str(tmp_path / "form.xlsx"), validate=False)

    assert made.warnings == []
    for part in ('lang="Arabic (ar)"', 'lang="English (en)"', '<instance id="site">', "Bahari Field", "position(..) = 1"):
        assert part in made.xform, part


def test_the_six_questions_stand_in_the_form_word_for_word(form: XlsForm):
    asked = {row[1]: row[2] for row in form.survey}

    assert all(asked[activity.value] == said for activity, said in six_questions().questions)


def test_every_choice_is_understood_by_its_code_and_by_its_label_in_each_language():
    for kind in ("sex", "group", "consent", "relation", "document_kind", "collects", "account_kind"):
        for code, labels in choices_of(kind).items():
            assert {codes(kind).get(words(said)) for said in (code, *labels)} == {code}, (kind, code)
    for code, labels in choices_of("language").items():
        assert {languages().get(words(said)) for said in (code, *labels)} == {code}
    for answer, said in six_questions().answers:
        assert {codes("difficulty").get(words(text)) for text in (answer.value, said)} == {answer.value}


@pytest.mark.parametrize("path", ["/", "-"], ids=["kobo", "odk"])
@pytest.mark.parametrize("column", [1, 2, 3], ids=["codes", "english labels", "arabic labels"])
def test_what_is_collected_with_the_form_comes_back_without_a_map(records: Records, form: XlsForm, tmp_path: Path, path: str, column: int):
    export = write_xlsx(tmp_path / "export.xlsx", _export(form, path, column))

    sheets = open_sheets(export)
    proposed = propose(sheets)
    result = import_file(records, Actor(), export)

    for each in (proposed.households, proposed.people):
        names = headings(sheets.named(each.sheet), each.header_row)
        unread = [
            name for place, name in enumerate(names) if place not in each.columns.values() and not is_of_the_tool(name.rpartition(path)[2])
        ]
        assert set(unread) <= {"_index", "KEY"}, "a person's own number in their sheet, which nobody needs"
    assert result.problems == ()
    assert (result.saved, result.members) == (1, 1)
    with records.read() as reading:
        [kept] = open_households(reading, reading.session.scalars(Household.__table__.select())).values()
    assert (kept.told.shelter, kept.told.alternate_name) == ("B 4-12", "Oswin Paperkite")
    assert (kept.told.head.name, kept.told.head.born.text, len(kept.told.head.difficulties)) == ("Juniper Moonbeam", "1987", 6)
    assert set(kept.told.phones) == {"+999555010001", "+999555010002"}
    assert kept.told.account is not None


def _export(form: XlsForm, path: str, column: int) -> dict[str, list[list[object]]]:
    """One submission as the tool exports it: a sheet of households and one of members, columns by their path, answers by code or label."""
    chance = random.Random(7)
    sheets: dict[str, dict[str, object]] = {"Registration": {}, "members": {}}
    for name, repeated, kind in _asked(form, path):
        answer = ANSWERS.get(name.rpartition(path)[2], "")
        if kind.startswith("select_one"):
            listed = [row for row in form.choices if row[0] == kind.split()[1]]
            row = next((row for row in listed if row[1] == answer), None) or chance.choice(listed)
            answer = row[min(column, 3) if column > 1 else 1]
        sheets["members" if repeated else "Registration"][name] = answer
    sheets["Registration"] |= ADDED if path == "/" else {"KEY": "uuid:1", "instanceID": "uuid:1"}
    sheets["members"] |= {"_index": 1, "_parent_index": 1} if path == "/" else {"PARENT_KEY": "uuid:1", "KEY": "uuid:1/members[1]"}
    return {name: [list(row), list(row.values())] for name, row in sheets.items()}


def _asked(form: XlsForm, path: str) -> Iterator[tuple[str, bool, str]]:
    groups: list[str] = []
    repeated = False
    for kind, name, *_rest in form.survey[1:]:
        if kind.startswith("begin"):
            groups.append(name)
            repeated = repeated or kind == "begin_repeat"
        elif kind.startswith("end"):
            groups.pop()
            repeated = repeated and kind != "end_repeat"
        elif kind != "note":
            yield path.join([*groups, name]), repeated, kind


def test_a_registrar_downloads_the_form(records: Records, visitor: Callable[..., Visitor], tmp_path: Path):
    sites(records)

    answer = visitor(Role.REGISTRAR).client.get("/households/imports/form.xlsx")

    (tmp_path / "form.xlsx").write_bytes(answer.data)
    assert [sheet.name for sheet in open_sheets(tmp_path / "form.xlsx").sheets] == ["survey", "choices", "settings"]
