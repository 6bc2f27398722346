from __future__ import annotations

from collections.abc import Callable

import pytest

from cbi.payouts import files, queries, reading
from cbi.payouts.tables import FileStatus
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make_payouts
from tests.cbi.payouts.test_pages_layout import asked, report
from tests.make import Visitor
from tests.make_payouts import Released, row

Visit = Callable[..., Visitor]


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


def test_the_list_of_files_names_them_and_the_database_does_not(visitor: Visit, records: Records, given: Released):
    make_payouts.previewed(records, given, [row(given.lines[0], 1)], "november of sparrow.csv")

    assert "november of sparrow.csv" in visitor(person_id=given.finance).see("/payouts")
    assert b"november of sparrow" not in b"".join(path.read_bytes() for path in records.private("files").parent.glob("*.db*"))


def test_a_file_with_a_question_is_put_away_with_a_reason_and_may_come_again(visitor: Visit, records: Records, given: Released):
    content = report(given)
    file_id = asked(records, given, content)
    finance = visitor(person_id=given.finance)
    assert f'href="/payouts/{file_id}/away"' in finance.see(f"/payouts/{file_id}/layout")

    refused = finance.send(f"/payouts/{file_id}/away", {}, status=422)
    listed = finance.send(f"/payouts/{file_id}/away", {"reason": "wrong_list"})

    assert "choose why this file is put away" in refused
    assert "Put away" in listed
    assert "It belongs to another list." in finance.see(f"/payouts/{file_id}")
    again = asked(records, given, content)
    assert again != file_id


def test_a_file_that_was_read_is_not_put_away(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, [row(given.lines[0], 1)])
    finance = visitor(person_id=given.finance)

    page = finance.see(f"/payouts/{file_id}/away")
    answer = finance.client.post(f"/payouts/{file_id}/away", data={"reason": "wrong_file"}, headers={"Origin": "http://localhost"})

    assert "does not wait for an answer" in page
    assert answer.status_code in {400, 409}
    with records.read() as look:
        assert queries.file_by_id(look, file_id).status is FileStatus.PREVIEWED


@pytest.mark.parametrize("content", [b"hello\n", b"one\ntwo\nthree\n", b"a,b\n", b"\n\n42\n\n"])
def test_a_file_without_a_table_is_refused_with_one_sentence(visitor: Visit, records: Records, given: Released, content: bytes):
    file_id = files.receive(records, Actor(given.finance), given.list_id, "note.csv", content)

    assert reading.read(records, Actor(given.finance), file_id) is FileStatus.REFUSED

    page = visitor(person_id=given.finance).see(f"/payouts/{file_id}")
    assert "You need to send the provider&#39;s list of payments: this file holds no table" in page
