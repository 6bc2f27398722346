"""Somebody may name a sheet after a person: its name stands under seal with the file, and people read it all the same."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import openpyxl
import pytest
import sqlalchemy as sa
from sqlmodel import select

from cbi.payouts import files, layouts, posting, queries, reading, sheet_names, statements, workbooks
from cbi.payouts.answers import Said, give, question
from cbi.payouts.tables import Answer, FileStatus, PayoutFile, PayoutFinding, PayoutRow
from cbi.payouts.tables_layouts import ProviderProfile
from cbi.store.records import Records
from cbi.store.work import Actor
from reconciliation import profiles
from reconciliation.findings import FindingKind
from tests import make_payouts
from tests.cbi.payouts.test_pages_finding import ids, the
from tests.cbi.payouts.test_pages_rows import slip
from tests.make import Visitor
from tests.make_payouts import HEADER, Released, row

Visit = Callable[..., Visitor]
NAME = "Nila Invented"
OTHER = "Tum Fablewood"


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


@pytest.fixture
def file_id(records: Records, given: Released) -> UUID:
    """Two sheets, each named after somebody: a wrong payee and a row that is like a transfer, and one that cannot be read."""
    wrong = row(given.lines[0], 1, name="Somebody Completely Else", phone="+254799999999")
    alike = row(given.lines[1], 2, reference=slip(given.lines[1].reference), phone="")
    unread = row(given.lines[2], 3)
    unread[2] = "about forty"
    content = workbook({NAME: [wrong, alike, row(given.lines[3], 4)], OTHER: [unread, row(given.lines[4], 5)]})
    return preview(records, given, content)


def workbook(rows: dict[str, list[list[str]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in rows.items():
        sheet = book.create_sheet(name)
        for line in (list(HEADER), *lines):
            sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def preview(records: Records, given: Released, content: bytes) -> UUID:
    file_id = files.receive(records, Actor(given.finance), given.list_id, "sheets.xlsx", content)
    assert reading.read(records, Actor(given.finance), file_id) is FileStatus.PREVIEWED
    return file_id


def everything_kept(records: Records) -> str:
    """Every value of every table, as the disk holds it."""
    with records.engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        return "\n".join(str(tuple(one)) for table in tables for one in connection.execute(sa.text(f'SELECT * FROM "{table}"')))


def test_no_table_holds_a_sheets_name_whatever_is_done_with_the_file(visitor: Visit, records: Records, given: Released, file_id: UUID):
    finance = Actor(given.finance)
    [suggestion] = ids(records, file_id, FindingKind.SUGGESTED)
    with records.read() as look:
        [place] = question(look, file_id, suggestion, given.finance).places
    give(records, finance, file_id, suggestion, Said(Answer.MATCH, place=place))
    give(records, finance, file_id, the(records, file_id, FindingKind.WRONG_PAYEE), Said(Answer.NOTED))
    visitor(person_id=given.finance).see(f"/payouts/{file_id}/layout")
    assert reading.read(records, finance, file_id) is FileStatus.PREVIEWED
    posting.post(records, finance, file_id)

    kept = everything_kept(records)

    assert NAME not in kept
    assert OTHER not in kept


def test_answers_keep_their_place_when_the_file_is_read_anew(records: Records, given: Released, file_id: UUID):
    [suggestion] = ids(records, file_id, FindingKind.SUGGESTED)
    with records.read() as look:
        [place] = question(look, file_id, suggestion, given.finance).places
    give(records, Actor(given.finance), file_id, suggestion, Said(Answer.MATCH, place=place))
    give(records, Actor(given.finance), file_id, the(records, file_id, FindingKind.WRONG_PAYEE), Said(Answer.NOTED))

    reading.read(records, Actor(given.finance), file_id)

    with records.read() as look:
        found = look.session.exec(select(PayoutFinding).where(PayoutFinding.file_id == file_id)).all()
        answered = {one.finding.kind for one in queries.seen(look, [each.id for each in found]) if one.answers}
    assert answered == {FindingKind.WRONG_PAYEE, FindingKind.PAID}
    assert ids(records, file_id, FindingKind.SUGGESTED) == []


def test_every_page_and_workbook_calls_a_sheet_by_its_name(
    visitor: Visit, records: Records, given: Released, file_id: UUID, tmp_path: Path
):
    finance = visitor(person_id=given.finance)
    pages = [
        finance.see(f"/payouts/{file_id}"),
        finance.see(f"/payouts/{file_id}/rows"),
        finance.see(f"/payouts/{file_id}/rows?kind=SUGGESTED"),
        finance.see(f"/payouts/{file_id}/findings/{the(records, file_id, FindingKind.WRONG_PAYEE)}"),
        finance.see(f"/payouts/{file_id}/findings/{ids(records, file_id, FindingKind.SUGGESTED)[0]}"),
    ]
    with finance.client.application.test_request_context():
        workbooks.exceptions(records, file_id, tmp_path / "exceptions.xlsx")
        marked = workbooks.errors(records, file_id, tmp_path / "marked.xlsx")

    assert OTHER in pages[0]
    for page in pages[1:]:
        assert NAME in page
    with records.read() as look:
        keys = sheet_names.named_sheets(look, look.session.get_one(PayoutFile, file_id)).by_key
    assert not [page[page.index(key) - 120 : page.index(key) + 40] for key in keys for page in pages if key in page]
    cells = [str(cell.value) for line in openpyxl.load_workbook(tmp_path / "exceptions.xlsx").active for cell in line]
    assert {NAME, OTHER} <= set(cells)
    assert openpyxl.load_workbook(marked).sheetnames == [NAME, OTHER]


def test_a_statement_names_the_sheet_of_a_row_that_could_not_be_read(records: Records, given: Released, file_id: UUID):
    posting.post(records, Actor(given.finance), file_id)

    with records.read() as look:
        gaps = statements.of_list(look, given.list_id).gaps

    assert [gap for gap in gaps if f"row 2 of sheet {OTHER}" in gap]


def test_corrected_rows_that_come_back_in_their_sheet_are_met(records: Records, given: Released, file_id: UUID):
    posting.post(records, Actor(given.finance), file_id)
    content = workbook({OTHER: [row(given.lines[2], 3)]})

    corrected = files.receive_corrections(records, Actor(given.finance), file_id, "corrected.xlsx", content)
    assert reading.read(records, Actor(given.finance), corrected) is FileStatus.PREVIEWED
    posting.post(records, Actor(given.finance), corrected)

    with records.read() as look:
        assert not [gap for gap in statements.of_list(look, given.list_id).gaps if "sheet" in gap]
        [again] = look.session.exec(select(PayoutRow).where(PayoutRow.file_id == corrected)).all()
    assert again.corrects_id is not None


def test_a_kept_layout_does_not_say_which_sheets_were_read(records: Records, given: Released, file_id: UUID):
    with records.read() as look:
        layout = look.session.get_one(PayoutFile, file_id).layout
    chosen = replace(profiles.from_mapping(json.loads(layout)), sheets=(NAME,))

    with records.work(Actor(given.finance)) as work:
        layouts.keep_profile(work, given.made.provider_id, chosen)
    reading.read(records, Actor(given.finance), file_id, chosen=chosen)

    with records.read() as look:
        [kept] = look.session.exec(select(ProviderProfile)).all()
        file = look.session.get_one(PayoutFile, file_id)
        assert NAME not in kept.layout + file.layout
        assert sheet_names.named_sheets(look, file).told(file.layout).count(NAME) == 1
    assert {one.kind for one in _findings(records, file_id)}.isdisjoint({FindingKind.UNREADABLE})


def _findings(records: Records, file_id: UUID) -> list[PayoutFinding]:
    with records.read() as look:
        return list(look.session.exec(select(PayoutFinding).where(PayoutFinding.file_id == file_id)))
