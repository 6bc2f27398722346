from __future__ import annotations

from collections.abc import Callable

import pytest

from cbi.access import Role
from cbi.payouts import queries
from cbi.payouts.tables import FileStatus
from cbi.store.records import Records
from tests import make_payouts, make_staff
from tests.make import Visitor
from tests.make_payouts import Released, row

Visit = Callable[..., Visitor]


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


def test_a_file_with_newer_ones_says_so_before_it_asks_for_anything_and_leads_to_them(visitor: Visit, records: Records, given: Released):
    older = make_payouts.posted(records, given, [row(given.lines[0], 1)], name="monday.csv")
    newer = make_payouts.posted(records, given, [row(given.lines[1], 2)], name="tuesday.csv")

    page = visitor(person_id=given.finance).see(f"/payouts/{older}/undo")

    assert "Undo the newer files first" in page
    assert f'href="/payouts/{newer}/undo"' in page
    assert "tuesday.csv" in page
    assert 'type="password"' not in page


def test_the_newest_file_is_undone_with_password_and_code(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.posted(records, given, [row(given.lines[0], 1)])
    member = make_staff.member(records, Role.FINANCE)
    url = f"/payouts/{file_id}/undo"

    page = visitor(person_id=member.id).send(url, {"reason": "wrong_file", "password": member.password, "code": member.code(records)})

    assert "Undone. History stays" in page
    with records.read() as look:
        assert queries.file_by_id(look, file_id).status is FileStatus.UNDONE


def test_a_file_that_is_not_posted_has_nothing_to_undo(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, [row(given.lines[0], 1)])

    page = visitor(person_id=given.finance).see(f"/payouts/{file_id}/undo")

    assert "There is nothing to undo." in page
    assert 'type="password"' not in page
