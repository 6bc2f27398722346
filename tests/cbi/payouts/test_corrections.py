from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import openpyxl
import pytest
from sqlmodel import select

from cbi.errors import Refused
from cbi.payouts import corrections, files, posting, queries, reading, statements, workbooks
from cbi.payouts.posting import UndoReason
from cbi.payouts.tables import FileStatus, PayoutFinding
from cbi.store.records import Records
from cbi.store.work import Actor
from reconciliation.findings import FindingKind
from tests import make_payouts
from tests.cbi.payouts.test_posting import _balances
from tests.make import Visitor
from tests.make_payouts import HEADER, Released, csv_file, row

Visit = Callable[..., Visitor]


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


def _rows(given: Released) -> list[list[str]]:
    rows = [row(line, number) for number, line in enumerate(given.lines, start=1)]
    rows[1][2], rows[4][2] = "about forty", "?"
    return rows


def _original(records: Records, given: Released, rows: list[list[str]] | None = None) -> UUID:
    return make_payouts.posted(records, given, rows or _rows(given))


def _correct(records: Records, given: Released, original: UUID, content: bytes, name: str = "corrections.csv") -> UUID:
    actor = Actor(given.finance)
    file_id = files.receive_corrections(records, actor, original, name, content)
    assert reading.read(records, actor, file_id) is FileStatus.PREVIEWED
    posting.post(records, actor, file_id)
    return file_id


def _kinds(records: Records, file_id: UUID) -> dict[FindingKind, int]:
    with records.read() as look:
        return {kind: sums.count for kind, sums in queries.sums_by_kind(look, file_id, "KES").items() if sums.count}


def _statement(records: Records, given: Released) -> statements.ListStatement:
    with records.read() as look:
        return statements.of_list(look, given.list_id)


def _left(records: Records, file_id: UUID) -> corrections.Unread:
    with records.read() as look:
        return corrections.unread(look, file_id)


def test_a_gap_stays_until_every_row_was_corrected_and_comes_back_with_an_undo(records: Records, given: Released):
    original = _original(records, given)
    right = [row(line, number) for number, line in enumerate(given.lines, start=1)]
    assert len(_statement(records, given).gaps) == 2

    _correct(records, given, original, csv_file(right[1:2]), "first.csv")
    assert len(_statement(records, given).gaps) == 1
    second = _correct(records, given, original, csv_file(right[4:5]), "second.csv")

    assert _statement(records, given).foots
    assert _statement(records, given).delivered_minor == sum(line.amount.minor for line in given.lines)
    assert (_left(records, original).rows, _left(records, original).left) == (2, 0)
    posting.undo(records, Actor(given.finance), second, UndoReason.PROVIDER_CORRECTED)
    assert len(_statement(records, given).gaps) == 1


def test_the_same_corrected_rows_twice_count_once(records: Records, given: Released):
    original = _original(records, given)
    right = [row(line, number) for number, line in enumerate(given.lines, start=1)]
    _correct(records, given, original, csv_file(right[1:2]), "first.csv")
    once = _balances(records)

    again = _correct(records, given, original, csv_file(right[1:2]).replace(b"\r\n", b"\n"), "again.csv")

    assert _balances(records) == once
    assert _kinds(records, again)[FindingKind.PAID_BEFORE] == len(given.lines) - 1


def test_a_row_corrected_twice_in_two_ways_counts_as_it_was_first(records: Records, given: Released):
    rows = [["", *one[1:]] for one in _rows(given)]  # no provider ids
    original = _original(records, given, rows)
    first = row(given.lines[1], 2)
    first[0] = ""
    _correct(records, given, original, csv_file([first]), "first.csv")
    once = _balances(records)

    other = [*first[:2], f"{given.lines[1].amount.minor / 100 + 5:.2f}", *first[3:]]
    second = _correct(records, given, original, csv_file([other]), "second.csv")

    assert _balances(records) == once
    assert _kinds(records, second)[FindingKind.UNREADABLE] == 1
    assert (_left(records, original).rows, _left(records, original).corrected) == (2, 1)
    assert len(_statement(records, given).gaps) == 1


def test_the_whole_file_back_counts_only_what_could_not_be_read(records: Records, given: Released):
    original = _original(records, given)
    right = [row(line, number) for number, line in enumerate(given.lines, start=1)]

    back = _correct(records, given, original, csv_file(right))

    assert _kinds(records, back) == {FindingKind.PAID: 2, FindingKind.PAID_BEFORE: len(given.lines) - 2}
    assert _statement(records, given).foots


def test_a_row_that_could_be_read_is_not_changed_by_a_correction(records: Records, given: Released):
    rows = [["", *one[1:]] for one in _rows(given)]
    original = _original(records, given, rows)
    before = _balances(records)
    changed = [["", *row(line, number)[1:]] for number, line in enumerate(given.lines, start=1)]
    changed[0][2] = "1.00"
    changed[1][2], changed[4][2] = rows[1][2], rows[4][2]

    back = _correct(records, given, original, csv_file(changed))

    assert _balances(records) == before
    with records.read() as look:
        fixes = [one["fix"] for one in queries.problems_of(queries.file_by_id(look, back))]
    assert any("it could be read and counts already" in fix for fix in fixes)


def test_a_row_the_file_did_not_have_is_new_and_counts(records: Records, given: Released):
    rows = _rows(given)[:5]
    original = _original(records, given, rows)

    back = _correct(records, given, original, csv_file([row(given.lines[1], 2), row(given.lines[5], 6)]))

    assert _kinds(records, back)[FindingKind.PAID] == 2
    assert _left(records, original).corrected == 1


def test_rows_of_the_marked_workbook_are_known_by_their_mark_wherever_they_stand(records: Records, given: Released, tmp_path: Path):
    rows = [["", *one[1:]] for one in _rows(given)]
    rows[1][1] = rows[4][1] = ""  # nothing names them but their place and their payee
    book = openpyxl.Workbook()
    book.active.title = "Paid"
    for one in (HEADER, *rows):
        book.active.append(list(one))
    out = io.BytesIO()
    book.save(out)
    actor = Actor(given.finance)
    original = files.receive(records, actor, given.list_id, "sparrow.xlsx", out.getvalue())
    assert reading.read(records, actor, original) is FileStatus.PREVIEWED
    posting.post(records, actor, original)

    marked = openpyxl.load_workbook(workbooks.errors(records, original, tmp_path / "marked.xlsx"))["Paid"]
    lines = [[cell.value for cell in line] for line in marked.iter_rows()]
    assert lines[0][len(HEADER) :] == ["What to correct", "CBI row"]
    assert lines[2][-1] == "Paid!3"
    wrong = [line for line in lines if line[-1] and line[-1] != "CBI row"]
    back = openpyxl.Workbook()
    back.active.title = "Paid"
    back.active.append(lines[0])
    for line in reversed(wrong):
        asked = given.lines[int(line[-1].split("!")[1]) - 2]
        back.active.append([line[0], asked.reference, asked.amount.minor / 100, *line[3:]])
    out = io.BytesIO()
    back.save(out)
    _correct(records, given, original, out.getvalue(), "corrections.xlsx")

    assert _left(records, original).left == 0
    assert _statement(records, given).foots


def test_only_a_posted_file_with_unreadable_rows_takes_corrections(records: Records, given: Released):
    preview = make_payouts.previewed(records, given, _rows(given))
    with pytest.raises(Refused, match="post the file first"):
        files.receive_corrections(records, Actor(given.finance), preview, "a.csv", b"a,b\n1,2\n")

    posting.post(records, Actor(given.finance), preview)
    whole = make_payouts.posted(records, given, [row(given.lines[0], 77)], "whole.csv")
    with pytest.raises(Refused, match="every row of this file could be read"):
        files.receive_corrections(records, Actor(given.finance), whole, "a.csv", b"a,b\n1,2\n")


def test_corrected_rows_go_from_their_page_to_a_statement_that_foots(visitor: Visit, records: Records, given: Released):
    original = _original(records, given)
    finance = visitor(person_id=given.finance)
    page = finance.see(f"/payouts/{original}/corrected")
    assert "Still to correct" in page
    right = [row(given.lines[place], place + 1) for place in (1, 4)]

    preview = finance.send(f"/payouts/{original}/corrected", {"file": (io.BytesIO(csv_file(right)), "corrections.csv")})

    assert "Nothing posted yet" in preview
    with records.read() as look:
        found = look.session.exec(select(PayoutFinding).where(PayoutFinding.kind == FindingKind.PAID)).all()
    assert len(found) == len(given.lines)


def test_a_posted_files_own_page_names_only_the_rows_that_still_wait(visitor: Visit, records: Records, given: Released):
    original = _original(records, given)
    finance = visitor(person_id=given.finance)
    assert "2 cells need you" in finance.see(f"/payouts/{original}")

    _correct(records, given, original, csv_file([row(given.lines[1], 2)]))

    assert "1 cell needs you" in finance.see(f"/payouts/{original}")


def test_a_file_whose_rows_are_all_corrected_foots_and_asks_for_nothing_more(visitor: Visit, records: Records, given: Released):
    original = _original(records, given)
    finance = visitor(person_id=given.finance)
    assert "Does not foot" in finance.see(f"/payouts/{original}")
    assert "Does not foot" in finance.see(f"/statements/{given.list_id}")

    _correct(records, given, original, csv_file([row(given.lines[place], place + 1) for place in (1, 4)]))

    page = finance.see(f"/payouts/{original}")
    assert "Does not foot" not in page + finance.see(f"/statements/{given.list_id}")
    assert "Every row and every cent has a place" in page
    assert "needs you" not in page
    assert "Upload the corrected rows" not in page


def test_what_is_marked_in_a_csv_can_be_read_back_as_it_is(records: Records, given: Released, tmp_path: Path):
    original = _original(records, given)

    marked = workbooks.errors(records, original, tmp_path / "marked.xlsx")
    content = marked.read_bytes()

    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert marked.suffix == ".csv"
    assert lines[0][-2:] == ["What to correct", "CBI row"]
    assert [line[-1] for line in lines[1:]] == ["", "Sheet1!3", "", "", "Sheet1!6", ""]
    back = _correct(records, given, original, content)
    assert _kinds(records, back)[FindingKind.UNREADABLE] == 2
    assert len(_statement(records, given).gaps) == 2
