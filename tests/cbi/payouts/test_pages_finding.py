from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlmodel import select
from werkzeug.test import TestResponse

from cbi.access import Role
from cbi.payouts.answers import State, question
from cbi.payouts.comparing import marked, marked_digits
from cbi.payouts.tables import Answer, FindingAnswer, FindingDecision, PayoutFinding
from cbi.store.records import Records
from reconciliation.findings import FindingKind
from tests import make, make_payouts, make_staff
from tests.cbi.payouts.test_posting import _mixed
from tests.make import Visitor, hidden_fields
from tests.make_payouts import Released, row

Visit = Callable[..., Visitor]


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


def ids(records: Records, file_id: UUID, kind: FindingKind) -> list[UUID]:
    with records.read() as look:
        found = look.session.exec(select(PayoutFinding).where(PayoutFinding.file_id == file_id, PayoutFinding.kind == kind)).all()
        return [one.id for one in sorted(found, key=lambda one: one.position)]


def the(records: Records, file_id: UUID, kind: FindingKind) -> UUID:
    return ids(records, file_id, kind)[0]


def state(records: Records, file_id: UUID, finding_id: UUID, person_id: UUID) -> State:
    with records.read() as look:
        return question(look, file_id, finding_id, person_id).state


def test_a_wrong_payee_shows_approved_and_sent_side_by_side_with_their_cells(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))
    wrong = the(records, file_id, FindingKind.WRONG_PAYEE)

    page = visitor(person_id=given.finance).see(f"/payouts/{file_id}/findings/{wrong}")

    assert "<h1>Wrong payee</h1>" in page
    line = given.lines[4]
    compared = page[page.index('class="rows cards compare"') : page.index("</table>")]
    assert line.name in compared
    assert "Somebody Completely Else" in compared
    assert ">E7<" in compared
    assert ">F7<" in compared
    assert "The same: reference, amount." in page
    assert "Different: name, phone." in page


def test_a_contradiction_shows_what_each_file_says_of_it(visitor: Visit, records: Records, given: Released):
    line = given.lines[0]
    earlier = make_payouts.posted(records, given, [row(one, number) for number, one in enumerate(given.lines, start=1)])
    file_id = make_payouts.previewed(records, given, [row(line, 9, status="FAILED")], "second.csv")
    finance = visitor(person_id=given.finance)

    page = finance.see(f"/payouts/{file_id}/findings/{the(records, file_id, FindingKind.CONTRADICTS)}")

    facts = " ".join(re.sub("<[^>]+>", " ", page[page.index('<dl class="facts">') : page.index("</dl>")]).split())
    money = f"KES {line.amount.minor / 100:,.2f}"
    assert f"Paid {money} · An earlier file" in facts
    assert f"This file Failed {money}" in facts
    assert f"/payouts/{earlier}" in page
    assert "KES 0.00" not in page
    assert "0.00 waits" not in finance.see(f"/payouts/{file_id}")


def test_a_transfer_that_an_unreadable_row_names_says_so(visitor: Visit, records: Records, given: Released):
    rows = [row(one, number) for number, one in enumerate(given.lines, start=1)]
    rows[1][2] = "about forty"
    file_id = make_payouts.previewed(records, given, rows)
    finance = visitor(person_id=given.finance)

    page = finance.see(f"/payouts/{file_id}/findings/{the(records, file_id, FindingKind.MISSING)}")

    assert "A row of this file that names this transfer could not be read." in page
    assert "The file says nothing of it." not in page
    assert f"/payouts/{file_id}/findings/{the(records, file_id, FindingKind.UNREADABLE)}" in page


def test_the_row_stands_as_sent_with_its_heading_and_without_its_neighbours_names(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))
    wrong = the(records, file_id, FindingKind.WRONG_PAYEE)

    page = visitor(person_id=given.finance).see(f"/payouts/{file_id}/findings/{wrong}")

    sheet = page[page.index('<table class="sheet">') : page.index("</table>", page.index('<table class="sheet">'))]
    assert ">Txn ID<" in sheet
    assert [int(number) for number in re.findall(r'<th scope="row">(\d+)', sheet)] == [1, 6, 7, 8]
    assert sheet.count('class="hit') == 2
    assert given.lines[3].reference in sheet
    assert given.lines[3].name not in sheet
    assert "A Stranger" not in sheet
    assert "+254788888888" not in sheet


def test_letters_that_differ_are_marked_and_no_others():
    left, right = marked("Nila Kalponik", "NEELA KALFONIK")

    assert re.sub(r"</?mark>", "", str(left)) == "Nila Kalponik"
    assert "<mark>p</mark>onik" in str(left)
    assert "<mark>F</mark>ONIK" in str(right)


def test_texts_with_little_in_common_are_not_marked_letter_by_letter():
    assert marked("কলমি পুতুলমালা", "Thimble Quagmire") == ("কলমি পুতুলমালা", "Thimble Quagmire")


def test_what_a_provider_writes_is_never_markup():
    left, right = marked("<b>Nila</b>", "<b>Nele</b>")

    assert "<b>" not in str(left) + str(right)


def test_an_answer_is_kept_and_leads_to_the_next_that_nobody_answered(visitor: Visit, records: Records, given: Released):
    one, two, *_rest = given.lines
    rows = [row(one, 1, status="FAILED"), row(two, 2, status="FAILED"), row(given.lines[2], 3, status="FAILED")]
    file_id = make_payouts.previewed(records, given, rows)
    first, second, third = ids(records, file_id, FindingKind.FAILED)
    finance = visitor(person_id=given.finance)
    finance.send(f"/payouts/{file_id}/findings/{second}", {"answer": "noted"})

    answer = finance.post(f"/payouts/{file_id}/findings/{first}?kind=FAILED", {"answer": "noted", "note": "asked them"}, follow=False)

    assert answer.location == f"/payouts/{file_id}/findings/{third}?kind=FAILED"
    page = finance.see(f"/payouts/{file_id}/findings/{first}")
    assert "Ask the provider" in page
    assert ": asked them" in page


def test_the_last_answer_ends_in_what_changed(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))
    failed = the(records, file_id, FindingKind.FAILED)

    page = visitor(person_id=given.finance).send(f"/payouts/{file_id}/findings/{failed}", {"answer": "noted"})

    assert "<h1>1 of 1 answered</h1>" in page
    assert "Every one of these has an answer." in page
    assert "Ask the provider" in page


def test_an_answer_that_moves_money_waits_for_a_second_person_and_then_counts(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.posted(records, given, _mixed(given))
    wrong = the(records, file_id, FindingKind.WRONG_PAYEE)
    first, second = visitor(person_id=given.finance), visitor(person_id=make.staff(records, Role.FINANCE, name="Second Hand"))

    first.send(f"/payouts/{file_id}/findings/{wrong}", {"answer": "same_person"})
    assert "Waits for a second person" in first.see(f"/payouts/{file_id}/findings/{wrong}")
    ended = second.send(f"/payouts/{file_id}/findings/{wrong}", {"answer": "same_person"})

    assert state(records, file_id, wrong, given.finance) is State.DECIDED
    assert "KES 70.00" in ended or "Counts" in ended
    decided = second.see(f"/payouts/{file_id}/findings/{wrong}")
    assert "Decided" in decided
    assert "Rana Inkwell, Second Hand" in decided


def test_somebody_else_who_disagrees_is_shown_as_such(visitor: Visit, records: Records, given: Released):
    one = given.lines[0]
    make_payouts.posted(records, given, [row(one, 1)])
    file_id = make_payouts.previewed(records, given, [row(one, 3, status="FAILED")], "second.csv")
    contradiction = the(records, file_id, FindingKind.CONTRADICTS)
    first, second = visitor(person_id=given.finance), visitor(person_id=make.staff(records, Role.FINANCE, name="Second Hand"))

    first.send(f"/payouts/{file_id}/findings/{contradiction}", {"answer": "earlier"})
    second.send(f"/payouts/{file_id}/findings/{contradiction}", {"answer": "newer"})

    assert "Two people disagree" in second.see(f"/payouts/{file_id}/findings/{contradiction}")


def test_an_own_answer_can_be_taken_back_until_it_counts(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))
    wrong = the(records, file_id, FindingKind.WRONG_PAYEE)
    finance = visitor(person_id=given.finance)
    finance.send(f"/payouts/{file_id}/findings/{wrong}", {"answer": "same_person"})

    url = f"/payouts/{file_id}/findings/{wrong}"
    page = finance.send(f"{url}/withdraw", {}, page=url)

    assert "Your answer is taken back." in page
    with records.read() as look:
        assert look.session.exec(select(FindingAnswer)).all() == []


def test_money_that_came_back_needs_its_amount_and_day(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.posted(records, given, _mixed(given))
    wrong = the(records, file_id, FindingKind.WRONG_PAYEE)
    finance = visitor(person_id=given.finance)

    refused = finance.send(f"/payouts/{file_id}/findings/{wrong}", {"answer": "recovered"}, status=422)
    assert "enter the amount as a number" in refused
    finance.send(f"/payouts/{file_id}/findings/{wrong}", {"answer": "recovered", "amount": "25.00", "on": "2020-01-02"})

    with records.read() as look:
        [kept] = look.session.exec(select(FindingAnswer)).all()
    assert (kept.answer, kept.amount_minor, kept.on_date.isoformat()) == (Answer.RECOVERED, 2_500, "2020-01-02")


def test_what_can_never_be_undone_is_asked_on_a_page_of_its_own(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.posted(records, given, _mixed(given))
    twice = the(records, file_id, FindingKind.PAID_TWICE)
    finance = visitor(person_id=given.finance)

    page = finance.send(f"/payouts/{file_id}/findings/{twice}", {"answer": "extra"})

    assert "What can never be undone" in page
    assert 'type="password"' in page
    with records.read() as look:
        assert look.session.exec(select(FindingAnswer)).all() == []


def test_nothing_chosen_is_a_sentence_and_loses_no_note(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))
    wrong = the(records, file_id, FindingKind.WRONG_PAYEE)

    page = visitor(person_id=given.finance).send(f"/payouts/{file_id}/findings/{wrong}", {"note": "kept words"}, status=422)

    assert "choose one of the answers" in page
    assert 'value="kept words"' in page


def test_an_approver_of_the_list_sees_no_finding(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))
    wrong = the(records, file_id, FindingKind.WRONG_PAYEE)

    assert visitor(Role.APPROVER).client.get(f"/payouts/{file_id}/findings/{wrong}").status_code == 404


def test_next_and_previous_stay_in_what_was_asked_for(visitor: Visit, records: Records, given: Released):
    rows = [row(line, number, status="FAILED") for number, line in enumerate(given.lines[:3], start=1)]
    file_id = make_payouts.previewed(records, given, rows)
    first, second, third = ids(records, file_id, FindingKind.FAILED)

    page = visitor(person_id=given.finance).see(f"/payouts/{file_id}/findings/{second}?kind=FAILED&answered=no")

    assert re.search(rf'href="/payouts/{file_id}/findings/{first}\?kind=FAILED&amp;answered=no"[^>]*data-key="k"', page)
    assert re.search(rf'href="/payouts/{file_id}/findings/{third}\?kind=FAILED&amp;answered=no"[^>]*data-key="j"', page)
    assert "2 of 3, 0 answered" in page


def test_a_finding_of_another_file_is_not_there(visitor: Visit, records: Records, given: Released):
    one = make_payouts.previewed(records, given, _mixed(given))
    other = make_payouts.previewed(records, given, [row(given.lines[0], 90)], "other.csv")
    wrong = the(records, one, FindingKind.WRONG_PAYEE)

    assert visitor(person_id=given.finance).client.get(f"/payouts/{other}/findings/{wrong}").status_code == 404


def _twice(somebody: Visitor, url: str, fields: dict[str, object]) -> list[TestResponse]:
    form = {**hidden_fields(somebody.see(url), url), **fields}
    return [somebody.client.post(url, data=form, headers={"Origin": "http://localhost"}) for _ in range(2)]


def test_an_answer_sent_twice_counts_once_and_is_answered_the_same_also_when_it_decided(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.posted(records, given, _mixed(given))
    wrong = the(records, file_id, FindingKind.WRONG_PAYEE)
    url = f"/payouts/{file_id}/findings/{wrong}"
    answers_given = []

    for person_id in (given.finance, make.staff(records, Role.FINANCE, name="Bettina Drizzle")):
        answers_given.append(_twice(visitor(person_id=person_id), url, {"answer": "same_person"}))

    for first, again in answers_given:
        assert first.status_code == again.status_code == 302
        assert first.location == again.location
    assert state(records, file_id, wrong, given.finance) is State.DECIDED
    with records.read() as look:
        assert len(look.session.exec(select(FindingAnswer)).all()) == 2
        assert len(look.session.exec(select(FindingDecision)).all()) == 1


def test_what_can_never_be_undone_sent_twice_happens_once_and_is_answered_the_same(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.posted(records, given, _mixed(given))
    twice = the(records, file_id, FindingKind.PAID_TWICE)
    url = f"/payouts/{file_id}/findings/{twice}/final"
    told = []

    for name in ("Bettina Drizzle", "Hank Fogbank"):
        who = make_staff.member(records, Role.FINANCE, sign_in_name=name.split()[0].lower(), name=name)
        somebody = visitor(person_id=who.id)
        told.append((_twice(somebody, url, {"password": make_staff.PASSWORD, "code": who.code(records)}), somebody.see(url[:-6])))

    for (first, again), page in told:
        assert first.status_code == again.status_code == 302
        assert first.location == again.location
        assert "You need to" not in page
    assert "It waits for a second person." in told[0][1]
    assert "Decided. It counts." in told[1][1]
    with records.read() as look:
        assert len(look.session.exec(select(FindingAnswer)).all()) == 2
        [decision] = look.session.exec(select(FindingDecision)).all()
    assert decision.amount_minor == given.lines[3].amount.minor


@pytest.mark.parametrize(
    ("ours", "theirs", "wrong"),
    [
        ("+254712000001", "0712000002", ("1", "2")),
        ("+254 712 000 001", "0712-000-901", ("0", "9")),
        ("0712000001", "+254712000001", None),
        ("00254712000001", "712000001", None),
        ("+254712000001", "0798765432", None),
    ],
)
def test_only_the_digits_that_differ_are_marked_and_never_a_countrys_code(ours: str, theirs: str, wrong: tuple[str, str] | None):
    left, right = marked_digits(ours, theirs)

    found = tuple(re.findall("<mark>(.)</mark>", text) for text in (left, right))
    assert found == (tuple([one] for one in wrong) if wrong else ([], []))
    assert (left.striptags(), right.striptags()) == (ours, theirs)


def test_what_an_earlier_file_said_is_said_with_its_reason(visitor: Visit, records: Records, given: Released):
    make_payouts.posted(records, given, [row(given.lines[0], 1, status="FAILED")], name="monday.csv")
    file_id = make_payouts.previewed(records, given, [row(given.lines[1], 2)], "tuesday.csv")

    page = visitor(person_id=given.finance).see(f"/payouts/{file_id}/findings/{the(records, file_id, FindingKind.FAILED)}")

    assert "An earlier file" in page
    assert "As an earlier file says" in page
    assert "Not in the file" not in page.split('class="queue"')[1].split("</li>")[0]


def test_what_waits_for_a_second_person_is_not_said_to_be_done(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.posted(records, given, _mixed(given))
    wrong = the(records, file_id, FindingKind.WRONG_PAYEE)

    page = visitor(person_id=given.finance).send(f"/payouts/{file_id}/findings/{wrong}", {"answer": "same_person"})

    assert "1 waits for a second person." in page
    assert page.count("Waits for a second person") == 1
    assert "Kept" not in page
