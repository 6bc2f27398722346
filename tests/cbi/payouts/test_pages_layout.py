from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from uuid import UUID

import openpyxl
import pytest
import sqlalchemy as sa

from cbi.payouts import files, forms_layout, queries, reading, samples
from cbi.payouts.tables import FileStatus
from cbi.store.records import Records
from cbi.store.work import Actor
from reconciliation.payout import Outcome
from tests import make_payouts
from tests.make import Visitor
from tests.make_payouts import Released

Visit = Callable[..., Visitor]
HEADING = ["No.", "Txn Ref", "Trans. ID", "Receiver", "MSISDN", "Amount (KES)", "Result", "Completed"]


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


def report(given: Released, *, dates: str = "0{}/11/2026", results: Sequence[str] = (), sheets: Sequence[str] = ("Bulk result",)) -> bytes:
    """A provider's bulk report under a letterhead; each sheet has its share of the lines."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for index, name in enumerate(sheets):
        sheet = book.create_sheet(name)
        for line in ("Sparrow Mobile Money", "Bulk payment report", "Batch 3"):
            sheet.append([line])
        sheet.append(HEADING)
        for number, line in enumerate(given.lines[index :: len(sheets)], start=1):
            result = dict(enumerate(results, start=1)).get(number, "SUCCESS")
            txn = f"SP{index}{number:05d}"
            sheet.append([number, line.reference, txn, line.name, line.phone, line.amount.minor / 100, result, dates.format(number)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def asked(records: Records, given: Released, content: bytes, status: FileStatus = FileStatus.ASKING) -> UUID:
    file_id = files.receive(records, Actor(given.finance), given.list_id, "sparrow_bulk.xlsx", content)
    assert reading.read(records, Actor(given.finance), file_id) is status
    return file_id


def layout_of(records: Records, file_id: UUID):
    with records.read() as look:
        return forms_layout.kept(queries.file_by_id(look, file_id))


def selected(html: str) -> dict[str, str]:
    """What each select of the page holds."""
    found = {}
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    return found


def test_the_page_shows_the_files_own_rows_with_what_each_column_seems_to_be(visitor: Visit, records: Records, given: Released):
    file_id = asked(records, given, report(given))

    page = visitor(person_id=given.finance).see(f"/payouts/{file_id}/layout")

    assert [selected(page)[f"column_{place}"] for place in range(8)] == [
        "",
        "reference",
        "provider_id",
        "name",
        "phone",
        "amount",
        "status",
        "date",
    ]
    assert 'data-cell="B5">' + given.lines[0].reference in page
    assert "All are ours" in page
    assert selected(page)["heading"] == "4+1"


def test_a_date_that_reads_two_ways_is_asked_with_its_cell_and_both_days(visitor: Visit, records: Records, given: Released):
    file_id = asked(records, given, report(given))

    page = visitor(person_id=given.finance).see(f"/payouts/{file_id}/layout")

    assert "H5 reads 01/11/2026. Which day is it?" in page
    assert "1 November 2026" in page
    assert "11 January 2026" in page
    assert "1 answer is missing." in page


def test_nothing_is_kept_while_an_answer_is_missing(visitor: Visit, records: Records, given: Released):
    file_id = asked(records, given, report(given))
    finance = visitor(person_id=given.finance)
    shown = selected(finance.see(f"/payouts/{file_id}/layout"))

    refused = finance.send(f"/payouts/{file_id}/layout", shown, status=422)

    assert "You need to put 1 thing right" in refused
    assert layout_of(records, file_id) is None


def test_the_effect_of_an_answer_is_shown_before_it_is_kept(visitor: Visit, records: Records, given: Released):
    file_id = asked(records, given, report(given))
    finance = visitor(person_id=given.finance)
    shown = selected(finance.see(f"/payouts/{file_id}/layout"))

    page = finance.send(f"/payouts/{file_id}/layout", {**shown, "date_order": "mdy", "show": "effect"})

    assert "2026-01-11" in page
    assert "Nothing is missing." in page
    assert layout_of(records, file_id) is None


def test_a_confirmed_layout_is_kept_and_known_the_next_time(visitor: Visit, records: Records, given: Released):
    file_id = asked(records, given, report(given))
    finance = visitor(person_id=given.finance)
    shown = selected(finance.see(f"/payouts/{file_id}/layout"))

    preview = finance.send(f"/payouts/{file_id}/layout", {**shown, "date_order": "dmy"})

    assert "Nothing posted yet" in preview
    assert layout_of(records, file_id).date_order == "dmy"
    asked(records, given, report(given, dates="0{}/12/2026"), FileStatus.PREVIEWED)


def test_an_unknown_word_is_asked_once_and_then_means_what_was_said(visitor: Visit, records: Records, given: Released):
    file_id = asked(records, given, report(given, dates="2026-11-0{}", results=("SUCCESS", "HANDED TO AGENT")))
    finance = visitor(person_id=given.finance)
    page = finance.see(f"/payouts/{file_id}/layout")
    assert "HANDED TO AGENT" in page
    shown = selected(page)

    finance.send(f"/payouts/{file_id}/layout", shown, status=422)
    finance.send(f"/payouts/{file_id}/layout", {**shown, "word_1": "failed"})

    assert layout_of(records, file_id).words == {"handed to agent": Outcome.FAILED}
    asked(records, given, report(given, dates="2026-12-0{}", results=("HANDED TO AGENT",)), FileStatus.PREVIEWED)


def test_two_columns_cannot_both_be_the_amount(visitor: Visit, records: Records, given: Released):
    file_id = asked(records, given, report(given))
    finance = visitor(person_id=given.finance)
    shown = selected(finance.see(f"/payouts/{file_id}/layout"))

    page = finance.send(f"/payouts/{file_id}/layout", {**shown, "date_order": "dmy", "column_0": "amount"}, status=422)

    assert "choose one column only for Amount" in page


def test_a_column_without_amount_is_named_as_missing(visitor: Visit, records: Records, given: Released):
    file_id = asked(records, given, report(given))
    finance = visitor(person_id=given.finance)
    shown = selected(finance.see(f"/payouts/{file_id}/layout"))

    page = finance.send(f"/payouts/{file_id}/layout", {**shown, "date_order": "dmy", "column_5": ""}, status=422)

    assert "choose the column that holds the amount" in page


def test_sheets_of_one_shape_are_read_together_and_stay_so(visitor: Visit, records: Records, given: Released):
    file_id = asked(records, given, report(given, sheets=("Nairobi", "Coast")))
    finance = visitor(person_id=given.finance)
    page = finance.see(f"/payouts/{file_id}/layout")
    assert page.count('name="sheets"') == page.count("checked", 0, page.index("date_order")) == 2

    preview = finance.send(f"/payouts/{file_id}/layout", {**selected(page), "sheets": ["Nairobi", "Coast"], "date_order": "dmy"})

    assert f"{len(given.lines)} rows read" in preview


def test_another_heading_row_is_looked_at_before_it_is_kept(visitor: Visit, records: Records, given: Released):
    file_id = asked(records, given, report(given))
    finance = visitor(person_id=given.finance)
    shown = selected(finance.see(f"/payouts/{file_id}/layout"))

    page = finance.send(f"/payouts/{file_id}/layout", {**shown, "date_order": "dmy", "heading": "5+1"})

    assert "You chose another sheet or heading." in page
    assert 'data-cell="B5">' + given.lines[0].reference in page
    assert layout_of(records, file_id) is None


def test_the_letterhead_and_further_rows_are_shown_when_asked(visitor: Visit, records: Records, given: Released):
    file_id = asked(records, given, report(given))
    finance = visitor(person_id=given.finance)
    shown = selected(finance.see(f"/payouts/{file_id}/layout"))
    assert 'data-cell="B10"' not in finance.see(f"/payouts/{file_id}/layout")

    assert "Bulk payment report" in finance.send(f"/payouts/{file_id}/layout", {**shown, "show": "top"})
    assert 'data-cell="B10"' in finance.send(f"/payouts/{file_id}/layout", {**shown, "show": "more"})


def test_the_layout_page_is_never_kept_by_the_browser(visitor: Visit, records: Records, given: Released):
    file_id = asked(records, given, report(given))

    answer = visitor(person_id=given.finance).client.get(f"/payouts/{file_id}/layout")

    assert answer.headers["Cache-Control"] == "no-store"


def test_looking_at_a_files_rows_is_entered_in_the_audit_once(visitor: Visit, records: Records, given: Released):
    file_id = asked(records, given, report(given))
    finance = visitor(person_id=given.finance)

    shown = selected(finance.see(f"/payouts/{file_id}/layout"))
    finance.client.post(f"/payouts/{file_id}/layout", data={**shown, "show": "effect"}, headers={"Origin": "http://localhost"})

    with records.read() as look:
        kinds = look.session.connection().execute(sa.select(look.system.audit_entry.kind)).scalars()
        assert sum(kind.endswith("LayoutShown") for kind in kinds) == 1


def test_nothing_of_a_files_rows_is_kept_in_clear(visitor: Visit, records: Records, given: Released):
    file_id = asked(records, given, report(given))
    finance = visitor(person_id=given.finance)
    shown = selected(finance.see(f"/payouts/{file_id}/layout"))
    finance.send(f"/payouts/{file_id}/layout", {**shown, "heading": "5+1", "show": "place"})
    finance.send(f"/payouts/{file_id}/layout", {**shown, "date_order": "dmy"})

    with records.read() as look:
        file = queries.file_by_id(look, file_id)
    for line in given.lines:
        assert line.name not in file.summary + file.layout + file.problems
        assert line.phone not in file.summary + file.layout + file.problems


def test_a_long_file_is_looked_at_by_its_first_rows_and_the_page_says_so(
    visitor: Visit, records: Records, given: Released, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("cbi.payouts.samples.ROWS", 6)
    file_id = asked(records, given, report(given))
    monkeypatch.setattr("reconciliation.workbook.open_rows", lambda path: pytest.fail("the whole file was opened for its page"))

    page = visitor(person_id=given.finance).see(f"/payouts/{file_id}/layout")

    assert "comes from the first 6 rows; all are read when you keep the layout" in page
    assert "All are ours" in page
    assert f"of {4 + len(given.lines)}" in page
    assert re.search(rf"{len(given.lines)} rows\s+after the heading in row 4", page)


def test_a_word_far_down_a_long_file_is_asked_too(visitor: Visit, records: Records, given: Released, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cbi.payouts.samples.ROWS", 6)
    file_id = asked(records, given, report(given, results=("SUCCESS",) * (len(given.lines) - 1) + ("WIBBLE",)))

    page = visitor(person_id=given.finance).see(f"/payouts/{file_id}/layout")

    assert "wibble" in page.casefold()


def test_a_file_that_waits_is_known_once_another_of_the_same_heading_was_confirmed(visitor: Visit, records: Records, given: Released):
    finance = visitor(person_id=given.finance)
    waits = asked(records, given, report(given))
    first = asked(records, given, report(given, results=("FAILED",)))
    finance.send(f"/payouts/{first}/layout", {**selected(finance.see(f"/payouts/{first}/layout")), "date_order": "dmy"})

    page = finance.see(f"/payouts/{waits}/layout")

    assert "This layout is known." in page
    assert "Nothing is missing." in page


@pytest.mark.parametrize("content", [b"No.,Txn Ref,Amount\n1,%s,5\n\n\n,,\n", "No.;Txn Ref;Amount\n1;%s;5,5\n".encode("utf-16")])
def test_what_is_kept_of_a_files_first_rows_is_what_was_opened(records: Records, given: Released, content: bytes):
    file_id = files.receive(records, Actor(given.finance), given.list_id, "short.csv", content)
    opened = reading.look_at(records, file_id)

    samples.keep(records, file_id, opened)

    kept = samples.look_of(records, file_id)
    assert kept is not None
    assert kept.sheets == opened.sheets
    assert kept.proposal == opened.proposal
    assert kept.asked.about == opened.asked.about
    assert given.lines[0].reference.encode() not in b"".join(path.read_bytes() for path in records.private("files").iterdir())
