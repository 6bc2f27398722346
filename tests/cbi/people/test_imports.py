"""Files of households: what is saved, what is held, what comes back, and that nothing happens twice."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import select

from cbi.errors import Refused
from cbi.people.imports import ImportResult, NotSure, import_file, open_sheets, rows_needing
from cbi.people.imports_kept import kept_of, write_back
from cbi.people.imports_map import propose, to_json
from cbi.people.registered import Registered, open_households
from cbi.people.tables import AccountKind, Consent, Household, Import, Member, Relation, ReviewReason
from cbi.people.values import Activity, Difficulty
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make_people
from tests.make_imports import flat, kobo, sites, write_xlsx

BY = Actor(uuid4())
SAMPLE = Path(__file__).resolve().parents[3] / "sample_data" / "kobo_households.xlsx"


@pytest.fixture(autouse=True)
def places(records: Records):
    return sites(records)


def _take(records: Records, path: Path, **more) -> ImportResult:
    return import_file(records, BY, path, **more)


def _kept(records: Records) -> list[Registered]:
    with records.read() as reading:
        ids = reading.session.exec(select(Household.id).order_by(Household.number)).all()
        return list(open_households(reading, ids).values())


def _fixes(result: ImportResult) -> list[str]:
    return [f"{one.sheet} {one.cell}: {one.fix}" for one in result.problems]


def test_the_shipped_export_is_taken_in_with_few_statements_and_counts_that_add_up(records: Records):
    statements: list[str] = []
    sa.event.listen(records.engine, "before_cursor_execute", lambda _c, _k, statement, *_more: statements.append(statement))

    result = _take(records, SAMPLE)

    assert sum(statement.startswith("INSERT INTO") for statement in statements) < 60
    assert (result.rows, result.saved, result.again, result.back) == (422, 412, 1, 9)
    assert result.alike == 11  # a shared phone alone holds nobody
    with records.read() as reading:
        people = reading.session.execute(sa.select(sa.func.count()).select_from(Member)).scalar_one()
        sizes = reading.session.execute(sa.select(sa.func.sum(Household.size))).scalar_one()
    assert people == sizes == result.members
    assert records.verify_chain().verified


def test_the_same_file_again_changes_nothing(records: Records, tmp_path: Path):
    path = kobo(tmp_path / "two.xlsx", [{}, {"_uuid": "u-2", "_index": 2, "intro/site": "zz"}], [{}, {"_parent_index": 2}])
    first = _take(records, path)
    before = records.verify_chain().entries

    second = _take(records, path)

    assert (second.saved, second.again, second.back) == (0, 1, 1)
    assert second.import_id == first.import_id
    assert records.verify_chain().entries == before


def test_rows_already_taken_are_passed_over_in_another_file(records: Records, tmp_path: Path):
    _take(records, kobo(tmp_path / "one.xlsx", [{}], [{}]))
    more = kobo(
        tmp_path / "more.xlsx",
        [{}, {"_uuid": "u-2", "_index": 2, "contact/phone": ""}],
        [{}, {"_parent_index": 2, "members/given_name": "Oswin", "members/family_name": "Paperkite"}],
    )

    result = _take(records, more)

    assert (result.saved, result.again) == (1, 1)
    assert len(_kept(records)) == 2


def test_a_dry_run_writes_nothing(records: Records, tmp_path: Path):
    before = records.verify_chain().entries

    result = _take(records, kobo(tmp_path / "one.xlsx", [{}], [{}]), dry_run=True)

    assert result.saved == 1
    assert result.import_id is None
    assert _kept(records) == []
    assert records.verify_chain().entries == before


def test_everything_a_row_says_is_registered(records: Records, tmp_path: Path):
    path = kobo(
        tmp_path / "one.xlsx",
        [
            {
                "today": "2026-11-02",
                "home/shelter": "B 4-12",
                "intro/group": "returnee",
                "home/language": "Arabic",
                "payment/account_kind": "mobile_money",
                "payment/account_number": "00999 555 010001",
            }
        ],
        [
            {"members/relation": "daughter", "members/given_name": "Fern", "members/birth_year": "", "members/age": 9, "members/wg/seeing": "some_difficulty"},
            {"members/collects": "alternate", "members/relation": "spouse", "members/given_name": "Oswin", "members/sex": "male"},
            {"members/document_kind": "passport", "members/document_number": "kh 118271", "members/latin_name": "Juniper M."},
        ],
    )  # fmt: skip

    _take(records, path)

    [kept] = _kept(records)
    assert [member.given for member in kept.told.members] == ["Juniper", "Fern", "Oswin"]
    assert [member.relation for member in kept.told.members] == [Relation.HEAD, Relation.CHILD, Relation.SPOUSE]
    assert kept.told.members[1].born.text == "~2017"
    assert kept.told.members[1].difficulties == ((Activity.SEEING, Difficulty.SOME),)
    assert kept.told.members[0].documents[0].number == "KH118271"
    assert (kept.told.recipient, kept.told.alternate) == (0, 2)
    assert (kept.told.account.kind, kept.told.account.number) == (AccountKind.MOBILE_MONEY, "+999555010001")
    assert (kept.told.shelter, kept.told.language, kept.told.group.value) == ("B 4-12", "ar", "returnee")
    assert kept.registered_on.isoformat() == "2026-11-02"
    assert kept.number.startswith("BH-")


@pytest.mark.parametrize("name", ["Zoë O'Teacup", "قمر البستان", "জোনাকি কাগজফুল", "စာအုပ် မီးအိမ်", "D’Artichoke-Nguyễn"])
def test_names_of_every_script_and_with_apostrophes_survive(records: Records, tmp_path: Path, name: str):
    given, _space, family = name.partition(" ")

    _take(records, kobo(tmp_path / "one.xlsx", [{}], [{"members/given_name": given, "members/family_name": family}]))

    assert _kept(records)[0].told.head.name == name


def test_nothing_personal_stands_readable_in_the_database_or_the_chain(records: Records, tmp_path: Path):
    path = kobo(
        tmp_path / "one.xlsx",
        [{}, {"_uuid": "u-2", "_index": 2, "intro/site": "nowhere"}],
        [{}, {"_parent_index": 2, "members/given_name": "Quagmire"}],
    )

    _take(records, path)

    stored = b"".join(file.read_bytes() for file in records.folder.rglob("*") if file.is_file())
    for word in ("Juniper", "Moonbeam", "Quagmire", "999555010001", "555 010001", "u-1"):
        assert word.encode() not in stored


def test_what_looks_like_somebody_registered_is_held_and_not_refused(records: Records, tmp_path: Path):
    make_people.household(records, given="Jasper", family="Lanternhill", year=1960)

    result = _take(
        records,
        kobo(
            tmp_path / "one.xlsx",
            [{}],
            [{"members/given_name": "Jaspar", "members/family_name": "Lanternhill", "members/birth_year": 1961, "members/sex": "female"}],
        ),
    )

    assert (result.saved, result.alike) == (1, 1)
    assert {kept.review for kept in _kept(records)} == {None, ReviewReason.DUPLICATE}


def test_of_two_in_one_file_that_look_alike_the_later_is_held(records: Records, tmp_path: Path):
    path = kobo(
        tmp_path / "two.xlsx",
        [{}, {"_uuid": "u-2", "_index": 2}],
        [{}, {"_parent_index": 2, "members/given_name": "Junipar"}],
    )

    result = _take(records, path)

    assert (result.saved, result.alike) == (2, 1)
    assert [kept.review for kept in _kept(records)] == [None, ReviewReason.DUPLICATE]


def test_one_submission_standing_twice_is_one_household(records: Records, tmp_path: Path):
    path = kobo(tmp_path / "twice.xlsx", [{}, {"_index": 2}], [{}, {"_parent_index": 2}])

    result = _take(records, path)

    assert (result.rows, result.saved, result.again, result.back) == (2, 1, 1, 0)


def test_two_rows_that_differ_under_one_submission_id_both_wait_for_a_person(records: Records, tmp_path: Path):
    path = kobo(tmp_path / "twice.xlsx", [{}, {"_index": 2}], [{}, {"_parent_index": 2, "members/given_name": "Oswin"}])

    result = _take(records, path)

    assert (result.saved, result.back) == (0, 2)
    assert _fixes(result) == [
        f"Registration A{row}: keep one of the rows with this submission id: they say different things" for row in (2, 3)
    ]


@pytest.mark.parametrize(
    ("household", "member", "cell", "fix"),
    [
        ({}, {"members/birth_year": "", "members/age": "-4"}, "members G2", "write an age, for example 71"),
        ({}, {"members/birth_year": "", "members/age": "210"}, "members G2", "write an age from 0 to 120, for example 71"),
        ({}, {"members/birth_year": "2044"}, "members E2", "write a day that is not in the future, for example 14/02/2014"),
        ({}, {"members/birth_year": ""}, "members E2", "enter when the person was born, for example 2014-02-14, 1987, or age 71"),
        ({}, {"members/sex": ""}, "members C2", "fill this in, for example female"),
        ({}, {"members/sex": "f/m"}, "members C2", "write one of the words we know, for example female"),
        ({}, {"members/relation": "spouse"}, "members D2", "choose exactly one head of the household"),
        ({}, {"members/given_name": ""}, "members A2", "enter a name, for example Juniper"),
        ({}, {"members/given_name": "Juniper 🌻"}, "members A2", "write the name with letters, for example Juniper: pictures cannot be kept"),
        ({}, {"members/given_name": "J" * 200}, "members A2", "make this shorter: at most 120 characters"),
        ({}, {"members/given_name": "=1+1"}, "members A2", "write a name with letters, for example Juniper"),
        ({"intro/site": "zz"}, {}, "Registration A2", "write one of your places by its code or name: BH, HR, OM"),
        ({"intro/consent": ""}, {}, "Registration B2", "fill this in, for example yes"),
        ({"today": "2027-03-01"}, {}, "Registration G2", "write a day that is not in the future, for example 2026-11-02"),
        ({"contact/phone": 2.54708e11}, {}, "Registration D2", "type the number again in a column formatted as text: the spreadsheet has cut digits off"),
        ({"_index": 9}, {}, "Registration F2", "add the people of this household: no row of the members names it"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_is_named_with_what_to_do(
    records: Records, tmp_path: Path, household: dict, member: dict, cell: str, fix: str
):
    result = _take(records, kobo(tmp_path / "one.xlsx", [household], [member]))

    assert f"{cell}: {fix}" in [text.replace("BH, OM, HR", "BH, HR, OM") for text in _fixes(result)]
    assert result.saved == 0
    assert _kept(records) == []


def test_a_person_twice_in_one_household_and_a_second_head_need_somebody(records: Records, tmp_path: Path):
    two_heads = [{}, {"members/given_name": "Oswin"}]
    twice = [{"_parent_index": 2}, *[{"_parent_index": 2, "members/given_name": "Fern", "members/relation": "child"}] * 2]

    result = _take(records, kobo(tmp_path / "two.xlsx", [{}, {"_uuid": "u-2", "_index": 2}], [*two_heads, *twice]))

    assert result.saved == 0
    assert _fixes(result) == [
        "members D3: choose exactly one head of the household",
        "members A6: take this person out, or correct the name or birth: the same person is in the household already",
    ]


def test_a_member_of_no_household_comes_back_and_the_others_are_saved(records: Records, tmp_path: Path):
    result = _take(records, kobo(tmp_path / "one.xlsx", [{}], [{}, {"_parent_index": 77}]))

    assert (result.rows, result.saved, result.back) == (2, 1, 1)


def test_a_person_without_a_household_number_is_in_no_household_not_even_in_one_without_a_number(records: Records, tmp_path: Path):
    unnumbered, stranger = {"_uuid": "u-2", "_index": ""}, {"members/given_name": "Oswin", "_parent_index": ""}

    result = _take(records, kobo(tmp_path / "two.xlsx", [{}, unnumbered], [{}, stranger]))

    assert [[member.name for member in one.told.members] for one in _kept(records)] == [["Juniper Moonbeam"]]
    assert any("no household of the file has this number" in fix for fix in _fixes(result))


def test_a_formula_that_was_never_calculated_comes_back(records: Records, tmp_path: Path):
    import openpyxl

    path = kobo(tmp_path / "one.xlsx", [{}], [{}])
    book = openpyxl.load_workbook(path)
    book["members"]["A2"] = "=B2"
    book.save(path)

    result = _take(records, path)

    assert "members A2: type the value itself: the spreadsheet shows an error or a formula that was never calculated" in _fixes(result)


def test_the_workbook_given_back_holds_only_the_rows_that_need_somebody_and_stays_text(records: Records, tmp_path: Path):
    path = kobo(
        tmp_path / "two.xlsx",
        [{}, {"_uuid": "u-2", "_index": 2, "contact/phone": "=cmd|0712"}],
        [{}, {"_parent_index": 2, "members/given_name": "Oswin"}],
    )

    write_back(tmp_path / "back.xlsx", rows_needing(records, path))

    sheets = open_sheets(tmp_path / "back.xlsx")
    [heading, row] = sheets.named("Registration").rows
    assert heading[-2:] == ["_import_row", "What to correct"]
    assert row[heading.index("contact/phone")] == "=cmd|0712"
    assert [line[0] for line in sheets.named("members").rows[1:]] == ["Oswin"]


def test_corrected_rows_without_an_id_of_their_own_settle_the_file_they_came_from(records: Records, tmp_path: Path):
    header = ["Name", "Sex", "Age", "Consent", "Site", "Relation"]
    first = flat(tmp_path / "flat.csv", header, ["Juniper Moonbeam", "F", 39, "yes", "BH", "head"], ["Oswin Paperkite", "M", 310, "yes", "OM", "head"])  # fmt: skip
    result = _take(records, first)
    with records.read() as reading:
        write_back(tmp_path / "back.xlsx", kept_of(reading, reading.session.get_one(Import, result.import_id)))
    [names, row] = open_sheets(tmp_path / "back.xlsx").sheets[0].rows
    corrected = write_xlsx(tmp_path / "corrected.xlsx", {"Sheet1": [list(names), ["31" if value == "310" else value for value in row]]})

    again = _take(records, corrected)

    assert (result.saved, result.back, again.saved, again.back) == (1, 1, 1, 0)
    with records.read() as reading:
        row = reading.session.get_one(Import, result.import_id)
        assert (row.back, row.taken_back, row.kept) == (0, 1, None)
    assert records.verify_chain().verified


def test_a_flat_file_of_one_row_per_person_is_grouped_by_its_household_number(records: Records, tmp_path: Path):
    path = flat(
        tmp_path / "flat.csv",
        ["Household no", "First name", "Surname", "Gender", "Date of birth", "Relationship to head", "Consent", "Camp"],
        ["7", "Juniper", "Moonbeam", "woman", "1987-04-05", "head", "yes", "Hill Road"],
        ["7", "Fern", "Moonbeam", "girl", "2016-02-01", "daughter", "", ""],
        ["8", "Oswin", "Paperkite", "man", "1990-01-31", "head", "no", "HR"],
    )

    _take(records, path)

    kept = _kept(records)
    assert [len(one.told.members) for one in kept] == [2, 1]
    assert [one.told.consent for one in kept] == [Consent.AGREES, Consent.DECLINES]
    assert {one.site_name for one in kept} == {"Hill Road"}


def test_a_map_says_how_a_file_with_other_headings_is_read(records: Records, tmp_path: Path):
    path = flat(tmp_path / "flat.csv", ["Who", "S", "A", "OK", "P"], ["Juniper Moonbeam", "F", 39, "yes", "BH"])
    columns = {"name": "Who", "sex": "S", "age": "A", "consent": "OK", "site": "P"}
    mapping = {"households": {"sheet": "Sheet1", "columns": columns}, "members": None}

    with pytest.raises(Refused):
        _take(records, path)
    result = _take(records, path, mapping=mapping)

    assert result.saved == 1


def test_a_file_of_a_shape_seen_before_is_read_as_it_was_then(records: Records, tmp_path: Path):
    path = flat(tmp_path / "flat.csv", ["Who", "Sex", "Age", "Agrees", "Site"], ["Juniper Moonbeam", "F", 39, "yes", "BH"])
    columns = {"name": "Who", "sex": "Sex", "age": "Age", "consent": "Agrees", "site": "Site"}
    _take(records, path, mapping={"households": {"sheet": "Sheet1", "columns": columns}})
    path.write_text(path.read_text("utf-8").replace("Juniper Moonbeam", "Oswin Paperkite"), "utf-8")

    result = _take(records, path)

    assert result.saved == 1


def test_what_only_a_person_can_say_is_asked_by_name(records: Records, tmp_path: Path):
    path = flat(tmp_path / "flat.csv", ["Name", "Sex", "Age"], ["Juniper Moonbeam", "F", 39])

    with pytest.raises(NotSure, match="Consent, Site"):
        _take(records, path)


@pytest.mark.parametrize(
    "mapping",
    [
        {},
        {"households": []},
        {"households": {"sheet": "Nowhere", "columns": {"name": "Name"}}},
        {"households": {"sheet": "Sheet1", "columns": {"name": "Nothing"}}},
        {"households": {"sheet": "Sheet1", "columns": ["name"]}},
        {"households": {"sheet": "Sheet1", "columns": {"name": "Name"}}, "site": "BH"},
    ],
)
def test_a_map_that_does_not_fit_is_refused_with_what_to_do(records: Records, tmp_path: Path, mapping: dict):
    path = flat(tmp_path / "flat.csv", ["Name", "Sex", "Age"], ["Juniper Moonbeam", "F", 39])

    with pytest.raises(Refused):
        _take(records, path, mapping=mapping)


def test_a_proposed_map_reads_back_as_it_was_written(tmp_path: Path):
    from cbi.people.imports_map import from_json

    sheets = open_sheets(SAMPLE)
    chosen = propose(sheets)

    assert from_json(json.loads(json.dumps(to_json(chosen, sheets))), sheets) == chosen


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04 cut short", b"\x00\x01\x02\x03" * 200, b"one line without any table", "a,b\n".encode("utf-16")],
)
def test_a_file_that_is_no_table_is_refused_in_a_sentence(records: Records, tmp_path: Path, content: bytes):
    (tmp_path / "file.xlsx").write_bytes(content)

    with pytest.raises(Refused) as refused:
        _take(records, tmp_path / "file.xlsx")

    assert refused.value.fix


def test_of_a_file_that_was_saved_only_the_rows_that_need_somebody_are_kept(records: Records, tmp_path: Path):
    path = kobo(
        tmp_path / "two.xlsx",
        [{}, {"_uuid": "u-2", "_index": 2, "intro/site": "zz"}],
        [{}, {"_parent_index": 2, "members/given_name": "Oswin"}],
    )

    result = _take(records, path)

    with records.read() as reading:
        row = reading.session.get_one(Import, result.import_id)
        kept = reading.open(row, "kept")
    assert "Oswin" in kept
    assert "Juniper" not in kept
