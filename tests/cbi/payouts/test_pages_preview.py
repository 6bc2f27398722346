from __future__ import annotations

import gzip
import io
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from cbi.payouts import files, reading
from cbi.payouts.placing import KINDS, Place, placed
from cbi.payouts.tables import FileStatus
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.web.footing import Footing, Sum, Term
from reconciliation.instruction import Instruction
from reconciliation.match import reconcile
from reconciliation.money import Money
from reconciliation.payout import Outcome, Payout
from tests import make_payouts
from tests.cbi.payouts.test_posting import _mixed
from tests.make import Visitor
from tests.make_payouts import Released, csv_file, row

Visit = Callable[..., Visitor]


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


def asked(reference: str, minor: int) -> Instruction:
    return Instruction(reference, Money(minor, "KES"))


def said(reference: str, minor: int, number: int, outcome: Outcome = Outcome.PAID) -> Payout:
    return Payout(reference, Money(minor, "KES"), outcome, "Sheet", number, provider_id=f"SP{number}")


def test_every_transfer_and_every_row_has_one_place():
    instructed = [asked("T-1", 700), asked("T-2", 700), asked("T-3", 700), asked("T-4", 700)]
    rows = [said("T-1", 700, 2), said("T-2", 500, 3), said("T-3", 700, 4, Outcome.FAILED), said("T-9", 300, 5), said("T-1", 700, 6)]

    counted = placed(reconcile(instructed, rows))

    assert counted["transfers"] == {Place.DELIVERED: 2, Place.OPEN: 2, "part": 1}
    assert counted["rows"] == {Place.DELIVERED: 3, Place.SUSPENSE: 1, Place.ASIDE: 0, Place.NOTHING: 1}
    assert sum(counted["rows"].values()) == len(rows)


def test_a_strip_whose_counts_do_not_add_up_does_not_foot():
    def strip(delivered: int) -> Footing:
        whole = Term(700, "instructed", count=3)
        parts = (Term(500, "delivered", "delivered", delivered), Term(200, "open", "open", 1))
        return Footing("KES", (Sum("What we asked for", whole, parts),))

    assert strip(2).foots
    assert not strip(1).foots
    assert strip(1).sums[0].gap_count == 1


def test_both_equations_foot_in_money_and_in_count_and_each_figure_leads_to_its_rows(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))
    finance = visitor(person_id=given.finance)

    page = finance.see(f"/payouts/{file_id}")

    strip = page[page.index('class="footing') : page.index("</section>", page.index('class="footing'))]
    links = re.findall(r'<b class="num"><a href="([^"]+)">([\d,.]+)', strip)
    assert len(links) == 7
    assert f"instructed, {len(given.lines)}" in strip
    for href, _figure in links:
        finance.see(href.replace("&amp;", "&"))


def test_the_figure_of_a_place_is_the_sum_of_the_rows_it_leads_to(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))
    finance = visitor(person_id=given.finance)
    page = finance.see(f"/payouts/{file_id}")
    places = {Place.DELIVERED: "Delivered", Place.SUSPENSE: "Suspense", Place.OPEN: "Open"}

    for place, word in places.items():
        query = "&".join(f"kind={kind.value}" for kind in KINDS[place])
        figure = re.search(rf'href="[^"]*{query.replace("&", "&amp;")}">([\d,.]+)<', page)
        assert figure
        rows = finance.see(f"/payouts/{file_id}/rows?{query}")
        assert re.search(rf"{word}</dt>\s*<dd[^>]*>KES {re.escape(figure[1])}", rows), (place, figure[1])


def test_a_file_without_provider_ids_says_what_cannot_be_told(visitor: Visit, records: Records, given: Released):
    header = "Reference,Amount,Status,Name,Phone,Date\n"
    rows = [",".join(row(line, number)[1:]) for number, line in enumerate(given.lines, start=1)]
    content = (header + "\n".join([*rows, rows[0]]) + "\n").encode()
    file_id = files.receive(records, Actor(given.finance), given.list_id, "sparrow.csv", content)
    assert reading.read(records, Actor(given.finance), file_id) is FileStatus.PREVIEWED

    page = visitor(person_id=given.finance).see(f"/payouts/{file_id}")

    assert "Two equal rows cannot be told from a copy" in page


def test_a_file_with_provider_ids_does_not(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))

    assert "cannot be told from a copy" not in visitor(person_id=given.finance).see(f"/payouts/{file_id}")


def test_a_contradiction_is_named_as_waiting_with_its_sum(visitor: Visit, records: Records, given: Released):
    one, two, *_rest = given.lines
    make_payouts.posted(records, given, [row(one, 1), row(two, 2, status="FAILED")])
    file_id = make_payouts.previewed(records, given, [row(one, 3, status="FAILED")], "second.csv")

    page = visitor(person_id=given.finance).see(f"/payouts/{file_id}")

    assert "1 result contradicts an earlier file" in page
    assert "It is not posted until two people have chosen which file is right." in page


def test_a_total_that_disagrees_is_a_problem_with_its_cell(visitor: Visit, records: Records, given: Released):
    rows = [row(line, number) for number, line in enumerate(given.lines, start=1)]
    rows.append(["", "TOTAL", "1.00", "", "", "", ""])
    file_id = make_payouts.previewed(records, given, rows)

    page = visitor(person_id=given.finance).see(f"/payouts/{file_id}")

    assert f'<bdi class="ref">C{len(rows) + 1}</bdi>' in page
    assert "check the total: it says 1" in page


def test_an_unreadable_row_keeps_the_file_from_footing_and_still_lets_it_be_posted(visitor: Visit, records: Records, given: Released):
    rows = [row(line, number) for number, line in enumerate(given.lines, start=1)]
    rows[1][2] = "seven thousand"
    file_id = make_payouts.previewed(records, given, rows)
    finance = visitor(person_id=given.finance)

    page = finance.see(f"/payouts/{file_id}")

    strip = page[page.index('class="footing') : page.index("</h2>", page.index('class="footing'))]
    assert "1 row has no place yet" in strip
    assert "Does not foot" in strip
    assert "It can still be posted without these rows." in page
    assert f"/payouts/{file_id}/corrections" in page
    assert "Post this file" in page


def test_a_file_over_several_lists_has_a_line_for_each(visitor: Visit, records: Records):
    several = make_payouts.several(records)
    content = csv_file(
        [*(row(line, number) for number, line in enumerate(several.lines, start=1)), row(several.lines[0], 90, reference="NOTOURS9")]
    )
    file_id = files.receive(records, Actor(several.finance), several.list_ids, "sparrow.csv", content)
    assert reading.read(records, Actor(several.finance), file_id) is FileStatus.PREVIEWED

    page = visitor(person_id=several.finance).see(f"/payouts/{file_id}")

    lines = page[page.index("List by list") :]
    lines = lines[: lines.index("</table>")]
    for one in several.lists:
        assert f'href="/payouts/{file_id}/rows?list={one.list_id}"' in lines
    assert "On none of these lists" in lines


def test_a_file_about_one_list_has_no_lines_per_list(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))

    assert "List by list" not in visitor(person_id=given.finance).see(f"/payouts/{file_id}")


def test_the_layout_is_one_line_with_its_version(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))

    page = visitor(person_id=given.finance).see(f"/payouts/{file_id}")

    assert f'<a href="/payouts/{file_id}/layout">Change</a>' in page


def test_the_exceptions_of_a_million_rows_cost_no_more_queries_than_of_seven(visitor: Visit, records: Records, given: Released):
    few = make_payouts.previewed(records, given, _mixed(given))
    finance = visitor(person_id=given.finance)
    finance.see(f"/payouts/{few}")
    counts = []
    for file_id in (few, make_payouts.previewed(records, given, [row(line, 90 + n) for n, line in enumerate(given.lines)], "more.csv")):
        asked_for: list[str] = []
        sa.event.listen(records.engine, "before_cursor_execute", lambda *told, asked_for=asked_for: asked_for.append(told[2]))
        finance.see(f"/payouts/{file_id}")
        counts.append(sum("payoutfinding" in text or "payoutrow" in text for text in asked_for))

    assert counts == [0, 0]


def test_posting_is_told_with_the_way_to_the_statement_and_to_undo(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.posted(records, given, _mixed(given))

    page = visitor(person_id=given.finance).see(f"/payouts/{file_id}")

    assert f'href="/statements/{given.list_id}"' in page
    assert f'href="/payouts/{file_id}/undo"' in page
    assert "7 rows are counted since" in page


def test_a_preview_is_small_enough_for_a_slow_link(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))

    page = visitor(person_id=given.finance).see(f"/payouts/{file_id}")

    assert len(gzip.compress(page.encode())) < 15_000


def test_equal_files_are_one_file(visitor: Visit, given: Released):
    finance = visitor(person_id=given.finance)
    content = csv_file(_mixed(given))
    first = finance.send("/payouts/new", {"list": str(given.list_id), "file": (io.BytesIO(content), "sparrow.csv")})
    again = finance.send("/payouts/new", {"list": str(given.list_id), "file": (io.BytesIO(content), "renamed.csv")})

    def address(html: str) -> str:
        return re.findall(r'action="(/payouts/[^"/]+)/post"', html)[0]

    assert address(first) == address(again)
