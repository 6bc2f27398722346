"""Statements as people meet them: pages with filters in the address, workbooks that compute, papers to sign."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from uuid import UUID

import openpyxl
import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from cbi.access import Role
from cbi.payouts.tables_money import Ending, MoneyEntry, MoneyKind, OpenLine
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import programmes
from cbi.transfers.service import list_by_id
from cbi.transfers.tables import ListStatus
from tests import make, make_payouts
from tests.cbi.payouts.test_closing import _close, _decide, _decide_all
from tests.cbi.payouts.test_money import entered, new
from tests.cbi.payouts.test_posting import _mixed
from tests.make import Visitor
from tests.make_payouts import Released, row
from tests.reconciliation.sums import Sums

Visit = Callable[..., Visitor]


@pytest.fixture
def given(records: Records) -> Released:
    found = make_payouts.released(records)
    make_payouts.posted(records, found, _mixed(found))
    return found


@pytest.fixture
def second(records: Records) -> Actor:
    return Actor(make.staff(records, Role.APPROVER, name="Ivo Second"))


@contextmanager
def counted(records: Records) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    said: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        said.append(statement)

    sa.event.listen(records.engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        sa.event.remove(records.engine, "before_cursor_execute", listen)


def _queries(records: Records) -> dict[str, str]:
    with records.read() as look:
        one = look.session.connection().execute(sa.text("SELECT id, provider_id, cycle_id FROM paymentlist")).one()
        line = look.session.connection().execute(sa.text("SELECT id, grant_id FROM budgetline")).one()
    keys = {"list": one.id, "provider": one.provider_id, "cycle": one.cycle_id, "grant": line.grant_id, "line": line.id}
    return {name: f"{name}={UUID(key)}" for name, key in keys.items()}


@pytest.mark.parametrize("by", ["list", "provider", "cycle", "grant", "line"])
def test_statements_of_everything_open_from_the_list_of_statements(visitor: Visit, records: Records, given: Released, by: str):
    finance = visitor(person_id=given.finance)

    page = finance.see(f"/statements?by={by}")
    found = finance.see(f"/statements/of?{_queries(records)[by]}&to=2026-11-30")

    assert "Does not foot" not in page
    assert "Where every transfer stands" in found
    assert "Foots" in found


def test_the_equation_of_a_statement_calls_delivered_what_its_table_adds_up_under_that_word(visitor: Visit, given: Released):
    page = visitor(person_id=given.finance).see(f"/statements/{given.list_id}")

    strip = page[page.index('class="footing') : page.index("Where every transfer stands")]
    terms = re.findall(r"</i>([^<,]+)", strip)
    assert terms[0] == "delivered"
    assert {"failed", "returned", "not reported yet"} < set(terms)


def test_open_lines_stand_in_one_order_wherever_a_statement_names_them(visitor: Visit, given: Released):
    page = visitor(person_id=given.finance).see(f"/statements/{given.list_id}")

    parts = page.split("Where every transfer stands", 1)[0], *(table.split('class="meta"', 1)[0] for table in page.split("<tbody")[1:3])
    words = ["rest of what was paid in part|Paid in part", "failed", "returned", "with the wrong hand", "not reported yet"]
    for part in parts:
        found = [place[0].start() for word in words if (place := list(re.finditer(word, part, re.IGNORECASE)))]
        assert found == sorted(found)
        assert len(found) >= 2


def test_filters_stand_in_the_address_and_narrow_on_the_server(visitor: Visit, records: Records, given: Released):
    finance = visitor(person_id=given.finance)

    assert "L-2026-001" in finance.see("/statements?q=2026-001&currency=KES&state=released")
    assert "Nothing fits these filters" in finance.see("/statements?state=closed")
    assert "Nothing fits these filters" in finance.see("/statements?q=nowhere")
    assert "Nothing is entered here yet" in finance.see("/statements/of?to=2026-01-31")


def test_more_lists_need_no_more_queries(visitor: Visit, records: Records, given: Released):
    finance = visitor(person_id=given.finance)
    finance.see("/statements")
    with counted(records) as few:
        finance.client.get("/statements")
    with records.work(Actor(given.finance)) as work:
        # Fifty more released lists without lines: what matters is that nothing is asked for each of them.
        one = list_by_id(work, given.list_id)
        for number in range(2, 52):
            copied = {**one.model_dump(), "id": work.new_id("x"), "reference": f"L-2025-{number:03d}", "count": 0, "total_minor": 0}
            work.session.connection().execute(sa.insert(type(one)), copied)

    with counted(records) as many:
        page = finance.client.get("/statements").text

    assert "Rows 1 to 50 of 51" in page
    assert len(many) <= len(few)


@pytest.mark.parametrize("scope", ["list", "provider", "cycle", "grant"])
def test_every_formula_of_the_workbook_comes_to_the_value_beside_it(
    visitor: Visit, records: Records, given: Released, second: Actor, scope: str
):
    entered(records, given, second, new(given, MoneyKind.ADVANCE, 90_000_000))
    entered(records, given, second, new(given, MoneyKind.FEE, 12_345, list_id=given.list_id))
    _decide_all(records, given)
    _close(records, given, second)
    make_payouts.posted(records, given, [make_payouts.row(given.lines[5], 70)], name="late.csv")

    content = visitor(person_id=given.finance).client.get(f"/statements/of.xlsx?{_queries(records)[scope]}").data

    shown = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    said = set()
    for sheet in openpyxl.load_workbook(io.BytesIO(content)):
        sums = Sums(sheet)
        assert sums.formulas()
        for cell in sums.formulas():
            value = shown[sheet.title][cell].value
            assert sums.of(cell) == (value if isinstance(value, str) else Decimal(str(value))), (cell, sheet[cell].value)
            said.add(value)
    assert {"The ledger sums to zero", "The lines and the ledger say the same", "Every transfer of the lists is counted once"} <= said
    assert not {words for words in said if isinstance(words, str) and "not" in words}


def test_a_workbook_that_was_tampered_with_says_that_it_does_not_foot(visitor: Visit, given: Released):
    content = visitor(person_id=given.finance).client.get(f"/statements/{given.list_id}.xlsx").data
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    row = next(cell.row for cell in sheet["A"] if cell.value == "Delivered")

    sheet.cell(row, 2).value += 1

    sums = Sums(sheet)
    said = {sums.of(cell) for cell in sums.formulas()}
    assert {"Does not foot", "The ledger does not sum to zero", "The lines and the ledger differ"} <= said


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_paper_is_the_same_file_each_time_and_names_a_checkpoint_that_holds_it(
    visitor: Visit, records: Records, given: Released, language: str
):
    finance = visitor(person_id=given.finance)
    finance.client.get(f"/language/{language}?back=/")
    url = f"/statements/of.pdf?list={given.list_id}"

    first, again = finance.client.get(url), finance.client.get(url)

    assert first.status_code == 200
    assert first.data.startswith(b"%PDF-")
    assert first.data == again.data
    assert f"/Lang ({language}".encode() in first.data
    assert len(first.data) < 120_000
    with records.read() as look:
        newest = look.session.connection().execute(sa.text("SELECT count(*) FROM checkpoint")).scalar_one()
    assert newest >= 1


def test_money_is_entered_by_one_and_confirmed_by_another_on_its_own_page(visitor: Visit, records: Records, given: Released):
    finance, approver = visitor(person_id=given.finance), visitor(Role.APPROVER)
    fields = {
        "kind": "fee",
        "amount": "1,250.00",
        "currency": "KES",
        "day": "2026-11-20",
        "document": "FT2611/42",
        "provider": str(given.made.provider_id),
        "line": str(given.made.line_id),
        "list": str(given.list_id),
    }

    finance.send("/money/new", {**fields, "amount": "0"}, status=422)
    page = finance.send("/money/new", fields)

    assert "Waits for a second person" in page
    assert "Confirm FT2611/42" not in page
    assert "Confirm FT2611/42" in approver.see("/money")
    entry_id = approver.see("/money").split("/money/")[1].split("/confirm")[0]
    assert "Compare with the document" in approver.see(f"/money/{entry_id}/confirm")
    assert finance.client.get(f"/money/{entry_id}/confirm").status_code == 404


def test_a_document_number_that_could_be_a_formula_or_a_name_in_other_signs_is_refused(visitor: Visit, given: Released):
    finance = visitor(person_id=given.finance)
    fields = {"kind": "fee", "amount": "1", "currency": "KES", "day": "2026-11-20", "line": str(given.made.line_id)}

    for document in ("=1+1", "Somebody Invented"):
        page = finance.send("/money/new", {**fields, "provider": str(given.made.provider_id), "document": document}, status=422)

        assert "write the document&#39;s number" in page or "write the document's number" in page


def test_two_entries_of_one_page_are_each_taken_back(visitor: Visit, records: Records, given: Released, second: Actor):
    one, other = (entered(records, given, second, new(given, MoneyKind.FEE, minor)) for minor in (100, 200))
    finance = visitor(person_id=given.finance)
    page = finance.see("/money")
    keys = dict(re.findall(r'action="/money/([0-9a-f-]+)/reverse".*?name="client_key" value="([^"]+)"', page))

    for entry_id in (one, other):
        finance.send(f"/money/{entry_id}/reverse", {"client_key": keys[str(entry_id)]}, page="/money")

    with records.read() as look:
        asked = look.session.exec(select(MoneyEntry.reverses_id).where(col(MoneyEntry.reverses_id).is_not(None))).all()
    assert set(asked) == {one, other}


@pytest.mark.parametrize(("role", "sees"), [(Role.FINANCE, True), (Role.APPROVER, True), (Role.DONOR, False), (Role.AUDITOR, False)])
def test_what_people_wrote_about_a_line_is_for_readers_of_lists_only(
    visitor: Visit, records: Records, given: Released, role: Role, *, sees: bool
):
    _decide_all(records, given)
    reader = visitor(role)

    page = reader.see(f"/statements/{given.list_id}")
    content = reader.client.get(f"/statements/{given.list_id}.xlsx").data

    cells = {cell.value for sheet in openpyxl.load_workbook(io.BytesIO(content)) for row in sheet for cell in row}
    assert ("moved away, and was told" in page, "moved away, and was told" in cells) == (sees, sees)
    assert (reader.client.get(f"/statements/{given.list_id}/closing").status_code == 200) is sees


@pytest.mark.parametrize("shown", ["²", "--5", "9" * 5000])
def test_a_sum_that_is_none_closes_nothing_and_shows_the_page_again(visitor: Visit, records: Records, given: Released, shown: str):
    _decide_all(records, given)
    url = f"/statements/{given.list_id}/closing"

    visitor(Role.APPROVER).send(url, {"shown": shown, "sure": "y"}, page=url, status=422)

    with records.read() as look:
        assert list_by_id(look, given.list_id).status is ListStatus.RELEASED


def test_rates_and_codes_are_entered_on_their_pages(visitor: Visit, given: Released):
    finance = visitor(person_id=given.finance)

    refused = finance.send(
        "/rates",
        {"grant": str(given.made.grant_id), "currency": "EUR", "rate": "abc", "day": "2026-11-01", "source": "Bank advice"},
        status=422,
    )
    kept = finance.send(
        "/rates",
        {"grant": str(given.made.grant_id), "currency": "EUR", "rate": "0.0071", "day": "2026-11-01", "source": "Bank advice"},
    )

    assert "above zero" in refused
    assert "1 KES = 0.0071 EUR" in kept
    codes = finance.see("/journal/codes")
    assert "5100" in codes


def test_a_list_is_decided_by_finance_and_closed_by_an_approver(visitor: Visit, records: Records, given: Released):
    finance, approver = visitor(person_id=given.finance), visitor(Role.APPROVER)

    finance.send(f"/statements/{given.list_id}/closing/missing/KES", {"ending": "cancel"}, status=422)
    finance.send(f"/statements/{given.list_id}/closing/missing/KES", {"ending": "carry_over"})
    for line, ending in (
        ("failed", "instruct_again"),
        ("paid_in_part", "carry_over"),
        ("wrong_hand", "carry_over"),
        ("suspense", "ask_back"),
    ):
        page = finance.send(f"/statements/{given.list_id}/closing/{line}/KES", {"ending": ending})

    assert "An approver who did not approve this list" in page
    shown = approver.see(f"/statements/{given.list_id}/closing")
    assert "Before you close" in shown
    assert "Close KES" in shown
    own = visitor(person_id=given.made.approver).see(f"/statements/{given.list_id}/closing")
    assert "You need to leave this to somebody else: you approved this list." in own
    assert "Close KES" not in own
    assert visitor(Role.APPROVER).client.get(f"/statements/{given.list_id}/closing/missing/KES").status_code == 404


def test_a_closed_list_and_what_came_late_are_shown_as_such(visitor: Visit, records: Records, given: Released, second: Actor):
    _decide_all(records, given)
    _close(records, given, second)
    make_payouts.posted(records, given, [make_payouts.row(given.lines[5], 70)], name="late.csv")
    finance = visitor(person_id=given.finance)

    page = finance.see(f"/statements/{given.list_id}")

    assert "Results arrived after this list was closed" in page
    assert "Nothing decided yet" not in page
    assert "Carry over: still awaited" in page
    assert "This list was closed on" in finance.see(f"/statements/{given.list_id}/closing")
    assert 'role="img"' in finance.client.get(f"/statements/chart.svg?list={given.list_id}").text


def test_a_cycle_shows_what_everyone_is_due_and_how_to_close_it(visitor: Visit, records: Records, given: Released, second: Actor):
    approver = visitor(Role.APPROVER)
    cycle = _queries(records)["cycle"]

    open_page = approver.see(f"/statements/of?{cycle}")
    assert "What households are due" in open_page
    assert "1 of its lists is not closed yet." in open_page
    assert "Close the cycle" not in open_page
    assert "You cannot close this cycle now" in approver.see(f"/statements/cycles/{cycle.split('=')[1]}/closing")
    _decide_all(records, given)
    _close(records, given, second)
    assert "Close the cycle" in approver.see(f"/statements/of?{cycle}")
    assert "Close the list" not in approver.see(f"/statements/{given.list_id}")
    assert "Before you close" in approver.see(f"/statements/cycles/{cycle.split('=')[1]}/closing")


def test_an_unknown_thing_and_a_forbidden_one_look_the_same(visitor: Visit, given: Released):
    finance, registrar = visitor(person_id=given.finance), visitor(Role.REGISTRAR)

    assert finance.client.get("/statements/of?list=00000000-0000-0000-0000-00000000abcd", follow_redirects=True).status_code == 404
    assert registrar.client.get(f"/statements/{given.list_id}").status_code == 404


def test_nothing_is_decided_about_a_line_that_is_not_open(visitor: Visit, records: Records, given: Released):
    finance = visitor(person_id=given.finance)

    assert finance.client.get(f"/statements/{given.list_id}/closing/returned/KES").status_code == 404
    assert finance.client.get(f"/statements/{given.list_id}/closing/nonsense/KES").status_code == 404
    _decide(records, given, OpenLine.MISSING, Ending.CARRY_OVER)


@pytest.mark.parametrize("by", ["list", "provider", "cycle", "grant", "line"])
def test_a_row_that_could_not_be_read_keeps_everything_it_may_belong_to_from_footing(
    visitor: Visit, records: Records, given: Released, by: str
):
    rows = [row(line, number) for number, line in enumerate(given.lines, start=1)]
    rows[1][2] = "seven thousand"
    make_payouts.posted(records, given, rows)
    finance = visitor(person_id=given.finance)

    assert "Does not foot" in finance.see(f"/statements?by={by}")
    assert "Does not foot" not in finance.see(f"/statements?by={by}&to=2020-01-01")


def test_the_lists_of_a_statement_come_a_page_at_a_time(visitor: Visit, records: Records, monkeypatch: pytest.MonkeyPatch):
    several = make_payouts.several(records, 3)
    monkeypatch.setattr("cbi.payouts.views_statements._LISTS_SHOWN", 2)
    finance, provider = visitor(person_id=several.finance), several.lists[0].made.provider_id

    pages = [finance.see(f"/statements/of?provider={provider}&page={page}") for page in (1, 2)]

    shown = [re.findall(r'href="/statements/([0-9a-f-]{36})"', page[page.index('id="lists"') :]) for page in pages]
    assert [len(one) for one in shown] == [2, 1]
    assert {one for each in shown for one in each} == {str(one.list_id) for one in several.lists}
    assert f"?provider={provider}&amp;sort=-released&amp;page=2" in pages[0]


def test_a_grants_statement_says_where_the_suspense_of_nobody_of_ours_stands(visitor: Visit, records: Records, given: Released):
    make_payouts.posted(records, given, [row(given.lines[0], 90, reference="ASTRAY77", name="", phone="", minor=4200)], name="more.csv")
    finance = visitor(person_id=given.finance)

    of_grant = finance.see(f"/statements/of?grant={given.made.grant_id}")
    of_provider = finance.see(f"/statements/of?provider={given.made.provider_id}")

    note = of_grant[of_grant.index("belongs to no grant") :]
    assert "9,542.00" in note[: note.index("</strong>")]
    assert "belongs to no grant" not in of_provider


def test_a_fee_stands_on_the_line_of_fees_and_everything_else_is_asked(visitor: Visit, records: Records, given: Released):
    with records.work(Actor()) as work:
        line = programmes.add_budget_line(work, grant_id=given.made.grant_id, code="G7.9", title="Provider fees", amount_minor=100)
    finance = visitor(person_id=given.finance)

    chosen = [
        re.findall(r'<option selected value="([^"]*)"', re.search(r'<select[^>]*name="line".*?</select>', finance.see(url), re.DOTALL)[0])
        for url in ("/money/new?kind=fee", "/money/new", "/money/new?kind=advance")
    ]

    assert chosen == [[str(line)], [""], [""]]
    refused = finance.send("/money/new", {"kind": "advance", "amount": "5", "currency": "KES", "line": ""}, status=422)
    assert "choose the budget line it belongs to" in refused
