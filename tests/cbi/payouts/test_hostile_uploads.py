"""Hostile and odd files sent to the upload page end on a page: a preview, a question, or one sentence that says what to do."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts.tables import FileStatus, PayoutFile
from cbi.store.records import Records
from tests import make, make_payouts
from tests.make import Visitor
from tests.workbooks import archives, markup_tricks, other_forms, plain, saved_pages, sheet_shapes, texts
from tests.workbooks.cases import Case, End

SUBJECTS = (archives, markup_tricks, sheet_shapes, other_forms, saved_pages, texts)
NAMES = [
    "bomb in the sheet.xlsx",
    "one long text in a hundred thousand cells.xlsx",
    "a member twice.xlsx",
    "a false checksum.ods",
    "a sheet that fetches.xlsx",
    "content that laughs a billion times.ods",
    "a cell in the last corner.xlsx",
    "a million cells in a row.xlsx",
    "a cell twice.xlsx",
    "dates of 1904.xlsx",
    "a zero that waits to be calculated.xlsx",
    "hidden and filtered rows.xlsx",
    "its only sheet hidden.xls",
    "a calculated error for an amount.xls",
    "a sheet without an end.xls",
    "a record longer than the part.xlsb",
    "a row a million times.ods",
    "tables in tables.xls",
    "a page cut short.xls",
    "XML cut short.xls",
    "the protection of 97, without its password.xls",
    "protected twice.xlsx",
    "words of cp1256 in cp1256.csv",
    "UTF-8 with damage.csv",
    "two quotes with one row between them.csv",
    "text that looks like a command.csv",
    "nothing.csv",
    "5000 bytes of noise.csv",
]
CASES = {str(case): case for subject in SUBJECTS for case in subject.cases()}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, office_template: Path) -> Iterator[tuple[Records, make_payouts.Released]]:
    """One office with a released list for all of these files: each is a file of its own."""
    records = make.office(tmp_path_factory.mktemp("uploads") / "data", office_template)
    yield records, make_payouts.released(records)
    records.close()


@pytest.fixture(scope="module")
def finance(office: tuple[Records, make_payouts.Released]) -> Visitor:
    records, given = office
    return Visitor(make.app_of(records), records, given.finance)


def _sent(finance: Visitor, list_id: object, path: Path, name: str) -> str:
    answer = finance.post("/payouts/new", {"list": str(list_id), "file": (io.BytesIO(path.read_bytes()), name)})
    assert answer.status_code in {200, 422}
    return html.unescape(re.sub(r"<[^>]+>|\s+", " ", answer.text))


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_upload_ends_on_a_page_with_what_to_do(name, finance, office, tmp_path):
    case: Case = CASES[name]
    records, given = office
    path = case.make(tmp_path / f"upload{case.ending}")

    page = _sent(finance, given.list_id, path, f"upload{case.ending}")

    assert "Traceback" not in page
    if case.end is End.REFUSED:
        assert "You need to" in page or "password" in page
    with records.read() as look:
        states = set(look.session.scalars(sa.select(col(PayoutFile.status))))
    assert FileStatus.READING not in states
    assert FileStatus.POSTED not in states


@pytest.mark.parametrize("form", plain.FORMS)
def test_every_form_uploaded_is_looked_at(form: str, finance: Visitor, office, tmp_path: Path):
    _, given = office
    ending, make_file = plain.FORMS[form]
    change: Callable[[Path], Path] = make_file

    page = _sent(finance, given.list_id, change(tmp_path / f"good{ending}"), f"good{ending}")

    assert "How is this file read?" in page or "Nothing posted yet" in page
