"""What the office keeps, and for how long: every age on the clock, told by the doctor when the clock stood still."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlmodel import select

from cbi.checks.tables import Letter, OpenedPages
from cbi.cli.clockwork import Clockwork
from cbi.cli.doctor import doctor_command
from cbi.errors import Refused, UnsafeSettings
from cbi.payouts import files, posting, statements
from cbi.payouts.posting import UndoReason
from cbi.payouts.tables import LedgerEntry, PayoutRow
from cbi.people import imports_files
from cbi.people.correction import withdraw_consent
from cbi.settings import Settings, load
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make_imports, make_payouts, make_people, make_room, make_staff
from tests.cbi.payouts.test_posting import _mixed
from tests.make import NOW

KEPT = 90


def go(records: Records, days: float, **settings: int) -> None:
    """The clock runs once, so many days after the tests' own now."""
    records.clock = make_staff.StillClock(NOW + timedelta(days=days))
    clockwork = Clockwork(Settings(data=records.folder.parent, **settings), records)
    clockwork.tick()
    clockwork.stop()


def lies(records: Records, folder: str) -> list[str]:
    return sorted(path.name for path in (records.folder / folder).iterdir())


def rows(records: Records, table: type) -> list[dict[str, object]]:
    with records.engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(table.__table__).order_by(table.__table__.c.id)).mappings()]


def facts(records: Records, kind: str) -> list[dict[str, object]]:
    with records.read() as reading:
        entry = reading.system.audit_entry
        return [json.loads(body) for body in reading.session.exec(select(entry.body).where(entry.kind == kind))]


def problems(records: Records, days: float) -> str:
    """What the doctor says so many days later."""
    environment = {"CBI_CLOCK": (NOW + timedelta(days=days)).isoformat()}
    answered = CliRunner().invoke(doctor_command, ["--data", str(records.folder.parent), "--json"], env=environment)
    return " ".join(json.loads(answered.stdout)["problems"])


def test_letters_and_counts_of_opened_pages_leave_on_the_clock_after_thirty_days(records: Records):
    make_room.founded(records)
    make_room.letter(records, make_people.household(records), make_room.HARDER)
    with records.work(Actor()) as work:
        site = make_people.site(records)
        work.add(
            OpenedPages(id=work.new_id(), operation_id=work.operation_id, site_id=site, day=work.today, staff_id=work.new_id(), opened=3)
        )

    go(records, 30)
    at_thirty = [len(rows(records, table)) for table in (Letter, OpenedPages)]
    go(records, 31)

    assert at_thirty == [1, 1]
    assert [len(rows(records, table)) for table in (Letter, OpenedPages)] == [0, 0]


def test_a_letter_that_left_is_in_no_file_of_the_office_any_more(records: Records):
    make_room.founded(records)
    make_room.letter(records, make_people.household(records), make_room.HARDER)
    [body] = [row["body"] for row in rows(records, Letter)]
    assert isinstance(body, bytes)
    part = body[100:164]
    assert any(part in path.read_bytes() for path in records.folder.glob("office.db*"))

    go(records, 31)

    assert not any(part in path.read_bytes() for path in records.folder.glob("office.db*"))


def test_a_counted_file_leaves_the_disk_at_its_age_and_nothing_that_was_counted_changes(records: Records):
    given = make_payouts.released(records)
    file_id = make_payouts.posted(records, given, _mixed(given))
    go(records, 0)
    money, read = rows(records, LedgerEntry), rows(records, PayoutRow)

    go(records, KEPT)
    on_the_day = lies(records, "files")
    go(records, KEPT + 1)

    assert any(name.startswith(str(file_id)) for name in on_the_day)
    assert lies(records, "files") == []
    assert (rows(records, LedgerEntry), rows(records, PayoutRow)) == (money, read)
    with records.read() as reading:
        assert statements.of_list(reading, given.list_id).foots
    assert [fact["files"] for fact in facts(records, "payouts.FilesForgotten")] == [1]
    assert records.verify_chain().verified
    posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE)


def test_a_file_nobody_finished_stays_whatever_its_age(records: Records):
    given = make_payouts.released(records)
    file_id = make_payouts.previewed(records, given, _mixed(given))

    go(records, 10 * KEPT)

    assert any(name.startswith(str(file_id)) for name in lies(records, "files"))
    posting.post(records, Actor(given.finance), file_id)


def test_how_long_files_stay_is_a_setting_within_bounds(records: Records, monkeypatch: pytest.MonkeyPatch):
    given = make_payouts.released(records)
    make_payouts.posted(records, given, _mixed(given))
    go(records, 20, files_kept_days=30)
    before = lies(records, "files")

    go(records, 31, files_kept_days=30)

    assert before
    assert lies(records, "files") == []
    for wrong in ("0", "6", "many", "100000"):
        monkeypatch.setenv("CBI_FILES_KEPT_DAYS", wrong)
        with pytest.raises(UnsafeSettings, match="files_kept_days"):
            load()


def test_an_uploaded_list_nobody_saved_leaves_after_seven_days(records: Records, tmp_path: Path):
    make_imports.sites(records)
    content = make_imports.kobo(tmp_path / "households.xlsx", [{}], [{}]).read_bytes()
    import_id = imports_files.receive(records, Actor(make_staff.member(records).id), content)

    go(records, 7)
    waiting = lies(records, "imports")
    go(records, 7.1)

    assert waiting == [f"{import_id}.sealed"]
    assert lies(records, "imports") == []
    with pytest.raises(Refused, match="upload the file again"):
        imports_files.sheets_of(records, import_id)


def test_the_doctor_tells_when_something_should_have_left_and_never_how_many(records: Records):
    make_room.founded(records)
    for _ in range(3):
        make_room.letter(records, make_people.household(records), make_room.HARDER)
    late = "keep the office's clock running"

    assert late not in problems(records, 31)
    assert late in problems(records, 32)
    assert "3" not in problems(records, 32).split(late)[1].split(".")[0]
    go(records, 32)
    assert late not in problems(records, 32)


def test_the_doctor_tells_of_a_file_that_should_have_left(records: Records):
    given = make_payouts.released(records)
    make_payouts.posted(records, given, _mixed(given))
    go(records, 0)

    assert "keep the office's clock running" not in problems(records, KEPT + 0.5)
    assert "keep the office's clock running" in problems(records, KEPT + 2)


def test_what_is_due_is_looked_for_without_opening_anything(records: Records):
    given = make_payouts.released(records)
    file_id = make_payouts.posted(records, given, _mixed(given))
    records.clock = make_staff.StillClock(NOW + timedelta(days=KEPT + 1))

    due = files.due(records, timedelta(days=KEPT))

    assert list(due) == [file_id]
    assert files.forget(records, timedelta(days=KEPT)) == 1
    assert files.forget(records, timedelta(days=KEPT)) == 0


def test_who_took_the_consent_back_is_erased_on_the_clock_and_in_no_file_any_more(records: Records):
    household = make_people.household(records, given="Zephyrine")
    with records.work(Actor()) as work:
        withdraw_consent(work, household)

    go(records, 29)
    before = erased(records, household)
    told = problems(records, 33)
    go(records, 31)

    assert (before, erased(records, household)) == (False, True)
    assert "clock running" in told
    assert "clock running" not in problems(records, 33)
    assert [fact["household_id"] for fact in facts(records, "people.HouseholdErased")] == [str(household)]


def erased(records: Records, household_id: UUID) -> bool:
    with records.read() as reading:
        return reading.was_erased(household_id)
