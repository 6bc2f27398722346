from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msoffcrypto.format.ooxml
import openpyxl
import pytest
import sqlalchemy as sa
from sqlmodel import col

from cbi.errors import Refused
from cbi.payouts import background, files, posting, queries, reading, turns, workbooks
from cbi.payouts.posting import UndoReason
from cbi.payouts.tables import FileStatus, PayoutFile, PayoutRow
from cbi.payouts.tables_reading import ReadingProgress
from cbi.store.records import Records
from cbi.store.work import Actor
from reconciliation.sheets import PasswordNeeded
from tests import make_payouts
from tests.make import Visitor
from tests.make_payouts import HEADER, Released, csv_file, row

Visit = Callable[..., Visitor]


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


def _rows(given: Released) -> list[list[str]]:
    return [row(line, number) for number, line in enumerate(given.lines, start=1)]


def _book(sheets: dict[str, list[list[str]]], letterhead: dict[str, int] | None = None) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for _ in range((letterhead or {}).get(name, 0)):
            sheet.append(["Sparrow Wallet"])
        sheet.append(list(HEADER))
        for one in rows:
            sheet.append(one)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _locked(content: bytes, password: str) -> bytes:
    out = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(content)).encrypt(password, out)
    return out.getvalue()


def _status(records: Records, file_id: UUID) -> FileStatus:
    with records.read() as look:
        return queries.file_by_id(look, file_id).status


def _received(records: Records, given: Released, content: bytes, name: str = "sparrow.xlsx") -> UUID:
    return files.receive(records, Actor(given.finance), given.list_id, name, content)


def test_a_protected_file_is_opened_once_and_its_password_is_never_asked_again(records: Records, given: Released):
    file_id = _received(records, given, _locked(_book({"Paid": _rows(given)}), "open sesame"))
    actor = Actor(given.finance)

    with pytest.raises(PasswordNeeded):
        reading.read(records, actor, file_id)
    assert _status(records, file_id) is FileStatus.ASKING
    assert reading.read(records, actor, file_id, password="open sesame") is FileStatus.PREVIEWED
    assert reading.read(records, actor, file_id) is FileStatus.PREVIEWED


def test_a_wrong_password_is_said_on_its_page_and_the_right_one_leads_on(visitor: Visit, records: Records, given: Released):
    locked = _locked(_book({"Paid": _rows(given)}), "open sesame")
    finance = visitor(person_id=given.finance)
    asked = finance.send("/payouts/new", {"list": str(given.list_id), "file": (io.BytesIO(locked), "sparrow.xlsx")})
    assert "This file has a password" in asked
    with records.read() as look:
        file_id = look.session.scalars(sa.select(col(PayoutFile.id))).one()

    wrong = finance.send(f"/payouts/{file_id}/password", {"password": "guess"}, status=422)
    assert "You need to" in wrong
    right = finance.send(f"/payouts/{file_id}/password", {"password": "open sesame"})
    assert "Nothing posted yet" in right


def test_a_layout_page_of_a_protected_file_asks_no_password_a_second_time(visitor: Visit, records: Records, given: Released):
    rows = [[number, line.reference, line.amount.minor / 100, "zz"] for number, line in enumerate(given.lines)]
    book = openpyxl.Workbook()
    for one in (["Col A", "Col B", "Col C", "Col D"], *rows):
        book.active.append(one)
    out = io.BytesIO()
    book.save(out)
    file_id = _received(records, given, _locked(out.getvalue(), "open sesame"))
    finance = visitor(person_id=given.finance)

    page = finance.send(f"/payouts/{file_id}/password", {"password": "open sesame"})

    assert "Check how this file is read" in page
    assert "Check how this file is read" in finance.see(f"/payouts/{file_id}/layout")


def test_wrong_cells_are_marked_under_the_heading_of_their_own_sheet(records: Records, given: Released, tmp_path: Path):
    rows = _rows(given)
    rows[0][2] = "about 40"
    rows[3][2] = "about 50"
    content = _book({"North": rows[:3], "South": rows[3:]}, {"North": 4})
    file_id = _received(records, given, content)
    assert reading.read(records, Actor(given.finance), file_id) is FileStatus.PREVIEWED

    book = openpyxl.load_workbook(workbooks.errors(records, file_id, tmp_path / "marked.xlsx"))

    assert book["North"].cell(5, len(HEADER) + 1).value
    assert book["South"].cell(1, len(HEADER) + 1).value
    assert book["North"].cell(1, len(HEADER) + 1).value is None


def test_a_refused_file_may_be_sent_again(records: Records, given: Released):
    broken = b"PK\x03\x04 this is not a workbook"
    first = _received(records, given, broken)
    assert reading.read(records, Actor(given.finance), first) is FileStatus.REFUSED

    assert _received(records, given, broken) != first


def test_a_reading_that_was_overtaken_writes_nothing_more(records: Records, given: Released):
    file_id = _received(records, given, csv_file(_rows(given)), "sparrow.csv")
    actor = Actor(given.finance)
    old = turns.begin(records, actor, file_id)
    turns.begin(records, actor, file_id)

    with pytest.raises(turns.Overtaken):
        reading.read(records, actor, file_id, turn=old)

    with records.read() as look:
        assert not look.session.scalars(sa.select(PayoutRow)).all()


def test_nothing_is_read_again_while_it_counts(records: Records, given: Released):
    file_id = make_payouts.posted(records, given, _rows(given))

    with pytest.raises(Refused, match="undo the file first"):
        reading.read(records, Actor(given.finance), file_id)


def test_a_file_whose_page_died_is_taken_over_by_the_long_work(records: Records, given: Released):
    file_id = _received(records, given, csv_file(_rows(given)), "sparrow.csv")
    turns.begin(records, Actor(given.finance), file_id)
    assert background.due(records) == []
    _age(records)

    [key] = background.due(records)
    background.run(records, key)

    assert _status(records, file_id) is FileStatus.PREVIEWED
    assert background.due(records) == []


def _age(records: Records) -> None:
    with records.engine.execution_options(writing=True).begin() as connection:
        connection.execute(sa.update(ReadingProgress).values(beat_at=records.clock.now() - turns.SILENT - timedelta(minutes=1)))


def test_a_file_that_cannot_be_read_to_its_end_is_given_up_in_words(visitor: Visit, records: Records, given: Released):
    file_id = _received(records, given, csv_file(_rows(given)), "sparrow.csv")
    turns.begin(records, Actor(given.finance), file_id, waits=True)
    [key] = background.due(records)
    assert "The file is being read" in visitor(person_id=given.finance).see(f"/payouts/{file_id}")

    background.give_up(records, key)

    assert "You need to upload the file again" in visitor(person_id=given.finance).see(f"/payouts/{file_id}")


def test_only_a_file_of_more_rows_than_a_person_waits_for_is_left_to_the_long_work(
    records: Records, given: Released, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reading, "LARGE_ROWS", 3)
    actor = Actor(given.finance)
    small = _received(records, given, csv_file(_rows(given)[:2]), "small.csv")
    large = _received(records, given, csv_file(_rows(given)), "large.csv")

    assert reading.start(records, actor, small) is FileStatus.PREVIEWED
    assert reading.start(records, actor, large) is FileStatus.READING
    assert [key.split(":")[1] for key in background.due(records)] == [str(large)]


def test_an_undo_refused_for_a_wrong_code_changes_nothing_and_one_that_happens_uses_the_proof_up(records: Records, given: Released):
    file_id = make_payouts.posted(records, given, _rows(given))
    asked = []

    def refuses(work: object) -> None:
        asked.append(work)
        raise Refused("type the six digits that your authenticator shows now")

    with pytest.raises(Refused, match="six digits"):
        posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE, proof=refuses)
    assert _status(records, file_id) is FileStatus.POSTED

    posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE, proof=asked.append)
    assert len(asked) == 2
    assert _status(records, file_id) is FileStatus.UNDONE


def test_an_unknown_file_is_not_there_for_anybody(visitor: Visit, given: Released):
    nowhere = f"/payouts/{UUID(int=9)}"

    answer = visitor(person_id=given.finance).post(f"{nowhere}/post", {}, page="/payouts/new")

    assert answer.status_code == 404
