from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import select

from cbi.payouts import answers, browse, matches, posting
from cbi.payouts.narrowing import Narrowed
from cbi.payouts.tables import Answer, FindingAnswer, PayoutFinding
from cbi.store.records import Records
from cbi.store.work import Actor
from reconciliation.findings import FindingKind
from tests import make_payouts
from tests.cbi.payouts.test_pages_finding import ids, the
from tests.cbi.payouts.test_posting import _mixed
from tests.make import Visitor, hidden_fields
from tests.make_payouts import Released, row

Visit = Callable[..., Visitor]


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


def slip(reference: str) -> str:
    """The reference with its last character mistyped."""
    return reference[:-1] + ("2" if reference[-1] != "2" else "3")


def suggested(records: Records, given: Released, count: int = 3) -> UUID:
    rows = [row(line, number, reference=slip(line.reference), phone="") for number, line in enumerate(given.lines[:count], start=1)]
    return make_payouts.previewed(records, given, rows)


def reference_of(records: Records, finding_id: UUID) -> str:
    with records.read() as look:
        return look.session.get_one(PayoutFinding, finding_id).reference


def answers_in(records: Records) -> list[Answer]:
    with records.read() as look:
        return sorted(one.answer for one in look.session.exec(select(FindingAnswer)))


def test_each_finding_stands_beside_the_cell_it_is_about(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))
    finance = visitor(person_id=given.finance)

    cells = {
        kind: re.findall(r'<bdi class="ref">([A-Z]+\d+)</bdi>', finance.see(f"/payouts/{file_id}/rows?kind={kind}").split("<tbody")[1])
        for kind in ("PAID_LESS", "FAILED", "WRONG_PAYEE", "NOT_OURS", "PAID_TWICE")
    }

    assert cells["PAID_LESS"][-1] == "C3"
    assert cells["FAILED"][-1] == "D4"
    assert cells["WRONG_PAYEE"][-1] in {"E7", "F7"}
    assert cells["NOT_OURS"][-1] == "B8"
    assert cells["PAID_TWICE"][-2:] == ["C5", "C6"]


def test_the_sums_are_those_of_what_is_shown_however_it_was_narrowed(records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))
    everything = Narrowed()
    with records.read() as look:
        whole = browse.sums(look, file_id, everything)
        by_reference = browse.sums(look, file_id, Narrowed(reference=given.lines[4].reference))
        kinds = [browse.sums(look, file_id, Narrowed(kinds=(kind,))) for kind in FindingKind]

    assert whole.findings == sum(one.findings for one in kinds)
    assert whole.open_minor == sum(one.open_minor for one in kinds)
    assert sum(whole.suspense.values()) == sum(minor for one in kinds for minor in one.suspense.values())
    assert (by_reference.findings, by_reference.open_minor) == (1, given.lines[4].amount.minor)


def test_answered_and_not_answered_make_up_the_whole(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))
    finance = visitor(person_id=given.finance)
    finance.send(f"/payouts/{file_id}/findings/{the(records, file_id, FindingKind.WRONG_PAYEE)}", {"answer": "noted"})

    with records.read() as look:
        whole, yes, no = (browse.sums(look, file_id, replace(Narrowed(), answered=answered)) for answered in (None, True, False))

    assert yes.findings == 1
    assert yes.findings + no.findings == whole.findings
    assert yes.open_minor + no.open_minor == whole.open_minor
    assert "Ask the provider" in finance.see(f"/payouts/{file_id}/rows?answered=yes")
    assert "/findings/" not in finance.see(f"/payouts/{file_id}/rows?kind=WRONG_PAYEE&answered=no")


def test_what_was_asked_stays_in_the_address_of_every_finding(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, _mixed(given))

    page = visitor(person_id=given.finance).see(f"/payouts/{file_id}/rows?kind=FAILED&answered=no")

    links = re.findall(rf'href="(/payouts/{file_id}/findings/[^"]+)"', page)
    assert links
    assert all(link.endswith("?kind=FAILED&amp;answered=no") for link in links)


@pytest.mark.parametrize(
    "query", ["kind=NOPE", "list=x", "answered=maybe", "after=x", "before=x", "because=%00", "reference=%25", "differs=-1", "sort=x"]
)
def test_an_address_nobody_made_is_answered_all_the_same(visitor: Visit, records: Records, given: Released, query: str):
    file_id = make_payouts.previewed(records, given, _mixed(given))

    visitor(person_id=given.finance).see(f"/payouts/{file_id}/rows?{query}")


def test_suggestions_of_one_reason_are_accepted_together_with_their_count(visitor: Visit, records: Records, given: Released):
    file_id = suggested(records, given)
    finance = visitor(person_id=given.finance)
    page = finance.see(f"/payouts/{file_id}/rows?kind=SUGGESTED")
    assert "Accept 3 matches, alike in" in page
    url = re.findall(rf'href="(/payouts/{file_id}/accept[^"]+)"', page)[0].replace("&amp;", "&")

    shown = finance.see(url)
    assert "Accept 3 matches</button>" in shown
    with records.read() as look:
        assert look.session.exec(select(FindingAnswer)).all() == []
    done = finance.send(f"/payouts/{file_id}/accept", {}, page=url)

    assert "3 matches accepted." in done
    with records.read() as look:
        assert [one.answer for one in look.session.exec(select(FindingAnswer)).all()] == [Answer.MATCH] * 3


def test_a_strangers_row_that_was_tied_to_a_transfer_asks_nothing_more(visitor: Visit, records: Records, given: Released):
    file_id = suggested(records, given)
    finance = visitor(person_id=given.finance)
    url = re.findall(rf'href="(/payouts/{file_id}/accept[^"]+)"', finance.see(f"/payouts/{file_id}/rows?kind=SUGGESTED"))[0]
    row_page = f"/payouts/{file_id}/findings/{ids(records, file_id, FindingKind.NOT_OURS)[0]}"
    before = finance.see(row_page)

    finance.send(f"/payouts/{file_id}/accept", {}, page=url.replace("&amp;", "&"))

    assert "Save and open the next" in before
    shown = finance.see(row_page)
    assert "Its money is counted there when the file is posted." in shown
    assert "Save and open the next" not in shown
    assert "3 answers count with this file" in finance.see(f"/payouts/{file_id}")
    posting.post(records, Actor(given.finance), file_id)
    assert "Its money is counted there." in finance.see(row_page)
    assert "Exceptions without an answer" not in finance.see("/")


def test_what_cannot_be_accepted_with_the_others_is_named_and_the_rest_is_offered(visitor: Visit, records: Records, given: Released):
    file_id = suggested(records, given)
    finance = visitor(person_id=given.finance)
    page = finance.see(f"/payouts/{file_id}/rows?kind=SUGGESTED")
    url = re.findall(rf'href="(/payouts/{file_id}/accept[^"]+)"', page)[0].replace("&amp;", "&")
    drawn = hidden_fields(finance.see(url), f"/payouts/{file_id}/accept")
    one = ids(records, file_id, FindingKind.SUGGESTED)[0]
    finance.send(f"/payouts/{file_id}/findings/{one}", {"answer": "no_match"})

    refused = finance.client.post(f"/payouts/{file_id}/accept", data=drawn, headers={"Origin": "http://localhost"})

    assert refused.status_code == 409
    assert "1 suggestion cannot be accepted with the others" in refused.text
    assert f"Look at {reference_of(records, one)}" in refused.text
    assert "somebody answered it meanwhile" in refused.text
    assert "The other 2 are still chosen." in refused.text
    assert answers_in(records) == [Answer.NO_MATCH]
    rest = finance.client.post(
        f"/payouts/{file_id}/accept", data=hidden_fields(refused.text, f"/payouts/{file_id}/accept"), headers={"Origin": "http://localhost"}
    )
    assert rest.status_code == 302
    assert answers_in(records) == [Answer.MATCH, Answer.MATCH, Answer.NO_MATCH]


def test_a_row_that_was_tied_to_another_transfer_is_left_out_of_the_rest(
    visitor: Visit, records: Records, given: Released, monkeypatch: pytest.MonkeyPatch
):
    file_id = suggested(records, given)
    finance = visitor(person_id=given.finance)
    page = finance.see(f"/payouts/{file_id}/rows?kind=SUGGESTED")
    url = re.findall(rf'href="(/payouts/{file_id}/accept[^"]+)"', page)[0].replace("&amp;", "&")
    one = ids(records, file_id, FindingKind.SUGGESTED)[1]
    with records.read() as look:
        [place] = answers.places_of(look.session.get_one(PayoutFinding, one))
    monkeypatch.setattr(answers, "_tied_rows", lambda *_: {place: UUID(int=1)})

    refused = finance.post(f"/payouts/{file_id}/accept", {}, page=url)
    rest = finance.client.post(
        f"/payouts/{file_id}/accept", data=hidden_fields(refused.text, f"/payouts/{file_id}/accept"), headers={"Origin": "http://localhost"}
    )

    assert "tied to another transfer already" in refused.text
    assert "The other 2 are still chosen." in refused.text
    assert rest.status_code == 302
    assert answers_in(records) == [Answer.MATCH, Answer.MATCH]


def test_accepting_together_sent_twice_is_answered_the_same(visitor: Visit, records: Records, given: Released):
    file_id = suggested(records, given)
    finance = visitor(person_id=given.finance)
    page = finance.see(f"/payouts/{file_id}/rows?kind=SUGGESTED")
    url = re.findall(rf'href="(/payouts/{file_id}/accept[^"]+)"', page)[0].replace("&amp;", "&")
    fields = hidden_fields(finance.see(url), f"/payouts/{file_id}/accept")

    sent = [finance.client.post(f"/payouts/{file_id}/accept", data=fields, headers={"Origin": "http://localhost"}) for _ in range(2)]

    assert [one.status_code for one in sent] == [302, 302]
    assert answers_in(records) == [Answer.MATCH] * 3


def test_accepting_many_asks_no_more_than_accepting_few(records: Records, given: Released):
    asked_for, counts = [], []
    for lines in (given.lines[:1], given.lines[1:]):
        file_id = suggested(records, replace(given, lines=lines), len(lines))
        with records.read() as look:
            alike = matches.in_bulk(look, file_id)[0]
        queries: list[str] = []
        listen = lambda *told, queries=queries: queries.append(told[2])  # noqa: E731 -- to be taken off again
        sa.event.listen(records.engine, "before_cursor_execute", listen)
        matches.accept_all(records, Actor(given.finance), file_id, alike.because, alike.count)
        sa.event.remove(records.engine, "before_cursor_execute", listen)
        asked_for.append(sum(text.startswith("SELECT") and "finding" in text for text in queries))

        counts.append(alike.count)

    assert counts[0] < counts[1]
    assert asked_for[0] == asked_for[1]


@pytest.mark.parametrize("count", ["²", "9" * 5000, "-3", ""])
def test_a_count_that_is_none_shows_the_page_again(visitor: Visit, records: Records, given: Released, count: str):
    file_id = suggested(records, given)
    finance = visitor(person_id=given.finance)
    page = finance.see(f"/payouts/{file_id}/rows?kind=SUGGESTED")
    url = re.findall(rf'href="(/payouts/{file_id}/accept[^"]+)"', page)[0].replace("&amp;", "&")

    shown = finance.send(f"/payouts/{file_id}/accept", {"count": count}, page=url, status=422)

    assert "Accept 3 matches</button>" in shown
    with records.read() as look:
        assert look.session.exec(select(FindingAnswer)).all() == []


def test_pages_follow_one_another_without_losing_a_finding(visitor: Visit, records: Records):
    several = make_payouts.released(records, tuple(1 + number % 5 for number in range(60)))
    file_id = make_payouts.previewed(records, several, [row(line, number) for number, line in enumerate(several.lines, start=1)])
    finance = visitor(person_id=several.finance)

    first = finance.see(f"/payouts/{file_id}/rows?kind=PAID")
    following = re.search(r'rel="next" href="([^"]+)"', first)
    second = finance.see(following[1].replace("&amp;", "&"))

    seen = [re.findall(r"/findings/([0-9a-f-]{36})", page) for page in (first, second)]
    assert [len(set(one)) for one in seen] == [50, 10]
    assert not set(seen[0]) & set(seen[1])
    assert 'rel="prev"' in second
    assert 'rel="next"' not in second


def test_suggestions_accepted_by_a_form_sent_twice_are_accepted_once_and_answered_the_same(
    visitor: Visit, records: Records, given: Released
):
    file_id = suggested(records, given)
    finance = visitor(person_id=given.finance)
    page = finance.see(f"/payouts/{file_id}/rows?kind=SUGGESTED")
    url = re.findall(rf'href="(/payouts/{file_id}/accept[^"]+)"', page)[0].replace("&amp;", "&")
    form = hidden_fields(finance.see(url), url)

    first, again = (finance.client.post(url, data=form, headers={"Origin": "http://localhost"}) for _ in range(2))

    assert first.status_code == again.status_code == 302
    assert first.location == again.location
    assert "3 matches accepted." in finance.see(first.location)
    with records.read() as look:
        assert [one.answer for one in look.session.exec(select(FindingAnswer)).all()] == [Answer.MATCH] * 3


def test_a_strangers_reference_is_found_without_standing_in_the_address(visitor: Visit, records: Records, given: Released):
    nobody = {"name": "A Stranger", "phone": "+254788888888"}
    rows = [row(given.lines[0], 1, reference="Nila Invented", **nobody), row(given.lines[1], 2, reference="0788 888 888", **nobody)]
    file_id = make_payouts.previewed(records, given, rows)
    finance, url = visitor(person_id=given.finance), f"/payouts/{file_id}/rows"

    answer = finance.post(url, {"kind": "NOT_OURS", "reference": "Nila Invented"}, follow=False)

    assert answer.status_code == 303
    assert "Nila" not in answer.location
    assert re.fullmatch(rf"{url}\?kind=NOT_OURS&stranger=[0-9a-f]+", answer.location)
    page = finance.see(answer.location)
    assert "1 of 1 finding" in page
    assert "Only rows under one reference that is none of ours." in page
    assert "0788" not in page
    onwards = re.findall(r'(?:href|action)="([^"]+)"', page)
    assert not [one for one in onwards if "Nila" in one]
    [look_at] = [one for one in onwards if "/findings/" in one]
    assert "stranger=" in look_at
    assert "1 of 1" in finance.see(look_at.replace("&amp;", "&"))


def test_a_stranger_stays_asked_for_when_another_filter_is_chosen(visitor: Visit, records: Records, given: Released):
    rows = [row(given.lines[0], 1, reference="Nila Invented", name="A Stranger", phone="+254788888888"), row(given.lines[2], 3)]
    file_id = make_payouts.previewed(records, given, rows)
    finance, url = visitor(person_id=given.finance), f"/payouts/{file_id}/rows"
    found = finance.post(url, {"reference": "Nila Invented"}, follow=False).location

    kept = finance.post(url, {"answered": "no"}, page=found, follow=False).location
    other = finance.post(url, {"reference": given.lines[2].reference}, page=found, follow=False).location

    assert kept == found.replace("?", "?answered=no&")
    assert other == f"{url}?reference={given.lines[2].reference}"


def test_nothing_is_found_for_a_name_that_no_row_bears(visitor: Visit, records: Records, given: Released):
    file_id = make_payouts.previewed(records, given, [row(given.lines[0], 1)])

    page = visitor(person_id=given.finance).send(f"/payouts/{file_id}/rows", {"reference": "Nobody Invented"})

    assert "No finding is like this." in page
    assert "Nobody" not in page
