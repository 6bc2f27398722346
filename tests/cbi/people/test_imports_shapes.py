"""The shapes in which registrations arrive: paths, boxes, tags, two rows of headings, archives, names and codes of every kind."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from cbi.access import Role
from cbi.people.imports import import_file, open_sheets
from cbi.people.imports_map import from_json, propose, to_json
from cbi.people.imports_targets import Target
from cbi.people.registered import Registered, open_households
from cbi.people.tables import Consent, Household, Import, PopulationGroup, Relation, ReviewReason, Sex
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make_imports
from tests.make import Visitor
from tests.make_imports import flat, sites, write_xlsx
from tests.workbooks import plain

HEADINGS = ["Site", "Consent", "Given name", "Surname", "Sex", "Age", "Phone"]
PERSON = ["BH", "yes", "Juniper", "Moonbeam", "F", "39", "+999 555 010001"]
UPLOAD = "/households/imports"


@pytest.fixture(autouse=True)
def places(records: Records) -> None:
    sites(records)


def _kept(records: Records, path: Path, **more: Any) -> list[Registered]:
    result = import_file(records, Actor(), path, **more)
    assert result.problems == ()
    with records.read() as reading:
        ids = reading.session.exec(select(Household.id).order_by(Household.number)).all()
        return list(open_households(reading, ids).values())


def _sheet(folder: Path, *rows: Sequence[Any], name: str = "Sheet1") -> Path:
    return write_xlsx(folder / "file.xlsx", {name: [list(row) for row in rows]})


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([HEADINGS, PERSON], id="one row of headings"),
        pytest.param([["Registrations of November"], [], HEADINGS, PERSON], id="a title above"),
        pytest.param([HEADINGS, ["site_code", "consent", "given_name", "family_name", "sex", "age", "phone"], PERSON], id="labels, then names"),
        pytest.param([["Place", "", "Person", "", "", "", ""], ["", "Consent", "First name", "Last name", "Gender", "Age", "Mobile"], PERSON], id="groups above, one heading over both rows"),
        pytest.param([HEADINGS, ["#loc+code", "#meta+consent", "#beneficiary+name+first", "#beneficiary+name+last", "#beneficiary+sex", "#beneficiary+age", "#contact+phone"], PERSON], id="tags below headings"),
        pytest.param([["A", "B", "C", "D", "E", "F", "G"], ["#loc +code", "#meta +consent", "#beneficiary +first +name", "#beneficiary +name +last", "#beneficiary +sex", "#beneficiary +age", "#contact +phone"], PERSON], id="tags alone say it, in any order"),
        pytest.param([["a/site", "a/consent", "p/given_name", "p/family_name", "p/sex", "p/x/age", "a/b/phone"], PERSON], id="paths with slashes"),
        pytest.param([["a-site", "a-consent", "p-given_name", "p-family_name", "p-sex", "p-x-age", "a-b-phone"], PERSON], id="paths with dashes"),
        pytest.param([["siteCode", "consentGiven", "firstName", "lastName", "gender", "age", "phoneNumber"], PERSON], id="humps"),
    ],
)  # fmt: skip
def test_headings_of_every_shape_are_read_without_asking(records: Records, tmp_path: Path, rows: list[list[str]]):
    [kept] = _kept(records, _sheet(tmp_path, *rows))

    assert (kept.told.head.given, kept.told.head.family, kept.told.head.sex) == ("Juniper", "Moonbeam", Sex.FEMALE)
    assert (kept.told.head.born.text, kept.told.phones, kept.site_name) == ("~1987", ("+999555010001",), "Bahari Field")


def test_an_answer_with_a_box_for_each_word_is_the_box_that_is_ticked(records: Records, tmp_path: Path):
    header = ["site", "consent", "given_name", "age", "p/sex/female", "p/sex/male", "group/refugee", "group/host"]

    kept = _kept(
        records, _sheet(tmp_path, header, ["BH", "yes", "Juniper", 39, 1, 0, "TRUE", "FALSE"], ["BH", "yes", "Oswin", 60, 0, 1, 0, 1])
    )

    assert [(one.told.head.sex, one.told.group) for one in kept] == [
        (Sex.FEMALE, PopulationGroup.REFUGEE),
        (Sex.MALE, PopulationGroup.HOST),
    ]


@pytest.mark.parametrize(
    ("female", "male", "fix"), [(1, 1, "tick one answer only, for example female"), (0, 0, "fill this in, for example female")]
)
def test_boxes_that_say_two_things_or_none_need_somebody(records: Records, tmp_path: Path, female: int, male: int, fix: str):
    path = _sheet(tmp_path, ["site", "consent", "given_name", "age", "sex/female", "sex/male"], ["BH", "yes", "Juniper", 39, female, male])

    [problem] = import_file(records, Actor(), path).problems

    assert (problem.cell, problem.fix) == ("E2", fix)


def test_a_map_with_boxes_and_what_is_said_of_everybody_reads_back_as_it_was_written(tmp_path: Path):
    sheets = open_sheets(_sheet(tmp_path, ["site", "given_name", "age", "sex/female", "sex/male"], ["BH", "Juniper", 39, 1, 0]))
    kept = {**to_json(propose(sheets), sheets), "consent": "agrees", "group": "host", "unchecked": True}

    read = from_json(kept, sheets)

    assert to_json(read, sheets) == kept
    assert read.lacking() == []
    assert read.households.boxes == {Target.SEX: {3: "female", 4: "male"}}


def test_an_archive_of_tables_is_read_as_one_file_and_its_orphan_is_named(records: Records, tmp_path: Path):
    households = [
        ["intro-site", "intro-consent", "contact-phone", "meta-instanceID", "KEY"],
        ["BH", "yes", "+999 555 010001", "uuid:1", "uuid:1"],
    ]
    header = ["members-given_name", "members-sex", "members-relation", "members-age", "PARENT_KEY", "KEY"]
    members = [header, ["Juniper", "female", "head", 39, "uuid:1", "uuid:1/m[1]"], ["Oswin", "male", "spouse", 41, "uuid:1", "uuid:1/m[2]"], ["Fern", "female", "child", 4, "uuid:9", "uuid:9/m[1]"]]  # fmt: skip
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("Registration-members.csv", flat(tmp_path / "m.csv", *members).read_bytes())
        archive.writestr("Registration.csv", flat(tmp_path / "h.csv", *households).read_bytes())

    result = import_file(records, Actor(), tmp_path / "export.zip")

    assert (result.saved, result.members, result.back) == (1, 2, 1)
    [problem] = result.problems
    assert (problem.sheet, problem.cell) == ("Registration-members", "E4")
    assert problem.fix.endswith("no household of the file has this number")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0712 345678", "+254712345678"),
        (712345678, "+254712345678"),
        ("712345678", "+254712345678"),
        ("254712345678", "+254712345678"),
        (254712345678, "+254712345678"),
        (254712345678.0, "+254712345678"),
        ("8801712345678", "+8801712345678"),
        ("٠٧١٢٣٤٥٦٧٨", "+254712345678"),
    ],
)
def test_phones_that_a_spreadsheet_changed_are_read_where_nothing_is_lost(records: Records, tmp_path: Path, typed: object, kept: str):
    [household] = _kept(records, _sheet(tmp_path, HEADINGS, [*PERSON[:-1], typed]))

    assert household.told.phones == (kept,)


@pytest.mark.parametrize("typed", ["2.54712E+11", 2.54708e11, "12345", "+254 712"])
def test_a_phone_that_lost_digits_needs_somebody(records: Records, tmp_path: Path, typed: object):
    [problem] = import_file(records, Actor(), _sheet(tmp_path, HEADINGS, [*PERSON[:-1], typed])).problems

    assert problem.cell == "G2"


def test_a_file_with_names_that_french_offices_use_has_first_middle_and_family_names(records: Records, tmp_path: Path):
    header = ["name", "middlename", "firstname", "gender", "birthdate", "site", "consent", "preferredLanguage"]

    [kept] = _kept(records, _sheet(tmp_path, header, ["Papillon", "Zéphyr", "Amélie", "Féminin", "30-11-2000", "BH", "oui", "nl"]))

    assert (kept.told.head.given, kept.told.head.family, kept.told.language) == ("Amélie Zéphyr", "Papillon", "nl")
    assert kept.told.head.born.text == "2000-11-30"


def _as_other_systems_export(folder: Path, rows: int) -> Path:
    """Registrations with one row a household and numbers nobody checked, as other systems hand them over."""
    header = ["programName", "phoneNumber", "preferredLanguage", "scope", "age", "gender", "fullName", "village", "sum", "documentId"]
    people = [["Cash", f"{60000000000 + 7919 * place}", "en", "x", 20 + place, ("male", "female")[place % 2], f"Tumble{place} Quillwater", "Old Mill", 3, f"xYz{'abcdefghij'[place % 10]}"] for place in range(rows)]  # fmt: skip
    path = folder / "registrations.csv"
    path.write_text("\n".join(";".join(map(str, row)) for row in [header, *people]), "utf-8")
    return path


def test_registrations_of_another_system_come_in_through_the_pages_with_what_is_said_of_everybody(
    records: Records, visitor: Callable[..., Visitor], tmp_path: Path
):
    registrar, site = visitor(Role.REGISTRAR), make_imports.sites(records)["OM"]
    content = _as_other_systems_export(tmp_path, 12).read_bytes()

    page = registrar.send(UPLOAD, {"file": (io.BytesIO(content), "registrations.csv")})
    with records.read() as reading:
        import_id = reading.session.exec(select(Import.id)).one()
    answers = {"h1": "phone", "h2": "language", "h4": "age", "h5": "sex", "h6": "name", "h7": "shelter", "h9": "document"}
    asked = {name for name in answers if f'name="{name}"' in page}
    page = registrar.send(
        f"{UPLOAD}/{import_id}/map", {**answers, "site": str(site), "consent": "agrees", "group": "displaced", "unchecked": "y"}
    )
    registrar.send(f"{UPLOAD}/{import_id}/save", {}, page=f"{UPLOAD}/{import_id}")

    assert asked == set(answers)
    assert "12 rows: 12 can be saved" in page
    with records.read() as reading:
        rows = reading.session.exec(select(Household)).all()
    assert len(rows) == 12
    assert {row.review for row in rows} <= {ReviewReason.PHONE, ReviewReason.DOCUMENT, ReviewReason.DUPLICATE}
    assert {row.consent for row in rows} == {Consent.AGREES}


def test_what_cannot_be_right_is_sent_back_unless_a_person_says_otherwise(records: Records, tmp_path: Path):
    path = _sheet(tmp_path, [*HEADINGS, "Document id"], [*PERSON[:-1], "19999999999", "xYzab"])

    strict = import_file(records, Actor(), path, dry_run=True)
    sheets = open_sheets(path)
    kept = _kept(records, path, mapping={**to_json(propose(sheets), sheets), "unchecked": True})

    assert {problem.cell for problem in strict.problems} == {"G2", "H2"}
    assert (kept[0].told.phones, kept[0].told.head.documents[0].number, kept[0].review) == (
        ("+19999999999",),
        "XYZAB",
        ReviewReason.DOCUMENT,
    )
    assert kept[0].told.head.relation is Relation.HEAD


@pytest.mark.parametrize("write", [plain.xls, plain.ods], ids=["xls", "ods"])
def test_old_and_open_spreadsheets_are_taken_in(records: Records, tmp_path: Path, write: Callable[..., Path]):
    [kept] = _kept(records, write(tmp_path / "file", [HEADINGS, PERSON]))

    assert kept.told.head.name == "Juniper Moonbeam"
