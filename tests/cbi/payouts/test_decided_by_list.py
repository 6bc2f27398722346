"""A statement over several lists says of each what that list decided, and of the others that nothing is decided."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask

from cbi.access import Role
from cbi.payouts import closing, sheets
from cbi.payouts.scope import Scope
from cbi.payouts.tables_money import Ending, OpenLine
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers.tables import PaymentList
from reconciliation.report_statement import OpenRow
from tests import make, make_payouts
from tests.make import Visitor
from tests.make_payouts import Several, row

Visit = Callable[..., Visitor]


@pytest.fixture
def given(records: Records) -> Several:
    """Three lists, of which nobody reported a line each."""
    given = make_payouts.several(records, 3, (4, 3))
    make_payouts.posted(records, given, [row(one.lines[0], place) for place, one in enumerate(given.lists, 1)])
    return given


def decide(records: Records, list_id: UUID, ending: Ending, reason: str = "") -> None:
    with records.work(Actor(make.staff(records, Role.FINANCE, name="Pia Invented"))) as work:
        closing.decide(work, list_id, OpenLine.MISSING, "KES", ending, reason)


def open_rows(app: Flask, records: Records, given: Several) -> list[OpenRow]:
    with app.test_request_context(), records.read() as look:
        made = sheets.gathered(look, Scope("UTC", provider_id=given.made.provider_id), with_reasons=True)
        return [each for one in made.found for each in sheets.open_rows(made, one)]


def test_one_lists_decision_is_not_shown_for_the_others(app: Flask, records: Records, given: Several):
    decide(records, given.list_ids[0], Ending.CARRY_OVER)

    whole, own, others = open_rows(app, records, given)

    minors = [one.lines[1].amount.minor for one in given.lists]
    assert (whole.count, whole.minor, whole.ending) == (3, sum(minors), "By list, below")
    assert (own.count, own.minor, own.ending, own.by) == (1, minors[0], "Carry over: still awaited", "Pia Invented")
    assert (others.count, others.minor, others.ending) == (2, sum(minors[1:]), "")


def test_each_list_says_what_it_decided_also_where_all_decided_the_same(app: Flask, records: Records, given: Several):
    for list_id in given.list_ids[:2]:
        decide(records, list_id, Ending.CARRY_OVER)
    decide(records, given.list_ids[2], Ending.CANCEL, "moved away, and was told")

    _whole, *rows = open_rows(app, records, given)

    assert [one.ending.split(":")[0] for one in rows] == ["Carry over", "Carry over", rows[2].ending.split(":")[0]]
    assert [one.reason for one in rows] == ["", "", "moved away, and was told"]
    assert len({one.words for one in rows}) == 3


def test_where_nobody_decided_anything_a_line_stays_one_line(app: Flask, records: Records, given: Several):
    [whole] = open_rows(app, records, given)

    assert (whole.count, whole.ending) == (3, "")


def test_page_workbook_and_paper_say_it_by_list(visitor: Visit, records: Records, given: Several):
    decide(records, given.list_ids[0], Ending.CARRY_OVER)
    finance, query = visitor(person_id=given.finance), f"provider={given.made.provider_id}"
    with records.read() as look:
        reference = look.session.get_one(PaymentList, given.list_ids[0]).reference

    page = finance.see(f"/statements/of?{query}")

    assert "By list, below" in page
    assert "Nothing decided yet" in page
    assert f", {reference}</th>" in page
    assert ", other lists</th>" in page
    for kind in ("xlsx", "pdf"):
        assert finance.client.get(f"/statements/of.{kind}?{query}").status_code == 200


def test_a_list_by_itself_says_it_in_one_line(visitor: Visit, records: Records, given: Several):
    decide(records, given.list_ids[0], Ending.CARRY_OVER)

    page = visitor(person_id=given.finance).see(f"/statements/{given.list_ids[0]}")

    assert "Carry over: still awaited" in page
    assert "By list, below" not in page
