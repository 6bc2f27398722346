from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from cbi.access import Role
from cbi.errors import Refused, SameHands, SomebodyWasFirst
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import approvals, arrangements, inbox, lists, service
from cbi.transfers.tables import ArrangementKind, ListStatus, Mechanism, PaymentList
from reconciliation.money import Money
from tests import make, make_transfers
from tests.cbi.transfers.test_lists import lines, payment_list


def approve(records: Records, list_id: UUID, person_id: UUID, shown: bytes | None = None) -> PaymentList:
    with records.work(Actor(person_id)) as work:
        return approvals.approve(work, list_id, approver_id=person_id, shown=shown or make_transfers.mark_of(records, list_id))


def two_from(records: Records, minor: int) -> None:
    with records.work(Actor()) as work:
        approvals.set_two_from(work, Money(minor, "KES"))


def tamper(records: Records, statement: str) -> None:
    """Change the database behind the program's back, as somebody with the disk could."""
    with records.engine.begin() as connection:
        connection.execute(sa.text(statement))


def test_below_the_limit_one_person_lets_a_list_through(records: Records):
    made = make_transfers.setting(records)
    submitted = make_transfers.submitted_list(records, made)

    assert approve(records, submitted, made.approver).status is ListStatus.APPROVED


@pytest.mark.parametrize(("limit", "wanted"), [(3_800_000, 2), (3_800_001, 1)])
def test_at_the_limit_two_people_are_needed(records: Records, limit: int, wanted: int):
    made = make_transfers.setting(records)
    submitted = make_transfers.submitted_list(records, made)
    two_from(records, limit)

    with records.read() as reading:
        assert approvals.needed(reading, lists.list_by_id(reading, submitted)) == wanted


@pytest.mark.parametrize(("currency", "minor"), [("KES", 500_000_000), ("UGX", 5_000_000), ("JOD", 5_000_000_000)])
def test_the_usual_limit_is_five_million_units_of_any_currency(records: Records, currency: str, minor: int):
    with records.read() as reading:
        assert approvals.two_from(reading, currency) == Money(minor, currency)


def test_the_second_approval_must_come_from_another_person(records: Records):
    made = make_transfers.setting(records)
    submitted = make_transfers.submitted_list(records, made)
    two_from(records, 1)
    assert approve(records, submitted, made.approver).status is ListStatus.SUBMITTED

    with pytest.raises(SameHands, match="you approved"):
        approve(records, submitted, made.approver)

    assert approve(records, submitted, made.second_approver).status is ListStatus.APPROVED


def test_who_prepared_a_list_never_approves_it_whatever_seats_they_hold_now(records: Records):
    made = make_transfers.setting(records)
    submitted = make_transfers.submitted_list(records, made)

    with pytest.raises(SameHands, match="you prepared"):
        approve(records, submitted, made.manager)


def test_who_handed_a_list_in_never_approves_it(records: Records):
    made = make_transfers.setting(records)
    another = make.staff(records, Role.MANAGER)
    drafted = make_transfers.draft_list(records, made)
    with records.work(Actor(another)) as work:
        lists.submit(work, drafted)

    for maker in (another, made.manager):
        with pytest.raises(SameHands, match="you prepared"):
            approve(records, drafted, maker)


def test_who_entered_a_payee_never_approves_the_list(records: Records):
    made = make_transfers.setting(records)
    submitted = make_transfers.submitted_list(records, made)

    with pytest.raises(SameHands, match="you entered a payee"):
        approve(records, submitted, made.registrar)


def test_an_approval_names_hash_count_sum_and_currency(records: Records):
    made = make_transfers.setting(records)
    submitted = make_transfers.submitted_list(records, made)

    approve(records, submitted, made.approver)

    with records.read() as reading:
        kept = lists.list_by_id(reading, submitted)
        [approval] = approvals.standing(reading, kept)
    assert (approval.hash, approval.count, approval.total_minor, approval.currency) == (kept.hash, 4, 3_800_000, "KES")


def test_a_list_that_changed_since_it_was_shown_is_not_approved(records: Records):
    made = make_transfers.setting(records)
    submitted = make_transfers.submitted_list(records, made)
    shown = make_transfers.mark_of(records, submitted)
    with records.work(Actor(made.manager)) as work:
        lists.take_back(work, submitted)
        lists.take_off(work, submitted, lines(records, submitted)[0].id)
        lists.submit(work, submitted)

    with pytest.raises(SomebodyWasFirst, match="its mark is another"):
        approve(records, submitted, made.approver, shown)


def test_a_changed_list_loses_the_approvals_it_had(records: Records):
    made = make_transfers.setting(records)
    two_from(records, 1)
    submitted = make_transfers.submitted_list(records, made)
    approve(records, submitted, made.approver)

    with records.work(Actor(made.manager)) as work:
        lists.take_back(work, submitted)
        lists.take_off(work, submitted, lines(records, submitted)[0].id)
        lists.submit(work, submitted)

    with records.read() as reading:
        assert approvals.standing(reading, lists.list_by_id(reading, submitted)) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE instruction SET amount_minor = amount_minor + 1 WHERE position = 1",
        "UPDATE instruction SET amount_minor = amount_minor + CASE position WHEN 1 THEN 1 ELSE -1 END WHERE position < 3",
        "UPDATE instruction SET reference = 'TKW3D8QH' WHERE position = 1",
        "UPDATE instruction SET household_id = (SELECT household_id FROM instruction WHERE position = 2) WHERE position = 1",
        "DELETE FROM instruction WHERE position = 4",
        "UPDATE paymentlist SET columns = '[]'",
        "UPDATE paymentlist SET total_minor = total_minor + 1",
    ],
)
def test_lines_changed_behind_the_program_are_never_approved(records: Records, statement: str):
    made = make_transfers.setting(records)
    submitted = make_transfers.submitted_list(records, made)
    shown = make_transfers.mark_of(records, submitted)
    tamper(records, statement)

    with pytest.raises(Exception, match="not those it was handed in with|does not open"):
        approve(records, submitted, made.approver, shown)


def test_a_payee_sealed_anew_behind_the_program_is_found_by_the_mark(records: Records):
    made = make_transfers.setting(records)
    submitted = make_transfers.submitted_list(records, made)
    shown = make_transfers.mark_of(records, submitted)
    [first, *_] = lines(records, submitted)
    with records.read() as reading:
        forged = reading.vault.seal_bytes(reading.session, first, "payee_account", b"+254712666666")
    with records.engine.begin() as connection:
        connection.execute(sa.text("UPDATE instruction SET payee_account = :forged WHERE position = 1"), {"forged": forged})

    with pytest.raises(Refused, match="not those it was handed in with"):
        approve(records, submitted, made.approver, shown)


def test_an_approver_takes_an_approval_back_until_release(records: Records):
    made = make_transfers.setting(records)
    submitted = make_transfers.submitted_list(records, made)
    approve(records, submitted, made.approver)

    with records.work(Actor(made.approver)) as work:
        approvals.take_approval_back(work, submitted, approver_id=made.approver)

    assert payment_list(records, submitted).status is ListStatus.SUBMITTED
    with pytest.raises(SomebodyWasFirst), records.work(Actor(made.approver)) as work:
        approvals.take_approval_back(work, submitted, approver_id=made.approver)


def test_an_approval_taken_back_can_be_given_again(records: Records):
    made = make_transfers.setting(records)
    submitted = make_transfers.submitted_list(records, made)
    approve(records, submitted, made.approver)
    with records.work(Actor(made.approver)) as work:
        approvals.take_approval_back(work, submitted, approver_id=made.approver)

    assert approve(records, submitted, made.approver).status is ListStatus.APPROVED


def test_a_list_sent_back_says_why_and_has_no_approvals_when_it_returns_unchanged(records: Records):
    made = make_transfers.setting(records)
    submitted = make_transfers.submitted_list(records, made)
    approve(records, submitted, made.approver)

    with records.work(Actor(made.releaser)) as work:
        approvals.send_back(work, submitted, reason=" Too  many\nnew lines ", shown=make_transfers.mark_of(records, submitted))
    kept = payment_list(records, submitted)
    with records.read() as reading:
        said = reading.open(kept, "sent_back_reason")
    assert (kept.status, said, kept.hash) == (ListStatus.SENT_BACK, "Too many new lines", None)

    with records.work(Actor(made.manager)) as work:
        lists.submit(work, submitted)
    with records.read() as reading:
        assert approvals.standing(reading, lists.list_by_id(reading, submitted)) == []


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_sending_back_needs_a_reason_of_some_length(records: Records, reason: str):
    made = make_transfers.setting(records)
    submitted = make_transfers.submitted_list(records, made)

    with pytest.raises(Refused, match="say why"), records.work(Actor(made.approver)) as work:
        approvals.send_back(work, submitted, reason=reason, shown=make_transfers.mark_of(records, submitted))


def test_two_approvers_at_the_same_instant_both_count_once(records: Records):
    made = make_transfers.setting(records)
    two_from(records, 1)
    submitted = make_transfers.submitted_list(records, made)

    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda person_id: approve(records, submitted, person_id), (made.approver, made.second_approver)))

    kept = payment_list(records, submitted)
    with records.read() as reading:
        assert (kept.status, len(approvals.standing(reading, kept))) == (ListStatus.APPROVED, 2)


def test_a_third_approval_is_not_taken(records: Records):
    made = make_transfers.setting(records)
    submitted = make_transfers.submitted_list(records, made)
    approve(records, submitted, made.approver)

    with pytest.raises(SomebodyWasFirst, match="all its approvals"):
        approve(records, submitted, made.second_approver)


def test_who_wrote_down_how_somebody_is_paid_never_approves_the_list(records: Records):
    made = make_transfers.setting(records, sizes=(1, 1), mechanism=Mechanism.CASH_AGENT)
    writer = make.staff(records, Role.HELP_DESK, name="Hazel Teacup")
    wish = {ArrangementKind.COLLECTOR: {"name": "Fern Paperboat"}}
    with records.work(Actor(writer)) as work:
        arrangements.propose_arrangement(work, household_id=made.households[0], changes=wish, agreed=True, client_key=uuid4())
    with records.work(Actor(made.manager)) as work:
        inbox.publish_now(work)
    with records.engine.begin() as connection:
        connection.execute(sa.text("UPDATE arrangement SET published_on = '2026-11-01', confirmed_by = :by"), {"by": made.manager.hex})
    submitted = make_transfers.submitted_list(records, made)

    with pytest.raises(SameHands, match="you entered a payee"):
        approve(records, submitted, writer)
    with records.read() as reading:
        assert [one.name for one in service.instructions_of(reading, submitted)] == ["Fern Paperboat", "Juniper 2 Moonbeam"]

    # A newer wish that is published after the lines were made does not wash the older hand off them.
    with records.work(Actor(make.staff(records, Role.HELP_DESK))) as work:
        another = {ArrangementKind.COLLECTOR: {"name": "Reed Lanternfish"}}
        arrangements.propose_arrangement(work, household_id=made.households[0], changes=another, agreed=True, client_key=uuid4())
    with records.work(Actor(made.manager)) as work:
        inbox.publish_now(work)
    with pytest.raises(SameHands, match="you entered a payee"):
        approve(records, submitted, writer)
