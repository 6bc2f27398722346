"""Long files: looked through and saved a part at a time, gone on with after a kill, counted once, and taken back while nothing was built on them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import select

from cbi.errors import Refused
from cbi.jobs import marks
from cbi.people import imports, imports_files, imports_long, imports_parts, imports_run, imports_work, search
from cbi.people.facts_imports import ImportMapped
from cbi.people.imports_apart import take_in_long_files
from cbi.people.imports_files import forget_old
from cbi.people.imports_map import from_json, to_json
from cbi.people.tables import Account, Document, EventKind, Household, Import, ImportStatus, Member, Phone, ReviewReason, SearchToken
from cbi.people.tables_imports import ImportStep, ImportWork
from cbi.settings import Settings
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.web.listing import ListingArgs
from reconciliation.sheets import Sheets
from tests import make, make_people
from tests.make_imports import flat, sites

BY = Actor(uuid4())
KILLED = Path(__file__).with_name("saver.py")
HEADER = ["_uuid", "Name", "Sex", "Year of birth", "Consent", "Site", "Relation", "Phone", "Document number"]
_FIRST, _SECOND = ("Tumble", "Juniper", "Bramble", "Oswin", "Fern", "Quill", "Hazel"), ("kite", "moon", "storm", "lamp", "reed")
HOUSEHOLDS = 33


@pytest.fixture(autouse=True)
def long_files(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is a long one, and a part has ten households."""
    sites(records)
    monkeypatch.setattr(imports_files, "QUICK", 0)
    monkeypatch.setattr(imports_parts, "SMALL", 5)
    monkeypatch.setattr(imports_parts, "AT_ONCE", 10)


def _row(place: int, **more: str) -> list[str]:
    name = f"{_FIRST[place % 7]}{place:02d} {_SECOND[place % 5]}water"
    usual = dict(
        zip(
            HEADER,
            [f"u-{place}", name, "F", str(1950 + place % 60), "yes", "BH", "head", f"+999 5550{place:05}", f"KH-{place:05}"],
            strict=True,
        )
    )
    return list({**usual, **more}.values())


def _file(folder: Path, *more: list[str]) -> Path:
    return flat(folder / "long.csv", HEADER, *(_row(place) for place in range(HOUSEHOLDS)), *more)


def _received(records: Records, path: Path) -> UUID:
    import_id = imports_files.receive(records, BY, path.read_bytes())
    imports.look(records, BY, import_id)
    return import_id


def _work(records: Records) -> None:
    for key in imports_long.due(records):
        imports_long.run(records, key)


def _saved(records: Records, folder: Path, *more: list[str]) -> UUID:
    import_id = _received(records, _file(folder, *more))
    _work(records)
    imports.save(records, BY, import_id)
    _work(records)
    return import_id


def _import(records: Records, import_id: UUID) -> Import:
    with records.read() as reading:
        return imports_files.by_id(reading, import_id)


def _mark(records: Records, import_id: UUID) -> ImportWork:
    with records.read() as reading:
        mark = imports_work.mark_of(reading, import_id)
    assert mark is not None
    return mark


def _count(records: Records, table: type) -> int:
    with records.read() as reading:
        return reading.session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_a_long_file_is_looked_through_by_the_long_work_and_nothing_is_saved(records: Records, tmp_path: Path):
    import_id = _received(records, _file(tmp_path, _row(90, Site="nowhere")))
    assert _mark(records, import_id).running

    _work(records)

    row, mark = _import(records, import_id), _mark(records, import_id)
    assert (row.status, row.rows, row.saved, row.back) == (ImportStatus.RECEIVED, 34, 33, 1)
    assert (mark.running, mark.fix, mark.done, mark.total) == (False, "", 34, 34)
    assert _count(records, Household) == 0
    assert imports_long.due(records) == []


def test_a_long_file_is_saved_once_however_often_it_is_asked_for(records: Records, tmp_path: Path):
    import_id = _saved(records, tmp_path)

    imports.save(records, BY, import_id)
    _work(records)
    again = imports_files.receive(records, BY, _file(tmp_path).read_bytes())

    row = _import(records, import_id)
    assert again == import_id
    assert (row.status, row.rows, row.saved, row.people, row.again, row.back) == (ImportStatus.SAVED, 33, 33, 33, 0, 0)
    assert _count(records, Household) == HOUSEHOLDS
    assert not list(records.private("imports").iterdir())
    assert records.verify_chain().verified


def test_each_part_has_one_entry_in_the_audit_trail_and_the_file_one_at_its_end(records: Records, tmp_path: Path):
    _saved(records, tmp_path)

    with records.read() as reading:
        kinds = list(reading.session.connection().execute(sa.select(reading.system.audit_entry.kind)).scalars())
    assert kinds.count("people.ImportPartSaved") == 4
    assert kinds.count("people.HouseholdsImported") == 1


def test_rows_that_come_twice_in_different_parts_count_once(records: Records, tmp_path: Path):
    import_id = _saved(records, tmp_path, _row(0), _row(1), _row(32, Name="Somebody Else"))

    row = _import(records, import_id)
    assert (row.rows, row.saved, row.again, row.back) == (36, 32, 2, 2)


def test_of_two_in_different_parts_that_share_a_document_the_later_is_held(records: Records, tmp_path: Path):
    shared = dict(zip(HEADER, _row(0), strict=True))["Document number"]

    import_id = _saved(records, tmp_path, _row(90, **{"Document number": shared}))

    assert _import(records, import_id).alike == 1
    with records.read() as reading:
        held = reading.session.exec(select(Household.number).where(Household.review == ReviewReason.DUPLICATE)).all()
    assert len(held) == 1


def test_a_part_that_was_counted_is_never_counted_by_a_worker_of_an_older_turn(records: Records, tmp_path: Path):
    import_id = _received(records, _file(tmp_path))
    _work(records)
    turn = imports_work.begin(records, BY, import_id, ImportStep.SAVE, waits=False)
    assert turn is not None
    imports_work.take_over(records, import_id)

    with pytest.raises(marks.Overtaken):
        imports.imports_run.save(records, BY, import_id, turn)

    assert _count(records, Household) == 0
    _work(records)
    assert _count(records, Household) == HOUSEHOLDS


@pytest.mark.parametrize("parts", [pytest.param(each, marks=[pytest.mark.long] * (each in {1, 3})) for each in range(5)])
def test_a_saving_killed_at_any_part_is_gone_on_with_and_every_household_counts_once(records: Records, tmp_path: Path, parts: int):
    import_id = _received(records, _file(tmp_path, _row(90, Site="nowhere")))
    _work(records)
    imports.save(records, BY, import_id)

    killed = subprocess.run([sys.executable, KILLED, records.folder.parent, str(parts)], env=_environment(), check=False, timeout=300)
    assert killed.returncode == -signal.SIGKILL
    assert _count(records, Household) == min(10 * parts, HOUSEHOLDS)
    subprocess.run([sys.executable, KILLED, records.folder.parent, "-1"], env=_environment(), check=True, timeout=300)

    row = _import(records, import_id)
    assert (row.status, row.rows, row.saved, row.back) == (ImportStatus.SAVED, 34, 33, 1)
    assert _count(records, Household) == _count(records, Member) == HOUSEHOLDS
    assert records.verify_chain().verified


def test_while_a_file_is_being_saved_nobody_says_its_columns_hold_something_else(records: Records, tmp_path: Path):
    path = _file(tmp_path)
    import_id = _received(records, path)
    _work(records)
    imports.save(records, BY, import_id)
    _stop_after(records, import_id, parts=1)
    sheets = imports_files.open_sheets(path)

    assert imports_files.receive(records, BY, path.read_bytes()) == import_id
    with pytest.raises(Refused, match="wait until this very file is taken in"):
        imports_files.confirm(records, BY, import_id, sheets, from_json(_other_map(sheets), sheets))
    with pytest.raises(Refused, match="wait until this very file is taken in"):
        imports.import_file(records, BY, path, _other_map(sheets))
    _work(records)

    assert _import(records, import_id).saved == _count(records, Household) == HOUSEHOLDS


def test_a_saving_that_is_gone_on_with_reads_as_it_began_whatever_was_said_of_another_file_of_its_shape(records: Records, tmp_path: Path):
    import_id = _received(records, _file(tmp_path))
    _work(records)
    imports.save(records, BY, import_id)
    _stop_after(records, import_id, parts=1)

    other = flat(tmp_path / "other.csv", HEADER, _row(70))
    sheets = imports_files.open_sheets(other)
    other_id = imports_files.receive(records, BY, other.read_bytes())
    imports_files.confirm(records, BY, other_id, sheets, from_json(_other_map(sheets), sheets))
    with records.work(BY) as work:
        row = imports_files.by_id(work, other_id)
        row.shape = imports_files.imports_map.fingerprint(sheets)
        work.add(row)
        work.remember(ImportMapped(import_id=other_id))
    _work(records)

    row = _import(records, import_id)
    assert (row.saved, row.back) == (HOUSEHOLDS, 0)
    assert "Document number" in json.loads(row.mapping)["households"]["columns"].values()


def _other_map(sheets: Sheets) -> dict[str, object]:
    """The map of this file as its headings say it, less the column of document numbers."""
    told = to_json(imports_files.imports_map.propose(sheets), sheets)
    columns = told["households"]["columns"]
    return {**told, "households": {**told["households"], "columns": {key: at for key, at in columns.items() if at != "Document number"}}}


def _stop_after(records: Records, import_id: UUID, *, parts: int) -> None:
    """Save some parts of a file, then stop as if the process had ended."""
    save_part, saved = imports_run._save_part, 0

    def counting(*args: object) -> None:
        nonlocal saved
        if saved == parts:
            raise KeyboardInterrupt
        save_part(*args)
        saved += 1

    with pytest.MonkeyPatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(imports_run, "_save_part", counting)
        imports_run.save(records, BY, import_id, _mark(records, import_id).turn)


def test_the_long_work_runs_in_a_process_of_its_own(records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    import_id = _received(records, _file(tmp_path))
    job = take_in_long_files(Settings(data=records.folder.parent, clock=make.NOW, seed=7))

    [key] = job.due(records)
    job.run(records, key)

    assert _import(records, import_id).saved == HOUSEHOLDS


def test_a_step_whose_page_died_is_taken_over_where_it_stood(records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import_id = _received(records, _file(tmp_path))
    _work(records)
    imports_work.begin(records, BY, import_id, ImportStep.SAVE, waits=False)
    assert imports_long.due(records) == []

    monkeypatch.setattr(imports_work, "SILENT", -imports_work.SILENT)
    _work(records)

    assert _import(records, import_id).status is ImportStatus.SAVED


def test_work_that_is_given_up_says_what_to_do_and_can_be_begun_again(records: Records, tmp_path: Path):
    import_id = _received(records, _file(tmp_path))
    [key] = imports_long.due(records)

    imports_long.give_up(records, key)

    assert "upload the file again" in _mark(records, import_id).fix
    assert imports_long.due(records) == []
    imports.look(records, BY, import_id)
    _work(records)
    assert _import(records, import_id).saved == HOUSEHOLDS


def test_a_long_file_nobody_can_map_asks_over_its_first_rows(records: Records, tmp_path: Path):
    path = flat(tmp_path / "odd.csv", ["Who", "Sex", "Age"], *(["Juniper Moonbeam", "F", 39] for _ in range(40)))
    import_id = _received(records, path)

    _work(records)

    assert _mark(records, import_id).fix == imports_work.ASKS
    [sheet] = imports_files.first_rows(records, import_id).sheets
    assert len(sheet.rows) == 24
    stored = b"".join(file.read_bytes() for file in records.folder.rglob("*") if file.is_file())
    assert b"Juniper" not in stored


def test_a_file_that_was_taken_back_leaves_nothing_of_its_people_and_can_be_sent_again(records: Records, tmp_path: Path):
    import_id = _saved(records, tmp_path)

    imports.undo(records, BY, import_id)
    _work(records)

    assert _import(records, import_id).status is ImportStatus.UNDONE
    assert [_count(records, table) for table in (Household, Member, Document, Phone, Account, SearchToken)] == [0] * 6
    with records.read() as reading:
        keys = reading.session.connection().execute(sa.select(reading.system.subject_key.wrapped)).scalars().all()
        found = search.find(reading, "Juniper", ListingArgs(sort="likeness"), country="KE")
    assert keys.count(None) == HOUSEHOLDS
    assert found.total == 0
    assert _import(records, _saved(records, tmp_path)).saved == HOUSEHOLDS
    assert records.verify_chain().verified


def test_a_file_is_not_taken_back_once_something_was_built_upon_it(records: Records, tmp_path: Path):
    from cbi.people.facts import HouseholdCorrected
    from cbi.people.story import tell

    import_id = _saved(records, tmp_path)
    with records.work(BY) as work:
        household_id = work.session.exec(select(Household.id).limit(1)).one()
        tell(work, household_id, EventKind.CORRECTED, "phone")
        work.remember(HouseholdCorrected(household_id=household_id, fields=("phone",)))

    with pytest.raises(imports.BuiltUpon):
        imports.undo(records, BY, import_id)

    assert _count(records, Household) == HOUSEHOLDS


def test_households_of_others_stay_when_a_file_is_taken_back(records: Records, tmp_path: Path):
    stays = make_people.household(records, given="Oswin", family="Paperkite")
    import_id = _saved(records, tmp_path)

    imports.undo(records, BY, import_id)
    _work(records)

    with records.read() as reading:
        assert reading.session.exec(select(Household.id)).all() == [stays]


def test_what_a_kill_left_of_a_saved_file_is_swept_away(records: Records, tmp_path: Path):
    import_id = _saved(records, tmp_path)
    left = records.private("imports") / f"{import_id}.sealed"
    left.write_bytes(b"sealed")

    forget_old(records)

    assert not left.exists()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
