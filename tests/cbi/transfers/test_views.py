from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from cbi.access import Role
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import approvals, lists
from cbi.transfers.tables import ListStatus
from reconciliation.money import Money
from tests import make, make_people, make_transfers
from tests.cbi.transfers.test_lists import change_account, lines, payment_list

STEP_UP = {"password": "lantern orbit maple kettle", "code": "123456"}
Sign = Callable[..., make.Visitor]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[UUID, str, str]]:
    """A stand-in for the second proof of staff: it notes who gave which, and refuses the code 000000."""
    from cbi.errors import Refused
    from cbi.transfers import views_signing

    given: list[tuple[UUID, str, str]] = []

    def step_up(_work: object, person_id: UUID, password: str, code: str) -> None:
        if code == "000000":
            raise Refused("check the code")
        given.append((person_id, password, code))

    monkeypatch.setattr(views_signing, "step_up", step_up)
    return given


def mark_text(page: str) -> str:
    found = re.search(r'class="words"[^>]*>(.*?)</p>', page, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def test_a_manager_sets_a_grant_a_provider_and_a_programme_up(records: Records, visitor: Sign):
    site_id = make_people.site(records)
    manager = visitor(Role.MANAGER)

    page = manager.send("/grants/new", {"code": "G7", "donor": "Moon Fund", "title": "Cash for Kharwa", "currency": "kes"})
    assert "Enter its budget lines next" in page
    grant_url = re.search(r'action="(/grants/[^"]+)"', page)[1]
    page = manager.send(grant_url, {"code": "G7.2", "title": "Transfers", "amount": "1,000,000.00"})
    assert "KES 1,000,000.00" in page
    page = manager.send("/providers/new", {"code": "SMM", "name": "Sparrow Mobile Money", "mechanism": "mobile_money"})
    assert "Sparrow Mobile Money" in page
    with records.read() as reading:
        from cbi.transfers import programmes

        [grant], [provider] = programmes.grants(reading), programmes.providers(reading)
    typed = {
        "code": "FSL",
        "name": "Lean season",
        "sector": "Food security",
        "outcome": "People eat",
        "indicator": "FCS",
        "assistance": "Messages",
    }
    page = manager.send(
        "/programmes/new", {**typed, "grant": str(grant.id), "places-0": str(provider.id), "protection_signed_on": "2026-11-02"}
    )

    assert "Plan its first cycle next" in page
    assert "Bahari Field" in page
    assert "2 November 2026" in page
    assert site_id


@pytest.mark.parametrize(
    ("url", "typed", "said"),
    [
        ("/grants/new", {"code": "", "donor": "Moon Fund", "title": "T", "currency": "KES"}, "code, for example G7"),
        ("/grants/new", {"code": "G7", "donor": "Moon Fund", "title": "T", "currency": "QQQ"}, "by its three letters"),
        ("/providers/new", {"code": "S", "name": "Nobody", "mechanism": "teleport"}, "choose one of the answers"),
        ("/programmes/new", {"code": "P", "name": "N"}, "choose the grant"),
    ],
)
def test_a_form_that_cannot_be_kept_says_what_to_do_and_loses_nothing(visitor: Sign, url: str, typed: dict[str, str], said: str):
    page = visitor(Role.MANAGER).send(url, typed, status=422)

    assert said in page
    for text in typed.values():
        assert text == "teleport" or text in page


def test_an_amount_with_too_many_decimals_is_asked_for_again(records: Records, visitor: Sign):
    made = make_transfers.setting(records, sizes=())

    page = visitor(person_id=made.manager).send(
        f"/grants/{made.grant_id}", {"code": "G7.3", "title": "More", "amount": "1.005"}, status=422
    )

    assert "at most the decimals of KES" in page
    assert "1.005" in page


RULE = {
    "name": "December 2026",
    "starts_on": "2026-12-01",
    "ends_on": "2026-12-31",
    "submit_on": "2026-12-05",
    "base": "4,500.00",
    "per_member": "1,250.00",
    "member_limit": "8",
    "ceiling": "14,500.00",
    "basket": "20,000.00",
}


def test_a_rule_is_tried_kept_and_frozen_and_a_change_reads_was_and_is(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    manager = visitor(person_id=made.manager)
    url = f"/programmes/{made.programme_id}/cycles/new"
    rule = {**RULE, "budget_line": str(made.line_id)}

    tried = manager.send(url, {**rule, "act": "show"})
    assert "KES 38,000.00" in tried
    assert "about 47 %" in tried
    assert "base 4,500 + 4 × 1,250" in tried
    hidden = make.hidden_fields(tried, url)
    changed = manager.client.post(
        url, data={**hidden, **rule, "base": "5,000.00", "ceiling": "15,000.00", "act": "show"}, headers={"Origin": "http://localhost"}
    ).text
    assert "38,000.00</span> → KES 40,000.00" in changed
    frozen = manager.client.post(
        url,
        data={**make.hidden_fields(changed, url), **rule, "base": "5,000.00", "ceiling": "15,000.00", "act": "freeze"},
        headers={"Origin": "http://localhost"},
        follow_redirects=True,
    ).text

    assert "The rule is frozen" in frozen
    assert "Frozen by Idris Marrow" in frozen
    assert "KES 40,000.00" in frozen


def test_a_rule_changed_after_its_effect_was_shown_is_shown_again_before_freezing(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    manager = visitor(person_id=made.manager)
    url = f"/programmes/{made.programme_id}/cycles/new"
    rule = {**RULE, "budget_line": str(made.line_id)}
    tried = manager.send(url, {**rule, "act": "show"})

    answer = manager.client.post(
        url, data={**make.hidden_fields(tried, url), **rule, "base": "4,000.00", "act": "freeze"}, headers={"Origin": "http://localhost"}
    )

    assert answer.status_code == 409
    assert "look at the effect again" in answer.text


def test_a_rule_over_budget_says_what_is_missing(records: Records, visitor: Sign):
    made = make_transfers.setting(records, budget_minor=3_000_000)

    page = visitor(person_id=made.manager).send(
        f"/programmes/{made.programme_id}/cycles/new", {**RULE, "budget_line": str(made.line_id), "act": "show"}
    )

    assert "KES 8,000.00 is missing" in page


def test_a_kept_rule_opens_again_as_it_was_left(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    manager = visitor(person_id=made.manager)

    page = manager.send(f"/programmes/{made.programme_id}/cycles/new", {**RULE, "budget_line": str(made.line_id), "act": "keep"})

    assert 'value="4,500.00"' in page
    assert "KES 38,000.00" in page


def test_the_pages_of_a_frozen_cycle_name_who_was_left_out(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    make_people.household(records, made.site_id)
    cycle_id = make_transfers.frozen_cycle(records, made)
    manager = visitor(person_id=made.manager)

    assert "No account to pay to" in manager.see(f"/cycles/{cycle_id}")
    assert "No account to pay to" in manager.see(f"/cycles/{cycle_id}/left-out?reason=account&sort=reason")
    assert "December 2026" in manager.see("/cycles")
    assert "Cycle 1" in manager.see(f"/programmes/{made.programme_id}")
    assert "Moon Fund" in manager.see("/programmes")


def test_a_list_goes_from_draft_to_the_providers_file_through_the_pages(records: Records, visitor: Sign, steps: list[object]):
    made = make_transfers.setting(records)
    cycle_id = make_transfers.frozen_cycle(records, made)
    manager, approver, releaser = (visitor(person_id=one) for one in (made.manager, made.approver, made.releaser))

    drafted = manager.send(f"/cycles/{cycle_id}/lists/{made.provider_id}", {}, page=f"/cycles/{cycle_id}")
    assert "Before you submit" in drafted
    url = re.search(r'action="(/lists/[0-9a-f-]+)/submit"', drafted)[1]
    assert "Handed in" in manager.send(f"{url}/submit", {}, page=url)
    read = approver.see(url)
    assert "What you approve" in read
    assert "Approve KES 38,000.00" in read
    assert "Juniper" not in read
    approved = approver.send(f"{url}/approve", STEP_UP, page=url)
    assert "take your approval back" in approved
    assert mark_text(approved) == mark_text(read)
    assert "Release KES 38,000.00" in releaser.see(f"{url}/release")
    released = releaser.send(f"{url}/release", {**STEP_UP, "sure": "y"})
    assert "Released for good" in released
    assert "Audit checkpoint" in released
    assert manager.client.get(f"{url}/checkpoint.svg").mimetype == "image/svg+xml"
    answer = visitor(Role.FINANCE).post(f"{url}/file", STEP_UP)

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="L-2026-001.xlsx"'
    assert answer.data[:2] == b"PK"
    assert len(steps) == 3
    assert records.verify_chain().broken_at is None


def test_an_approval_sent_twice_counts_once_and_answers_the_same(records: Records, visitor: Sign, steps: list[object]):
    made = make_transfers.setting(records)
    url = f"/lists/{make_transfers.submitted_list(records, made)}"
    approver = visitor(person_id=made.approver)
    fields = {**make.hidden_fields(approver.see(url), f"{url}/approve"), **STEP_UP}

    first, second = (approver.client.post(f"{url}/approve", data=fields, headers={"Origin": "http://localhost"}) for _ in range(2))

    assert (first.status_code, first.location) == (second.status_code, second.location) == (303, url)
    assert len(steps) == 1


def test_a_draft_made_twice_by_a_double_click_is_one_list(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    cycle_id = make_transfers.frozen_cycle(records, made)
    manager = visitor(person_id=made.manager)
    url = f"/cycles/{cycle_id}/lists/{made.provider_id}"
    fields = make.hidden_fields(manager.see(f"/cycles/{cycle_id}"), url)

    answers = {manager.client.post(url, data=fields, headers={"Origin": "http://localhost"}).location for _ in range(2)}

    assert len(answers) == 1


def test_a_list_that_changed_since_it_was_opened_shows_the_old_and_the_new_mark(records: Records, visitor: Sign, steps: list[object]):
    made = make_transfers.setting(records)
    list_id = make_transfers.submitted_list(records, made)
    url = f"/lists/{list_id}"
    approver = visitor(person_id=made.approver)
    opened = approver.see(url)
    fields = {**make.hidden_fields(opened, f"{url}/approve"), **STEP_UP}
    with records.work(Actor(made.manager)) as work:
        lists.take_back(work, list_id)
        lists.redraw(work, list_id)
        lists.submit(work, list_id)

    answer = approver.client.post(f"{url}/approve", data=fields, headers={"Origin": "http://localhost"})

    assert answer.status_code == 409
    assert "This list changed since you opened it" in answer.text
    assert mark_text(answer.text) == mark_text(opened)
    assert payment_list(records, list_id).status is ListStatus.SUBMITTED


def test_a_wrong_code_keeps_the_page_and_says_what_to_do(records: Records, visitor: Sign, steps: list[object]):
    made = make_transfers.setting(records)
    url = f"/lists/{make_transfers.submitted_list(records, made)}"

    page = visitor(person_id=made.approver).send(f"{url}/approve", {**STEP_UP, "code": "000000"}, page=url, status=422)

    assert "check the code" in page
    assert "What you approve" in page


def test_nothing_is_approved_without_password_and_code(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    list_id = make_transfers.submitted_list(records, made)

    page = visitor(person_id=made.approver).send(f"/lists/{list_id}/approve", {}, page=f"/lists/{list_id}", status=422)

    assert "type your password" in page
    assert payment_list(records, list_id).status is ListStatus.SUBMITTED


def test_the_step_up_of_staff_itself_guards_an_approval(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    list_id = make_transfers.submitted_list(records, made)

    visitor(person_id=made.approver).send(f"/lists/{list_id}/approve", STEP_UP, page=f"/lists/{list_id}", status=422)

    assert payment_list(records, list_id).status is ListStatus.SUBMITTED


def test_a_list_is_sent_back_with_a_reason_its_maker_reads(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    url = f"/lists/{make_transfers.submitted_list(records, made)}"
    approver = visitor(person_id=made.approver)

    assert "say why" in approver.send(f"{url}/send-back", {"reason": " "}, status=422)
    approver.send(f"{url}/send-back", {"reason": "44 amounts differ"})

    manager = visitor(person_id=made.manager)
    assert "44 amounts differ" in manager.see(url)
    assert "44 amounts differ" in manager.see("/")


def test_who_sat_in_another_seat_is_told_which_and_has_no_button(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    list_id = make_transfers.submitted_list(records, made)
    with records.work(Actor(made.second_approver)) as work:
        approvals.set_two_from(work, Money(1, "KES"))
    make_transfers.approve(records, list_id, made.approver)
    approver = visitor(person_id=made.approver)

    page = approver.see(f"/lists/{list_id}")

    assert "You approved this list." in page
    assert "Approve KES" not in page
    assert "Take my approval back" in page
    assert "You approved this list." in approver.see("/")
    assert "Approved, 1 of 2" in approver.see("/lists")


def test_a_maker_takes_lines_off_makes_them_again_and_takes_a_list_back(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    list_id = make_transfers.draft_list(records, made)
    manager = visitor(person_id=made.manager)
    page = manager.see(f"/lists/{list_id}/lines")
    off = re.search(rf'action="(/lists/{list_id}/lines/[^"]+)"', page)[1]

    assert "3 transfers" in manager.send(off, {}, page=f"/lists/{list_id}/lines")
    assert "4 transfers" in manager.send(f"/lists/{list_id}/redraw", {}, page=f"/lists/{list_id}")
    manager.send(f"/lists/{list_id}/submit", {}, page=f"/lists/{list_id}")
    assert "draft again" in manager.send(f"/lists/{list_id}/take-back", {}, page=f"/lists/{list_id}")


def test_ten_names_are_shown_on_request_and_remembered(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    list_id = make_transfers.submitted_list(records, made)

    page = visitor(person_id=made.approver).send(f"/lists/{list_id}/sample", {}, page=f"/lists/{list_id}")

    assert "Juniper 1 Moonbeam" in page
    assert "+254712000001" not in page
    with records.read() as reading:
        entries = reading.session.exec(sa.select(reading.system.audit_entry.kind)).scalars()
        assert "transfers.SampleDrawn" in set(entries)


def test_lines_page_sort_and_filter_on_the_server(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    list_id = make_transfers.submitted_list(records, made)
    approver = visitor(person_id=made.approver)

    rising = approver.see(f"/lists/{list_id}/lines?sort=amount")
    assert rising.index("5,750.00") < rising.index("14,500.00")
    assert "No rows" in approver.see(f"/lists/{list_id}/lines?q=NOPE")
    [reference, *_] = [line.reference for line in lines(records, list_id)]
    assert reference in approver.see(f"/lists/{list_id}/lines?q={reference[:4].lower()}+{reference[4:]}")
    swapped = reference[:6] + reference[7] + reference[6]
    assert "misread" in approver.see(f"/lists/{list_id}/lines?q={swapped}")


def test_the_next_cycle_is_compared_with_the_one_before(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    make_transfers.released_list(records, made)
    make_transfers.household(records, made.site_id, 2, 9)
    list_id = make_transfers.submitted_list(records, made)
    approver = visitor(person_id=made.approver)

    page = approver.see(f"/lists/{list_id}")

    assert "Since cycle 1" in page
    assert "+ 7,000.00" in page
    assert "7,000.00" in approver.see(f"/lists/{list_id}/changes/new")


@pytest.mark.parametrize(
    "role",
    [role for role in Role if role in {Role.REGISTRAR, Role.HELP_DESK, Role.LEAD, Role.ADMINISTRATOR, Role.AUDITOR, Role.MONITORING}],
)
def test_others_find_no_payment_lists(records: Records, visitor: Sign, role: Role):
    made = make_transfers.setting(records, sizes=(1,))
    list_id = make_transfers.submitted_list(records, made)
    someone = visitor(role)

    for url in ("/lists", f"/lists/{list_id}", f"/lists/{list_id}/lines", f"/lists/{list_id}/file", "/programmes", "/cycles"):
        someone.see(url, status=404)


def test_only_the_seats_for_it_may_approve_release_or_take_the_file(records: Records, visitor: Sign):
    made = make_transfers.setting(records, sizes=(1,))
    list_id = make_transfers.submitted_list(records, made)

    for person_id, acts in (
        (made.manager, ("approve", "release", "file")),
        (made.approver, ("submit", "release", "file")),
        (made.releaser, ("approve", "submit", "file")),
    ):
        for act in acts:
            assert visitor(person_id=person_id).post(f"/lists/{list_id}/{act}", {}, page=f"/lists/{list_id}").status_code == 404


def test_the_lists_page_counts_money_and_narrows(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    make_transfers.submitted_list(records, made)
    approver = visitor(person_id=made.approver)

    assert "KES 38,000.00" in approver.see("/lists?status=submitted&sort=-sum")
    assert "No rows" in approver.see("/lists?status=released")
    assert "Lists to approve" in approver.see("/")


def test_empty_pages_say_what_will_be_there(visitor: Sign):
    manager = visitor(Role.MANAGER)

    assert "No programmes yet" in manager.see("/programmes")
    assert "No cycles yet" in manager.see("/cycles")
    assert "No payment lists yet" in manager.see("/lists")
    assert "Something is needed before" in manager.see("/programmes/new")


def test_a_list_page_asks_the_database_as_often_for_eight_lists_as_for_four(records: Records, visitor: Sign):
    made = make_transfers.setting(records, sizes=(1,))
    approver = visitor(person_id=made.approver)
    asked: list[str] = []
    sa.event.listen(records.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

    def count() -> int:
        asked.clear()
        approver.client.get("/lists")
        return len(asked)

    for _number in range(4):
        make_transfers.submitted_list(records, made)
    approver.see("/lists")
    few = count()
    for _number in range(4):
        make_transfers.submitted_list(records, made)

    assert count() == few <= 16


def test_a_list_that_cannot_be_handed_in_says_why_on_its_own_page(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    list_id = make_transfers.draft_list(records, made)
    change_account(records, made.households[0], "+254712555001")

    page = visitor(person_id=made.manager).send(f"/lists/{list_id}/submit", {}, page=f"/lists/{list_id}", status=422)

    assert "make the lines again: 1 household" in page
    assert "Before you submit" in page


def test_a_list_for_nobody_is_not_drafted_and_the_page_says_so(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    cycle_id = make_transfers.frozen_cycle(records, made)
    make_transfers.draft_list(records, made, cycle_id)

    key = {"client_key": str(uuid4())}  # as a page would send it that was opened before the other draft was made
    page = visitor(person_id=made.manager).send(f"/cycles/{cycle_id}/lists/{made.provider_id}", key, page=f"/cycles/{cycle_id}")

    assert "on a list already" in page


def test_a_released_list_keeps_the_approvals_it_needed_then(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    list_id = make_transfers.released_list(records, made)
    with records.work(Actor()) as work:
        approvals.set_two_from(work, Money(1, "KES"))

    assert "Approved, 1 of 1" in visitor(person_id=made.manager).see(f"/lists/{list_id}")


@pytest.mark.parametrize("fields", [{"client_key": ""}, {"client_key": "not-a-key"}, {"shown": "zz"}, {"shown": ""}, {"shown": "00" * 32}])
def test_an_approval_whose_hidden_fields_are_not_ours_is_refused_with_a_sentence(
    records: Records, visitor: Sign, steps: list[object], fields: dict[str, str]
):
    made = make_transfers.setting(records)
    list_id = make_transfers.submitted_list(records, made)

    answer = visitor(person_id=made.approver).post(f"/lists/{list_id}/approve", {**STEP_UP, **fields}, page=f"/lists/{list_id}")

    assert answer.status_code in {409, 422}
    assert payment_list(records, list_id).status is ListStatus.SUBMITTED


@pytest.mark.parametrize("query", ["?page=-1&sort=nobody&status=x", "?page=99999999999", "?q=%25%27%22<script>", "?sort=-sum&page=2"])
def test_a_lists_address_that_makes_no_sense_still_shows_the_page(records: Records, visitor: Sign, query: str):
    make_transfers.submitted_list(records, make_transfers.setting(records, sizes=(1,)))

    assert "All lists" in visitor(Role.FINANCE).see(f"/lists{query}")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("base", "1e5"),
        ("base", "-1"),
        ("base", "Infinity"),
        ("ceiling", "4.499"),
        ("ceiling", "1.00"),
        ("member_limit", "eight"),
        ("member_limit", "-3"),
        ("starts_on", "31/12/2026"),
        ("ends_on", "2026-11-01"),
        ("submit_on", "2027-01-01"),
        ("budget_line", "nobody"),
        ("name", ""),
        ("base", "9" * 40),
    ],
)
def test_a_rule_that_cannot_be_read_is_asked_for_again_with_everything_typed(records: Records, visitor: Sign, field: str, typed: str):
    made = make_transfers.setting(records, sizes=(1,))
    rule = {**RULE, "budget_line": str(made.line_id), "act": "freeze", field: typed}

    page = visitor(person_id=made.manager).send(f"/programmes/{made.programme_id}/cycles/new", rule, status=422)

    assert "You need to put" in page
    assert typed in page or field == "budget_line"


def test_the_lines_of_a_providers_file_grow_and_follow_how_it_pays_without_losing_what_was_typed(visitor: Sign):
    manager = visitor(Role.MANAGER)
    typed = {
        "code": "HCA",
        "name": "Heron Cash",
        "mechanism": "cash_agent",
        "columns-0-heading": "Voucher no",
        "columns-0-what": "reference",
    }

    more = manager.send("/providers/new", {**typed, "add_line": "1"})
    usual = manager.send("/providers/new", {**typed, "usual": "1"})

    assert more.count("What stands in column") == 2
    assert "Voucher no" in more
    assert "Heron Cash" in usual
    assert 'value="Place"' in usual
    assert "Receiver phone" not in usual


def test_a_providers_file_without_a_column_to_match_by_is_refused(visitor: Sign):
    typed = {"code": "HCA", "name": "Heron Cash", "mechanism": "cash_agent", "columns-0-heading": "Sum", "columns-0-what": "amount"}

    assert "without them no answer can be matched" in visitor(Role.MANAGER).send("/providers/new", typed, status=422)
