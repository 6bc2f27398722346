from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from sqlmodel import select

from cbi.access import Role
from cbi.payouts.queries import WRONG_PLACE
from cbi.payouts.tables import PayoutFinding
from cbi.store.records import Records
from reconciliation.findings import FindingKind
from tests import make_payouts
from tests.cbi.payouts.test_posting import _mixed
from tests.make import Visitor
from tests.make_payouts import Released, csv_file

Visit = Callable[..., Visitor]


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


def _upload(finance: Visitor, given: Released, content: bytes, name: str = "sparrow.csv", status: int = 200) -> str:
    return finance.send("/payouts/new", {"list": str(given.list_id), "file": (io.BytesIO(content), name)}, status=status)


def test_a_file_goes_from_upload_to_preview_to_posted_to_statement(visitor: Visit, given: Released):
    finance = visitor(person_id=given.finance)

    preview = _upload(finance, given, csv_file(_mixed(given)))
    assert "Nothing posted yet" in preview
    assert "Foots" in preview

    file_url = next(url for url in _links(preview, "/payouts/") if url.endswith("/exceptions")).rsplit("/", 1)[0]
    posted = finance.send(f"{file_url}/post", {}, page=file_url)
    assert "Posted" in posted

    statement = finance.see(f"/statements/{given.list_id}")
    assert "Where every transfer stands" in statement
    assert "Does not foot" not in statement


def test_posting_says_once_that_it_is_posted_and_the_cycle_why_somebody_waits_for_a_list_again(visitor: Visit, given: Released):
    finance, manager = visitor(person_id=given.finance), visitor(person_id=given.made.manager)
    file_url = next(url for url in _links(_upload(finance, given, csv_file(_mixed(given))), "/payouts/") if url.endswith("/exceptions"))
    [cycle_url] = set(_links(manager.see(f"/programmes/{given.made.programme_id}"), "/cycles/"))
    assert "failed or came back" not in manager.see(cycle_url)

    posted = finance.send(file_url.replace("/exceptions", "/post"), {}, page=file_url.removesuffix("/exceptions"))

    assert posted.count("note ok") == 1
    assert "failed or came back is counted here again" in manager.see(cycle_url)


def test_a_file_is_told_by_what_it_holds_so_that_any_name_can_be_chosen(visitor: Visit, given: Released):
    page = visitor(person_id=given.finance).see("/payouts/new")

    [field] = re.findall(r'<input[^>]*type="file"[^>]*>', page)
    assert "accept" not in field
    assert "camt.053" in page


def _links(html: str, prefix: str) -> list[str]:
    return [url for url in re.findall(r'(?:href|action)="([^"]+)"', html) if url.startswith(prefix)]


def test_every_page_of_a_file_can_be_opened(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))
    finance = visitor(person_id=given.finance)

    for kind in FindingKind:
        finance.see(f"/payouts/{file_id}/rows?kind={kind.value}")
    with records.read() as look:
        ids = [one.id for one in look.session.exec(select(PayoutFinding)).all()]
    for finding_id in ids:
        finance.see(f"/payouts/{file_id}/findings/{finding_id}")
    for url in ("/payouts", "/payouts/new", "/statements", "/journal", f"/payouts/{file_id}/layout"):
        finance.see(url)
    make_payouts.posting.post(records, make_payouts.Actor(given.finance), file_id)
    for url in ("/", f"/payouts/{file_id}", f"/payouts/{file_id}/undo"):
        finance.see(url)
    assert finance.client.get(f"/statements/chart.svg?list={given.list_id}").mimetype == "image/svg+xml"


def test_the_journal_balances_and_names_grant_and_line(visitor: Visit, records: Records, given: Released):
    import csv
    from decimal import Decimal

    make_payouts.posted(records, given, _mixed(given))

    text = visitor(person_id=given.finance).client.get("/journal.csv").text

    entries = list(csv.DictReader(io.StringIO(text)))
    assert sum(Decimal(one["debit"] or 0) - Decimal(one["credit"] or 0) for one in entries) == 0
    assert {one["grant"] for one in entries if one["reference"]} == {"G7"}


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "empty.xlsx"), (b"\x00\x01\x02", "noise.xlsx"), (b"PK\x05\x06" + b"\x00" * 18, "zip.xlsx"), (b"a,b\n1,2\n", "short.csv")],
)
def test_a_strange_file_never_ends_in_a_fault(visitor: Visit, given: Released, content: bytes, name: str):
    answer = visitor(person_id=given.finance).post("/payouts/new", {"list": str(given.list_id), "file": (io.BytesIO(content), name)})

    assert answer.status_code < 500
    assert "You need to" in answer.text


def test_somebody_of_the_list_sees_why_they_may_not_post(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))

    assert visitor(Role.APPROVER).client.get(f"/payouts/{file_id}").status_code == 404


def test_today_counts_exceptions_of_posted_files_until_somebody_answers_them(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.posted(records, given, _mixed(given))
    finance = visitor(person_id=given.finance)
    with records.read() as look:
        wrong = [one.id for one in look.session.exec(select(PayoutFinding)).all() if one.kind in WRONG_PLACE]
    assert wrong
    assert "Exceptions without an answer" in finance.see("/")

    for finding_id in wrong:
        finance.send(f"/payouts/{file_id}/findings/{finding_id}", {"answer": "noted"})

    assert "Exceptions without an answer" not in finance.see("/")
