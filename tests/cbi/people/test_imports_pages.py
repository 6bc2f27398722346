"""A registrar takes in a file: looks, maps where asked, saves, corrects what came back."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from cbi.access import Role
from cbi.people.tables import Household, Import
from cbi.store.records import Records
from reconciliation.workbook import read_table
from tests import make_imports
from tests.make import Visitor

SAMPLE = Path(__file__).resolve().parents[3] / "sample_data" / "kobo_households.xlsx"
UPLOAD = "/households/imports"


@pytest.fixture
def registrar(records: Records, visitor: Callable[..., Visitor]) -> Visitor:
    make_imports.sites(records)
    return visitor(Role.REGISTRAR)


def _upload(registrar: Visitor, path: Path, url: str = UPLOAD, status: int = 200) -> str:
    fields = {"file": (io.BytesIO(path.read_bytes()), "households.xlsx")}
    return registrar.send(url, fields, status=status)


def _import(records: Records) -> Import:
    with records.read() as reading:
        return reading.session.exec(select(Import).order_by(Import.made_at.desc(), Import.id)).first()


def _households(records: Records) -> int:
    with records.read() as reading:
        return len(reading.session.exec(select(Household.id)).all())


def _two(path: Path) -> Path:
    return make_imports.kobo(
        path,
        [{}, {"_uuid": "u-2", "_index": 2, "contact/phone": "+999 55"}],
        [{}, {"_parent_index": 2, "members/given_name": "Oswin", "members/family_name": "Paperkite", "members/sex": "male"}],
    )


def test_the_dry_run_says_how_many_rows_can_be_saved_and_saves_nothing(registrar: Visitor, records: Records):
    page = _upload(registrar, SAMPLE)

    assert "422 rows: 412 can be saved, 11 of them look like somebody, 9 need you." in page
    assert _households(records) == 0


def test_saving_registers_every_household_once_however_often_it_is_sent(registrar: Visitor, records: Records, tmp_path: Path):
    _upload(registrar, _two(tmp_path / "two.xlsx"))
    url = f"{UPLOAD}/{_import(records).id}"

    registrar.send(f"{url}/save", {}, page=url)
    page = registrar.send(f"{url}/save", {}, page=UPLOAD)

    assert _households(records) == 1
    assert "Households saved" in page


def test_the_problems_name_sheet_cell_what_it_holds_and_what_to_do(registrar: Visitor, records: Records, tmp_path: Path):
    _upload(registrar, _two(tmp_path / "two.xlsx"))

    page = registrar.see(f"{UPLOAD}/{_import(records).id}/problems")

    assert "D3" in page
    assert "Registration" in page
    assert "+999 55<" in page
    assert "You need to write the phone with its country code" in page


def test_what_many_cells_share_is_said_once_above_them_with_the_way_to_correct_them(registrar: Visitor, records: Records, tmp_path: Path):
    numbers = (1, 2, 3)
    households = [{"_uuid": f"u-{number}", "_index": number, "contact/phone": f"25482672564{number}"} for number in numbers]
    people = [{"_parent_index": number, "members/given_name": f"Juniper {number}"} for number in numbers]
    _upload(registrar, make_imports.kobo(tmp_path / "three.xlsx", households, people))

    page = registrar.see(f"{UPLOAD}/{_import(records).id}/problems")

    assert '<dt class="num">3</dt><dd>You need to read the phone again: its country has no such number; or leave it empty.</dd>' in page
    assert page.index("Download the workbook") < page.index("Send the corrected rows") < page.index("The cell holds")


def test_a_file_of_which_the_collecting_tool_named_every_column_is_asked_about_all_the_same(
    registrar: Visitor, records: Records, tmp_path: Path
):
    path = make_imports.flat(tmp_path / "flat.xlsx", ("phoneNumber", "status"), ("14155235551", "success"))

    _upload(registrar, path)

    page = registrar.see(f"{UPLOAD}/{_import(records).id}/map")
    assert page.count('<option selected value="">Not used') == 2


def test_corrected_rows_alone_come_back_and_settle_what_waited(registrar: Visitor, records: Records, tmp_path: Path):
    _upload(registrar, _two(tmp_path / "two.xlsx"))
    first = _import(records).id
    registrar.send(f"{UPLOAD}/{first}/save", {}, page=f"{UPLOAD}/{first}")
    assert "1 row still needs you." in registrar.see(UPLOAD)
    workbook = tmp_path / "rows.xlsx"
    workbook.write_bytes(registrar.client.get(f"{UPLOAD}/{first}/rows.xlsx").data)
    header, rows = read_table(workbook)
    corrected = [text if name != "contact/phone" else "+999 555 010002" for name, text in zip(header, rows[0].texts, strict=True)]
    back = make_imports.write_xlsx(tmp_path / "corrected.xlsx", {"Registration": [header, corrected], "members": _members(workbook)})

    _upload(registrar, back, f"{UPLOAD}/{first}/problems")
    second = _import(records).id
    registrar.send(f"{UPLOAD}/{second}/save", {}, page=f"{UPLOAD}/{second}")

    assert _households(records) == 2
    assert "still needs you" not in registrar.see(UPLOAD)
    assert "No row of this file needs you any more." in registrar.see(f"{UPLOAD}/{first}/problems")


def test_the_next_file_is_read_without_asking_also_after_corrected_rows_came_back(registrar: Visitor, records: Records, tmp_path: Path):
    header = ["Who", "Sex", "Age", "Agreed", "Relation"]
    _upload(registrar, make_imports.flat(tmp_path / "flat.csv", header, ["Juniper Moonbeam", "F", "39", "yes", "head"]))
    first, site = _import(records).id, make_imports.sites(records)["OM"]
    means = {"h0": "name", "h1": "sex", "h2": "age", "h3": "consent", "h4": "relation", "site": str(site)}
    registrar.send(f"{UPLOAD}/{first}/map", means)
    registrar.send(f"{UPLOAD}/{first}/save", {}, page=f"{UPLOAD}/{first}")
    corrected = ["Oswin Paperkite", "M", "41", "yes", "head", "ab" * 20]
    _upload(registrar, make_imports.flat(tmp_path / "corrected.csv", [*header, "_import_row"], corrected))
    second = _import(records).id
    registrar.send(f"{UPLOAD}/{second}/save", {}, page=f"{UPLOAD}/{second}")

    page = _upload(registrar, make_imports.flat(tmp_path / "next.csv", header, ["Fern Lanternhill", "F", "22", "yes", "head"]))

    assert _households(records) == 2
    assert "1 row: 1 can be saved" in page


def test_a_row_that_comes_back_twice_is_counted_once(registrar: Visitor, records: Records, tmp_path: Path):
    _upload(registrar, _two(tmp_path / "two.xlsx"))
    first = _import(records).id
    registrar.send(f"{UPLOAD}/{first}/save", {}, page=f"{UPLOAD}/{first}")
    workbook = tmp_path / "rows.xlsx"
    workbook.write_bytes(registrar.client.get(f"{UPLOAD}/{first}/rows.xlsx").data)

    _upload(registrar, workbook, f"{UPLOAD}/{first}/problems")
    second = _import(records).id
    registrar.send(f"{UPLOAD}/{second}/save", {}, page=f"{UPLOAD}/{second}")

    assert second != first
    assert "1 row still needs you." in registrar.see(UPLOAD)


def _members(workbook: Path) -> list[list[str]]:
    from reconciliation.workbook import open_rows

    return [list(row) for row in open_rows(workbook).named("members").rows]


def test_rows_that_are_not_wanted_can_be_set_aside(registrar: Visitor, records: Records, tmp_path: Path):
    _upload(registrar, _two(tmp_path / "two.xlsx"))
    url = f"{UPLOAD}/{_import(records).id}"
    registrar.send(f"{url}/save", {}, page=url)

    registrar.send(f"{url}/set-aside", {}, page=f"{url}/problems")

    assert _import(records).back == 0
    assert _import(records).kept is None


def test_a_file_whose_columns_nobody_knows_is_mapped_by_a_person_and_remembered(registrar: Visitor, records: Records, tmp_path: Path):
    rows = [["Who", "Sex", "Age", "Agreed", "Relation"], ["Juniper Moonbeam", "F", "39", "yes", "head"]]
    page = _upload(registrar, make_imports.flat(tmp_path / "flat.csv", *rows))
    assert "What does each column hold?" in page
    first, site = _import(records).id, make_imports.sites(records)["OM"]

    refused = registrar.send(f"{UPLOAD}/{first}/map", {"h1": "sex"}, status=422)
    page = registrar.send(
        f"{UPLOAD}/{first}/map", {"h0": "name", "h1": "sex", "h2": "age", "h3": "consent", "h4": "relation", "site": str(site)}
    )

    assert "say which column holds this: Whole name" in refused
    assert refused.count("choose it here for everybody") == 4, "the site and the consent, each in the summary and at its field"
    assert "1 row: 1 can be saved" in page
    registrar.send(f"{UPLOAD}/{first}/save", {}, page=f"{UPLOAD}/{first}")
    rows[1][0] = "Fern Lanternhill"
    assert "1 can be saved" in _upload(registrar, make_imports.flat(tmp_path / "next.csv", *rows))


def test_a_file_that_cannot_be_read_says_what_to_do_at_the_field(registrar: Visitor, records: Records, tmp_path: Path):
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 this is no workbook")

    page = _upload(registrar, tmp_path / "broken.xlsx", status=422)

    assert "You need to" in page
    assert _import(records) is None


def test_the_same_file_again_says_that_nothing_was_changed(registrar: Visitor, records: Records, tmp_path: Path):
    path = _two(tmp_path / "two.xlsx")
    _upload(registrar, path)
    url = f"{UPLOAD}/{_import(records).id}"
    registrar.send(f"{url}/save", {}, page=url)

    page = _upload(registrar, path)

    assert "This very file was taken in before. Nothing was changed." in page
    assert _households(records) == 1


def test_today_names_the_rows_that_came_back(registrar: Visitor, records: Records, tmp_path: Path):
    _upload(registrar, _two(tmp_path / "two.xlsx"))
    url = f"{UPLOAD}/{_import(records).id}"
    registrar.send(f"{url}/save", {}, page=url)

    assert "Rows that came back from an import" in registrar.see("/")


@pytest.mark.parametrize("role", [Role.MANAGER, Role.FINANCE, Role.AUDITOR, Role.INTERVIEWER])
def test_only_who_may_import_sees_the_pages(role: Role, visitor: Callable[..., Visitor], records: Records):
    from cbi.access import GRANTS, P

    status = 200 if P.PERSON_IMPORT in GRANTS[role] else 404

    visitor(role).see(UPLOAD, status=status)


def test_an_import_that_is_not_there_is_not_found(registrar: Visitor):
    for page in ("", "/map", "/problems", "/rows.xlsx"):
        assert registrar.client.get(f"{UPLOAD}/{UUID(int=5)}{page}").status_code == 404


def test_a_file_is_taken_back_from_its_page_after_being_told_what_that_means(registrar: Visitor, records: Records, tmp_path: Path):
    _upload(registrar, _two(tmp_path / "two.xlsx"))
    url = f"{UPLOAD}/{_import(records).id}"
    registrar.send(f"{url}/save", {}, page=url)

    told = registrar.see(f"{url}/undo")
    page = registrar.send(f"{url}/undo", {})

    assert "All these households are forgotten" in told
    assert "This file was taken back" in page
    assert "See the households" not in page
    assert _households(records) == 0


def test_a_long_file_shows_how_far_it_is(registrar: Visitor, records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cbi.people.imports_files.QUICK", 0)

    page = _upload(registrar, _two(tmp_path / "two.xlsx"))

    assert "The file is being looked through" in page
    assert "You may leave this page." in page
