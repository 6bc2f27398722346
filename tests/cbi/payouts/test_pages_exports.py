from __future__ import annotations

import csv
import io
from collections.abc import Callable
from uuid import UUID

import openpyxl
import pytest
import sqlalchemy as sa

from cbi.access import Role
from cbi.payouts import workbooks
from cbi.store.records import Records
from reconciliation.findings import FindingKind
from reconciliation.sheets import UnreadableFile
from tests import make_payouts, make_staff
from tests.cbi.payouts.test_posting import _mixed
from tests.make import Visitor
from tests.make_payouts import Released, row
from tests.make_staff import Member

Visit = Callable[..., Visitor]


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


@pytest.fixture
def finance(records: Records) -> Member:
    return make_staff.member(records, Role.FINANCE)


def take(one: Visitor, records: Records, member: Member, url: str, **fields: str):
    proof = {"password": member.password, "code": member.code(records)}
    return one.post(url, {**proof, **fields})


def entries(records: Records) -> list[str]:
    """What the audit trail holds of workbooks handed out."""
    with records.read() as look:
        entry = look.system.audit_entry
        query = sa.select(entry.body).where(entry.kind.endswith("RowsExported")).order_by(entry.seq)
        return list(look.session.connection().execute(query).scalars())


def lines_of(content: bytes) -> list[dict[str, object]]:
    found = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
    header = next(found)
    return [dict(zip(header, line, strict=True)) for line in found]


def test_a_workbook_of_rows_is_handed_out_after_password_and_code_and_entered(
    visitor: Visit, records: Records, given: Released, finance: Member
):
    file_id = make_payouts.previewed(records, given, [*_mixed(given), row(given.lines[0], 99, reference="=1+1", name="@SUM(A1)")])
    url, one = f"/payouts/{file_id}/exceptions", visitor(person_id=finance.id)
    page = one.see(url)
    before = entries(records)

    answer = take(one, records, finance, url)

    assert "names, phones and accounts of people" in page
    assert before == []
    assert answer.headers["Content-Disposition"].endswith('-exceptions.xlsx"')
    cells = [cell for line in openpyxl.load_workbook(io.BytesIO(answer.data)).active.iter_rows() for cell in line]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert "@SUM(A1)" in [cell.value for cell in cells]
    [entry] = entries(records)
    assert "exceptions" in entry
    assert not list(records.private("temporary").iterdir())


@pytest.mark.parametrize(("what", "maker"), [("exceptions", "exceptions"), ("corrections", "errors")])
def test_a_workbook_that_could_not_be_made_is_not_entered_and_uses_no_code_up(
    visitor: Visit, records: Records, given: Released, finance: Member, monkeypatch: pytest.MonkeyPatch, what: str, maker: str
):
    file_id = make_payouts.previewed(records, given, _mixed(given))
    url, one = f"/payouts/{file_id}/{what}", visitor(person_id=finance.id)
    proof = {"password": finance.password, "code": finance.code(records)}

    def fails(*_given: object) -> None:
        raise UnreadableFile("save the file as .xlsx: this one is damaged")

    with monkeypatch.context() as broken:
        broken.setattr(workbooks, maker, fails)
        refused = one.post(url, proof)

    assert refused.status_code == 422
    assert "save the file as .xlsx" in refused.text
    assert entries(records) == []
    assert not list(records.private("temporary").iterdir())
    assert one.post(url, proof).status_code == 200
    assert len(entries(records)) == 1


@pytest.mark.parametrize("wrong", [{"password": "guess"}, {"code": "000000"}, {"password": "", "code": ""}])
def test_without_password_and_code_nothing_is_handed_out_nor_entered(
    visitor: Visit, records: Records, given: Released, finance: Member, wrong: dict[str, str]
):
    file_id = make_payouts.previewed(records, given, _mixed(given))

    answer = take(visitor(person_id=finance.id), records, finance, f"/payouts/{file_id}/exceptions", **wrong)

    assert answer.status_code == 422
    assert "You need to" in answer.text
    assert entries(records) == []


def test_the_marked_workbook_is_handed_out_in_the_same_way(visitor: Visit, records: Records, given: Released, finance: Member):
    rows = [row(line, number) for number, line in enumerate(given.lines, start=1)]
    rows[1][2] = "seven thousand"
    file_id = make_payouts.previewed(records, given, rows)

    answer = take(visitor(person_id=finance.id), records, finance, f"/payouts/{file_id}/corrections")

    assert answer.headers["Content-Disposition"].endswith('-corrections.csv"')
    marked = [line for line in csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))) if line["What to correct"]]
    assert len(marked) == 1
    [entry] = entries(records)
    assert "corrections" in entry


def test_a_workbook_of_an_unknown_file_is_no_page(visitor: Visit, finance: Member):
    assert visitor(person_id=finance.id).client.get(f"/payouts/{UUID(int=5)}/exceptions").status_code == 404


def test_exceptions_are_in_words_beside_their_codes_the_most_urgent_first(records: Records, given: Released, tmp_path, monkeypatch):
    file_id = make_payouts.previewed(records, given, _mixed(given))
    with records.read() as look:
        wanted = look.session.connection().execute(sa.text("SELECT count(*) FROM payoutfinding WHERE kind NOT IN ('PAID', 'PAID_BEFORE')"))
        findings = int(wanted.scalar_one())
    monkeypatch.setattr(workbooks, "_PAGE", 1)

    workbooks.exceptions(records, file_id, tmp_path / "out.xlsx")

    lines = lines_of((tmp_path / "out.xlsx").read_bytes())
    codes = [str(line["Finding, as a code"]) for line in lines]
    order = [kind.value for kind in workbooks.EXCEPTIONS]
    assert codes == sorted(codes, key=order.index)
    assert len([line for line in lines if line["Instructed"] is not None]) == findings
    failed = next(line for line in lines if line["Finding, as a code"] == "FAILED")
    assert (failed["Finding"], failed["Status"], failed["Status, as a code"]) == ("Failed", "Failed", "failed")


def test_every_kind_that_needs_somebody_is_an_exception():
    assert set(workbooks.EXCEPTIONS) == set(FindingKind) - {FindingKind.PAID, FindingKind.PAID_BEFORE}
