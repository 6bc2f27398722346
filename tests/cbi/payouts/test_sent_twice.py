"""A form's key is the form's own: sent twice it counts once, and in another form it is refused with a sentence, whatever it was answered with."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlmodel import select

from cbi.access import Role
from cbi.payouts import answers, posting
from cbi.payouts.answers import Said
from cbi.payouts.tables import Answer, FileStatus, FindingAnswer, FindingDecision, PayoutFile
from cbi.store.records import Records
from cbi.store.work import Actor
from reconciliation.findings import FindingKind
from tests import make, make_payouts
from tests.cbi.payouts.test_pages_finding import the
from tests.cbi.payouts.test_posting import _mixed
from tests.make import Visitor
from tests.make_payouts import Released, row

Visit = Callable[..., Visitor]
REFUSED = "open the page again, and send the form it shows"


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


@pytest.fixture
def key(records: Records, given: Released) -> str:
    """A key that the finance officer posted a file with."""
    file_id = make_payouts.previewed(records, given, [row(given.lines[5], 600)], "with_key.csv")
    used = uuid4()
    posting.post(records, Actor(given.finance), file_id, used)
    return str(used)


def test_an_answer_with_the_key_of_another_form_is_refused_and_keeps_nothing(visitor: Visit, records: Records, given: Released, key: str):
    file_id = make_payouts.previewed(records, given, _mixed(given))
    url = f"/payouts/{file_id}/findings/{the(records, file_id, FindingKind.FAILED)}"

    page = visitor(person_id=given.finance).send(url, {"answer": "noted", "client_key": key}, status=422)

    assert REFUSED in page
    with records.read() as look:
        assert look.session.exec(select(FindingAnswer)).all() == []


def test_a_key_that_posted_one_file_does_not_say_that_another_is_posted(visitor: Visit, records: Records, given: Released, key: str):
    file_id = make_payouts.previewed(records, given, _mixed(given))

    page = visitor(person_id=given.finance).send(f"/payouts/{file_id}/post", {"client_key": key}, page=f"/payouts/{file_id}", status=422)

    assert REFUSED in page
    with records.read() as look:
        assert look.session.get_one(PayoutFile, file_id).status is FileStatus.PREVIEWED


def test_accepting_together_with_the_key_of_another_form_accepts_nothing(visitor: Visit, records: Records, given: Released, key: str):
    file_id = make_payouts.previewed(records, given, [row(one, number, reference="") for number, one in enumerate(given.lines[:3], 1)])
    fields = {"client_key": key, "reason": "name,phone,amount", "count": "3"}

    answer = visitor(person_id=given.finance).post(f"/payouts/{file_id}/accept", fields, page="/payouts/new")

    assert answer.status_code == 422
    assert REFUSED in answer.text
    with records.read() as look:
        assert look.session.exec(select(FindingAnswer)).all() == []


def test_money_beside_the_payments_with_the_key_of_another_form_is_not_entered(visitor: Visit, given: Released, key: str):
    fields = {"kind": "fee", "amount": "1", "currency": "KES", "day": "2026-11-20", "line": str(given.made.line_id), "document": "FT1"}

    page = visitor(person_id=given.finance).send(
        "/money/new", {**fields, "provider": str(given.made.provider_id), "client_key": key}, status=422
    )

    assert REFUSED in page
    assert "FT1" in page


def test_a_decision_is_not_taken_back_by_the_key_of_another_form(visitor: Visit, records: Records, given: Released):
    make_payouts.posted(records, given, [row(given.lines[0], 1)])
    file_id = make_payouts.posted(records, given, [row(given.lines[0], 2, status="FAILED")], "second.csv")
    finding_id = the(records, file_id, FindingKind.CONTRADICTS)
    used = uuid4()
    second = make.staff(records, Role.FINANCE, name="Ola Invented")
    answers.give(records, Actor(second), file_id, finding_id, Said(Answer.NEWER))
    answers.give(records, Actor(given.finance), file_id, finding_id, Said(Answer.NEWER), used)
    with records.read() as look:
        decision_id = look.session.exec(select(FindingDecision.id)).one()

    url = f"/payouts/{file_id}/decisions/{decision_id}/undo"
    page = visitor(person_id=given.finance).send(
        url, {"password": "lantern orbit maple kettle", "code": "123456", "client_key": str(used)}, status=422
    )

    assert REFUSED in page
    with records.read() as look:
        assert look.session.get_one(FindingDecision, decision_id).live


@pytest.mark.parametrize("odd", ["", "x", "0", "\x00", "-1", "9" * 40, "{}", "00000000-0000-0000-0000-00000000000g"])
def test_a_key_that_is_none_is_never_a_fault(visitor: Visit, records: Records, given: Released, odd: str):
    file_id = make_payouts.previewed(records, given, _mixed(given))
    url = f"/payouts/{file_id}/findings/{the(records, file_id, FindingKind.FAILED)}"
    finance = visitor(person_id=given.finance)

    statuses = [
        finance.post(url, {"answer": "noted", "client_key": odd, "state": odd, "done": odd}).status_code,
        finance.post(f"/payouts/{file_id}/post", {"client_key": odd}, page=f"/payouts/{file_id}").status_code,
        finance.post("/money/new", {"client_key": odd}).status_code,
    ]

    assert set(statuses) <= {200, 409, 422}


def test_the_same_answer_sent_twice_is_answered_the_same(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))
    url = f"/payouts/{file_id}/findings/{the(records, file_id, FindingKind.FAILED)}"
    fields = {"answer": "noted", "client_key": str(uuid4())}
    finance = visitor(person_id=given.finance)

    sent = [finance.post(url, fields, follow=False) for _ in range(2)]

    assert [(one.status_code, one.location) for one in sent] == [(302, sent[0].location)] * 2
    with records.read() as look:
        assert len(look.session.exec(select(FindingAnswer)).all()) == 1
